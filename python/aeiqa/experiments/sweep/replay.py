#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Single images of a sweep once more over its links: a sweep keeps measurements, not pictures."""

from functools import cached_property

import numpy as np

from ...errors import InputError
from ...images import Dataset, load_dataset
from ...link.config import LinkConfig
from ...link.simulated import transmit
from .results import Results


class Replayer:
    """Sends images of a sweep again. Noise and fading are keyed, so they arrive exactly as they did."""

    def __init__(self, results: Results) -> None:
        self._results = results

    @cached_property
    def dataset(self) -> Dataset:
        """The images that were swept. Raises ``InputError`` if they are gone or have changed."""
        configuration = self._results.configuration
        source = self._results.run.get("dataset_source", configuration["dataset"])
        dataset = load_dataset(source, background=configuration["background"])
        if configuration["images"] != len(dataset):
            dataset = dataset.take(configuration["images"])
        if dataset.digest != configuration.get("dataset_digest"):
            raise InputError(f"{source} no longer holds the images that were swept")
        return dataset

    def link(self, channel: str, modulation: str, snr_db: float) -> LinkConfig:
        """Return the link of one row of the sweep's table."""
        fields = self._results.configuration["link"][channel]
        return LinkConfig(**fields | {"channel": channel, "modulation": modulation, "snr_db": snr_db})

    def received(self, position: int, channel: str, modulation: str, snr_db: float) -> np.ndarray:
        """Return what arrived of the image at ``position`` of the swept ones."""
        image = [self.dataset.images[position]]
        return transmit(image, self.link(channel, modulation, snr_db), first_index=position).images[0]
