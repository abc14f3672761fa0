"""What the ledger of a run holds."""

from __future__ import annotations

from typing import Any

import polars as pl

from pipelines.address import is_address
from pipelines.authority import authority_name
from pipelines.findings import ERROR, is_blocking
from pipelines.findings import SCHEMA as FINDINGS
from pipelines.run import ledger
from pipelines.run.database import RunDatabase
from pipelines.run.life import not_asked
from pipelines.run.outcome import EXIT, count_blocking, result_of
from pipelines.run.request import Request
from pipelines.settings import values
from pipelines.transform import RECORDED
from pipelines.validate.kinds import EXPORT_KINDS
from schemas.sections import SECTIONS

_ERRORS = "select count(*) from main.findings where severity = 'error'"
_RUN = "select count(*) from main.rule_states where status = 'run'"
_NOT_RUN = "select rule_id, reason from main.rule_states where status = 'not run' order by rowid"
_COUNTED = ("name", "sha256", "bytes", "rows_read", "rows_loaded", "rows_set_aside", "rows_left_out")


def describe(database: RunDatabase, request: Request, title: str) -> dict[str, Any]:
    """The ledger of a run that has written all its outputs: counts, versions and digests, no value from the data."""
    get, count = database.get, database.count
    result = result_of(database)
    findings = database.rows("findings").select(list(FINDINGS))
    errors = count(_ERRORS)
    sections = {one.name: count(f"select count(*) from {RECORDED}.{one.name}") for one in SECTIONS}
    not_run = database.con.execute(_NOT_RUN).fetchall()
    return {
        "title": title,
        "result": result,
        "exit_status": EXIT[result],
        "run_id": get("run_id"),
        "authority": {"code": request.authority, "name": authority_name(request.authority)},
        "quarter": {
            "id": str(request.quarter),
            "words": request.quarter.words,
            "delta_round": request.quarter.delta_round,
            "first_day": request.quarter.first_day,
            "last_day": request.quarter.last_day,
        },
        "as_at": request.day,
        **({"only": request.only} if request.only else {}),
        "software_version": ledger.software_version(),
        "software": ledger.software(),
        "rule_set_version": ledger.rules_version(),
        "codes_version": ledger.codes_version(),
        "made_from": get("digest"),
        **({"revision": {"number": request.revision_no, "reason": request.revision}} if request.revision else {}),
        "settings": values(request.settings),
        "source_profile": get("source_profile"),
        "return_profile": get("return_profile"),
        "inputs": [{name: item[name] for name in _COUNTED} for item in get("files")],
        "inputs_not_read": get("files_not_read"),
        **({"database": address} if is_address(address := get("request")["export"]) else {}),
        "source_profile_steps": get("steps_of_profile"),
        "files_beside": get("files_beside"),
        "compared_with": get("compared_with"),
        "steps": [*database.done(), database.at_work],
        "sections": sections,
        "cases": {
            "in_export": sections["main"],
            "open": count(f"select count(*) from {RECORDED}.cases where case_closed_date is null"),
            "in_return": count("select count(*) from main.case_selection where is_selected"),
            "forced": count("select count(forced) from main.case_selection"),
            "people_who_refused_personal_data": get("people_who_refused") or 0,
            "excluded_for_errors": {"reason": request.exclude_cases_with_errors, "cases": get("excluded")},
        },
        "findings": {
            "errors": errors,
            "warnings": findings.height - errors,
            "blocking": count_blocking(database),
            "not_in_return": errors - count_blocking(database),
            "by_kind": ledger.findings_by_kind(findings),
            "by_rule": ledger.findings_by_rule(findings),
            "life": get("life"),
            "of_the_export": _of_the_export(findings),
        },
        "rules": {
            "run": count(_RUN),
            "not_run": [{"rule_id": rule_id, "reason": reason} for rule_id, reason in not_run],
            "not_asked": not_asked(database.rows("rule_states")),
        },
        "waivers": get("waivers"),
        "waivers_kept": count("select count(*) from main.waivers_kept"),
        "notes": get("notes"),
        "worklists": get("worklists") or {},
        "recount": get("recount") or {},
        "return_problems": get("return_problems") or [],
        "beside_published": get("beside_published") or {},
        "notices": database.notices(),
        "outputs": ledger.outputs(database.outputs),
        "times": {"started": request.started.isoformat(timespec="seconds")},
    }


def _of_the_export(findings: pl.DataFrame) -> dict[str, str]:
    """Rule id and sentence of each error that lies in the export as a whole: days, counts and run ids only."""
    kinds = [one.id for one in EXPORT_KINDS.values() if one.severity == ERROR]
    told = findings.filter(is_blocking() & pl.col("rule_id").is_in(kinds))
    return dict(told.select("rule_id", "message").sort("rule_id").iter_rows())
