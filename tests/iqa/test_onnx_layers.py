#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""ONNX files of torch's layers, exported with its default settings, give torch's own probabilities."""

import json
import warnings

import numpy as np
import pytest

from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.iqa.classifiers import user_classifier

torch = pytest.importorskip("torch", reason="no torch (Debian package python3-torch)")
if tuple(map(int, torch.__version__.split(".")[:2])) < (2, 9):
    pytest.skip(
        f"torch {torch.__version__} exports otherwise by default, 2.9 is needed", allow_module_level=True
    )
pytest.importorskip("onnxscript", reason="no onnxscript (pip install onnxscript)")
onnxruntime = pytest.importorskip("onnxruntime", reason="no onnxruntime (pip install onnxruntime)")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, F401 (for the code of LAYERS)

CLASSES = ("one", "three", "two")
BATCH, SHAPE = 2, (12, 16, 3)
IMAGES = np.random.default_rng(7).integers(0, 256, (5, *SHAPE), dtype=np.uint8)


class Function(nn.Module):
    """What a function makes of a layer and its input, or of the input alone."""

    def __init__(self, function, *layers):
        super().__init__()
        self.function = function
        self.layers = nn.ModuleList(layers)

    def forward(self, x):
        return self.function(*self.layers, x)


def op(function):
    return Function(function)


def line(layer):
    """Apply a layer to [N, 3, 192]."""
    return Function(lambda inner, x: inner(x.flatten(2)), layer)


def cube(layer):
    """Apply a layer to [N, 1, 3, 12, 16]."""
    return Function(lambda inner, x: inner(x.unsqueeze(1)), layer)


def sequence(layer):
    """Apply a layer to [N, 36, 16]."""
    return Function(lambda inner, x: inner(x.flatten(1, 2)), layer)


def first(layer):
    """Keep the first of a layer's outputs."""
    return Function(lambda inner, x: inner(x)[0], layer)


class SqueezeExcite(nn.Module):
    """Weights each channel by what a small network makes of the channels' means."""

    def __init__(self):
        super().__init__()
        self.squeeze, self.excite = nn.Conv2d(3, 2, 1), nn.Conv2d(2, 3, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.excite(torch.relu(self.squeeze(x.mean((2, 3), keepdim=True)))))


class Residual(nn.Module):
    """ResNet's basic block with a projection on its shortcut."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(inplace=True),
            nn.Conv2d(8, 8, 3, 1, 1, bias=False),
            nn.BatchNorm2d(8),
        )
        self.shortcut = nn.Conv2d(3, 8, 1, 2)

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


class Attention(nn.Module):
    """Self-attention over the rows of each channel."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(16, 4, batch_first=True)

    def forward(self, x):
        rows = x.flatten(1, 2)
        return self.attention(rows, rows, rows, need_weights=False)[0]


