"""What the ledger of a run holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from pipelines.authority import authority_name
from pipelines.run import ledger

if TYPE_CHECKING:
    from pipelines.run.run import Run


def describe(run: Run, title: str, *, exit_status: int) -> dict[str, Any]:
    """The ledger of a run that has emitted all its outputs: counts, versions and digests, no value from the data."""
    request = run.request
    rules = run.validation.rules
    selected = run.selection.filter(pl.col("is_selected"))
    return {
        "title": title,
        "result": run.result,
        "exit_status": exit_status,
        "run_id": run.run_id,
        "authority": {"code": request.authority, "name": authority_name(request.authority)},
        "quarter": {
            "id": str(request.quarter),
            "words": request.quarter.words,
            "delta_round": request.quarter.delta_round,
            "first_day": request.quarter.first_day,
            "last_day": request.quarter.last_day,
        },
        "as_at": request.day,
        "software_version": ledger.software_version(),
        "rule_set_version": ledger.rules_version(),
        "codes_version": ledger.codes_version(),
        "settings": {name: getattr(request.settings, name) for name in request.settings.__dataclass_fields__},
        "source_profile": run.source(),
        "return_profile": run.profile.describe(),
        "inputs": [
            {
                "name": item.name,
                "sha256": item.sha256,
                "bytes": item.bytes,
                "rows_read": item.rows_read,
                "rows_loaded": item.rows_loaded,
                "rows_set_aside": item.rows_set_aside,
            }
            for item in run.extracted.files
        ],
        "files_beside": run.files_beside(),
        "sections": {name: part.height for name, part in run.sections.items()},
        "cases": {
            "in_export": run.sections["main"].height,
            "in_return": selected.height,
            "forced": run.selection["forced"].count(),
            "people_who_refused_personal_data": run.refused_personal_data,
            "excluded_for_errors": {"reason": request.exclude_cases_with_errors, "cases": run.excluded},
        },
        "findings": {
            "errors": run.errors.height,
            "warnings": run.findings.height - run.errors.height,
            "blocking": run.blocking.height,
            "by_rule": ledger.findings_by_rule(run.findings),
        },
        "rules": {
            "run": rules.filter(pl.col("status") == "run").height,
            "not_run": run.not_run.select("rule_id", "reason").to_dicts(),
        },
        "waivers": run.waivers,
        "recount": run.recount,
        "return_problems": run.problems,
        "beside_published": run.beside_published,
        "notices": run.notices,
        "outputs": ledger.outputs(run.work),
        "times": {"started": request.started.isoformat(timespec="seconds")},
    }
