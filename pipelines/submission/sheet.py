"""The sheet of a sign-off: who, when, why, levels of checking, files with digests, and where the ledger stood.

It is written as a page and as JSON from what the warehouse keeps, so that it can be written again. What it prints of
the ledger can be held against the ledger later: ``digests_of`` reads it back, also from a page that was saved as text.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.authority import authority_name
from pipelines.emit.pages.page import INTERNAL
from pipelines.emit.pages.templating import render
from pipelines.errors import InputError, UsageError
from pipelines.period import Quarter, in_words
from pipelines.run import ledger
from pipelines.run.frozen import SHEET, SHEETS
from pipelines.state import state_in
from pipelines.submission.places import RETURN
from pipelines.warehouse import chain, sign_offs
from pipelines.warehouse.store import Warehouse
from pipelines.whole import into
from schemas.sections import SECTIONS

PAGE = "sign_off.html"
LARGEST = 4 * 1024**2
"""Bytes of a sheet that is read back."""
CLAIM = (
    "It records what this authority's own staff said of the return. It does not say that MHCLG or DELTA accepts it, nor"
    " that it conforms to MHCLG's files."
)
_PRINTED = re.compile(r"line\s+(\d+)\D{0,40}?\s([0-9a-f]{64})\b", re.IGNORECASE)


def write(
    store: Warehouse, authority: str, quarter: Quarter, run_id: str, book: Mapping[str, Any], folder: Path
) -> None:
    """Write both forms of the sheet of a run's return into ``sign_off/`` of its outputs, in place of older ones.

    Raises:
        UsageError: the folder cannot be written.
    """
    told = told_of(store, authority, quarter, run_id, book)
    place = folder / SHEETS
    try:
        with into(place) as new:
            (new / PAGE).write_bytes(_page(told, quarter, book).encode())
            (new / SHEET).write_bytes((json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode())
    except OSError:
        raise UsageError(
            f"The sheet could not be written into {place}. What was said is kept in the warehouse: write the sheet"
            " again with hclic signoff sheet."
        ) from None


def told_of(store: Warehouse, authority: str, quarter: Quarter, run_id: str, book: Mapping[str, Any]) -> dict[str, Any]:
    """What the sheet says, as the JSON form has it."""
    con = store.connection
    states = [one for one in sign_offs.states(con, authority, quarter) if one.run_id == run_id]
    signed = next(one for one in states if one.state == sign_offs.SIGNED_OFF)
    lines = {line.line_no: line.digest for line in chain.lines(con)}
    sizes = {item["path"]: item["bytes"] for item in book.get("outputs", ())}
    recount = book.get("recount") or {}
    return {
        "sheet": "sign-off of a homelessness return (H-CLIC)",
        "authority": {"code": authority, "name": authority_name(authority)},
        "quarter": {"id": str(quarter), "words": quarter.words, "delta_round": quarter.delta_round},
        "run_id": run_id,
        "state": states[-1].state,
        "states": [
            {"state": one.state, "by": one.said_by, "at": one.said_at, "why": one.why, "ledger_line": one.line_no}
            for one in states
        ],
        "levels": {one.name: signed.levels.get(one.name) for one in SECTIONS},
        "fit_to_publish": signed.details.get("fit_to_publish"),
        "evidence": signed.details.get("evidence"),
        "one_person": signed.details.get("one_person"),
        "receipts": [one.details["receipt"] for one in states if "receipt" in one.details],
        "files": [
            {"name": file.name, "bytes": sizes.get(f"{RETURN}/{file.name}", len(file.content)), "sha256": file.sha256}
            for file in sign_offs.frozen_files(con, run_id)
        ],
        "totals": {
            kind: {name: counts["file"] for name, counts in totals.items() if ":" not in name}
            for kind, totals in recount.items()
        },
        "supersedes": signed.details.get("supersedes"),
        "ledger": [{"line": one.line_no, "digest": lines.get(one.line_no), "state": one.state} for one in states],
        "return_profile": (book.get("return_profile") or {}).get("means"),
        "claim": CLAIM,
        "software_version": ledger.software_version(),
    }


def digests_of(path: Path) -> list[tuple[int, str]]:
    """Number and digest of each line of the ledger that a sheet prints, JSON, page or text.

    Raises:
        InputError: the file cannot be read, or prints none.
    """
    try:
        with path.open("rb") as handle:
            text = handle.read(LARGEST).decode("utf-8", errors="replace")
    except OSError:
        raise InputError(f"The sheet {path.name} cannot be read.") from None
    found: list[tuple[int, str]] = []
    with suppress(ValueError, KeyError, TypeError, AttributeError):
        found = [(int(one["line"]), str(one["digest"]).lower()) for one in json.loads(text)["ledger"]]
    if not found:
        plain = html.unescape(re.sub(r"<[^>]*>", " ", text))
        found = [(int(number), digest.lower()) for number, digest in _PRINTED.findall(plain)]
    if not found:
        raise InputError(f"The file {path.name} prints no line of a ledger: give the sheet of a sign-off.")
    return found


def _page(told: Mapping[str, Any], quarter: Quarter, book: Mapping[str, Any]) -> str:
    newest = told["states"][-1]
    made = datetime.fromisoformat(newest["at"])
    notes = [CLAIM]
    if told["return_profile"]:
        notes.append(told["return_profile"])
    if told["one_person"]:
        notes.append(f"One person checked the return and signed it off: {told['one_person']}")
    return render(
        "sign_off.html",
        name="Sign-off of the return",
        authority=f"{told['authority']['name']} ({told['authority']['code']})",
        quarter=quarter,
        edition=INTERNAL,
        state=state_in(book),
        notes=notes,
        told=told,
        state_words=sign_offs.STATES[told["state"]],
        states=[
            {**one, "words": sign_offs.STATES[one["state"]], "when": _when(one["at"]), "why": one["why"] or ""}
            for one in told["states"]
        ],
        levels=[
            (
                section.name.replace("_", " ").capitalize(),
                sign_offs.LEVELS.get(told["levels"][section.name] or "", "Not said"),
            )
            for section in SECTIONS
        ],
        fit="Yes" if told["fit_to_publish"] else "No",
        totals=[
            (kind, name.replace("_", " "), count)
            for kind, counts in told["totals"].items()
            for name, count in counts.items()
        ],
        software_version=told["software_version"],
        made_on=in_words(made.date()),
        made_at=f"{made:%H:%M} UTC",
    )


def _when(at: str) -> str:
    moment = datetime.fromisoformat(at)
    return f"{in_words(moment.date())}, {moment:%H:%M} UTC"