# Written as code, which also names the test; what stands together is exported as one model of many outputs.
KINDS = """
nn.Conv2d(3, 8, 3)
nn.Conv2d(3, 8, 1, bias=False)
nn.Conv2d(3, 8, 3, stride=2, padding=1)
nn.Conv2d(3, 8, (3, 5), stride=(1, 2), padding=(0, 2))
nn.Conv2d(3, 8, 3, dilation=(1, 2))
nn.Conv2d(3, 6, 3, groups=3)
nn.Conv2d(3, 8, 3, padding="same")
nn.Conv2d(3, 8, 4, padding="same", dilation=2)
nn.Conv2d(3, 8, 3, padding=1, padding_mode="reflect")
nn.Conv2d(3, 8, 3, padding=(2, 1), padding_mode="replicate")
nn.Conv2d(3, 8, 3, padding=1, padding_mode="circular")
line(nn.Conv1d(3, 8, 5, stride=3, padding=2))
line(nn.Conv1d(3, 6, 3, dilation=4, groups=3))
line(nn.Conv1d(3, 4, 5, padding=2, padding_mode="reflect"))
cube(nn.Conv3d(1, 4, 2))
cube(nn.Conv3d(1, 4, 3, stride=(1, 2, 2), padding=1))
cube(nn.Conv3d(1, 4, (2, 3, 3), dilation=(1, 2, 1)))

nn.ConvTranspose2d(3, 4, 3)
nn.ConvTranspose2d(3, 4, 3, stride=2, padding=1, output_padding=1)
nn.ConvTranspose2d(3, 6, 3, groups=3, dilation=2)
line(nn.ConvTranspose1d(3, 4, 4, stride=2, padding=1))
cube(nn.ConvTranspose3d(1, 2, 2, stride=(1, 2, 2)))

nn.MaxPool2d(2)
nn.MaxPool2d(3, stride=2, padding=1)
nn.MaxPool2d(3, stride=2, ceil_mode=True)
nn.MaxPool2d((2, 3), dilation=2)
line(nn.MaxPool1d(3, 2))
cube(nn.MaxPool3d((1, 2, 2)))

nn.AvgPool2d(2)
nn.AvgPool2d(3, 2, 1)
nn.AvgPool2d(3, 2, 1, count_include_pad=False)
nn.AvgPool2d(3, 2, ceil_mode=True)
nn.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False)
line(nn.AvgPool1d(5, 3, 2, count_include_pad=False))
cube(nn.AvgPool3d((1, 2, 2)))
nn.LPPool2d(2, 3)
nn.AdaptiveAvgPool2d(1)
nn.AdaptiveAvgPool2d((3, 4))
nn.AdaptiveAvgPool2d((5, 7))
nn.AdaptiveMaxPool2d(1)
nn.AdaptiveMaxPool2d((3, 4))
line(nn.AdaptiveAvgPool1d(8))

nn.BatchNorm2d(3)
nn.BatchNorm2d(3, affine=False)
line(nn.BatchNorm1d(3))
cube(nn.BatchNorm3d(1))
nn.GroupNorm(3, 3)
nn.GroupNorm(1, 3)
nn.LayerNorm([3, 12, 16])
nn.LayerNorm(16)
nn.InstanceNorm2d(3)
nn.InstanceNorm2d(3, affine=True, track_running_stats=True)
nn.LocalResponseNorm(2)
nn.RMSNorm(16)
nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3))
nn.utils.parametrizations.spectral_norm(nn.Linear(16, 4))

nn.ReLU()
nn.ReLU6()
nn.LeakyReLU(0.1)
nn.PReLU(3)
nn.ELU(0.7)
nn.CELU(0.7)
nn.SELU()
nn.GELU()
nn.GELU("tanh")

nn.SiLU()
nn.Mish()
nn.Hardswish()
nn.Hardsigmoid()
nn.Hardtanh(-0.2, 0.6)
nn.Hardshrink(0.3)
nn.Softshrink(0.3)
nn.Tanhshrink()
nn.Softplus()
nn.Softplus(beta=2, threshold=1)
nn.Softsign()

nn.Sigmoid()
nn.LogSigmoid()
nn.Tanh()
nn.Threshold(0.4, -1)
nn.GLU(3)
nn.Softmax(1)
nn.Softmin(3)
nn.LogSoftmax(1)

nn.Linear(16, 8)
Function(lambda inner, x: inner(x, x.flip(2)), nn.Bilinear(16, 16, 4))
nn.Identity()
nn.Dropout(0.5)
nn.Flatten(2)
nn.Unflatten(2, (3, 4))
nn.Sequential(nn.Conv2d(3, 8, 1), nn.PixelShuffle(2))
nn.PixelUnshuffle(2)
nn.Sequential(nn.Conv2d(3, 6, 1), nn.ChannelShuffle(2))

nn.Upsample(scale_factor=2)
nn.Upsample(size=(7, 9))
nn.Upsample(scale_factor=2, mode="bilinear")
nn.Upsample(size=(7, 30), mode="bilinear", align_corners=True)
nn.Upsample(scale_factor=1.5, mode="bicubic")
line(nn.Upsample(size=50, mode="linear"))
cube(nn.Upsample(scale_factor=2, mode="trilinear"))

nn.ZeroPad2d((1, 2, 3, 0))
nn.ReflectionPad2d(2)
nn.ReplicationPad2d((0, 3, 1, 2))
nn.CircularPad2d(2)
nn.Unfold(3, stride=2)
op(lambda x: torch.cat([part * (at + 1) for at, part in enumerate(x.split([5, 1, 10], 3))], 3))
op(lambda x: torch.cat(x.chunk(5, 3)[::-1], 3))
op(lambda x: x.cumsum(2))
op(lambda x: x.roll((1, -2), (2, 3)))
op(lambda x: x.permute(0, 2, 3, 1).reshape(len(x), -1, 6))
op(lambda x: x[:, [2, 0], 1::2, -5:])
op(lambda x: torch.einsum("nchw,ndhw->ncd", x, x))
op(lambda x: x @ x.transpose(2, 3))
op(lambda x: torch.cat([x.mean((2, 3)), x.std((2, 3)), x.amax((2, 3)), x.norm(dim=(2, 3))], 1))

op(lambda x: x.logsumexp(3))
op(lambda x: torch.cat(list((x + torch.arange(16) / 2000).topk(3, 3)), 3))
op(lambda x: x.sort(3, descending=True)[0])
op(lambda x: F.one_hot(x.flatten(2).argmax(1), 3).float())
op(lambda x: torch.where(x > 0.2, x.square(), x.clamp(-0.5).neg()))
op(lambda x: torch.round(2 * x) + torch.floor(3 * x + 0.01) + torch.remainder(x + 0.01, 0.3))
op(lambda x: torch.erf(x) + torch.atan(x) + torch.exp(-x.abs().sqrt()))
op(lambda x: x.gather(3, x.argsort(3)[..., :4]))

op(lambda x: x.repeat(1, 2, 1, 1) + torch.repeat_interleave(x, 2, 1))
op(lambda x: F.normalize(x, dim=1))
op(lambda x: F.cosine_similarity(x, x.flip(3), 1))
op(lambda x: F.scaled_dot_product_attention(x, x, x.flip(2)))
op(lambda x: F.grid_sample(x, x[:, :2].permute(0, 2, 3, 1), align_corners=False))
op(lambda x: (x @ x.transpose(2, 3)).tril())
Function(lambda inner, x: inner((2 * x + 4.01).long()), nn.Embedding(9, 2))

SqueezeExcite()
Residual()
nn.Sequential(nn.Conv2d(3, 3, 3, groups=3), nn.Conv2d(3, 8, 1), nn.BatchNorm2d(8), nn.ReLU6())
sequence(first(nn.LSTM(16, 8, batch_first=True)))
sequence(first(nn.LSTM(16, 6, num_layers=2, bidirectional=True, batch_first=True)))
sequence(first(nn.GRU(16, 8, batch_first=True)))
sequence(first(nn.RNN(16, 8, batch_first=True)))
Attention()
sequence(nn.TransformerEncoderLayer(16, 2, 32, batch_first=True))
sequence(nn.TransformerEncoderLayer(16, 4, 24, activation="gelu", norm_first=True, batch_first=True))
"""
PACKS = [pack.splitlines() for pack in KINDS.strip().split("\n\n")]
LAYERS = [code for pack in PACKS for code in pack]
ALONE = ["nn.Conv2d(3, 8, 3)", "SqueezeExcite()", "sequence(first(nn.GRU(16, 8, batch_first=True)))"]


