"""The authority beside its neighbours, its region and England, in published figures that a run keeps."""

from __future__ import annotations

import polars as pl

from pipelines.emit.pages.sections import beside
from pipelines.metrics import benchmarks
from pipelines.metrics.editions import Edition
from tests.sections.editions import edition

LIST = b'source = "Made up for tests"\n[neighbours]\nE06000034 = ["E06000035"]\n'


def published(*areas: tuple[str, str, str, float | None, str]) -> pl.DataFrame:
    known = [value for kind, _, _, value, _ in areas if kind in ("authority", "neighbour") and value is not None]
    label = "Households in temporary accommodation per 1000 households"
    return pl.DataFrame(
        [
            ("2025-Q3", "ta_rate", label, "rate per 1000", "TA1", kind, code, area, value, note)
            + (
                (1 + sum(other > value for other in known), len(known))
                if kind == "authority" and value
                else (None, None)
            )
            for kind, code, area, value, note in areas
        ],
        schema=benchmarks.SCHEMA,
        orient="row",
    )


def kept(rows: pl.DataFrame, *, internal: bool = True) -> Edition:
    made = edition({}, internal=internal)
    made.con.execute("create table run_file (kind varchar, content blob)")
    made.con.executemany(
        "insert into run_file values (?, ?)",
        [[benchmarks.KEPT, benchmarks.as_file(rows)], [benchmarks.LISTED, LIST]],
    )
    return made


def test_without_a_published_workbook_there_is_no_section() -> None:
    assert beside.section(edition({})) is None


def test_a_figure_is_said_beside_region_and_england_with_its_place_among_the_neighbours() -> None:
    rows = published(
        ("authority", "E06000034", "Thurrock", 9.87, ""),
        ("neighbour", "E06000035", "Medway", 10.5, ""),
        ("neighbour", "E06000036", "Bracknell Forest", None, "suppressed"),
        ("region", "E12000006", "East of England", 3.43, ""),
        ("England", "E92000001", "England", 5.48, ""),
    )
    for internal in (True, False):
        made = beside.section(kept(rows, internal=internal))
        assert made is not None
        assert made.text[-1] == "Neighbours: Medway, Bracknell Forest. The list is that of Made up for tests."
        figure, every = made.figures
        assert figure.title == (
            "In temporary accommodation: Thurrock 9.87, above England’s 5.48; second highest of 2 with its neighbours"
        )
        assert figure.what == (
            "Households in temporary accommodation per 1000 households, published for July to September 2025"
        )
        assert every.table is not None
        assert every.table.rows[0][1:] == ("9.87", "10.50", "[c]", "3.43", "5.48")


def test_what_a_run_keeps_is_what_was_published() -> None:
    rows = published(
        ("authority", "E06000034", "Thurrock", 9.87, ""), ("neighbour", "E06000035", "Medway", None, "suppressed")
    )
    found = benchmarks.kept(kept(rows).con)
    assert found is not None
    assert found[0].equals(rows)
