"""A code that was called otherwise: in earlier versions of hclic, or by its label before a day."""

from __future__ import annotations

import itertools
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipelines.extract.parsing import exact_codes, folded_codes
from pipelines.metrics.outcomes.cohorts import parse_filter
from schemas.codelists import codelist, codelist_names
from schemas.returns.reader import read_profile as read_return_profile
from schemas.sources import parse

PACK = Path(__file__).parents[1] / "returns" / "packs" / "nested"
RENAMED = [(name, old, new) for name in codelist_names() for old, new in codelist(name).renamed.items()]
LABELLED = [(name, code) for name in codelist_names() for code, one in codelist(name).codes.items() if one.labels]


@pytest.mark.parametrize(
    ("day", "section"),
    [("2026-04-29", "21"), ("2026-04-30", "21"), ("2026-05-01", "8"), ("2026-05-02", "8")],
)
def test_prevention_owed_for_a_notice_is_called_by_the_section_in_force_at_the_assessment(
    day: str, section: str
) -> None:
    """Housing Act 1996 s175(5), as amended from 1 May 2026 by the Renters' Rights Act 2025."""
    label = codelist("assess1").codes["prevention_notice"].label_on(date.fromisoformat(day))
    assert f"Section {section} Notice" in label


@pytest.mark.parametrize(("name", "code"), LABELLED)
def test_labels_by_date_follow_each_other_and_are_all_read(name: str, code: str) -> None:
    labels = codelist(name).codes[code].labels
    assert labels[0].valid_from is None and labels[-1].valid_to is None
    for one, following in itertools.pairwise(labels):
        assert one.valid_to and following.valid_from == one.valid_to + timedelta(days=1)
    assert {exact_codes(name)[one.text] for one in labels} == {code}


@pytest.mark.parametrize(("name", "old", "new"), RENAMED)
def test_an_export_with_the_old_name_of_a_code_is_read(name: str, old: str, new: str) -> None:
    assert old not in codelist(name)
    assert exact_codes(name)[old] == folded_codes(name)[old.upper().casefold()] == new


def test_a_source_profile_may_name_a_code_as_it_was() -> None:
    shipped = (Path(__file__).parents[2] / "schemas" / "sources" / "civica-style.toml").read_text("utf-8")
    older = shipped.replace('"prevention_notice"', '"prevention_s21"')
    assert older != shipped
    assert parse(older, "own").codes["assess1"] == parse(shipped, "own").codes["assess1"]


def test_a_return_profile_may_name_a_code_as_it_was(tmp_path: Path) -> None:
    folder = shutil.copytree(PACK, tmp_path / "nested")
    file = folder / "profile.toml"
    text = file.read_text("utf-8")
    assert "prevention_notice" in text
    file.write_text(text.replace("prevention_notice", "prevention_s21"), "utf-8")
    assert read_return_profile(folder).codes == read_return_profile(PACK).codes


def test_a_filter_may_name_a_code_as_it_was() -> None:
    (cohort,) = parse_filter("assess1=prevention_s21,relief")
    assert [one.codes for one in cohort.conditions] == [("prevention_notice", "relief")]
