"""One run, from its request to the outputs in their place. The command and the flow call the same four functions.

``opened`` holds the output folder, ``begin`` says whether there is anything to do, ``next_steps`` and ``perform`` do
it, ``conclude`` puts the outputs in place. What lies between two of them stands in the run database, so that a run
which was stopped goes on, in any process.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.address import Address
from pipelines.at_rest import check_fits
from pipelines.authority import check_authority
from pipelines.credentials import Credentials
from pipelines.errors import HclicError, HeldError, InputError, UsageError
from pipelines.extract.exports import Progress, no_progress
from pipelines.run import sources, storing
from pipelines.run.database import FILE, RunDatabase, StartAnew
from pipelines.run.frozen import check_folder, frozen_for
from pipelines.run.inputs import made_from, read_beside
from pipelines.run.lock import alone_at, alone_in
from pipelines.run.outcome import FAILED
from pipelines.run.outputs import OutputFolder, clear_elsewhere
from pipelines.run.request import Request
from pipelines.run.revision import numbered
from pipelines.run.steps import STEPS, Step
from pipelines.run.summary import ledger_in
from pipelines.run.unchanged import stands_unchanged
from pipelines.settings import from_values, values
from pipelines.surroundings import check_room, told

STOPPED_BEFORE = "The run before was ended by the system or by a fault while it was %s. This one %s."

# Without any handler Python writes a warning's bare words to standard error; a worker of Prefect keeps them in its log.
_LOG = logging.getLogger(__name__)

STARTS = 3
"""How often a run starts anew because other runs of the authority issue references meanwhile."""


@dataclass(frozen=True)
class Ended:
    """How a run ended: ``clean``, ``blocked`` or ``failed``; where its outputs stand; whether they did so before."""

    result: str
    folder: Path
    is_unchanged: bool = False


def make(
    request: Request, *, before: Callable[[Step], None] = lambda step: None, progress: Progress = no_progress
) -> Ended:
    """Make the quarter's return: every step that is not done already; ``before`` is called before each.

    ``progress`` is told now and then which file of the export is read, and how many rows of it have been.

    Raises:
        UsageError: an option, a profile or a file beside the export cannot be used.
        InputError: the export cannot be read.
        HeldError: another run was at work in the folder or at the warehouse for too long.
    """
    with opened(request) as folder:
        if not begin(folder, request):
            return standing(folder)
        with RunDatabase(folder.work, progress) as database:
            while steps := next_steps(database):
                perform(database, steps, before)
            database.leave_as_it_is()
        return place(folder, request)


@contextmanager
def opened(request: Request) -> Iterator[OutputFolder]:
    """The output folder, held against other runs as the warehouse is; what killed runs left there is cleared.

    A run that ends without one step done leaves nothing there, nor does one that is told to stop; what went wrong
    leaves its work folder to the next run, which goes on. A run that has not ended is no longer called running.
    """
    check_authority(request.authority)
    request.check_days()
    folder = OutputFolder.of(request)
    folder.make_parent()
    try:
        with (
            alone_in(folder.final.parent, request.patience) as is_sure,
            alone_at(request.store, request.patience, work=folder.work) as left,
        ):
            check_fits(request.store)
            try:
                if is_sure:
                    folder.clear_others()
                clear_elsewhere(left, folder)
                yield folder
            except BaseException as error:
                words = _words_of(error, folder, request)
                if not isinstance(error, Exception) or not _has_steps_done(folder):
                    folder.discard()
                storing.settle_as_can_be(request)
                if words is not None:
                    raise words from None
                raise
    finally:
        folder.remove_empty_parents()


def _words_of(error: BaseException, folder: OutputFolder, request: Request) -> HclicError | None:
    """The sentence for what the machine refused: a full disk, a folder that went; None for anything else."""
    if not isinstance(error, Exception):
        return None
    at_work = [folder.work] if folder.is_at_work else []
    return told(error, *at_work, folder.final.parent, request.store.absolute().parent)


def begin(folder: OutputFolder, request: Request, credentials: Credentials | None = None) -> bool:
    """Make the run database, or keep that of a stopped run which goes on; false where there is nothing to do.

    Nothing is to do where the same run has ended and its outputs stand unchanged. A database is read here, whole,
    before anything else is done; ``credentials`` say who asks, by default those of the environment.

    Raises:
        UsageError: a profile or a file beside the export cannot be used, or the quarter's return was signed off.
        InputError: a file cannot be read.
    """
    if frozen := frozen_for(request):
        if _stands_frozen(folder, request):
            folder.discard()
            return False
        raise UsageError(frozen.sentence)
    said: tuple[str, ...] = ()
    if isinstance(request.export, Address):
        said = sources.read_database(folder, request, request.export, credentials)
    digest = made_from(sources.with_files(request, folder.work)).digest
    folder.recover()
    storing.settle(request)
    if stands_unchanged(folder, request, digest):
        storing.end(request, ledger_in(folder.final))
        folder.discard()
        return False
    check_folder(folder)
    if request.pages:
        from pipelines.emit.pages import start_drawing

        # It starts while the export is read, and is ready when the pages are.
        start_drawing()
    stopped_at, goes_on = _stopped_at(folder), _goes_on(folder, request, digest)
    if stopped_at is not None:
        _LOG.warning(STOPPED_BEFORE, stopped_at.words, "goes on there" if goes_on else "begins anew")
    if goes_on:
        folder.is_at_work = True
        return True
    published = read_beside(request)
    folder.begin()
    with RunDatabase(folder.work) as database:
        if published is not None:
            database.keep("published", published.book.tidy)
            database.keep("published_areas", published.areas)
            book = published.book
            database.put(published={name: getattr(book, name) for name in ("quarter", "edition", "sha256")})
        database.put(settings=values(request.settings), started=request.started.isoformat())
        database.put(request=request.typed(), store=str(request.store.absolute()), starts=1)
        database.put(has_store=request.store.exists())
