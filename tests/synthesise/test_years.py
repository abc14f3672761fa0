"""Years of cases from one quarter: the quarter as it was, and before it cases that are over."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest

from bench import years
from tests.conftest import ROOT

SAMPLE = ROOT / "data" / "sample" / "native"
AUTHORITY = "E06000034"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("years")
    listed = f"authority,export,source,quarter\n{AUTHORITY},{SAMPLE},native,2025-Q3\n"
    (folder / "manifest.csv").write_text(listed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["years", str(folder), str(folder / "out"), "--copies", "3", "--processes", "1"])
        with pytest.raises(SystemExit) as ended:
            years.main()
    assert ended.value.code == 0
    return folder / "out"


def read(folder: Path, section: str) -> pl.DataFrame:
    return pl.read_csv(folder / f"{section}.csv", infer_schema=False)


@pytest.mark.parametrize("section", ["main", "people", "relief", "temporary_accommodation", "assistance"])
def test_the_quarter_stands_first_as_it_was(section: str, out: Path) -> None:
    before, made = read(SAMPLE, section), read(out / AUTHORITY, section)
    assert made.head(before.height).equals(before)
    assert made.height > 2 * before.height


def test_earlier_cases_have_other_references_and_are_over(out: Path) -> None:
    of_all = out / AUTHORITY
    assert read(of_all, "main")["case_ref"].is_unique().all()
    earlier = ~pl.col("case_ref").str.contains("_00")
    assert read(of_all, "temporary_accommodation").filter(earlier)["exit_date"].null_count() == 0
    assert read(of_all, "relief").filter(earlier)["relief_end"].null_count() == 0
    cases = set(read(of_all, "main")["case_ref"])
    assert set(read(of_all, "people")["case_ref"]) <= cases


def test_numbers_stay_such_as_are_never_issued(out: Path) -> None:
    numbers = read(out / AUTHORITY, "people")["nino"].drop_nulls()
    assert numbers.str.contains(r"^QQ\d{6}[A-D]$").all()
    assert (out / "manifest.csv").read_text().splitlines()[1] == f"{AUTHORITY},{AUTHORITY},native,2025-Q3"
