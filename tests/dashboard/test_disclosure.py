"""The edition for sharing is made of released tables and of nothing else; the other one prints every count."""

from __future__ import annotations

import ast
from pathlib import Path

import duckdb
import lxml.html
import polars as pl
import pytest

import pipelines.emit.pages
from pipelines.emit.pages.content import headlines, sections
from pipelines.emit.pages.view import View
from pipelines.metrics.editions import Edition

Rows = dict[str, dict[str, str]]
PAGES = Path(pipelines.emit.pages.__file__).parent


def table(page: Path, figure: str) -> Rows:
    """A printed table: row heading → column heading → what is printed."""
    tree = lxml.html.document_fromstring(page.read_text(encoding="utf-8"))
    found = tree.xpath(f"//figure[@aria-labelledby='{figure}']//table")
    assert len(found) == 1, f"there is one table {figure}"
    head = [cell.text_content() for cell in found[0].xpath("./thead/tr/th")]
    return {
        row.xpath("./th")[0].text_content(): dict(
            zip(head[1:], (cell.text_content() for cell in row.xpath("./td")), strict=True)
        )
        for row in found[0].xpath("./tbody/tr")
    }


class OnlyReleased(Edition):
    """The edition for sharing of which nobody can ask anything but its tables, and what MHCLG has published."""

    def __init__(self, of: Edition, frames: dict[str, pl.DataFrame]) -> None:
        super().__init__(of.con, internal=False)
        self._frames.update(frames)
        object.__setattr__(self, "_period", (of.la_code, of.quarter, of.as_at))
        object.__setattr__(self, "published", of.published)
        object.__setattr__(self, "con", None)


def released(con: duckdb.DuckDBPyConnection) -> tuple[Edition, dict[str, pl.DataFrame]]:
    edition = Edition(con, internal=False)
    edition.table("stock_month")
    return edition, dict(edition._frames)


def test_what_is_shared_is_a_function_of_the_released_tables(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Published figures are for everybody; they are read from the workbook that the run was given.
    monkeypatch.setattr(Edition, "published", None)
    edition, frames = released(con)
    for made in (sections, headlines):
        asked_of_the_tables = made(View(OnlyReleased(edition, frames)))
        assert asked_of_the_tables == made(View(edition))


def test_a_released_table_that_says_otherwise_changes_the_page(con: duckdb.DuckDBPyConnection) -> None:
    edition, frames = released(con)
    stock = frames["stock_month"].with_columns(stock=pl.col("stock") + 1000)
    before = headlines(View(OnlyReleased(edition, frames)))
    after = headlines(View(OnlyReleased(edition, frames | {"stock_month": stock})))
    changed = [one.label for one, other in zip(before, after, strict=True) if one.value != other.value]
    assert changed == ["In temporary accommodation"]


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.py")) + sorted((PAGES / "sections").glob("*.py")), ids=str)
def test_no_module_of_the_pages_asks_the_database(path: Path) -> None:
    calls = [
        node.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"execute", "sql", "query"}
    ]
    assert calls == []


def test_a_figure_that_stays_behind_is_marked_and_not_0(con: duckdb.DuckDBPyConnection) -> None:
    edition, frames = released(con)
    last = edition.quarter.last_day.replace(day=1)
    gone = frames["stock_month"].with_columns(
        stock=pl.when(pl.col("first_day") == last).then(None).otherwise("stock"),
        note=pl.when(pl.col("first_day") == last).then(pl.lit("suppressed")).otherwise("note"),
    )
    shown = {one.label: one for one in headlines(View(OnlyReleased(edition, frames | {"stock_month": gone})))}
    assert shown["In temporary accommodation"].value == "[c]"
    assert shown["In temporary accommodation"].changes == ("Not shown: small numbers.",)


def test_the_internal_edition_prints_every_count(folder: Path) -> None:
    assert "[c]" not in (folder / "dashboard.html").read_text(encoding="utf-8").partition('id="about"')[0]


def test_the_shared_page_names_no_officer_and_counts_by_team(folder: Path) -> None:
    page = folder / "dashboard_shareable.html"
    assert "All" in table(page, "caseload-by-team")
    assert "caseload-by-officer" not in page.read_text(encoding="utf-8")
