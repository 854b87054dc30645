#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The state of a training run between two epochs, as plain arrays: weights and Adam's moments."""

import json
from pathlib import Path

import numpy as np

from ...errors import InputError
from ...files import parse_json, read_arrays, write_arrays
from ..networks.architecture import nn, torch
from ..networks.devices import to_array


def save(
    path: Path,
    identity: dict,
    module: "nn.Module",
    averaged: "torch.optim.swa_utils.AveragedModel",
    optimizer: "torch.optim.Optimizer",
    epochs_done: int,
    results: dict,
) -> None:
    """Write the state after ``epochs_done`` epochs; readers see the old file or the new one, whole."""
    arrays = {f"weights/{name}": to_array(tensor) for name, tensor in module.state_dict().items()}
    arrays |= {f"average/{name}": to_array(tensor) for name, tensor in averaged.state_dict().items()}
    for index, moments in optimizer.state_dict()["state"].items():
        for name, tensor in moments.items():
            arrays[f"adam/{index}/{name}"] = to_array(tensor)
    progress = {"identity": identity, "epochs_done": epochs_done, "results": results}
    arrays["progress"] = np.array(json.dumps(progress, sort_keys=True))
    write_arrays(path, arrays)


def load(
    path: Path,
    identity: dict,
    module: "nn.Module",
    averaged: "torch.optim.swa_utils.AveragedModel",
    optimizer: "torch.optim.Optimizer",
) -> tuple[int, dict[str, float]]:
    """Put the state back and return (epochs done, results so far).

    Raises ``InputError`` if the file is damaged, or of a run whose ``identity`` (settings, data) is another.
    """
    arrays = read_arrays(path)
    try:
        progress = parse_json(str(arrays.pop("progress")).encode(), path)
        differing = sorted(key for key in identity if progress["identity"].get(key) != identity[key])
        epochs_done, results = int(progress["epochs_done"]), dict(progress["results"])
    except (AttributeError, KeyError, TypeError, ValueError):
        raise InputError(f"{path}: not a training checkpoint; delete it to train from the start") from None
    if differing:
        raise InputError(
            f"{path}: of a training with another {', '.join(differing)}; delete it or use another folder"
        )
    try:
        module.load_state_dict(_under("weights/", arrays))
        averaged.load_state_dict(_under("average/", arrays))
        optimizer.load_state_dict(optimizer.state_dict() | {"state": _moments(arrays, optimizer)})
    except (IndexError, KeyError, RuntimeError, TypeError, ValueError):  # also from torch
        raise InputError(f"{path}: not a state of this network; delete it to train from the start") from None
    return epochs_done, results


def _moments(
    arrays: dict[str, np.ndarray], optimizer: "torch.optim.Optimizer"
) -> dict[int, dict[str, "torch.Tensor"]]:
    """Return Adam's moments of all parameters; ``ValueError`` unless they are all there, of their shapes."""
    found: dict[int, dict[str, torch.Tensor]] = {}
    for name, array in arrays.items():
        if name.startswith("adam/"):
            _, index, moment = name.split("/")
            found.setdefault(int(index), {})[moment] = torch.from_numpy(array)
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for index, parameter in enumerate(parameters):
        shapes = {moment: tuple(tensor.shape) for moment, tensor in found.get(index, {}).items()}
        if shapes != {"step": (), "exp_avg": tuple(parameter.shape), "exp_avg_sq": tuple(parameter.shape)}:
            raise ValueError(f"moments of parameter {index}")
    return found


def _under(prefix: str, arrays: dict[str, np.ndarray]) -> dict[str, "torch.Tensor"]:
    return {
        name.removeprefix(prefix): torch.from_numpy(array)
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
