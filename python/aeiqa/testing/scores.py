#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The contract of a score."""

from collections.abc import Callable

import numpy as np

from ..iqa.networks.score_input import Classifier
from ..iqa.scores.base import Estimator, RunningScore, Score
from .images import damaged, require, require_equal, require_refused, test_images

_NEEDS = {"reference", "answer", "probabilities"}


def check_score(
    make: Callable[[], Estimator],
    target: Classifier,
    images: np.ndarray | None = None,
    grows: bool = True,
) -> None:
    """Check that a class of scores keeps what sinks, receivers and experiments rely on.

    The class describes itself. Each image's score is from 0 to 1, the same each time, in whatever company and
    order; the set's error lies in its interval, both from 0 to 100 %; the parts of a set pool to the whole,
    if the class says so; damage makes the raw value grow; what it needs and what does not fit is rejected in
    one line; what was fitted survives ``state`` and ``restore``; images are left as they were.

    Args:
        make: returns the score, a new one each time, ready to be used: fitted, if it takes that.
        target: the classifier whose error it predicts.
        images: undamaged, uint8 [N, H, W] or [N, H, W, C] that both take, at least 8; None: MNIST's.
        grows: False for a score that damage does not make grow on these images.

    Raises:
        AssertionError: something does not hold; in one line.

    Example:
        >>> from gnuradio.aeiqa import iqa, testing
        >>> testing.check_score(lambda: iqa.load_score("reference"), iqa.load_target("paper"))
    """
    images = test_images() if images is None else images
    score = make()
    name = _check_description(score)
    received = damaged(images, 0.05)
    answer = target.probabilities(received)
    before = images.copy(), received.copy(), answer.copy()
    try:
        found = score(received, images, answer)
    except Exception as error:
        raise AssertionError(f"score {name}: scoring raised {type(error).__name__}: {error}") from error
    for array, was in zip((images, received, answer), before, strict=True):
        require_equal(array, was, f"score {name}: images and answers must be left as they were")
    _check_result(score, found, len(images))
    again = make()(received, images, answer)
    require_equal(again.per_image, found.per_image, f"score {name}: the same images must give the same")
    require(
        again.raw == found.raw, f"score {name}: the same images must give the same, got {found} and {again}"
    )
    _check_company(score, found, received, images, answer)
    if score.pools:
        _check_parts(score, found, received, images, answer)
    if grows:
        raws = []
        for rate in (0.0, 0.05, 0.4):
            worse = damaged(images, rate)
            raws.append(score(worse, images, target.probabilities(worse)).raw)
        require(
            max(raws[:2]) < raws[2],  # a little damage may well do nothing
            f"score {name}: raw must be more with 40 % of wrong bits than with 0 and 5 %, got {raws[::-1]}",
        )
    _check_refusals(score, received, images, answer)
    _check_state(make, found, received, images, answer)


def _check_description(score: Estimator) -> str:
    name = getattr(score, "name", None)
    require(isinstance(score, Estimator), f"a score must derive from Estimator, got {type(score).__name__}")
    require(isinstance(name, str) and name, f"name must be a text, got {name!r}")
    require(
        set(score.needs) <= _NEEDS, f"score {name}: needs must be among {sorted(_NEEDS)}, got {score.needs}"
    )
    for what in ("share", "pools", "fits", "loads_fitted", "from_clean"):
        value = getattr(score, what)
        require(isinstance(value, bool), f"score {name}: {what} must be True or False, got {value!r}")
    return name


def _check_result(score: Estimator, found: Score, count: int) -> None:
    name, per_image = score.name, found.per_image
    require(
        isinstance(per_image, np.ndarray) and per_image.dtype == np.float64 and per_image.shape == (count,),
        f"score {name}: per_image must be float64 [{count}], got "
        f"{getattr(per_image, 'dtype', type(per_image))} {list(np.shape(per_image))}",
    )
    require(
        ((per_image >= 0.0) & (per_image <= 1.0)).all(),
        f"score {name}: per_image must be from 0 to 1, got {per_image.min()} to {per_image.max()}",
    )
    require(np.isfinite(found.raw), f"score {name}: raw must be finite, got {found.raw}")
    if score.calibrator is None and not score.share:
        values = (found.error_pct, *found.interval)
        require(np.isnan(values).all(), f"score {name}: what predicts no share must say nan, got {values}")
        return
    low, high = found.interval
    require(
        0.0 <= low <= found.error_pct <= high <= 100.0,
        f"score {name}: 0 <= low <= error <= high <= 100 % must hold, got {low}, {found.error_pct}, {high}",
    )
    require(
        abs(found.phi - (1.0 - found.error_pct / 100.0)) < 1e-9,
        f"score {name}: phi must be 1 - error / 100, got {found.phi} and {found.error_pct}",
    )


