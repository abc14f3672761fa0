"""Opening a DuckLake: each authority has one of its own, all of them in one PostgreSQL database.

The catalogue of an authority is a schema of that database (``hclic_e06000034``), its data are Parquet files in a folder
of that name, encrypted with keys that stand in its catalogue alone. PostgreSQL's rights on a schema therefore keep
authorities apart, and none waits for another: DuckLake refuses a commit where somebody else deleted from the same
table meanwhile, whichever rows, and shows the smallest and largest value of each column to all who read the table.

The schema ``hclic`` of the database holds what concerns all of them: where the data are (``setting``).
"""

from __future__ import annotations

import json
import os
import re
from contextlib import ExitStack, suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from pipelines import at_rest
from pipelines.authority import current_code
from pipelines.errors import HclicError, HeldError, InputError, PassingError, UsageError
from pipelines.place import Lake
from pipelines.warehouse import catalogue, history, layouts
from pipelines.warehouse.catalogue import Turn

EXTENSIONS = ("httpfs", "postgres_scanner", "ducklake")
"""DuckDB's extensions that a lake needs, each from a wheel: httpfs encrypts, and reads object stores."""
NAME = "lake"
"""What it is called in SQL."""
TURN = "turn"
"""Table of one row that every transaction writes to. DuckLake lets two transactions that only add rows both be
committed: of two that write to the same row the later one is refused, as of a writer that was cut off and came back."""

S3_KEY, S3_SECRET, S3_ENDPOINT, S3_REGION = "HCLIC_S3_KEY_ID", "HCLIC_S3_SECRET", "HCLIC_S3_ENDPOINT", "HCLIC_S3_REGION"
"""Names in the environment of who asks an object store, and where one is that is not Amazon's (``https://host:port``)."""

STORE_UNREACHED = (
    "The object store with the data was not reached, or did not let you in. See that it runs and that"
    f" {S3_KEY}, {S3_SECRET} and {S3_ENDPOINT} are right, and run again."
)
_WRITES = "Another program writes to the authority's warehouse. Wait until it has ended, and run again."
_CUT_OFF = "The warehouse was not reached any more. What was being written is not kept. Run again."
_CONFLICT = (
    "Another program wrote to the authority's warehouse at the same time. What was being written is not kept."
    " Run again."
)


def schema_of(authority: str) -> str:
    """Name of the schema that holds an authority's catalogue; of its folder of data files too."""
    return f"hclic_{current_code(authority).casefold()}"


def authority_of(schema: str) -> str:
    """``schema_of`` the other way round."""
    return schema.removeprefix("hclic_").upper()


def authorities(lake: Lake) -> list[str]:
    """GSS codes of the authorities whose catalogue this user may read, in order.

    Raises:
        PassingError: the catalogue cannot be reached.
    """
    with catalogue.connected(lake) as con:
        return [authority_of(name) for name in catalogue.schemas(con)]


def exists(lake: Lake) -> bool:
    """Whether the authority, or any, has a warehouse there that this user may read.

    Raises:
        PassingError: the catalogue cannot be reached.
    """
    found = authorities(lake)
    return bool(found) if lake.authority is None else lake.authority in found


class OpenLake(NamedTuple):
    """A lake that is open: its connection, what is to be closed after it, and the turn of who writes."""

    connection: duckdb.DuckDBPyConnection
    held: ExitStack
    turn: Turn | None


