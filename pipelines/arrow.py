"""Frames on their way into DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import duckdb


class Rows(Protocol):
    """Rows that go as an Arrow stream: a polars frame, or the relation that another DuckDB connection reads."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> Any:
        """The stream, as a capsule."""


@contextmanager
def incoming(con: duckdb.DuckDBPyConnection, frame: Rows) -> Iterator[None]:
    """In a block, let one statement read the frame, once, under the name ``incoming``.

    The frame goes in as a bare Arrow stream: given a polars frame, DuckDB imports ``pyarrow.dataset`` first, which
    takes longer than all checks on 10,000 cases.
    """
    con.register("incoming", frame.__arrow_c_stream__())
    try:
        yield
    finally:
        con.unregister("incoming")


def load(con: duckdb.DuckDBPyConnection, statement: str, frame: Rows) -> None:
    """Run a statement that reads the frame, once, under the name ``incoming``."""
    with incoming(con, frame):
        con.execute(statement)