def _check_company(
    score: Estimator, found: Score, received: np.ndarray, sent: np.ndarray, answer: np.ndarray
) -> None:
    text = f"score {score.name}: an image's score must not depend on"
    back = score(received[::-1], sent[::-1], answer[::-1])
    require_equal(back.per_image[::-1], found.per_image, f"{text} the order of images")
    require(
        np.isclose(back.raw, found.raw, rtol=1e-6, atol=1e-9),
        f"score {score.name}: raw must not depend on the order of images, got {found.raw} and {back.raw}",
    )
    for part in (slice(0, 1), slice(len(sent) - 1, len(sent)), slice(3, 8)):
        alone = score(received[part], sent[part], answer[part])
        require_equal(alone.per_image, found.per_image[part], f"{text} other images")
    listed = score(list(received), list(sent), answer)
    require_equal(listed.per_image, found.per_image, f"{text} whether images come as a list")


def _check_parts(
    score: Estimator, whole: Score, received: np.ndarray, sent: np.ndarray, answer: np.ndarray
) -> None:
    running = RunningScore(score)
    for part in (slice(0, 3), slice(3, 8), slice(8, None)):
        if len(sent[part]):
            running.add(score(received[part], sent[part], answer[part]))
    error, interval = running.estimate()
    require(
        np.allclose([error, *interval], [whole.error_pct, *whole.interval], atol=1e-6, equal_nan=True),
        f"score {score.name}: parts must pool to the whole, {whole.error_pct} {whole.interval}, got {error} "
        f"{interval}",
    )


def _check_refusals(score: Estimator, received: np.ndarray, sent: np.ndarray, answer: np.ndarray) -> None:
    name = score.name
    if "reference" in score.needs:
        require_refused(lambda: score(received, None, answer), f"score {name}: images sent that are missing")
    if score.needs & {"answer", "probabilities"}:
        require_refused(lambda: score(received, sent), f"score {name}: an answer that is missing")
    if "probabilities" in score.needs:
        classes = answer.argmax(axis=1)
        require_refused(lambda: score(received, sent, classes), f"score {name}: classes for probabilities")
    require_refused(
        lambda: score(received, sent[1:], answer), f"score {name}: fewer images sent than received"
    )
    require_refused(lambda: score(received, sent, answer[1:]), f"score {name}: fewer answers than images")
    require_refused(lambda: score(received[:0], sent[:0], answer[:0]), f"score {name}: no images")
    nonsense = np.full_like(answer, np.nan)
    require_refused(lambda: score(received, sent, nonsense), f"score {name}: answers that are not finite")
    if score.networks:
        floats = received / 255.0
        require_refused(lambda: score(floats, sent, answer), f"score {name}: floating-point images")
    if any(getattr(network, "input_shape", True) is not None for network in score.networks):
        cut = received[:, 1:]
        require_refused(lambda: score(cut, sent, answer), f"score {name}: images of another shape")


def _check_state(
    make: Callable[[], Estimator],
    found: Score,
    received: np.ndarray,
    sent: np.ndarray,
    answer: np.ndarray,
) -> None:
    state, again = make().state(), make()
    for key, array in state.items():
        plain = isinstance(array, np.ndarray) and array.dtype.kind == "f" and np.isfinite(array).all()
        require(plain, f"score {again.name}: state must be arrays of finite floats, {key} is {array!r:.60}")
    again.restore(state, again.calibrator is not None)
    restored = again(received, sent, answer)
    require_equal(
        restored.per_image, found.per_image, f"score {again.name}: state must survive restore", 1e-3
    )
