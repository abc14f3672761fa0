"""One run, from its request to the outputs in their place. The command and the flow call the same four functions.

``opened`` holds the output folder, ``begin`` says whether there is anything to do, ``next_steps`` and ``perform`` do
it, ``conclude`` puts the outputs in place. What lies between two of them stands in the run database, so that a run
which was stopped goes on, in any process.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.address import Address
from pipelines.authority import check_authority
from pipelines.credentials import Credentials
from pipelines.errors import HeldError, InputError
from pipelines.extract.exports import Progress, no_progress
from pipelines.run import sources, storing
from pipelines.run.database import FILE, RunDatabase, StartAnew
from pipelines.run.inputs import made_from, read_beside
from pipelines.run.lock import alone_at, alone_in
from pipelines.run.outcome import FAILED
from pipelines.run.outputs import OutputFolder
from pipelines.run.request import Request
from pipelines.run.steps import STEPS, Step
from pipelines.run.summary import ledger_in
from pipelines.run.unchanged import stands_unchanged
from pipelines.settings import from_values, values

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
            result = database.get("result")
            database.leave_as_it_is()
        return place(folder, result)


@contextmanager
def opened(request: Request) -> Iterator[OutputFolder]:
    """The output folder, held against other runs as the warehouse is.

    A run that ends without one step done leaves nothing there.
    """
    check_authority(request.authority)
    request.check_days()
    folder = OutputFolder.of(request)
    folder.make_parent()
    try:
        with alone_in(folder.final.parent, request.patience), alone_at(request.store, request.patience):
            try:
                yield folder
            except BaseException:
                if not _has_steps_done(folder):
                    folder.discard()
                raise
    finally:
        folder.remove_empty_parents()


def begin(folder: OutputFolder, request: Request, credentials: Credentials | None = None) -> bool:
    """Make the run database, or keep that of a stopped run which goes on; false where there is nothing to do.

    Nothing is to do where the same run has ended and its outputs stand unchanged. A database is read here, whole,
    before anything else is done; ``credentials`` say who asks, by default those of the environment.

    Raises:
        UsageError: a profile or a file beside the export cannot be used.
        InputError: a file cannot be read.
    """
    said: tuple[str, ...] = ()
    if isinstance(request.export, Address):
        said = sources.read_database(folder, request, request.export, credentials)
    digest = made_from(sources.with_files(request, folder.work)).digest
    folder.recover()
    if stands_unchanged(folder, request, digest):
        folder.discard()
        return False
    if request.pages:
        from pipelines.emit.pages import start_drawing

        # It starts while the export is read, and is ready when the pages are.
        start_drawing()
    if _goes_on(folder, request, digest):
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
        database.say(*said)
        # Last: a database without it is begun anew.
        database.put(digest=digest)
    return True


def _has_steps_done(folder: OutputFolder) -> bool:
    if not (folder.work / FILE).is_file():
        return False
    try:
        with RunDatabase(folder.work) as database:
            return bool(database.done())
    except InputError:
        return False


def _goes_on(folder: OutputFolder, request: Request, digest: str) -> bool:
    """Whether a stopped run of the same request stands there, and nothing came between."""
    if not (folder.work / FILE).is_file() or not folder.outputs.is_dir():
        return False
    try:
        with RunDatabase(folder.work) as database:
            if database.get("digest") != digest or database.get("store") != str(request.store.absolute()):
                return False
            return "freeze" not in database.done() or storing.holds_as_newest(request, database.get("run_id"))
    except HeldError:
        raise
    except InputError:
        return False


def next_steps(database: RunDatabase) -> Sequence[Step]:
    """The first step that is not done and those that can be at work beside it; none where all are done."""
    done = database.done()
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
    request = Request.read(
        database.get("request"),
        started=datetime.fromisoformat(database.get("started")),
        settings=from_values(database.get("settings")),
    )
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


def _perform(database: RunDatabase, step: Step, request: Request) -> None:
    for entry in (database.outputs / name for name in step.makes):
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink(missing_ok=True)
    with database.step(step.name, [one.name for one in STEPS].index(step.name)) as own:
        step.do(own, request)


def conclude(folder: OutputFolder) -> Ended:
    """``place`` the outputs of a run of which every step is done."""
    with RunDatabase(folder.work) as database:
        result = database.get("result")
    return place(folder, result)


def place(folder: OutputFolder, result: str) -> Ended:
    """Put the outputs in place and take the work folder away; that of a return which failed its check stays."""
    folder.commit()
    if result != FAILED:
        folder.discard()
    return Ended(result, folder.final)


def standing(folder: OutputFolder) -> Ended:
    """What ``conclude`` said of the outputs that stand there."""
    return Ended(ledger_in(folder.final)["result"], folder.final, is_unchanged=True)
