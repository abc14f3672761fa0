"""Reading the warehouse for a page, writing a note to it: open for as long as that takes, so that runs can write."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.authority import authority_name
from pipelines.errors import HeldError
from pipelines.period import Quarter
from pipelines.warehouse.store import NOT_ENDED, Warehouse

PATIENCE, PAUSE = 3.0, 0.1
"""Seconds that a page waits for a run that is writing, and between two tries."""

# DuckDB keeps one handle of a file for a process; opened to write while another thread reads, it refuses.
_ONE = threading.RLock()


@dataclass(frozen=True)
class RunRow:
    """One run, as the list of runs shows it."""

    run_id: str
    la_code: str
    quarter: Quarter
    as_at: date
    result: str | None
    order: int

    @property
    def authority(self) -> str:
        """Name of the authority."""
        return authority_name(self.la_code)


@dataclass(frozen=True)
class Store:
    """The warehouse file."""

    path: Path
    patience: float = PATIENCE

    @contextmanager
    def reading(self) -> Iterator[Warehouse]:
        """The warehouse, to read and without a trace.

        Raises:
            HeldError: another program was still writing after ``patience``.
            InputError: the file cannot be read.
        """
        with _ONE, self._opened(to_look=True) as store:
            yield store

    @contextmanager
    def writing(self) -> Iterator[Warehouse]:
        """The warehouse, to write a note or a waiver.

        Raises:
            HeldError: another program still had it open after ``patience``.
            InputError: the file cannot be opened.
        """
        with _ONE, self._opened(to_look=False) as store:
            yield store

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else of this process has the file open within the block."""
        with _ONE:
            yield

    @contextmanager
    def _opened(self, *, to_look: bool) -> Iterator[Warehouse]:
        until = time.monotonic() + self.patience
        while True:
            try:
                store = Warehouse(self.path, read_only=to_look, as_it_is=to_look)
                break
            except HeldError:
                if time.monotonic() >= until:
                    raise
                time.sleep(PAUSE)
        with store:
            yield store


def runs(store: Warehouse, authority: str | None = None) -> list[RunRow]:
    """Every run that has ended, of one authority or of all: the newest first."""
    rows = store.connection.execute(
        "select run_id, la_code, quarter, as_at, result, run_order from runs"
        " where not list_contains($not_ended, coalesce(result, '')) and ($la_code is null or la_code = $la_code)"
        " order by la_code, run_order desc",
        {"not_ended": NOT_ENDED, "la_code": authority},
    ).fetchall()
    return [RunRow(run_id, code, Quarter.parse(made), day, result, no) for run_id, code, made, day, result, no in rows]


def authorities(store: Warehouse) -> set[str]:
    """Codes of the authorities that a run has ended of."""
    return {run.la_code for run in runs(store)}


def run_of(store: Warehouse, run_id: str) -> RunRow | None:
    """The run of that id; None where there is none that has ended."""
    row = store.connection.execute("select la_code from runs where run_id = ?", [run_id]).fetchone()
    return next((one for one in runs(store, row[0]) if one.run_id == run_id), None) if row else None


def ledger_of(store: Warehouse, run_id: str) -> dict[str, Any]:
    """The ledger of a run; empty where it has none."""
    return store.ledger_of(run_id) or {}


def record_of(store: Warehouse, run_id: str, finding_id: str) -> str | None:
    """Key of the record that a finding is about; None where it is about none."""
    row = store.connection.execute(
        "select record_key from findings where run_id = ? and finding_id = ?", [run_id, finding_id]
    ).fetchone()
    return None if row is None else row[0]
