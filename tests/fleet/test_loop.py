"""How runs are handed out: in order, no more than there are workers, and once more where a process was ended."""

from __future__ import annotations

from collections.abc import Callable

# Dask is not needed to hand out.
from pipelines.fanout.loop import LostTouchError, WorkerLostError, not_ended, through
from pipelines.fleet.manifest import Row
from pipelines.fleet.one import Outcome

ROWS = [Row(f"line {number}", f"E0600000{number}", "2025-Q3", {}, 0) for number in range(1, 6)]


class Handed:
    """A run that has ended as soon as it is asked, in a way that is said beforehand."""

    def __init__(self, row: Row, ends: Exception | None) -> None:
        self.row, self.ends = row, ends

    def when_done(self, call: Callable[[], None]) -> None:
        call()

    def outcome(self) -> Outcome:
        if self.ends is not None:
            raise self.ends
        return Outcome(self.row.authority, self.row.quarter, "clean", 0, "Made.")


class Workers:
    """Hands out, and notes in which order and how many at once."""

    def __init__(self, **ends: list[Exception]) -> None:
        self.ends, self.order = ends, list[str]()

    def __call__(self, row: Row) -> Handed:
        self.order.append(row.authority)
        left = self.ends.get(row.authority)
        return Handed(row, left.pop(0) if left else None)


def outcomes(workers: Workers, count: int = 2) -> list[Outcome]:
    return list(through(ROWS, workers, lambda: count, lambda: None))


def test_the_rows_are_handed_out_in_their_order() -> None:
    workers = Workers()
    assert [one.authority for one in outcomes(workers)] == [row.authority for row in ROWS]
    assert workers.order == [row.authority for row in ROWS]


def test_a_run_whose_process_was_ended_is_begun_once_more() -> None:
    workers = Workers(E06000002=[WorkerLostError("The system ended it.")])
    found = {one.authority: one for one in outcomes(workers)}
    assert len(found) == len(ROWS) and {one.result for one in found.values()} == {"clean"}
    assert (found["E06000002"].tries, found["E06000001"].tries) == (2, 1)


def test_one_that_ends_two_processes_has_failed_and_stops_nobody() -> None:
    workers = Workers(E06000002=[WorkerLostError("The system ended it.") for _ in range(2)])
    found = {one.authority: one for one in outcomes(workers)}
    bad = found.pop("E06000002")
    assert (bad.result, bad.exit_code, bad.sentence, bad.tries) == ("failed", 3, "The system ended it.", 2)
    assert len(found) == 4 and {one.result for one in found.values()} == {"clean"}


def test_what_nobody_knows_the_end_of_is_not_begun_again() -> None:
    workers = Workers(E06000005=[LostTouchError("Nobody knows.")])
    bad = outcomes(workers)[-1]
    assert (bad.authority, bad.result, bad.sentence, bad.tries) == ("E06000005", "failed", "Nobody knows.", 1)


def test_what_had_not_ended_when_the_command_was_stopped_is_told_apart() -> None:
    ended = [Outcome("E06000001", "2025-Q3", "clean", 0, "Made.")]
    found = not_ended(ROWS, ended, frozenset({"E06000002 2025-Q3"}))
    assert [(one.authority, one.tries) for one in found] == [
        ("E06000002", 1), ("E06000003", 0), ("E06000004", 0), ("E06000005", 0),
    ]  # fmt: skip
    assert {one.result for one in found} == {"stopped"}
