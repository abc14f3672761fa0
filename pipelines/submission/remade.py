"""The return of a stored run, made again from the history of the warehouse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.emit.returns import ReturnProfile, load_profile, write_return
from pipelines.errors import InputError, UsageError
from pipelines.settings import Settings
from pipelines.warehouse import requests
from pipelines.warehouse.quarter import OpenQuarter, open_run
from pipelines.warehouse.store import NOT_ENDED, StoredRun, Warehouse

PERSONAL = "hclic_personal_"
RETURN = "return/"


@dataclass(frozen=True)
class Book:
    """What the warehouse knows of a run besides its cases."""

    run: StoredRun
    ledger: Mapping[str, Any]
    typed: Mapping[str, Any]
    """The options that it was asked for with; empty for a run that was made before they were kept."""

    @property
    def return_files(self) -> dict[str, str]:
        """SHA-256 by name of each file of the return that the run wrote; none where it wrote no return."""
        return {
            item["path"].removeprefix(RETURN): item["sha256"]
            for item in self.ledger.get("outputs", ())
            if item["path"].startswith(RETURN)
        }

    @property
    def has_personal(self) -> bool:
        """Whether the personal-data file was written."""
        return any(name.startswith(PERSONAL) for name in self.return_files)

    @property
    def result(self) -> str:
        """``clean``, ``blocked`` or ``failed``; empty where it is not known."""
        return str(self.ledger.get("result", ""))


def book_of(store: Warehouse, run: StoredRun) -> Book:
    """What the warehouse knows of the run.

    Raises:
        InputError: it has not ended: there is no ledger of it.
    """
    ledger = store.ledger_of(run.run_id)
    if ledger is None or store.result_of(run.run_id) in NOT_ENDED:
        raise InputError(f"Run {run.run_id} has not ended, so nothing was sent from it.")
    return Book(run, ledger, requests.read(store.connection, run.run_id) or {})


def profile_of(book: Book, given: str | None = None) -> ReturnProfile:
    """The return profile that the run was written with, as it is today.

    Args:
        book: the run.
        given: name or folder of the profile, where it is not where it was.

    Raises:
        InputError: it is not there any more, or cannot be used.
    """
    name = given or book.typed.get("return_profile") or book.ledger["return_profile"]["name"]
    try:
        return load_profile(name)
    except UsageError as error:
        if given:
            raise
        raise InputError(
            f"The return profile {book.ledger['return_profile']['name']} of run {book.run.run_id} cannot be used where"
            f" it was: {error} Give its folder with --return-profile."
        ) from None


@contextmanager
def remade(
    store: Warehouse,
    book: Book,
    profile: ReturnProfile,
    folder: Path,
    *,
    settings: Settings | None = None,
    forced: pl.DataFrame | None = None,
) -> Iterator[OpenQuarter]:
    """The editions of the run as today's software makes them, with the return written into ``folder``.

    The comment at the head of a file names the software of the run, not today's.

    Args:
        store: the warehouse.
        book: the run.
        profile: the return profile.
        folder: a private folder; the return holds personal data where the run wrote some.
        settings: by default those of the run.
        forced: cases taken in or left out (case_ref, action, reason), by default those of the run.
    """
    with open_run(store, book.run, folder, settings=settings, forced=forced) as opened:
        write_return(
            opened.connection,
            profile,
            folder,
            personal=book.has_personal,
            software_version=str(book.ledger.get("software_version")),
        )
        yield opened
