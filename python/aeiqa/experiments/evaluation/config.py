#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Settings of an evaluation, and its links."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ...fields import check_fields, documented, parse_names, path, several, text, whole
from ...images import DATASET_HELP
from ...iqa import UserClassifier
from ...iqa.classifiers.user_network import USER_CLASSIFIER_HELP
from ...iqa.networks.devices import device_field
from ...link.config import LinkConfig
from ..csv_tables import snr_text

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
        return f"{self.preset}-{self.channel}-{self.modulation}-{snr_text(self.snr_db)}dB"

    def config(self, seed: int) -> LinkConfig:
        """Return the link itself."""
        return LinkConfig(**self._asdict(), seed=seed)


def _links(text: str, option: str) -> tuple[str, ...]:
    return LINK_SETS if text == "all" else parse_names(text, option)


@documented
@dataclass(frozen=True)
class EvaluationConfig:
    """Settings of an evaluation; by default everything for MNIST: 64 links, 10,000 images, four targets.

    Raises:
        InputError: naming the field, its value and what is allowed.
    """

    dataset: str = text("mnist", DATASET_HELP, metavar="NAME|DIR|FILE")
    images: int | None = whole(None, "test images of the set, spread over it", none="all", word="all")
    targets: tuple[str | UserClassifier, ...] | None = several(
        None,
        f"classifiers: paper, lenet, wide, robust, or your own: {USER_CLASSIFIER_HELP}",
        none="all that there are models of",
        word="all",
    )
    scores: tuple[str, ...] | None = several(
        None, "scores: paper, reference, blind ...", none="all that there are models of", word="all"
    )
    links: tuple[str, ...] = several(
        LINK_SETS,
        "sets of links, or all: the paper's own 32, and as many physical ones",
        LINK_SETS,
        parse=_links,
        schema={
            "anyOf": [
                {"type": "string", "pattern": "^(all|(table2|physical)(,(table2|physical))*)$"},
                {"type": "array", "items": {"enum": [*LINK_SETS]}, "minItems": 1, "uniqueItems": True},
            ]
        },
    )
    seed: int = whole(1, "seed of noise and fading", 0, 2**64 - 1)
    models: Path | None = path("models, as ./aeiqa train makes them", none="the data set's own")
    device: str = device_field()

    def __post_init__(self) -> None:
        """Check what can be checked without the data."""
        check_fields(self)
