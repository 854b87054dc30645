#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""A small network that learns to answer damaged images as a target does, mistakes included."""

import hashlib
from collections.abc import Sequence

import numpy as np

from ..calibration.sets import Labelled
from ..networks.architecture import Architecture, initialise, nn, torch
from ..networks.devices import to_array, to_device
from ..networks.inference import infer, to_tensor
from ..networks.torch_support import denormals_flushed, use_threads

EPOCHS = 3
LEAST_STEPS = 1000  # what it takes to learn anything when images are few
BATCH = 128
LEARNING_RATE = 3e-3
BODY = "paper"


class Student:
    """The paper's classifier, trained on a target's answers (Hinton, Vinyals and Dean 2015, hard labels).

    Whether a target misclassifies an image depends on nothing but the image: what a score has learned of that
    holds for other damage too, as far as it was learned.
    """

    def __init__(self, input_shape: tuple[int, int, int], state: dict[str, np.ndarray]) -> None:
        """``state``: the weights by name, rounded here to the half precision they are kept in."""
        self.input_shape = input_shape
        self._state = {name: array.astype(np.float16) for name, array in state.items()}
        classes = len(self._state["head.bias"])
        module = Architecture("classifier", input_shape, classes, BODY).build()
        module.load_state_dict({k: torch.from_numpy(a.astype(np.float32)) for k, a in self._state.items()})
        self._module = module.to(memory_format=torch.channels_last).eval()
        self.key = hashlib.sha256(b"".join(a.tobytes() for a in self._state.values())).hexdigest()

    @classmethod
    @denormals_flushed()
    def fit(cls, train: Sequence[Labelled], seed: int) -> "Student":
        """Learn the answers in ``train`` by cross-entropy (Adam, its rate falling along half a cosine)."""
        use_threads(1)
        images = np.concatenate([part.evidence.received.images for part in train])
        answers = to_device(torch.from_numpy(np.concatenate([part.evidence.answer for part in train])))
        classes = train[0].evidence.probabilities.shape[1]
        module = Architecture("classifier", images.shape[1:], classes, BODY).build()
        module.dropout = nn.Identity()  # the target's answers are what is to be learned, not labels
        initialise(module.to(memory_format=torch.channels_last), seed)
        module = to_device(module)
        optimizer = torch.optim.Adam(module.parameters(), lr=LEARNING_RATE)
        rng = np.random.default_rng([seed, 5])
        steps = -(-len(images) // BATCH)
        total = max(EPOCHS, -(-LEAST_STEPS // steps)) * steps
        for step in range(total):
            if step % steps == 0:
                order = rng.permutation(len(images))
            chosen = order[step % steps * BATCH :][:BATCH]
            optimizer.param_groups[0]["lr"] = LEARNING_RATE * 0.5 * (1.0 + np.cos(np.pi * step / total))
            optimizer.zero_grad(set_to_none=True)
            nn.functional.cross_entropy(module(to_tensor(images[chosen])), answers[chosen]).backward()
            optimizer.step()
        state = {name: to_array(tensor.contiguous()) for name, tensor in module.state_dict().items()}
        return cls(images.shape[1:], state)

    def log_probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return the log of the softmax, float64 [N, classes], for uint8 [N, H, W, C]."""
        logits = infer(self._module, images).astype(np.float64)
        logits -= logits.max(axis=1, keepdims=True)
        return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what ``from_arrays`` takes."""
        return {"input_shape": np.array(self.input_shape, np.float64), **self._state}

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> "Student":
        """Make the student again that ``arrays`` came from."""
        state = {name: array for name, array in arrays.items() if name != "input_shape"}
        return cls(tuple(int(size) for size in arrays["input_shape"]), state)
