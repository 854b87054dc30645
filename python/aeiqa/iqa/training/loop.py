#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Training the networks: seeded, resumable after every epoch, validated on held-out images."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from ...errors import InputError
from ..calibration.noise import random_bit_flips
from ..networks.architecture import Architecture, initialise, nn, torch
from ..networks.devices import device_facts, device_in_use, to_device
from ..networks.inference import infer, to_tensor
from ..networks.torch_support import denormals_flushed, use_threads
from . import checkpoint
from .settings import TrainingSettings

HELD_OUT_STRIDE = 10
BETA = 1.0  # weight of a variational autoencoder's divergence against half the squared pixel error / VARIANCE
PIXEL_VARIANCE = 0.02  # of its decoder's normal distribution, pixels in [0, 1]


def split(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices (trained on, held out) of ``count`` training images: every tenth is held out.

    The split does not depend on the seed, so it is known for every model which images it has never seen.
    """
    index = np.arange(count)
    held_out = index % HELD_OUT_STRIDE == HELD_OUT_STRIDE - 1
    return index[~held_out], index[held_out]


@denormals_flushed()
def train(
    architecture: Architecture,
    images: np.ndarray,
    labels: np.ndarray,
    settings: TrainingSettings,
    *,
    digest: str = "",
    checkpoint_path: Path | None = None,
    on_step: Callable[[int, int], None] = lambda done, total: None,
    on_epoch: Callable[[int, dict[str, float]], None] = lambda epoch, results: None,
) -> tuple["nn.Module", dict[str, float]]:
    """Train ``architecture`` and return it with its results on the held-out images.

    ``images`` is uint8 [N, H, W, C], ``labels`` int64 [N]. With ``checkpoint_path`` the state is kept after
    every epoch and a run with the same settings goes on from there; the outcome is bit for bit that of an
    uninterrupted run. A checkpoint of other settings or data (``digest``) raises ``InputError``.
    """
    use_threads(settings.threads)
    module = architecture.build().to(memory_format=torch.channels_last)
    initialise(module, settings.seed)
    module = to_device(module)
    optimizer = torch.optim.Adam(module.parameters(), lr=settings.learning_rate)
    averaged = torch.optim.swa_utils.AveragedModel(
        module, avg_fn=lambda mean, new, _: torch.lerp(new, mean, settings.averaging)
    )
    training, held_out = split(len(images))
    if len(held_out) == 0:
        raise InputError(f"training needs at least {HELD_OUT_STRIDE} images, got {len(images)}")
    identity = {"architecture": architecture.as_dict(), **asdict(settings), "data": digest}
    identity |= device_facts(device_in_use())
    first, results = 0, {}
    if checkpoint_path is not None and checkpoint_path.exists():
        first, results = checkpoint.load(checkpoint_path, identity, module, averaged, optimizer)
    steps = -(-len(training) // settings.batch)
    for epoch in range(first, settings.epochs):
        # Made anew from (seed, epoch), so a checkpoint need not keep the state of a generator.
        rng = np.random.default_rng([settings.seed, 1, epoch])
        order = rng.permutation(training)
        module.train()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(rng.integers(2**63)))  # dropout draws from torch's global generator
            for step in range(steps):
                chosen = order[step * settings.batch : (step + 1) * settings.batch]
                progress = (epoch * steps + step) / (settings.epochs * steps)
                rate = settings.learning_rate * 0.5 * (1.0 + np.cos(np.pi * progress))
                optimizer.param_groups[0]["lr"] = rate
                optimizer.zero_grad(set_to_none=True)
                batch = random_bit_flips(images[chosen], rng) if settings.noise else images[chosen]
                _loss(architecture.kind, module, batch, labels[chosen]).backward()
                optimizer.step()
                averaged.update_parameters(module)
                on_step(epoch * steps + step + 1, settings.epochs * steps)
        averaged.eval()
        results = evaluate_held_out(architecture.kind, averaged.module, images, labels, settings)
        if not all(np.isfinite(value) for value in results.values()):
            raise InputError(
                f"training diverged in epoch {epoch + 1}: {results}; try a smaller learning rate"
            )
        if checkpoint_path is not None:
            checkpoint.save(checkpoint_path, identity, module, averaged, optimizer, epoch + 1, results)
        on_epoch(epoch + 1, results)
    averaged.eval()
    return averaged.module, results


def _loss(kind: str, module: "nn.Module", images: np.ndarray, labels: np.ndarray) -> "torch.Tensor":
    """Mean squared pixel error, the negative evidence bound per pixel, or cross-entropy."""
    batch = to_tensor(images)
    if kind == "autoencoder":
        return nn.functional.mse_loss(module(batch), batch)
    if kind == "vae":
        reconstruction, divergence = module.sample(batch)
        # The bound of Kingma and Welling, ICLR 2014, with a decoder of fixed variance, over its scale.
        per_pixel = 2.0 * PIXEL_VARIANCE * BETA / batch[0].numel()
        return nn.functional.mse_loss(reconstruction, batch) + per_pixel * divergence.mean()
    return nn.functional.cross_entropy(module(batch), to_device(torch.from_numpy(labels)))


def evaluate_held_out(
    kind: str, module: "nn.Module", images: np.ndarray, labels: np.ndarray, settings: TrainingSettings
) -> dict[str, float]:
    """Return ``evaluate`` on the held-out images; if trained with noise, on damaged ones as well."""
    _, held_out = split(len(images))
    results = evaluate(kind, module, images[held_out], labels[held_out], settings.threads)
    if settings.noise:
        damaged = random_bit_flips(images[held_out], np.random.default_rng([settings.seed, 2]))
        noisy = evaluate(kind, module, damaged, labels[held_out], settings.threads)
        results |= {f"damaged_{key}": value for key, value in noisy.items()}
    return results


def evaluate(
    kind: str, module: "nn.Module", images: np.ndarray, labels: np.ndarray, threads: int = 1
) -> dict[str, float]:
    """Return {"mse"} (pixels in [0, 1]) or, of a classifier, {"cross_entropy", "accuracy_pct"}."""
    outputs = infer(module, images, threads).astype(np.float64)
    if kind != "classifier":
        pixels = images.transpose(0, 3, 1, 2) / 255.0
        return {"mse": float(np.square(outputs - pixels).mean())}
    chosen = outputs[np.arange(len(labels)), labels]
    largest = outputs.max(axis=1)
    log_sum = largest + np.log(np.exp(outputs - largest[:, np.newaxis]).sum(axis=1))
    accuracy = 100.0 * float((outputs.argmax(axis=1) == labels).mean())
    return {"cross_entropy": float((log_sum - chosen).mean()), "accuracy_pct": accuracy}
