#
# Copyright 2026 gr-aeiqa contributors.
#
# SPDX-License-Identifier: GPL-3.0-or-later
#
"""Results of a finished sweep in other forms: Parquet files, a run of MLflow."""

import json
import math
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Optional

from ..errors import InputError
from ..files import SUFFIX
from .csv_tables import snr_text
from .store import RUN_FILE
from .sweep.grid import Condition
from .sweep.per_image import IMAGE_COLUMNS
from .sweep.results import Results, load_results
from .sweep.table import IMAGES_FILE, TABLE_FILE

PARQUET_FOLDER = "images.parquet"
_FLOATS = {"snr_db", "psnr_db", "ssim", "piqe", "score"}
_WIDE = {"index", "bit_errors", "bits"}
_LINK = ("channel", "modulation", "snr_db")
_METRICS_AT_ONCE = 500  # MLflow takes 1000 in a call


def to_parquet(folder: Path, out: Optional[Path] = None) -> Path:
    """Write the values of images.csv.gz as Parquet, a file for each link, and return their folder.

    Columns are those of images.csv.gz: whole numbers as int32 (index, bits and bit errors int64), others as
    double, what is empty there as null. Memory does not grow with the number of images.

    Args:
        folder: of a finished sweep.
        out: where to; default: images.parquet in ``folder``. Files of an earlier export are replaced.

    Raises:
        InputError: pyarrow is missing, the folder holds no finished sweep, its images.csv.gz is damaged, or
            ``out`` holds something else.
    """
    pyarrow = _import("pyarrow", "parquet", "pip install pyarrow")
    from pyarrow import parquet

    results, out = load_results(folder), out or folder / PARQUET_FOLDER
    if out.exists() and not (out.is_dir() and all(file.suffix == ".parquet" for file in out.iterdir())):
        raise InputError(f"{out}: holds something else; choose another folder with --out")
    expected = len(results.rows) * results.configuration["images"]
    about = {"aeiqa": json.dumps(results.run)}
    part = out.with_name(f"{out.name}.{os.getpid()}{SUFFIX}")
    part.mkdir(parents=True)
    try:
        count, writer, link = 0, None, None
        try:
            for condition, batch in _by_link(pyarrow, folder / IMAGES_FILE):
                if condition != link:
                    if writer is not None:
                        writer.close()
                    path, link = part / f"{condition.key}.parquet", condition
                    writer = parquet.ParquetWriter(path, batch.schema.with_metadata(about))
                writer.write_batch(batch.replace_schema_metadata(about))
                count += len(batch)
        finally:
            if writer is not None:
                writer.close()
        if count != expected:
            raise InputError(f"{folder / IMAGES_FILE} is damaged ({count} lines, not {expected})")
        if out.exists():
            shutil.rmtree(out)
        os.replace(part, out)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return out


def to_mlflow(folder: Path) -> str:
    """Log a finished sweep as a run of MLflow, and return the run's id.

    Where to is MLflow's own business: MLFLOW_TRACKING_URI, MLFLOW_EXPERIMENT_NAME. Settings become
    parameters, cells of table.csv metrics such as ``ber/awgn/qam16/10dB``, the files artifacts.

    Raises:
        InputError: mlflow is missing or refuses, or the folder holds no finished sweep.
    """
    mlflow = _import("mlflow", "mlflow", "pip install mlflow")
    results = load_results(folder)
    try:
        with mlflow.start_run(run_name=folder.resolve().name) as run:
            parameters = dict(_flat(results.configuration))
            for name, value in parameters.items():
                mlflow.log_param(name, value)
            metrics = list(_metrics(results).items())
            for start in range(0, len(metrics), _METRICS_AT_ONCE):
                mlflow.log_metrics(dict(metrics[start : start + _METRICS_AT_ONCE]))
            for name in (RUN_FILE, TABLE_FILE, IMAGES_FILE, "report.html"):
                if (folder / name).exists():
                    mlflow.log_artifact(str(folder / name))
            return run.info.run_id
    except mlflow.exceptions.MlflowException as error:
        raise InputError(f"MLflow refuses: {' '.join(str(error).split())}") from None


EXPORTS: dict[str, Callable[..., Any]] = {"parquet": to_parquet, "mlflow": to_mlflow}


def _import(module: str, form: str, remedy: str) -> Any:
    try:
        return __import__(module)
    except ImportError as error:
        raise InputError(f"--to {form}: needs {module} ({remedy}): {error}") from None


def _by_link(pyarrow: Any, path: Path) -> Iterator[tuple[Condition, Any]]:
    """Yield (condition, batch of its lines) of images.csv.gz, in order."""
    from pyarrow import csv

    types = {name: pyarrow.int64() if name in _WIDE else pyarrow.int32() for name in IMAGE_COLUMNS}
    types |= dict.fromkeys(_FLOATS, pyarrow.float64())
    types |= {"channel": pyarrow.string(), "modulation": pyarrow.string()}
    convert = csv.ConvertOptions(
        column_types=types, null_values=[""], include_columns=[*_LINK, *IMAGE_COLUMNS]
    )
    try:
        with csv.open_csv(pyarrow.input_stream(path, compression="gzip"), convert_options=convert) as lines:
            for batch in lines:
                columns = [batch.column(name).to_pylist() for name in _LINK]
                links = list(zip(*columns, strict=True))
                ends = [k for k in range(1, len(links)) if links[k] != links[k - 1]] + [len(links)]
                for start, end in zip([0, *ends], ends, strict=False):
                    if end > start:
                        yield Condition(*links[start]), batch.slice(start, end - start)
    except (pyarrow.ArrowException, OSError, EOFError) as error:
        raise InputError(f"{path} is damaged ({' '.join(str(error).split())})") from None


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, ",".join(map(str, value)) if isinstance(value, list) else value


def _metrics(results: Results) -> dict[str, float]:
    """Return the cells of the table that are finite numbers."""
    found = {}
    for row in results.rows:
        link = f"{row['channel']}/{row['modulation']}/{snr_text(row['snr_db'])}dB"
        for name, value in row.items():
            if name not in _LINK and isinstance(value, (int, float)) and math.isfinite(value):
                found[f"{name}/{link}"] = float(value)
    return found
