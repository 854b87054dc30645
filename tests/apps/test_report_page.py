#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The report's page as a reader meets it: in a browser, on a desktop and on a phone, light and dark."""

import io
import itertools
import json
import re
import shutil

import numpy as np
import pytest
from PIL import Image

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.csv_tables import write_rows
from gnuradio.aeiqa.experiments.evaluation.results import EVALUATION_COLUMNS, WORST_COLUMNS, worst_of
from gnuradio.aeiqa.experiments.evaluation.summary import SUMMARY_COLUMNS
from gnuradio.aeiqa.experiments.evaluation.verdict import VERDICT_COLUMNS, verdicts
from gnuradio.aeiqa.experiments.pictures import mistakes
from gnuradio.aeiqa.experiments.results import load
from gnuradio.aeiqa.experiments.store import Units
from gnuradio.aeiqa.experiments.sweep import Plan, SweepConfig, run_sweep
from gnuradio.aeiqa.experiments.sweep.pictures import constellation, worst
from gnuradio.aeiqa.images import load_dataset
from gnuradio.aeiqa.link.config import LinkConfig
from gnuradio.aeiqa.report.page import write_report

SECTIONS = (
    "table", "error", "predicted", "trust", "evaluation", "mistakes", "ber", "quality", "photograph", "image",
    "made",
)  # fmt: skip
FIGURES = (
    "error", "predicted", "scores_fitted", "scores_raw",
    "worst_score", "worst_psnr", "worst_ssim", "worst_piqe", "ber", "fig6_quality",
    "fig3_photograph_awgn", "fig3_photograph_rayleigh", "fig4_awgn", "fig5_rayleigh",
)  # fmt: skip
LINKS = [(c, m, s) for c in ("awgn", "rayleigh") for m in ("qpsk", "qam64") for s in (0.0, 15.0)]
BROWSER_OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def write_evaluation(folder, targets=("paper",)):
    """Write the files of an evaluation of two scores over eight links, as ./aeiqa evaluate does."""
    rng = np.random.default_rng(1)
    rows, summary = [], []
    cases = itertools.product(enumerate(targets), ("reference", "psnr"), ("raw", "fitted"))
    for (place, target), score, variant in cases:
        case = {"dataset": "mnist", "target": target, "score": score, "variant": variant}
        for seed, (number, (channel, modulation, snr)) in itertools.product((1, 2, 3), enumerate(LINKS)):
            true = 5.0 + 11 * number
            said = true + rng.normal(0, 1 if score == "reference" else 4)
            rows.append({
                **case, "seed": seed, "preset": "table2", "channel": channel, "modulation": modulation,
                "snr_db": snr, "n_images": 1000, "true_error_pct": true,
                "predicted_error_pct": None if (score, variant) == ("psnr", "raw") else said,
            })  # fmt: skip
        summary.append({
            **case, "links": "table2", "mean_abs_points": 1.234, "mean_abs_points_low": 1.1,
            "mean_abs_points_high": 1.4, "max_abs_points": 4.5 + 2.5 * place,
        })  # fmt: skip
    for name, columns, lines in (
        ("evaluation.csv", EVALUATION_COLUMNS, rows),
        ("summary.csv", SUMMARY_COLUMNS, summary),
        ("verdict.csv", VERDICT_COLUMNS, [verdict.as_row() for verdict in verdicts(rows, summary)]),
    ):
        with open(folder / name, "wb") as file:
            write_rows(file, columns, lines)


