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

from ...errors import InputError
from ...images import Dataset
from ..networks.architecture import DROPOUT, Architecture, nn
from ..networks.centroids import Centroids, check_labels
from ..networks.devices import device_facts, device_in_use
from ..networks.inference import as_batch, image_shape, infer
from ..networks.model_files import load_model, model_name, save_model
from .loop import BETA, PIXEL_VARIANCE, evaluate, evaluate_held_out, split, train
from .settings import TrainingSettings


@dataclass(frozen=True)
class Recipe:
    """One network: the file it goes to, and how long and how fast it learns by default.

    ``seeds`` are those of the models that come with the project: what scores are made of is trained three
    times, so that a result comes with how much it depends on the training; the targets once.
    """

    file: str
    kind: str
    epochs: int
    learning_rate: float
    body: str = "paper"
    noise: bool = False
    averaging: float = 0.999
    seeds: tuple[int, ...] = (1, 2, 3)


# Chosen on the held-out training images alone. The paper does not say how it kept its classifier from
# overfitting; here it is dropout, and a large rate with averaged weights.
RECIPES = {
    "encoder": Recipe("paper-encoder", "autoencoder", epochs=12, learning_rate=1e-3),
    "classifier": Recipe("paper-classifier", "classifier", epochs=20, learning_rate=3e-3, seeds=(1,)),
    "lenet": Recipe("lenet-classifier", "classifier", 8, 3e-3, "lenet", seeds=(1,)),
    "wide": Recipe("wide-classifier", "classifier", 8, 3e-3, "wide", seeds=(1,)),
    "robust": Recipe("robust-classifier", "classifier", 10, 3e-3, noise=True, seeds=(1,)),
    "noise-encoder": Recipe("noise-encoder", "classifier", 12, 3e-3, "wide", noise=True),
    "vae": Recipe("vae-encoder", "vae", epochs=4, learning_rate=1e-3, averaging=0.99),
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
        architecture = Architecture(recipe.kind, images.shape[1:], classes, recipe.body)
        file = model_name(recipe.file, seed)
        passes = recipe.epochs if epochs is None else epochs
        settings = TrainingSettings(
            epochs=passes,
            seed=seed,
            threads=threads,
            learning_rate=recipe.learning_rate,
            noise=recipe.noise,
            averaging=_averaging(recipe, passes, len(data)),
        )
        facts = _facts(data, recipe, settings)
        card = trained_before(folder, file, architecture, facts)
        if card is None:
            checkpoint = folder / f"{file}.checkpoint.npz"
            module, results = _train(file, architecture, images, data, settings, checkpoint)
            needs_centroids = recipe.kind != "classifier" or recipe.file == "noise-encoder"
            extras = _centroids(module, images, data.labels, threads) if needs_centroids else {}
            facts["results"] = {"held_out": results}
            if test is not None:
                pictures = as_batch(test.images, architecture.input_shape)
                facts["results"]["test"] = evaluate(recipe.kind, module, pictures, test.labels, threads)
            card = save_model(folder, file, architecture, module, extras, facts)
            checkpoint.unlink(missing_ok=True)
        else:
            print(f"{file}: trained before with these settings, left as it is", file=sys.stderr)
        cards.append(card)
    return cards


def _averaging(recipe: Recipe, epochs: int, images: int) -> float:
    """The recipe's averaging, over at most three tenths of the steps: what went before was hardly trained."""
    steps = epochs * -(-len(split(images)[0]) // TrainingSettings.batch)
    return min(recipe.averaging, max(0.0, round(1.0 - 1.0 / (0.3 * max(steps, 1)), 6)))


def _facts(data: Dataset, recipe: Recipe, settings: TrainingSettings) -> dict:
    trained, held_out = split(len(data))
    losses = {
        "autoencoder": "mean squared error",
        "vae": f"evidence bound, pixel variance {PIXEL_VARIANCE}, divergence weighted {BETA}",
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
            **device_facts(device_in_use()),
            "optimizer": "Adam, cosine schedule to 0",
            "loss": losses[recipe.kind],
        },
    }


def trained_before(folder: Path, file: str, architecture: Architecture, facts: dict) -> dict | None:
    """Return the card of a model in ``folder`` that the same training made, if it is whole."""
    try:
        card = load_model(folder, file, architecture.kind).card
    except InputError:
        return None
    same = card["architecture"] == architecture.as_dict() and all(
        card.get(key) == facts[key] for key in facts
    )
    return card if same else None


def _train(
    file: str,
    architecture: Architecture,
    images: np.ndarray,
    data: Dataset,
    settings: TrainingSettings,
    checkpoint: Path,
) -> tuple["nn.Module", dict[str, float]]:
    started = time.monotonic()
    bar = tqdm(desc=file, unit="batch", disable=not sys.stderr.isatty())

    def on_step(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    def on_epoch(epoch: int, results: dict[str, float]) -> None:
        measured = ", ".join(f"{key} {value:.5g}" for key, value in results.items())
        seconds = time.monotonic() - started
        line = f"{file}: epoch {epoch} of {settings.epochs}: held-out {measured} ({seconds:.0f} s)"
        bar.write(line, file=sys.stderr)
        sys.stderr.flush()

    with bar:
        module, _ = train(
            architecture, images, data.labels, settings,
            digest=data.digest, checkpoint_path=checkpoint, on_step=on_step, on_epoch=on_epoch,
        )  # fmt: skip
    round_weights(module)
    return module, evaluate_held_out(architecture.kind, module, images, data.labels, settings)


def round_weights(module: "nn.Module") -> None:
    """Round the weights to the half precision they are kept in; measured is what will be loaded."""
    for parameter in module.parameters():
        parameter.data = parameter.data.half().float()


def _centroids(
    module: "nn.Module", images: np.ndarray, labels: np.ndarray, threads: int
) -> dict[str, np.ndarray]:
    """Fit the score's centroids on the images that the encoder was trained on."""
    trained, _ = split(len(images))
    centroids = Centroids.fit(infer(module.encoder, images[trained], threads), labels[trained])
    return {"centroids": centroids.gamma, "scale": np.array(centroids.scale)}
