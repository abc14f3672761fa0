"""The files beside an export that the figures of a run rest on, kept with the run: rates, ceilings, neighbours."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.errors import InputError


@dataclass(frozen=True)
class RunFile:
    """One file as a run read it: its name without folder, SHA-256, and the bytes."""

    name: str
    sha256: str
    content: bytes


def of_path(path: Path) -> RunFile:
    """The file at a path.

    Raises:
        InputError: it cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError:
        raise InputError(f"The file {path.name} cannot be read.") from None
    return RunFile(path.name, hashlib.sha256(content).hexdigest(), content)


def save(con: duckdb.DuckDBPyConnection, run_id: str, kind: str, file: RunFile) -> None:
    """Keep a file with the run, in place of one of the same kind."""
    con.execute("delete from run_file where run_id = ? and kind = ?", [run_id, kind])
    con.execute(
        "insert into run_file (run_id, kind, name, sha256, content) values (?, ?, ?, ?, ?)",
        [run_id, kind, file.name, file.sha256, file.content],
    )


def read(con: duckdb.DuckDBPyConnection, run_id: str, kind: str) -> RunFile | None:
    """The file of that kind which the run was given; None without one."""
    row = con.execute(
        "select name, sha256, content from run_file where run_id = ? and kind = ?", [run_id, kind]
    ).fetchone()
    return None if row is None else RunFile(*row)