def small_plan():
    channels, modulations, snr = (tuple(dict.fromkeys(values)) for values in zip(*LINKS, strict=True))
    return Plan(SweepConfig(channels=channels, modulations=modulations, snr_db=snr, images=200))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of a real sweep of 200 images over eight links, with its page."""
    pytest.importorskip("torch")
    out = run_sweep(small_plan(), tmp_path_factory.mktemp("page") / "out", workers=2)
    write_evaluation(out)
    write_report(out, load(out))
    return out


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Chromium, driven by its own driver."""
    if not shutil.which("chromium") or not shutil.which("chromedriver"):
        pytest.skip("no chromium with chromedriver here (Debian packages chromium, chromium-driver)")
    webdriver = pytest.importorskip("selenium.webdriver", reason="no selenium (package python3-selenium)")
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = shutil.which("chromium")
    for argument in (*BROWSER_OPTIONS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
    yield driver
    driver.quit()


def look_at(browser, page, width, scheme):
    """Open the page in a window that wide, in light or dark."""
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    metrics = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    for log in ("browser", "performance"):
        browser.get_log(log)  # empties it of what came before
    browser.get(page.as_uri())


def luminance(colour):
    """Relative luminance of "rgb(r, g, b)" (WCAG 2.1)."""
    levels = np.array([int(level) for level in re.findall(r"\d+", colour)[:3]]) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_in_a_browser(browser, folder, width, scheme):
    look_at(browser, folder / "report.html", width, scheme)
    assert [s.get_attribute("id") for s in browser.find_elements("css selector", "section")] == list(SECTIONS)
    look = "i => [i.complete, i.naturalWidth, i.alt, i.currentSrc.length]"
    images = browser.execute_script(f"return [...document.querySelectorAll('picture img')].map({look})")
    assert len(images) == len([name for name in FIGURES if not name.startswith("worst")])
    assert all(complete and wide > 100 and alt and size > 5000 for complete, wide, alt, size in images)
    tiles = browser.execute_script(f"return [...document.querySelectorAll('.tiles img')].map({look})")
    assert len(tiles) >= 2 * 4 * 2  # sent and arrived, four scores, trusted and doubted
    assert all(complete and wide == 28 and alt for complete, wide, alt, _ in tiles)
    overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert browser.execute_script(overflow) == 0
    style = "return [getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    ink, ground = map(luminance, browser.execute_script(style))
    assert (ink < ground) == (scheme == "light")
    assert (max(ink, ground) + 0.05) / (min(ink, ground) + 0.05) > 7  # WCAG's strictest contrast
    assert browser.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    requests = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert requests
    assert {url.partition(":")[0] for url in requests} <= {"file", "data"}


def test_figures_follow_light_and_dark(browser, folder):
    tones = {}
    for scheme in ("light", "dark"):
        look_at(browser, folder / "report.html", 1280, scheme)
        browser.execute_script("document.querySelector('#ber img').scrollIntoView()")
        with Image.open(io.BytesIO(browser.get_screenshot_as_png())) as picture:
            tones[scheme] = np.asarray(picture.convert("L"), dtype=float)[:400]  # the figure fills the top
    # Mostly background, and words that stand out from it in both.
    assert np.median(tones["light"]) > 240
    assert np.median(tones["dark"]) < 40
    assert tones["light"].min() < 60
    assert tones["dark"].max() > 200


def test_a_phone_gets_its_own_layout_and_a_table_that_scrolls(browser, folder):
    look_at(browser, folder / "report.html", 390, "light")
    source = "return document.querySelector('#ber img').currentSrc.length"
    narrow = browser.execute_script(source)
    moved = browser.execute_script(
        "const box = document.querySelector('#table .scroll'), head = box.querySelector('tbody th');"
        "const wide = box.scrollWidth > box.clientWidth, before = head.getBoundingClientRect().left;"
        "box.scrollLeft = 200; return [wide, box.scrollLeft, head.getBoundingClientRect().left - before]"
    )
    assert moved == [True, 200, 0]
    look_at(browser, folder / "report.html", 1280, "light")
    assert browser.execute_script(source) != narrow


def test_the_page_is_one_small_file_that_refers_to_nothing(folder):
    page = (folder / "report.html").read_bytes()
    assert len(page) < 5_000_000
    assert not re.search(rb'(?:src|href|srcset)="(?!data:|#)', page)
    assert b"<script" not in page
    for name in FIGURES:
        with Image.open(folder / f"{name}.png") as picture:
            assert min(picture.size) > 300
        assert (folder / f"{name}.svg").read_bytes().startswith(b"<?xml")


@pytest.fixture(scope="module")
def records(folder):
    """The records of each condition, of one unit each."""
    units = Units(folder, load(folder).sweep.configuration)
    return {unit.condition: units.read(unit.key)["records"] for unit in small_plan().units}


def test_pictures_kept_are_what_arrived(folder, records):
    plan, kept = small_plan(), load(folder).sweep.pictures
    assert list(records) == LINKS
    units = Units(folder, load(folder).sweep.configuration)
    for unit in plan.units:
        images = dict(units.read(unit.key)["received"])
        assert 0 in images
        for position, image in images.items():
            errors = np.unpackbits(plan.dataset.images[position] ^ image).sum()
            assert errors == records[unit.condition]["bit_errors"][position]
    for rows in kept.mistakes.values():
        for mistake in (*rows.trusted, *rows.doubted):
            errors = np.unpackbits(mistake.sent ^ mistake.received).sum()
            assert errors in records[mistake.link]["bit_errors"]


@pytest.mark.parametrize("preset", ["physical", "table2"])
@pytest.mark.parametrize(("modulation", "points"), [("bpsk", 2), ("qpsk", 4), ("qam256", 256)])
def test_the_constellation_shown_is_the_modulations(preset, modulation, points):
    found = constellation(LinkConfig(preset=preset, modulation=modulation, channel="rayleigh"))
    assert len(found) == points
    assert np.mean(np.abs(found) ** 2) == pytest.approx(1, abs=1e-3)


def test_the_worst_are_wrong_and_the_most_extreme(records):
    found = worst(records.items(), ("score", "psnr_db"))
    for field in found:
        for row, wrong in zip(found[field], (True, False), strict=True):
            assert len(row) == len({m.position for m in row}) == len({m.link for m in row}) == 4
            assert all((mistake.answer != mistake.label) == wrong for mistake in row)
    trusted, doubted = found["psnr_db"]
    candidates = [
        kept["psnr_db"][(kept["prediction"] != kept["label"]) & (kept["sent_prediction"] == kept["label"])
                        & (kept["bit_errors"] > 0)]
        for kept in records.values()
    ]  # fmt: skip
    assert trusted[0].value == max(values.max() for values in candidates if len(values))
    assert [m.value for m in trusted] == sorted((m.value for m in trusted), reverse=True)
    assert [m.value for m in doubted] == sorted(m.value for m in doubted)


def write_worst(folder, targets=("paper",)):
    """Add images that a score got wrong, and what was evaluated, to ``write_evaluation``'s files."""
    images = load_dataset("mnist").take(200)
    configuration = {"dataset": "mnist", "images": 200, "seed": 1, "dataset_digest": images.digest}
    run = {"configuration": configuration, "snr_definition": "SNR is what it is."}
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    worst = [
        {
            "dataset": "mnist", "target": target, "score": "reference", "preset": "table2", "channel": "awgn",
            "modulation": "qpsk", "snr_db": 5.0 * number, "kind": kind, "index": images.indices[10 * number],
            "label": 7, "answer": answer, "value": value,
        }
        for target in targets
        for kind, answer, values in (("missed", 1, (0.2, 0.1, 0.3)), ("doubted", 7, (0.7, 0.9, 0.8)))
        for number, value in enumerate(values)
    ]  # fmt: skip
    with open(folder / "worst.csv", "wb") as file:
        write_rows(file, WORST_COLUMNS, worst)
    (folder / "units").mkdir()
    found = {}
    for target in targets:
        chosen = worst_of(worst, "reference", target, images.indices)
        rows = [mistakes(row, images.images, (), lambda at, link: images.images[at]) for row in chosen]
        found[target] = {"reference": rows}
    Units(folder, configuration).write("mistakes", found)
    return images, worst


def test_an_evaluation_alone_makes_a_page(tmp_path):
    write_evaluation(tmp_path)
    images, worst = write_worst(tmp_path)
    page = write_report(tmp_path, load(tmp_path))[0].read_text(encoding="utf-8")
    assert "1.23 (1.10 to 1.40)" in page
    assert 'id="table"' not in page
    assert "SNR is what it is." in page
    assert (tmp_path / "scores_fitted.png").exists()
    assert (tmp_path / "worst_paper_reference.svg").exists()
    assert next(iter(load(tmp_path).evaluation.scores("fitted"))) == "reference"
    missed, doubted = worst_of(worst, "reference", "paper", images.indices)
    assert [(m.value, m.position) for m in missed] == [(0.1, 10), (0.2, 0), (0.3, 20)]
    assert [m.value for m in doubted] == [0.9, 0.8, 0.7]


def test_every_target_has_its_verdict_and_its_gallery(browser, tmp_path):
    targets = ("paper", "my_model.onnx")
    write_evaluation(tmp_path, targets)
    write_worst(tmp_path, targets)
    page, *figures = write_report(tmp_path, load(tmp_path))
    assert {f"worst_{target}_reference.png" for target in targets} <= {path.name for path in figures}
    look_at(browser, page, 390, "dark")
    verdict = browser.find_element("css selector", "#trust").text
    assert "my_model.onnx defeats reference: 7.0 points off at worst (aim: at most 6)" in verdict
    assert "paper defeats" not in verdict
    rows = browser.find_elements("css selector", "#trust table.verdict tbody tr:not(.score)")
    assert [row.text.split()[0] for row in rows] == list(targets)
    results = [row.find_element("css selector", "td.result") for row in rows]
    assert [(cell.text, cell.get_attribute("aria-label")) for cell in results] == [
        ("✓", "met"),
        ("✗", "missed"),
    ]
    colours = "const look = getComputedStyle(arguments[0]); return [look.color, look.backgroundColor]"
    for scheme in ("light", "dark"):
        look_at(browser, page, 1280, scheme)
        chips = browser.find_elements("css selector", "#trust .chip")
        assert [chip.text for chip in chips] == ["✓ reference", "✗ reference defeated"]
        for chip in chips:
            tones = sorted(map(luminance, browser.execute_script(colours, chip)))
            assert (tones[1] + 0.05) / (tones[0] + 0.05) > 4.5  # WCAG's contrast for text
    look_at(browser, page, 390, "dark")
    folded = browser.find_elements("css selector", "#mistakes details")
    assert [fold.find_element("css selector", "summary").text for fold in folded] == [
        f"Classified by {target}" for target in targets
    ]
    assert [fold.get_attribute("open") for fold in folded] == ["true", None]
    browser.execute_script("arguments[0].click()", folded[1].find_element("css selector", "summary"))
    tiles = folded[1].find_elements("css selector", ".tiles img")
    assert len(tiles) == 2 * 2 * 3
    assert all(tile.size["width"] > 40 and tile.size["height"] > 40 for tile in tiles)
    overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert browser.execute_script(overflow) == 0
    assert browser.get_log("browser") == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("evaluation.csv", "dataset,target\n", "column score is missing"),
        ("evaluation.csv", "", "column dataset is missing"),
        ("summary.csv", "target\n", "summary.csv is damaged"),
        ("run.json", "{", "run.json: must hold a JSON object"),
        ("verdict.csv", "dataset\n", "verdict.csv is damaged"),
    ],
)
def test_damaged_evaluations(tmp_path, name, content, words):
    write_evaluation(tmp_path)
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        write_report(tmp_path, load(tmp_path))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("evaluation.csv", ",awgn,", ",sound,"),
        ("evaluation.csv", ",qam64,", ",qam63,"),
        ("verdict.csv", ",table2,", ",table3,"),
        ("verdict.csv", ",reference,", ",nobody's,"),
        ("run.json", '"images": 200', '"images": "200"'),
        ("run.json", '"seed": 1', '"seed": null'),
        ("run.json", '"configuration": {', '"versions": [], "configuration": {'),
        ("run.json", '"SNR is what it is."', "7"),
    ],
)
def test_evaluations_edited_by_hand_are_refused_in_one_line(tmp_path, name, old, new):
    write_evaluation(tmp_path)
    write_worst(tmp_path)
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match="damaged") as refusal:
        load(tmp_path)
    assert "\n" not in str(refusal.value)