def open_lake(lake: Lake, *, read_only: bool = False, at: int | None = None) -> OpenLake:
    """The warehouse of one authority.

    To write it is held against other writers of the authority; readers neither wait nor keep anybody waiting, and see
    what was committed last. A catalogue of an older layout is migrated where it can be written: what it was before
    stays as a snapshot.

    Args:
        lake: the address, with the authority; without one, the only one that the user may read.
        read_only: do not write.
        at: the snapshot to read, by its number; by default that of the address, or the newest.

    Raises:
        UsageError: several authorities, and none is named; a package is not installed; or a snapshot is to be written.
        HeldError: another program writes to it.
        PassingError: the catalogue cannot be reached.
        InputError: there is no such warehouse, or it is of a newer layout.
    """
    _check_installed()
    at = lake.at if at is None else at
    if at is not None and not read_only:
        raise UsageError("What was there at a snapshot can only be read. Take at=… out of the address.")
    with ExitStack() as held:
        with catalogue.connected(lake) as asked:
            found, data = catalogue.schemas(asked), catalogue.data_path(asked)
            one = _one(lake, found, read_only=read_only)
            schema = schema_of(str(one.authority))
            group = catalogue.work_as(asked, schema)
        turn = None if read_only else held.enter_context(catalogue.held(one, schema, catalogue.WRITES, _WRITES))
        part = _Part(one, schema, data, group)
        con = _attached(part, held, read_only=read_only, at=at)
        try:
            number = layouts.layout_of(con)
            if number is not None:
                layouts.check_is_known(number)
            if turn is not None:
                _bring_to_newest_layout(con, number)
            elif at is None and (number is None or number < layouts.NEWEST):
                # As a file of an older layout is migrated by who reads it first.
                con.close()
                close(open_lake(one))
                con = _attached(part, held, read_only=True, at=None)
        except duckdb.Error as error:
            con.close()
            raise told(error) or InputError("The warehouse could not be opened.") from None
        except BaseException:
            con.close()
            raise
        return OpenLake(con, held.pop_all(), turn)


def say_what(con: duckdb.DuckDBPyConnection, things: list[dict[str, Any]]) -> None:
    """Have the snapshot that the transaction makes say what was done, as the ledger calls it (``chain.told``)."""
    if things:
        words = ", ".join(dict.fromkeys(str(one["kind"]) for one in things))
        con.execute(
            f"call {NAME}.set_commit_message('hclic', {_text(words)}, extra_info => {_text(json.dumps(things))})"
        )


def close(opened: OpenLake) -> None:
    """Close it, and let the next writer in."""
    opened.connection.close()
    opened.held.close()


def told(error: duckdb.Error) -> HclicError | None:
    """The sentence for what DuckDB says of a lake that is open; None for a fault of ours. It repeats nothing of it."""
    said = str(error)
    if "conflict" in said:
        return HeldError(_CONFLICT)
    if isinstance(error, duckdb.HTTPException) or "s3://" in said:
        return PassingError(STORE_UNREACHED)
    if isinstance(error, (duckdb.IOException, duckdb.HTTPException, duckdb.TransactionException)) or any(
        words in said for words in ("connection", "SSL SYSCALL", "server closed")
    ):
        return PassingError(_CUT_OFF)
    return None


def _check_installed() -> None:
    for name in EXTENSIONS:
        if find_spec(package := f"duckdb_extension_{name}") is None:
            raise catalogue.missing(package.replace("_", "-"))


def _one(lake: Lake, found: list[str], *, read_only: bool) -> Lake:
    """The address of one authority, which has a warehouse there if it is only read.

    Raises:
        UsageError: none is named, and there are several.
        InputError: there is none.
    """
    if lake.authority is not None:
        if read_only and schema_of(lake.authority) not in found:
            raise InputError(f"The warehouse holds no run of authority {lake.authority}.")
        return lake
    if len(found) > 1:
        raise UsageError("The warehouse holds several authorities. Name one with --authority.")
    if not found:
        raise InputError("The warehouse holds no run.")
    return replace(lake, authority=authority_of(found[0]))


def folder_of(data: str, schema: str) -> str:
    """Where the data files of one authority are; ends with a slash."""
    return f"{data.rstrip('/')}/{schema}/"


class _Part(NamedTuple):
    """What is attached: the address, the authority's schema, where all data are, and as which group, if any."""

    lake: Lake
    schema: str
    data: str
    group: str | None


