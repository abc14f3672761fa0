"""What people write on the pages: notes on findings, and waivers. Nothing else is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from pipelines.errors import UsageError
from pipelines.warehouse import notes, waivers
from pipelines.warehouse.store import Warehouse

LONGEST = 2000
"""Characters of a note or a reason."""
LONGEST_WAIVER = timedelta(days=366)
"""What is waived for longer than a year is a rule that does not fit, and a matter for who looks after hclic (ours)."""
CASE, RECORD = "case", "record"

# Control characters but line feed, what turns the direction of text, unpaired surrogates.
_NOT_TEXT = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def text_of(typed: str, what: str, *, longest: int = LONGEST) -> str:
    """What was typed, as it is kept: without space around it or characters that are no text, lines ended alike.

    Raises:
        UsageError: nothing is left of it, or it is too long.
    """
    text = _NOT_TEXT.sub("", typed.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")).strip()
    if not text:
        raise UsageError(f"The {what} is empty. Write something and send it again.")
    if len(text) > longest:
        raise UsageError(f"The {what} is too long: {longest:,} characters at most.")
    return text


@dataclass(frozen=True)
class Note:
    """What somebody said of a finding."""

    note: str
    said_by: str | None
    said_on: date


def notes_on(store: Warehouse, la_code: str, finding_id: str) -> list[Note]:
    """Every note on a finding, the last one first."""
    said = notes.every_note(store.connection, la_code).filter(pl.col("finding_id") == finding_id)
    return [Note(*row) for row in said.select("note", "said_by", "said_on").reverse().iter_rows()]


def save_note(store: Warehouse, la_code: str, finding_id: str, note: str, *, by: str, on: date) -> None:
    """Keep a note on a finding."""
    with store.transaction():
        notes.say(store.connection, la_code, finding_id, note, by=by, on=on, where="serve")


@dataclass(frozen=True)
class Waiver:
    """What somebody answers for until a day: a rule on a case, or on one record of it."""

    waiver_no: int
    rule_id: str
    case_ref: str | None
    record_key: str | None
    owner: str
    reason: str
    expires: date
    given_by: str | None
    given_on: date


def waiver_of(finding: dict[str, Any], form: dict[str, str], today: date) -> dict[str, Any]:
    """The waiver that a form asks for: its columns but number, giver and day.

    Raises:
        UsageError: owner or reason is empty, or the day is none, is past or more than a year away.
    """
    try:
        expires = date.fromisoformat(form.get("expires", "").strip())
    except ValueError:
        raise UsageError("The last day of the waiver is not understood. Choose a day.") from None
    if not today <= expires <= today + LONGEST_WAIVER:
        raise UsageError("The last day of the waiver has to lie between today and a year from now.")
    return {
        "rule_id": finding["rule_id"],
        "case_ref": finding["case_ref"],
        "record_key": finding["record_key"] if form.get("covers") == RECORD else None,
        "owner": text_of(form.get("owner", ""), "owner", longest=100),
        "reason": text_of(form.get("reason", ""), "reason"),
        "expires": expires,
    }


def waivers_in_force(store: Warehouse, la_code: str, on: date) -> list[Waiver]:
    """The waivers that hold on a day, the one that ends first at the head."""
    rows = waivers.in_force(store.connection, la_code, on).sort("expires", "waiver_no")
    return [Waiver(*row) for row in rows.select(list(Waiver.__dataclass_fields__)).iter_rows()]
