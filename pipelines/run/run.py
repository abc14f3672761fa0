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
from pipelines.errors import HclicError, HeldError, InputError, PassingError, UsageError
from pipelines.extract.exports import Progress, no_progress
from pipelines.run import sources, storing
from pipelines.run.database import FILE, RunDatabase, StartAnew
from pipelines.run.frozen import check_folder, frozen_for
from pipelines.run.inputs import made_from, read_beside
from pipelines.run.lock import alone_at, alone_in
from pipelines.run.outcome import FAILED
from pipelines.run.outputs import OutputFolder, clear_elsewhere
from pipelines.run.request import CHECK, Request
from pipelines.run.revision import numbered
from pipelines.run.steps import LEFT_OUT, STEPS, Step
from pipelines.run.summary import ledger_in
from pipelines.run.unchanged import stands_unchanged
from pipelines.settings import from_values, values
from pipelines.surroundings import check_memory, check_room, told
from pipelines.warehouse.places import exists, folder_of, whole_name

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
                folder.check_held()
                perform(database, steps, before)
            database.leave_as_it_is()
        return place(folder, request)


@contextmanager
def opened(request: Request) -> Iterator[OutputFolder]:
    """The output folder, held against other runs as the warehouse is; what killed runs left there is cleared.

    A run that ends without one step done leaves nothing there, nor does one that is told to stop; what went wrong
    leaves its work folder to the next run, which goes on. A run that has not ended is no longer called running. One
    that has lost its hold on the warehouse touches nothing any more.
    """
    check_memory()
    check_authority(request.authority)
    request.check_days()
    folder = OutputFolder.of(request)
    folder.make_parent()
    try:
        with (
            alone_in(folder.final.parent, request.patience) as is_sure,
            alone_at(request.store, request.patience, work=folder.work) as hold,
        ):
            folder.check_held = hold.check
            if isinstance(request.store, Path):
                check_fits(request.store)
            try:
                if is_sure:
                    folder.clear_others()
                clear_elsewhere(hold.left_by_killed, folder)
                yield folder
            except BaseException as error:
                words = _words_of(error, folder, request)
                # Where it is not held any more, another machine's run may be at work here by now.
                if _is_held(folder):
                    if not isinstance(error, Exception) or not _has_steps_done(folder):
                        folder.discard()
                    storing.settle_as_can_be(request)
                if words is not None:
                    raise words from None
                raise
    finally:
        folder.remove_empty_parents()


def _is_held(folder: OutputFolder) -> bool:
    try:
        folder.check_held()
    except PassingError:
        return False
    return True


def _words_of(error: BaseException, folder: OutputFolder, request: Request) -> HclicError | None:
    """The sentence for what the machine refused: a full disk, a folder that went; None for anything else."""
    if not isinstance(error, Exception):
        return None
    at_work = [folder.work] if folder.is_at_work else []
    return told(error, *at_work, folder.final.parent, folder_of(request.store))


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
    if request.pages and request.only != CHECK:
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
        database.put(request=request.typed(), store=whole_name(request.store), starts=1)
        database.put(revision_no=numbered(request).revision_no)
        database.put(has_store=exists(request.store))
        database.say(*said)
        # Last: a database without it is begun anew.
        database.put(digest=digest)
    return True


def _stands_frozen(folder: OutputFolder, request: Request) -> bool:
    """Whether what was signed off is what this run would make: then it answers as any run that stands unchanged."""
    if isinstance(request.export, Address):
        return False
    try:
        return stands_unchanged(folder, request, made_from(sources.with_files(request, folder.work)).digest)
    except HclicError:
        return False


def _has_steps_done(folder: OutputFolder) -> bool:
    if not (folder.work / FILE).is_file():
        return False
    try:
        with RunDatabase(folder.work) as database:
            return bool(database.done())
    except (HclicError, duckdb.Error, OSError):
        return False


def _stopped_at(folder: OutputFolder) -> Step | None:
    """The step in which a run was stopped that left its work folder; None where there was none, or it had failed."""
    if not (folder.work / FILE).is_file():
        return None
    try:
        with RunDatabase(folder.work) as database:
            steps = next_steps(database) if database.get("digest") is not None else ()
    except InputError:
        return None
    return steps[0] if steps else None


def _goes_on(folder: OutputFolder, request: Request, digest: str) -> bool:
    """Whether a stopped run of the same request stands there, and nothing came between."""
    if not (folder.work / FILE).is_file() or not folder.outputs.is_dir():
        return False
    try:
        with RunDatabase(folder.work) as database:
            if database.get("digest") != digest or database.get("store") != whole_name(request.store):
                return False
            return "freeze" not in database.done() or storing.holds_as_newest(request, database.get("run_id"))
    except HeldError:
        raise
    except InputError:
        return False


def next_steps(database: RunDatabase) -> Sequence[Step]:
    """The first step that is not done and those that can be at work beside it; none where all are done."""
    done = {*database.done(), *LEFT_OUT[database.get("request").get("only")]}
    steps: list[Step] = []
    for step in STEPS:
        if step.name not in done:
            steps.append(step)
        if steps and not step.is_beside_next:
            break
    return steps


def perform(database: RunDatabase, steps: Sequence[Step], before: Callable[[Step], None] = lambda step: None) -> None:
    """Do each step whole, at the same time; ``before`` is called before each.

    What a step wrote when it was stopped is taken away, what it keeps is committed with the mark that it is done. When
    one fails, the others are ended first.
    """
    request = _request_of(database)
    request = sources.with_files(request, database.folder)
    try:
        if len(steps) == 1:
            before(steps[0])
            _perform(database, steps[0], request)
            return
        with ThreadPoolExecutor(max_workers=len(steps)) as workers:
            at_work = []
            for step in steps:
                before(step)
                at_work.append(workers.submit(_perform, database, step, request))
            for ended in at_work:
                ended.result()
    except StartAnew:
        starts = database.get("starts")
        if starts >= STARTS:
            raise HeldError("Other runs of the authority issue references at the same time. Run again.") from None
        database.start_anew()
        database.put(starts=starts + 1)


def _request_of(database: RunDatabase) -> Request:
    request = Request.read(
        database.get("request"),
        started=datetime.fromisoformat(database.get("started")),
        settings=from_values(database.get("settings")),
    )
    return replace(request, revision_no=database.get("revision_no"))


def _perform(database: RunDatabase, step: Step, request: Request) -> None:
    database.check_stands()
    check_room(database.folder)
    for entry in (database.outputs / name for name in step.makes):
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink(missing_ok=True)
    with database.step(step.name, [one.name for one in STEPS].index(step.name)) as own:
        step.do(own, request)
        own.check_stands()


def conclude(folder: OutputFolder) -> Ended:
    """``place`` the outputs of a run of which every step is done."""
    with RunDatabase(folder.work) as database:
        request = _request_of(database)
    return place(folder, request)


def place(folder: OutputFolder, request: Request) -> Ended:
    """Put the outputs in place and take the work folder away; that of a return which failed its check stays.

    Only then does the warehouse say how the run ended: what it calls clean stands where readers look.

    Raises:
        PassingError: a DuckLake is not reached any more, so that another run may have put its outputs there.
    """
    folder.check_held()
    book = ledger_in(folder.outputs)
    folder.commit()
    storing.save_ledger(request, book["run_id"], book)
    if book["result"] != FAILED:
        folder.discard()
    return Ended(book["result"], folder.final)


def standing(folder: OutputFolder) -> Ended:
    """What ``conclude`` said of the outputs that stand there."""
    return Ended(ledger_in(folder.final)["result"], folder.final, is_unchanged=True)
