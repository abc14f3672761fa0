"""The totals of a return, and why one changed, as officers explained it: each explanation is a line of the ledger.

An explanation speaks of two values, the total and the one that it was compared with, and holds as long as both are so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from pipelines.period import Quarter
from pipelines.warehouse import chain


@dataclass(frozen=True)
class Explanation:
    """What was said of one total beside that of another quarter (``compared_with``). ``said_at`` is ISO."""

    total: str
    value: int
    compared_with: str
    compared_value: int
    explanation: str
    said_by: str | None
    said_at: str

    @property
    def speaks_of(self) -> tuple[str, int, str, int]:
        """The total, its value, and what it was compared with: while these are so, the explanation holds."""
        return self.total, self.value, self.compared_with, self.compared_value


def save(
    con: duckdb.DuckDBPyConnection, la_code: str, quarter: Quarter, said: Sequence[Explanation], *, at: datetime
) -> None:
    """Add explanations, each with its line of the ledger; called inside a transaction.

    The line holds the figures; the words, which may speak of a household, stand beside it.
    """
    for one in said:
        con.execute(
            "insert into qa_explanation (la_code, quarter, total, value, compared_with, compared_value, explanation,"
            " said_by, said_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                la_code,
                str(quarter),
                one.total,
                one.value,
                one.compared_with,
                one.compared_value,
                one.explanation,
                one.said_by,
                one.said_at,
            ],
        )
        facts = {
            "quarter": str(quarter),
            "total": one.total,
            "value": one.value,
            "compared_with": one.compared_with,
            "compared_value": one.compared_value,
        }
        key = (la_code, str(quarter), one.total, one.compared_with, one.said_at)
        chain.record(con, "qa_explanation", [key], at=at, facts=facts)


def explanations(con: duckdb.DuckDBPyConnection, la_code: str, quarter: Quarter) -> list[Explanation]:
    """Everything that was ever said of the quarter's totals, in the order in which it was said."""
    rows = con.execute(
        "select total, value::bigint, compared_with, compared_value::bigint, explanation, said_by, said_at"
        " from qa_explanation where la_code = ? and quarter = ? order by said_at, rowid",
        [la_code, str(quarter)],
    ).fetchall()
    return [Explanation(*row) for row in rows]


def kept_totals(con: duckdb.DuckDBPyConnection, counted_from: str) -> dict[str, int | None]:
    """The totals by id that were counted from the same bytes by the same definitions; empty where none were.

    Args:
        counted_from: a digest over all that they rest on.
    """
    rows = con.execute("select total, value from qa_total where counted_from = ?", [counted_from]).fetchall()
    return dict(rows)


def keep_totals(con: duckdb.DuckDBPyConnection, counted_from: str, values: Mapping[str, int | None]) -> None:
    """Keep the totals of a return, so that the next quarter need not read it again; called inside a transaction."""
    con.execute("delete from qa_total where counted_from = ?", [counted_from])
    for total, value in values.items():
        con.execute("insert into qa_total values (?, ?, ?)", [counted_from, total, value])
