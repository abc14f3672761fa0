"""Tending a DuckLake: small files merged, old snapshots let go, and files that nothing needs any more taken away.

Nothing that a snapshot kept can show changes by it. Each authority is tended by itself, as its writer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from pipelines.errors import HclicError, InputError
from pipelines.fleet import copies, snapshots
from pipelines.fleet.snapshots import Snapshot
from pipelines.place import Lake
from pipelines.warehouse import catalogue, lakes
from pipelines.warehouse.lakes import NAME, folder_of, schema_of
from pipelines.warehouse.store import Warehouse

KEEP_DAYS = 90
"""Days for which every snapshot is kept: as long as work on a quarter's return lasts."""
GRACE_HOURS = 24
"""Hours for which a file stays after nothing needs it: whoever began to read before may still read it."""
FEW_LEFT = 0.25
"""Share of a file's rows that were deleted, from which it is written anew."""


@dataclass(frozen=True)
class Measure:
    """What an authority's warehouse holds: data files where they are kept, their bytes, and snapshots."""

    files: int
    bytes: int
    snapshots: int


@dataclass(frozen=True)
class Tended:
    """What became of one authority's warehouse. ``fault``: the sentence why it was not tended, or not to the end.

    ``is_read``: somebody read just then, or backed up, so that no file was taken away: the next time.
    ``expired``, ``removed``: snapshots let go, files taken away; in a dry run those that would be.
    """

    authority: str
    before: Measure | None = None
    after: Measure | None = None
    expired: int = 0
    removed: int = 0
    is_read: bool = False
    fault: str | None = None


def tend(
    lake: Lake,
    at: datetime,
    *,
    keep_days: int = KEEP_DAYS,
    grace_hours: int = GRACE_HOURS,
    is_dry: bool = False,
) -> Iterator[Tended]:
    """Tend the warehouse of the authority, or of each that this user may read, one after the other.

    Values that small changes left in the catalogue become files; files from which many rows were deleted are written
    anew; small ones are merged; snapshots older than ``keep_days`` are let go, but for the newest and those of a
    sign-off or submission; files that no snapshot needs are taken away ``grace_hours`` after that, as are those that a
    writer left that died. A fault of one authority, or a writer at work in it, stops no other.

    Args:
        lake: the address.
        at: the time, from the edge.
        keep_days: how long each snapshot is kept.
        grace_hours: how long files stay that nothing needs.
        is_dry: change nothing, and count what would go.

    Raises:
        PassingError: the catalogue cannot be reached.
        InputError: no warehouse was made there, or it holds no such authority.
    """
    found = lakes.authorities(lake)
    wanted = found if lake.authority is None else [one for one in found if one == lake.authority]
    if not wanted:
        raise InputError("The warehouse holds no run." if lake.authority is None else _none(lake.authority))
    with catalogue.connected(lake) as con:
        data = catalogue.data_path(con)
    for authority in wanted:
        folder = folder_of(data, schema_of(authority))
        try:
            yield _tended(lake.of(authority), authority, folder, at, keep_days, grace_hours, is_dry=is_dry)
        except HclicError as error:
            yield Tended(authority, fault=str(error))


def _none(authority: str) -> str:
    return f"The warehouse holds no run of authority {authority}."


def _tended(
    lake: Lake, authority: str, folder: str, at: datetime, keep_days: int, grace_hours: int, *, is_dry: bool
) -> Tended:
    with Warehouse(lake) as store:
        con = store.connection
        known = snapshots.of_connection(con)
        going = to_expire(known, at - timedelta(days=keep_days))
        before = _measured(con, folder, known)
        unneeded = f"older_than => timestamptz '{(at - timedelta(hours=grace_hours)).isoformat()}'"
        try:
            if is_dry:
                removed = _count(con, f"ducklake_cleanup_old_files('{NAME}', dry_run => true, {unneeded})")
                removed += _count(con, f"ducklake_delete_orphaned_files('{NAME}', dry_run => true, {unneeded})")
                return Tended(authority, before, before, len(going), removed)
            for step in _steps(going):
                store.check_turn()
                con.execute(f"call {step}")
            store.check_turn()
            removed, is_read = 0, copies.are_files_read(lake, schema_of(authority))
            if not is_read:
                removed = _count(con, f"ducklake_cleanup_old_files('{NAME}', {unneeded})")
                removed += _count(con, f"ducklake_delete_orphaned_files('{NAME}', {unneeded})")
            after = _measured(con, folder, snapshots.of_connection(con))
        except duckdb.Error as error:
            raise lakes.told(error) or InputError(
                "The warehouse could not be tended. Nothing that it holds is lost. Run it again."
            ) from None
    return Tended(authority, before, after, len(going), removed, is_read=is_read)


def to_expire(known: Sequence[Snapshot], before: datetime) -> list[int]:
    """Numbers of the snapshots made before a moment that are neither the newest nor of a sign-off or submission."""
    newest = max((one.number for one in known), default=0)
    return [one.number for one in known if one.made_at < before and one.number != newest and not one.signed]


def _steps(going: Sequence[int]) -> Iterator[str]:
    """The calls of DuckLake in order: what is let go first need not be merged."""
    yield f"ducklake_flush_inlined_data('{NAME}')"
    if going:
        yield f"ducklake_expire_snapshots('{NAME}', versions => [{', '.join(str(number) for number in going)}])"
    yield f"ducklake_rewrite_data_files('{NAME}', delete_threshold => {FEW_LEFT})"
    yield f"ducklake_merge_adjacent_files('{NAME}')"


def _count(con: duckdb.DuckDBPyConnection, call: str) -> int:
    return len(con.execute(f"call {call}").fetchall())


def _measured(con: duckdb.DuckDBPyConnection, folder: str, known: Sequence[Snapshot]) -> Measure:
    """What stands in the folder, whether a snapshot needs it or not."""
    pattern = f"{folder}**/*.parquet".replace("'", "''")
    row = con.execute(f"select count(*) from glob('{pattern}')").fetchone()
    if row is None or not row[0]:
        return Measure(0, 0, len(known))
    row = con.execute(f"select count(*), sum(size)::bigint from read_blob('{pattern}')").fetchone()
    assert row is not None
    return Measure(int(row[0]), int(row[1]), len(known))


def table(done: Sequence[Tended]) -> list[str]:
    """What was done as lines of text, an authority a line."""
    heading = f"{'authority':11}{'files':>16}{'MB':>18}{'snapshots':>16}{'expired':>9}{'removed':>9}"
    number: Callable[[int], str] = "{:,}".format
    rows = [heading]
    for one in done:
        if one.before is None or one.after is None:
            rows.append(f"{one.authority:11} {one.fault}")
            continue
        files = f"{number(one.before.files)} → {number(one.after.files)}"
        size = f"{one.before.bytes / 1e6:,.2f} → {one.after.bytes / 1e6:,.2f}"
        kept = f"{number(one.before.snapshots)} → {number(one.after.snapshots)}"
        rows.append(
            f"{one.authority:11}{files:>16}{size:>18}{kept:>16}{one.expired:>9,}{one.removed:>9,}"
            + ("  files stay: somebody reads" if one.is_read else "")
        )
    return rows
