"""The code lists as relations: ``codelist_<list>``, one row per code, with every column of its list."""

from __future__ import annotations

from functools import cache

import duckdb
import polars as pl

from pipelines import arrow
from schemas.codelists import codelist, codelist_names


@cache
def _codes() -> tuple[pl.DataFrame, dict[str, list[str]]]:
    """One row per code of every list; and the columns that each list has."""
    rows, extras = [], {}
    for name in codelist_names():
        codes = codelist(name).codes.values()
        extras[name] = sorted({column for code in codes for column in code.extra})
        rows += [
            {
                "list": name,
                "code": code.code,
                "label": code.label,
                "valid_from": code.valid_from,
                "valid_to": code.valid_to,
                **{column: code.extra.get(column) or None for column in extras[name]},
            }
            for code in codes
        ]
    known = {"list", "code", "label", "valid_from", "valid_to"}
    schema = {
        **dict.fromkeys(("list", "code", "label"), pl.String()),
        **dict.fromkeys(("valid_from", "valid_to"), pl.Date()),
        **dict.fromkeys(sorted({key for row in rows for key in row} - known), pl.String()),
    }
    return pl.DataFrame(rows, schema=schema), extras


def create_codelists(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``codelist_<list>`` for every list, in the schema that is in use."""
    codes, extras = _codes()
    arrow.load(con, "create or replace temp table _codes as select * from incoming", codes)
    for name, columns in extras.items():
        chosen = ", ".join(f'"{column}"' for column in ("code", "label", "valid_from", "valid_to", *columns))
        con.execute(f"create or replace table codelist_{name} as select {chosen} from _codes where list = '{name}'")
    con.execute("drop table temp._codes")