def _attached(part: _Part, held: ExitStack, *, read_only: bool, at: int | None) -> duckdb.DuckDBPyConnection:
    lake, schema, data, group = part
    if not read_only:
        keep_folder(folder_of(data, schema))
    con = at_rest.with_extensions(EXTENSIONS)
    try:
        con.execute("set enable_progress_bar = false")
        # As in the database of a run: a second thread costs more than it brings.
        con.execute("set threads = 1")
        at_rest.spill_to(con, held.enter_context(at_rest.private_folder()))
        con.execute(
            f"create secret catalogue (type postgres, user {_text(catalogue.user())},"
            f" password {_text(catalogue.password())})"
        )
        if data.startswith("s3://"):
            con.execute(object_store(data))
        options = [
            f"data_path {_text(folder_of(data, schema))}",
            # The folder may have been moved, or restored elsewhere: the setting says where it is.
            "override_data_path true",
            f"metadata_schema {_text(schema)}",
            "meta_secret 'catalogue'",
            "encrypted",
        ]
        if read_only:
            options += ["read_only", "create_if_not_exists false"]
        if at is not None:
            options += [f"snapshot_version {int(at)}"]
        con.execute(f"attach {_text(f'ducklake:postgres:{_words(lake, group)}')} as {NAME} ({', '.join(options)})")
        con.execute(f"use {NAME}")
    except duckdb.Error as error:
        con.close()
        if at is not None and "No snapshot found" in str(error):
            raise InputError(
                f"The authority's warehouse has no snapshot {at}, or no longer. List them with: hclic fleet snapshots."
            ) from None
        # What DuckDB says repeats the address, and may name the user.
        raise PassingError(catalogue.UNREACHED) from None
    return con


def _bring_to_newest_layout(con: duckdb.DuckDBPyConnection, number: int | None) -> None:
    if number == layouts.NEWEST and not _lacks_columns(con):
        return
    con.execute("begin")
    try:
        if number is None:
            layouts.create(con)
            con.execute(f"create table {TURN} as select 0::bigint as turn_no")
        elif number < layouts.NEWEST:
            layouts.migrate(con, number)
        history.add_missing_columns(con)
    except BaseException:
        con.execute("rollback")
        raise
    con.execute("commit")


def _lacks_columns(con: duckdb.DuckDBPyConnection) -> bool:
    return any(set(one.columns) - set(history.columns_of(con, one.name)) for one in history.kept())


def keep_folder(folder: str) -> None:
    """Make the folder of an authority's data, its owner's alone; an object store has rules of its own."""
    if "://" not in folder:
        with suppress(OSError):  # DuckLake says so when it writes.
            Path(folder).mkdir(mode=at_rest.PRIVATE_FOLDER, exist_ok=True)


def _words(lake: Lake, group: str | None) -> str:
    """The address as libpq takes it, as which group to work, and how soon a silent catalogue is taken for gone."""
    said = {**catalogue.IN_LIBPQ, "sslmode": catalogue.sslmode(lake), **lake.options}
    if group is not None:
        said["options"] = "-c role=" + re.sub(r"([\\\s])", r"\\\1", group)
    return " ".join(f"{name}={_quoted(value)}" for name, value in said.items())


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def object_store(data: str) -> str:
    """What DuckDB asks an object store with, from the environment."""
    key, secret = os.environ.get(S3_KEY), os.environ.get(S3_SECRET)
    if not key or not secret:
        raise UsageError(f"The data are in an object store: set {S3_KEY} and {S3_SECRET}, and run again.")
    said = {"key_id": key, "secret": secret, "scope": data, "region": os.environ.get(S3_REGION, "us-east-1")}
    options = [f"{name} {_text(value)}" for name, value in said.items()]
    if endpoint := os.environ.get(S3_ENDPOINT):
        kind, _, host = endpoint.rpartition("://")
        options += [f"endpoint {_text(host)}", "url_style 'path'", f"use_ssl {str(kind != 'http').lower()}"]
    return f"create secret object_store (type s3, {', '.join(options)})"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
