"""What a warehouse holds of each of its authorities in a quarter: the run that counts, and its official cells.

A file holds many authorities and is asked once. Of a DuckLake, and of a folder in which each authority has a file of
its own (as ``hclic fleet run`` makes them), one after the other is opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from pipelines.emit.tables.build import compute_tables
from pipelines.emit.tables.files import tables_kept
from pipelines.errors import InputError, PassingError, SurroundingsError
from pipelines.fleet.manifest import WAREHOUSE, own_warehouse
from pipelines.period import Quarter, in_words
from pipelines.place import Lake, Place, of_authority
from pipelines.settings import Settings
from pipelines.state import CLEAN, RunState
from pipelines.warehouse import official_cells
from pipelines.warehouse.history import OFFICIAL_CELLS
from pipelines.warehouse.quarter import kept_quarter, open_frozen
from pipelines.warehouse.requests import IS_WHOLE
from pipelines.warehouse.sign_offs import standing_run
from pipelines.warehouse.standing import state_of_run
from pipelines.warehouse.store import NOT_ENDED, StoredRun, Warehouse
from schemas.codelists import codelist

CELLS = {"la_code": pl.String(), **official_cells.SCHEMA}
"""One row per authority and cell of its official tables, unsuppressed (``pipelines.warehouse.official_cells``)."""

KEPT = "kept by the run"
COUNTED_AGAIN = "counted from the sections that the run froze"
KEPT_AT_A_PURGE = "kept when cases were purged"


@dataclass(frozen=True)
class Held:
    """One authority in one quarter. Without ``run`` there is none that counts, and ``why`` says what there is."""

    la_code: str
    run: StoredRun | None = None
    state: RunState = RunState(None)  # noqa: RUF009 (frozen)
    settings: Settings = Settings()  # noqa: RUF009 (frozen)
    software_version: str = ""
    why: str = ""
    source: str = ""
    """Where its cells come from: one of the three above; empty where it has none."""

    @property
    def is_used(self) -> bool:
        """Whether its figures count: a return was made of the run. Those of a blocked one hold known errors."""
        return self.run is not None and self.state.result == CLEAN and bool(self.source)


def authorities_of(place: Place) -> list[str]:
    """GSS codes of the authorities that the warehouse has runs of and this user may read, in order.

    Raises:
        InputError: a file that is no warehouse, or a folder in which no authority has one.
        PassingError: the catalogue of a DuckLake cannot be reached.
    """
    if isinstance(place, Lake):
        from pipelines.warehouse import lakes

        return lakes.authorities(place)
    if place.is_dir():
        found = sorted(code for code in codelist("authority").codes if own_warehouse(place, code).is_file())
        if not found:
            raise InputError(f"{place} holds no warehouse of an authority: none is at AUTHORITY/{WAREHOUSE} in it.")
        return found
    with Warehouse(place, read_only=True) as store:
        rows = store.connection.execute("select distinct la_code from runs order by la_code").fetchall()
    return [code for (code,) in rows]


def held_in(place: Place, quarter: Quarter) -> tuple[list[Held], pl.DataFrame]:
    """Each authority of the warehouse in the quarter, by code, and the cells (``CELLS``) of those whose figures count.

    The run that counts is the one whose return of the quarter is signed off, else the newest that has ended. One that
    was asked for findings or metrics alone is none.

    Raises:
        InputError: a file that is no warehouse; one of several is told as that authority's ``why``.
        PassingError: another program holds a file, or the catalogue of a DuckLake cannot be reached.
    """
    held: list[Held] = []
    frames: list[pl.DataFrame] = []
    for part, codes in parts_of(place, authorities_of(place)):
        try:
            found, cells = _of_part(part, codes, quarter)
        except (PassingError, SurroundingsError):
            # What can be read a little later is not to be missing from a sum.
            raise
        except InputError as error:
            if part == place:
                raise
            found, cells = [Held(code, why=str(error)) for code in codes], []
        held += found
        frames += cells
    return held, pl.concat(frames) if frames else pl.DataFrame(schema=CELLS)


def parts_of(place: Place, codes: Sequence[str]) -> Iterator[tuple[Place, list[str]]]:
    """The warehouses to open for these authorities, each with those that it holds: a file holds all of them."""
    if isinstance(place, Path) and not place.is_dir():
        yield place, list(codes)
        return
    for code in codes:
        yield own_warehouse(place, code) if isinstance(place, Path) else of_authority(place, code), [code]


def _of_part(place: Place, codes: Sequence[str], quarter: Quarter) -> tuple[list[Held], list[pl.DataFrame]]:
    # One transaction: a run that ends meanwhile is in all of it or in nothing.
    with Warehouse(place, read_only=True) as store, store.transaction():
        held = chosen(store, codes, quarter)
        cells = _kept_cells(store, [one.run.run_id for one in held if one.run and one.state.result == CLEAN])
    has_cells = set(cells["la_code"])
    found, frames = [], [cells]
    for one in held:
        if one.run is None or one.state.result != CLEAN:
            found.append(one)
        elif one.la_code in has_cells:
            found.append(replace(one, source=KEPT))
        else:
            again, frame = _counted_again(place, one, one.run)
            found.append(again)
            frames.append(frame)
    return found, frames


def chosen(store: Warehouse, codes: Sequence[str], quarter: Quarter) -> list[Held]:
    """The run of each authority that counts in the quarter, as ``held_in`` says; its cells are not looked for."""
    con = store.connection
    rows = con.execute(
        "select la_code, run_id, quarter, as_at, coalesce(software_version, ''),"
        f" {IS_WHOLE} and not list_contains(?, coalesce(result, '')) from runs order by run_order",
        [NOT_ENDED],
    ).fetchall()
    of_quarter = {row[1]: row for row in rows if row[2] == str(quarter)}
    newest = {row[0]: row[1] for row in of_quarter.values() if row[5]}
    others: dict[str, list[tuple[str, bool]]] = {}
    for code, _, name, _, _, is_whole in rows:
        others.setdefault(code, []).append((name, is_whole))
    signed = set(codes)
    if len(codes) > 1:
        found = con.execute("select distinct la_code from sign_off where quarter = ?", [str(quarter)]).fetchall()
        signed = {code for (code,) in found}
    held = []
    for code in codes:
        run_id = (standing_run(con, code, quarter) if code in signed else None) or newest.get(code)
        if run_id is None:
            held.append(Held(code, why=_why_none(others.get(code, []), quarter)))
            continue
        _, _, _, as_at, version, _ = of_quarter[run_id]
        run = StoredRun(run_id, code, quarter, as_at, exact=True)
        state = state_of_run(store, run)
        why = "" if state.result == CLEAN else f"{state.label}."
        held.append(Held(code, run, state, store.settings_of(run_id), version, why))
    return held


def _why_none(others: Sequence[tuple[str, bool]], quarter: Quarter) -> str:
    if any(name == str(quarter) for name, _ in others):
        return "No run of the quarter that makes its return has ended."
    newest = max((name for name, is_whole in others if is_whole), default=None)
    said = f"; the newest there is was made for {newest}" if newest else ""
    return f"No run was made for the quarter{said}."


def _kept_cells(store: Warehouse, run_ids: Sequence[str]) -> pl.DataFrame:
    listed = ", ".join(f"cells.{name}" for name in official_cells.SCHEMA)
    rows = store.connection.execute(
        f"select runs.la_code, {listed} from {OFFICIAL_CELLS.view} as cells"
        " inner join runs on cells.run_id = runs.run_id where list_contains(?::varchar[], cells.run_id)",
        [list(run_ids)],
    )
    return rows.pl().cast(CELLS)  # type: ignore[arg-type]


def _counted_again(place: Place, held: Held, run: StoredRun) -> tuple[Held, pl.DataFrame]:
    try:
        if kept := kept_quarter(place, held.la_code, run.quarter):
            cells, source = tables_kept(kept).internal, f"{KEPT_AT_A_PURGE}, as at {in_words(kept.run.as_at)}"
        else:
            with Warehouse(place, read_only=True) as store, open_frozen(store, run) as con:
                cells, source = compute_tables(con), COUNTED_AGAIN
    except (PassingError, SurroundingsError):
        raise
    except InputError as error:
        return replace(held, why=str(error)), pl.DataFrame(schema=CELLS)
    shaped = cells.rename({"table": "official_table"}).with_columns(
        la_code=pl.lit(held.la_code), note=pl.col("note").fill_null("")
    )
    return replace(held, source=source), shaped.select(pl.col(name).cast(kind) for name, kind in CELLS.items())
