#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Settings of a network's training; needs no torch."""

from dataclasses import MISSING, dataclass

from ...fields import check_fields, documented, real, switch, whole


@documented
@dataclass(frozen=True)
class TrainingSettings:
    """Training of a network. Adam (Kingma and Ba 2015), its rate falling to zero along half a cosine.

    What comes out is the running mean of the weights (Polyak and Juditsky 1992), each step's counting
    ``averaging`` times that of the step after: it generalises as a smaller rate would, without its bias.

    Raises:
        InputError: naming the field, its value and what is allowed.
    """

    epochs: int = whole(MISSING, "passes over the images", 1)
    seed: int = whole(1, "seed of weights and order", 0)
    threads: int = whole(1, "threads for torch; another number rounds sums in another order", 1)
    batch: int = whole(128, "images of each step", 1, unit="images")
    learning_rate: float = real(1e-3, "rate of the first step", 0, open_low=True)
    averaging: float = real(
        0.999, "weight of each step in the running mean against the step after", 0, 1, open_high=True
    )
    noise: bool = switch(
        False, "whether every image is damaged by ``noise.random_bit_flips``, anew in every epoch"
    )

    def __post_init__(self) -> None:
        """Check everything."""
        check_fields(self)
