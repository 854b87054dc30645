#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The exception for what a user got wrong."""


class InputError(ValueError):
    """A mistake in what the user gave: a file, a field or an option.

    The message is one line that names the thing, the value it has and what is allowed. Command lines print it
    without a traceback and exit with status 2; library users can catch it as a ``ValueError``.
    """


class ImageShapeError(InputError):
    """An image of a shape that a model or a metric does not take.

    A receiver that hears more than one transmitter tells a stranger's images by this from mistakes.
    """
