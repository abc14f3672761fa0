"""Layouts that no shipped profile has: a draft as it stands maps nearly all, nothing wrongly, and is read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.profiles.draft import draft
from pipelines.profiles.trial import try_out
from schemas.sources import load, parse
from tests.conftest import ROOT
from tests.profiles.layouts import LAYOUTS, Layout, by_role
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


def test_people_by_role_and_needs_that_are_ticked_become_rows(cases: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    export = tmp_path / "export"
    export.mkdir()
    right = by_role(cases, export)
    made = draft(export, "drafted")
    found = _headings(mapped(parse(made.text, "drafted")))
    for place, heading in right.items():
        assert (heading,) in found[tuple(place.split("."))], place  # type: ignore[index]
    profile = tmp_path / "drafted.toml"
    profile.write_text(made.text, encoding="utf-8")
    read = try_out(export, str(profile), authority="E06000034", as_at=AS_AT).extracted.sections
    asked = {"main_applicant", "partner"}
    for role in asked:
        wanted = cases["people"].filter(pl.col("relationship") == role)
        got = read["people"].filter(pl.col("relationship") == role)
        assert got["date_of_birth"].sort().equals(wanted["date_of_birth"].sort()), role
    wanted = cases["support_needs"].filter(pl.col("support_need").is_in(["mental", "drug", "offending"]))
    assert read["support_needs"]["support_need"].sort().equals(wanted["support_need"].sort())


SHAPES = ROOT / "data" / "sample" / "shapes"


@pytest.mark.parametrize(
    "shape", sorted(path.parent.name for path in SHAPES.glob("*/export") if any(path.glob("*.csv")))
)
def test_the_example_of_each_shape_is_drafted_nearly_whole(shape: str, tmp_path: Path) -> None:
    export = SHAPES / shape / "export"
    text = draft(export, shape).text
    right = mapped(load(str(SHAPES / shape / "profile.toml")))
    found = mapped(parse(text, shape))
    fields = {key for key in right if key[1] != "case_ref"}
    assert len(fields & set(found)) >= 0.9 * len(fields), sorted(fields - set(found))
    assert {key for key in found if key not in right and key[1] != "case_ref"} <= {("people", "relationship")}
    profile = tmp_path / "drafted.toml"
    profile.write_text(text, encoding="utf-8")
    assert try_out(export, str(profile), authority="E06000034", as_at=AS_AT).is_ready
