"""Invented authorities with the counts that a comparison reads, made without cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import polars as pl

from pipelines.disclosure.edition import Figure
from pipelines.disclosure.thresholds import OFFICIAL_BASE_BELOW
from pipelines.fleet.comparing import definitions
from pipelines.fleet.comparing.figures import Compared, Outside, compare
from pipelines.fleet.comparing.gather import Gathered
from pipelines.fleet.held import CELLS
from pipelines.period import Quarter
from pipelines.published.headings import layout_for
from pipelines.state import DRAFT, RunState
from pipelines.warehouse.store import StoredRun

QUARTER = Quarter.parse("2025-Q3")
CODES = ("E06000001", "E06000005", "E06000006", "E06000013", "E06000034", "E07000038")
OFFICIAL = {one.name for one in definitions.counts() if one.table}

BASE = {
    "owed_prevention": 61,
    "owed_relief": 83,
    "assessed": 160,
    "prevention_ended": 52,
    "prevention_secured": 31,
    "prevention_not_known": 2,
    "relief_ended": 77,
    "relief_secured": 29,
    "relief_elapsed": 21,
    "relief_not_known": 1,
    "decisions": 24,
    "main_accepted": 13,
    "ta": 88,
    "ta_families": 41,
    "ta_bb": 12,
    "bb_families": 7,
    "bb_over_6_weeks": 3,
    "ta_elsewhere": 9,
    "ethnicity_not_known": 6,
    "employment_not_known": 11,
    "needs_not_known": 2,
    "cases": 402,
    "findings_fix": 14,
    "findings_tidy": 3,
    "findings_casework": 66,
    "findings_errors": 0,
    "rows_read": 2310,
    "rows_set_aside": 2,
}


def authority(
    code: str,
    counts: Mapping[str, int] | None = None,
    *,
    lengths: Mapping[str, tuple[int, ...]] | None = None,
    released: Mapping[Figure, int] | None = None,
) -> Gathered:
    """An authority with these counts, and those of ``BASE`` for the others.

    Args:
        code: GSS code.
        counts: by the names of ``counts.csv``.
        lengths: stays so far in five bands, by the start of the name of a type of accommodation in table TA4.
        released: the figures that have left.
    """
    known = {**BASE, **(counts or {})}
    known["owed_duty"] = known["owed_prevention"] + known["owed_relief"]
    given = {(table, path): known[name] for name, table, path in definitions.columns_of(QUARTER) if table != "TA4"}
    given |= _stays(known, lengths or {})
    rows = [
        (code, column.table, column.column_path, column.measure, float(given[column.table, column.column_path]), "")
        for column in layout_for(str(QUARTER)).columns
        if (column.table, column.column_path) in given and column.measure == "count"
    ]
    ledger = {
        "cases": {"in_export": known["cases"]},
        "findings": {
            "by_kind": [
                {
                    "kind": kind,
                    "findings": known[f"findings_{kind}"],
                    "errors": known["findings_errors"] * (kind == "fix"),
                }
                for kind in ("fix", "tidy", "casework")
            ]
        },
        "inputs": [{"rows_read": known["rows_read"], "rows_set_aside": known["rows_set_aside"]}],
        "times": {"started": "2025-10-07T08:00:00+00:00"},
    }
    run = StoredRun(f"{code}-2025-Q3-1", code, QUARTER, date(2025, 9, 30), exact=True)
    cells = pl.DataFrame(rows, schema=CELLS, orient="row")
    state = RunState("clean", sign_off=DRAFT)
    return Gathered(run, state, cells, ledger, dict(released or {}), f"key of {code}".encode(), OFFICIAL_BASE_BELOW)


def _stays(known: Mapping[str, int], lengths: Mapping[str, tuple[int, ...]]) -> dict[tuple[str, str], int]:
    given: dict[tuple[str, str], int] = {}
    for column in layout_for(str(QUARTER)).of("TA4"):
        if column.measure != "count" or " > " not in column.column_path:
            continue
        kind, _, band = column.column_path.partition(" > ")
        bands = next((found for start, found in lengths.items() if kind.startswith(start)), (1, 1, 1, 1, 0))
        if kind.startswith("Bed") and not any(kind.startswith(start) for start in lengths):
            bands = (known["ta_bb"], 0, 0, 0, 0)
        names = ("Less than 6 months", "6 months to 1 year", "1 to 2 years", "2 to 5 years", "5+ years")
        given["TA4", column.column_path] = sum(bands) if band.startswith("Total") else bands[names.index(band)]
    return given


def authorities(*changes: Mapping[str, int]) -> list[Gathered]:
    """Six of them; ``changes`` are the counts of the first ones that are not those of ``BASE``."""
    given = [*changes, *({} for _ in CODES[len(changes) :])]
    return [
        authority(code, {"ta_bb": 12 + number, "cases": 402 + 13 * number, **counts})
        for number, (code, counts) in enumerate(zip(CODES, given, strict=True))
    ]


def with_released(one: Gathered, released: Mapping[Figure, int]) -> Gathered:
    """The same, of which these figures have left."""
    return replace(one, released=dict(released))


def outside(*suppressed: tuple[str, str]) -> Outside:
    """Households in each area; ``suppressed`` are counts (authority, count) that MHCLG has published as such."""
    columns = definitions.columns_of(QUARTER)
    rows = [(code, table, path) for code, name in suppressed for count, table, path in columns if count == name]
    schema = {"la_code": pl.String(), "official_table": pl.String(), "column_path": pl.String()}
    return Outside(dict.fromkeys(CODES, 42.7), pl.DataFrame(rows, schema=schema, orient="row"))


def shared(gathered: list[Gathered], beside: Outside | None = None) -> Compared:
    """The edition for sharing."""
    return compare(gathered, QUARTER, beside or outside(), internal=False)


def internal(gathered: list[Gathered]) -> Compared:
    """The internal edition."""
    return compare(gathered, QUARTER, outside(), internal=True)


def figure(compared: Compared, code: str, measure: str, column: str = "value") -> float | str | None:
    """One figure, or another column of its row."""
    found: float | str | None = compared.figures.row(
        by_predicate=(pl.col("la_code") == code) & (pl.col("measure") == measure), named=True
    )[column]
    return found


def count_of(gathered: Gathered, name: str) -> int | None:
    """What the authority counted, whatever is shown of it."""
    rows = internal([gathered, gathered]).figures
    for measure in definitions.measures():
        for side in ("numerator", "denominator"):
            if getattr(measure, side) == name:
                value = rows.filter(measure=measure.name)[side][0]
                return None if value is None else int(value)
    raise KeyError(name)
