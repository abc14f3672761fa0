"""What the page of findings is made of: the findings of the run, what earlier runs knew, and the cases as recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from pipelines.emit.returns.source import SOURCE
from pipelines.findings import SCHEMA, is_blocking
from pipelines.run import ledger
from pipelines.run.database import RunDatabase
from pipelines.run.life import KINDS, sentences
from pipelines.run.outcome import result_of
from pipelines.run.request import Request
from pipelines.run.summary import PROVISIONAL
from pipelines.transform import RECORDED, use
from pipelines.validate.catalogue import plain
from pipelines.warehouse.life import COUNTS
from schemas.sources import load

if TYPE_CHECKING:
    from pipelines.emit.pages.findings import Page, Standing

_NOT_RUN = "select rule_id, reason from main.rule_states where status = 'not run' order by rowid"
_TABLES = "select table_name from duckdb_tables() where schema_name = 'main' and table_name = ?"


def lines_of(findings: pl.DataFrame) -> pl.DataFrame:
    """The findings in the words of an officer, those of one cause as one row: the lines of the page."""
    from pipelines.emit.findings.officers import officers_frame

    return officers_frame(findings)


@dataclass(frozen=True)
class Lines:
    """What officers read of a run's findings: those of the run, and those of the run before that are put right."""

    findings: pl.DataFrame
    resolved: pl.DataFrame


def lines_of_run(database: RunDatabase, request: Request) -> Lines:
    """The findings in the words of an officer, those of one cause as one row; ``resolved`` with resolved_on."""
    from pipelines.emit.findings.officers import officers_frame

    address = None if request.source == SOURCE else load(request.source).case_url
    gone = _kept(database, "findings_resolved", {**SCHEMA, "resolved_on": pl.String()})
    day = gone["resolved_on"].str.to_date("%Y-%m-%d").max() if gone.height else None
    return Lines(
        officers_frame(database.rows("findings").select(list(SCHEMA)), case_url=address),
        officers_frame(gone.select(list(SCHEMA)), case_url=address).with_columns(
            pl.lit(day, pl.Date).alias("resolved_on")
        ),
    )


def findings_page(database: RunDatabase, request: Request, lines: Lines) -> Page:
    """The page of a run whose return is written."""
    from pipelines.emit.pages.findings import Page, tell

    cases = pl.concat([lines.findings["case_ref"], lines.resolved["case_ref"]]).drop_nulls()
    with database.reading() as con:
        use(con, RECORDED)
        stories = tell(con, cases)
    return Page(
        la_code=request.authority,
        quarter=request.quarter,
        as_at=request.day,
        standing=standing_of(database, is_asked=request.only is None),
        findings=lines.findings,
        resolved=lines.resolved,
        # The run's own result is not kept yet when its findings are counted.
        runs=_kept(database, "findings_by_run", COUNTS).with_columns(pl.col("result").fill_null(result_of(database))),
        stories=stories,
        made=request.started,
        software_version=ledger.software_version(),
        reasons=reasons_of(pl.concat([lines.findings.select("rule_id"), lines.resolved.select("rule_id")])),
        changes=changes_of(database.get("life"), request.day),
        notes=(request.note,) if request.note else (),
    )


def reasons_of(lines: pl.DataFrame) -> dict[str, str]:
    """Why there is each rule that the lines name, where it is one of ours."""
    known = {rule_id: plain(rule_id) for rule_id in lines["rule_id"].unique().sort()}
    return {rule_id: words.why for rule_id, words in known.items() if words is not None and words.why}


def changes_of(told: Mapping[str, Any] | None, day: date) -> tuple[str, ...]:
    """What became of all findings since the export before, and what nothing can be said of; empty without one.

    Args:
        told: what ``life.describe`` says of the run.
        day: that of its export.
    """
    if not told or told["compared_with"] is None:
        return ()
    of_kinds = tuple(KINDS.values())
    lines = [line.strip() for line in sentences(told, day)]
    return tuple(f"{line[0].upper()}{line[1:]}." for line in lines if not line.startswith(of_kinds))


def rules_not_run(database: RunDatabase) -> tuple[tuple[str, str], ...]:
    """Id of each rule that could not be run, and why."""
    return tuple(database.con.execute(_NOT_RUN).fetchall())


def standing_of(database: RunDatabase, *, is_asked: bool) -> Standing:
    """How the run ended, in counts: of errors, one that concerns many records counts as often, as on screen.

    ``is_asked``: whether the run was to write a return.
    """
    from pipelines.emit.pages.findings import Standing

    errors = database.rows("findings").select(list(SCHEMA)).filter(is_blocking())
    return Standing(
        result_of(database),
        errors=errors.height,
        cases=errors["case_ref"].drop_nulls().n_unique(),
        without_case=errors["case_ref"].null_count(),
        not_run=rules_not_run(database),
        problems=tuple(database.get("return_problems") or ()),
        is_asked=is_asked,
        provisional=PROVISIONAL if database.get("return_profile")["provisional"] else None,
    )


def _kept(database: RunDatabase, name: str, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """What the run keeps under the name, in these columns; no rows where no warehouse was asked."""
    if database.con.execute(_TABLES, [name]).fetchone() is None:
        return pl.DataFrame(schema=schema)
    return database.rows(name).select(pl.col(column).cast(kind) for column, kind in schema.items())
