#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The verdict on the learned scores in words: which to trust, and which target defeats which."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple, Optional

from ... import metrics
from ...experiments.evaluation.verdict import AIMS, RIGHT_COVERAGE_PCT, Measure, Miss, Verdict
from ...iqa.classifiers.clean_errors import CleanErrors
from ...iqa.scores.base import Aim
from ..text import NAMES

LINKS = {"table2": "the links of Table II", "physical": "physical links"}
NARROW_PCT = 90.0  # a share of links inside a 95 % interval below which it is called too narrow
_DIGITS = {"mean": 2, "max": 1, "auroc": 3}
HEADS = ("points off, average", "points off, worst", "AUROC", "in 95 % interval")


class Cell(NamedTuple):
    """A cell: text, below it the range over training seeds, and whether its aim is met (None: has none)."""

    text: str
    small: str
    met: Optional[bool]


class Line(NamedTuple):
    """Text on a target: scores that meet their aims, scores to trust, scores that it defeats."""

    target: str
    scores: tuple[tuple[str, bool], ...]
    advice: str
    defeats: tuple[str, ...]


class Group(NamedTuple):
    """A score's part of the table: its aims, and a row for each target, with cells under ``HEADS``."""

    score: str
    aims: str
    rows: tuple[tuple[str, tuple[Cell, ...], bool], ...]


@dataclass(frozen=True)
class Block:
    """All that is said of one data set over one set of links."""

    title: str
    lines: tuple[Line, ...]
    groups: tuple[Group, ...]
    notes: tuple[str, ...]


def blocks(found: Sequence[Verdict], clean: Sequence[CleanErrors] = ()) -> list[Block]:
    """Return a block for each set of links and data set of ``found``, in its order.

    ``clean``: what is known of the targets' errors on undamaged pictures; it explains what was missed.
    """
    made = []
    for (dataset, links), members in groupby(found, key=lambda v: (v.dataset, v.links)):
        members = list(members)
        count = max(v.n_links for v in members)
        made.append(
            Block(
                f"{dataset}, {LINKS[links]}: {count} links",
                tuple(_line(target, own) for target, own in _by(members, "target")),
                tuple(
                    Group(score, aims_text(AIMS[score]), tuple(map(_row, own)))
                    for score, own in _by(members, "score")
                ),
                (
                    *(_interval_note(score, own, clean) for score, own in _by(members, "score")),
                    *(each.warning for each in clean if each.target in {v.target for v in members}),
                    _chance(members),
                ),
            )
        )
    return made


def verdict_text(found: Sequence[Verdict], clean: Sequence[CleanErrors] = ()) -> str:
    """Return the verdict for reading in a terminal; ``clean`` as for ``blocks``."""
    lines = []
    for block in blocks(found, clean):
        lines += ["", f"Which score to trust: {block.title}"]
        for line in block.lines:
            lines += [f"  {line.target}: {line.advice}", *(f"    {text}" for text in line.defeats)]
        lines += [f"  {note}" for note in block.notes if note]
    return "\n".join(lines).lstrip("\n")


def cards(found: Sequence[Verdict]) -> list[tuple[str, str]]:
    """Return for each score what it amounts to over the first set of links: (figure, what it is)."""
    first = [v for v in found if (v.dataset, v.links) == (found[0].dataset, found[0].links)] if found else []
    made = []
    for score, own in _by(first, "score"):
        mean = sum(v.mean.value for v in own) / len(own)
        worst = max(own, key=lambda v: v.largest.value)
        met = sum(v.met for v in own)
        text = (
            f"off on average: the {score} score over {LINKS[worst.links]}; {_shown(worst.largest)} at worst, "
            f"for {worst.target}; within its aims for {met} of {len(own)} targets"
        )
        made.append((f"{mean:.2f} points", text))
    return made


def aims_text(aim: Aim) -> str:
    """Return what is aimed at, in a line."""
    return (
        f"aims: off by at most {aim.mean_points:g} on average and {aim.max_points:g} points at worst, "
        f"AUROC at least {aim.auroc:g}"
    )


def _by(found: Sequence[Verdict], name: str) -> list[tuple[str, list[Verdict]]]:
    keys = dict.fromkeys(getattr(v, name) for v in found)
    return [(key, [v for v in found if getattr(v, name) == key]) for key in keys]


