#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The paper's networks: convolutional encoder, mirrored decoder, and the classifier with the same body.

Importing this module imports torch; from outside ``iqa`` one gets here by ``load_target`` and ``load_score``.
"""

import math
from dataclasses import asdict, dataclass

import numpy as np

from .torch_support import import_torch

torch = import_torch()
nn = torch.nn

KERNEL = 3
FILTERS = (16, 32, 16, 16)
STRIDES = (1, 2, 2, 2)
FEATURES = 128
DROPOUT = 0.5


@dataclass(frozen=True)
class Architecture:
    """What a model file must agree with before its arrays are used.

    ``input_shape`` is (height, width, channels); ``classes`` is 0 for an autoencoder.
    """

    kind: str
    input_shape: tuple[int, int, int]
    classes: int = 0
    kernel: int = KERNEL
    filters: tuple[int, ...] = FILTERS
    strides: tuple[int, ...] = STRIDES
    features: int = FEATURES
    bottleneck: str = "linear"

    def as_dict(self) -> dict:
        """Return the fields as JSON knows them (lists, no tuples)."""
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()
        }

    def build(self) -> "nn.Module":
        """Return the module with uninitialised weights."""
        return (
            Autoencoder(self.input_shape)
            if self.kind == "autoencoder"
            else Classifier(self.input_shape, self.classes)
        )


class Encoder(nn.Module):
    """Four 3x3 convolutions with ReLU, strides for pooling, then a linear layer to the 128 features psi.

    The last layer has no ReLU: with one, most of the features die in training.
    """

    def __init__(self, input_shape: tuple[int, int, int]) -> None:
        super().__init__()
        height, width, channels = input_shape
        self.grids = [(height, width)]  # size of the feature maps before each layer, and after the last
        self.convolutions = nn.ModuleList()
        for filters, stride in zip(FILTERS, STRIDES, strict=True):
            self.convolutions.append(nn.Conv2d(channels, filters, KERNEL, stride, padding=KERNEL // 2))
            channels = filters
            height, width = -(-height // stride), -(-width // stride)
            self.grids.append((height, width))
        self.dense = nn.Linear(channels * height * width, FEATURES)

    def forward(self, images: "torch.Tensor") -> "torch.Tensor":
        """Map [N, C, H, W] in [0, 1] to features [N, 128]."""
        maps = images
        for convolution in self.convolutions:
            maps = torch.relu(convolution(maps))
        return self.dense(maps.flatten(1))


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
        self.start = (FILTERS[-1], *encoder.grids[-1])
        self.dense = nn.Linear(FEATURES, math.prod(self.start))
        self.layers = nn.ModuleList()
        inputs = (channels, *FILTERS)
        for i in reversed(range(len(FILTERS))):
            if STRIDES[i] == 2:
                self.layers.append(SubPixelConvolution(FILTERS[i], inputs[i], encoder.grids[i]))
            else:
                self.layers.append(nn.Conv2d(FILTERS[i], inputs[i], KERNEL, padding=KERNEL // 2))

    def forward(self, features: "torch.Tensor") -> "torch.Tensor":
        """Map features [N, 128] to logits of the pixels [N, C, H, W]."""
        maps = self.dense(features).view(-1, *self.start)
        for layer in self.layers:
            maps = layer(torch.relu(maps))
        return maps


class Autoencoder(nn.Module):
    """Encoder and decoder; trained to give back the picture it gets."""

    def __init__(self, input_shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.encoder = Encoder(input_shape)
        self.decoder = Decoder(self.encoder, input_shape[2])

    def forward(self, images: "torch.Tensor") -> "torch.Tensor":
        """Map [N, C, H, W] in [0, 1] to its reconstruction in (0, 1)."""
        return torch.sigmoid(self.decoder(self.encoder(images)))


class Classifier(nn.Module):
    """The encoder with one more dense layer; softmax belongs to the loss and to ``Target.probabilities``.

    While it is trained, half of the features are dropped at random (Srivastava et al., JMLR 2014).
    """

    def __init__(self, input_shape: tuple[int, int, int], classes: int) -> None:
        super().__init__()
        self.encoder = Encoder(input_shape)
        self.dropout = nn.Dropout(DROPOUT)
        self.head = nn.Linear(FEATURES, classes)

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
