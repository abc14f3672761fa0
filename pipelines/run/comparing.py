"""What an export is compared with: the newest earlier run of the authority that the warehouse holds."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import polars as pl

from pipelines import at_rest, transform
from pipelines.findings import frame
from pipelines.period import in_words
from pipelines.run import storing
from pipelines.run.database import RunDatabase
from pipelines.run.request import Request
from pipelines.validate.against import changes
from pipelines.validate.context import Context
from pipelines.validate.kinds import INCOMPLETE
from pipelines.warehouse.comparing import COPIED, GONE, Earlier, copy_compared, earlier_run
from pipelines.warehouse.places import exists
from pipelines.warehouse.store import Warehouse

NOTHING = "There is no earlier run of the authority to compare with: what is gone or changed since is not known."
_MORE = {"main": ("assess_date", "officer")}
"""Columns that the comparison reads of this export only."""


def compare(database: RunDatabase, request: Request) -> None:
    """Compare the cases as recorded with the newest earlier run, which is named to the user and in the ledger."""
    inputs = [item["sha256"] for item in database.get("files")]
    context = Context(request.authority, request.quarter, request.day, request.settings)
    earlier = None
    if exists(request.store):
        with storing.open_store(request.store, request.patience) as store:
            earlier = _copied(store, database.con, context, inputs)
    found = frame([]) if earlier is None else _judged(database.con, earlier)
    database.keep("findings_of_comparison", found)
    database.put(
        compared_with=earlier and {"run_id": earlier.run_id, "quarter": str(earlier.quarter), "as_at": earlier.as_at}
    )
    database.say(words_of(earlier))


def compare_sections(
    sections: Mapping[str, pl.DataFrame], store: Warehouse, context: Context, inputs: list[str]
) -> tuple[Earlier | None, pl.DataFrame]:
    """The same of an export that is only checked: what it is compared with, and the findings."""
    with at_rest.in_memory() as con:
        needed = {name: sections[name].select(*columns, *_MORE.get(name, ())) for name, columns in COPIED.items()}
        transform.load_sections(con, needed)
        transform.prepare(
            con,
            run_id="",
            la_code=context.authority,
            quarter=context.quarter,
            as_at=context.as_at,
            settings=context.settings,
        )
        transform.create_one_row_views(con, transform.RECORDED)
        earlier = _copied(store, con, context, inputs)
        return earlier, frame([]) if earlier is None else _judged(con, earlier)


def words_of(earlier: Earlier | None) -> str:
    """Which run it was compared with, for the user."""
    return NOTHING if earlier is None else f"Compared with run {_named(earlier)}."


def _named(earlier: Earlier) -> str:
    return f"{earlier.run_id}, as at {earlier.as_at}"


def _copied(store: Warehouse, con: duckdb.DuckDBPyConnection, context: Context, inputs: list[str]) -> Earlier | None:
    earlier = earlier_run(
        store,
        authority=context.authority,
        quarter=context.quarter,
        as_at=context.as_at,
        inputs=inputs,
        incomplete=INCOMPLETE,
    )
    if earlier is not None:
        copy_compared(store, con, earlier, authority=context.authority, quarter=context.quarter)
    return earlier


def _judged(con: duckdb.DuckDBPyConnection, earlier: Earlier) -> pl.DataFrame:
    with transform.edition(con, GONE):
        transform.build_facts(con, GONE)
    with transform.edition(con, transform.RECORDED):
        return changes(con, day=in_words(earlier.as_at), open_cases=earlier.open_cases)
