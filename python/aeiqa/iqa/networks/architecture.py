#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The networks: convolutional encoders, mirrored decoder, variational encoder, and classifiers.

Importing this module imports torch; from outside ``iqa`` one gets here by ``load_target`` and ``load_score``.
"""

import math
from dataclasses import asdict, dataclass

import numpy as np

from .devices import CPU, device_in_use, to_array, to_device
from .inference import matmul_by_row
from .torch_support import import_torch

torch = import_torch()
nn = torch.nn

KERNEL = 3
STRIDES = (1, 2, 2, 2)
FEATURES = 128
DROPOUT = 0.5


@dataclass(frozen=True)
class Body:
    """The layers between pixels and features; ``lenet`` pools after each convolution (LeCun et al. 1998)."""

    kernel: int = KERNEL
    filters: tuple[int, ...] = (16, 32, 16, 16)
    strides: tuple[int, ...] = STRIDES
    features: int = FEATURES
    bottleneck: str = "linear"


BODIES = {
    "paper": Body(),
    "wide": Body(filters=(24, 48, 32, 32)),
    "lenet": Body(kernel=5, filters=(6, 16), strides=(1, 1), features=84, bottleneck="120 ReLU, 84 ReLU"),
}
KINDS = ("autoencoder", "vae", "classifier")


@dataclass(frozen=True)
class Architecture:
    """Description that a model file must match before its arrays are used.

    ``kind`` is one of ``KINDS``, ``input_shape`` (height, width, channels), ``classes`` 0 unless it is a
    classifier, ``body`` a name in ``BODIES``.
    """

    kind: str
    input_shape: tuple[int, int, int]
    classes: int = 0
    body: str = "paper"

    def as_dict(self) -> dict:
        """Return the fields and those of the body as JSON knows them (lists, no tuples)."""
        fields = {**asdict(self), **asdict(BODIES[self.body])}
        return {key: list(value) if isinstance(value, tuple) else value for key, value in fields.items()}

    def build(self) -> "nn.Module":
        """Return the module with uninitialised weights."""
        if self.kind == "classifier":
            return Classifier(self.input_shape, self.classes, self.body)
        return (Autoencoder if self.kind == "autoencoder" else VariationalAutoencoder)(
            self.input_shape, BODIES[self.body]
        )


class Linear(nn.Linear):
    """A dense layer that treats each row by itself: see ``matmul_by_row``.

    Not where gradients are wanted, nor on a GPU.
    """

    def forward(self, rows: "torch.Tensor") -> "torch.Tensor":
        """Map [N, in] to [N, out]."""
        if torch.is_grad_enabled() or device_in_use() != CPU:
            return super().forward(rows)
        products = matmul_by_row(to_array(rows), to_array(self.weight).T)
        return to_device(torch.from_numpy(products + to_array(self.bias)))


class Encoder(nn.Module):
    """Four 3x3 convolutions with ReLU, strides for pooling, then a linear layer to the 128 features psi.

    The last layer has no ReLU: with one, most of the features die in training.
    """

    def __init__(self, input_shape: tuple[int, int, int], body: Body) -> None:
        super().__init__()
        height, width, channels = input_shape
        self.body = body
        self.grids = [(height, width)]  # size of the feature maps before each layer, and after the last
        self.convolutions = nn.ModuleList()
        for filters, stride in zip(body.filters, body.strides, strict=True):
            self.convolutions.append(
                nn.Conv2d(channels, filters, body.kernel, stride, padding=body.kernel // 2)
            )
            channels = filters
            height, width = -(-height // stride), -(-width // stride)
            self.grids.append((height, width))
        self.dense = Linear(channels * height * width, body.features)

    def forward(self, images: "torch.Tensor") -> "torch.Tensor":
        """Map [N, C, H, W] in [0, 1] to features [N, features]."""
        return self.dense(self.maps(images))

    def maps(self, images: "torch.Tensor") -> "torch.Tensor":
        """Return the last convolution's output, flattened."""
        maps = images
        for convolution in self.convolutions:
            maps = torch.relu(convolution(maps))
        return maps.flatten(1)


