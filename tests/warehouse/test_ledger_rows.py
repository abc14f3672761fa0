"""What stands in the warehouse and what the ledger's lines say of it are held together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from pipelines.people.answers import Answer, keep
from pipelines.period import Quarter
from pipelines.warehouse import chain, layouts, ledger_rows, notes, released, retold, waivers, words
from pipelines.warehouse.store import Warehouse
from tests.warehouse.stored import LA, freeze, sections_of

AT = datetime(2025, 10, 8, 9, 30, tzinfo=UTC)
CASE, REASON = "E06000034_000000000747", "letter of her doctor"
WAIVER = {
    "rule_id": "L-05",
    "case_ref": CASE,
    "record_key": None,
    "owner": "Team lead",
    "reason": REASON,
    "expires": date(2026, 3, 31),
}


@pytest.fixture
def store() -> Iterator[Warehouse]:
    """A warehouse in which something of every kind was said: run, waiver, note, word, answer, shared edition."""
    with Warehouse(None) as store:
        con = store.connection
        freeze(store, "one", sections_of(), result="running")
        store.save_ledger("one", {"outputs": [{"path": "return/a.xml", "sha256": "00"}]}, "clean", at=AT, by="night")
        waivers.give(con, LA, WAIVER, by="Ann", on=AT)
        notes.say(con, LA, "f1", f"{CASE}: asked the landlord", by="Ben", on=AT, where="command")
        words.confirm(con, LA, "team", "North", by="Ann", on=AT)
        keep(store, LA, [Answer(f"{CASE}/1", "E06000034_000000000748/1", "same", "Ann", AT.date())], at=AT)
        released.save(con, LA, Quarter(2025, 3), "one", AT, {("flows", "2025-09", "cases"): 25})
        yield store


def found(store: Warehouse) -> list[str]:
    return [fault.words for fault in chain.verify(store.connection)]


def test_everything_that_is_said_and_run_is_a_line(store: Warehouse) -> None:
    lines = list(chain.lines(store.connection))
    kinds = [line.kind for line in lines]
    assert kinds == ["run", "run", "waiver", "note", "word", "answer", "released"]
    assert [line.facts["event"] for line in lines[:2]] == ["began", "ended"]
    assert lines[1].facts["return"] == {"return/a.xml": "00"} and lines[1].said_by == "night"
    assert {line.made_at for line in lines[1:]} == {"2025-10-08T09:30:00+00:00"}
    assert found(store) == []


def test_no_line_holds_a_case_reference_or_what_was_said(store: Warehouse) -> None:
    row = store.connection.execute("select string_agg(line::varchar, '') from ledger_line as line").fetchone()
    assert row is not None
    for text in (CASE, REASON, "landlord", "North", "Team lead"):
        assert text not in row[0]


@pytest.mark.parametrize(
    "change, sentence",
    [
        (
            "update waiver set reason = 'other'",
            "The waiver 1 of E06000034 is not what line 3 of the ledger says: it was changed afterwards.",
        ),
        (
            "update waiver set withdrawn_on = '2025-12-01'",
            "The waiver 1 of E06000034 is not what line 3 of the ledger says: it was changed afterwards.",
        ),
        ("delete from waiver", "The waiver 1 of E06000034 of line 3 of the ledger is gone."),
        (
            "update finding_note set note = 'other'",
            "The note 1 of E06000034 is not what line 4 of the ledger says: it was changed afterwards.",
        ),
        (
            "update confirmed_word set word = 'South'",
            "The word for sharing 1 of E06000034 is not what line 5 of the ledger says: it was changed afterwards.",
        ),
        (
            "update same_person set decision = 'different'",
            "The answer about two people 1 of E06000034 is not what line 6 of the ledger says: it was changed"
            " afterwards.",
        ),
        (
            "update released set value = 30",
            "The shared edition 2025-Q3, 1 of E06000034 is not what line 7 of the ledger says: it was changed"
            " afterwards.",
        ),
        (
            "update ledger set ledger = replace(ledger, 'a.xml', 'b.xml')",
            "The ledger of run one is not what line 2 of the ledger says: it was changed afterwards.",
        ),
        (
            "update runs set result = 'blocked'",
            "The result of run one is not what line 2 of the ledger says: it was changed afterwards.",
        ),
        (
            "update runs set quarter = '2025-Q4'",
            "The entry of run one is not what line 2 of the ledger says: it was changed afterwards.",
        ),
        ("delete from runs", "Run one of line 2 of the ledger is gone."),
        (
            "insert into runs (run_id, run_order, la_code, quarter, as_at) values ('x', 2, 'E06000034', '2025-Q3',"
            " '2025-09-30')",
            "Run x stands in the warehouse and has no line of the ledger.",
        ),
        (
            "insert into finding_note values ('E06000034', 9, 'f1', 'x', 'Ann', '2025-10-08', 'command')",
            "The note 9 of E06000034 stands in the warehouse and has no line of the ledger.",
        ),
    ],
)
def test_a_row_that_is_not_what_its_line_says_is_named(store: Warehouse, change: str, sentence: str) -> None:
    store.connection.execute(change)
    assert found(store) == [sentence]


def test_lines_cut_off_at_the_end_show_by_the_rows_that_they_were_of(store: Warehouse) -> None:
    store.connection.execute("delete from ledger_line where line_no >= 6")
    store.connection.execute("delete from ledger_said where line_no >= 6")
    assert found(store) == [
        "The answer about two people 1 of E06000034 stands in the warehouse and has no line of the ledger.",
        "The shared edition 2025-Q3, 1 of E06000034 stands in the warehouse and has no line of the ledger.",
    ]


def test_lines_cut_off_with_their_rows_show_against_a_printed_digest(store: Warehouse) -> None:
    con = store.connection
    last = list(chain.lines(con))[-1]
    con.execute("delete from ledger_line where line_no = 7")
    con.execute("delete from released")
    assert found(store) == []
    (fault,) = chain.verify_digest(con, last.digest, 7)
    assert fault.words == (
        f"The printed digest of line 7, {last.digest[:12]}…, is that of no line: the ledger was changed or cut off"
        " after it was printed."
    )


def test_a_chain_that_was_written_anew_shows_against_a_printed_digest(store: Warehouse) -> None:
    con = store.connection
    printed = [(line.line_no, line.digest) for line in chain.lines(con)]
    con.execute("delete from ledger_line")
    con.execute("delete from ledger_said")
    con.execute("update waiver set reason = 'other'")
    retold.take_over(con, 5)
    assert found(store) == []
    assert [fault.line_no for number, digest in printed for fault in chain.verify_digest(con, digest, number)] == [
        *range(1, 8)
    ]


def test_two_lines_that_changed_places_are_both_named(store: Warehouse) -> None:
    store.connection.execute("update ledger_line set line_no = 9 - line_no where line_no in (4, 5)")
    said = found(store)
    assert "Line 4 was line 5: lines were put in another order." in said
    assert "Line 5 was line 4: lines were put in another order." in said


def test_a_line_put_in_between_is_named(store: Warehouse) -> None:
    con = store.connection
    con.execute("update ledger_line set line_no = line_no + 1 where line_no >= 3")
    con.execute(
        "insert into ledger_line select 3, made_at, kind, la_code, 'two', said_by, facts, said_digest, follows, digest"
        " from ledger_line where line_no = 2"
    )
    assert {fault.line_no for fault in chain.verify(con)} >= {3, 4, 5, 6, 7, 8}


def test_a_withdrawn_waiver_and_word_are_lines_of_their_own(store: Warehouse) -> None:
    con = store.connection
    waivers.withdraw(con, LA, 1, on=AT, by="Ben")
    words.withdraw(con, LA, "team", "North", on=AT, by="Ben")
    last = list(chain.lines(con))[-2:]
    assert [(line.kind, line.facts["event"], line.said_by) for line in last] == [
        ("waiver", "withdrawn", "Ben"),
        ("word", "withdrawn", "Ben"),
    ]
    assert found(store) == []
    con.execute("update waiver set withdrawn_on = null")
    assert found(store) == [
        "The waiver 1 of E06000034 is not what line 8 of the ledger says: it was changed afterwards."
    ]


def test_what_a_purge_took_is_no_fault_where_the_purge_names_its_lines(store: Warehouse) -> None:
    con = store.connection
    con.execute("delete from waiver")
    con.execute("delete from ledger_said where line_no = 3")
    assert len(found(store)) == 2
    chain.append(con, "purge", la_code=LA, at=AT, facts={chain.SAID_TAKEN: [3]})
    assert found(store) == []


def test_rows_that_a_purge_changed_or_took_are_told_anew(store: Warehouse) -> None:
    con = store.connection
    before = ledger_rows.snapshot(con)
    con.execute("update ledger set ledger = replace(ledger, 'a.xml', '[purged]')")
    con.execute("update waiver set reason = '[purged]'")
    con.execute("delete from ledger_said where line_no in (3, 4)")
    con.execute("delete from finding_note")
    con.execute("delete from released")
    assert len(found(store)) == 5
    gone = retold.retell(con, before, at=AT, said_by="Ann")
    assert gone == [("finding_note", [LA, 1]), ("released", [LA, "2025-Q3", 1])]
    chain.append(con, "purge", la_code=LA, at=AT, facts={chain.SAID_TAKEN: [3, 4], ledger_rows.ROWS_TAKEN: gone})
    assert found(store) == []
    con.execute("update waiver set reason = 'other'")
    assert len(found(store)) == 1


def test_a_run_that_is_repeated_has_the_lines_of_both_times(store: Warehouse) -> None:
    freeze(store, "one", sections_of(), result="running")
    assert found(store) == []
    store.save_ledger("one", {"outputs": []}, "blocked", at=AT)
    assert found(store) == []
    runs = [line.facts["event"] for line in chain.lines(store.connection) if line.kind == "run"]
    assert runs == ["began", "ended", "began", "ended"]


def test_many_notes_at_once_are_as_many_lines(store: Warehouse) -> None:
    rows = [(f"f{number}", f"note {number}", "Ann", AT.date(), "workbook") for number in range(1000)]
    notes.save_notes(store.connection, LA, pl.DataFrame(rows, schema=notes.SAID, orient="row"), at=AT)
    assert len(list(chain.lines(store.connection))) == 1007 and found(store) == []


def test_what_is_rolled_back_leaves_no_line(store: Warehouse) -> None:
    with pytest.raises(KeyboardInterrupt), store.transaction():
        waivers.give(store.connection, LA, WAIVER, by="Ann", on=AT)
        raise KeyboardInterrupt
    assert len(list(chain.lines(store.connection))) == 7
    waivers.give(store.connection, LA, WAIVER, by="Ann", on=AT)
    assert [line.line_no for line in chain.lines(store.connection)] == [*range(1, 9)] and found(store) == []


def test_a_file_from_before_the_ledger_begins_it_with_what_stands_there(store: Warehouse, tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with Warehouse(path) as older:
        con = older.connection
        freeze(older, "one", sections_of())
        older.save_ledger("one", {"a": 1}, "clean")
        waivers.give(con, LA, WAIVER, by="Ann", on=AT)
        for table in ("ledger_line", "ledger_said", "sign_off", "frozen_file", "qa_explanation"):
            con.execute(f"drop table {table}")
        con.execute("update about set layout = 5")
    with Warehouse(path) as newer:
        con = newer.connection
        assert layouts.layout_of(con) == layouts.NEWEST
        lines = list(chain.lines(con))
        assert [line.kind for line in lines] == ["migrated", "run", "waiver"]
        assert lines[0].facts["from_layout"] == 5 and lines[0].facts["found"]["runs"] == 1
        assert {line.made_at for line in lines} == {None}
        assert found(newer) == []
        con.execute("update ledger set ledger = '{}'")
        assert found(newer) == [
            "The ledger of run one is not what line 2 of the ledger says: it was changed afterwards."
        ]


def test_every_table_of_what_people_say_is_held_against_the_ledger() -> None:
    kept = {"finding_note", "waiver", "same_person", "confirmed_word", "released", "sign_off", "frozen_file"}
    assert kept <= set(ledger_rows.ROWS)
