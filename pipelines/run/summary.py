"""What a run says at its end: a screenful of counts. No value from the data."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.extract.accounting import account
from pipelines.findings import OF_THE_EXPORT
from pipelines.run.concern import count_errors
from pipelines.run.life import sentences
from pipelines.run.outcome import BLOCKED, CLEAN
from pipelines.run.request import CHECK, METRICS
from pipelines.validate.catalogue import words_of

PROVISIONAL = (
    "PROVISIONAL: MHCLG's XSD, Schematron and code values are not public. This return was checked against our own"
    " XSD only; nothing here claims that DELTA will accept it."
)

UNCHANGED = (
    "UNCHANGED: inputs, options and software are those of the last run. Its outputs were read again and are as it wrote"
    " them; nothing was made anew."
)

OF_A_PACK = "what the Schematron of the return profile says; in words in findings/findings.xlsx"

ONLY_WORDS = {CHECK: "findings and worklists", METRICS: "metrics and pages"}
"""What a part of a run that is asked for alone writes."""

SHOWN = 10
"""Problems and notices that fit a screenful; the ledger holds all."""


def ledger_in(folder: Path) -> dict[str, Any]:
    """The ledger of the outputs in a quarter's folder."""
    book: dict[str, Any] = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
    return book


def summarise(folder: Path) -> str:
    """What was read, found, written and where: the ledger of the outputs in a quarter's folder, for the screen."""
    book = ledger_in(folder)
    lines = [
        f"{book['title']}  [{book['quarter']['delta_round']}]",
        f"Export as at {book['as_at']}, source profile {book['source_profile']['name']}, run {book['run_id']}",
        "",
        "Read",
    ]
    lines += account(book["inputs"], book["inputs_not_read"], book["source_profile_steps"])
    lines += [
        "",
        f"Found     {count_errors(book['findings']['blocking'], book['findings']['errors'])},"
        f" {book['findings']['warnings']:,} warnings",
        f"          ({book['rules']['run']:,} rules and model constraints run,"
        f" {len(book['rules']['not_run'])} not run)",
    ]
    first, *more = sentences(book["findings"]["life"], date.fromisoformat(book["as_at"]))
    lines += [f"Findings  {first}", *(f"          {line}" for line in more)]
    errors = [(item["rule_id"], item["blocking"]) for item in book["findings"]["by_rule"] if item["blocking"]]
    # What is wrong with the export itself goes first: much of the rest may follow from it.
    errors.sort(key=lambda item: (not re.match(OF_THE_EXPORT, item[0]), -item[1], item[0]))
    for rule_id, count in errors[:SHOWN]:
        words = book["findings"]["of_the_export"].get(rule_id) or words_of(rule_id) or OF_A_PACK
        lines.append(f"  {rule_id:10} {count:,} blocking: {words}")
    if len(errors) > SHOWN:
        lines.append(f"  … and {len(errors) - SHOWN:,} more rules: ledger.json, findings")
    lines += [
        f"Return    {book['cases']['in_return']:,} of {book['cases']['in_export']:,} cases belong to the quarter",
    ]
    if book["cases"]["excluded_for_errors"]["reason"]:
        lines.append(
            f"          {len(book['cases']['excluded_for_errors']['cases']):,} cases with errors were left out:"
            f" {book['cases']['excluded_for_errors']['reason']}"
        )
    if only := book.get("only"):
        stands = "what blocks it stands above" if book["result"] == BLOCKED else "nothing blocks it"
        lines.append(f"          not written: only {ONLY_WORDS[only]} were asked for; {stands}")
    elif book["result"] == CLEAN:
        lines.append("          written, valid against the XSD, read back and recounted: no difference")
    elif book["result"] == BLOCKED:
        lines.append("          BLOCKED: no return was written. Correct the errors in findings/findings.xlsx")
    else:
        lines.append("          FAILED its own check: no return was written")
        problems = book["return_problems"]
        lines += [f"            {problem}" for problem in problems[:SHOWN]]
        if len(problems) > SHOWN:
            lines.append(f"            … and {len(problems) - SHOWN:,} more: ledger.json, return_problems")
    notices = book["notices"]
    lines += [f"Note      {notice}" for notice in notices[:SHOWN]]
    if len(notices) > SHOWN:
        lines.append(f"Note      … and {len(notices) - SHOWN:,} more: ledger.json, notices")
    lines += _beside_published(book["beside_published"])
    lines += ["", f"Written   {folder}"]
    folders = sorted(
        {item["path"] if "/" not in item["path"] else item["path"].split("/")[0] + "/" for item in book["outputs"]}
    )
    lines.append(f"          {', '.join([*folders, 'ledger.json'])}")
    if book["return_profile"]["provisional"] and not only:
        lines += ["", PROVISIONAL]
    return "\n".join(lines)


def _beside_published(beside: dict[str, Any]) -> list[str]:
    if not beside:
        return []
    lines = ["", f"{'Beside MHCLG’s published figures':40} {'ours':>8} {'published':>10}"]
    lines += [f"  {row['what']:38} {row['ours']:>8} {row['published']:>10}" for row in beside["headlines"]]
    lines.append(
        f"  {beside['compared']:,} published cells compared, {beside['differing']:,} differ"
        f" ({beside['published_defects']:,} of them are known defects in print): tables/reconciliation.csv"
    )
    lines += [f"  {beside['not_read']}"] if beside.get("not_read") else []
    return lines


def counts_without_personal_data(folder: Path) -> list[dict[str, Any]]:
    """One row per count, for the flow's artifact: rows per file, cases, findings by rule."""
    book = ledger_in(folder)
    rows: list[dict[str, Any]] = [{"what": "result", "count": book["result"]}]
    for item in book["inputs"]:
        for what in ("rows_read", "rows_loaded", "rows_set_aside", "rows_left_out"):
            rows.append({"what": f"{item['name']}: {what.replace('_', ' ')}", "count": item[what]})
    rows += [{"what": f"{item['name']}: not read", "count": item["why"]} for item in book["inputs_not_read"]]
    rows += [
        {"what": "cases in the export", "count": book["cases"]["in_export"]},
        {"what": "cases in the return", "count": book["cases"]["in_return"]},
        {"what": "errors that block", "count": book["findings"]["blocking"]},
        {"what": "errors on cases that are not in this return", "count": book["findings"]["not_in_return"]},
        {"what": "warnings", "count": book["findings"]["warnings"]},
    ]
    rows += [
        {"what": f"findings of {item['rule_id']} ({item['severity']})", "count": item["findings"]}
        for item in book["findings"]["by_rule"]
    ]
    return rows


_PLACES = {
    "the return": "return",
    "findings, as a page": "findings/findings.html",
    "findings, to work through": "findings/findings.xlsx",
    "worklists, as a page": "worklists/worklists.html",
    "the managers' page": "metrics/dashboard.html",
    "the official tables": "tables/official.xlsx",
    "what was run on which bytes": "ledger.json",
}


def places_without_personal_data(folder: Path) -> str:
    """Where the outputs stand, for the flow's artifact: a list of links, which open on the machine that made them."""
    there = [(what, folder / name) for what, name in _PLACES.items() if (folder / name).exists()]
    lines = [f"- [{what}]({path.absolute().as_uri()}): `{path.absolute()}`" for what, path in there]
    return "\n".join(
        ["They hold personal data and stay where they are: nothing of them is kept by Prefect.", "", *lines]
    )
