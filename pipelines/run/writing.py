"""The steps that write: the return, the tables, the metrics, and what says how it all came about."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from pipelines.authority import authority_name
from pipelines.findings import SCHEMA as FINDINGS
from pipelines.run import ledger, storing
from pipelines.run.database import RunDatabase
from pipelines.run.describe import describe
from pipelines.run.judging import digests
from pipelines.run.notes import read_again
from pipelines.run.outcome import is_blocked, state_of
from pipelines.run.outputs import OutputFolder
from pipelines.run.page import findings_page, lines_of_run, rules_not_run
from pipelines.run.request import Request
from pipelines.state import RunState
from pipelines.validate import Context
from pipelines.validate.sent import fault_sentences, sent_faults
from pipelines.warehouse.history import OFFICIAL_CELLS

if TYPE_CHECKING:
    import duckdb

    from pipelines.emit.pages import Dashboard
    from pipelines.metrics.emit import Frames


def emit_return(database: RunDatabase, request: Request) -> None:
    """Write the return, check it against the XSD, read it back and recount it; nothing if the run is blocked."""
    from pipelines.emit import returns

    folder = OutputFolder.of(request)
    database.put(recount={}, people_who_refused=0, return_problems=[])
    if is_blocked(database):
        if folder.keep_superseded():
            database.say("The older return was moved to return.superseded/: it is not the state of these cases.")
        return
    context = Context(request.authority, request.quarter, request.day, request.settings)
    if faults := fault_sentences(sent_faults(database.con, database.rows("findings"), context)):
        database.put(return_problems=faults)
        folder.keep_superseded()
        return
    target = folder.outputs / "return"
    target.mkdir()
    profile = returns.load_profile(request.return_profile)
    written = returns.write_return(
        database.con, profile, target, personal=request.personal, software_version=ledger.software_version()
    )
    checked = returns.check_return(written, database.con, profile)
    problems = [str(problem) for problem in checked.problems]
    if profile.has_schematron and digests(written.by_kind) != database.get("judged"):
        problems.append("The return is not the one that the Schematron judged: a fault of hclic, please report it.")
    database.put(recount=checked.counts, people_who_refused=written.count_refused, return_problems=problems)
    if problems:
        shutil.rmtree(target)
        folder.keep_superseded()
    elif profile.files["case"].profile.form != "one":
        count = len(written.by_kind["case"])
        database.say(f"The case file is in {count:,} documents: return/documents.csv says which cases are in which.")


def emit_tables(database: RunDatabase, request: Request) -> None:
    """The tables that MHCLG publishes, and the former P1E form, from the council's own cases."""
    from pipelines.emit.tables.files import lay_down, tables_of
    from pipelines.emit.tables.p1e import write_p1e

    folder = database.outputs / "tables"
    beside: dict[str, Any] = {}
    published = None if request.published is None else database.rows("published")
    with database.reading() as con:
        made = tables_of(con, state=state_of(database, request), published=published)
        lay_down(made, folder)
        write_p1e(con, folder / "p1e.csv", state=state_of(database, request))
    if published is not None:
        from pipelines.emit.tables import reconcile, reconcile_book
        from pipelines.published.reader import PublishedWorkbook

        book = PublishedWorkbook(tidy=published, **database.get("published"))
        with database.reading() as con:
            found = reconcile.reconcile(
                con,
                book,
                authority=request.authority,
                earlier=lambda: storing.sections_before(request, database.get("run_id")),
            )
        reconcile_book.write(found, folder / "reconciliation.csv", state=state_of(database, request), as_at=request.day)
        beside = {
            "edition": found.edition,
            "compared": found.compared.height,
            "differing": found.differing.height,
            "published_defects": found.count_defects,
            "not_read": found.not_read.replace("--headings", "--published-headings"),
            "headlines": [{"what": what, "ours": ours, "published": theirs} for what, ours, theirs in found.headlines],
        }
    database.keep(OFFICIAL_CELLS.name, made.internal.rename({"table": "official_table"}))
    database.put(beside_published=beside)


def emit_metrics(database: RunDatabase, request: Request) -> None:
    """Local metrics: one CSV each, and the pages for managers."""
    from pipelines.metrics.emit import Frames, prepare_metrics, write_metrics

    folder, state = database.outputs / "metrics", state_of(database, request)
    with database.reading() as con:
        prepare_metrics(con)
        frames = Frames(con)
        dashboard = _dashboard(con, request, state, frames) if request.pages else None
        write_metrics(con, folder, prepared=True, frames=frames)
        if dashboard:
            # Before it is written: what leaves is printed again by every edition to come.
            storing.save_released(database, request, dashboard.figures)
            dashboard.write(folder)


def _dashboard(con: duckdb.DuckDBPyConnection, request: Request, state: RunState, frames: Frames) -> Dashboard:
    from pipelines.emit.pages import Dashboard

    return Dashboard(
        con,
        internal=True,
        software_version=ledger.software_version(),
        made=request.started,
        state=state,
        notes=(request.note,) if request.note else (),
        frames=frames,
    )


def emit_worklists(database: RunDatabase, request: Request) -> None:
    """What officers are asked about, as a workbook and as a page."""
    from pipelines.worklists.about import About
    from pipelines.worklists.lists import worklists
    from pipelines.worklists.write import write_worklists

    with database.reading() as con:
        lists = worklists(con)
    about = About(
        authority=request.authority,
        quarter=request.quarter,
        day=request.day,
        state=state_of(database, request),
        software_version=ledger.software_version(),
        made=request.started,
        notes=(request.note,) if request.note else (),
    )
    write_worklists(lists, database.outputs / "worklists", about)
    database.put(worklists={one.ident: one.rows.height for one in lists})


def emit_findings(database: RunDatabase, request: Request) -> None:
    """Write the findings and the rows set aside: CSV files, workbooks for officers, and a page of it all."""
    from pipelines.emit.findings.files import PRIVATE, write_findings
    from pipelines.emit.findings.workbook import Contents
    from pipelines.emit.pages.findings import write_page
    from pipelines.emit.pages.rules import write_rules

    findings = database.rows("findings").select(list(FINDINGS))
    set_aside, folder = database.rows("rows_set_aside"), database.outputs / "findings"
    lines = lines_of_run(database, request)
    contents = Contents(
        title=_title(request),
        state=state_of(database, request),
        as_at=request.day,
        lines=lines.findings,
        resolved=lines.resolved,
        set_aside=set_aside,
        not_run=rules_not_run(database),
        made=request.started,
        notices=(request.note,) if request.note else (),
    )
    write_findings(findings, set_aside, folder, contents, by=request.by)
    if database.get("judged"):
        compared = folder / "official_compared.csv"
        database.rows("official_compared").write_csv(compared)
        compared.chmod(PRIVATE)
    page = findings_page(database, request, lines)
    write_page(page, folder)
    write_rules([*page.findings["rule_id"], *page.resolved["rule_id"]], folder)


def finish(database: RunDatabase, request: Request) -> None:
    """Write reference map and ledger."""
    database.rows("reference_map").write_csv(database.outputs / "reference_map.csv")
    read_again(database, request)
    book = describe(database, request, _title(request))
    ledger.write(book, database.outputs / "ledger.json")
    storing.keep_ledger(database, request, book)
    database.put(result=book["result"])


def _title(request: Request) -> str:
    return f"{authority_name(request.authority)} ({request.authority}), {request.quarter.words}"
