#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The models that come with the project: how each is trained, measured and written."""

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ..errors import InputError
from ..images import Dataset
from .architecture import DROPOUT, Architecture, nn
from .centroids import Centroids, check_labels
from .inference import Images, as_batch, infer
from .model_files import load_model, save_model
from .training import TrainingSettings, evaluate, split, train


@dataclass(frozen=True)
class Recipe:
    """One network of the paper: the file it goes to, and how long and how fast it learns by default."""

    file: str
    kind: str
    epochs: int
    learning_rate: float


# Chosen on the held-out training images alone. The paper does not say how it kept its classifier from
# overfitting; here it is dropout, and a large rate with averaged weights.
RECIPES = {
    "encoder": Recipe("paper-encoder", "autoencoder", epochs=12, learning_rate=1e-3),
    "classifier": Recipe("paper-classifier", "classifier", epochs=20, learning_rate=3e-3),
}


def train_models(
    what: Sequence[str],
    data: Dataset,
    test: Dataset | None,
    folder: Path,
    seed: int = 1,
    epochs: int | None = None,
    threads: int = 1,
) -> list[dict]:
    """Train the recipes named in ``what`` on ``data``, write them to ``folder`` and return their cards.

    A model that ``folder`` already has, trained with the same settings on the same data, is left as it is;
    one that was interrupted goes on from its last epoch. ``test`` images only go into the card's results.
    A line an epoch, and on a terminal a bar, show the progress on stderr.

    Raises ``InputError`` if the images have no labels or differ in size, or a label has no training image.
    """
    if data.labels is None:
        raise InputError(f"{data.name}: training needs labels")
    images = as_batch(data.images, image_shape(data.images))
    check_labels(data.labels[split(len(data))[0]])  # before hours of training rather than after
    cards = []
    for name in what:
        recipe = RECIPES[name]
        classes = int(data.labels.max()) + 1 if recipe.kind == "classifier" else 0
        architecture = Architecture(recipe.kind, images.shape[1:], classes)
        settings = TrainingSettings(
            epochs=recipe.epochs if epochs is None else epochs,
            seed=seed,
            threads=threads,
            learning_rate=recipe.learning_rate,
        )
        facts = _facts(data, recipe, settings)
        card = _trained_before(folder, recipe, architecture, facts)
        if card is None:
            module, results = _train(recipe, architecture, images, data, settings, folder)
            extras = _centroids(module, images, data.labels, threads) if recipe.kind == "autoencoder" else {}
            facts["results"] = {"held_out": results}
            if test is not None:
                pictures = as_batch(test.images, architecture.input_shape)
                facts["results"]["test"] = evaluate(recipe.kind, module, pictures, test.labels, threads)
            card = save_model(folder, recipe.file, architecture, module, extras, facts)
            _checkpoint(folder, recipe).unlink(missing_ok=True)
        else:
            print(f"{recipe.file}: trained before with these settings, left as it is", file=sys.stderr)
        cards.append(card)
    return cards


def image_shape(images: Images) -> tuple[int, int, int]:
    """Return (height, width, channels) of the first image."""
    height, width, *channels = images[0].shape
    return height, width, channels[0] if channels else 1


def _facts(data: Dataset, recipe: Recipe, settings: TrainingSettings) -> dict:
    trained, held_out = split(len(data))
    losses = {
        "autoencoder": "mean squared error",
        "classifier": f"cross-entropy, dropout of {DROPOUT:.0%} of the features",
    }
    return {
        "dataset": {
            "name": data.name,
            "background": data.background,
            "sha256": data.digest,
            "images_trained_on": len(trained),
            "images_held_out": len(held_out),
        },
        "training": {
            **asdict(settings),
            "optimizer": "Adam, cosine schedule to 0",
            "loss": losses[recipe.kind],
        },
    }


def _trained_before(folder: Path, recipe: Recipe, architecture: Architecture, facts: dict) -> dict | None:
    """Return the card of a model in ``folder`` that the same training made, if it is whole."""
    try:
        card = load_model(folder, recipe.file, recipe.kind).card
    except InputError:
        return None
    same = card["architecture"] == architecture.as_dict() and all(
        card.get(key) == facts[key] for key in facts
    )
    return card if same else None


def _checkpoint(folder: Path, recipe: Recipe) -> Path:
    return folder / f"{recipe.file}.checkpoint.npz"


def _train(
    recipe: Recipe,
    architecture: Architecture,
    images: np.ndarray,
    data: Dataset,
    settings: TrainingSettings,
    folder: Path,
) -> tuple["nn.Module", dict[str, float]]:
    started = time.monotonic()
    bar = tqdm(desc=recipe.file, unit="batch", disable=not sys.stderr.isatty())

    def on_step(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    def on_epoch(epoch: int, results: dict[str, float]) -> None:
        measured = ", ".join(f"{key} {value:.5g}" for key, value in results.items())
        seconds = time.monotonic() - started
        line = f"{recipe.file}: epoch {epoch} of {settings.epochs}: held-out {measured} ({seconds:.0f} s)"
        bar.write(line, file=sys.stderr)
        sys.stderr.flush()

    with bar:
        path = _checkpoint(folder, recipe)
        return train(
            architecture, images, data.labels, settings,
            digest=data.digest, checkpoint_path=path, on_step=on_step, on_epoch=on_epoch,
        )  # fmt: skip


def _centroids(
    module: "nn.Module", images: np.ndarray, labels: np.ndarray, threads: int
) -> dict[str, np.ndarray]:
    """Fit the score's centroids on the images that the encoder was trained on."""
    trained, _ = split(len(images))
    centroids = Centroids.fit(infer(module.encoder, images[trained], threads), labels[trained])
    return {"centroids": centroids.gamma, "scale": np.array(centroids.scale)}
