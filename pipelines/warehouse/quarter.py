"""Opening a quarter of a warehouse for reading: the one way in for everything that is not a run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from pipelines import arrow, at_rest
from pipelines.authority import check_authority
from pipelines.errors import InputError, UsageError
from pipelines.period import Quarter
from pipelines.place import Place, of_authority
from pipelines.settings import Settings
from pipelines.state import RunState
from pipelines.transform import (
    RECORDED,
    build_as_sent,
    build_facts,
    build_quarter_end,
    build_sent,
    load_sections,
    prepare,
)
from pipelines.warehouse import gone, sign_offs
from pipelines.warehouse.gone import gone_frame
from pipelines.warehouse.places import beside as place_beside
from pipelines.warehouse.standing import state_of_run
from pipelines.warehouse.store import StoredRun, Warehouse


@dataclass(frozen=True)
class OpenQuarter:
    """A quarter as one run knew it: ``connection`` holds the sections, facts and marts of its editions."""

    connection: duckdb.DuckDBPyConnection
    run: StoredRun
    quarter: Quarter
    settings: Settings
    """Those that the run was made with."""
    state: RunState
    """How the run stands."""

    @property
    def words(self) -> str:
        """Which run, for the user."""
        if self.run.exact:
            return f"From run {self.run.run_id}, as at {self.run.as_at}."
        return (
            f"No run was made for {self.quarter}: the newest run is used, {self.run.run_id},"
            f" made for {self.run.quarter}, as at {self.run.as_at}."
        )


@contextmanager
def open_quarter(
    warehouse: Place,
    authority: str | None = None,
    quarter: Quarter | None = None,
    *,
    cases: Collection[str] | None = None,
    only_recorded: bool = False,
    as_signed: bool = False,
) -> Iterator[OpenQuarter]:
    """A quarter from the last run that was made for it, else from the newest run of the authority, with its settings.

    The cases that the run was told to take in or leave out are so again, where it was made for that quarter. The
    warehouse is let go before the block begins: what is read stands in a database of this process alone.

    Args:
        warehouse: the file.
        authority: GSS code; by default the only authority of the file.
        quarter: by default the newest for which a run of the authority was made.
        cases: read the sections of these cases alone; what counts cases then counts these.
        only_recorded: make the cases as recorded and no other edition, for who asks what is so today.
        as_signed: from the run whose return of the quarter is signed off, where one is, whatever was run since.

    Raises:
        UsageError: the authority is not known, or the file holds several and none is named.
        InputError: the file cannot be read or holds no run of the authority.
    """
    if authority is not None:
        check_authority(authority)
    with at_rest.in_memory(place_beside(warehouse)) as con:
        with Warehouse(of_authority(warehouse, authority), read_only=True) as store:
            code = authority or store.only_authority()
            chosen = quarter or store.newest_quarter(code)
            before = gone.gone_before(store.connection, code)
            gone.check_is_whole(before, chosen)
            signed = sign_offs.standing_run(store.connection, code, chosen) if as_signed else None
            run = run_of(store, signed) if signed else store.run_for(code, chosen)
            settings, state = store.settings_of(run.run_id), state_of_run(store, run)
            forced = store.forced_cases(run.run_id if run.exact else "")
            load_sections(con, store.sections(run.run_id, cases))
            # What the run found and which cases it chose are the reasons of differences (hclic reconcile).
            judged = [
                store.connection.execute(f"select * from {name} where run_id = ?", [run.run_id]).pl()
                for name in ("findings", "case_selection")
            ]
            earlier = store.earlier_runs(run_id=run.run_id, la_code=code, quarter=run.quarter, as_at=run.as_at)
            beside = store.beside_figures(run_id=run.run_id, la_code=code)
        names = ("findings", "case_selection", "earlier_run", "earlier_holder")
        for name, rows in (*zip(names, (*judged, *earlier), strict=True), *beside.items()):
            arrow.load(con, f"create table {name} as select * from incoming", rows)
        arrow.load(con, "create table gone as select * from incoming", gone_frame(before))
        prepare(con, run_id=run.run_id, la_code=code, quarter=chosen, as_at=run.as_at, settings=settings)
        build_facts(con, RECORDED)
        if not only_recorded:
            build_quarter_end(con)
            build_sent(con, forced)
        yield OpenQuarter(con, run, chosen, settings, state)


@contextmanager
def open_run(
    store: Warehouse,
    run: StoredRun,
    beside: Path,
    *,
    settings: Settings | None = None,
    forced: pl.DataFrame | None = None,
) -> Iterator[OpenQuarter]:
    """One run, as ``open_quarter`` opens the last one of a quarter: its editions stand in a database of this process.

    Args:
        store: the warehouse; what is read of it is read before the block begins.
        run: the run, seen in the quarter that it was made for.
        beside: what does not fit into memory goes into a private folder beside it.
        settings: by default those of the run.
        forced: cases taken in or left out (case_ref, action, reason), by default those of the run.

    Raises:
        InputError: cases of the quarter are gone.
    """
    before = gone.gone_before(store.connection, run.la_code)
    gone.check_is_whole(before, run.quarter)
    chosen = settings or store.settings_of(run.run_id)
    with at_rest.in_memory(beside) as con:
        load_sections(con, store.sections(run.run_id))
        arrow.load(con, "create table gone as select * from incoming", gone_frame(before))
        prepare(con, run_id=run.run_id, la_code=run.la_code, quarter=run.quarter, as_at=run.as_at, settings=chosen)
        build_facts(con, RECORDED)
        build_quarter_end(con)
        build_sent(con, store.forced_cases(run.run_id) if forced is None else forced)
        yield OpenQuarter(con, run, run.quarter, chosen, state_of_run(store, run))


def run_of(store: Warehouse, run_id: str) -> StoredRun:
    """The run of that id.

    Raises:
        InputError: the file does not hold it.
    """
    row = store.connection.execute(
        "select run_id, la_code, quarter, as_at from runs where run_id = ?", [run_id]
    ).fetchone()
    if row is None:
        raise InputError(f"The warehouse holds no run {run_id}.")
    return StoredRun(row[0], row[1], Quarter.parse(row[2]), row[3], exact=True)


@dataclass(frozen=True)
class KeptQuarter:
    """What was kept of a quarter before cases of it went: CSV by edition (``gone.Figures``)."""

    run: StoredRun
    settings: Settings
    state: RunState
    figures: dict[str, str]

    @property
    def words(self) -> str:
        """From where the figures are, for the user."""
        return (
            f"Kept when cases of {self.run.quarter} were purged: from run {self.run.run_id}, as at {self.run.as_at}."
            " The cases are gone."
        )


def kept_quarter(warehouse: Place, authority: str, quarter: Quarter) -> KeptQuarter | None:
    """The figures that were kept of a quarter; None where none of its cases is gone, and it can be counted.

    Raises:
        InputError: the file cannot be read; or cases are gone, and no figures were kept.
    """
    with Warehouse(of_authority(warehouse, authority), read_only=True) as store:
        before = gone.gone_before(store.connection, authority)
        if before is None or quarter.first_day >= before:
            return None
        kept = gone.kept_figures(store.connection, authority, quarter)
        if not kept:
            gone.check_is_whole(before, quarter)
        one = next(iter(kept.values()))
        run = StoredRun(one.run_id, authority, quarter, one.as_at, exact=True)
        settings, state = store.settings_of(one.run_id), state_of_run(store, run)
        return KeptQuarter(run, settings, state, {name: each.figures for name, each in kept.items()})


def check_file(warehouse: Place) -> None:
    """Refuse a file that cannot be read; one of an older layout is migrated where it can be.

    Raises:
        InputError: the file cannot be read.
    """
    with Warehouse(warehouse, read_only=True):
        pass


@contextmanager
def looked_in(warehouse: Place, authority: str | None = None) -> Iterator[Warehouse]:
    """The warehouse, to read what is of no quarter: its list of runs, and what was said and told.

    A file holds all its authorities; of a DuckLake only the one is looked in that is named.

    Raises:
        InputError: the file cannot be read.
    """
    with Warehouse(of_authority(warehouse, authority), read_only=True) as store:
        yield store


def run_told(store: Warehouse, authority: str, quarter: Quarter) -> StoredRun:
    """The run from which ``open_quarter`` would open the quarter.

    Raises:
        InputError: the file holds no run of the authority.
    """
    return store.run_for(authority, quarter)


@contextmanager
def open_history(warehouse: Place, authority: str | None = None) -> Iterator[tuple[Warehouse, str]]:
    """What is kept over all runs of an authority, to read: for what is about no quarter and needs no setting of a run.

    Args:
        warehouse: the file.
        authority: GSS code; by default the only authority of the file.

    Raises:
        UsageError: the authority is not known, or the file holds several and none is named.
        InputError: the file cannot be read, or holds no run.
    """
    if authority is not None:
        check_authority(authority)
    with Warehouse(of_authority(warehouse, authority), read_only=True) as store:
        yield store, authority or store.only_authority()


def quarters_told(warehouse: Place, authority: str, named: list[Quarter] | None) -> list[Quarter]:
    """The quarters named, or every quarter that a run of the authority was made for, if the file can tell each of them.

    Raises:
        UsageError: a quarter was before the Act, or it ended after the day of the newest export and no run was made
            for it: no case can tell it.
        InputError: the file cannot be read or holds no run of the authority.
    """
    with Warehouse(of_authority(warehouse, authority), read_only=True) as store:
        quarters = store.quarters(authority) if named is None else named
        for quarter in quarters:
            quarter.check_has_return()
            run = store.run_for(authority, quarter)
            if not run.exact and run.as_at < quarter.last_day:
                raise UsageError(
                    f"The newest run of the authority is as at {run.as_at} and cannot tell {quarter} ({quarter.words})."
                    " Run hclic run for that quarter first, or name earlier quarters."
                )
    return quarters


def sections_before(warehouse: Place, authority: str, opened: OpenQuarter) -> dict[str, pl.DataFrame] | None:
    """The sections of the quarter's newest run before the one that was opened; None without one."""
    with Warehouse(of_authority(warehouse, authority), read_only=True) as store:
        return store.sections_before(opened.run.run_id, authority, opened.quarter)


