"""Every authority of published workbooks, made side by side: a folder each, and the list that a fleet is run from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import polars as pl

from pipelines.authority import authority_name
from pipelines.errors import InputError, SurroundingsError
from pipelines.faults import sentence_of
from pipelines.period import Quarter
from pipelines.published import kept
from pipelines.published.needs import require_columns
from pipelines.published.reader import PublishedWorkbook, read_workbook
from pipelines.side_by_side import Lost, side_by_side
from pipelines.synthesise.cells import OTHERS_CASES, Book, Sheet, sets_an_aim, successor
from pipelines.synthesise.clashes import CLASH_SCHEMA
from pipelines.synthesise.exact.solver import is_installed
from pipelines.synthesise.recount import Recounter
from pipelines.synthesise.synthetic import check_quarters, synthesise
from pipelines.synthesise.together import Made, Record, digest_of, withdraw, write_together
from pipelines.synthesise.write import write

_DIED = (
    "the system ended its process, most likely because memory ran out. Give fewer processes (--processes), or use a"
    " machine with more memory"
)


@dataclass(frozen=True)
class NotMade:
    """An authority that could not be made."""

    authority: str
    reason: str
    """A sentence that holds nothing from the data."""
    status: int
    """Exit status of design §7."""


@dataclass(frozen=True)
class Task:
    """What is asked for; each process reads the workbooks of it once."""

    workbooks: tuple[Path, ...]
    """Of consecutive quarters, in order."""
    seed: int
    out: Path
    headings: Path | None = None
    """As of ``read_workbook``."""

    def read(self) -> list[PublishedWorkbook]:
        """The workbooks, as ``read_workbook`` gives and refuses them."""
        return [read_workbook(path, headings=self.headings) for path in self.workbooks]


@dataclass
class Everyone:
    """What came of all authorities."""

    quarters: tuple[Quarter, ...]
    made: list[Made] = field(default_factory=list)
    """Those whose folders are whole, sorted by authority."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Authority and reason: those of which the workbooks print too little."""
    failed: list[NotMade] = field(default_factory=list)
    gone_on: int = 0
    """Of those made, how many were whole before."""
    clashes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CLASH_SCHEMA))
    """One row per printed cell that is not reached, as ``clashes.csv`` has it."""


def make_all(task: Task, processes: int = 1, show: Callable[[int, int, int], None] = lambda *_: None) -> Everyone:
    """Make every authority of the workbooks into a folder of its own in ``task.out``, as it would be made alone.

    Beside the folders come ``manifest.csv``, ``clashes.csv`` and ``made.csv`` (``together``), the first two when all is
    made. What stands whole from a call that was broken off is not made again. An authority that fails stops no other.

    Args:
        processes: how many authorities are made side by side; with one, in this process.
        show: told how many are made and have failed, of how many.

    Raises:
        InputError: a workbook cannot be read, lacks columns that are needed, or prints nothing of any authority.
        UsageError: the quarters cannot be made as one caseload.
        OSError: ``task.out`` cannot be written.
    """
    workbooks = task.read()
    for workbook in workbooks:
        require_columns(workbook, sets_an_aim, "hclic synthesise")
    books = [Book(workbook.tidy) for workbook in workbooks]
    sizes, left_out = choose(books)
    if not sizes:
        raise InputError("The workbooks print nothing of any authority that could be made.")
    check_quarters([book.sheet(next(iter(sizes))) for book in books])
    found = Everyone(tuple(book.quarter for book in books), left_out=left_out)
    made_of = _made_of(workbooks, task)
    record = Record(task.out, made_of)
    found.made = [made for authority in sizes if (made := record.whole(authority)) is not None]
    found.gone_on = len(found.made)
    whole = {made.authority for made in found.made}
    # The largest first: else the last process at work would have one of them when the others have none.
    todo = sorted(sizes.keys() - whole, key=lambda authority: (-sizes[authority], authority))
    if todo:
        withdraw(task.out)
    for one in side_by_side(_make, todo, processes, _begin, (task, made_of)):
        if isinstance(one, Made):
            record.add(one)
            found.made.append(one)
        else:
            found.failed.append(NotMade(one.task, _DIED, SurroundingsError.exit_code) if isinstance(one, Lost) else one)
        show(len(found.made), len(found.failed), len(sizes))
    found.made.sort(key=lambda made: made.authority)
    found.failed.sort(key=lambda failed: failed.authority)
    if found.made:
        found.clashes = write_together(task.out, [made.authority for made in found.made], found.quarters)
    return found


