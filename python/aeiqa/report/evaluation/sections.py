#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The sections that an evaluation of scores fills."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from ...experiments.evaluation.results import Evaluation
from ...experiments.evaluation.summary import TOP5_COLUMN
from ...iqa.classifiers.clean_errors import clean_errors_of
from .. import gallery
from ..section import Drawing, Section
from .figures import draw_scores
from .verdict_text import blocks


def clean_section(run: Mapping[str, Any]) -> list[Section]:
    """A user's classifier on undamaged pictures, those here and those of its scores' fit; nothing if unknown.

    Raises ``InputError`` if run.json tells it wrongly.
    """
    found = clean_errors_of(run)
    if not found:
        return []
    rows = []
    for clean in found:
        sets = [("these pictures", clean.here), ("those of the scores' fit", clean.fitted)]
        for name, error in (each for each in sets if each[1] is not None):
            low, high = error.interval
            cells = [f"{error.images:,}", f"{error.wrong:,}", f"{error.pct:.2f}", f"{low:.2f} to {high:.2f}"]
            rows.append((clean.target, name, cells))
    warnings = " ".join(clean.warning for clean in found if clean.warning)
    text = warnings or "The classifier's error on pictures as they are, before any link."
    heads = ("classifier", "pictures", "number", "misclassified", "error, %", "95 % interval, %")
    return [Section("clean", "Error without any link", text, heads=heads, rows=rows)]


def trust_section(evaluation: Evaluation) -> list[Section]:
    """The verdict on the learned scores; nothing if none of them was evaluated."""
    if not evaluation.verdicts:
        return []
    text = (
        "How far a score's prediction is from the target's error rate over each link, in points (percentage "
        "points), and how well it tells wrong images from right ones (AUROC: 1 always, 0.5 by chance). The "
        "reference score has to know features of the image sent, the blind score what the target answered."
    )
    return [
        Section(
            "trust",
            "Which score to trust",
            text,
            verdict=blocks(evaluation.verdicts, clean_errors_of(evaluation.run)),
        )
    ]


def evaluation_section(evaluation: Evaluation) -> Section:
    """Every score against the true error, in figures; the page puts the tables before them."""
    section = partial(Section, "evaluation", "Every score, and the baselines")
    if not evaluation.rows:
        return section(absent="this folder holds no evaluation (./aeiqa evaluate makes one)")
    drawings = []
    for variant, title, text in (
        ("fitted", "Fitted", "fitted to each target on training images with random bit errors"),
        ("raw", "Raw", "as the scores say it without any fit; those that name no share are left out"),
    ):
        if evaluation.scores(variant):
            caption = (
                f"Predicted against true error, {text}. Each point is a link and target, the mean over "
                "training seeds; beside the name the mean distance from the line in points, smallest first."
            )
            alt = f"A scatter plot for each score, predicted against true error, {title.lower()}."
            draw = partial(draw_scores, evaluation, variant)
            drawings.append(Drawing(f"scores_{variant}", caption, alt, draw, narrow=True, title=title))
    text = (
        "Mean and largest distance between predicted and true error over the links, in points, and how well "
        "the score tells wrong images from right ones inside a link (AUROC, 0.5 is chance). Reference knows "
        "features of the image sent, blind what the target answered, blind-no-answer only what arrived; the "
        "others are the paper's score, its variational variant and baselines."
    )
    top5 = {(row["target"], row["links"]): row.get(TOP5_COLUMN) for row in evaluation.summary}
    known = [f"{pct:.1f} % ({', '.join(key)})" for key, pct in top5.items() if pct is not None]
    if known:
        text += " Mean share of pictures whose class is not among the five likeliest (top-5 error): "
        text += f"{', '.join(known)}."
    return section(text=text, drawings=drawings)


def misjudged_section(evaluation: Evaluation) -> Section:
    """Images that each score got most wrong, a group of figures for each target."""
    section = partial(Section, "mistakes", "What each score got most wrong")
    drawings = []
    for target, scores in evaluation.mistakes.items():
        for score in evaluation.scores("fitted"):
            if any(scores.get(score, ())):
                draw, tiles = (partial(make, scores[score]) for make in gallery.MAKERS)
                file = f"worst_{file_name(target)}_{file_name(score)}"
                alt = f"Target {target}: {mistakes_alt(score)}"
                group = f"Classified by {target}"
                drawings.append(Drawing(file, "", alt, draw, title=score, group=group, tiles=tiles))
    if not drawings:
        return section(absent="this folder holds no pictures of them; the same ./aeiqa evaluate adds them")
    text = (
        "The images that a score trusted most though the target misclassified them, and doubted most though "
        "it classified them correctly. Above, each image as it was sent; below, as it arrived; then the "
        "target's answer, the fitted score's value (0: sure to be classified correctly, 1: sure not to be) "
        "and the link. No link comes twice."
    )
    return section(text=text, drawings=drawings)


def mistakes_alt(name: str) -> str:
    """Text alternative of such a figure."""
    return (
        f"Images that {name} trusted though they were misclassified, and images it doubted though they were "
        "not; each as sent, as it arrived, and with the link it crossed."
    )


def file_name(name: str) -> str:
    """A target's or score's name as part of a file's name."""
    return re.sub(r"[^\w.-]+", "-", name)
