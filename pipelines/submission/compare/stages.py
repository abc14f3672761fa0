"""The steps from one run's return to the other's, each of which changes one thing: software, settings, choice, cases.

What differs between two neighbouring stages has the cause that lies between them: nothing is guessed from the two ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import polars as pl

from pipelines.emit.returns import ReturnProfile
from pipelines.emit.returns.source.diff import SCHEMA, diff_returns
from pipelines.run import ledger
from pipelines.settings import values
from pipelines.submission import sent
from pipelines.submission.remade import PERSONAL, Book, profile_of, remade
from pipelines.warehouse.quarter import OpenQuarter
from pipelines.warehouse.store import Warehouse

BY_SOFTWARE, BY_SETTING, BY_CHOICE, BY_CASES = "software", "setting", "choice", "cases"
"""What changes from one stage to the next: who writes it, the settings and the return profile, which cases were left
out or taken in, and the cases themselves with the day of the export."""


@dataclass(frozen=True)
class Stage:
    """A return on the way: its folder and profile, and what was changed to come to it."""

    folder: Path
    profile: ReturnProfile
    by: str | None = None


@dataclass(frozen=True)
class Side:
    """One of the two runs: what the warehouse knows of it, and its editions as today's software makes them."""

    book: Book
    opened: OpenQuarter
    forced: pl.DataFrame
    is_as_sent: bool
    """Whether today's software makes the bytes that were sent."""
    is_kept: bool
    """Whether the bytes that were sent are kept."""


@dataclass(frozen=True)
class Steps:
    """The two runs, and what differs between neighbouring stages and between the two ends."""

    a: Side
    b: Side
    between: tuple[tuple[str, pl.DataFrame], ...]
    """What was changed, and what differs then, as ``diff.SCHEMA``."""
    ends: pl.DataFrame
    settings: tuple[str, ...]
    """Names of the settings that differ; ``return profile`` where that does."""


@contextmanager
def steps_between(
    store: Warehouse, a: Book, b: Book, folder: Path, *, profiles: tuple[str | None, str | None] = (None, None)
) -> Iterator[Steps]:
    """Make every stage from the return of ``a`` to that of ``b`` and compare neighbours.

    Args:
        store: the warehouse.
        a: the earlier run.
        b: the later one.
        folder: a private folder.
        profiles: their return profiles, where these are not where they were.

    Raises:
        InputError: a return profile is not there.
    """
    first, last = profile_of(a, profiles[0]), profile_of(b, profiles[1])
    forced_a, forced_b = (store.forced_cases(book.run.run_id) for book in (a, b))
    with ExitStack() as held:
        open_a = held.enter_context(remade(store, a, first, folder / "a"))
        open_b = held.enter_context(remade(store, b, last, folder / "b"))
        stages = [Stage(folder / "a", first)]
        was_sent = [_sent(store, book, folder, name) for book, name in ((a, "a"), (b, "b"))]
        if (as_sent := was_sent[0][1]) is not None:
            stages = [Stage(as_sent, first), Stage(folder / "a", first, BY_SOFTWARE)]
        settings = _settings(open_a, open_b, first, last)
        if settings:
            with remade(store, a, last, folder / "settings", settings=open_b.settings, forced=forced_a):
                stages.append(Stage(folder / "settings", last, BY_SETTING))
        if not forced_a.sort("case_ref").equals(forced_b.sort("case_ref")):
            with remade(store, a, last, folder / "choice", settings=open_b.settings, forced=forced_b):
                stages.append(Stage(folder / "choice", last, BY_CHOICE))
        stages.append(Stage(folder / "b", last, BY_CASES))
        if (as_sent := was_sent[1][1]) is not None:
            stages.append(Stage(as_sent, last, BY_SOFTWARE))
        between = tuple((after.by or "", _differences(before, after)) for before, after in pairwise(stages))
        differing = [found for _, found in between if found.height]
        ends = differing[0] if len(differing) == 1 else _differences(stages[0], stages[-1])
        one, other = (
            Side(book, opened, forced, is_as_sent=was[0], is_kept=was[2])
            for book, opened, forced, was in zip((a, b), (open_a, open_b), (forced_a, forced_b), was_sent, strict=True)
        )
        yield Steps(one, other, between, ends, settings)


def _sent(store: Warehouse, book: Book, folder: Path, name: str) -> tuple[bool, Path | None, bool]:
    """Whether what was made again (``folder/name``) is what was sent; if not, where that lies; whether it is kept."""
    wanted = book.return_files
    made = {path.name: ledger.sha256_of(path) for path in (folder / name).iterdir()}
    if not wanted or made == wanted:
        return True, None, True
    files = sent.sent_files(store, book)
    if any(not one.startswith(PERSONAL) and one not in files for one in wanted):
        return False, None, False
    return False, sent.laid_out(files, folder / f"{name}-sent"), True


def _settings(a: OpenQuarter, b: OpenQuarter, first: ReturnProfile, last: ReturnProfile) -> tuple[str, ...]:
    """Names of the settings that differ, and whether the return profile does."""
    here, there = values(a.settings), values(b.settings)
    names = [name for name in here if here[name] != there.get(name)]
    return (*names, *(["return profile"] if first.sha256 != last.sha256 else []))


def _differences(before: Stage, after: Stage) -> pl.DataFrame:
    """What differs between two stages; the places in the files do not interest here."""
    if before.folder == after.folder:
        return pl.DataFrame(schema=SCHEMA)
    same = before.profile.sha256 == after.profile.sha256
    if same and _bytes_of(before.folder) == _bytes_of(after.folder):
        return pl.DataFrame(schema=SCHEMA)
    return diff_returns(before.folder, after.folder, before.profile, after.profile).rows


def _bytes_of(folder: Path) -> dict[str, str]:
    return {path.name: ledger.sha256_of(path) for path in folder.iterdir()}
