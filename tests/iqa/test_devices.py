#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The device that torch computes on: what falls back, what is refused, and that all goes through one place.

The machines of these tests have no GPU. A pretended one takes its place: tensors moved to it are memory that
no operation accepts beside the CPU's, and that no array can be made of, before they have been moved back.
"""

import ast
import json
import runpy

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from gnuradio import aeiqa
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.files import data_dir
from gnuradio.aeiqa.images import Dataset
from gnuradio.aeiqa.iqa.networks import devices
from gnuradio.aeiqa.iqa.networks.devices import computing_on, device_in_use, found_device
from gnuradio.aeiqa.iqa.scores import calibrators, picture_scores
from gnuradio.aeiqa.iqa.scores.loading import Loader
from gnuradio.aeiqa.iqa.scores.user_scores import train_user_scores
from gnuradio.aeiqa.iqa.training.recipes import train_models

ROOT = data_dir().parent


@pytest.fixture
def without_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def test_auto_falls_back_with_one_line(without_gpu, capsys):
    assert found_device("auto") == "cpu"
    told = capsys.readouterr().err
    assert told.startswith("device auto: ") and told.endswith(", so the CPU computes\n")
    assert told.count("\n") == 1
    assert found_device("cpu") == "cpu"
    assert not capsys.readouterr().err


def test_auto_takes_a_gpu_in_silence(monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert (found_device("auto"), found_device("cuda"), found_device("cpu")) == ("cuda", "cuda", "cpu")
    assert not capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("sweep", ["--images", "5"]),
        ("evaluate", ["--images", "5", "--target", "paper", "--scores", "psnr"]),
        ("train", ["--what", "vae"]),
        ("receive", ["--from", "zmq:tcp://127.0.0.1:9", "--score", "blind"]),
        ("edge", ["--from", "zmq:tcp://127.0.0.1:9"]),
    ],
)
def test_a_gpu_that_is_not_there_is_refused_in_one_line(
    command, options, without_gpu, capsys, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    for device, message in (("cuda", "cuda was asked for, but "), ("gpu", "must be one of cpu, cuda, auto")):
        monkeypatch.setattr("sys.argv", [command, *options, "--device", device])
        with pytest.raises(SystemExit) as left:
            runpy.run_path(str(ROOT / "apps" / f"{command}.py"), run_name="__main__")
        assert left.value.code == 2
        told = capsys.readouterr().err
        assert told.startswith(f"aeiqa {command}: device: {message}")
        assert told.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_the_device_is_written_down(without_gpu, tmp_path):
    found = aeiqa.sweep(
        "paper", "mnist", channel="awgn", modulation="qpsk", snr_db=5, images=20, workers=1, device="auto"
    )
    run = json.loads((found.folder / "run.json").read_text())
    assert run["device"] == "cpu"
    assert "device" not in run["configuration"]  # so that results made before are the same ones
    with pytest.raises(InputError, match="device: cuda was asked for"):
        aeiqa.evaluate("paper", "mnist", scores="psnr", images=20, device="cuda")


def test_the_device_is_given_back(monkeypatch):
    with pytest.raises(ZeroDivisionError), computing_on("cuda"):
        assert device_in_use() == "cuda"
        assert not torch.backends.cudnn.allow_tf32
        raise ZeroDivisionError
    assert device_in_use() == "cpu"


class PretendedGpu(TorchDispatchMode):
    """Keeps account of whose memory a tensor is, and refuses operations between the two."""

    def __init__(self):
        super().__init__()
        self.moved = self.computed = 0
        self._there = {}  # storages by their address, kept alive so that no address is used again

    def holds(self, tensor):
        return _address(tensor) in self._there

    def take(self, tensor):
        if _address(tensor):
            self._there[_address(tensor)] = _storage(tensor)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        found = [each for each in tree_flatten((args, kwargs))[0] if isinstance(each, torch.Tensor)]
        there = [self.holds(each) for each in found if each.numel()]
        scalars = [each.ndim == 0 for each in found if each.numel()]
        fits = all(is_there or is_scalar for is_there, is_scalar in zip(there, scalars, strict=True))
        is_copy = "copy_" in str(func)  # which may go from one to the other
        if any(there) and not fits and not is_copy:
            raise RuntimeError(f"{func}: tensors of both devices")
        out = func(*args, **(kwargs or {}))
        if any(there) and not is_copy:
            self.computed += 1
            for each in tree_flatten(out)[0]:
                if isinstance(each, torch.Tensor):
                    self.take(each)
        return out


def _storage(tensor):
    return tensor.untyped_storage() if hasattr(tensor, "untyped_storage") else tensor.storage()


def _address(tensor):
    return _storage(tensor).data_ptr()


@pytest.fixture
def pretended(monkeypatch):
    """A GPU that computes as the CPU does."""
    mode = PretendedGpu()
    to, cpu, numpy = torch.Tensor.to, torch.Tensor.cpu, torch.Tensor.numpy

    def fake_to(self, *args, **kwargs):
        asked = kwargs.get("device", args[0] if args else None)
        if not isinstance(asked, (str, torch.device)) or torch.device(asked).type != "cuda":
            return to(self, *args, **kwargs)
        if not mode.holds(self):
            mode.moved += 1
            self = to(self, "cpu", copy=True)
            mode.take(self)
        return self

    def fake_cpu(self):
        return torch.from_numpy(numpy(self.detach()).copy()) if mode.holds(self) else cpu(self)

    def fake_numpy(self, *args, **kwargs):
        if mode.holds(self):
            raise TypeError("can't convert cuda:0 device type tensor to numpy")
        return numpy(self, *args, **kwargs)

    monkeypatch.setattr(torch.Tensor, "to", fake_to)
    monkeypatch.setattr(torch.Tensor, "cpu", fake_cpu)
    monkeypatch.setattr(torch.Tensor, "numpy", fake_numpy)
    monkeypatch.setattr(devices, "device_name", lambda found: found)
    with mode:
        yield mode


def test_the_pretended_gpu_tells_the_two_apart(pretended):
    here = torch.ones(3)
    there = torch.ones(3).to("cuda")
    assert (there + there).cpu().numpy().tolist() == [2.0, 2.0, 2.0]
    with pytest.raises(RuntimeError, match="tensors of both devices"):
        here + there
    with pytest.raises(TypeError, match="can't convert cuda"):
        (there + there).numpy()


def pictures_of(count, seed):
    """Noisy pictures in which one of three channels is brighter."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    levels = rng.normal(110, 25, (count, 12, 16, 3))
    levels[np.arange(count), :, :, labels] += 40
    return Dataset("patches", np.clip(levels, 0, 255).astype(np.uint8), labels, ("a", "b", "c"))


