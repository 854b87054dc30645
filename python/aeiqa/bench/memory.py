#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Peak memory of one link run, in a process of its own: ``python -m gnuradio.aeiqa.bench.memory IMAGES``."""

import json
import subprocess
import sys
from dataclasses import dataclass

from ..errors import InputError
from ..link.simulated import LinkConfig, transmit
from . import mnist_images

SIZES = (1000, 10000)


@dataclass(frozen=True)
class Peak:
    """Peak memory of a process that sends ``images`` pictures, and the memory of these pictures alone."""

    images: int
    peak_bytes: int
    image_bytes: int


def measure_memory(sizes: tuple[int, int] = SIZES) -> tuple[Peak, Peak]:
    """Return the peaks for two numbers of images, each from a fresh interpreter."""
    return tuple(_in_new_process(size) for size in sizes)


def growth(small: Peak, large: Peak) -> float:
    """Peak of the larger run, less its images (as sent), over that of the smaller run.

    1 means that nothing but the images themselves grows.
    """
    return (large.peak_bytes - large.image_bytes) / small.peak_bytes


def _in_new_process(images: int) -> Peak:
    command = [sys.executable, "-m", __name__, str(images)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = (done.stderr.strip() or f"exit status {done.returncode}").splitlines()[-1]
        raise InputError(f"measuring memory with {images} images failed: {reason}")
    return Peak(**json.loads(done.stdout.splitlines()[-1]))


def _run(images: int) -> Peak:
    pictures = mnist_images(images)
    transmit(pictures, LinkConfig(preset="physical", modulation="qam16", channel="rayleigh", snr_db=10.0))
    return Peak(images, _peak_bytes(), pictures.nbytes)


def _peak_bytes() -> int:
    # getrusage's ru_maxrss survives exec, so a large parent would show in it; VmHWM begins with the process.
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) * 1024


if __name__ == "__main__":
    print(json.dumps(vars(_run(int(sys.argv[1])))))