class Classifier(nn.Module):
    """A layer on pixels from -2 to 2, then a linear layer."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer
        features = layer(torch.zeros(1, 3, *SHAPE[:2])).flatten(1).shape[1]
        self.head = nn.Linear(features, len(CLASSES))

    def forward(self, x):
        return self.head(self.layer(4 * x - 2).flatten(1))


class SideBySide(nn.Module):
    """Classifiers of the same pictures, an output each."""

    def __init__(self, *models):
        super().__init__()
        self.models = nn.ModuleList(models)

    def forward(self, x):
        return tuple(model(x) for model in self.models)


def classifier_of(code):
    """Return a classifier with the layer in evaluation mode, whose answers to ``IMAGES`` differ."""
    torch.manual_seed(5)
    model = Classifier(eval(code).eval()).eval()
    images = torch.from_numpy(IMAGES).permute(0, 3, 1, 2) / 255
    with torch.no_grad():
        for layer in model.modules():
            if getattr(layer, "running_mean", None) is not None:
                layer.running_mean.uniform_(-1, 1)
                layer.running_var.uniform_(0.5, 2)
        logits = model(images)
        # Whatever the layer's scale, so that a wrong value shows.
        factor = 1 / (logits - logits.mean(0)).abs().max()
        model.head.weight *= factor
        model.head.bias.zero_()
        model.head.bias -= model(images).mean(0)
        expected = model(images).softmax(1).numpy()
    assert np.ptp(expected, axis=0).max() > 0.1  # or a wrong layer would not show
    return model, expected


def export(model, path):
    """Export a classifier by torch's default settings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own
        torch.onnx.export(model.eval(), (torch.zeros(BATCH, 3, *SHAPE[:2]),), path)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Return a function: the file that holds a layer, the name of its output, the expected probabilities."""
    found = {}

    def exported_pack(code):
        if code not in found:
            pack = next(pack for pack in PACKS if code in pack)
            path = tmp_path_factory.mktemp("pack") / "pack.onnx"
            models, expected = zip(*map(classifier_of, pack), strict=True)
            export(SideBySide(*models), path)
            outputs = [each.name for each in onnxruntime.InferenceSession(path).get_outputs()]
            found.update(zip(pack, zip([path] * len(pack), outputs, expected, strict=True), strict=True))
        return found[code]

    return exported_pack


@pytest.mark.parametrize("code", LAYERS)
def test_a_layer_gives_torchs_probabilities(exported, monkeypatch, code):
    path, output, expected = exported(code)
    path.with_suffix(".json").write_text(json.dumps({"output": output}), encoding="utf-8")
    # A child process for each would cost seconds; see the next test.
    monkeypatch.setattr(user_classifier, "is_child_needed", lambda: False)
    target = iqa.load_target(str(path), class_names=CLASSES)
    np.testing.assert_allclose(target.probabilities(IMAGES), expected, atol=1e-4)


@pytest.mark.parametrize("code", ALONE)
def test_a_layer_alone_tried_in_a_child_process(tmp_path, code):
    model, expected = classifier_of(code)
    export(model, tmp_path / "m.onnx")
    target = iqa.load_target(str(tmp_path / "m.onnx"), class_names=CLASSES)
    np.testing.assert_allclose(target.probabilities(IMAGES), expected, atol=1e-4)
