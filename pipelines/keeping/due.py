"""Which cases of a warehouse are over since before a day: those that may be purged, and those that are past keeping."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from pipelines import at_rest
from pipelines.errors import InputError
from pipelines.period import Quarter
from pipelines.settings import Settings
from pipelines.transform import RECORDED, build_facts, load_sections, prepare
from pipelines.transform.ended import create_case_ended, past_keeping, years_before
from pipelines.warehouse import history
from pipelines.warehouse.quarter import looked_in
from pipelines.warehouse.store import NOT_ENDED, Warehouse
from schemas.sections import SECTIONS


@dataclass(frozen=True)
class Known:
    """Every case of an authority as the warehouse knew it last.

    ``cases``: one row per case: case_ref, closed_on, last_day, is_over, has_main (``transform.ended``); the last day
    of a case in which nothing has a day is that of the last export that had it. ``as_at``: day of the
    newest export. ``retention_years``: the setting of the newest run; 0 where the authority has set none.
    """

    la_code: str
    cases: pl.DataFrame
    quarter: Quarter
    as_at: date
    settings: Settings

    def over_before(self, day: date) -> list[str]:
        """References of the cases that are over, and in which nothing happened on the day or after it."""
        rows = self.cases.filter(pl.col("is_over") & (pl.col("last_day") < day))
        return sorted(rows["case_ref"].to_list())

    def keeps_from(self, years: int) -> date:
        """The first day that is kept, so many years before the day of the newest export."""
        return years_before(self.as_at, years)


def known_cases(store: Warehouse, la_code: str) -> Known:
    """Every case of the authority, as in the newest run that had it: an export may have dropped it since.

    Where that run had no ``main`` row of the case, as with one that was set aside, the newest one there was counts.

    Raises:
        InputError: there is no run of the authority.
    """
    con = store.connection
    row = con.execute(
        "select run_id, quarter, as_at, run_order from runs where la_code = ?"
        " and not list_contains(?, coalesce(result, ''))"
        " order by run_order desc limit 1",
        [la_code, NOT_ENDED],
    ).fetchone()
    if row is None:
        raise InputError(f"The warehouse holds no run of authority {la_code}.")
    run_id, quarter, as_at, newest = row
    settings = store.settings_of(run_id)
    sections, seen = _as_last_known(con, la_code, newest)
    with at_rest.in_memory() as own:
        load_sections(own, sections)
        made_for = Quarter.parse(quarter)
        prepare(own, run_id=run_id, la_code=la_code, quarter=made_for, as_at=as_at, settings=settings)
        build_facts(own, RECORDED)
        create_case_ended(own)
        cases = own.execute("select * from case_ended order by case_ref").pl()
    cases = cases.join(seen, on="case_ref", how="left").with_columns(pl.col("last_day").fill_null(pl.col("seen_on")))
    cases = cases.drop("seen_on").sort("case_ref")
    return Known(la_code, cases, made_for, as_at, settings)


def _as_last_known(
    con: duckdb.DuckDBPyConnection, la_code: str, newest: int
) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """The sections; and one row per case: case_ref, seen_on, the day of the last export that had it."""
    parameters = {"code": la_code, "newest": newest}
    for table, listed in (("_seen", [section.name for section in SECTIONS]), ("_seen_in_main", ["main"])):
        seen = " union all ".join(
            f"select kept.case_ref, coalesce(ended.until_run - 1, $newest) as run from history.{name} as kept"
            f" left join history.{name}_ended as ended on kept.row_no = ended.row_no where kept.authority = $code"
            for name in listed
        )
        con.execute(
            f"create or replace temp table {table} as select case_ref, max(run) as run from ({seen}) group by case_ref",
            parameters,
        )
    found = {}
    for section in SECTIONS:
        known = history.columns_of(con, section.name)
        listed_columns = ", ".join(f"kept.{name}" for name in section.names if name in known)
        table = "_seen_in_main" if section.name == "main" else "_seen"
        found[section.name] = con.execute(
            f"select {listed_columns} from history.{section.name} as kept"
            f" left join history.{section.name}_ended as ended on kept.row_no = ended.row_no"
            f" inner join {table} as seen on kept.case_ref = seen.case_ref"
            " where kept.authority = ? and kept.from_run <= seen.run"
            " and (ended.until_run is null or ended.until_run > seen.run) order by all",
            [la_code],
        ).pl()
    days = con.execute(
        "select seen.case_ref, max(runs.as_at) as seen_on from _seen as seen inner join runs"
        " on runs.la_code = ? and runs.run_order <= seen.run group by seen.case_ref order by seen.case_ref",
        [la_code],
    ).pl()
    for table in ("_seen", "_seen_in_main"):
        con.execute(f"drop table {table}")
    return found, days


def due_of(warehouse: Path, la_code: str) -> list[str]:
    """How many cases are past the retention that the authority has set, in sentences."""
    with looked_in(warehouse) as store:
        known = known_cases(store, la_code)
    years = known.settings.retention_years
    if not years:
        return [
            "No retention is set. Set retention_years in a settings file (--settings-file of hclic run) to the years"
            " that your authority's retention schedule gives; hclic knows of no law that sets a number."
        ]
    day = known.keeps_from(years)
    return [past_keeping(len(known.over_before(day)), years, day)]
