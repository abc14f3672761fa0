"""What a session with a database gives, whichever it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import duckdb
import pyarrow as pa

from pipelines.extract.databases.faults import Fault

BATCH_ROWS = 10_000
"""Rows that are asked for at once."""

DAY, MOMENT, MOMENT_WITH_ZONE, YES_NO = "date", "timestamp", "timestamptz", "boolean"
"""What a column of text holds, where all of it is that; names of DuckDB's types."""


@dataclass
class Reading:
    """The rows of a query, some at a time."""

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    kinds: dict[str, str] = field(default_factory=dict)
    """Column → what its texts hold; known when all batches were taken."""


def told(batches: Iterable[pa.RecordBatch], fault_of: Callable[[Exception], Fault]) -> Iterator[pa.RecordBatch]:
    """The batches; what fails while they come is told as a fault."""
    try:
        yield from batches
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise fault_of(error) from None


class Session(Protocol):
    """A read-only session; all that is read in it is one snapshot where the database has such.

    Each of its functions raises ``Fault``.
    """

    snapshot: bool
    """Whether all queries see the database as at one moment."""

    def name(self, parts: tuple[str, ...]) -> str:
        """The name of a table as it is written in a query, quoted where that is needed."""

    def has(self, table: str) -> bool:
        """Whether there is such a table or view; ``table`` as ``name`` gives it."""

    def count(self, sql: str) -> int | None:
        """How many rows the query gives; None where the database can tell that only afterwards."""

    def rows_of(self, sql: str) -> int:
        """How many rows the query, which can stand in another, gives; counted even where ``count`` cannot."""

    def read(self, sql: str) -> Reading:
        """Start to read the query."""

    def sent(self) -> int | None:
        """How many rows the database says it sent for the query that was read; None where ``count`` told it."""

    def close(self) -> None:
        """End the session."""
