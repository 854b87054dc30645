#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The settings of a sweep."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

from ... import iqa
from ...errors import InputError
from ...fields import check_fields, choice, documented, path, several, text, whole
from ...images import DATASET_HELP, NAMED_SETS
from ...iqa.classifiers.user_network import USER_CLASSIFIER_HELP
from ...iqa.networks.devices import device_field
from ...link.config import CHANNELS, MODULATIONS, PRESETS
from . import grid
from .stopping import DEFAULT_MOST, StoppingRule, parse_until
from .unit import SCORES, SSIM_WINDOWS


def _background(text: str, option: str) -> str | int | None:
    if text in ("auto", "none"):
        return "auto" if text == "auto" else None
    try:
        value = int(text)
        if not 0 <= value <= 255:
            raise ValueError
        return value
    except ValueError:
        message = f"{option} must be a whole number from 0 to 255, none or auto, got {text!r}"
        raise InputError(message) from None


@documented
@dataclass(frozen=True)
class SweepConfig:
    """Settings of a sweep. The defaults are the paper's Table II: 32 links, all 10,000 MNIST test images.

    ``link`` holds further fields of ``LinkConfig`` for every link (``seed``, ``labels``, ``fft_len`` ...).

    Raises:
        InputError: naming the field, its value and what is allowed.
    """

    preset: str = choice("table2", PRESETS, "the paper's own link or a physical one")
    channels: tuple[str, ...] = several(
        grid.CHANNELS, "channels; every combination with modulations and SNRs is a row", CHANNELS
    )
    modulations: tuple[str, ...] = several(grid.MODULATIONS, "modulations", MODULATIONS)
    snr_db: tuple[float, ...] = several(
        grid.SNR_DB,
        "SNRs, as 0,5,10 or 0:15:5 (first:last:step)",
        unit="dB",
        option="snr",
        metavar="DB,...",
        parse=grid.parse_snr,
        schema=grid.SNR_SCHEMA,
    )
    images: Optional[int] = whole(None, "images of the set, spread over it", none="all", word="all")
    dataset: str = text("mnist", DATASET_HELP, metavar="NAME|DIR|FILE")
    background: str | int | None = text(
        "auto",
        "value of black pixels, 0 to 255; none: as they are; auto: 20 for the two MNISTs",
        metavar="N|none|auto",
        parse=_background,
        schema={"anyOf": [{"enum": ["auto", "none"]}, {"type": "integer", "minimum": 0, "maximum": 255}]},
    )
    target: Optional[str | iqa.UserClassifier] = text(  # noqa: RUF009
        "paper",
        "the classifier: paper, lenet, wide, robust; none: the link alone, without torch; or your own: "
        f"{USER_CLASSIFIER_HELP}",
        none="the link alone",
        metavar="NAME|FILE",
        word="none",
    )
    link: Mapping[str, object] = field(default_factory=dict)
    score: Optional[str] = choice(
        None,
        SCORES,
        "prediction of the classifier's error",
        none=f"{iqa.default_score(own=False)}; of your own classifier {iqa.default_score(own=True)} if there "
        "are models of it, else no score",
    )
    models: Optional[Path] = path(
        "models of targets and scores, as ./aeiqa train makes them", none="the data set's own"
    )
    ssim_window: str = choice(
        "gaussian",
        tuple(SSIM_WINDOWS),
        "window of SSIM: MATLAB's Gaussian (11x11, sigma 1.5), or 5x5 uniform",
    )
    until: Optional[str] = text(
        None,
        "repeat the images with fresh noise until each link's 95 % interval of the error is so narrow: "
        "error:1 for plus or minus one point",
        none="every image once",
        metavar="error:POINTS",
    )
    min_bit_errors: Optional[int] = whole(
        None, "repeat them until each link has had so many wrong bits", low=1, none="every image once"
    )
    draws: int = whole(
        1,
        "times that all images are sent over each link, each time with fresh noise and fading; from 2 on the "
        "table has their 5 and 95 % quantiles too",
        1,
        10_000,
    )
    max_images: Optional[int] = whole(
        None, "images of a link after which none is repeated any more", low=1, none=f"{DEFAULT_MOST}"
    )
    device: str = device_field()

    def __post_init__(self) -> None:
        """Check what can be checked without the data."""
        check_fields(self)
        if self.until is not None:
            parse_until(self.until)
            if self.target is None:
                raise InputError(f"until: {self.until} needs a classifier, but target is none")
        if self.max_images is not None and self.stopping is None:
            raise InputError(
                f"max_images: {self.max_images} needs until or min_bit_errors, which repeat images"
            )

        if self.draws > 1 and self.stopping is not None:
            raise InputError(
                f"draws: {self.draws} repeat all images, until and min_bit_errors some: choose one of the two"
            )

    @property
    def stopping(self) -> Optional[StoppingRule]:
        """The rule that ends the repetition of images; None: every image is sent once."""
        if self.until is None and self.min_bit_errors is None:
            return None
        points = None if self.until is None else parse_until(self.until)
        return StoppingRule(points, self.min_bit_errors, self.max_images or DEFAULT_MOST)

    @property
    def score_name(self) -> Optional[str]:
        """The score asked for, else the target's default; None without a score."""
        if self.target is None or self.score is not None:
            return self.score
        if iqa.is_own(self.target):
            return None if self.models is None else iqa.default_score(own=True)
        return iqa.default_score(own=False)

    @property
    def models_folder(self) -> Optional[Path]:
        """Folder of the models; None if none are needed. ``InputError`` if the data set has no models."""
        if self.models is not None or self.target is None or iqa.is_own(self.target):
            return self.models
        from ...iqa.networks.model_files import models_dir  # imports torch

        return models_dir(dataset=self.dataset)


def source_of(name: str) -> str:
    """A data set or target as any folder can load it again: a name of the project's own, or a whole path."""
    path = Path(name)
    own = name in (*NAMED_SETS, *iqa.TARGETS)
    return str(path.resolve()) if path.exists() and not own else name
