"""History: what runs found, kept as rows with the runs between which they held, and read back as of any run.

Each kept relation is a table ``history.<name>`` (``row_no``, ``authority``, ``from_run`` and the relation's columns),
to which rows are only added, and a table ``history.<name>_ended`` (``row_no``, ``until_run``): a row holds from
``from_run`` up to, not including, ``until_run``, both by ``runs.run_order``. Ends stand in a table of their own because
DuckDB writes a whole column anew when one of its values is updated. A view shows every run's rows as they were.

Of a relation that not every run tells, ``history.<name>_told`` (``authority``, ``run_order``) names the runs that do:
the view shows nothing of the others, in which the rows of the run before them would else seem to hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from pipelines.findings import SCHEMA as FINDINGS
from schemas.sections import SECTIONS

TYPES = {"date": "date", "integer": "bigint", "number": "double", "flag": "boolean"}
"""The DuckDB type of a kind of column; varchar for the others."""
_OF_A_RUN = ("file", "row", "count", "rows", "state", "since", "note")
FINDING_COLUMNS = tuple(name for name in FINDINGS if name not in _OF_A_RUN)
"""What is kept of a finding: not where it stood in that day's export, and nothing that its other runs say."""
_OWN = ("row_no", "authority", "from_run")


@dataclass(frozen=True)
class Kept:
    """One relation of which the history is kept: its name, that of its view, and the type of each column.

    ``is_of_some``: not every run tells it.
    """

    name: str
    view: str
    columns: Mapping[str, str]
    is_of_some: bool = False


SPELLINGS = Kept("spelling", "spelling_read", dict.fromkeys(("section", "field", "spelling", "code"), "varchar"))
"""The code that each spelling of an export was read as: whether a value changed, or only how it is read."""

OFFICIAL_CELLS = Kept(
    "official_cells",
    "official_cells",
    {**dict.fromkeys(("official_table", "column_path", "measure"), "varchar"), "value": "double", "note": "varchar"},
    is_of_some=True,
)
"""The cells of the official tables as a whole run counted them at its end: unsuppressed, so internal."""


def kept() -> tuple[Kept, ...]:
    """The nine sections, the findings, the selection of cases, the spellings read as codes, and the official cells."""
    sections = tuple(
        Kept(
            section.name,
            f"snapshot_{section.name}",
            {column.name: TYPES.get(column.kind, "varchar") for column in section.columns},
        )
        for section in SECTIONS
    )
    selection = {
        "case_ref": "varchar",
        "is_selected": "boolean",
        "triggers": "varchar",
        "forced": "varchar",
        "reason": "varchar",
    }
    return (
        *sections,
        Kept("findings", "findings", dict.fromkeys(FINDING_COLUMNS, "varchar")),
        Kept("case_selection", "case_selection", selection),
        SPELLINGS,
        OFFICIAL_CELLS,
    )


def create(con: duckdb.DuckDBPyConnection, relation: Kept) -> None:
    """Create the tables and the view of one kept relation."""
    name, listed = relation.name, ", ".join(f"{column} {kind}" for column, kind in relation.columns.items())
    con.execute("create schema if not exists history")
    con.execute(f"create table history.{name} (row_no bigint, authority varchar, from_run integer, {listed})")
    con.execute(f"create table history.{name}_ended (row_no bigint, until_run integer)")
    told = ""
    if relation.is_of_some:
        con.execute(f"create table history.{name}_told (authority varchar, run_order integer)")
        told = (
            f"inner join history.{name}_told as told"
            " on runs.la_code = told.authority and runs.run_order = told.run_order"
        )
    con.execute(
        f"""
        create view {relation.view} as
        select runs.run_id, kept.* exclude ({", ".join(_OWN)})
        from runs
        {told}
        inner join history.{name} as kept on runs.la_code = kept.authority and runs.run_order >= kept.from_run
        left join history.{name}_ended as ended on kept.row_no = ended.row_no
        where ended.until_run is null or runs.run_order < ended.until_run
        """
    )


def columns_of(con: duckdb.DuckDBPyConnection, name: str) -> tuple[str, ...]:
    """Columns that the file has of a kept relation."""
    rows = con.execute(f"describe history.{name}").fetchall()
    return tuple(row[0] for row in rows if row[0] not in _OWN)


def add_missing_columns(con: duckdb.DuckDBPyConnection) -> None:
    """Give the file the columns that a newer catalogue has; the rows that it holds have no value there."""
    for relation in kept():
        known = columns_of(con, relation.name)
        for column in relation.columns:
            if column not in known:
                con.execute(f"alter table history.{relation.name} add column {column} {relation.columns[column]}")


