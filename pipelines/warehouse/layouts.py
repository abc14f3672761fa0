"""The layouts that warehouse files have had, by number, and how a file comes from one to the next.

The table ``about`` holds the number. A file without it is of layout 1, the last before layouts were numbered. To
change the layout, add a migration at the end: it reads the file's own tables, never today's catalogue, so that it does
the same whatever is added later. A section that gains a field is no new layout: its column is added on opening.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import duckdb

from pipelines.errors import InputError
from pipelines.warehouse import chain, gone, history, older_findings, requests, retold, sign_offs


@dataclass(frozen=True)
class Migration:
    """The step to layout ``number`` from the one before it."""

    number: int
    what: str
    apply: Callable[[duckdb.DuckDBPyConnection], None]


_OWN_TABLES = "duckdb_tables() where database_name = current_database() and not temporary"
_KEY = re.compile(r",?\s*primary key(\s*\([^)]*\))?")
_RUNS = {
    "runs": "run_id varchar primary key, run_order integer not null, la_code varchar not null,"
    " quarter varchar not null, as_at date not null, source_profile varchar, return_profile varchar,"
    " software_version varchar, result varchar",
    "reference_map": "la_code varchar, local_ref varchar, case_ref varchar, origin varchar,"
    " primary key (la_code, local_ref)",
    "ledger": "run_id varchar primary key, ledger varchar",
}
"""The columns of each table of the runs themselves."""


def is_lake(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the connection is to a DuckLake, which knows no keys: one writer at a time sees to what they would."""
    row = con.execute("select type from duckdb_databases() where database_name = current_database()").fetchone()
    return row is not None and row[0] == "ducklake"


def _create(con: duckdb.DuckDBPyConnection, tables: Mapping[str, str]) -> None:
    """Create those of the tables that are not there: columns, as in SQL, by name."""
    lake = is_lake(con)
    for table, columns in tables.items():
        con.execute(f"create table if not exists {table} ({_KEY.sub('', columns) if lake else columns})")


