"""What was signed off is not overwritten: by the warehouse, and by the sheet in the output folder."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines.errors import HeldError, UsageError
from pipelines.period import Quarter, in_words
from pipelines.place import Place
from pipelines.run import storing
from pipelines.run.outputs import OutputFolder
from pipelines.run.request import Request
from pipelines.warehouse import files, sign_offs
from pipelines.warehouse.places import exists

SHEETS = "sign_off"
"""Folder of a quarter's outputs in which the sheets of its sign-off stand."""
SHEET = "sign_off.json"


@dataclass(frozen=True)
class Frozen:
    """A return that was signed off: the run that wrote it, its state in a word, and the sentence that refuses."""

    run_id: str
    state: str
    sentence: str


def frozen_return(warehouse: Place, authority: str, quarter: Quarter, seconds: float = 60.0) -> Frozen | None:
    """The return of the quarter that was signed off last; None while a run may write it.

    Raises:
        HeldError: another program still held the warehouse after ``seconds``.
        InputError: the file is no warehouse.
    """
    # A file of a layout before sign-offs has none; to look into it would mean to migrate a copy.
    with suppress(HeldError):
        if not exists(warehouse):
            return None
        if isinstance(warehouse, Path) and not files.has_table(warehouse, "sign_off"):
            return None
    with storing.open_store(warehouse, seconds, to_look=True) as store:
        found = sign_offs.states(store.connection, authority, quarter)
    signed = [one for one in found if one.state == sign_offs.SIGNED_OFF]
    if not signed:
        return None
    last = signed[-1]
    now = [one for one in found if one.run_id == last.run_id][-1]
    on = in_words(date.fromisoformat(last.said_at[:10]))
    return Frozen(
        last.run_id,
        now.state,
        f"The return of {quarter.words} was signed off by {last.said_by} on {on} and is not overwritten."
        f" To correct it, make a revision with: hclic revise {quarter}.",
    )


def frozen_for(request: Request) -> Frozen | None:
    """What keeps a run from writing the quarter's return; None where nothing does.

    A revision writes beside it, and a part of a run that is asked for alone writes none.
    """
    if is_revision(request) or request.only is not None:
        return None
    return frozen_return(request.store, request.authority, request.quarter, request.patience)


def check_folder(folder: OutputFolder) -> None:
    """Refuse an output folder that holds a signed-off return, whatever the warehouse knows of it.

    Raises:
        UsageError: the sheet of a sign-off stands there.
    """
    if (folder.final / SHEETS / SHEET).is_file():
        raise UsageError(
            f"The folder {folder.final} holds a return that was signed off, and is not overwritten. Give another --out,"
            " or the warehouse that belongs to it and hclic revise."
        )


def is_revision(request: Request) -> bool:
    """Whether the run corrects a return that was signed off."""
    return request.revision is not None
