"""Layouts that no shipped profile has: a draft as it stands maps nearly all, nothing wrongly, and is read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.profiles.draft import draft
from pipelines.profiles.trial import try_out
from schemas.sources import parse
from tests.profiles.layouts import LAYOUTS, Layout
from tests.profiles.mapped import mapped, score

AS_AT = date(2025, 9, 30)


def _headings(found: dict[tuple[str, str], set[tuple[str, ...]]]) -> dict[tuple[str, str], set[tuple[str, ...]]]:
    """The mapping without the names of the tables, which are those of the draft's own steps."""
    return {key: {place[1:] for place in places} for key, places in found.items() if key[1] != "case_ref"}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_draft_of_an_unseen_layout_is_right_and_reads_it(
    layout: Layout, cases: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    export = tmp_path / "export"
    export.mkdir()
    right = {
        (section, field): {(heading,)}
        for place, heading in layout.write(cases, export).items()
        for section, field in [place.split(".")]
    }
    text = draft(export, "drafted").text
    found = score(_headings(mapped(parse(text, "drafted"))), right)
    assert found.wrong == ()
    assert found.recall >= layout.recall, found.missing
    profile = tmp_path / "drafted.toml"
    profile.write_text(text, encoding="utf-8")
    made = try_out(export, str(profile), authority="E06000034", as_at=AS_AT)
    assert made.is_ready
    read = made.extracted.sections
    assert read["main"].height == cases["main"].height
    assert read["people"].height == cases["people"].height
    assert read["main"]["application_date"].sort().equals(cases["main"]["application_date"].sort())
    for value in cases["people"]["surname"].drop_nulls().unique():
        assert value not in text
