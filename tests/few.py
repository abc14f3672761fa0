"""A few cases of the sample, and runs that write no more than is asked about: what most tests of a run need."""

from __future__ import annotations

import atexit
import csv
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from pipelines.run import run

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample" / "native"
EVERY = 24
"""Of the sample's 1,203 cases."""
NOT_OF_THE_RETURN = frozenset({"emit_tables", "emit_worklists", "emit_metrics"})
"""Steps that take most of the time of a small run, and on whose files nothing of the return rests."""


@cache
def few() -> Path:
    """An export of every so-manieth case of the sample, with all its rows; made once a process, only to be read."""
    folder = Path(mkdtemp(prefix="hclic-few-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with (SAMPLE / "main.csv").open(encoding="utf-8", newline="") as handle:
        chosen = {row["case_ref"] for row in list(csv.DictReader(handle))[::EVERY]}
    for path in sorted(SAMPLE.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            reader = csv.DictReader(handle)
            rows = [row for row in reader if row["case_ref"] in chosen]
        with (folder / path.name).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(reader.fieldnames or ()), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder


@contextmanager
def without(*steps: str) -> Iterator[None]:
    """Let the runs of the block go without these steps; by default without those that are not of the return."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(run.LEFT_OUT, None, frozenset(steps) or NOT_OF_THE_RETURN)
        yield
