"""All authorities of published workbooks, invented and counted again: ``python -m bench.england [WORKBOOK …]``.

Of one workbook, or of workbooks of consecutive quarters, each authority is made and its official tables are counted by
the SQL of the project. A printed cell that is not reached must be known of as a proved contradiction or as a known
defect of its column, and the sums over all authorities must be the sums of what is printed but for those
cells. Prints one line a quarter, and ends with status 1 where a cell is left over.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from pipelines.disclosure.official import suppress
from pipelines.period import Quarter
from pipelines.published.identities import wrong_columns
from pipelines.published.reader import read_workbook
from pipelines.synthesise import synthesise
from pipelines.synthesise.cells import Book
from pipelines.synthesise.clashes import DEFECT, NOT_PROVED, PROVED
from pipelines.synthesise.recount import Recounter, beside

KEPT = Path(__file__).parent.parent / "data" / "published"
SEED = 1
Key = tuple[str, str, str]
_KEY = ("table", "column_path", "kind")


@dataclass
class Counted:
    """One authority in one quarter."""

    authority: str
    quarter: str
    making: float = 0.0
    """Seconds of processor time; those of a chain are divided among its quarters."""
    counting: float = 0.0
    compared: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    """Cells that are missed and known of, by the kind that ``clashes.csv`` gives them."""
    left: list[str] = field(default_factory=list)
    """What is not accounted for, a sentence each."""
    sums: dict[Key, tuple[float, float, float]] = field(default_factory=dict)
    """Printed, reached, and how much of the difference is known of, for each cell that sets an aim."""


class _Worker:
    """What a process keeps: the workbooks, laid out by authority, and a database to count in."""

    def __init__(self, workbooks: Sequence[Path]) -> None:
        self.books = [Book(read_workbook(path).tidy) for path in workbooks]
        self.recounter = Recounter()

    def count(self, authority: str) -> list[Counted]:
        begun = time.process_time()
        made = synthesise(self.books, authority, SEED)
        making = (time.process_time() - begun) / len(self.books)
        found = []
        for book in self.books:
            begun = time.process_time()
            tables = self.recounter.recount(made.sections, authority, [book.quarter])[book.quarter]
            one = Counted(authority, str(book.quarter), making, time.process_time() - begun)
            sheet = book.sheet(authority)
            known = {key[:2]: key[2] for key in made.clashes.filter(quarter=one.quarter).select(_KEY).iter_rows()}
            for wrong in wrong_columns(one.quarter):
                known[wrong.table, wrong.column_path] = DEFECT
            for cell in beside(made, sheet, tables):
                one.compared += 1
                by = cell.reached - cell.published
                kind = known.get(cell[:2], NOT_PROVED) if by else None
                is_known = kind in (PROVED, DEFECT)
                one.sums[cell[:3]] = (cell.published, cell.reached, by if is_known else 0.0)
                if is_known and kind is not None:
                    one.kinds[kind] += 1
                elif kind is not None:
                    name = f"{one.quarter} {authority} {cell.table} {cell.column_path}"
                    one.left.append(f"{name}: {cell.published:g} published, {cell.reached:g} reached, {kind}")
            for table, path, measure, note in suppress(tables).select("table", "column_path", "measure", "note").rows():
                cell_printed = sheet.cells.get((table, path, measure))
                hidden = cell_printed is not None and cell_printed.note == "suppressed" and measure == "count"
                # A7 is also hidden for its quality, which no household tells.
                if hidden and note != "suppressed" and table != "A7":
                    one.left.append(f"{one.quarter} {authority} {table} {path}: hidden in print, shown by ours")
            found.append(one)
        return found


_worker: _Worker


def _begin(workbooks: Sequence[Path]) -> None:
    global _worker
    _worker = _Worker(workbooks)


def _count(authority: str) -> list[Counted]:
    return _worker.count(authority)


def count_all(workbooks: Sequence[Path], authorities: Sequence[str], processes: int) -> Iterator[Counted]:
    """Every authority in every quarter; with one process, in this one."""
    if processes == 1:
        _begin(workbooks)
        for authority in authorities:
            yield from _count(authority)
        return
    # Polars and DuckDB have threads of their own, which a fork would lose.
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=fresh, initializer=_begin, initargs=(workbooks,)) as pool:
        for found in pool.map(_count, authorities, chunksize=4):
            yield from found


def sums_left(counted: Sequence[Counted]) -> list[str]:
    """Sums over all authorities that differ from what is printed by more than the cells known of."""
    printed: defaultdict[Key, float] = defaultdict(float)
    reached: defaultdict[Key, float] = defaultdict(float)
    listed: defaultdict[Key, float] = defaultdict(float)
    for one in counted:
        for key, (wanted, have, told) in one.sums.items():
            if key[2] == "count":
                printed[key] += wanted
                reached[key] += have
                listed[key] += told
    return [
        f"{table} {path}: {printed[key]:g} printed in sum, {reached[key]:g} reached, {listed[key]:+g} known of"
        for key in printed
        if reached[key] - printed[key] != listed[key]
        for table, path, _ in [key]
    ]


def main() -> None:
    """Count and print; status 1 where something is left over."""
    parser = argparse.ArgumentParser()
    parser.add_argument("workbooks", nargs="*", type=Path, default=sorted(KEPT.glob("*.ods")))
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--authority", action="append", help="only this one; may be given several times")
    parser.add_argument("--every", type=int, default=1, help="only every n-th authority")
    given = parser.parse_args()
    begun = time.perf_counter()
    books = [Book(read_workbook(path).tidy) for path in given.workbooks]
    quarters: list[Quarter] = [book.quarter for book in books]
    if any(later != earlier.shift(1) for earlier, later in pairwise(quarters)):
        raise SystemExit("The workbooks must be of quarters that follow each other, in order.")
    everywhere = sorted(set.intersection(*(set(book.authorities) for book in books)))
    authorities = given.authority or everywhere[:: given.every]
    del books
    counted = list(count_all(given.workbooks, authorities, given.processes))
    took = time.perf_counter() - begun
    left = [line for one in counted for line in one.left]
    print(
        "| quarter | authorities | all cells reached | misses known of | cells | proved | known defects | left over |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for quarter in map(str, quarters):
        mine = [one for one in counted if one.quarter == quarter]
        sums = sums_left(mine)
        left += [f"{quarter} {line}" for line in sums]
        exact = sum(not one.kinds and not one.left for one in mine)
        known = sum(bool(one.kinds) and not one.left for one in mine)
        kinds = sum((one.kinds for one in mine), Counter[str]())
        cells = sum(one.compared for one in mine)
        rest = sum(len(one.left) for one in mine) + len(sums)
        print(
            f"| {quarter} | {len(mine)} | {exact} | {known} | {cells:,} | {kinds[PROVED]} | {kinds[DEFECT]} | {rest} |"
        )
    making, counting = [one.making for one in counted], [one.counting for one in counted]
    print(
        f"\nSeconds of processor time, authority and quarter: making {statistics.median(making):.2f} in the median and"
        f" {sum(making):.0f} in all, counting {statistics.median(counting):.2f} and {sum(counting):.0f}. Whole:"
        f" {took:.0f} seconds with {given.processes} processes."
    )
    if left:
        print("\n".join(["", *left]))
        sys.exit(1)


if __name__ == "__main__":
    main()
