#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Draw what asking again gains over repetition by CRC, and print the table: figures/edge-ask-again.png.

./aeiqa python docs/edge_figures.py [IMAGES]. MNIST test images cross traces of a fading channel (those of
./aeiqa adapt, condition mixed) in 16-QAM; some are sent once more in QPSK, 16 slots later on the same trace.
"""

import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gnuradio.aeiqa import iqa
from gnuradio.aeiqa.adapt import air_modes
from gnuradio.aeiqa.experiments.adaptation.comparison import FRAMES
from gnuradio.aeiqa.experiments.adaptation.trace import Trace, send_over
from gnuradio.aeiqa.images import load_dataset
from gnuradio.aeiqa.metrics.intervals import binomial_interval

FIGURE = Path(__file__).parent / "figures" / "edge-ask-again.png"
FIRST, AGAIN = "qam16", "qpsk"
SNR_DB, DELAY, SEEDS = 15.0, 16, (1, 2, 3)


class Copy(NamedTuple):
    """One transmission of each image: P(wrong), whether the answer is right, the CRC is, and nothing came."""

    p_wrong: np.ndarray
    right: np.ndarray
    perfect: np.ndarray
    lost: np.ndarray


def measured(count: int) -> tuple[Copy, Copy, tuple[float, float]]:
    """Return the first and the repeated copy of ``count`` images of each trace, and both air times."""
    dataset = load_dataset("mnist")
    target = iqa.load_target("paper")
    judge = iqa.Judge(target, iqa.load_score("blind", target))
    times = [mode.air_time for mode in air_modes(FRAMES, dataset.images[0].nbytes, (FIRST, AGAIN))]
    slot = int(max(times))
    copies: tuple[list[Copy], list[Copy]] = ([], [])
    for seed in SEEDS:
        trace = Trace("mixed", count + DELAY, slot, SNR_DB, seed)
        numbers = np.random.default_rng(seed).choice(len(dataset), count + DELAY, replace=False)
        for mode, delay, kept in ((FIRST, 0, copies[0]), (AGAIN, DELAY, copies[1])):
            arrived = send_over(trace, dataset.images[np.roll(numbers, delay)], FRAMES, mode)
            own = slice(delay, delay + count)
            answers, score = judge(arrived.images[own])
            lost = arrived.lost[own]
            right = (answers.classes == dataset.labels[numbers[:count]]) & ~lost
            kept.append(Copy(np.where(lost, 1.0, score.per_image), right, arrived.perfect[own], lost))
    first, again = (Copy(*map(np.concatenate, zip(*parts, strict=True))) for parts in copies)
    return first, again, (times[0], times[1])


def main(count: int = 1000) -> int:
    """Measure, print and draw."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    first, again, (time, extra) = measured(count)
    total = len(first.right)
    surer = np.where(again.p_wrong < first.p_wrong, again.right, first.right)
    # Neither way repeats an image of which nothing came: it gets no answer, and has no CRC.
    second = np.where(again.lost, first.right, again.right)
    bad_crc = ~first.perfect & ~first.lost
    order = np.argsort(np.where(first.lost, np.inf, -first.p_wrong), kind="stable")
    most = total - int(first.lost.sum())

    rng = np.random.default_rng(0)
    some = np.zeros(total, bool)
    some[rng.permutation(np.flatnonzero(bad_crc))[: total // 10]] = True

    def asked(number: int) -> np.ndarray:
        chosen = np.zeros(total, bool)
        chosen[order[:number]] = True
        return np.where(chosen, surer, first.right)

    ways = [
        ("no repetition", 0, first.right),
        ("repetition by CRC", int(bad_crc.sum()), np.where(bad_crc, second, first.right)),
        ("repetition by CRC, of 10 % drawn at random", total // 10, np.where(some, second, first.right)),
        ("ask again, as often", int(bad_crc.sum()), asked(int(bad_crc.sum()))),
    ]
    ways += [
        (f"ask again, {pct} % of the images", total * pct // 100, asked(total * pct // 100))
        for pct in (5, 10, 20)
    ]
    print("| way | OFDM symbols an image | misclassified or lost | 95 % interval |")
    print("|---|---|---|---|")
    for name, number, right in ways:
        low, high = binomial_interval(int((~right).sum()), total)
        wrong = 100 * (1 - right.mean())
        spent = time + extra * number / total
        print(f"| {name} | {spent:.1f} | {wrong:.2f} % | {100 * low:.2f} to {100 * high:.2f} % |")
    print(f"lost: {100 * first.lost.mean():.2f} %; wrong CRC: {100 * bad_crc.mean():.1f} %")
    figure, axes = plt.subplots(figsize=(6.4, 4.0), layout="constrained")
    numbers = np.arange(0, most + 1, max(1, total // 100))
    axes.plot(
        time + extra * numbers / total,
        [100 * (1 - asked(n).mean()) for n in numbers],
        label="ask again, by P(wrong)",
    )
    for (name, number, right), marker in zip(ways[:2], "os", strict=True):
        axes.plot(time + extra * number / total, 100 * (1 - right.mean()), marker, ms=8, label=name)
    axes.set(xlabel="air time of an image (OFDM symbols)", ylabel="misclassified or lost (%)", ylim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(FIGURE, dpi=120, metadata={"Software": None})
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
