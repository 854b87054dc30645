#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Exports hold the values of the results' own files, as other readers find them."""

import csv
import gzip
import importlib.util
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gnuradio.aeiqa.errors import InputError
from gnuradio.aeiqa.experiments.csv_tables import read_rows
from gnuradio.aeiqa.experiments.export import to_mlflow, to_parquet
from gnuradio.aeiqa.experiments.sweep import run_sweep

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def swept(small_plan, serial_engine, tmp_path):
    """A finished sweep of 12 images over eight links, without a classifier."""
    return run_sweep(small_plan(snr_db=(-2.5, 10.0)), tmp_path / "out", engine=serial_engine())


def own_lines(folder):
    """The values of images.csv.gz: None where empty."""
    with gzip.open(folder / "images.csv.gz", "rt", encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    text = {"channel", "modulation"}
    return [{k: v if k in text else float(v) if v else None for k, v in line.items()} for line in lines]


def plain(rows):
    """Rows as any reader gives them, in their order, absent values as None."""
    rows = [
        {k: None if v is None or (isinstance(v, float) and math.isnan(v)) else v for k, v in row.items()}
        for row in rows
    ]
    return sorted(rows, key=lambda row: (row["channel"], row["modulation"], row["snr_db"], row["index"]))


def test_parquet_holds_what_images_csv_holds(swept):
    pyarrow = pytest.importorskip("pyarrow")
    folder = to_parquet(swept)
    assert folder == swept / "images.parquet"
    assert len(list(folder.iterdir())) == 8
    expected = own_lines(swept)
    assert len(expected) == 96
    assert sum(math.isinf(line["psnr_db"]) for line in expected) > 0
    assert {line["prediction"] for line in expected} == {None}

    from pyarrow import parquet

    table = parquet.read_table(folder)
    assert plain(table.to_pylist()) == plain(expected)
    assert table.schema.field("bits").type == pyarrow.int64()
    one = parquet.read_table(folder / "awgn-bpsk--2.5dB.parquet")
    assert json.loads(one.schema.metadata[b"aeiqa"]) == json.loads((swept / "run.json").read_text())
    assert len(one) == 12
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert to_parquet(swept) == folder  # once more
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert not [path for path in swept.iterdir() if ".part" in path.name]


@pytest.mark.parametrize("reader", ["pandas", "polars", "duckdb"])
def test_other_readers_find_the_same_values(swept, reader):
    pytest.importorskip("pyarrow")
    module = pytest.importorskip(reader)
    files = str(to_parquet(swept) / "*.parquet")
    if reader == "pandas":
        frame = module.read_parquet(swept / "images.parquet")
        rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    elif reader == "polars":
        rows = module.read_parquet(files).to_dicts()
    else:
        found = module.sql(f"select * from read_parquet('{files}')")
        rows = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    assert plain(rows) == plain(own_lines(swept))


def test_what_cannot_be_exported_is_refused_and_left_alone(swept, tmp_path):
    pytest.importorskip("pyarrow")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("precious")
    with pytest.raises(InputError, match="other: holds something else; choose another folder"):
        to_parquet(swept, tmp_path / "other")
    assert (tmp_path / "other" / "thesis.txt").read_text() == "precious"
    images = swept / "images.csv.gz"
    content = images.read_bytes()
    lines = gzip.decompress(content).splitlines(keepends=True)
    for damage in (content[:-20], gzip.compress(b"".join(lines[:-1])), gzip.compress(b"a,b\n1,2\n"), b"x"):
        images.write_bytes(damage)
        with pytest.raises(InputError, match=r"images\.csv\.gz is damaged") as refusal:
            to_parquet(swept)
        assert "\n" not in str(refusal.value)
        assert not [path for path in swept.iterdir() if "parquet" in path.name]
    with pytest.raises((InputError, OSError), match="nowhere"):
        to_parquet(tmp_path / "nowhere")


def test_mlflow_holds_settings_table_and_files(swept, tmp_path):
    """Read from MLflow's own files; by a process of its own, since MLflow warns when it is imported."""
    if importlib.util.find_spec("mlflow") is None:
        pytest.skip("no mlflow")
    runs, names = tmp_path / "runs", ("PATH", "HOME", "PYTHONPATH", "LD_LIBRARY_PATH")
    env = {name: os.environ[name] for name in names if name in os.environ}
    env["MLFLOW_TRACKING_URI"] = runs.as_uri()
    command = [sys.executable, ROOT / "apps" / "export.py", swept, "--to", "mlflow"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    (run,) = runs.glob(f"*/{done.stdout.removeprefix('run ').strip()}")
    rows = read_rows(swept / "table.csv")
    for row in rows:
        link = f"{row['channel']}/{row['modulation']}/{row['snr_db']:g}dB"
        for name in ("ber", "ssim", "bit_errors"):
            _, value, _ = (run / "metrics" / name / link).read_text().split()
            assert float(value) == row[name]
        assert (run / "metrics" / "psnr_finite_db" / link).exists() == math.isfinite(row["psnr_finite_db"])
        assert not (run / "metrics" / "classifier_error_pct").exists()
    assert (run / "params" / "link.awgn.seed").read_text() == "1"
    assert (run / "params" / "channels").read_text() == "awgn,rayleigh"
    for name in ("run.json", "table.csv", "images.csv.gz"):
        assert (run / "artifacts" / name).read_bytes() == (swept / name).read_bytes()


@pytest.mark.parametrize(("module", "export"), [("pyarrow", to_parquet), ("mlflow", to_mlflow)])
def test_without_its_library_a_form_is_refused_with_the_remedy(tmp_path, monkeypatch, module, export):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match=rf"--to \w+: needs {module} \(pip install {module}\)"):
        export(tmp_path)