@contextmanager
def open_frozen(store: Warehouse, run: StoredRun) -> Iterator[duckdb.DuckDBPyConnection]:
    """The editions of a run's own quarter from the sections that it froze, in a database of this process alone.

    For who holds the warehouse open already.

    Raises:
        InputError: cases of the quarter are gone.
    """
    gone.check_is_whole(gone.gone_before(store.connection, run.la_code), run.quarter)
    with at_rest.in_memory() as con:
        load_sections(con, store.sections(run.run_id))
        settings = store.settings_of(run.run_id)
        prepare(con, run_id=run.run_id, la_code=run.la_code, quarter=run.quarter, as_at=run.as_at, settings=settings)
        build_facts(con, RECORDED)
        build_quarter_end(con)
        build_sent(con, store.forced_cases(run.run_id))
        yield con


@contextmanager
def open_returned(
    sections: Mapping[str, pl.DataFrame], run: StoredRun, settings: Settings
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The cases as sent from the rows of a return's files, whatever a warehouse holds of them.

    Args:
        sections: as they were read from the files.
        run: the one that wrote the files.
        settings: those of that run.
    """
    with at_rest.in_memory() as con:
        prepare(con, run_id=run.run_id, la_code=run.la_code, quarter=run.quarter, as_at=run.as_at, settings=settings)
        build_as_sent(con, sections)
        yield con
