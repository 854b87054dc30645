#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The edge's status as Prometheus reads it: text exposition format, version 0.0.4."""

from collections.abc import Mapping
from typing import Any, Optional

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_IMAGES = {
    "missed": ("aeiqa_images_missed_total", "Images whose numbers were left out when they were due."),
    "late": ("aeiqa_images_late_total", "Images that came after they had been counted as missed."),
    "repeated": ("aeiqa_images_repeated_total", "Images that came once more."),
    "unfit": ("aeiqa_images_unfit_total", "Images of a shape that target or score do not take."),
    "answered": ("aeiqa_answers_total", "Images with an answer."),
    "answers_dropped": ("aeiqa_answers_dropped_total", "Answers that nobody took, since the start."),
    "device_restarts": ("aeiqa_device_restarts_total", "Times that the numbers of images began again lower."),
}
_FRAMES = {"payloads_ok": "perfect", "payloads_bad": "damaged", "frames_lost": "lost"}
_PREDICTED = {
    "error": ("aeiqa_predicted_error_ratio", "Predicted share of misclassified images in the window."),
    "low": ("aeiqa_predicted_error_lower_ratio", "Lower end of its 95 % interval."),
    "high": ("aeiqa_predicted_error_upper_ratio", "Upper end of its 95 % interval."),
}


def metrics_text(status: Mapping[str, Any]) -> str:
    """Return a status, as `Edge.status` has it, in Prometheus' text format; what is unknown is left out."""
    lines: list[str] = []

    def add(name: str, kind: str, help: str, *samples: tuple[dict[str, str], Optional[float]]) -> None:
        known = [(labels, value) for labels, value in samples if value is not None]
        if known:
            lines.extend((f"# HELP {name} {help}", f"# TYPE {name} {kind}"))
            lines.extend(f"{name}{_labels(labels)} {value!r}" for labels, value in known)

    rows = status["images_by_modulation"]
    images = [({name: row[name] for name in ("modulation", "outcome")}, row["images"]) for row in rows]
    add("aeiqa_images_total", "counter", "Images received, by modulation and outcome.", *images)
    for field, (name, help) in _IMAGES.items():
        add(name, "counter", help, ({}, status["images"][field]))
    receiver = status["receiver"]
    frames = [
        ({"outcome": outcome}, receiver[field]) for field, outcome in _FRAMES.items() if field in receiver
    ]
    add("aeiqa_frames_total", "counter", "Frames since the start, by outcome.", *frames)
    add("aeiqa_samples_total", "counter", "Samples taken in since the start.", ({}, receiver["samples"]))
    for field, (name, help) in _PREDICTED.items():
        parts = status["predicted_error_by_modulation"].items()
        add(name, "gauge", help, ({}, status["predicted_error"][field]))
        by_modulation = [({"modulation": modulation}, part[field]) for modulation, part in parts]
        add(
            name.replace("aeiqa_", "aeiqa_modulation_"), "gauge", f"{help} Of one modulation.", *by_modulation
        )
    add("aeiqa_error_limit_ratio", "gauge", "Predicted error not to be exceeded.", ({}, status["limit"]))
    add(
        "aeiqa_lost_ratio", "gauge", "Share of the latest images lost or damaged.", ({}, status["lost_share"])
    )
    alarms = [({"alarm": name}, int(alarm["active"])) for name, alarm in status["alarms"].items()]
    add("aeiqa_alarm", "gauge", "Whether an alarm is on.", *alarms)
    for field, help in (("snr_db", "Es/N0 of the latest frame in dB."), ("level_db", "Mean level in dB.")):
        add(f"aeiqa_{field}", "gauge", help, ({}, receiver.get(field)))
    waits = status["answer_seconds"]
    buckets = [*waits["at_most"].items(), ("+Inf", waits["count"])]
    lines += [
        "# HELP aeiqa_answer_seconds Time from an image's arrival to its answer, since the start.",
        "# TYPE aeiqa_answer_seconds histogram",
        *(f'aeiqa_answer_seconds_bucket{{le="{bound}"}} {count!r}' for bound, count in buckets),
        f"aeiqa_answer_seconds_sum {waits['sum']!r}",
        f"aeiqa_answer_seconds_count {waits['count']!r}",
    ]
    add("aeiqa_uptime_seconds", "gauge", "Time since the start.", ({}, status["uptime_seconds"]))
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    text = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return f"{{{text}}}" if text else ""
