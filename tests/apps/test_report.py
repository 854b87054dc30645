#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""The report: the paper and a measurement side by side, figures, and folders that hold no results."""

import io
import json
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gnuradio.aeiqa import cli
from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.csv_tables import read_rows, write_rows
from gnuradio.aeiqa.experiments.sweep.results import load_paper, load_results, summarise
from gnuradio.aeiqa.experiments.sweep.table import COLUMNS
from gnuradio.aeiqa.files import data_dir
from gnuradio.aeiqa.report import report_text
from gnuradio.aeiqa.report.style import save, style
from gnuradio.aeiqa.report.sweep.figures import draw_ber, draw_quality

APP = Path(__file__).parents[2] / "apps" / "report.py"


def a_sweep(folder, preset="table2", target=True, estimation="none"):
    """Make a folder as a sweep leaves it, with results that are the paper's, BER a tenth above."""
    folder.mkdir()
    paper = load_paper()
    rows = []
    for number, theirs in enumerate(paper.values()):
        row = {**dict.fromkeys(COLUMNS), **theirs, "ber": 1.1 * theirs["ber"]}
        row |= {
            "ber_low": 0.9 * row["ber"],
            "ber_high": 1.2 * row["ber"] + 1e-8,
            "ssim": number / 32,
            "piqe": 80.0,
        }
        row |= {
            "psnr_finite_db": 10.0 + number,
            "identical_share": float(theirs["psnr_correct_db"] == np.inf),
        }
        if not target:
            row |= {"iqa_error_pct": None, "classifier_error_pct": None, "psnr_correct_db": None}
        rows.append(row)
    with open(folder / "table.csv", "wb") as file:
        write_rows(file, COLUMNS, rows)
    link = {"labels": "natural", "estimation": estimation, "training_symbols": 1}
    configuration = {
        "preset": preset, "channels": ["awgn", "rayleigh"], "modulations": ["bpsk", "qpsk", "qam16", "qam64"],
        "snr_db": [0.0, 5.0, 10.0, 15.0], "dataset": "mnist", "images": 10_000, "background": 20,
        "link": {"awgn": link, "rayleigh": link},
    }  # fmt: skip
    run = {"configuration": configuration, "units": 160, "snr_definition": "SNR is what it is."}
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def app_main():
    """The application's main function, in this process."""
    sys.path.insert(0, str(APP.parent))
    try:
        import report as module
    finally:
        sys.path.remove(str(APP.parent))
    return module.main


def test_the_papers_own_summary_follows_from_its_table():
    summary = summarise(list(load_paper().values()))
    assert [round(value, 2) for value in summary[:2]] == [7.60, 22.43]
    assert [round(value, 3) for value in summary[2:]] == [0.977, 0.984]


def test_summaries_of_few_equal_or_missing_values():
    row = {"iqa_error_pct": 3.0, "classifier_error_pct": 1.0}
    assert summarise([row, row, row]) == (2.0, 2.0, None, None)
    assert summarise([row]) == (2.0, 2.0, None, None)
    assert summarise([row, {**row, "iqa_error_pct": None}]) is None
    assert summarise([]) is None


def test_side_by_side(tmp_path):
    lines = report_text(load_results(a_sweep(tmp_path / "out"))).splitlines()
    assert lines[0] == "10000 images of mnist, background 20, preset table2"
    assert lines[1] == "SNR is what it is."
    (row,) = [line for line in lines if line.startswith("AWGN     16-QAM      5")]
    cells = [cell.split() for cell in row.split("|")[1:]]
    assert cells[0] == ["0.2049", "0.2254", "+0.0205"]
    assert cells[1] == ["0.93", "0.93", "+0.00"]
    assert cells[3] == ["17.72", "17.72", "+0.00"]
    (row,) = [line for line in lines if line.startswith("AWGN     BPSK       15")]
    assert row.split("|")[4].split() == ["inf", "inf", "+0.00"]
    assert lines[-2].startswith("|IQA - error| (paper, 32 rows): mean 7.60 points, max 22.43; Pearson 0.977")
    assert lines[-1].endswith(lines[-2].split(":", 1)[1])
    assert max(map(len, lines)) <= 130


def test_links_other_than_the_papers_stand_alone(tmp_path):
    text = report_text(load_results(a_sweep(tmp_path / "out", preset="physical")))
    assert "paper" not in text
    assert "measured, 32 rows" in text
    assert sum(line.startswith(("AWGN", "Rayleigh")) for line in text.splitlines()) == 32


