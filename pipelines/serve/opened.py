"""Quarters opened for the pages that count: each made once from its run, and kept while it is being looked at."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import duckdb
import polars as pl

from pipelines.emit.tables.build import explanation
from pipelines.emit.tables.files import TablesOf, tables_of
from pipelines.errors import HeldError, UsageError
from pipelines.metrics.emit import metric_frame, prepare_metrics
from pipelines.period import Quarter
from pipelines.serve.reading import PAUSE, Store, authorities
from pipelines.warehouse.quarter import OpenQuarter, open_quarter, quarters_told, run_told
from pipelines.worklists.lists import Worklist, worklists

KEPT = 2
"""Quarters that are kept opened: each holds the cases of an authority in memory."""


@dataclass
class Opened:
    """One quarter as its run knew it; used by one request at a time."""

    quarter: OpenQuarter
    held: ExitStack
    lock: threading.Lock = field(default_factory=threading.Lock)
    _tables: TablesOf | None = None
    _evidence: pl.DataFrame | None = None
    _is_measured: bool = False
    _worklists: tuple[Worklist, ...] | None = None

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        """The database of the quarter."""
        return self.quarter.connection

    def tables(self) -> TablesOf:
        """Every cell of the official tables."""
        if self._tables is None:
            self._tables = tables_of(self.con, state=self.quarter.state)
        return self._tables

    def evidence(self, table: str) -> pl.DataFrame:
        """What stands behind one table: one row per count column and reference."""
        if self._evidence is None:
            self._evidence = explanation(self.con)
        return self._evidence.filter(pl.col("table") == table)

    def worklists(self) -> tuple[Worklist, ...]:
        """Every worklist, as on the day of the export."""
        if self._worklists is None:
            self._worklists = worklists(self.con)
        return self._worklists

    def metric(self, name: str) -> pl.DataFrame:
        """All rows of one metric, internal edition.

        Raises:
            UsageError: there is none of that name.
        """
        if not self._is_measured:
            prepare_metrics(self.con)
            self._is_measured = True
        return metric_frame(self.con, name)


class Quarters:
    """The quarters that pages have asked for; of a quarter that was run again the new run is opened."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._opened: dict[tuple[str, Quarter], Opened] = {}

    @contextmanager
    def open(self, la_code: str, quarter: Quarter) -> Iterator[Opened]:
        """The quarter, for one page.

        Raises:
            UsageError: no case of the warehouse can tell that quarter, or there is no run of the authority.
            InputError: the file cannot be read.
        """
        with self._lock:
            with self._store.reading() as store:
                if la_code not in authorities(store):
                    raise UsageError("The warehouse holds no run of that authority.")
                run_id = run_told(store, la_code, quarter).run_id
            found = self._opened.pop((la_code, quarter), None)
            if found is not None and found.quarter.run.run_id != run_id:
                self._close(found)
                found = None
            if found is None:
                found = self._make(la_code, quarter)
            # The one asked for last stands last.
            self._opened[la_code, quarter] = found
            while len(self._opened) > KEPT:
                self._close(self._opened.pop(next(iter(self._opened))))
            found.lock.acquire()
        try:
            yield found
        finally:
            found.lock.release()

    def _make(self, la_code: str, quarter: Quarter) -> Opened:
        until = time.monotonic() + self._store.patience
        with self._store.alone():
            while True:
                try:
                    quarters_told(self._store.path, la_code, [quarter])
                    held = ExitStack()
                    return Opened(held.enter_context(open_quarter(self._store.path, la_code, quarter)), held)
                except HeldError:
                    if time.monotonic() >= until:
                        raise
                    time.sleep(PAUSE)

    def close(self) -> None:
        """Let go of every quarter."""
        with self._lock:
            while self._opened:
                self._close(self._opened.popitem()[1])

    @staticmethod
    def _close(opened: Opened) -> None:
        with opened.lock:
            opened.held.close()
