"""What temporary accommodation costs, as a workbook for finance: one relation a sheet, pounds as pounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from pipelines.authority import authority_name
from pipelines.emit.workbooks.model import DAY, DECIMAL, MONEY, MONTH, NUMBER, Book
from pipelines.emit.workbooks.tagged import (
    KEPT_IN_SIGHT,
    NO_BLANKS,
    ONE_TABLE,
    TEXT,
    Subheading,
    TaggedSheet,
    Value,
    contents,
    tagged_book,
)
from pipelines.finance.mart.headings import in_words
from pipelines.period import Quarter
from pipelines.period import in_words as day_in_words
from pipelines.state import RunState
from schemas.codelists import codelist

INTERNAL = "Internal: small numbers are not suppressed."
_NOT_KNOWN = "[x]"
_MONTH = "Month"


@dataclass(frozen=True)
class _Of:
    """How one relation is shown: ``period`` is the heading of ``first_day``, a month or a financial year."""

    name: str
    title: str
    says: str
    period: str = _MONTH


_GROSS = "Gross is what the nights cost; net is gross less what housing benefit subsidy can pay back at most."
SHEETS = {
    "cost_type_year": _Of("Years", "Cost by financial year and type of accommodation", _GROSS, "Financial year"),
    "cost_type_month": _Of("Months", "Cost by month and type of accommodation", _GROSS),
    "cost_month": _Of("Cost centres", "Cost by month, type of accommodation and cost centre", _GROSS),
    "cost_ro4": _Of(
        "RO4",
        "The homelessness lines of RO4",
        "A check of the form, which is made from the ledger. A year in hand has fewer than 12 months.",
    ),
    "cost_unit": _Of(
        "Unit costs",
        "Cost a night, a household and a stay, by financial year",
        "A household in two types counts in both and once in the total.",
        "Financial year",
    ),
    "cost_what_if": _Of(
        "What if",
        "What if one thing changes: the next twelve months",
        "The first scenario is the dashboard's forecast; in the others all else stays as in the last twelve months.",
    ),
    "cost_what_if_month": _Of(
        "What if by month",
        "What if one thing changes: month by month",
        "The first scenario is the dashboard's forecast; in the others all else stays as in the last twelve months.",
    ),
    "cost_missing": _Of(
        "Missing",
        "What is missing for the cost figures",
        "An amount is not known as soon as one of its nights has no rate. What to supply: docs/cost-files.md.",
    ),
    "cost_reconciliation": _Of(
        "Invoices",
        "Where placements and invoices differ",
        "Holds case references. Only nights in the span that the invoices cover are compared.",
    ),
}
"""The relations that get a sheet, in its order."""

_HEADINGS = {
    "ta_type": "Type of accommodation",
    "count_months": "Months",
    "count_households": "Households",
    "count_stays": "Stays",
    "gross_thousands": "Gross, £ thousands",
    "net_thousands": "Net, £ thousands",
    "line_no": "Line number",
    "stock": "Households in temporary accommodation at the end",
}
_ALL = "all"
_DECIMALS = ("stock",)


def cost_book(
    frames: Mapping[str, pl.DataFrame],
    *,
    basis: str,
    missing: Sequence[str],
    state: RunState,
    la_code: str,
    quarter: Quarter,
    as_at: date,
) -> Book:
    """The book of the cost relations, by their names; those without a row have no table and say so.

    Args:
        frames: relations by name; one that ``SHEETS`` does not name gets no sheet.
        basis: what the amounts rest on, in words.
        missing: a sentence for each thing that is missing.
        state: how the run stands: it heads every sheet.
        la_code: GSS code of the authority.
        quarter: the last one of the figures.
        as_at: the export's day.
    """
    place = f"{authority_name(la_code)}, to {day_in_words(quarter.last_day)}"
    head = (state.sentence, f"{INTERNAL} Basis: {basis}.")
    sheets = tuple(
        _sheet(shown, f"{shown.title}, {place}", head, frames[relation])
        for relation, shown in SHEETS.items()
        if relation in frames
    )
    title = f"Cost of temporary accommodation, {place}"
    cover = TaggedSheet(
        "Cover",
        title,
        (
            *head,
            f"Counted from the export of {day_in_words(as_at)}. {_GROSS}",
            f"Shorthand: {_NOT_KNOWN} not known, or it does not apply to the line.",
            Subheading("What is missing"),
            *(missing or ("Nothing: every night has a rate, and what can be paid back of it is known.",)),
        ),
    )
    return tagged_book(title, as_at, (cover, contents(sheets), *sheets))


def _sheet(shown: _Of, title: str, head: tuple[str, ...], frame: pl.DataFrame) -> TaggedSheet:
    # What every row says alike stands at the head.
    columns = [name for name in frame.columns if name != "basis"]
    if not frame.height:
        return TaggedSheet(shown.name, title, (*head, shown.says, "There is no such row. This worksheet has no table."))
    kinds = {name: _kind(name, frame.schema[name], shown) for name in columns}
    rows = tuple(tuple(_cell(name, row[name], kinds[name]) for name in columns) for row in frame.iter_rows(named=True))
    used = any(_NOT_KNOWN in row for row in rows)
    return TaggedSheet(
        shown.name,
        title,
        (
            *head,
            shown.says,
            f"{ONE_TABLE} {KEPT_IN_SIGHT}",
            f"{NO_BLANKS} Shorthand: {_NOT_KNOWN} not known, or it does not apply." if used else NO_BLANKS,
        ),
        tuple(shown.period if name == "first_day" else _HEADINGS.get(name) or in_words(name) for name in columns),
        rows,
        tuple(kinds.values()),
        tuple(_width(name, kinds[name]) for name in columns),
        is_worked_in=True,
    )


def _kind(name: str, dtype: Any, shown: _Of) -> str:
    if name == "first_day":
        return MONTH if shown.period == _MONTH else TEXT
    if dtype == pl.Date:
        return DAY
    if name in _DECIMALS:
        return DECIMAL
    if dtype.is_integer() or name.endswith("_thousands"):
        return NUMBER
    return MONEY if dtype.is_numeric() else TEXT


def _cell(name: str, value: Any, kind: str) -> Value:
    if value is None or value == "":
        return _NOT_KNOWN
    if name == "first_day":
        return value if kind == MONTH else f"{value.year}-{(value.year + 1) % 100:02}"
    if name == "ta_type":
        return "All types" if value == _ALL else codelist("ta_type").codes[value].label
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return value if kind != TEXT else _first_large(str(value))


def _first_large(words: str) -> str:
    return words[:1].upper() + words[1:] if " " in words else words


def _width(name: str, kind: str) -> int:
    if kind != TEXT:
        return 18
    return {"ta_type": 50, "line": 60, "note": 50, "kind": 50, "scenario": 32, "case_ref": 28}.get(name, 18)