def test_without_a_target_its_columns_are_left_out(tmp_path):
    text = report_text(load_results(a_sweep(tmp_path / "out", target=False)))
    assert "BER" in text
    assert "IQA" not in text
    assert " - " not in text


@pytest.mark.parametrize(("preset", "estimation"), [("table2", "none"), ("physical", "ls")])
def test_figures_show_every_modulation_and_stay_the_same(tmp_path, preset, estimation):
    results = load_results(a_sweep(tmp_path / "out", preset, estimation=estimation))
    with style():
        for draw in (draw_ber, draw_quality):
            png, svg = save(draw(results), tmp_path, "figure")
            first = png.read_bytes(), svg.read_bytes()
            pixels = Image.open(io.BytesIO(first[0])).convert("RGB").getcolors(maxcolors=1 << 24)
            colours = {colour for _, colour in pixels}
            for modulation_colour in ("0072B2", "D55E00", "009E73", "CC79A7"):
                assert tuple(bytes.fromhex(modulation_colour)) in colours
            if preset == "table2":
                save(draw(results), tmp_path, "figure")
            assert (png.read_bytes(), svg.read_bytes()) == first


def test_psnr_is_missing_where_an_image_arrived_whole(tmp_path):
    figure = draw_quality(load_results(a_sweep(tmp_path / "out")))
    psnr, ssim, _ = (axis.get_lines() for axis in figure.axes)
    ours, paper = psnr[::2], psnr[1::2]  # a line and the paper's crosses for each curve
    assert len(ours) == len(paper) == 8
    for bpsk in (ours[0].get_ydata(), paper[0].get_ydata()):
        assert np.isfinite(bpsk).tolist() == [True, True, False, False]
    for curve in ssim[:2]:
        assert np.isfinite(curve.get_ydata()).all()
    assert ssim[1].get_ydata()[0] == pytest.approx(0.43, abs=1e-3)  # 2.44 dB


def test_quality_without_the_papers_values_is_of_all_images(tmp_path):
    results = load_results(a_sweep(tmp_path / "out", "physical", estimation="ls"))
    lines = draw_quality(results).axes[1].get_lines()
    ours = lines[::2]
    rows = [row for row in results.rows if (row["channel"], row["modulation"]) == ("awgn", "bpsk")]
    assert ours[0].get_ydata().tolist() == [
        row["ssim"] for row in sorted(rows, key=lambda row: row["snr_db"])
    ]
    assert not any(len(line.get_ydata()) for line in lines[1::2])


def test_the_command_prints(tmp_path, capsys, app_main):
    assert app_main([str(a_sweep(tmp_path / "out")), "--no-page"]) == 0
    assert "Pearson" in capsys.readouterr().out
    assert not (tmp_path / "out" / "report.html").exists()


def test_the_page_tells_what_it_lacks(tmp_path, capsys, app_main):
    folder = a_sweep(tmp_path / "out", target=False)
    assert app_main([str(folder)]) == 0
    assert str(folder / "report.html") in capsys.readouterr().out
    page = (folder / "report.html").read_text(encoding="utf-8")
    missing = page[page.index('id="missing"') :]
    assert "no classifier read these images" in missing
    assert missing.count("holds no pictures; the same ./aeiqa sweep adds them") == 2
    assert "holds no evaluation" in missing
    assert 'id="mistakes"' not in page
    assert 'id="ber"' in page


def delete(name):
    return lambda folder: (folder / name).unlink()


def write(name, content):
    return lambda folder: (folder / name).write_bytes(content)


def units_but_no_table(folder):
    (folder / "table.csv").unlink()
    (folder / "units").mkdir()
    for number in range(3):
        (folder / "units" / f"{number}.npz").touch()


