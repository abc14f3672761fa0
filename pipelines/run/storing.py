"""What a run takes from the warehouse and gives to it. It is open in these functions only: runs can share it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines.errors import HclicError, HeldError, went_away
from pipelines.finance.cost.build import OF_A_RUN
from pipelines.link import references
from pipelines.metrics.benchmarks import KEPT, LISTED, as_file
from pipelines.place import Place
from pipelines.run import ledger, life
from pipelines.run.database import FILE, RunDatabase, StartAnew
from pipelines.run.lock import WAIT_MINUTES, wait
from pipelines.run.remembered import from_anywhere
from pipelines.run.request import Request
from pipelines.surroundings import ROOM
from pipelines.warehouse import gone, released, requests, run_files, run_lines
from pipelines.warehouse.gone import Gone
from pipelines.warehouse.history import OFFICIAL_CELLS
from pipelines.warehouse.places import check_room_at, exists
from pipelines.warehouse.store import RUNNING, Warehouse
from pipelines.who import this_user

TABLES_STEP = "emit_tables"
"""Name of the step that counts the official tables; not every run has it."""


@contextmanager
def open_store(place: Place, seconds: float = WAIT_MINUTES * 60, *, to_look: bool = False) -> Iterator[Warehouse]:
    """The warehouse, once no other run is writing to it; ``to_look``: to read only, and without a trace.

    Raises:
        HeldError: another program still had it open after ``seconds``.
        SurroundingsError: its disk is full.
        InputError: the file is no warehouse.
    """
    opened: list[Warehouse] = []
    if not to_look:
        check_room_at(place)

    def is_free() -> bool:
        with suppress(HeldError):
            opened.append(Warehouse(place, read_only=to_look, as_it_is=to_look))
        return bool(opened)

    wait(f"another program holds the warehouse {place}", is_free, seconds)
    (store,) = opened
    with store:
        yield store


@contextmanager
def _own_store(database: RunDatabase, request: Request) -> Iterator[Warehouse]:
    """The warehouse that the run has begun with: another in its place would issue references a second time.

    Raises:
        PassingError: it is gone, as with a share that is no longer there.
    """
    if database.get("has_store") and not exists(request.store):
        raise went_away(f"The warehouse {request.store}")
    with open_store(request.store, request.patience) as store:
        database.put(has_store=True)
        yield store


def known_references(request: Request) -> pl.DataFrame:
    """The authority's reference map so far: that of the warehouse, and what a map that was given adds to it.

    Raises:
        InputError: the warehouse or the map cannot be read.
    """
    if not exists(request.store):
        return _with_given(references.empty_map(), request)
    with open_store(request.store, request.patience) as store:
        return _with_given(store.reference_map(request.authority), request)


def gone_cases(request: Request) -> Gone:
    """The cases of the authority that were purged or forgotten.

    Raises:
        InputError: the warehouse cannot be read.
    """
    if not exists(request.store):
        return Gone()
    with open_store(request.store, request.patience) as store:
        return gone.of_authority(store.connection, request.authority)


def _with_given(known: pl.DataFrame, request: Request) -> pl.DataFrame:
    if request.reference_map:
        loaded = references.read_map(request.reference_map, request.authority)
        return references.with_given(known, loaded, request.reference_map)
    return known.sort("local_ref")


def freeze(database: RunDatabase, request: Request) -> None:
    """Keep sections, references, findings and selection in the warehouse under the run's id.

    Raises:
        StartAnew: another run has issued references since this one read them, and a number is given to one case only.
    """
    run_id, gained = database.get("run_id"), database.rows("reference_map")
    check_room_at(request.store, max(ROOM, (database.folder / FILE).stat().st_size))
    with _own_store(database, request) as store:
        now = _with_given(store.reference_map(request.authority), request)
        # A freeze that was stopped after it had written meets its own map.
        if not now.equals(database.rows("known_references")) and not now.equals(gained):
            raise StartAnew
        run = {
            "run_id": run_id,
            "la_code": request.authority,
            "quarter": str(request.quarter),
            "as_at": request.day,
            "source_profile": database.get("source_profile")["name"],
            "return_profile": database.get("return_profile")["name"],
            "software_version": ledger.software_version(),
            "result": RUNNING,
        }
        with store.transaction():
            store.freeze(run, database.con, gained, at=request.started, by=this_user())
            store.save_findings(run_id, database.rows("findings"))
            store.save_selection(run_id, database.rows("case_selection").drop("run_id"))
            store.save_spellings(run_id, database.rows("spelling"))
            requests.save(store.connection, run_id, from_anywhere(database.get("request")))
            for kind, file in _files_of_run(database, request).items():
                run_files.save(store.connection, run_id, kind, file)
        life.live(store, database, request)
        runs, holders = store.earlier_runs(
            run_id=run_id, la_code=request.authority, quarter=request.quarter, as_at=request.day
        )
        beside = store.beside_figures(run_id=run_id, la_code=request.authority)
    # What metrics compare with: they are made when the warehouse is closed again.
    database.keep("earlier_run", runs)
    database.keep("earlier_holder", holders)
    for table, rows in beside.items():
        database.keep(table, rows)


def _files_of_run(database: RunDatabase, request: Request) -> dict[str, run_files.RunFile]:
    """The files that figures of cost and of other areas rest on, by kind, as the ledger names them.

    Of the published workbook the figures of the areas beside the authority are kept, not the megabytes.

    Raises:
        StartAnew: one of them is no longer what it was when the run began.
    """
    found = {kind: run_files.of_path(path) for kind in (*OF_A_RUN, LISTED) if (path := getattr(request, kind))}
    listed = {one["what"]: one["sha256"] for one in database.get("files_beside")}
    if any(file.sha256 != listed[kind] for kind, file in found.items()):
        raise StartAnew
    if request.published is not None:
        content = as_file(database.rows("published_areas"))
        found[KEPT] = run_files.RunFile(f"{KEPT}.csv", hashlib.sha256(content).hexdigest(), content)
    return found


def save_released(database: RunDatabase, request: Request, figures: Mapping[tuple[str, str, str], int]) -> None:
    """Remember the figures of the edition for sharing that the run is about to write."""
    run_id = database.get("run_id")
    with _own_store(database, request) as store, store.transaction():
        released.save(store.connection, request.authority, request.quarter, run_id, request.started, figures)


def keep_ledger(database: RunDatabase, request: Request, book: dict[str, Any]) -> None:
    """Keep the ledger of a run whose outputs are still to be put in place, and what its official tables say."""
    run_id = database.get("run_id")
    cells = database.rows(OFFICIAL_CELLS.name) if TABLES_STEP in database.done() else None
    with _own_store(database, request) as store:
        store.keep_ledger(run_id, book, cells=cells, at=request.started, by=this_user())


def save_ledger(request: Request, run_id: str, book: dict[str, Any]) -> None:
    """Keep the run's ledger and result in the warehouse: its outputs are in place."""
    if not exists(request.store):
        raise went_away(f"The warehouse {request.store}")
    with open_store(request.store, request.patience) as store:
        store.save_ledger(run_id, book, book["result"], at=request.started, by=this_user())


