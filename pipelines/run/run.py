"""One run: extract, link references, validate, freeze, transform, emit. The command and the flow call these steps."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from pipelines.authority import authority_name, check_authority
from pipelines.emit import returns
from pipelines.emit.findings.files import write_findings
from pipelines.emit.tables.files import write_tables
from pipelines.emit.tables.p1e import write_p1e
from pipelines.extract import Extracted, extract
from pipelines.findings import ERROR, combine
from pipelines.link import references
from pipelines.run import ledger
from pipelines.run.describe import describe
from pipelines.run.outcome import BLOCKED, CLEAN, EXIT, FAILED
from pipelines.run.outputs import OutputFolder
from pipelines.run.request import Request
from pipelines.run.steps import STEPS, Step
from pipelines.transform import build, selection
from pipelines.validate import Context, Validation, validate
from pipelines.warehouse.store import Warehouse

if TYPE_CHECKING:
    from pipelines.published.reader import PublishedWorkbook


class Run:
    """One run in progress. Call the steps in the order of ``STEPS``, or ``all()``."""

    def __init__(self, request: Request) -> None:
        check_authority(request.authority)
        request.quarter.check_has_return()
        self.request = request
        self.extracted: Extracted
        self.sections: dict[str, pl.DataFrame] = {}
        self.findings = combine([])
        self.validation: Validation
        self.selection: pl.DataFrame
        self.waivers: list[dict[str, Any]] = []
        self.excluded: list[str] = []
        self.problems: list[str] = []
        self.recount: dict[str, Any] = {}
        self.refused_personal_data = 0
        self.beside_published: dict[str, Any] = {}
        self.notices: list[str] = []
        if request.day < request.quarter.last_day:
            self.notices.append(
                f"The export was taken on {request.day}, before the quarter ended on {request.quarter.last_day}:"
                " this is a preview, not the quarter's return."
            )
        self.ledger: dict[str, Any] = {}
        self.run_id = ""
        self.profile = returns.load_profile(request.return_profile)
        self._waiver_rows = None
        if request.waivers:
            from pipelines.validate.waivers import read_waivers

            self._waiver_rows = read_waivers(request.waivers)
        self._migrations = references.read_migrations(request.migration_map) if request.migration_map else {}
        self._forced = selection.read_forced(request.forced_cases)
        self._published = self._read_published()
        self.folder = OutputFolder(request.out, request.authority, str(request.quarter))
        # The warehouse goes first: one run holds it at a time, so that a second one cannot clear the first one's work.
        self.warehouse = Warehouse(request.store)
        try:
            self.work = self.folder.begin()
        except BaseException:
            self.warehouse.close()
            raise

    # --- steps ---------------------------------------------------------------------------------------------------

    def extract(self) -> None:
        """Read the export into the nine sections."""
        request = self.request
        self.extracted = extract(request.export, request.source, authority=request.authority, as_at=request.day)
        self.run_id = self._identify()

    def link(self) -> None:
        """Put every row under the H-CLIC reference of its case."""
        known = self.warehouse.reference_map(self.request.authority)
        if self.request.reference_map:
            loaded = references.read_map(self.request.reference_map)
            known = pl.concat([known, loaded]).unique("local_ref", keep="first", maintain_order=True)
        resolved = references.resolve(
            self.extracted.sections,
            authority=self.request.authority,
            known=known,
            migrations=self._migrations,
        )
        self.sections, self.references = resolved.sections, resolved.map
        self._reference_findings = resolved.findings

    def validate(self) -> None:
        """Judge the sections by models, rules and cross-section checks; apply waivers."""
        request = self.request
        context = Context(authority=request.authority, quarter=request.quarter, as_at=request.day)
        self.validation = validate(self.sections, context)
        to_case = dict(zip(self.references["local_ref"], self.references["case_ref"], strict=True))
        read = self.extracted.findings.with_columns(pl.col("case_ref").replace(to_case))
        found = combine([read, self._reference_findings, self.validation.findings])
        if self._waiver_rows is not None:
            found, self.waivers = self._waiver_rows.under(to_case).apply(found, as_at=request.day)
        self.findings = combine([found])

    def freeze(self) -> None:
        """Keep the sections, the reference map and the findings in the warehouse under the run's id."""
        request = self.request
        self.warehouse.freeze(
            {
                "run_id": self.run_id,
                "la_code": request.authority,
                "quarter": str(request.quarter),
                "as_at": request.day,
                "source_profile": Path(request.source).name,
                "return_profile": self.profile.name,
                "software_version": ledger.software_version(),
                "result": "running",
            },
            self.sections,
            self.references,
        )
        self.warehouse.save_findings(self.run_id, self.findings)

    def transform(self) -> None:
        """Build staging and marts for the quarter and decide which cases its return holds."""
        request = self.request
        to_case = dict(zip(self.references["local_ref"], self.references["case_ref"], strict=True))
        forced = self._forced.with_columns(pl.col("case_ref").replace(to_case))
        if strange := forced.join(self.sections["main"], on="case_ref", how="anti").height:
            self.notices.append(f"{strange:,} of the forced cases are not in the export: check their references.")
        if request.exclude_cases_with_errors:
            self.excluded = sorted(set(self.errors["case_ref"].drop_nulls()))
            more = pl.DataFrame(
                [
                    {"case_ref": ref, "action": "exclude", "reason": f"has errors: {request.exclude_cases_with_errors}"}
                    for ref in self.excluded
                ],
                schema=selection.FORCED_SCHEMA,
            )
            forced = pl.concat([forced.filter(~pl.col("case_ref").is_in(self.excluded)), more])
        self.selection = build(
            self.warehouse.connection,
            run_id=self.run_id,
            la_code=request.authority,
            quarter=request.quarter,
            as_at=request.day,
            settings=request.settings,
            forced=forced,
        )
        self.warehouse.save_selection(self.run_id, self.selection)

    def emit_return(self) -> None:
        """Write the return, check it against the XSD, read it back and recount it; nothing if the run is blocked."""
        if self.blocked:
            if self.folder.keep_superseded():
                self.notices.append(
                    "The older return was moved to return.superseded/: it is not the state of these cases."
                )
            return
        con = self.warehouse.connection
        target = self.work / "return"
        target.mkdir()
        written = returns.write_return(
            con, self.profile, target, personal=self.request.personal, software_version=ledger.software_version()
        )
        checked = returns.check_return(written, con, self.profile)
        self.recount = checked.counts
        self.refused_personal_data = written.count_refused
        self.problems = [str(problem) for problem in checked.problems]
        self.notices += [str(problem) for problem in checked.warnings]
        if self.problems:
            shutil.rmtree(target)
            self.folder.keep_superseded()

    def emit_tables(self) -> None:
        """The tables that MHCLG publishes, and the former P1E form, from the council's own cases."""
        con = self.warehouse.connection
        write_tables(con, self.work / "tables")
        write_p1e(con, self.work / "tables" / "p1e.csv")
        if self._published is not None:
            from pipelines.emit.tables import reconcile

            found = reconcile.reconcile(con, self._published, authority=self.request.authority)
            reconcile.write(found, self.work / "tables" / "reconciliation.csv")
            differing = found.compared.filter(pl.col("difference") != 0)
            self.beside_published = {
                "edition": found.edition,
                "compared": found.compared.height,
                "differing": differing.height,
                "published_defects": differing.filter(pl.col("reason").str.starts_with("Published defect")).height,
                "headlines": [
                    {"what": what, "ours": ours, "published": theirs}
                    for what, ours, theirs in reconcile.headlines(found.cells)
                ],
            }

    def emit_metrics(self) -> None:
        """Local metrics: one CSV each, and the pages for managers."""
        from pipelines.metrics.emit import prepare_metrics, write_metrics

        con, folder = self.warehouse.connection, self.work / "metrics"
        prepare_metrics(con)
        write_metrics(con, folder, prepared=True)
        if not self.request.pages:
            return
        from pipelines.emit.pages import write_dashboard

        write_dashboard(
            con,
            folder,
            internal=True,
            software_version=ledger.software_version(),
            made=self.request.started,
            notes=(self.request.note,) if self.request.note else (),
            forecast=False,
        )

    def finish(self) -> None:
        """Write findings, reference map and ledger, and put the output folder in place."""
        request = self.request
        title = f"{authority_name(request.authority)} ({request.authority}), {request.quarter.words}"
        write_findings(
            self.findings, self.extracted.set_aside, self.work / "findings", title=title, made=request.started
        )
        self.references.write_csv(self.work / "reference_map.csv")
        self.ledger = describe(self, title, exit_status=EXIT[self.result])
        ledger.write(self.ledger, self.work / "ledger.json")
        self.warehouse.save_ledger(self.run_id, self.ledger, self.result)
        self.folder.commit()
        self.warehouse.close()

    def all(self) -> Iterator[Step]:
        """Do every step; yields each before it starts."""
        for step in STEPS:
            yield step
            getattr(self, step.name)()

    # --- what came of it -----------------------------------------------------------------------------------------

    @property
    def errors(self) -> pl.DataFrame:
        """The error findings, one row each."""
        return self.findings.filter(pl.col("severity") == ERROR)

    @property
    def not_run(self) -> pl.DataFrame:
        """Rules that could not run: one row per rule."""
        return self.validation.rules.filter(pl.col("status") == "not run")

    @property
    def blocking(self) -> pl.DataFrame:
        """The error findings that block the return: all but those of cases left out for their errors."""
        errors = self.errors
        return errors.filter(pl.col("case_ref").is_null() | ~pl.col("case_ref").is_in(self.excluded))

    @property
    def blocked(self) -> bool:
        """Whether the return may not be written."""
        return bool(self.blocking.height or self.not_run.height)

    @property
    def result(self) -> str:
        """``clean``, ``blocked`` (findings), or ``failed`` (the return failed its own check)."""
        return BLOCKED if self.blocked else FAILED if self.problems else CLEAN

    def close(self) -> None:
        """Close the warehouse, and clear away what a run that stopped has written."""
        self.warehouse.close()
        self.folder.discard()

    def _read_published(self) -> PublishedWorkbook | None:
        """The published workbook, read before anything is written: a wrong one must not stop a run half-way."""
        if self.request.published is None:
            return None
        from pipelines.published.reader import read_workbook

        return read_workbook(self.request.published)

    def files_beside(self) -> list[dict[str, Any]]:
        """One entry per file beside the export that had a part in the run: what it is, its name and SHA-256."""
        request = self.request
        beside = {
            "waivers": request.waivers,
            "forced_cases": request.forced_cases,
            "reference_map": request.reference_map,
            "migration_map": request.migration_map,
            "published": request.published,
        }
        return [
            {"what": what, "name": path.name, "sha256": ledger.sha256_of(path)} for what, path in beside.items() if path
        ]

    def _identify(self) -> str:
        request = self.request
        parts = [
            request.authority,
            str(request.quarter),
            str(request.day),
            self.source()["sha256"],
            self.profile.sha256,
            ledger.software_version(),
            *(f"{item.name}:{item.sha256}" for item in self.extracted.files),
        ]
        for extra in (request.waivers, request.forced_cases, request.migration_map):
            parts.append(ledger.sha256_of(extra) if extra else "")
        parts.append(request.exclude_cases_with_errors or "")
        return f"{request.authority}-{request.quarter}-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:12]}"

    def source(self) -> dict[str, str]:
        """Name and SHA-256 of the source profile."""
        path = Path(self.request.source)
        shipped = files("schemas") / "sources" / f"{self.request.source}.toml"
        text = shipped.read_bytes() if shipped.is_file() else path.read_bytes()
        return {"name": path.name, "sha256": hashlib.sha256(text).hexdigest()}


@contextmanager
def open_run(request: Request) -> Iterator[Run]:
    """A run that is closed whatever happens."""
    run = Run(request)
    try:
        yield run
    finally:
        run.close()


__all__ = ["EXIT", "Run", "open_run"]
