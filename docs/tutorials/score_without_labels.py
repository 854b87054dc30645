#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# %% [markdown]
# # Score a link without labels
#
# At the end you will see the predicted error of a classifier beside the true one, over links of all qualities. The
# prediction is made at the receiver, which knows neither the labels nor what was sent.

# %%
import matplotlib.pyplot as plt
import numpy as np
from gnuradio import aeiqa

digits = aeiqa.images.load_dataset("mnist").take(300)
target = aeiqa.iqa.load_target("paper")
score = aeiqa.iqa.load_score("blind", target="paper")
judge = aeiqa.iqa.Judge(target, score)

# %% [markdown]
# A *target* is the classifier; a *score* predicts its error; a *judge* is both. It gets the images received:

# %%
received = aeiqa.transmit(digits.images, aeiqa.LinkConfig(modulation="qpsk", snr_db=6)).images
answers, found = judge(received)
print("answers:", answers.classes[:10])
print(
    f"predicted error {found.error_pct:.1f} %, 95 % interval {found.interval[0]:.1f} to {found.interval[1]:.1f} %"
)

# %% [markdown]
# `found.per_image` says of each image how likely it is misclassified. Those in doubt, the worst first:

# %%
worst = np.argsort(-found.per_image)[:6]
figure, axes = plt.subplots(1, 6, figsize=(8, 1.9))
for axis, index in zip(axes, worst, strict=True):
    axis.imshow(received[index], cmap="gray", vmin=0, vmax=255)
    axis.set_title(f"as {answers.classes[index]}, P(wrong) {found.per_image[index]:.2f}", fontsize=7)
    axis.set_axis_off()
figure.tight_layout()

# %% [markdown]
# How far can it be trusted? Here the labels are known, so the true error can be put beside it:

# %%
true, predicted, low, high = [], [], [], []
for modulation in ("qpsk", "qam16", "qam64"):
    for snr_db in (0, 5, 10, 15):
        config = aeiqa.LinkConfig(modulation=modulation, snr_db=snr_db)
        answers, found = judge(aeiqa.transmit(digits.images, config).images)
        true.append(100 * (answers.classes != digits.labels).mean())
        predicted.append(found.error_pct)
        low.append(found.error_pct - found.interval[0])
        high.append(found.interval[1] - found.error_pct)

figure, axis = plt.subplots(figsize=(4.5, 4.2))
axis.plot([0, 100], [0, 100], color="grey", linewidth=0.8)
axis.errorbar(true, predicted, [low, high], fmt="o", capsize=2)
axis.set(xlabel="true error (%)", ylabel="predicted error (%)", title="12 links, 300 images each")
figure.tight_layout()
print("mean difference:", round(np.abs(np.subtract(true, predicted)).mean(), 2), "points")

# %% [markdown]
# What defeats this score, and which to take instead: [the scores](../scores.md).