class LeNet(nn.Module):
    """LeNet-5's layers up to its 84 features, with ReLU and maximum pooling as they are used today."""

    def __init__(self, input_shape: tuple[int, int, int], body: Body) -> None:
        super().__init__()
        height, width, channels = input_shape
        self.convolutions = nn.ModuleList()
        for filters in body.filters:
            self.convolutions.append(nn.Conv2d(channels, filters, body.kernel, padding=body.kernel // 2))
            channels = filters
            height, width = -(-height // 2), -(-width // 2)
        self.hidden = Linear(channels * height * width, 120)
        self.dense = Linear(120, body.features)

    def forward(self, images: "torch.Tensor") -> "torch.Tensor":
        """Map [N, C, H, W] in [0, 1] to features [N, 84]."""
        maps = images
        for convolution in self.convolutions:
            maps = nn.functional.max_pool2d(torch.relu(convolution(maps)), 2, ceil_mode=True)
        return torch.relu(self.dense(torch.relu(self.hidden(maps.flatten(1)))))


class SubPixelConvolution(nn.Module):
    """Doubles height and width: a convolution to 4 times the channels, which then become 2x2 pixels.

    Shi et al., CVPR 2016. It can express every 3x3 transposed convolution of stride 2, which torch computes
    several times more slowly on a CPU. ``grid`` crops the last row and column where the encoder rounded up.
    """

    def __init__(self, channels: int, filters: int, grid: tuple[int, int]) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(channels, 4 * filters, KERNEL, padding=KERNEL // 2)
        self.grid = grid

    def forward(self, maps: "torch.Tensor") -> "torch.Tensor":
        """Map [N, channels, h, w] to [N, filters, *grid]."""
        height, width = self.grid
        return nn.functional.pixel_shuffle(self.convolution(maps), 2)[..., :height, :width]


class Decoder(nn.Module):
    """The encoder backwards: dense layer, then each layer undoes a convolution's stride and filter count."""

    def __init__(self, encoder: Encoder, channels: int) -> None:
        super().__init__()
        filters = encoder.body.filters
        self.start = (filters[-1], *encoder.grids[-1])
        self.dense = Linear(encoder.body.features, math.prod(self.start))
        self.layers = nn.ModuleList()
        inputs = (channels, *filters)
        for i in reversed(range(len(filters))):
            if encoder.body.strides[i] == 2:
                self.layers.append(SubPixelConvolution(filters[i], inputs[i], encoder.grids[i]))
            else:
                self.layers.append(nn.Conv2d(filters[i], inputs[i], KERNEL, padding=KERNEL // 2))

    def forward(self, features: "torch.Tensor") -> "torch.Tensor":
        """Map features [N, 128] to logits of the pixels [N, C, H, W]."""
        maps = self.dense(features).view(-1, *self.start)
        for layer in self.layers:
            maps = layer(torch.relu(maps))
        return maps


class Autoencoder(nn.Module):
    """Encoder and decoder; trained to give back the picture it gets."""

    def __init__(self, input_shape: tuple[int, int, int], body: Body) -> None:
        super().__init__()
        self.encoder = Encoder(input_shape, body)
        self.decoder = Decoder(self.encoder, input_shape[2])

    def forward(self, images: "torch.Tensor") -> "torch.Tensor":
        """Map [N, C, H, W] in [0, 1] to its reconstruction in (0, 1)."""
        return torch.sigmoid(self.decoder(self.encoder(images)))


class VariationalAutoencoder(Autoencoder):
    """An autoencoder whose features are the means of a normal distribution (Kingma and Welling, ICLR 2014).

    Outside training it is an ordinary autoencoder on those means.
    """

    def __init__(self, input_shape: tuple[int, int, int], body: Body) -> None:
        super().__init__(input_shape, body)
        self.log_variance = Linear(self.encoder.dense.in_features, body.features)

    def sample(self, images: "torch.Tensor") -> tuple["torch.Tensor", "torch.Tensor"]:
        """Return the reconstruction from drawn features and KL(q || N(0, 1)) of each image in nats, [N]."""
        maps = self.encoder.maps(images)
        mean, log_variance = self.encoder.dense(maps), self.log_variance(maps).clamp(-10.0, 10.0)
        drawn = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).sum(dim=1)
        return torch.sigmoid(self.decoder(drawn)), divergence


class Classifier(nn.Module):
    """A body with one more dense layer; softmax belongs to the loss and to ``Target.probabilities``.

    While it is trained, half of the features are dropped at random (Srivastava et al., JMLR 2014).
    """

    def __init__(self, input_shape: tuple[int, int, int], classes: int, body: str = "paper") -> None:
        super().__init__()
        self.encoder = (LeNet if body == "lenet" else Encoder)(input_shape, BODIES[body])
        self.dropout = nn.Dropout(DROPOUT)
        self.head = Linear(BODIES[body].features, classes)

    def forward(self, images: "torch.Tensor") -> "torch.Tensor":
        """Map [N, C, H, W] in [0, 1] to logits [N, classes]."""
        return self.head(self.dropout(self.encoder(images)))


def initialise(module: "nn.Module", seed: int) -> None:
    """Glorot-uniform weights, zero biases (Glorot and Bengio 2010; Keras' default), drawn with NumPy.

    NumPy's generator gives the same start whatever torch version trains.
    """
    rng = np.random.default_rng([seed, 0])
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if name.endswith("bias"):
                parameter.zero_()
                continue
            outputs, inputs, *kernel = parameter.shape
            limit = math.sqrt(6.0 / ((inputs + outputs) * math.prod(kernel)))
            values = rng.uniform(-limit, limit, parameter.shape).astype(np.float32)
            parameter.copy_(torch.from_numpy(values))
