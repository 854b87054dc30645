#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Scores of a user's own classifier: one network trained on the user's pictures, the scores fitted to it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ... import metrics
from ...errors import InputError
from ...images import Dataset
from ..calibration.noise import random_bit_flips
from ..calibration.picture_sets import LARGE, SHIFTED, SetSizes, damage_pool, picture_sets, size_text
from ..calibration.picture_sets import SETS as FITTED_SETS
from ..classifiers.clean_errors import CleanError
from ..classifiers.user_classifier import UserClassifier
from ..networks.architecture import Architecture
from ..networks.centroids import Centroids
from ..networks.devices import device_facts, device_in_use
from ..networks.inference import infer
from ..networks.model_files import model_name, save_model
from ..networks.resampling import bounded_shape, resample
from ..networks.score_input import Classifier, ScoreInput
from ..training.picture_head import BATCH, LEARNING_RATE, MOST_PASSES, HeldOut, train_on_pictures
from ..training.progress import JobProgress, duration
from ..training.recipes import RECIPES, round_weights, trained_before
from .baselines import uniform_ssim
from .fit_files import fit_name, save_fits, write_fit_card
from .fit_scores import fitted_before
from .loading import SCORES, Loader
from .picture_scores import PICTURE_SCORES

LEAST_PICTURES = 500
DEFAULT_SCORES = ("blind", "reference")
FREE_SCORES = ("confidence", "doc", "atc", "disagreement")
"""Scores that take nothing but what the classifier answers to the pictures of the others' fits."""
_PIXELS: dict[str, Callable[[ScoreInput], np.ndarray]] = {
    "psnr": lambda given: given.metric("psnr", metrics.psnr),
    "ssim": lambda given: given.metric("ssim", uniform_ssim),
    "ber": lambda given: given.metric("ber", metrics.ber),
}
_POOLS = 2  # damaged copies of each large picture, which training chooses from
_FIT_SECONDS = 20.0  # estimate for a learned score
_TRAINED_S = 4e-7  # estimate for a pixel of a picture in a pass of training
_HEAD_SHARE = 0.45  # of the time that --minutes allows
_PASSES = 25  # estimate
MOST_FITTED_ON, FEWEST_FITTED_ON = 10, 3
_WANTED = 400  # pictures to fit to


