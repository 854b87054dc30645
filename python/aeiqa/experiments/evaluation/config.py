#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""What can be evaluated: the links, and what is done over them."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ...link.config import LinkConfig

LINK_SETS = ("table2", "physical")
PHYSICAL_SNR_DB = (0.0, 5.0, 10.0, 15.0)


class EvaluationLink(NamedTuple):
    """One link; all images of the data set go over it."""

    preset: str
    channel: str
    modulation: str
    snr_db: float

    @property
    def key(self) -> str:
        """The link as a file name."""
        return f"{self.preset}-{self.channel}-{self.modulation}-{self.snr_db:.10g}dB"

    def config(self, seed: int) -> LinkConfig:
        """Return the link itself."""
        return LinkConfig(**self._asdict(), seed=seed)


@dataclass(frozen=True)
class EvaluationConfig:
    """What to evaluate. The defaults are everything for MNIST: 64 links, 10,000 images, four targets.

    Attributes:
        dataset: a data set as ``load_dataset`` takes it; its test images go over the links.
        images: how many of them (spread over the set); None for all.
        targets: names in ``iqa.TARGETS``, or the user's own, as ``iqa.load_target`` takes them; None: all
            that there are models of.
        scores: names in ``iqa.SCORES``; None: all that there are models of.
        links: sets of links: "table2" (the paper's own 32) and "physical" (as many physical ones).
        seed: of noise and fading.
        models: folder with models; None: the project's own for this data set.
    """

    dataset: str = "mnist"
    images: int | None = None
    targets: tuple[str, ...] | None = None
    scores: tuple[str, ...] | None = None
    links: tuple[str, ...] = LINK_SETS
    seed: int = 1
    models: Path | None = None