def choose(books: Sequence[Book]) -> tuple[dict[str, float], dict[str, str]]:
    """Authorities that can be made, each with the sum of what is printed of it; and why each other one is left out.

    Of several quarters an authority must be printed in each: under its own code, or alone under one that its code has
    taken the place of.
    """
    sizes: dict[str, float] = {}
    left_out: dict[str, str] = {}
    used: set[str] = set()
    last = books[-1]
    for authority in last.authorities:
        stands, reason = {authority}, None
        for book in books:
            codes = _codes(book, authority)
            stands |= set(codes)
            if len(codes) != 1:
                has = "several authorities in its place" if codes else "no row of it"
                reason = f"the workbook of {book.quarter} has {has}"
        printed = {} if reason else {book.quarter: _printed(book.sheet(authority)) for book in books}
        nothing = [str(quarter) for quarter, figures in printed.items() if not figures]
        if nothing:
            reason = f"no figure of it is printed in {', '.join(nothing)}"
        if reason is None:
            sizes[authority] = sum(sum(figures) for figures in printed.values())
            used |= stands
        else:
            left_out[authority] = reason
    for book in books[:-1]:
        for authority in book.authorities:
            if authority not in used:
                left_out.setdefault(authority, f"the workbook of {last.quarter} has no row of it")
    return sizes, dict(sorted(left_out.items()))


def named(authorities: Mapping[str, str]) -> list[str]:
    """A line for each reason, with the authorities that have it: 'Croydon (E09000008): …'."""
    by_reason: dict[str, list[str]] = {}
    for authority, reason in authorities.items():
        by_reason.setdefault(reason, []).append(f"{authority_name(authority)} ({authority})")
    return [f"{', '.join(those)}: {reason}" for reason, those in by_reason.items()]


def _codes(book: Book, authority: str) -> list[str]:
    """Codes under which a workbook may print an authority: its own, or all with the same successor."""
    if authority in book.authorities:
        return [authority]
    return [code for code in book.authorities if successor(code) == successor(authority)]


def _printed(sheet: Sheet) -> list[float]:
    """The printed counts and days that say anything of the authority's own households."""
    return [
        cell.value
        for cell in sheet.cells.values()
        if cell.value is not None and cell.measure in ("count", "days") and cell.path != OTHERS_CASES
    ]


def _made_of(workbooks: Sequence[PublishedWorkbook], task: Task) -> str:
    """Digest of what decides the files of an authority: what was read, the seed, the program and its solver."""
    here = Path(__file__).parent
    parts = [version("hclic"), kept.program(), f"seed={task.seed}", f"solver={is_installed()}"]
    parts += [workbook.sha256 for workbook in workbooks]
    if task.headings is not None:
        parts.append(hashlib.sha256(task.headings.read_bytes()).hexdigest())
    for path in sorted(here.rglob("*.py")):
        parts += [path.relative_to(here).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class _Worker:
    """What a process keeps: the workbooks, laid out by authority, and a database to count in."""

    def __init__(self, task: Task, made_of: str) -> None:
        self.task, self.made_of = task, made_of
        self.books = [Book(workbook.tidy) for workbook in task.read()]
        self.recounter = Recounter()

    def make(self, authority: str) -> Made | NotMade:
        try:
            folder = self.task.out / authority
            made = synthesise(self.books, authority, self.task.seed, recounted=True, recounter=self.recounter)
            write(made, folder, self.task.seed)
            sizes = (made.sections["main"].height, made.clashes.height, made.free.height)
            return Made(authority, *sizes, self.made_of, digest_of(folder))
        except (Exception, pl.exceptions.PanicException) as error:
            # What a fault left in the database would stand in the way of the next.
            self.recounter = Recounter()
            return NotMade(authority, *sentence_of(error))


_worker: _Worker


def _begin(task: Task, made_of: str) -> None:
    global _worker
    _worker = _Worker(task, made_of)


def _make(authority: str) -> Made | NotMade:
    return _worker.make(authority)
