"""The ledger's chain: a line that is changed, taken away or moved shows, and what was said can be purged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import duckdb
import pytest

from pipelines.warehouse import chain, layouts

AT = datetime(2025, 10, 8, 2, 30, tzinfo=UTC)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty warehouse with four lines, of which the second says something of a case."""
    with duckdb.connect(":memory:") as con:
        layouts.create(con)
        for number in range(1, 5):
            said = {"case_ref": "E06000034_000000000747", "reason": "late papers"} if number == 2 else None
            chain.append(con, "run", la_code="E06000034", at=AT, facts={"cases": number}, said=said)
        yield con


def words(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [fault.words for fault in chain.verify(con)]


def test_a_chain_as_it_was_written_has_no_fault(con: duckdb.DuckDBPyConnection) -> None:
    assert words(con) == []
    assert chain.head(con) == list(chain.lines(con))[-1].digest


def test_the_first_line_follows_nothing() -> None:
    with duckdb.connect(":memory:") as con:
        layouts.create(con)
        assert chain.head(con) == chain.FIRST
        chain.append(con, "backup", la_code=None, at=AT, facts={})
        assert next(chain.lines(con)).follows == chain.FIRST


@pytest.mark.parametrize(
    "column, value", [("facts", '{"cases":9}'), ("made_at", "2025-10-09T02:30:00+00:00"), ("said_by", "M")]
)
def test_a_line_that_was_changed_is_named(con: duckdb.DuckDBPyConnection, column: str, value: str) -> None:
    con.execute(f"update ledger_line set {column} = ? where line_no = 3", [value])
    assert words(con) == ["Line 3 was changed: its digest is not that of its words."]


def test_a_line_changed_with_its_digest_breaks_the_next_one(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("update ledger_line set facts = '{\"cases\":9}' where line_no = 3")
    changed = list(chain.lines(con))[2]
    con.execute("update ledger_line set digest = ? where line_no = 3", [changed.computed()])
    assert words(con) == ["Line 4 does not follow the line before it."]


def test_a_line_that_is_gone_is_named(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("delete from ledger_line where line_no = 3")
    assert "Line 3 is missing." in words(con)


def test_lines_that_changed_places_are_named(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("update ledger_line set line_no = 7 - line_no where line_no in (3, 4)")
    assert [fault.line_no for fault in chain.verify(con)] == [3, 4]


def test_what_was_said_of_a_case_stands_beside_the_line_and_not_in_it(con: duckdb.DuckDBPyConnection) -> None:
    held = con.execute("select string_agg(l::varchar, '') from ledger_line as l").fetchone()
    assert held is not None and "000000000747" not in held[0] and "late papers" not in held[0]


def test_what_was_said_cannot_be_changed_unseen(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("update ledger_said set said = replace(said, 'late', 'lost')")
    assert words(con) == ["What line 2 says of a case or person was changed."]


def test_what_was_said_can_be_purged_when_a_line_says_so(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("delete from ledger_said")
    assert words(con) == ["What line 2 says of a case or person is gone, and no purge says so."]
    chain.append(con, "purge", la_code="E06000034", at=AT, facts={"said_taken": [2]})
    assert words(con) == []


def test_a_kind_that_is_not_listed_is_refused(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ValueError, match="No kind of line"):
        chain.append(con, "other", la_code=None, at=AT, facts={})
