#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Maps from a measurement to a predicted error: a monotone curve, or a small perceptron."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..networks.inference import matmul_by_row
from ..networks.torch_support import denormals_flushed, import_torch, use_threads

HIDDEN = 64
EPOCHS = 8
BATCH = 512
LEARNING_RATE = 3e-3
WEIGHT_DECAY = 1e-3


def _pool(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return (mean x, mean y, count) of the blocks of isotonic least squares, over rising x.

    Pool adjacent violators, Ayer et al. 1955.
    """
    blocks: list[list[float]] = []
    for position, value in zip(x, y, strict=True):
        blocks.append([position, value, 1.0])
        while len(blocks) > 1 and blocks[-2][1] >= blocks[-1][1]:
            (x1, y1, w1), (x2, y2, w2) = blocks[-2:]
            total = w1 + w2
            blocks[-2:] = [[(w1 * x1 + w2 * x2) / total, (w1 * y1 + w2 * y2) / total, total]]
    return np.array(blocks)


def isotonic(values: np.ndarray) -> np.ndarray:
    """Return the rising values nearest to these by least squares, float64 [N]."""
    blocks = _pool(np.arange(len(values), dtype=np.float64), np.asarray(values, np.float64))
    return np.repeat(blocks[:, 1], blocks[:, 2].astype(np.int64))


@dataclass(frozen=True)
class Curve:
    """A rising curve from a set's measurement to its error in per cent, linear between its knots."""

    x: np.ndarray
    y: np.ndarray

    @classmethod
    def fit(cls, measured: np.ndarray, error_pct: np.ndarray) -> "Curve":
        """Fit by isotonic least squares, a knot amid each block."""
        order = np.argsort(measured, kind="stable")
        x, y = np.asarray(measured, np.float64)[order], np.asarray(error_pct, np.float64)[order]
        knots = _pool(x, y)
        return cls(knots[:, 0], knots[:, 1])

    def __call__(self, measured: np.ndarray | float) -> np.ndarray:
        """Return the error in per cent; outside the knots that of the nearest."""
        return np.interp(measured, self.x, self.y)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what ``from_arrays`` takes."""
        return {"x": self.x, "y": self.y}

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> "Curve":
        """Make the curve again that ``arrays`` came from."""
        return cls(arrays["x"], arrays["y"])


@dataclass(frozen=True)
class Perceptron:
    """Two hidden layers of 64 with ReLU and one logistic output: P(wrong) of standardised inputs."""

    mean: np.ndarray
    scale: np.ndarray
    layers: tuple[tuple[np.ndarray, np.ndarray], ...]

    @classmethod
    @denormals_flushed()
    def fit(cls, inputs: np.ndarray, wrong: np.ndarray, seed: int, least_steps: int = 0) -> "Perceptron":
        """Fit to float [N, F] inputs and bool [N] by cross-entropy (AdamW, half a cosine).

        It takes 8 epochs, or as many as come to ``least_steps`` steps; always on the CPU, as its steps are
        smaller than what it takes to start one on a GPU.
        """
        torch = import_torch()
        use_threads(1)
        mean, scale = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
        x = torch.from_numpy(((inputs - mean) / scale).astype(np.float32))
        y = torch.from_numpy(np.asarray(wrong, np.float32))
        rng = np.random.default_rng([seed, 3])
        sizes = (inputs.shape[1], HIDDEN, HIDDEN, 1)
        weights = [
            torch.from_numpy(rng.normal(0.0, np.sqrt(2.0 / i), (i, o)).astype(np.float32)).requires_grad_()
            for i, o in pairwise(sizes)
        ]
        biases = [torch.zeros(o, requires_grad=True) for o in sizes[1:]]
        optimizer = torch.optim.AdamW([*weights, *biases], lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        steps = -(-len(x) // BATCH)
        epochs = max(EPOCHS, -(-least_steps // steps))
        for epoch in range(epochs):
            order = torch.from_numpy(rng.permutation(len(x)))
            for step in range(steps):
                progress = (epoch * steps + step) / (epochs * steps)
                optimizer.param_groups[0]["lr"] = LEARNING_RATE * 0.5 * (1.0 + np.cos(np.pi * progress))
                chosen = order[step * BATCH : (step + 1) * BATCH]
                out = x[chosen]
                for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
                    out = out @ weight + bias
                    out = torch.relu(out) if layer < len(weights) - 1 else out
                loss = torch.nn.functional.binary_cross_entropy_with_logits(out[:, 0], y[chosen])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        layers = tuple((w.detach().numpy(), b.detach().numpy()) for w, b in zip(weights, biases, strict=True))
        return cls(mean.astype(np.float32), scale.astype(np.float32), layers)

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """Return P(wrong), float64 [N], of float [N, F]."""
        out = ((inputs - self.mean) / self.scale).astype(np.float32)
        for layer, (weight, bias) in enumerate(self.layers):
            out = matmul_by_row(out, weight) + bias
            out = np.maximum(out, 0.0) if layer < len(self.layers) - 1 else out
        return 1.0 / (1.0 + np.exp(-np.clip(out[:, 0].astype(np.float64), -40.0, 40.0)))

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what ``from_arrays`` takes; the weights in half precision."""
        found = {"mean": self.mean, "scale": self.scale}
        for number, (weight, bias) in enumerate(self.layers):
            found |= {f"weight{number}": weight.astype(np.float16), f"bias{number}": bias}
        return found

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> "Perceptron":
        """Make the perceptron again that ``arrays`` came from."""
        layers = tuple(
            (arrays[f"weight{number}"].astype(np.float32), arrays[f"bias{number}"])
            for number in range(sum(name.startswith("weight") for name in arrays))
        )
        return cls(arrays["mean"], arrays["scale"], layers)
