"""The warehouse: every run's frozen sections, the reference map, findings and ledger, in a file or a DuckLake."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.authority import current_code
from pipelines.errors import InputError, UsageError
from pipelines.link.references import MAP_SCHEMA, empty_map
from pipelines.period import Quarter
from pipelines.settings import Settings, from_values
from pipelines.warehouse import history, official_cells, run_lines
from pipelines.warehouse.opened import Opened
from pipelines.warehouse.requests import IS_WHOLE
from schemas.sections import SECTIONS

RUNNING = "running"
"""Result of a run that has frozen its sections and has not ended."""
STOPPED = run_lines.STOPPED
NOT_ENDED = [RUNNING, STOPPED]
"""Results of runs whose outputs never came into place: readers pass them over."""

Sections = Mapping[str, pl.DataFrame] | duckdb.DuckDBPyConnection


@dataclass(frozen=True)
class StoredRun:
    """One run of the warehouse. ``exact``: it was made for the quarter that was asked for."""

    run_id: str
    la_code: str
    quarter: Quarter
    as_at: date
    exact: bool


class Warehouse(Opened):
    """What a warehouse keeps, read and written; use as a context manager.

    A file of an older layout is migrated first, with ``as_it_is`` only as a copy. Without a place it is kept in memory.

    Raises:
        UsageError: a folder that cannot be written; or a DuckLake of several authorities, and none is named.
        InputError: it is not a warehouse, is of a newer layout, or another program holds it.
    """

    def reference_map(self, authority: str) -> pl.DataFrame:
        """One row per local reference of the authority, or of one that it replaced: local_ref, case_ref, origin."""
        rows = self.connection.execute(
            "select local_ref, case_ref, origin from reference_map where la_code = ? order by local_ref",
            [current_code(authority)],
        ).pl()
        return rows.cast(MAP_SCHEMA) if rows.height else empty_map()  # type: ignore[arg-type]

    def save_references(self, references: pl.DataFrame, authority: str) -> None:
        """Replace the authority's map by one that contains it; other authorities use the same local references."""
        con, code = self.connection, current_code(authority)
        arrow.load(con, "create or replace temp table _map as select * from incoming", references)
        with self.transaction():
            con.execute(
                "delete from reference_map as old where la_code = ? and not exists (from _map where _map.local_ref ="
                " old.local_ref and _map.case_ref = old.case_ref and _map.origin is not distinct from old.origin)",
                [code],
            )
            con.execute(
                "insert into reference_map select ?, local_ref, case_ref, origin from _map where not exists"
                " (from reference_map as old where old.la_code = ? and old.local_ref = _map.local_ref)"
                " order by local_ref",
                [code, code],
            )
        con.execute("drop table _map")

    def freeze(
        self,
        run: dict[str, Any],
        sections: Sections,
        references: pl.DataFrame,
        *,
        at: date | None = None,
        by: str | None = None,
    ) -> None:
        """Store a run's sections and the reference map. A repeated run replaces its own rows and becomes the newest.

        The ledger's line says that the run began.

        Args:
            run: the columns of ``runs`` without ``run_order``.
            sections: the nine sections by name, or a database that holds them as ``recorded.<section>``.
            references: the authority's map, all of it (``save_references``).
            at: when the run was started.
            by: who started it.
        """
        con = self.connection
        with self.transaction():
            row = con.execute(
                "select coalesce(max(run_order), 0) + 1, count(*) filter (where run_id = $run_id) from runs",
                {"run_id": run["run_id"]},
            ).fetchone()
            assert row is not None
            run_order, is_repeated = row
            con.execute("delete from runs where run_id = ?", [run["run_id"]])
            values = {**run, "run_order": run_order}
            con.execute(
                f"insert into runs ({', '.join(values)}) values ({', '.join('?' * len(values))})", list(values.values())
            )
            for section in SECTIONS:
                rows: arrow.Rows
                if isinstance(sections, duckdb.DuckDBPyConnection):
                    rows = sections.sql(f"select {', '.join(section.names)} from recorded.{section.name}")
                else:
                    rows = sections[section.name].select(section.names)
                self._record(section.name, rows, run["la_code"], run_order)
            self.save_references(references, run["la_code"])
            if is_repeated:
                history.forget_rows_of_no_run(con, run["la_code"])
            run_lines.add(self.connection, run["run_id"], "began", {}, at=at, by=by)

    def _record(self, name: str, rows: arrow.Rows, authority: str, run_order: int) -> None:
        with arrow.incoming(self.connection, rows):
            history.record(self.connection, name, "from incoming", authority, run_order)

    def _save(self, name: str, run_id: str, rows: pl.DataFrame) -> None:
        row = self.connection.execute(
            "select la_code, run_order, run_order = (select max(run_order) from runs as other"
            " where other.la_code = runs.la_code) from runs where run_id = ?",
            [run_id],
        ).fetchone()
        if row is None or not row[2]:
            raise ValueError("Only the authority's newest run can be written to: history is in the order of runs.")
        with self.transaction():
            self._record(name, rows, row[0], row[1])

    def save_findings(self, run_id: str, findings: pl.DataFrame) -> None:
        """Store a run's findings, without the place of the record in the export, which moves with every row above it.

        Raises:
            ValueError: the run is not the authority's newest one.
        """
        self._save("findings", run_id, findings.select(history.FINDING_COLUMNS))

    def save_selection(self, run_id: str, selection: pl.DataFrame) -> None:
        """Store which cases the quarter's return holds, and by which triggers.

        Raises:
            ValueError: the run is not the authority's newest one.
        """
        self._save("case_selection", run_id, selection)

    def save_spellings(self, run_id: str, spellings: pl.DataFrame) -> None:
        """Store the code that each spelling was read as: section, field, spelling, code.

        Raises:
            ValueError: the run is not the authority's newest one.
        """
        self._save(history.SPELLINGS.name, run_id, spellings)

    def keep_ledger(
        self,
        run_id: str,
        ledger: dict[str, Any],
        *,
        cells: pl.DataFrame | None = None,
        at: date | None = None,
        by: str | None = None,
    ) -> None:
        """Store a run's ledger, and the cells of its official tables, before the run has ended."""
        with self.transaction():
            if cells is not None:
                official_cells.save(self.connection, run_id, cells)
            self._put_ledger(run_id, ledger)
            run_lines.add(self.connection, run_id, "written", ledger, at=at, by=by)

    def save_ledger(
        self, run_id: str, ledger: dict[str, Any], result: str, *, at: date | None = None, by: str | None = None
    ) -> None:
        """Store a run's ledger and result: its outputs are in place. The line says which return it wrote."""
        with self.transaction():
            self._put_ledger(run_id, ledger)
            self.connection.execute("update runs set result = ? where run_id = ?", [result, run_id])
            run_lines.add(self.connection, run_id, "ended", ledger, at=at, by=by)

    def _put_ledger(self, run_id: str, ledger: dict[str, Any]) -> None:
        self.connection.execute("delete from ledger where run_id = ?", [run_id])
        self.connection.execute("insert into ledger values (?, ?)", [run_id, json.dumps(ledger, default=str)])

    def result_of(self, run_id: str) -> str | None:
        """How the run ended, or that it has not; None without the run."""
        row = self.connection.execute("select result from runs where run_id = ?", [run_id]).fetchone()
        return None if row is None else row[0]

    def running(self) -> list[tuple[str, str, str]]:
        """Id, authority and quarter of each run that is said to be at work."""
        return self.connection.execute(
            "select run_id, la_code, quarter from runs where result = ? order by run_order", [RUNNING]
        ).fetchall()

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

        A run that did not end is passed over.

        Raises:
            InputError: the file holds no run of that authority.
        """
        row = self.connection.execute(
            "select run_id, la_code, quarter, as_at, quarter = $quarter from runs"
            " where la_code = $authority and not list_contains($not_ended, coalesce(result, ''))"
            " order by quarter = $quarter desc, run_order desc limit 1",
            {"quarter": str(quarter), "authority": authority, "not_ended": NOT_ENDED},
        ).fetchone()
        if row is None:
            raise InputError(f"The warehouse holds no run of authority {authority}.")
        return StoredRun(row[0], row[1], Quarter.parse(row[2]), row[3], bool(row[4]))

    def sections_before(self, run_id: str, authority: str, quarter: Quarter) -> dict[str, pl.DataFrame] | None:
        """The sections of the quarter's newest run before this one, which need not be stored yet; None without one.

        A run that was asked for findings or metrics alone is none: it wrote nothing that could be compared.
        """
        row = self.connection.execute(
            f"select run_id from runs where la_code = $authority and quarter = $quarter and {IS_WHOLE}"
            " and run_id <> $run_id"
            " and not list_contains($not_ended, coalesce(result, ''))"
            " and coalesce(run_order < (select run_order from runs where run_id = $run_id), true)"
            " order by run_order desc limit 1",
            {"authority": authority, "quarter": str(quarter), "run_id": run_id, "not_ended": NOT_ENDED},
        ).fetchone()
        return None if row is None else self.sections(row[0])

    def only_authority(self) -> str:
        """The one authority that the file has runs of.

        Raises:
            UsageError: there are several.
            InputError: there is none.
        """
        rows = self.connection.execute("select distinct la_code from runs order by 1").fetchall()
        if len(rows) > 1:
            raise UsageError("The warehouse holds several authorities. Name one with --authority.")
        if not rows:
            raise InputError("The warehouse holds no run.")
        return str(rows[0][0])

    def newest_quarter(self, authority: str) -> Quarter:
        """The newest quarter that a run of the authority was made for.

        Raises:
            InputError: the file holds no run of that authority.
        """
        row = self.connection.execute(
            "select max(quarter) from runs where la_code = ? and not list_contains(?, coalesce(result, ''))",
            [authority, NOT_ENDED],
        ).fetchone()
        if row is None or row[0] is None:
            raise InputError(f"The warehouse holds no run of authority {authority}.")
        return Quarter.parse(row[0])

    def quarters(self, authority: str) -> list[Quarter]:
        """The quarters that a run of the authority was made for, in order; a run that did not end is passed over.

        Raises:
            InputError: the file holds no run of that authority.
        """
        rows = self.connection.execute(
            "select distinct quarter from runs where la_code = ?"
            " and not list_contains(?, coalesce(result, '')) order by 1",
            [authority, NOT_ENDED],
        ).fetchall()
        if not rows:
            raise InputError(f"The warehouse holds no run of authority {authority}.")
        return [Quarter.parse(quarter) for (quarter,) in rows]

    def settings_of(self, run_id: str) -> Settings:
        """The settings that the run was made with, from its ledger; the default ones for a run without a ledger."""
        return from_values((self.ledger_of(run_id) or {}).get("settings", {}))

    def sections(self, run_id: str, cases: Collection[str] | None = None) -> dict[str, pl.DataFrame]:
        """The nine sections as they were in the run; a field that the file has no column for yet is left out.

        ``cases``: only these cases.
        """
        which, params = ("", [run_id]) if cases is None else (" and list_contains(?, case_ref)", [run_id, [*cases]])
        found = {}
        for section in SECTIONS:
            known = history.columns_of(self.connection, section.name)
            listed = ", ".join(name for name in section.names if name in known)
            found[section.name] = self.connection.execute(
                f"select {listed} from snapshot_{section.name} where run_id = ?{which}", params
            ).pl()
        return found

    def forced_cases(self, run_id: str) -> pl.DataFrame:
        """The cases that the run was told to take in or leave out: case_ref, action, reason."""
        return self.connection.execute(
            "select case_ref, forced as action, reason from case_selection"
            " where run_id = ? and forced is not null order by case_ref",
            [run_id],
        ).pl()

    def earlier_runs(
        self, *, run_id: str, la_code: str, quarter: Quarter, as_at: date
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """What metrics that compare runs read besides the run in hand, which need not be stored yet.

        Returns:
            ``earlier_run``: one row per earlier quarter, the last run made for it, as at an earlier day: run_id,
            run_order, as_at.
            ``earlier_holder``: one row per case and span of runs in which officer and team were the same: case_ref,
            officer, team, from_run, until_run (numbers as run_order; without until_run it lasts).
        """
        runs = self.connection.execute(
            """
            select run_id, run_order, as_at
            from runs
            where la_code = $la_code and run_id <> $run_id and quarter <> $quarter and as_at < $as_at
                and not list_contains($not_ended, coalesce(result, ''))
            qualify row_number() over (partition by quarter order by run_order desc) = 1
            order by run_order
            """,
            {"la_code": la_code, "run_id": run_id, "quarter": str(quarter), "as_at": as_at, "not_ended": NOT_ENDED},
        ).pl()
        holders = self.connection.execute(
            """
            select kept.case_ref, kept.officer, kept.team, kept.from_run, ended.until_run
            from history.main as kept
            left join history.main_ended as ended on kept.row_no = ended.row_no
            where kept.authority = $la_code and kept.from_run <= $last
            order by all
            """,
            {"la_code": la_code, "last": runs["run_order"].max() if runs.height else -1},
        ).pl()
        return runs, holders

    def beside_figures(self, *, run_id: str, la_code: str) -> dict[str, pl.DataFrame]:
        """What the figures of a run rest on besides its cases, by the name of the table.

        Returns:
            ``run_file``: one row per file that the run was given: run_id, kind, name, sha256, content.
            ``confirmed_word``: one row per word that the authority has confirmed for sharing and not withdrawn.
            ``released``: one row per figure of each edition that has left: quarter, edition_no, run_id, made_on,
            relation, row_key, column_name, value.
        """
        asked = {
            "run_file": ("run_id = ?", run_id),
            "confirmed_word": ("la_code = ? and withdrawn_on is null", la_code),
            "released": ("la_code = ?", la_code),
        }
        return {
            table: self.connection.execute(f"select * from {table} where {condition} order by all", [value]).pl()
            for table, (condition, value) in asked.items()
        }
