#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A user's pictures and classifier, made by the tests: coloured patches, a linear model that tells them."""

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ("blue", "green", "red")  # in a folder's order
HEIGHT, WIDTH = 12, 16
APPS = Path(__file__).parents[2] / "apps"


def run(app, *args, cwd):
    """Run a command line to its end."""
    command = [sys.executable, APPS / app, *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, cwd=cwd)


def patches(count, seed=1, height=HEIGHT, width=WIDTH):
    """Return (images uint8 [N, H, W, 3], labels): noisy patches in which one channel is somewhat brighter."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % len(CLASSES)
    levels = rng.integers(90, 130, (count, 1, 1, 1)) + rng.normal(0, 25, (count, height, width, 3))
    levels[np.arange(count), :, :, 2 - labels] += 60
    return np.clip(levels, 0, 255).astype(np.uint8), labels


def write_folder(folder, count=30, seed=1):
    """Write patches as PNG files, a sub-folder for each class."""
    images, labels = patches(count, seed)
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        path = folder / CLASSES[label] / f"{number:04}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    return folder


def trained():
    """Return (weights [3, 3 H W] for inputs [C, H, W] from 0 to 1, bias [3]) of a ridge regression."""
    images, labels = patches(300, seed=2)
    inputs = images.transpose(0, 3, 1, 2).reshape(len(images), -1) / 255
    mean = inputs.mean(axis=0)
    wanted = 8.0 * np.eye(len(CLASSES))[labels]
    centred = inputs - mean
    weights = np.linalg.solve(centred.T @ centred + 10 * np.eye(centred.shape[1]), centred.T @ wanted).T
    return weights.astype(np.float32), (wanted.mean(axis=0) - weights @ mean).astype(np.float32)


def write_onnx(path, weights, bias, shape=("n", 3, HEIGHT, WIDTH), nodes=None, dtype="FLOAT", beside=None):
    """Write a network: flatten, matrix, bias; or of ``nodes`` that keep the input's shape.

    ``dtype`` is that of the input, cast to float inside; ``beside`` names a file that takes the weights.
    """
    from onnx import TensorProto, helper, numpy_helper, save

    output = shape
    if nodes is None:
        output = (shape[0], len(bias))
        nodes = [
            helper.make_node("Cast", ["x"], ["cast"], to=TensorProto.FLOAT),
            helper.make_node("Flatten", ["cast"], ["flat"], axis=1),
            helper.make_node("Gemm", ["flat", "w", "b"], ["y"], transB=1),
        ]
    graph = helper.make_graph(
        nodes,
        "classifier",
        [helper.make_tensor_value_info("x", getattr(TensorProto, dtype), shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, output)],
        [numpy_helper.from_array(array, name) for name, array in (("w", weights), ("b", bias))],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7)
    save(model, str(path), save_as_external_data=beside is not None, location=beside, size_threshold=0)
    return path


def write_torchscript(path, weights, bias):
    """Write the same network as a TorchScript file."""
    import torch

    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(weights.shape[1], len(bias)))
    with torch.no_grad():
        module[1].weight.copy_(torch.from_numpy(weights))
        module[1].bias.copy_(torch.from_numpy(bias))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer torch recommends torch.export
        torch.jit.save(torch.jit.trace(module.eval(), torch.zeros(2, 3, HEIGHT, WIDTH)), str(path))
    return path
