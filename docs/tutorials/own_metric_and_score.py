#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# %% [markdown]
# # A metric and a score of your own
#
# At the end you will have a metric and a score that the project's own contracts accept, and see how well yours predicts
# a classifier's error beside a fitted one.

# %%
import numpy as np
from gnuradio import aeiqa

from gnuradio.aeiqa import testing

digits = aeiqa.images.load_dataset("mnist").take(200)
target = aeiqa.iqa.load_target("paper")

# %% [markdown]
# A metric is a function of images sent and received that returns one number for each image. This one is the share of
# pixels that changed by more than 64 grey levels. `bit_errors` rejects, by name, what is no set of images:


# %%
def changed_pixels(sent, received):
    aeiqa.metrics.bit_errors(sent, received)
    pairs = zip(sent, received, strict=True)
    return np.array([np.mean(np.abs(a.astype(int) - b) > 64) for a, b in pairs])


testing.check_metric(changed_pixels, better="low")
print("the contract of metrics holds")

# %% [markdown]
# What a contract says when it does not hold, here for a metric that depends on its company:

# %%
try:
    testing.check_metric(lambda sent, received: changed_pixels(sent, received) / len(sent))
except AssertionError as error:
    print(error)

# %% [markdown]
# A score is a class derived from `iqa.Estimator` that describes itself: what it needs, and whether its raw value is a
# predicted share. `measure` returns P(misclassified) of each image and the raw value of the set:


# %%
class ChangedPixels(aeiqa.iqa.Estimator):
    """Takes an image to be misclassified for sure once a quarter of its pixels have changed."""

    name = "changed-pixels"
    needs = frozenset({"reference"})
    pools = True

    def measure(self, evidence):
        per_image = np.minimum(4 * evidence.metric(self.name, changed_pixels), 1.0)
        return per_image, 100 * float(per_image.mean())


testing.check_score(ChangedPixels, target)
print("the contract of scores holds")

# %% [markdown]
# A score that keeps the contract works wherever the project's own do: in a `Judge`, and so in sinks and receivers.

# %%
theirs = aeiqa.iqa.load_score("reference", target="paper")
print("link             true   mine   fitted   (% misclassified)")
for modulation, snr_db in (("qpsk", 3), ("qpsk", 8), ("qam64", 5), ("qam64", 15)):
    received = aeiqa.transmit(digits.images, aeiqa.LinkConfig(modulation=modulation, snr_db=snr_db)).images
    answers, mine = aeiqa.iqa.Judge(target, ChangedPixels())(received, digits.images)
    _, fitted = aeiqa.iqa.Judge(target, theirs)(received, digits.images)
    true = 100 * (answers.classes != digits.labels).mean()
    print(f"{modulation:6} {snr_db:3} dB  {true:8.1f} {mine.error_pct:6.1f} {fitted.error_pct:8.1f}")

# %% [markdown]
# A metric tells that something changed; what it costs the classifier has to be learned. To put a score into the
# project, so that `./aeiqa train` fits it and `./aeiqa evaluate` compares it: [where a new one
# goes](../architecture.md#where-a-new-one-goes). A block of your own is checked by `aeiqa.testing.check_block`.
