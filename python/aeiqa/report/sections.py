#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The sections of a report: which figures there are for these results, and why others are not."""

from functools import partial

from ..experiments.adaptation.results import Adaptation
from ..experiments.results import Loaded
from ..experiments.sweep.results import Results, summarise
from ..iqa import default_score, score_title
from . import gallery
from .adaptation import figures as adapted
from .draws import agreement_lines
from .evaluation.sections import (
    clean_section,
    evaluation_section,
    misjudged_section,
    mistakes_alt,
    trust_section,
)
from .section import Drawing, Section
from .sweep import figures, pictures
from .sweep.agreement import draw_agreement
from .text import NAMES, answer_text

_NO_PICTURES = "this folder holds no pictures; the same ./aeiqa sweep adds them"


def sections(loaded: Loaded) -> list[Section]:
    """Return the figures' sections, in the page's order, for a sweep, an evaluation or a comparison."""
    results, evaluation, adaptation = loaded
    if adaptation.rows:
        return [_adaptation(adaptation)]
    if results is None:
        return [
            *clean_section(evaluation.run),
            *trust_section(evaluation),
            evaluation_section(evaluation),
            misjudged_section(evaluation),
        ]
    return [
        _error(results),
        *(clean_section(results.run) if results.clean is not None and results.clean.fitted else []),
        _predicted(results),
        *trust_section(evaluation),
        evaluation_section(evaluation),
        _mistakes(results),
        _ber(results),
        *([_agreement(results)] if results.draws > 1 and results.paper else []),
        _quality(results),
        _photograph(results),
        _image(results),
    ]


def _error(results: Results) -> Section:
    section = partial(Section, "error", "Error rate against SNR")
    if results.configuration.get("target") is None:
        return section(absent="no classifier read these images")
    caption = (
        "Share of the images that the classifier misclassifies after each link: lines with their "
        "95 % intervals."
    )
    if any(row["iqa_error_pct"] is not None for row in results.rows):
        caption += (
            " White markers just beside them: what the score predicts from the images that arrived, without "
            "knowing any label."
        )
    if results.clean_error_pct is not None:
        caption += f" Dotted: {results.clean_error_pct:.1f} % without a link."
    alt = "Share of misclassified images against SNR, a curve for each modulation, a panel for each channel."
    draw = partial(figures.draw_error, results)
    drawing = Drawing("error", caption, alt, draw, narrow=True)
    return section(text=answer_text(results), drawings=[drawing])


def _predicted(results: Results) -> Section:
    section = partial(Section, "predicted", "Predicted and true error")
    if summarise(results.rows) is None:
        return section(absent="there is no score of these images beside a classifier's error")
    own = results.configuration.get("score", default_score(own=False))
    warnings = [results.clean.warning] if results.clean is not None and results.clean.warning else []
    caption = (
        f"Each point is a link: what the {own} score says of the images that arrived, against the share "
        "that the classifier really misclassifies. On the line the score would be exact; above it, it is too "
        "pessimistic. Bars are 95 % intervals of the score."
    )
    if results.paper:
        caption += " The paper's own figures lie well above the line over Rayleigh links."
    caption = " ".join([caption, *warnings])
    alt = "Scatter plot of the predicted against the true error of the classifier, a point for each link."
    draw = partial(figures.draw_predicted, results)
    return section(drawings=[Drawing("predicted", caption, alt, draw, narrow=True)])


def _adaptation(adaptation: Adaptation) -> Section:
    limit = f"{adaptation.limit_pct:g} %"
    drawings = [
        Drawing(
            "adaptation",
            f"Images a second of each way to choose modulation and copies, and the error rate beside it; "
            f"hollow where that is more than {limit}. Bars: 95 % intervals from the spread between traces.",
            "Bars of images a second for each policy, a panel for each condition of the channel.",
            partial(adapted.draw_speed, adaptation),
            narrow=True,
        ),
        Drawing(
            "adaptation_frontier",
            f"Each policy told to keep to errors from 2 to 12 %; dotted {limit}. Higher is faster, further "
            "left is better read.",
            "Images a second against the error rate, a curve for each policy.",
            partial(adapted.draw_frontier, adaptation),
            narrow=True,
        ),
        Drawing(
            "adaptation_trace",
            "The beginning of a trace: the receiver's SNR, the modes chosen, the error rate and images "
            "a second so far. Shaded where the channel changes within a frame, or interference comes in "
            "bursts.",
            "SNR, modes, error and images a second over the images of a trace.",
            partial(adapted.draw_trace, adaptation),
            narrow=True,
        ),
    ]
    text = (
        f"Images a second over a fading channel, at most {limit} of them misclassified: modulation and "
        "copies fixed; chosen by a table from the receiver's SNR, with thresholds fitted to other traces of "
        "the same condition, to traces of the condition still, or made for white noise; by the predicted "
        "error, with and without that SNR; and by a genie who knows how every image would fare in every mode."
    )
    heads, rows = adapted.table(adaptation)
    return Section("adaptation", "Link adaptation", text, drawings, heads=heads, rows=rows)


