"""The quality report as pages: no script, nothing to fetch; to read on a phone and to print."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pipelines.authority import authority_name
from pipelines.emit.pages.templating import render
from pipelines.emit.pages.words import day, number
from pipelines.submission.qa.asked import Asked, Change
from pipelines.submission.qa.catalogue import PARTS, Total
from pipelines.submission.qa.report import Report
from pipelines.submission.qa.words import (
    ASKED_ABOUT,
    BEHIND,
    INTERNAL,
    MEASURES,
    WHICH_AFTER_MARK,
    nothing_asked,
    sources,
    standing,
    state_of,
    still_open,
    thresholds,
)

REPORT, CASES = "quality_report.html", "quality_cases.html"
NOT_KNOWN = "not known"


def report_page(report: Report, made: datetime, software: str) -> str:
    """The page without case references: what is to be explained, every total, what must hold."""
    return render(
        "quality.html",
        **_frame(report, made, software, "Quality report of the return"),
        notes=list(report.provisional),
        still_open=still_open(report),
        standing=standing(report),
        is_open=bool(report.names_missing),
        asked=_asked(report),
        open_changes=len(report.missing),
        asked_about=ASKED_ABOUT,
        nothing_asked=nothing_asked(report),
        measures=MEASURES,
        compared=[str(one.quarter) for one in report.compared],
        parts=_parts(report),
        checks=report.checks,
        broken=report.broken,
        sources=[*sources(report), *report.remarks],
        thresholds=thresholds(report.settings),
        digests=sorted(report.returned.digests.items()),
        ledger_head=report.ledger_head,
        software_of_return=report.software_of_return,
        cases=CASES,
    )


def cases_page(report: Report, made: datetime, software: str) -> str:
    """The page of the cases behind every total."""
    return render(
        "quality_cases.html",
        **_frame(report, made, software, "Cases behind the totals of the return"),
        notes=[BEHIND, WHICH_AFTER_MARK, *sources(report)[:1], *report.remarks],
        parts=[
            {
                "title": PARTS[part],
                "totals": [
                    {
                        "ident": total.ident,
                        "label": total.label,
                        "count": NOT_KNOWN if (value := report.counted.values[total.ident]) is None else number(value),
                        "references": ", ".join(report.counted.references.get(total.ident, ())),
                    }
                    for total in report.totals
                    if total.part == part
                ],
            }
            for part in PARTS
        ],
        report=REPORT,
    )


def _frame(report: Report, made: datetime, software: str, name: str) -> dict[str, Any]:
    zone = " UTC" if made.utcoffset() is not None else ""
    return {
        "name": name,
        "authority": authority_name(report.authority),
        "quarter": report.quarter,
        "edition": INTERNAL,
        "state": report.state,
        "software_version": software,
        "made_on": day(made.date()),
        "made_at": f"{made:%H:%M}{zone}",
    }


def _asked(report: Report) -> list[dict[str, Any]]:
    """The totals that are to be explained, each with its changes."""
    of_total: dict[str, list[Asked]] = {}
    for one in report.asked:
        of_total.setdefault(one.change.total.ident, []).append(one)
    return [
        {
            "ident": ident,
            "label": asked[0].change.total.label,
            "value": number(asked[0].change.value),
            "is_open": any(one.explained is None for one in asked),
            "changes": [
                {
                    "name": one.change.earlier.name,
                    "quarter": one.change.earlier.quarter.words,
                    "was": number(one.change.was),
                    "change": _difference(one.change),
                    "state": state_of(one),
                    "explanation": one.explained.explanation if one.explained else "",
                }
                for one in asked
            ],
        }
        for ident, asked in of_total.items()
    ]


def _difference(change: Change) -> str:
    sign = "+" if change.difference > 0 else "−" if change.difference < 0 else ""
    share = "" if change.share is None or not change.difference else f" ({sign}{abs(change.share):.0%})"
    return f"{sign}{number(abs(change.difference))}{share}"


def _parts(report: Report) -> list[dict[str, Any]]:
    asked = {one.change.total.ident for one in report.asked}
    missing = {one.change.total.ident for one in report.missing}
    return [
        {
            "title": title,
            "totals": [
                _total(report, one, is_asked=one.ident in asked, is_missing=one.ident in missing)
                for one in report.totals
                if one.part == part
            ],
        }
        for part, title in PARTS.items()
    ]


def _total(report: Report, total: Total, *, is_asked: bool, is_missing: bool) -> dict[str, Any]:
    changes = report.changes_of(total)
    value = report.counted.values[total.ident]
    beside = []
    for one in report.compared:
        was, change = one.value(total), changes.get(one.quarter)
        beside.append(
            (
                NOT_KNOWN if was is None else number(was),
                NOT_KNOWN if change is None else _difference(change),
                change is not None and change.is_asked(report.settings),
            )
        )
    return {
        "ident": total.ident,
        "label": total.label,
        "table": total.table,
        "definition": total.definition,
        "value": NOT_KNOWN if value is None else number(value),
        "has_cases": bool(value),
        "beside": beside,
        "told": "To explain" if is_missing else "Explained" if is_asked else "",
    }