def end(request: Request, book: dict[str, Any]) -> None:
    """Have the warehouse say how a run ended whose outputs stand in place, where it does not say so already."""
    with open_store(request.store, request.patience, to_look=True) as store:
        is_said = store.result_of(book["run_id"]) == book["result"]
    if not is_said:
        save_ledger(request, book["run_id"], book)


def settle(request: Request) -> None:
    """Call no run running that has not ended: whoever holds the warehouse is the only one at work there.

    One whose outputs stand in place has ended as its ledger says, any other was stopped.
    """
    if not exists(request.store):
        return
    with open_store(request.store, request.patience, to_look=True) as store:
        if not store.running():
            return
    with open_store(request.store, request.patience) as store:
        for run_id, authority, quarter in store.running():
            book = store.ledger_of(run_id)
            folders = (request.out / authority).glob(f"{quarter}*")
            if book is not None and any(_holds(folder, ledger.render(book)) for folder in folders):
                store.save_ledger(run_id, book, book["result"], at=request.started)
            else:
                with store.transaction():
                    run_lines.stop(store.connection, run_id, at=request.started)


def settle_as_can_be(request: Request) -> None:
    """``settle`` at the end of a run that went wrong: what cannot be done now is done by the next run."""
    with suppress(HclicError, duckdb.Error, OSError):
        settle(replace(request, wait=0))


def _holds(folder: Path, text: str) -> bool:
    try:
        return (folder / "ledger.json").read_text(encoding="utf-8") == text
    except (OSError, ValueError):
        return False


def holds_as_newest(request: Request, run_id: str) -> bool:
    """Whether the warehouse holds the run, and none of the authority after it."""
    if not exists(request.store):
        return False
    with open_store(request.store, request.patience) as store:
        return store.newest_run(request.authority) == run_id


def stored_ledger(request: Request, run_id: str) -> dict[str, Any] | None:
    """The ledger that the warehouse holds of the run, where none of the authority came after it."""
    if not exists(request.store):
        return None
    with open_store(request.store, request.patience) as store:
        return store.ledger_of(run_id) if store.newest_run(request.authority) == run_id else None


def sections_before(request: Request, run_id: str) -> dict[str, pl.DataFrame] | None:
    """The sections of the quarter's run before this one, where the warehouse holds one."""
    if not exists(request.store):
        return None
    with open_store(request.store, request.patience) as store:
        return store.sections_before(run_id, request.authority, request.quarter)
