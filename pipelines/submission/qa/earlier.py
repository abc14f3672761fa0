"""What a quarter is compared with: the totals of an earlier one, from the best that is known of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import HclicError
from pipelines.period import Quarter
from pipelines.submission.qa.catalogue import Total
from pipelines.submission.qa.counted import Counted, count
from pipelines.submission.qa.reading import Returned, counted_from, of_run, on_disk, read
from pipelines.warehouse import sign_offs
from pipelines.warehouse.explanations import kept_totals
from pipelines.warehouse.gone import gone_before
from pipelines.warehouse.quarter import open_frozen, run_told
from pipelines.warehouse.returned import Wrote, wrote
from pipelines.warehouse.store import Warehouse

SIGNED, ON_DISK, FROZEN, UNKNOWN = "signed", "on disk", "frozen", "unknown"


@dataclass(frozen=True)
class Earlier:
    """An earlier quarter. ``counted`` is None where nothing is known of it."""

    quarter: Quarter
    name: str
    """``the last quarter``, or ``the same quarter a year before``."""
    source: str
    run_id: str | None
    counted: Counted | None
    words: str
    """Where the totals come from, for the reader."""
    counted_from: str | None = None
    """Digest over all that totals counted from files rest on."""

    def value(self, total: Total) -> int | None:
        """The total then; None where it is not known."""
        return None if self.counted is None else self.counted.values.get(total.ident)


def compared_quarters(quarter: Quarter) -> tuple[tuple[str, Quarter], ...]:
    """The two quarters that each total is compared with, and how they are called."""
    return (("the last quarter", quarter.shift(-1)), ("the same quarter a year before", quarter.shift(-4)))


def earlier(
    store: Warehouse,
    authority: str,
    quarter: Quarter,
    name: str,
    home: Path,
    totals: tuple[Total, ...],
    profile: str | None = None,
) -> Earlier:
    """The totals of an earlier quarter.

    They come from the files of the return that was signed off, else from those that the newest run of that quarter
    left on disk, else from the sections that its newest run froze; without any of these nothing is known of it.

    Args:
        store: the warehouse, open.
        home: the folder of the authority's output folders.
        totals: what to count.
        profile: return profile, where it is not that which the run names.
    """
    why = ""
    for source, returned in _returns(store, authority, quarter, home):
        key = counted_from(returned, quarter, totals)
        if known := kept_totals(store.connection, key):
            counted = Counted(known)
        else:
            try:
                counted = read(returned, authority, quarter, totals, profile).counted
            except HclicError:
                why = " Its XML could not be read again."
                continue
        run_id = returned.run.run_id
        said = (
            "the files that were kept when its return was signed off"
            if source == SIGNED
            else "the files of its newest return on disk"
        )
        words = f"{quarter.words}: counted from {said}, run {run_id}."
        return Earlier(quarter, name, source, run_id, counted, words, key)
    row = store.connection.execute(
        "select run_id, result from runs where la_code = ? and quarter = ? and result is distinct from 'running'"
        " order by run_order desc limit 1",
        [authority, str(quarter)],
    ).fetchone()
    if row is None:
        words = (
            f"{quarter.words}: not known. The warehouse holds no return and no run of that quarter; hclic run makes one"
            " from an export that reaches back so far."
        )
        return Earlier(quarter, name, UNKNOWN, None, None, words)
    before = gone_before(store.connection, authority)
    if before is not None and quarter.first_day < before:
        words = f"{quarter.words}: not known. Cases of it were purged, and what is left would count too few."
        return Earlier(quarter, name, UNKNOWN, None, None, words)
    run = run_told(store, authority, quarter)
    with open_frozen(store, run) as con:
        counted = count(con, totals)
    state = "" if row[1] == "clean" else f" That run wrote no return ({row[1]}): its figures may still hold errors."
    words = (
        f"{quarter.words}: counted from the cases that run {run.run_id} froze in the warehouse; the XML of its return"
        f" is not at hand.{why}{state}"
    )
    return Earlier(quarter, name, FROZEN, run.run_id, counted, words)


def _returns(store: Warehouse, authority: str, quarter: Quarter, home: Path) -> Iterator[tuple[str, Returned]]:
    """The files of the quarter's return that are known, the best first."""
    con = store.connection
    runs = {run.run_id: run for run in wrote(con, authority, quarter)}
    for run_id in reversed(sign_offs.signed_runs(con, authority, quarter)):
        if run_id in runs and (kept := _kept(store, runs[run_id])) is not None:
            yield SIGNED, kept
    for run in list(runs.values())[:1]:
        if (left := _on_disk(home, quarter, run)) is not None:
            yield ON_DISK, left


def _kept(store: Warehouse, run: Wrote) -> Returned | None:
    """The files that were kept of a run, if they are whole and what its ledger says."""
    files = sign_offs.frozen_files(store.connection, run.run_id)
    contents = {file.name: file.content for file in files if file.name.endswith(".xml")}
    return of_run(run, contents) if contents else None


def _on_disk(home: Path, quarter: Quarter, run: Wrote) -> Returned | None:
    """The files of a run where it left them, if they are still the same."""
    for folder in sorted(home.glob(f"{quarter}*/return"), reverse=True):
        try:
            found = of_run(run, on_disk(folder))
        except HclicError:
            continue
        if found is not None:
            return found
    return None
