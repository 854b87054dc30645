#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The link's constellations as objects of gr-digital, for flowgraphs made of its blocks."""

from gnuradio import digital

from ..aeiqa_python import qam_mapper


def constellation(modulation: str = "qam16", labels: str = "gray") -> digital.constellation_calcdist:
    """Return the constellation of ``qam_mapper`` and ``qam_demapper`` as gr-digital's blocks take it.

    ``points()[n]`` is the point of label n, unit mean energy, labels read most significant bit first:
    ``digital.chunks_to_symbols`` then maps and ``digital.constellation_decoder_cb`` decides as our blocks do.
    What gr-digital's soft decoder makes of it, docs/drop-in.md says.

    Args:
        modulation: bpsk, qpsk, qam16, qam64, qam256 or qam1024.
        labels: gray or natural.

    Raises:
        ValueError: the modulation or the labels are none of these.
    """
    points = qam_mapper(modulation=modulation, labels=labels).points()
    # No differential code: it would be a second labelling on top of the points' order. The rotational
    # symmetry is only looked at by blocks that resolve phase ambiguities with such a code.
    symmetry = 2 if modulation == "bpsk" else 4
    return digital.constellation_calcdist(
        list(points), [], symmetry, 1, digital.constellation.NO_NORMALIZATION
    )