def layout_of(con: duckdb.DuckDBPyConnection) -> int | None:
    """Number of the file's layout; None for a file without tables.

    Raises:
        InputError: the file is no warehouse, or was written before references were kept by authority.
    """
    tables = {row[0] for row in con.execute(f"select table_name from {_OWN_TABLES}").fetchall()}
    if "about" in tables:
        row = con.execute("select layout from about").fetchone()
        return int(row[0]) if row else None
    if not tables:
        return None
    if "reference_map" not in tables:
        raise InputError("The file is not an hclic warehouse.")
    if "la_code" not in {row[0] for row in con.execute("describe reference_map").fetchall()}:
        raise InputError(
            "The warehouse was written by an older version. Start a new one, with --reference-map and the last"
            " reference_map.csv."
        )
    return 1


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Create every table of the newest layout in an empty file."""
    _create(con, _RUNS)
    _keep_what_people_said(con)
    _keep_what_leaves(con)
    _keep_who_answers(con)
    for relation in history.kept():
        history.create(con, relation)
    _number(con, NEWEST)


def migrate(con: duckdb.DuckDBPyConnection, number: int) -> None:
    """Bring a file of an older layout to the newest one; the caller holds a transaction."""
    for migration in MIGRATIONS:
        if migration.number > number:
            migration.apply(con)
    _number(con, NEWEST)


def check_is_known(number: int) -> None:
    """Refuse a file of a layout that this version does not know.

    Raises:
        InputError: the layout is newer.
    """
    if number > NEWEST:
        raise InputError(
            f"The warehouse has layout {number}, this version of hclic knows layouts up to {NEWEST}. It was written by"
            " a newer version: use that one."
        )


def _number(con: duckdb.DuckDBPyConnection, number: int) -> None:
    con.execute("create or replace table about as select ?::integer as layout", [number])


def _keep_as_history(con: duckdb.DuckDBPyConnection) -> None:
    """From one copy of everything for each run to rows with the runs between which they held."""
    runs = con.execute("select run_id, la_code, run_order from runs order by run_order").fetchall()
    tables = con.execute(
        f"select table_name from {_OWN_TABLES} and"
        " (starts_with(table_name, 'snapshot_') or table_name in ('findings', 'case_selection')) order by table_name"
    ).fetchall()
    for (table,) in tables:
        columns = {row[0]: row[1] for row in con.execute(f"describe {table}").fetchall() if row[0] != "run_id"}
        con.execute(f"alter table {table} rename to copies_of_{table}")
        name = table.removeprefix("snapshot_")
        history.create(con, history.Kept(name, table, columns))
        for run_id, la_code, run_order in runs:
            con.execute("set variable migrated_run = ?", [run_id])
            source = f"select {', '.join(columns)} from copies_of_{table} where run_id = getvariable('migrated_run')"
            history.record(con, name, source, la_code, run_order)
        con.execute(f"drop table copies_of_{table}")


def _rename_prevention_for_a_notice(con: duckdb.DuckDBPyConnection) -> None:
    """A code of the assessment outcome is named without the section of the notice, which is another since May 2026."""
    con.execute("update history.main set assess1 = 'prevention_notice' where assess1 = 'prevention_s21'")


_SAID = {
    "finding_note": "la_code varchar not null, note_no integer not null, finding_id varchar not null,"
    " note varchar not null, said_by varchar, said_on date not null, came_from varchar, primary key (la_code, note_no)",
    "finding_continued": "la_code varchar not null, finding_id varchar not null, was_finding_id varchar not null,"
    " run_id varchar not null, primary key (la_code, finding_id)",
    "waiver": "la_code varchar not null, waiver_no integer not null, rule_id varchar not null, case_ref varchar,"
    " record_key varchar, owner varchar not null, reason varchar not null, expires date not null, given_by varchar,"
    " given_on date not null, withdrawn_on date, primary key (la_code, waiver_no)",
    "alert_sent": "la_code varchar not null, alert_id varchar not null, notifier varchar not null,"
    " alert_no integer not null, kind varchar not null, case_ref varchar, subject varchar not null,"
    " about_on date not null, as_at date not null, recipient varchar not null, state varchar not null,"
    " sent_on date not null, primary key (la_code, alert_id, notifier)",
    "same_person": "la_code varchar not null, answer_no integer not null, person_a varchar not null,"
    " person_b varchar not null, decision varchar not null, is_one_case boolean not null, match_weight double,"
    " seen varchar, said_by varchar not null, said_on date not null, came_from varchar,"
    " primary key (la_code, answer_no)",
    "person_number": "la_code varchar not null, person_key varchar not null, person_no bigint not null,"
    " primary key (la_code, person_key)",
}
"""The columns of each table of what people said."""


def _keep_what_people_said(con: duckdb.DuckDBPyConnection) -> None:
    """What officers said of findings and of people, and which alerts were sent: rows that no export brings again."""
    _create(con, _SAID)


def _know_findings_again(con: duckdb.DuckDBPyConnection) -> None:
    _keep_what_people_said(con)
    older_findings.give_ids(con)


_LEAVES = {
    "run_file": "run_id varchar not null, kind varchar not null, name varchar not null, sha256 varchar not null,"
    " content blob not null, primary key (run_id, kind)",
    "confirmed_word": "la_code varchar not null, word_no integer not null, kind varchar not null,"
    " word varchar not null, said_by varchar, said_on date not null, withdrawn_on date,"
    " primary key (la_code, word_no)",
    "released": "la_code varchar not null, quarter varchar not null, edition_no integer not null,"
    " run_id varchar not null, made_on date not null, relation varchar not null, row_key varchar not null,"
    " column_name varchar not null, value double,"
    " primary key (la_code, quarter, edition_no, relation, row_key, column_name)",
}
"""The columns of each table of what figures for sharing rest on: files beside a run, confirmed words, what has left."""


def _keep_what_leaves(con: duckdb.DuckDBPyConnection) -> None:
    """The files that figures rest on, the words that the authority has confirmed, and the figures that have left."""
    _create(con, _LEAVES)


def _keep_who_answers(con: duckdb.DuckDBPyConnection) -> None:
    """The ledger as a chain, who signed off which return, what stays of cases that are gone, and runs' options."""
    _create(con, chain.TABLES | sign_offs.TABLES | gone.TABLES | requests.TABLES)


def _add_what_answers(con: duckdb.DuckDBPyConnection) -> None:
    """The same in a file that holds runs already: what stands there becomes the first lines of the ledger."""
    _keep_who_answers(con)
    _keep_besides(con, history.SPELLINGS)
    retold.take_over(con, layout_of(con))


def _keep_besides(con: duckdb.DuckDBPyConnection, relation: history.Kept) -> None:
    """One more kept relation, where the file has it not: its older runs say nothing of it."""
    if not con.execute(
        f"from {_OWN_TABLES} and schema_name = 'history' and table_name = ?", [relation.name]
    ).fetchall():
        history.create(con, relation)


def _keep_official_cells(con: duckdb.DuckDBPyConnection) -> None:
    """The cells of the official tables, run by run."""
    _keep_besides(con, history.OFFICIAL_CELLS)


MIGRATIONS: tuple[Migration, ...] = (
    Migration(2, "sections, findings and selections as history", _keep_as_history),
    Migration(3, "one code for prevention owed for a notice, of either section", _rename_prevention_for_a_notice),
    Migration(4, "what people said of findings and people, and the alerts that were sent", _know_findings_again),
    Migration(5, "files beside a run, words confirmed for sharing, and the figures that have left", _keep_what_leaves),
    Migration(6, "the ledger as a chain of lines, and who signed off which return", _add_what_answers),
    Migration(7, "the cells of the official tables that each run counted", _keep_official_cells),
)
NEWEST = max(migration.number for migration in MIGRATIONS)
"""The layout that this version writes."""