def _mistakes(results: Results) -> Section:
    section = partial(Section, "mistakes", "What each score got most wrong")
    if results.configuration.get("target") is None:
        return section(absent="no classifier read these images")
    if results.pictures is None:
        return section(absent=_NO_PICTURES)
    drawings = []
    own = results.configuration.get("score", default_score(own=False))
    names = {"score": (score_title(own), ""), **gallery.MEASURES}
    for field, found in results.pictures.mistakes.items():
        name, unit = names[field]
        draw, tiles = (partial(make, found, unit) for make in gallery.MAKERS)
        file = f"worst_{field.removesuffix('_db')}"
        drawings.append(Drawing(file, "", mistakes_alt(name), draw, title=name, tiles=tiles))
    text = (
        "Above, each image as it was sent; below, as it arrived; then what the classifier read, the score's "
        "value and the link. Only images are shown that were classified correctly before they were sent."
    )
    return (
        section(text=text, drawings=drawings)
        if drawings
        else section(absent="no image was misclassified that had been classified correctly as sent")
    )


def _ber(results: Results) -> Section:
    caption = (
        "Markers are bit errors counted over all images, with 95 % intervals that allow for all bits of an "
        "image sharing its fading; lines are closed forms for this constellation and labelling, all labels "
        "equally often."
    )
    if results.paper:
        caption += (
            " Over AWGN the markers lie beside the lines, not on them, as an image's bits are not equally "
            "often zero and one. The paper's Rayleigh link is no fading channel and has no closed form."
        )
    alt = "Bit error rate against SNR on a logarithmic axis, measured, by theory and from the paper."
    drawing = Drawing(
        "ber",
        caption,
        alt,
        partial(figures.draw_ber, results),
        narrow=True,
    )
    return Section("ber", "Bit error rate against theory", drawings=[drawing])


def _agreement(results: Results) -> Section:
    caption = (
        "Bars: 5 to 95 % of our draws, less their mean. The paper's value: a green point inside, a red cross "
        "outside; none where a PSNR is infinite. Each of the paper's Rayleigh rows is one draw, since one "
        "noisy symbol made the channel estimate of all its images. Its bit error rates are of other data."
    )
    alt = (
        "The paper's value against the interval of our draws, a line for each link, a panel for each column."
    )
    drawing = Drawing("agreement", caption, alt, partial(draw_agreement, results), narrow=True)
    text = " ".join(agreement_lines(results))
    return Section("agreement", "The paper's values among our draws", text=text, drawings=[drawing])


def _quality(results: Results) -> Section:
    which = (
        "the images that the classifier gets right, the paper's as crosses" if results.paper else "all images"
    )
    caption = (
        f"Means over {which}. PSNR is missing where an image arrived without error, as its mean is "
        "infinite then. PIQE was made for photographs: on digits it says next to nothing about the damage."
    )
    alt = "PSNR, SSIM and PIQE of the received images against SNR, a curve for each modulation and channel."
    drawing = Drawing("fig6_quality", caption, alt, partial(figures.draw_quality, results), narrow=True)
    return Section("quality", f"Image quality against SNR{_paper(results, '6')}", drawings=[drawing])


def _photograph(results: Results) -> Section:
    section = partial(Section, "photograph", f"A photograph over the same links{_paper(results, '3')}")
    if results.pictures is None:
        return section(absent=_NO_PICTURES)
    picture = results.pictures.photograph
    if picture is None:
        return section(absent="scikit-image came without its photograph where this was swept")
    drawings = []
    for channel, passages in results.pictures.receptions.items():
        caption = (
            "Left: points sent (orange) and what the receiver decides on (blue), in phase (I) and in "
            "quadrature (Q). Middle: the picture as it arrived. Right: how often each value from 0 to 255 of "
            "red, green and blue occurs, sent (filled) and received (line); noise flattens it."
        )
        alt = f"Constellation, received photograph and colour histograms of {NAMES[channel]} links."
        draw = partial(pictures.draw_photograph, picture, passages)
        file = f"fig3_photograph_{channel}"
        drawings.append(Drawing(file, caption, alt, draw, title=NAMES[channel]))
    return section(text="Chelsea the cat, who comes with scikit-image.", drawings=drawings)


def _image(results: Results) -> Section:
    section = partial(Section, "image", f"One image over every link{_paper(results, '4 and 5')}")
    if results.pictures is None:
        return section(absent=_NO_PICTURES)
    strips = results.pictures.strips
    drawings = []
    for strip, figure in zip(strips, ("fig4", "fig5"), strict=False):
        cell = strip.sent
        rebuilt = " and below it what the autoencoder makes of it" if cell.rebuilt is not None else ""
        answer = "; the mark says whether the classifier reads it right" if cell.answer is not None else ""
        caption = f"The image as it arrived{rebuilt}{answer}."
        alt = f"The first image of the set over each {NAMES[strip.channel]} link{rebuilt}."
        file, draw = f"{figure}_{strip.channel}", partial(pictures.draw_strip, strip)
        drawings.append(Drawing(file, caption, alt, draw, title=NAMES[strip.channel]))
    text = "The first image of the set, not a chosen one."
    if strips[0].sent.rebuilt is None:
        text += " No autoencoder reads these images."
    return section(text=text, drawings=drawings)


def _paper(results: Results, figure: str) -> str:
    return f" (the paper's Fig. {figure})" if results.paper else ""