@dataclass(frozen=True)
class _Split:
    """Which pictures the network is trained on and which the scores are fitted to, as indices."""

    trained: np.ndarray
    fitted: np.ndarray
    stride: int

    @classmethod
    def of(cls, labels: np.ndarray) -> "_Split":
        """Keep every n-th picture of each class to fit to: a third of few pictures, a tenth of many."""
        stride = int(np.clip(len(labels) // _WANTED, FEWEST_FITTED_ON, MOST_FITTED_ON))
        place = np.empty(len(labels), np.int64)
        for label in np.unique(labels):
            members = labels == label
            place[members] = np.arange(members.sum())
        kept = place % stride == stride - 1
        return cls(np.flatnonzero(~kept), np.flatnonzero(kept), stride)


def train_user_scores(
    target: str | Classifier,
    data: Dataset,
    folder: Path,
    seed: int = 1,
    scores: Sequence[str] = DEFAULT_SCORES,
    *,
    passes: int | None = None,
    threads: int = 1,
    minutes: float | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Path:
    """Train what the scores need on ``data``, fit them to ``target``, and return the file of the fits.

    All goes to ``folder``; what is there already of the same training is left as it is. Beside the file lies
    its card (.json), which tells what was fitted to and how often ``target`` misclassified it undamaged.

    Args:
        target: a file or ``module:callable``, or an object with ``name``, ``predict`` and ``probabilities``.
        data: pictures with labels, of any sizes that ``target`` takes, at least 500, which ``target`` has not
            been trained on.
        folder: where the models go.
        seed: of weights, order and damage.
        scores: names in ``SCORES`` that are to be fitted.
        passes: over the pictures in training, at most; None: 60. Mostly it ends much sooner.
        threads: for torch and the classifier.
        minutes: time after which less is done: training ends sooner, and fewer damaged pictures are fitted
            to, 40 of a set at least; None: as long as it takes.
        clock: returns the time that ``minutes`` counts, s.

    Raises:
        InputError: too few pictures or none of a class, an unknown score, ``target`` does not classify them.
    """
    job = _Job(target, data, folder, seed, scores, passes, threads, minutes, clock)
    return job.run()


class _Job:
    def __init__(
        self,
        target: str | Classifier,
        data: Dataset,
        folder: Path,
        seed: int,
        scores: Sequence[str],
        passes: int | None,
        threads: int,
        minutes: float | None,
        clock: Callable[[], float],
    ) -> None:
        self._scores = _checked_scores(scores)
        if data.labels is None:
            raise InputError(f"{data.name}: training needs labels: a sub-folder for each class")
        if minutes is not None and not minutes > 0:
            raise InputError(f"minutes must be above 0, got {minutes}")
        own = isinstance(target, str)
        self._target = UserClassifier(target, data.class_names, threads) if own else target
        if len(data) < LEAST_PICTURES:
            raise InputError(f"{data.name}: {len(data)} pictures, training takes at least {LEAST_PICTURES}")
        self._data, self._folder, self._seed, self._threads = data, folder, seed, threads
        self._passes, self._minutes, self._clock = passes or MOST_PASSES, minutes, clock
        self._split = _Split.of(data.labels)
        counts = np.bincount(data.labels[self._split.trained])
        if len(counts) < 2 or not counts.all():
            raise InputError(
                f"{data.name}: each of at least two classes needs pictures, got {counts.tolist()}"
            )
        self._shape = bounded_shape(data.images)
        self._mean_bytes = float(np.mean([image.size for image in data.images]))
        self._classify_s = self._time_classifier()

    def run(self) -> Path:
        """Do everything; see ``train_user_scores``."""
        sizes = SetSizes.of(len(self._split.fitted), self._mean_bytes)
        trained, area = len(self._split.trained), self._shape[0] * self._shape[1]
        stages = {
            "train": _PASSES * trained * area * _TRAINED_S + self._pool_pictures * self._damage_s,
            "sets": sizes.pictures * (self._damage_s + self._classify_s),
            "fit": _FIT_SECONDS * len(self._scores),
        }
        with JobProgress(f"scores of {self._target.name}", stages, self._clock) as progress:
            progress.say(f"training and fitting: about {duration(sum(stages.values()))}")
            files = dict.fromkeys(file for name in self._scores for file, _ in _kind(name).encoders)
            for file in files:
                self._train(file, progress)
            progress.finish("train")
            return self._fit(sizes, progress)

    @property
    def _pool_pictures(self) -> int:
        return _POOLS * len(self._split.trained) if self._mean_bytes >= LARGE else 0

    @property
    def _damage_s(self) -> float:
        return 2e-7 * self._mean_bytes

    def _time_classifier(self) -> float:
        """Return the seconds that the classifier takes for a picture, having found that it takes these."""
        few = self._pictures(self._split.fitted[:32])
        self._target.predict(few[:1])
        start = self._clock()
        self._target.predict(few)
        return (self._clock() - start) / len(few)

    def _pictures(self, chosen: np.ndarray) -> np.ndarray | list[np.ndarray]:
        images = self._data.images
        return images[chosen] if isinstance(images, np.ndarray) else [images[index] for index in chosen]

    def _train(self, file: str, progress: JobProgress) -> None:
        recipe = next(each for each in RECIPES.values() if each.file == file)
        learns_damage, labels = recipe.noise, self._data.labels
        classes = int(labels.max()) + 1 if recipe.kind == "classifier" else 0
        architecture = Architecture(recipe.kind, self._shape, classes, recipe.body)
        name, facts = model_name(file, self._seed), self._facts(learns_damage)
        if trained_before(self._folder, name, architecture, facts) is not None:
            progress.say(f"{name}: trained before with these settings, left as it is")
            return
        own, held = (self._pictures(part) for part in (self._split.trained, self._split.fitted))
        clean, held_clean = resample(own, self._shape), resample(held, self._shape)
        redraw, held_damaged = lambda _: clean.copy(), held_clean
        if learns_damage:
            redraw = self._redraw(own, clean)
            held_damaged = damage_pool(held, self._shape, self._seed, _POOLS)

        def on_pass(number: int, results: dict[str, float]) -> None:
            progress.advance("train", 1.0 / _PASSES)
            if number == 1 or number % 5 == 0:
                measured = ", ".join(f"{key} {value:.4g}" for key, value in results.items())
                progress.say(f"{name}: pass {number}: held-out {measured} ({duration(progress.elapsed)})")

        limit = np.inf if self._minutes is None else 60.0 * self._minutes * _HEAD_SHARE
        module, _, passes = train_on_pictures(
            architecture, clean, redraw, labels[self._split.trained],
            HeldOut(held_clean, held_damaged, labels[self._split.fitted]),
            seed=self._seed, threads=self._threads, passes=self._passes,
            is_over=lambda: progress.elapsed > limit, on_pass=on_pass,
        )  # fmt: skip
        round_weights(module)
        features = infer(module.encoder, clean, self._threads)
        centroids = Centroids.fit(features, labels[self._split.trained])
        extras = {"centroids": centroids.gamma, "scale": np.array(centroids.scale)}
        held_out = HeldOut(held_clean, held_damaged, labels[self._split.fitted])
        results = {"held_out": held_out.evaluate(recipe.kind, module, self._threads)}
        more = {"results": results, "passes": passes}
        save_model(self._folder, name, architecture, module, extras, facts | more)

    def _redraw(self, own, clean: np.ndarray) -> Callable[[np.random.Generator], np.ndarray]:
        """Return what damages all pictures for a pass: anew, or large ones by a choice among copies."""
        if not self._pool_pictures:
            return lambda rng: resample(_flipped(own, rng), self._shape)
        pools = np.stack([damage_pool(own, self._shape, self._seed, number) for number in range(_POOLS)])
        return lambda rng: pools[rng.integers(0, _POOLS, len(clean)), np.arange(len(clean))]

    def _facts(self, noise: bool) -> dict:
        data = self._data
        return {
            "dataset": {
                "name": data.name,
                "background": data.background,
                "sha256": data.digest,
                "images_trained_on": len(self._split.trained),
                "images_held_out": len(self._split.fitted),
                "held_out": f"every {self._split.stride}th of each class",
            },
            "pictures": {
                "sizes": size_text(data.images),
                "seen_as": list(self._shape),
                "resampling": "mean over the area of each pixel",
            },
            "training": {
                "seed": self._seed,
                "threads": self._threads,
                **device_facts(device_in_use()),
                "batch": BATCH,
                "learning_rate": LEARNING_RATE,
                "noise": noise,
                "most_passes": self._passes,
                "minutes": self._minutes,
                "ends": "by the loss on the pictures held out",
            },
        }

    def _fit(self, sizes: SetSizes, progress: JobProgress) -> Path:
        loader = Loader(self._folder, self._threads)
        found = [(name, self._seed if loader.kind(name).encoders else 0) for name in self._scores]
        target, models = self._target, {}
        for name, _ in found:
            models |= loader.digests(name, target, self._seed)
        path = self._folder / f"{fit_name(target.name)}.npz"
        if fitted_before(path, found, models):
            progress.say(f"{path.stem}: made before for these models, left as it is")
            return path
        if self._minutes is not None:
            left = 60.0 * self._minutes - progress.elapsed - _FIT_SECONDS
            left -= len(self._split.fitted) * self._classify_s  # undamaged
            share = left / (sizes.pictures * (self._damage_s + self._classify_s))
            if share < 1.0:
                sizes = SetSizes.of(len(self._split.fitted), self._mean_bytes, share)
        progress.estimate("sets", sizes.pictures * (self._damage_s + self._classify_s))
        pictures, labels = self._pictures(self._split.fitted), self._data.labels[self._split.fitted]
        sets = picture_sets(
            pictures, labels, target, self._shape, sizes,
            compare={name: measure for name, measure in _PIXELS.items() if name in self._scores},
            on_done=lambda count: progress.advance("sets", count / sizes.pictures),
        )  # fmt: skip
        progress.finish("sets")
        fits = []
        for name, seed in found:
            score = loader.unfitted(name, target, self._seed)
            score.fit_prepared(sets)
            fits.append((seed, score))
            progress.advance("fit", 1.0 / len(found))
        save_fits(path, fits, models)
        clean = CleanError(int(sets.clean.wrong.sum()), len(sets.clean.wrong))
        card = {
            "target": target.name,
            "scores": list(self._scores),
            **self._facts(noise=True),
            "sets": {
                "damage": f"{FITTED_SETS} of {sizes.fitted} pictures, random bit flips",
                "damage_of_other_kinds": f"{len(SHIFTED)} of {sizes.shifted} pictures",
            },
            "clean_error": clean.as_json(),
        }
        write_fit_card(path, card)
        return path


def _flipped(images, rng: np.random.Generator) -> list[np.ndarray]:
    from ..calibration.picture_sets import damaged

    return damaged(images, lambda batch, _, own: random_bit_flips(batch, own), 0, lambda: rng)


def _kind(name: str):
    return PICTURE_SCORES.get(name, SCORES[name])


def _checked_scores(names: Sequence[str]) -> tuple[str, ...]:
    """Return the scores to fit: those asked for, and what comes for nothing."""
    for name in names:
        known = [each for each, score in SCORES.items() if score.fits and each != "piqe"]
        if name not in known:
            raise InputError(f"scores must be among {', '.join(known)}, got {name!r}")
    return tuple(name for name in SCORES if name in {*names, *FREE_SCORES})
