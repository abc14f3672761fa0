"""A small export in native layout, whose files a test may replace one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.extract import Extracted, extract
from pipelines.extract.layouts import write_layout
from schemas.sections import SECTION

AUTHORITY = "E06000034"
AS_AT = date(2025, 12, 31)
REF = "E06000034_00000000000"


def _rows(section: str, *rows: dict[str, object]) -> pl.DataFrame:
    empty = SECTION[section].empty()
    return pl.concat(
        [empty, pl.DataFrame([{**dict.fromkeys(empty.columns), **row} for row in rows], schema=empty.schema)]
    )


def small_sections() -> dict[str, pl.DataFrame]:
    """Three invented cases: a family placed twice, a single person with a review, and one under prevention."""
    one, two, three = (f"{REF}{number}" for number in (1, 2, 3))
    applied = {"la_code": AUTHORITY, "application_date": date(2025, 7, 1), "assess_date": date(2025, 7, 8)}
    facts = {"eligibility": "uk_roi_hr", "nationality": "GB", "lastaccom": "prs_self", "reasonloss": "prs_ast"}
    person = {"sex": "female", "forename": "Ada", "surname": "O'Neil, Jr", "nino": "QQ123456C", "pregnant": False}
    return {
        "main": _rows(
            "main",
            {"case_ref": one, "assess1": "relief", "benefits": "uc;hb", "officer": "AB", **applied, **facts},
            {"case_ref": two, "assess1": "relief", "referral": "dtr", "legacy": False, **applied, **facts},
            {"case_ref": three, "assess1": "prevention_notice", "php_date": date(2025, 7, 9), **applied, **facts},
        ),
        "people": _rows(
            "people",
            {"case_ref": one, "person_no": 1, "relationship": "main_applicant", "dependent": False, **person},
            {"case_ref": one, "person_no": 2, "relationship": "partner", "age": 30, "dependent": False},
            {
                "case_ref": one,
                "person_no": 3,
                "relationship": "dependent_child",
                "date_of_birth": date(2020, 2, 29),
                "dependent": True,
            },
            {
                "case_ref": two,
                "person_no": 1,
                "relationship": "main_applicant",
                "date_of_birth": date(1950, 1, 31),
                "last_address": "Flat 1, 2 Zoë Street, IG11 7AA",
                "dependent": False,
            },
            {"case_ref": three, "person_no": 1, "relationship": "main_applicant", "sex": "male", "dependent": False},
        ),
        "support_needs": _rows(
            "support_needs",
            {"case_ref": one, "support_need": "mental"},
            {"case_ref": one, "support_need": "eet"},
            {"case_ref": two, "support_need": "none"},
        ),
        "prevention": _rows("prevention", {"case_ref": three, "prevention_start": date(2025, 7, 8)}),
        "relief": _rows(
            "relief",
            {
                "case_ref": one,
                "relief_start": date(2025, 7, 8),
                "relief_end": date(2025, 9, 3),
                "relief_outcome": "elapsed_56",
            },
            {"case_ref": two, "relief_start": date(2025, 7, 8)},
        ),
        "final_duties": _rows(
            "final_duties",
            {"case_ref": one, "main_decision_date": date(2025, 9, 4), "main_decision": "accepted", "pneed": "children"},
        ),
        "assistance": _rows(
            "assistance", {"case_ref": one, "support_need": "mental", "assistance": "referred", "provider": "Mind"}
        ),
        "temporary_accommodation": _rows(
            "temporary_accommodation",
            {
                "case_ref": one,
                "placement_no": 1,
                "entry_date": date(2025, 7, 10),
                "exit_date": date(2025, 8, 1),
                "ta_type": "bb",
                "rate": 1045.5,
                "self_contained": False,
            },
            {
                "case_ref": one,
                "placement_no": 2,
                "entry_date": date(2025, 8, 1),
                "ta_type": "psl",
                "ta_la": "E09000002",
            },
        ),
        "reviews": _rows(
            "reviews",
            {
                "case_ref": two,
                "review_no": 1,
                "review_requested_date": date(2025, 10, 1),
                "decision_reviewed": "suitability",
                "appeal": False,
            },
        ),
    }


@pytest.fixture
def sections() -> dict[str, pl.DataFrame]:
    """The sections of the small export."""
    return small_sections()


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """The small export in native layout, in a folder of its own."""
    folder = tmp_path / "export"
    write_layout(small_sections(), "native", folder)
    return folder


@pytest.fixture(scope="session")
def small_native(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Bytes of the small export's files by name."""
    paths = write_layout(small_sections(), "native", tmp_path_factory.mktemp("native"))
    return {path.name: path.read_bytes() for path in paths}


@pytest.fixture
def read() -> Callable[..., Extracted]:
    """Extract with the authority and day of the small export."""

    def run(path: Path, profile: str = "native") -> Extracted:
        return extract(path, profile, authority=AUTHORITY, as_at=AS_AT)

    return run


@pytest.fixture
def rewrite(export: Path) -> Callable[[str, Callable[[str], str]], Path]:
    """Change the text of one file of the small export; returns the export."""

    def run(name: str, change: Callable[[str], str]) -> Path:
        path = export / name
        before = path.read_bytes().decode()
        after = change(before)
        assert after != before, "the test changed nothing"
        path.write_bytes(after.encode())
        return export

    return run


@pytest.fixture
def balanced() -> Callable[[Extracted], None]:
    """Asserts that every row of every file is loaded, set aside or left out, counted from what came of it."""

    def check(extracted: Extracted) -> None:
        for count in extracted.files:
            assert count.rows_read == count.rows_loaded + count.rows_set_aside + count.rows_left_out, count
            held = {
                row
                for frame in extracted.sections.values()
                for row in frame.filter(pl.col("_file") == count.name).get_column("_row").to_list()
            }
            whole = extracted.set_aside.filter(
                (pl.col("file") == count.name) & ~pl.col("reason").str.starts_with("part of the row")
            )
            assert whole.height == count.rows_set_aside, count
            assert len(held) == count.rows_loaded, count

    return check
