#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Sequential test for a predicted error above a limit, whose false alarms are bounded over the whole run."""

import math
from collections.abc import Iterable

# Bets as shares of the largest one: small ones find small exceedances, large ones find large ones fast.
_BETS = (0.05, 0.15, 0.5)
# Images from the start of one martingale to that of the next.
_STRIDE = 50
# At least the sum over n = 2, 3, ... of 1 / (n log(n)^2).
_SERIES = 2.11


class ExceedanceTest:
    """Reports once the mean of P(wrong) has risen above a limit, at any time, however often it is asked.

    Against "the expectation of each P(wrong), given those before, is at most the limit" a test martingale
    bets on each image: it grows by the factor 1 + bet (P(wrong) - limit), whose expectation is then at most
    1. By Ville's inequality it ever reaches 1 / alpha with probability alpha at most (Waudby-Smith and
    Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86(1), 2024, section 4). A rise
    may come at any time, so another martingale starts every 50 images, the j-th with the share
    1 / (2.11 (j + 1) log(j + 1)^2) of alpha; these sum up to no more than alpha, which therefore bounds the
    probability of any false alarm in the whole run. Three sizes of the bet share alpha alike. All martingales
    of one bet grow by the same factors, so a running minimum finds the one that is nearest to its bound.

    Args:
        limit: mean of P(wrong), within 0 to 1.
        false_alarms: alpha, the probability of a false alarm in the whole run, resets included.
    """

    def __init__(self, limit: float, false_alarms: float) -> None:
        self._limit, self._images, self._starts = limit, 0, 0
        self._bets = [share / limit for share in _BETS]
        self._log_budget = math.log(_SERIES * len(_BETS) / false_alarms)
        self.reset()

    def reset(self) -> None:
        """Forget the images so far, and the alarm; what they cost of alpha stays spent."""
        self._images = 0
        self._log_wealth = [0.0] * len(self._bets)
        self._log_bounds = [math.inf] * len(self._bets)
        self.exceeded = False

    def add(self, wrong: Iterable[float]) -> bool:
        """Take in the P(wrong) of images, in their order; return whether the limit is exceeded."""
        for value in wrong:
            if self._images % _STRIDE == 0:
                self._starts += 1
                n = self._starts + 1
                cost = self._log_budget + math.log(n) + 2.0 * math.log(math.log(n))
                self._log_bounds = [
                    min(bound, wealth + cost)
                    for bound, wealth in zip(self._log_bounds, self._log_wealth, strict=True)
                ]
            self._images += 1
            for i, bet in enumerate(self._bets):
                self._log_wealth[i] += math.log1p(bet * (value - self._limit))
                self.exceeded |= self._log_wealth[i] >= self._log_bounds[i]
        return self.exceeded