def record(con: duckdb.DuckDBPyConnection, name: str, source: str, authority: str, run_order: int) -> None:
    """Make the rows of ``source`` the ones that hold for the authority from its newest run on.

    Rows that hold already stay as they are, those that are gone end with this run, and new ones are added. Two rows are
    the same where every column of ``source`` is, null with null, and as many equal rows are kept as there are: hashes
    only find the candidates, every column is then compared.

    Args:
        con: the warehouse.
        name: the kept relation.
        source: a select of the rows, with names of columns that the relation has; read once.
        authority: whose run it is.
        run_order: the run's number, above that of every other run of the authority that was recorded.
    """
    columns = [row[0] for row in con.execute(f"describe {source}").fetchall()]
    listed = ", ".join(columns)
    # The rows of an authority's first run have nothing to be compared with.
    if not _holds_rows(con, name, authority):
        _add(con, name, listed, f"({source})", authority, run_order)
        return
    con.execute(f"create or replace temp table _incoming as {source}")
    con.execute(
        f"""
        create or replace temp table _changes as
        with held as (
            select
                kept.row_no,
                hash({listed}) as fingerprint,
            from history.{name} as kept
            anti join history.{name}_ended as ended on kept.row_no = ended.row_no
            where kept.authority = $authority
        ),

        came as (
            select
                rowid as incoming_no,
                hash({listed}) as fingerprint,
            from _incoming
        ),

        pairs as (
            select
                held.row_no,
                came.incoming_no,
            from (
                select *, row_number() over (partition by fingerprint order by row_no) as copy_no
                from held
            ) as held
            inner join (
                select *, row_number() over (partition by fingerprint order by incoming_no) as copy_no
                from came
            ) as came on held.fingerprint = came.fingerprint and held.copy_no = came.copy_no
        ),

        unchanged as (
            select
                pairs.row_no,
                pairs.incoming_no,
            from pairs
            inner join history.{name} as kept on pairs.row_no = kept.row_no
            inner join _incoming as incoming on pairs.incoming_no = incoming.rowid
            where {" and ".join(f"kept.{column} is not distinct from incoming.{column}" for column in columns)}
        )

        select
            held.row_no,
            null::bigint as incoming_no,
        from held
        anti join unchanged on held.row_no = unchanged.row_no
        union all
        select
            null,
            came.incoming_no,
        from came
        anti join unchanged on came.incoming_no = unchanged.incoming_no
        """,
        {"authority": authority},
    )
    con.execute(
        f"delete from history.{name} as kept using _changes where kept.row_no = _changes.row_no and kept.from_run = ?",
        [run_order],
    )
    con.execute(
        f"insert into history.{name}_ended select _changes.row_no, ? from _changes"
        f" semi join history.{name} as kept on _changes.row_no = kept.row_no order by _changes.row_no",
        [run_order],
    )
    came = "(select incoming.* from _incoming as incoming semi join _changes on incoming.rowid = _changes.incoming_no)"
    _add(con, name, listed, came, authority, run_order)
    con.execute("drop table _incoming")
    con.execute("drop table _changes")


def tell(con: duckdb.DuckDBPyConnection, relation: Kept, source: str, authority: str, run_order: int) -> bool:
    """``record`` for a relation that not every run tells, of a run that need not be the authority's newest.

    Returns:
        whether it was kept: nothing is of a run that was overtaken, since a later one has told already.
    """
    told = f"history.{relation.name}_told"
    row = con.execute(
        f"select exists (from {told} where authority = ? and run_order > ?)", [authority, run_order]
    ).fetchone()
    if row == (True,):
        return False
    record(con, relation.name, source, authority, run_order)
    con.execute(f"delete from {told} where authority = ? and run_order = ?", [authority, run_order])
    con.execute(f"insert into {told} values (?, ?)", [authority, run_order])
    return True


def _holds_rows(con: duckdb.DuckDBPyConnection, name: str, authority: str) -> bool:
    row = con.execute(f"select exists (from history.{name} where authority = ?)", [authority]).fetchone()
    assert row is not None
    return bool(row[0])


def _add(con: duckdb.DuckDBPyConnection, name: str, listed: str, came: str, authority: str, run_order: int) -> None:
    con.execute(
        f"""
        insert into history.{name} (row_no, authority, from_run, {listed})
        select
            (select coalesce(max(row_no), 0) from history.{name}) + row_number() over (),
            ?,
            ?,
            {listed}
        from {came}
        """,
        [authority, run_order],
    )


def forget_rows_of_no_run(con: duckdb.DuckDBPyConnection, authority: str) -> None:
    """Delete the authority's rows that hold in none of its runs any more, since one of these was made again."""
    for relation in kept():
        con.execute(
            f"""
            create or replace temp table _of_no_run as
            select kept.row_no
            from history.{relation.name} as kept
            inner join history.{relation.name}_ended as ended on kept.row_no = ended.row_no
            anti join runs
                on kept.authority = runs.la_code
                and runs.run_order >= kept.from_run
                and runs.run_order < ended.until_run
            where kept.authority = ?
            """,
            [authority],
        )
        for table in (relation.name, f"{relation.name}_ended"):
            con.execute(f"delete from history.{table} as old using _of_no_run where old.row_no = _of_no_run.row_no")
        con.execute("drop table _of_no_run")
        if relation.is_of_some:
            con.execute(
                f"delete from history.{relation.name}_told as told where authority = ? and not exists"
                " (from runs where runs.la_code = told.authority and runs.run_order = told.run_order)",
                [authority],
            )
