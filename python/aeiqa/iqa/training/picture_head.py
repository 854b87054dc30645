#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Training of an encoder on few pictures: it ends when held-out pictures gain no more, or time is up."""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...errors import InputError
from ..networks.architecture import Architecture, initialise, nn, torch
from ..networks.devices import to_device
from ..networks.inference import to_tensor
from ..networks.torch_support import denormals_flushed, use_threads
from .loop import evaluate

BATCH = 64
LEARNING_RATE = 2e-3
AVERAGING = 0.99
PATIENCE = 3  # passes without gain before the rate falls
HALVINGS = 2  # of the rate by 4; after the last the same patience ends it
MOST_PASSES = 60
CLEAN_SHARE = 0.15  # of the pictures of a pass that are undamaged

Redraw = Callable[[np.random.Generator], np.ndarray]
"""Returns damaged copies of all pictures trained on, uint8 [N, H, W, C], for one pass."""


@dataclass(frozen=True)
class HeldOut:
    """Pictures that end the training: clean, damaged, and their labels."""

    clean: np.ndarray
    damaged: np.ndarray
    labels: np.ndarray

    def evaluate(self, kind: str, module: "nn.Module", threads: int) -> dict[str, float]:
        """Return ``loop.evaluate`` of a network of that kind, on damaged pictures under ``damaged_...``."""
        results = evaluate(kind, module, self.clean, self.labels, threads)
        damaged = evaluate(kind, module, self.damaged, self.labels, threads)
        return results | {f"damaged_{key}": value for key, value in damaged.items()}


@denormals_flushed()
def train_on_pictures(
    architecture: Architecture,
    clean: np.ndarray,
    redraw: Redraw,
    labels: np.ndarray,
    held_out: HeldOut,
    *,
    seed: int = 1,
    threads: int = 1,
    passes: int = MOST_PASSES,
    is_over: Callable[[], bool] = lambda: False,
    on_pass: Callable[[int, dict[str, float]], None] = lambda number, results: None,
) -> tuple["nn.Module", dict[str, float], int]:
    """Train on pictures, damaged anew in each pass, until the held-out loss falls no more.

    Args:
        architecture: of an autoencoder or a classifier.
        clean: undamaged pictures, uint8 [N, H, W, C].
        redraw: damages them.
        labels: int64 [N].
        held_out: after each pass the mean of the losses on its clean and damaged pictures is taken; once it
            has not fallen for three passes the learning rate falls to a quarter, the third time training
            ends. The weights with the least loss are returned.
        seed: of weights, order and damage.
        threads: for torch.
        passes: at most so many.
        is_over: asked after each pass; True ends the training.
        on_pass: called with the number of passes and the results so far.

    Returns:
        The network, its results on the held-out pictures, and the passes it took.

    Raises:
        InputError: training diverged.
    """
    use_threads(threads)
    module = architecture.build().to(memory_format=torch.channels_last)
    initialise(module, seed)
    module = to_device(module)
    optimizer = torch.optim.Adam(module.parameters(), lr=LEARNING_RATE)
    averaged = torch.optim.swa_utils.AveragedModel(
        # Over a fifth of the steps so far, until that is a hundred: what went before was hardly trained.
        module,
        avg_fn=lambda mean, new, steps: torch.lerp(
            new, mean, float(min(AVERAGING, 1 - 5 / (int(steps) + 6)))
        ),
    )
    best, best_state, results, waited, falls = np.inf, None, {}, 0, 0
    for number in range(passes):
        rng = np.random.default_rng([seed, 8, number])
        is_clean = rng.random(len(clean)) < CLEAN_SHARE
        batch = redraw(rng)
        batch[is_clean] = clean[is_clean]
        order = rng.permutation(len(clean))
        module.train()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(rng.integers(2**63)))  # dropout draws from torch's global generator
            for start in range(0, len(order), BATCH):
                chosen = order[start : start + BATCH]
                optimizer.zero_grad(set_to_none=True)
                _loss(architecture.kind, module, batch[chosen], labels[chosen]).backward()
                optimizer.step()
                averaged.update_parameters(module)
        averaged.eval()
        found = held_out.evaluate(architecture.kind, averaged.module, threads)
        loss = sum(value for key, value in found.items() if key.endswith(("mse", "cross_entropy")))
        if not np.isfinite(loss):
            raise InputError(f"training diverged in pass {number + 1}: {found}; try other pictures")
        if loss < best:
            best, best_state, results, waited = loss, copy.deepcopy(averaged.module.state_dict()), found, 0
        else:
            waited += 1
        on_pass(number + 1, found)
        if waited == PATIENCE:
            waited, falls = 0, falls + 1
            optimizer.param_groups[0]["lr"] /= 4.0
        if falls > HALVINGS or is_over():
            break
    averaged.module.load_state_dict(best_state)
    return averaged.module, results, number + 1


def _loss(kind: str, module: "nn.Module", images: np.ndarray, labels: np.ndarray) -> "torch.Tensor":
    batch = to_tensor(images)
    if kind == "autoencoder":
        return nn.functional.mse_loss(module(batch), batch)
    return nn.functional.cross_entropy(module(batch), to_device(torch.from_numpy(labels)))
