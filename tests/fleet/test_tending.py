"""A DuckLake is kept small without a change to what it shows, and without what was signed off going."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines.fleet import snapshots
from pipelines.fleet.tending import Tended, tend
from pipelines.period import Quarter
from pipelines.place import Lake, of_authority, parse_place
from pipelines.state import CHECKED, SIGNED_OFF
from pipelines.warehouse import sign_offs
from pipelines.warehouse.lakes import schema_of
from pipelines.warehouse.store import Warehouse
from tests.warehouse.stored import LA, NEIGHBOUR, freeze, sections_of

SHOWN = ("runs", "snapshot_main", "reference_map", "sign_off", "ledger_line")
QUARTER = Quarter.parse("2025-Q3")


def _run(store: Warehouse, number: int, authority: str = LA) -> None:
    rows = [{"case_ref": f"{authority}_{case}", "officer": f"Ann Other {number}"} for case in range(60)]
    freeze(store, f"r{number}", sections_of(main=rows), authority=authority)


def _sign(store: Warehouse, run_id: str) -> None:
    for state in (CHECKED, SIGNED_OFF):
        with store.transaction():
            sign_offs.add_state(
                store.connection,
                LA,
                QUARTER,
                run_id,
                state,
                by="Ann Other",
                at=datetime(2026, 1, 9, tzinfo=UTC),
                why=None,
            )


def _shown(store: Warehouse) -> list[list[tuple[object, ...]]]:
    return [store.connection.execute(f"from {name} order by all").fetchall() for name in SHOWN]


def _tend(lake: Lake, *, grace_hours: int, keep_days: int = 1, is_dry: bool = False) -> Tended:
    """In two days."""
    at = datetime.now(UTC) + timedelta(days=2)
    (done,) = tend(lake, at, keep_days=keep_days, grace_hours=grace_hours, is_dry=is_dry)
    assert done.fault is None
    return done


def _files(folder: Path) -> int:
    return len(list(folder.rglob("*.parquet")))


def test_tending_leaves_fewer_files_and_every_row_to_writers_readers_and_sign_offs(lake: Lake, tmp_path: Path) -> None:
    folder = tmp_path / "data" / schema_of(LA)
    with Warehouse(lake.of(LA)) as store:
        _run(store, 1)
        _run(store, 2)
        _sign(store, "r2")
        signed = _shown(store)
        _run(store, 3)
        before = _shown(store)
    left = folder / "main" / "main" / "ducklake-left-by-a-killed-writer.parquet"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"PARE")
    written, of_cases = _files(folder), _files(folder / "history" / "main")

    foreseen = _tend(lake, grace_hours=0, is_dry=True)
    assert foreseen.before is not None
    assert (foreseen.before, foreseen.before.files) == (foreseen.after, written)
    assert foreseen.removed == 1, "the one that was left"
    assert _files(folder) == written, "a dry run takes nothing away"

    with Warehouse(lake.of(LA), read_only=True) as reader:
        reader.connection.execute("begin")
        assert _shown(reader) == before
        kept = _tend(lake, grace_hours=0)
        assert kept.is_read
        assert (kept.removed, kept.expired) == (0, foreseen.expired)
        assert _shown(reader) == before, "a reader goes on with what it began to read"
        reader.connection.execute("rollback")
        assert _shown(reader) == before

    done = _tend(lake, grace_hours=0)
    assert done.removed > 0
    assert not left.exists()
    assert done.after is not None
    assert _files(folder) == done.after.files
    assert _files(folder / "history" / "main") < of_cases
    with Warehouse(lake.of(LA)) as store:
        assert _shown(store) == before
        known = snapshots.of_connection(store.connection)
    number = snapshots.as_submitted(known, "2025-Q3")
    assert [one.signed for one in known if one.signed] == [(("2025-Q3", SIGNED_OFF),)]
    with Warehouse(of_authority(parse_place(f"{lake} at={number}"), LA), read_only=True) as then:
        assert _shown(then) == signed


def test_an_authority_that_is_written_to_keeps_no_other_from_being_tended(lake: Lake) -> None:
    for authority in (LA, NEIGHBOUR):
        with Warehouse(lake.of(authority)) as store:
            _run(store, 1, authority)
    with Warehouse(lake.of(LA)):
        faults = {one.authority: one.fault for one in tend(lake, datetime.now(UTC))}
    assert faults[NEIGHBOUR] is None
    assert "writes to the authority's warehouse" in str(faults[LA])