def shorten_table(folder):
    lines = (folder / "table.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "table.csv").write_text("".join(lines[:-1]), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (shutil.rmtree, "is no folder"),
        (delete("run.json"), "holds no sweep"),
        (units_but_no_table, "incomplete, 3 of 160 units"),
        (shorten_table, "31 rows for 32 conditions"),
        (write("run.json", b"{"), "run.json"),
        (write("run.json", b"[]"), "run.json"),
        (write("run.json", b'{"configuration": {}}'), "run.json"),
        (write("run.json", b"\xff\xfe"), "run.json"),
        (write("table.csv", b""), "table.csv is damaged"),
        (write("run.json", b"[" * 100_000), r"run\.json: must hold a JSON object \(nested"),
        (write("table.csv", b"\xff\xfe"), "table.csv is damaged"),
        (write("table.csv", ",".join(COLUMNS).encode() + b"\nawgn,bpsk,zero\n"), "table.csv is damaged"),
    ],
)
def test_folders_without_results(tmp_path, capsys, app_main, damage, words):
    folder = a_sweep(tmp_path / "out")
    damage(folder)
    with pytest.raises(InputError, match=words):
        load_results(folder)
    with pytest.raises(SystemExit) as leaving:
        cli.run("aeiqa report", lambda _: app_main([str(folder)]))
    assert leaving.value.code == cli.EXIT_USAGE
    errors = capsys.readouterr().err
    assert errors.startswith("aeiqa report: ")
    assert errors.count("\n") == 1


def test_the_independent_simulation_covers_the_papers_rows():
    reference = data_dir() / "paper" / "table2_reference.csv"
    keys = [line.split(",")[:3] for line in reference.read_text(encoding="utf-8").splitlines()[1:]]
    paper = read_rows(data_dir() / "paper" / "table2.csv")
    assert [(channel, name, float(snr)) for channel, name, snr in keys] == [
        (row["channel"], row["modulation"], row["snr_db"]) for row in paper
    ]


def test_nothing_that_a_folder_names_is_opened_or_run(tmp_path, monkeypatch, app_main):
    """Whoever sends a folder of results decides no more than what its page shows."""
    code, outside, folder = tmp_path / "code", tmp_path / "outside", a_sweep(tmp_path / "out")
    code.mkdir()
    outside.mkdir()
    (code / "evil.py").write_text("raise SystemExit('code of a results folder ran')", encoding="utf-8")
    (outside / "model.onnx").write_bytes(b"")
    monkeypatch.syspath_prepend(str(code))  # Python itself lists it
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    for target in ("evil:go", str(outside / "model.onnx")):
        run |= {"target_source": target, "dataset_source": str(outside), "models_source": str(outside)}
        run["configuration"] |= {"target": target, "score": "../evil", "dataset_digest": "0"}
        (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
        # What unpickles runs code, too.
        (folder / "units").mkdir(exist_ok=True)
        np.savez(folder / "units" / "pictures.npz", stamp=np.array([Evil()], object), result=np.zeros(1))
        with opened() as paths:
            assert app_main([str(folder)]) == 0
        assert [path for path in paths if path.name.startswith("report.html")]  # it does watch
        assert not [path for path in paths if path.is_relative_to(outside) or path.parent == code]
        assert "evil" not in sys.modules


class Evil:
    def __reduce__(self):
        return exec, ("import evil",)


_WATCHED: list[list[Path]] = []
_HOOKED = []


@contextmanager
def opened():
    """Collect what is opened in here; a hook can never be taken away again."""
    if not _HOOKED:
        _HOOKED.append(True)
        sys.addaudithook(_watch)
    _WATCHED.append([])
    try:
        yield _WATCHED[-1]
    finally:
        _WATCHED.clear()


def _watch(event, arguments):
    if _WATCHED and event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], (str, Path)):
        _WATCHED[-1].append(Path(arguments[0]))


def test_figures_do_not_follow_links_out_of_the_folder(tmp_path, app_main):
    folder = a_sweep(tmp_path / "out", target=False)
    (tmp_path / "precious").write_text("years of work", encoding="utf-8")
    for name in ("ber.png", "ber.svg", "report.html"):
        (folder / name).symlink_to(tmp_path / "precious")
    assert app_main([str(folder)]) == 0
    assert (tmp_path / "precious").read_text(encoding="utf-8") == "years of work"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("preset", "nobody's"), ("channels", ["sound"]), ("channels", 10**9), ("modulations", [["bpsk"]]),
        ("modulations", ["qam31"]), ("snr_db", "0"), ("snr_db", [None]), ("snr_db", []), ("images", None),
        ("link", {}), ("link", {"awgn": {"labels": 7}}), ("dataset", 5), ("channels", {}),
    ],
)  # fmt: skip
def test_a_description_of_any_content_is_refused_in_one_line(tmp_path, name, value):
    folder = a_sweep(tmp_path / "out")
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    run["configuration"][name] = value
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    with pytest.raises(InputError, match=r"(run\.json|table\.csv) is damaged") as refusal:
        load_results(folder)
    assert "\n" not in str(refusal.value)
