#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# %% [markdown]
# # Your first link in Python
#
# At the end you will see digits that crossed a noisy link, and two curves: how the bit error rate and the error of a
# classifier fall as the signal gets stronger. They do not fall together.

# %%
import matplotlib.pyplot as plt
import numpy as np
from gnuradio import aeiqa

digits = aeiqa.images.load_dataset("mnist").take(300)
digits

# %% [markdown]
# A link is a configuration and a call. Every field of `LinkConfig` has a default; 16-QAM carries 4 bits a symbol, and
# `snr_db` is the strength of a symbol over the noise ([definitions](../link.md#snr)).

# %%
config = aeiqa.LinkConfig(modulation="qam16", snr_db=12, seed=1)
result = aeiqa.transmit(digits.images, config)
print("bit error rate:", result.bit_errors.sum() / result.bits.sum())

# %% [markdown]
# The same digits at three strengths:

# %%
figure, rows = plt.subplots(3, 6, figsize=(7, 3.6))
for row, snr_db in zip(rows, (18, 12, 6), strict=True):
    received = aeiqa.transmit(digits.images[:6], aeiqa.LinkConfig(modulation="qam16", snr_db=snr_db)).images
    for axis, image in zip(row, received, strict=True):
        axis.imshow(image, cmap="gray", vmin=0, vmax=255)
        axis.set_axis_off()
    row[0].set_title(f"{snr_db} dB", loc="left")
figure.tight_layout()

# %% [markdown]
# A classifier does not mind where bits are wrong, as long as it still reads the digit. `predict` gives its answers:

# %%
target = aeiqa.iqa.load_target("paper")
snrs = np.arange(0, 19, 3)
ber, error = [], []
for snr_db in snrs:
    result = aeiqa.transmit(digits.images, aeiqa.LinkConfig(modulation="qam16", snr_db=float(snr_db)))
    ber.append(result.bit_errors.sum() / result.bits.sum())
    error.append((target.predict(result.images) != digits.labels).mean())

figure, axis = plt.subplots(figsize=(6, 3.6))
axis.plot(snrs, 100 * np.array(ber), "o-", label="bits wrong")
axis.plot(snrs, 100 * np.array(error), "s--", label="digits misclassified")
axis.set(xlabel="Es/N0 (dB)", ylabel="share (%)", title="16-QAM over white noise")
axis.legend()
figure.tight_layout()

# %% [markdown]
# Go on: fading is `LinkConfig(channel="rayleigh")`; a whole grid of links is one call, `aeiqa.sweep(...)`. Without labels
# the error can still be predicted: [score a link without labels](score_without_labels.py).
