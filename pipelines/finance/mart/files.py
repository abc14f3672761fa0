"""The mart as files: Parquet, one DuckDB file and one workbook. Same run and key, same bytes but for DuckDB's own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet

from pipelines import at_rest
from pipelines.emit.workbooks.relations import write_relations
from pipelines.errors import UsageError
from pipelines.finance.mart import database
from pipelines.finance.mart.relations import documentation, read_mart
from pipelines.whole import into

DATABASE = "mart.duckdb"
WORKBOOK = "mart.xlsx"
COLUMNS = "columns"
"""The sheet of the workbook that says what every column holds."""
FORMS = ("parquet", "duckdb", "xlsx")


def write_mart(
    con: duckdb.DuckDBPyConnection, out_dir: Path, *, key: bytes | None, forms: Collection[str] | None = None
) -> list[Path]:
    """Write ``<relation>.parquet``, ``mart.duckdb`` and ``mart.xlsx`` to ``out_dir``; returns their paths.

    ``transform.build`` has made the marts of the run in ``con``; costs are among the relations where
    ``metrics.cost.build.prepare`` was called as well. ``key`` (``pseudonyms.key_from``) makes the pseudonyms; without
    it they are row numbers of the run, and the relation ``about`` says so. ``forms`` picks among ``FORMS``: by default
    all, and only what can be encrypted where the warehouse has a key.

    Raises:
        UsageError: the folder cannot be written to.
    """
    tables = read_mart(con, key=key)
    if forms is None:
        forms = ("duckdb",) if at_rest.has_key() else FORMS
    try:
        paths = []
        with into(out_dir) as new:
            if "parquet" in forms:
                paths += [write_parquet(table, new / f"{name}.parquet", name) for name, table in tables.items()]
            if "duckdb" in forms:
                paths.append(write_database(tables, new / DATABASE))
            if "xlsx" in forms:
                paths.append(write_workbook(tables, new / WORKBOOK))
    except (OSError, duckdb.IOException):
        raise UsageError("The mart could not be written to the folder that was given.") from None
    return [out_dir / path.name for path in paths]


def write_workbook(tables: Mapping[str, pa.Table], path: Path) -> Path:
    """One sheet a relation, headings in words above the columns' names, and first a sheet that says what they hold."""
    known = {name: documentation(name) for name in tables}
    described = pl.DataFrame(
        [
            (name, column, one.headings[column], text)
            for name, one in known.items()
            for column, text in one.columns.items()
        ],
        schema=("relation", "column", "heading", "meaning"),
        orient="row",
    )
    return write_relations(
        path,
        {COLUMNS: described, **tables},
        headings={name: one.headings for name, one in known.items()},
        money={name: one.money for name, one in known.items()},
    )


def write_parquet(table: pa.Table, path: Path, name: str) -> Path:
    """One relation, with its grain, key and columns described in the file's metadata."""
    known = documentation(name)
    fields = [
        field.with_metadata(
            {"description": known.columns.get(field.name, ""), "heading": known.headings.get(field.name, "")}
        ).with_nullable(True)
        for field in table.schema
    ]
    schema = pa.schema(fields, metadata={"grain": known.grain, "key": ", ".join(known.key)})
    pa.parquet.write_table(table.cast(schema), path, compression="zstd", row_group_size=1 << 20)
    return path


def write_database(tables: Mapping[str, pa.Table], path: Path) -> Path:
    """One DuckDB file with every relation, and each again in the schema ``in_words`` under its headings in words.

    Same rows, but not the same bytes: DuckDB leaves gaps in its blocks.
    """
    path.unlink(missing_ok=True)
    with at_rest.in_memory(path) as con, at_rest.using(at_rest.mart_key()):
        at_rest.attach(con, path, "mart")
        database.fill(con, tables, "mart")
        con.execute("create schema mart.in_words")
        for name in tables:
            listed = ", ".join(f'{column} as "{words}"' for column, words in documentation(name).headings.items())
            con.execute(f"create view mart.in_words.{name} as select {listed} from main.{name}")
        con.execute("detach mart")
    return path