def _line(target: str, own: Sequence[Verdict]) -> Line:
    ranked = sorted(own, key=lambda v: v.mean.value)
    kept = [v for v in ranked if v.met]
    if not kept:
        advice = f"no score keeps to its aims; the closest is the {_how_far(ranked[0])}."
    elif len(kept) == 1:
        advice = f"trust the {_how_far(kept[0])}."
    else:
        advice = f"trust either: the {_how_far(kept[0])}; {'; '.join(map(_how_far, kept[1:]))}."
    if kept and ranked[0] not in kept and {m.name for m in ranked[0].missed} == {"auroc"}:
        advice += f" Of the error rate alone the {_how_far(ranked[0])}, says more."
    defeats = tuple(f"{target} defeats {_defeat(v)}" for v in ranked if not v.met)
    return Line(target, tuple((v.score, v.met) for v in own), advice[0].upper() + advice[1:], defeats)


def _how_far(verdict: Verdict) -> str:
    mean, largest = _shown(verdict.mean), _shown(verdict.largest)
    return f"{verdict.score} score, {mean} points off on average and {largest} at worst"


def _defeat(verdict: Verdict) -> str:
    words = {
        "mean": "{} points off on average (aim: at most {:g}{})",
        "max": "{} points off at worst (aim: at most {:g}{})",
        "auroc": "AUROC {} (aim: at least {:g}{})",
    }
    parts = []
    for measure in verdict.missed:
        spread = _spread(measure, " to ")
        more = f"; {spread} by training seed" if spread else ""
        parts.append(words[measure.name].format(_shown(measure), measure.aim, more))
    text = f"{verdict.score}: {', '.join(parts)}."
    if verdict.worst is not None and any(measure.name != "auroc" for measure in verdict.missed):
        text += f" Furthest off over {_miss(verdict.worst, verdict.seeds)}."
    return text


def _miss(miss: Miss, seeds: int) -> str:
    channel, modulation, snr = miss.link
    seed = f", training seed {miss.seed}" if seeds > 1 else ""
    link = f"{NAMES.get(channel, channel)} {NAMES.get(modulation, modulation)} {snr:g} dB"
    return f"{link}: predicted {miss.predicted_pct:.1f} %, true {miss.true_pct:.1f} %{seed}"


def _row(verdict: Verdict) -> tuple[str, tuple[Cell, ...], bool]:
    cells = [Cell(_shown(m), _spread(m), m.met) for m in verdict.measures]
    inside = "-" if verdict.coverage_pct is None else f"{verdict.coverage_pct:.0f} %"
    return verdict.target, (*cells, Cell(inside, "", None)), verdict.met


def _shown(measure: Measure) -> str:
    """The value, with digits enough that it does not seem to meet an aim that it misses."""
    if measure.value is None:
        return "-"
    digits = _DIGITS[measure.name]
    while measure.met is False and round(measure.value, digits) == measure.aim and digits < 9:
        digits += 1
    return f"{measure.value:.{digits}f}"


def _spread(measure: Measure, dash: str = "–") -> str:
    if None in (measure.low, measure.high) or measure.low == measure.high:
        return ""
    digits = _DIGITS[measure.name]
    return f"{measure.low:.{digits}f}{dash}{measure.high:.{digits}f}"


def _interval_note(score: str, own: Sequence[Verdict], clean: Sequence[CleanErrors]) -> str:
    known = [(v.coverage_pct, v.n_links * v.seeds) for v in own if v.coverage_pct is not None]
    if not known:
        return ""
    count = sum(n for _, n in known)
    inside = round(sum(share * n / 100 for share, n in known))
    least, most = min(known)[0], max(known)[0]
    share = 100 * inside / count
    text = f"{inside} of {count} true errors ({share:.0f} %) lie inside the {score} score's 95 % intervals"
    if least != most:
        text += f", {least:.0f} to {most:.0f} % from target to target"
    if share < NARROW_PCT:
        targets = {v.target for v in own}
        gaps = [each for each in clean if each.target in targets and not each.explained]
        if gaps:
            return (
                f"{text}: they are too narrow, as undamaged pictures here are misclassified "
                f"{gaps[0].here.pct:.1f} % of the time and those of the fit {gaps[0].fitted.pct:.1f} %."
            )
        if targets <= {each.target for each in clean if each.fitted is not None}:
            return f"{text}: they are too narrow, as damage over these links is unlike that fitted to."
        return f"{text}: they are too narrow, as they do not know what is special about a link."
    return f"{text}, where {RIGHT_COVERAGE_PCT:g} % should."


def _chance(own: Sequence[Verdict]) -> str:
    """Text on the accuracy that the number of images allows: half a 95 % interval of a share of one half."""
    images = max(v.n_images for v in own)
    if not images:
        return ""
    low, high = metrics.binomial_interval(images / 2, images)
    points = 50 * (high - low)
    return (
        f"Over each link go {images:,} images: chance alone moves a true error by up to {points:.1f} points, "
        "19 times of 20."
    )
