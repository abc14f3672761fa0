"""Whatever a profile says and an export holds: it is read or refused in a sentence, which tells no cell."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from pipelines.errors import InputError, UsageError
from pipelines.extract import Extracted, extract
from tests.extract.mapped import run
from tests.extract.shapeless import SECRET, Case, cases

pytestmark = pytest.mark.no_cover

Read = Callable[..., Extracted]


@settings(max_examples=15, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
@given(cases)
def test_any_profile_and_export_end_with_a_result_or_a_sentence(case: Case) -> None:
    with tempfile.TemporaryDirectory() as folder:
        export, profile = Path(folder, "in"), Path(folder, "mine.toml")
        export.mkdir()
        for name, text in case.files.items():
            (export / f"{name}.csv").write_text(text, encoding="utf-8")
        profile.write_text(case.profile, encoding="utf-8")
        try:
            extract(export, str(profile), authority="E06000034", as_at=date(2025, 12, 31))
        except (UsageError, InputError) as refused:
            told = set(re.findall(re.escape(SECRET).replace(r"\{\}", r"\d"), str(refused)))
            assert not {one for one in told if one not in case.profile}, refused


PEOPLE = """
[[table]]
file = "cases"
[table.people]
case_ref = "Case"
person_no = { constant = "1" }
[[table]]
"""


def test_a_row_of_groups_longer_than_the_row_of_headings_adds_no_column(tmp_path: Path, read: Read) -> None:
    profile = PEOPLE + 'file = "main"\nheader_rows = [1, 2]\n[table.main]\ncase_ref = "Group > Case"\n'
    found = run(tmp_path, read, profile, cases="Case\nA1", main="Group,More,Most\nCase,Applied\nA1,2025-07-01")
    assert found.sections["main"]["case_ref"].to_list() == ["A1"]


def test_a_heading_named_twice_in_when_is_one_condition(tmp_path: Path, read: Read) -> None:
    profile = PEOPLE + 'file = "main"\n[table.main]\nwhen = ["Applied", "Applied"]\ncase_ref = "Case"\n'
    found = run(tmp_path, read, profile, cases="Case\nA1", main="Case,Applied\nA1,2025-07-01\nA2,")
    assert found.sections["main"]["case_ref"].to_list() == ["A1"]


def test_a_file_whose_first_headings_are_all_blank_is_read(tmp_path: Path, read: Read) -> None:
    blank = "," * 14
    profile = PEOPLE + 'file = "main"\n[table.main]\ncase_ref = "Case"\n'
    found = run(tmp_path, read, profile, cases="Case\nA1", main=f"{blank}Case\n{blank}A1")
    assert found.sections["main"]["case_ref"].to_list() == ["A1"]


@pytest.mark.parametrize("places", ["null", "[]", "case when false then _at end"])
def test_a_statement_that_gives_no_places_itself_still_gives_rows(tmp_path: Path, read: Read, places: str) -> None:
    profile = f"""[sql]
first = 'select "Case", {places} as _at from main'
{PEOPLE}from = "first"
[table.main]
case_ref = "Case"
"""
    found = run(tmp_path, read, profile, cases="Case\nA1", main="Case\nA1\nA2")
    assert found.sections["main"]["case_ref"].to_list() == ["A1", "A2"]


def test_places_of_another_type_are_refused(tmp_path: Path, read: Read) -> None:
    profile = f"""[sql]
first = 'select "Case", 1 as _at from main'
{PEOPLE}from = "first"
[table.main]
case_ref = "Case"
"""
    with pytest.raises(UsageError, match="statement first"):
        run(tmp_path, read, profile, cases="Case\nA1", main="Case\nA1")
