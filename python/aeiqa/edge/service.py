#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The edge's program: images in, answers out, an account of all of them and alarms."""

import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Optional

import numpy as np

from ..errors import ImageShapeError
from ..iqa import Answers, Judge, Score
from ..link.air import AirImage
from ..radio.image_log import ImageLog, StatusLine
from ..radio.receiving import Arrivals, Receiver, finite, image_fields, is_perfect
from .account import Account, Place
from .answers import Answer, AnswerSender
from .batches import Batcher, Waits
from .settings import EdgeSettings
from .watch import Watch
from .windows import SlidingScore

# Between looks for images: an answer should not wait for the look.
_POLL_SECONDS = 0.005
# Between looks at windows and alarms, whose intervals take time.
_LOOK_SECONDS = 0.2


class Edge:
    """Classifies, answers, counts and watches.

    Args:
        judge: classifies and scores; its score must be one that pools.
        settings: sizes and limits.
        answers: where answers go; None: nowhere.
        log: gets a line for each image before its answer goes out, so that a kill counts none twice.
        account: of earlier starts, as `Account.recall` has it of the log.
        clock: seconds that go on; for tests.
    """

    def __init__(
        self,
        judge: Judge,
        settings: EdgeSettings,
        answers: Optional[AnswerSender] = None,
        log: Optional[ImageLog] = None,
        account: Optional[Account] = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._judge, self.settings, self._answers = judge, settings, answers
        self._log, self._clock = log or ImageLog(None), clock
        self.account = account or Account()
        self.batcher = Batcher(settings.batch, settings.batch_wait, clock)
        self.waits = Waits()
        self.watch = Watch(settings, clock())
        self.window = SlidingScore(judge.score, settings.window)
        self.by_modulation: dict[str, SlidingScore] = {}
        self._lock = threading.Lock()
        self._status: dict[str, Any] = {}
        self.began = self._looked = clock()

    def take(self, images: Sequence[AirImage], flush: bool = False) -> int:
        """Let images in and answer those whose batch is due; return how many were answered.

        Raises:
            InputError: the judge cannot judge, for another reason than an image's shape.
        """
        self.batcher.add(images)
        answered = 0
        while batch := self.batcher.take(flush):
            were_answered = self._classify([image for _, image in batch])
            now = self._clock()
            for (arrived, _), was_answered in zip(batch, were_answered, strict=True):
                if was_answered:
                    self.waits.add(now - arrived)
            answered += sum(were_answered)
        return answered

    def look(self, counters: dict[str, Any]) -> None:
        """Look after the alarms, and make the status anew; ``counters`` as `AirReceiver.stats`."""
        prediction = self.window.prediction()
        for change in self.watch.look(self._clock(), prediction, counters):
            state = "on" if change.active else "off"
            self._log.write(event="alarm", alarm=change.alarm, active=change.active, text=change.text)
            print(f"\naeiqa edge: alarm {change.alarm} {state}: {change.text}", file=sys.stderr)
        status = self._make_status(counters)
        with self._lock:
            self._status, self._looked = status, self._clock()

    def status(self) -> dict[str, Any]:
        """Return the latest status, as docs/edge.md describes it; any thread may call."""
        with self._lock:
            return self._status

    def status_age(self) -> float:
        """Return how many seconds old the status is; any thread may call."""
        with self._lock:
            return self._clock() - self._looked

    def _classify(self, batch: Sequence[AirImage]) -> list[bool]:
        """Answer a batch; return which of its images got an answer."""
        now = self._clock()
        places = []
        for image in batch:
            place = self.account.place(image.stream, image.index, image.modulation, is_perfect(image))
            if not place.is_repeat:
                self.watch.image(now, place.missed, not is_perfect(image))
            places.append(place)
        found = self._judged(batch, places)
        self.watch.judged(
            answer.p_wrong
            for answer, place in zip(found, places, strict=True)
            if answer is not None and not place.is_repeat
        )
        for image, place, answer in zip(batch, places, found, strict=True):
            self._enter(image, place, answer)
        return [answer is not None for answer in found]

    def _enter(self, image: AirImage, place: Place, answer: Optional[Answer]) -> None:
        fields = image_fields(image) | {"missed": place.missed}
        if answer is None:
            self.account.unfit += not place.is_repeat
            self._log.write(**fields)
            return
        earlier = self.account.earlier(image.stream, image.index)
        if earlier is not None:
            answer = surer(earlier, answer)
        self.account.answer(answer)
        self._log.write(
            **fields,
            prediction=answer.label,
            probability=answer.probability,
            score=answer.p_wrong,
            copies=answer.copies,
        )
        if self._answers is not None:
            self._answers.send(answer)

    def _judged(self, batch: Sequence[AirImage], places: Sequence[Place]) -> list[Optional[Answer]]:
        """Return the answer to each image by itself; None where target or score does not take its shape."""
        found: list[Optional[Answer]] = [None] * len(batch)
        groups: dict[tuple, list[int]] = {}
        for i, (image, place) in enumerate(zip(batch, places, strict=True)):
            groups.setdefault((image.image.shape, image.modulation, place.is_repeat), []).append(i)
        for (_, modulation, is_repeat), alike in groups.items():
            try:
                answers, score = self._judge(np.stack([batch[i].image for i in alike]))
            except ImageShapeError:
                continue
            if not is_repeat:
                self._add(modulation, score)
            for number, i in enumerate(alike):
                found[i] = _answer(batch[i], answers, score, number)
        return found

    def _add(self, modulation: str, score: Score) -> None:
        self.window.add(score)
        if modulation not in self.by_modulation:
            self.by_modulation[modulation] = SlidingScore(self._judge.score, self.settings.window)
        self.by_modulation[modulation].add(score)

    def _make_status(self, counters: dict[str, Any]) -> dict[str, Any]:
        now, account, stats = self._clock(), self.account, self.account.stats
        share = self.watch.lost_share()
        return {
            "version": 1,
            "uptime_seconds": round(now - self.began, 3),
            "limit": self.settings.limit,
            "images": {
                "received": stats.received,
                "perfect": stats.perfect,
                "missed": stats.missed,
                "late": account.late,
                "repeated": account.repeats,
                "answered": account.judged,
                "unfit": account.unfit,
                "device_restarts": stats.restarts,
                "answers_dropped": self._answers.dropped if self._answers is not None else 0,
            },
            "images_by_modulation": [
                {"modulation": modulation, "outcome": outcome, "images": count}
                for (modulation, outcome), count in sorted(account.images.items())
            ],
            "predicted_error": self.window.prediction().fields(),
            "predicted_error_by_modulation": {
                name: window.prediction().fields() for name, window in sorted(self.by_modulation.items())
            },
            "lost_share": None if share != share else round(share, 6),
            "alarms": {
                name: {"active": alarm.active, "seconds": round(now - alarm.since, 1), "text": alarm.text}
                for name, alarm in self.watch.alarms.items()
            },
            "answer_seconds": self.waits.fields(),
            "receiver": finite(counters),
        }


def surer(earlier: Answer, latest: Answer) -> Answer:
    """Return which of two answers to an image is less probably wrong, counted as made of both."""
    best = min(earlier, latest, key=lambda answer: answer.p_wrong)
    return best._replace(copies=earlier.copies + latest.copies)


def serve(
    edge: Edge,
    receiver: Receiver,
    stop: threading.Event,
    log: ImageLog,
    count: Optional[int] = None,
    idle: Optional[float] = None,
) -> None:
    """Serve until ``stop`` is set, the samples end, or enough has come.

    Args:
        edge: what serves.
        receiver: not yet started.
        stop: ends it.
        log: the edge's.
        count: ends once all images of lower number have come or been missed; None: never.
        idle: seconds without an image after which to end, once one has come; None: never.

    Raises:
        InputError: the source failed, or the judge cannot judge.
    """
    stats, status, latest = edge.account.stats, StatusLine(), time.monotonic()
    came, next_look = False, 0.0

    def enough() -> bool:
        if count is not None and (stats.next_index or 0) >= count:
            return True
        return idle is not None and came and time.monotonic() - latest > idle

    with Arrivals("edge", receiver, stop, enough, _POLL_SECONDS) as arrivals:
        for images in arrivals:
            if images:
                latest, came = time.monotonic(), True
            edge.take(images)
            if time.monotonic() >= next_look:
                next_look = time.monotonic() + _LOOK_SECONDS
                edge.look(receiver.air.stats())
                status.show(_text(edge, receiver))
    edge.take([], flush=True)
    counters = receiver.air.stats()
    edge.look(counters)
    log.write(event="end", received=stats.received, missed=stats.missed, **finite(counters))
    status.end(_text(edge, receiver))
    arrivals.check()


def _text(edge: Edge, receiver: Receiver) -> str:
    parts = [edge.account.stats.text(receiver.air.stats()), f"answered {edge.account.judged}"]
    window = edge.window.prediction()
    if window.images:
        interval = f"({100 * window.low:.1f} to {100 * window.high:.1f})"
        parts.append(f"predicted error of the latest {window.images} {100 * window.error:.1f} % {interval}")
    parts += [alarm.text for alarm in edge.watch.alarms.values() if alarm.active]
    return ", ".join(parts)


def _answer(image: AirImage, answers: Answers, score: Score, number: int) -> Answer:
    label = int(answers.classes[number])
    probability = min(max(float(answers.probabilities[number, label]), 0.0), 1.0)
    p_wrong = min(max(float(score.per_image[number]), 0.0), 1.0)
    return Answer(image.stream, image.index, label, round(probability, 6), round(p_wrong, 6))