def module():
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12 * 16 * 3, 3))
    with torch.no_grad():
        net[1].weight.copy_(8 * torch.eye(3).repeat_interleave(12 * 16, 1) / (12 * 16))
        net[1].bias.zero_()
    return net


def test_scores_are_trained_and_used_on_the_device_alone(pretended, tmp_path, monkeypatch):
    """Nothing is computed of both devices' tensors, and the results are the CPU's to 1e-4."""
    monkeypatch.setattr(calibrators, "EPOCHS", 1)  # perceptrons stay on the CPU, and are not what is tried
    for name in ("LEAST_STEPS", "LEFT_OUT_STEPS"):
        monkeypatch.setattr(picture_scores, name, 1)
    data, test = pictures_of(510, 1), pictures_of(40, 2)
    found = {}
    for device in ("cpu", "cuda"):
        with computing_on(device):
            before = pretended.computed
            target = aeiqa.iqa.UserClassifier.from_module(module(), class_names=data.class_names, name="net")
            folder = tmp_path / device
            train_user_scores(target, data, folder, passes=1)
            trained = pretended.computed
            loader = Loader(tmp_path / "cpu")  # two trainings are not compared, but what one model says
            if device == "cuda":
                card = json.loads((folder / "noise-encoder.json").read_text())
                assert card["training"]["device"] == "cuda"
                assert trained > before
            scores = [loader.score(name, target) for name in ("blind", "reference")]
            answers = target.probabilities(test.images)
            values = [score(test.images[::-1], test.images, answers[::-1]).per_image for score in scores]
            found[device] = [answers, *values]
            assert (pretended.computed > trained) == (device == "cuda")
    for here, there in zip(found["cpu"], found["cuda"], strict=True):
        np.testing.assert_allclose(there, here, atol=1e-4)
    assert pretended.moved


def test_networks_are_trained_on_the_device_alone(pretended, tmp_path):
    data = pictures_of(60, 3)
    with computing_on("cuda"):
        cards = train_models(["encoder", "vae", "robust"], data, None, tmp_path, epochs=2)
    assert [card["training"]["device"] for card in cards] == ["cuda"] * 3
    assert pretended.computed


def test_nothing_else_moves_tensors_or_makes_arrays_of_them():
    """A perceptron is fitted on the CPU always; all else goes by ``to_device`` and ``to_array``."""
    allowed = {"iqa/networks/devices.py", "iqa/scores/calibrators.py"}
    found = set()
    package = ROOT / "python" / "aeiqa"
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr in ("numpy", "cpu", "cuda", "from_dlpack"):
                found.add(str(path.relative_to(package)))
    assert found == allowed
