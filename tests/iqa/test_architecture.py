#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The networks' shapes, their start, and the claim about the decoder's layers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnuradio.aeiqa.iqa.networks import architecture
from gnuradio.aeiqa.iqa.networks.architecture import Architecture, SubPixelConvolution, initialise, nn, torch

shapes = st.tuples(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 3]))


@settings(max_examples=30)
@given(shape=shapes)
def test_every_image_size_is_encoded_and_given_back(shape):
    height, width, channels = shape
    module = Architecture("autoencoder", shape).build()
    initialise(module, 1)
    images = torch.rand(2, channels, height, width)
    with torch.inference_mode():
        assert module.encoder(images).shape == (2, architecture.FEATURES)
        assert module(images).shape == images.shape


def test_weights_of_the_classifier_counted_by_hand():
    module = Architecture("classifier", (28, 28, 1), 10).build()
    convolutions = (9 * 1 + 1) * 16 + (9 * 16 + 1) * 32 + (9 * 32 + 1) * 16 + (9 * 16 + 1) * 16
    dense = (16 * 4 * 4 + 1) * 128 + (128 + 1) * 10  # strides 1, 2, 2, 2 leave 4x4 of 28x28
    assert sum(parameter.numel() for parameter in module.parameters()) == convolutions + dense


def test_glorot_start():
    module = Architecture("classifier", (28, 28, 1), 10).build()
    initialise(module, 3)
    for layer in module.modules():
        if not isinstance(layer, (nn.Conv2d, nn.Linear)):
            continue
        weight = layer.weight.detach().numpy()
        area = int(np.prod(weight.shape[2:]))
        variance = 2.0 / (area * (weight.shape[0] + weight.shape[1]))  # Glorot and Bengio 2010, equation 12
        # Uniform: kurtosis 1.8, so the sample variance has a relative standard deviation of sqrt(0.8 / n).
        assert abs(weight.var() / variance - 1.0) < 5.0 * np.sqrt(0.8 / weight.size)
        assert abs(weight).max() <= np.sqrt(3.0 * variance)
        assert not layer.bias.detach().numpy().any()


def test_the_seed_decides_the_start():
    def start(seed):
        module = Architecture("classifier", (8, 8, 1), 2).build()
        initialise(module, seed)
        return module.head.weight.detach().numpy().copy()

    np.testing.assert_array_equal(start(1), start(1))
    assert not np.array_equal(start(1), start(2))


@pytest.mark.parametrize("size", [(4, 4), (5, 3)])
def test_a_sub_pixel_layer_expresses_a_transposed_convolution(size):
    transposed = nn.ConvTranspose2d(3, 2, 3, stride=2, padding=1, output_padding=1)
    kernel, bias = transposed.weight.detach(), transposed.bias.detach()
    height, width = size
    layer = SubPixelConvolution(3, 2, (2 * height, 2 * width))
    # On one axis: output 2i is w[1] x[i], output 2i + 1 is w[2] x[i] + w[0] x[i + 1]; pairs (tap at x, w).
    taps = {0: [(1, 1)], 1: [(1, 2), (2, 0)]}
    weight = torch.zeros_like(layer.convolution.weight)
    for filters in range(2):
        for row, column in np.ndindex(2, 2):
            for y, from_y in taps[row]:
                for x, from_x in taps[column]:
                    weight[4 * filters + 2 * row + column, :, y, x] = kernel[:, filters, from_y, from_x]
    maps = torch.rand(2, 3, height, width)
    with torch.no_grad():
        layer.convolution.weight.copy_(weight)
        layer.convolution.bias.copy_(bias.repeat_interleave(4))
        torch.testing.assert_close(layer(maps), transposed(maps))
