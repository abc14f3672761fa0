"""The dictionary as printed: everything that someone who maps an export must know of a field."""

from __future__ import annotations

import pytest

from pipelines.dictionary import render
from schemas.codelists import codelist
from schemas.sections import SECTIONS


@pytest.mark.parametrize("form", ["table", "csv", "md", "json"])
def test_every_form_names_every_field(form: str) -> None:
    shown = render(form)
    assert [column.name for part in SECTIONS for column in part.columns if column.name not in shown] == []


def test_the_printed_form_says_when_a_field_must_be_filled_its_element_and_what_it_rests_on() -> None:
    shown = render("table", "main")
    assert "must be filled: duty owed; CURRENTACCOM, 1.13, stated, 2.1.6" in shown


@pytest.mark.parametrize("form", ["table", "md", "json"])
def test_every_label_of_a_short_list_is_printed(form: str) -> None:
    shown = render(form)
    assert [code.label for code in codelist("taduty").codes.values() if code.label not in shown] == []
