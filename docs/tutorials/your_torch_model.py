#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
# %% [markdown]
# # Your own torch model, end to end
#
# At the end you will see how far a network that you trained yourself, in seconds, survives a wireless link: its error
# against the signal's strength, for two modulations.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from gnuradio import aeiqa

from gnuradio.aeiqa import testing

torch.manual_seed(1)
torch.set_num_threads(1)
train = aeiqa.images.load_dataset("mnist", split="train").take(3000)
test = aeiqa.images.load_dataset("mnist").take(300)

# %% [markdown]
# Any `torch.nn.Module` will do that maps a batch `[N, C, H, W]`, pixels from 0 to 1, to one number for each class. This
# is a small one, trained for three epochs:

# %%
net = torch.nn.Sequential(
    torch.nn.Conv2d(1, 8, 3, stride=2),
    torch.nn.ReLU(),
    torch.nn.Conv2d(8, 16, 3, stride=2),
    torch.nn.ReLU(),
    torch.nn.Flatten(),
    torch.nn.Linear(16 * 6 * 6, 10),
)
inputs = torch.from_numpy(train.images[:, None] / np.float32(255))
labels = torch.from_numpy(train.labels.astype(np.int64))
optimizer = torch.optim.Adam(net.parameters(), 3e-3)
for _epoch in range(3):
    for batch in torch.randperm(len(inputs)).split(50):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(inputs[batch]), labels[batch]).backward()
        optimizer.step()

# %% [markdown]
# A live module becomes a target by one call. It then answers for images as they come, uint8 `[N, H, W]`:

# %%
target = aeiqa.iqa.UserClassifier.from_module(net, class_names=test.class_names, name="mine")
testing.check_target(target, test.images[:20], rtol=1e-4)
clean = 100 * (target.predict(test.images) != test.labels).mean()
print(f"error without a link: {clean:.1f} %")

# %% [markdown]
# `check_target` has run the contract: the same answers each time, in whatever company. Now over links:

# %%
snrs = range(0, 26, 5)
figure, axis = plt.subplots(figsize=(6, 3.6))
for modulation, line in (("qpsk", "o-"), ("qam64", "s--")):
    error = []
    for snr_db in snrs:
        config = aeiqa.LinkConfig(modulation=modulation, channel="rayleigh", snr_db=snr_db)
        received = aeiqa.transmit(test.images, config).images
        error.append(100 * (target.predict(received) != test.labels).mean())
    axis.plot(snrs, error, line, label=modulation)
axis.set(xlabel="Es/N0 (dB)", ylabel="misclassified (%)", title="My network over Rayleigh fading")
axis.legend()
figure.tight_layout()

# %% [markdown]
# Files work the same way: `./aeiqa sweep --target my_model.onnx --dataset my_pictures/`. To *predict* this error where
# there are no labels, scores are fitted once to your classifier, on pictures that it has not been trained on, by
# `./aeiqa train --target` ([how](../your-own-model.md#predicting-its-error)).
