#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Locales in which letters, their order or the decimal point are others than in English."""

LOCALES = ("tr_TR", "az_AZ", "de_DE", "ja_JP")


def has_locale(folder, name):
    """Return whether a locale could be made."""
    return (folder / f"{name}.UTF-8" / "LC_CTYPE").exists()
