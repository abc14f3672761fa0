"""Extract: from a case export to the nine sections, with every row and every cell accounted for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.errors import InputError, UsageError
from pipelines.extract.accounting import NO_ROWS, NO_TABLE, FileCount, NotRead, StepCount, count_files
from pipelines.extract.cells import check_cells
from pipelines.extract.decoding import UnreadableError
from pipelines.extract.exports import ExportFile, Progress, files_of, names_of_other_files, no_progress
from pipelines.extract.locate import Located, bare_name, is_direct, locate_tables
from pipelines.extract.mixed_up import refuse_side_by_side, refuse_swapped
from pipelines.extract.notes import SET_ASIDE, Notes
from pipelines.extract.sections import sections_of
from pipelines.extract.sheets import check_sheet
from pipelines.extract.steps.plan import plan_of, refuse_unknown
from pipelines.extract.steps.run import Steps
from pipelines.extract.steps.workspace import Workspace
from pipelines.extract.tables import Loaded, load_table
from pipelines.extract.tabular import TextTable
from pipelines.extract.unmet import report_skipped, report_unmet
from schemas.sources import Profile, ProfileError, load

__all__ = ["SET_ASIDE", "Extracted", "FileCount", "NotRead", "StepCount", "extract"]

READERS = 1
"""Files read ahead of the one that is laid into sections; the order of the result does not depend on it."""


@dataclass(frozen=True)
class Extracted:
    """What an export holds, and what is wrong with it."""

    sections: dict[str, pl.DataFrame]
    """Each section's columns and types, with ``_file`` and ``_row``, sorted by key."""
    findings: pl.DataFrame
    set_aside: pl.DataFrame
    """``file, row, reason, content``: holds personal data."""
    files: tuple[FileCount, ...]
    """One entry a file or sheet read, sorted by name: every row of it accounted for."""
    not_read: tuple[NotRead, ...]
    """One entry a file or sheet not read, sorted by name."""
    steps: tuple[StepCount, ...] = ()
    """One entry a step of the profile, in their order."""
    spellings: frozenset[tuple[str, str, str, str]] = frozenset()
    """Section, column, spelling and the code that it was read as: each spelling that some cell has, folded."""


def extract(
    export: Path,
    profile: str,
    *,
    authority: str,
    as_at: date,
    progress: Progress = no_progress,
    private: Path | None = None,
) -> Extracted:
    """Read an export through a source profile.

    Args:
        export: a CSV, XLSX or Parquet file, or a folder or zip of them.
        profile: name of a shipped source profile, or path of one.
        authority: code of the authority, for exports that do not hold it.
        as_at: day the export was taken; ages are counted on it where a dependent flag is derived.
        progress: is told now and then the name of the file that is read, and how many rows of it have been.
        private: folder in which what the steps of the profile cannot hold in memory lies meanwhile; by default that of
            the system for temporary files.

    Raises:
        UsageError: the profile cannot be used.
        InputError: the export as a whole cannot be read.
    """
    try:
        source = load(profile)
    except ProfileError as error:
        raise UsageError(str(error)) from None
    with ExitStack() as held:
        files = files_of(export, progress)

        def workspace() -> Workspace:
            return held.enter_context(Workspace(as_at, source.statement_minutes, private))

        return _extract(export, files, source, authority=authority, as_at=as_at, workspace=workspace)


def _extract(
    export: Path,
    files: tuple[ExportFile, ...],
    source: Profile,
    *,
    authority: str,
    as_at: date,
    workspace: Callable[[], Workspace],
) -> Extracted:
    notes, plan = Notes(source), plan_of(source)
    located, unnamed, damaged = locate_tables(source, files, notes, plan.files)
    if not damaged:
        sheets = [one.sheet or one.file.stem for one in located]
        refuse_unknown(source, plan, [one.table for one in located], [*sheets, *map(bare_name, unnamed)])
    not_read = [NotRead(name, NO_TABLE) for name in unnamed]
    not_read += [NotRead(name, NO_ROWS) for name in names_of_other_files(export)]
    not_read += [NotRead(name, why) for name, why in damaged.items()]
    loaded: list[Loaded] = []
    in_steps = {one.name for one in located if not is_direct(one.table)}
    for one, text in _read_ahead([one for one in located if is_direct(one.table)]):
        if isinstance(text, UnreadableError):
            notes.add("X-03", one.name, why=str(text), section=one.table.feeds[0].section)
            not_read.append(NotRead(one.name, str(text)))
        else:
            also = plan.columns if one.name in in_steps else frozenset()
            loaded.append(load_table(one, text, source, notes, also))
            check_cells(loaded[-1], as_at, notes)
            check_sheet(loaded[-1], notes)
        del text
    direct = list(loaded)
    steps = None
    if plan.is_needed:
        steps = Steps(source, plan, workspace(), notes)
        for made in steps.do([one for one in located if not is_direct(one.table)], direct):
            notes.know(made.name, made)
            also = plan.columns if made.table.shape else frozenset()
            loaded.append(load_table(made, made.read(), source, notes, also))
            check_cells(loaded[-1], as_at, notes)
        not_read += [NotRead(name, why) for name, why in steps.unreadable]
    if not loaded:
        why = " ".join(notes.messages("X-03")[:3])
        raise InputError(f"No file of the export can be read. {why} Export it again as CSV (UTF-8), XLSX or ODS.")
    refuse_swapped(direct)
    refuse_side_by_side(source, direct)
    report_unmet(source, loaded, notes)
    report_skipped([*source.tables, *source.inputs], [*direct, *(steps.raw if steps else ())], notes)
    sections = sections_of(loaded, authority=authority, as_at=as_at, notes=notes)
    if steps is not None:
        steps.settle([one for one in loaded if one not in direct])
    return Extracted(
        sections=sections,
        findings=notes.findings(),
        set_aside=notes.rows_set_aside(),
        files=count_files([*direct, *(steps.raw if steps else ())]),
        not_read=tuple(sorted(not_read, key=lambda one: one.name)),
        steps=tuple(steps.counts) if steps else (),
        spellings=frozenset(
            (fed.feed.section, column, spelling, code)
            for one in loaded
            for fed in one.feeds
            for column, read in fed.met.read.items()
            for spelling, code in read.items()
        ),
    )


def _read_ahead(located: Sequence[Located]) -> Iterator[tuple[Located, TextTable | UnreadableError]]:
    """Each table with its text, in order; a few are read meanwhile, so that few are held at once."""
    with ThreadPoolExecutor(max_workers=READERS) as pool:
        coming = deque(pool.submit(_read, one) for one in located[:READERS])
        for number, one in enumerate(located):
            text = coming.popleft().result()
            if number + READERS < len(located):
                coming.append(pool.submit(_read, located[number + READERS]))
            yield one, text


def _read(located: Located) -> TextTable | UnreadableError:
    try:
        return located.read()
    except UnreadableError as error:
        return error
