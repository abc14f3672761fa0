"""The warehouse: one DuckDB file that keeps every run's frozen sections, the reference map, findings and ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.authority import current_code
from pipelines.errors import HeldError, InputError, UsageError, is_held
from pipelines.findings import SCHEMA as FINDINGS
from pipelines.link.references import MAP_SCHEMA, empty_map
from pipelines.paths import refuse_address
from pipelines.period import Quarter
from schemas.sections import SECTIONS

_TYPES = {"date": "date", "integer": "bigint", "number": "double", "flag": "boolean"}

_RUNS = """
create table if not exists runs (
    run_id varchar primary key, run_order integer not null, la_code varchar not null, quarter varchar not null,
    as_at date not null, source_profile varchar, return_profile varchar, software_version varchar, result varchar
)
"""


@dataclass(frozen=True)
class StoredRun:
    """One run of the warehouse. ``exact``: it was made for the quarter that was asked for."""

    run_id: str
    la_code: str
    quarter: Quarter
    as_at: date
    exact: bool


class Warehouse:
    """An open warehouse; use as a context manager.

    Raises:
        UsageError: an address instead of a file, or a folder that cannot be written.
        HeldError: another program holds it.
        InputError: the file is not a warehouse.
    """

    def __init__(self, path: Path | None, *, read_only: bool = False) -> None:
        if path is not None:
            refuse_address(path, "warehouse")
        if read_only and path is not None and not path.is_file():
            raise InputError(f"There is no warehouse {path.name}. Make one with: hclic run … --warehouse FILE.")
        is_new = path is not None and not path.exists()
        if path is not None and not read_only:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError:
                raise UsageError(f"The folder {path.parent} cannot be written.") from None
        try:
            self.connection = duckdb.connect(":memory:" if path is None else str(path), read_only=read_only)
            self.connection.execute("set enable_progress_bar = false")
            if not read_only:
                self._create()
        except duckdb.Error as error:
            if is_held(error):
                raise HeldError(
                    "Another program holds the warehouse. Wait until it has ended, and run again."
                ) from None
            raise InputError(
                "The warehouse could not be opened: it is not an hclic warehouse, or its folder cannot be written."
            ) from None
        if path is not None and is_new:
            path.chmod(0o600)  # it holds names and dates of birth

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def _create(self) -> None:
        con = self.connection
        con.execute(_RUNS)
        for section in SECTIONS:
            columns = ", ".join(f"{column.name} {_TYPES.get(column.kind, 'varchar')}" for column in section.columns)
            con.execute(f"create table if not exists snapshot_{section.name} (run_id varchar not null, {columns})")
        con.execute(
            "create table if not exists reference_map (la_code varchar, local_ref varchar, case_ref varchar,"
            " origin varchar, primary key (la_code, local_ref))"
        )
        con.execute(
            "create table if not exists case_selection (run_id varchar, case_ref varchar, is_selected boolean,"
            " triggers varchar, forced varchar, reason varchar)"
        )
        con.execute(
            "create table if not exists findings (run_id varchar, "
            + ", ".join(f"{name} varchar" for name in FINDINGS)
            + ")"
        )
        con.execute("create table if not exists ledger (run_id varchar primary key, ledger varchar)")
        described = con.execute("describe reference_map").fetchall()
        if "la_code" not in {row[0] for row in described}:
            self.close()
            raise InputError(
                "The warehouse was written by an older version. Start a new one, with --reference-map and the last"
                " reference_map.csv."
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: what is written inside is kept only if the block ends."""
        self.connection.execute("begin")
        try:
            yield
        except BaseException:
            self.connection.execute("rollback")
            raise
        self.connection.execute("commit")

    def reference_map(self, authority: str) -> pl.DataFrame:
        """One row per local reference of the authority, or of one that it replaced: local_ref, case_ref, origin."""
        rows = self.connection.execute(
            "select local_ref, case_ref, origin from reference_map where la_code = ? order by local_ref",
            [current_code(authority)],
        ).pl()
        return rows.cast(MAP_SCHEMA) if rows.height else empty_map()  # type: ignore[arg-type]

    def save_references(self, references: pl.DataFrame, authority: str) -> None:
        """Replace the authority's map by one that contains it; other authorities use the same local references."""
        self._put("reference_map", references, "la_code", current_code(authority))

    def _put(self, table: str, rows: pl.DataFrame, key: str, value: str) -> None:
        con = self.connection
        con.execute(f"delete from {table} where {key} = ?", [value])
        rows = rows.select(pl.lit(value).alias(key), pl.all())
        names = ", ".join(rows.columns)
        arrow.load(con, f"insert into {table} ({names}) select {names} from incoming", rows)

    def freeze(self, run: dict[str, Any], sections: dict[str, pl.DataFrame], references: pl.DataFrame) -> None:
        """Store a run's sections and the reference map. A repeated run replaces its own rows and becomes the newest."""
        con = self.connection
        with self.transaction():
            row = con.execute(
                "select coalesce(max(run_order), 0) + 1 from runs where run_id <> ?", [run["run_id"]]
            ).fetchone()
            assert row is not None
            con.execute("delete from runs where run_id = ?", [run["run_id"]])
            values = {**run, "run_order": row[0]}
            con.execute(
                f"insert into runs ({', '.join(values)}) values ({', '.join('?' * len(values))})", list(values.values())
            )
            for section in SECTIONS:
                rows = sections[section.name].select(section.names)
                self._put(f"snapshot_{section.name}", rows, "run_id", run["run_id"])
            self.save_references(references, run["la_code"])

    def save_findings(self, run_id: str, findings: pl.DataFrame) -> None:
        """Store a run's findings."""
        self._put("findings", findings, "run_id", run_id)

    def save_selection(self, run_id: str, selection: pl.DataFrame) -> None:
        """Store which cases the quarter's return holds, and by which triggers."""
        self._put("case_selection", selection, "run_id", run_id)

    def save_ledger(self, run_id: str, ledger: dict[str, Any], result: str) -> None:
        """Store a run's ledger and result."""
        con = self.connection
        with self.transaction():
            con.execute("delete from ledger where run_id = ?", [run_id])
            con.execute("insert into ledger values (?, ?)", [run_id, json.dumps(ledger, default=str)])
            con.execute("update runs set result = ? where run_id = ?", [result, run_id])

    def newest_run(self, authority: str) -> str | None:
        """Id of the run of the authority that was frozen last; None without any."""
        row = self.connection.execute(
            "select run_id from runs where la_code = ? order by run_order desc limit 1", [authority]
        ).fetchone()
        return None if row is None else str(row[0])

    def ledger_of(self, run_id: str) -> dict[str, Any] | None:
        """The ledger of a run; None if it has none."""
        row = self.connection.execute("select ledger from ledger where run_id = ?", [run_id]).fetchone()
        return None if row is None else json.loads(row[0])

    def run_for(self, authority: str, quarter: Quarter) -> StoredRun:
        """The last run made for the quarter; without one, the newest run of the authority (``exact`` is False).

        Raises:
            InputError: the file holds no run of that authority.
        """
        try:
            row = self.connection.execute(
                "select run_id, la_code, quarter, as_at, quarter = $quarter from runs where la_code = $authority"
                " order by quarter = $quarter desc, run_order desc limit 1",
                {"quarter": str(quarter), "authority": authority},
            ).fetchone()
        except duckdb.CatalogException:
            raise InputError("The file is not an hclic warehouse.") from None
        if row is None:
            raise InputError(f"The warehouse holds no run of authority {authority}.")
        return StoredRun(row[0], row[1], Quarter.parse(row[2]), row[3], bool(row[4]))
