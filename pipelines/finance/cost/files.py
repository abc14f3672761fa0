"""The files about money that an authority supplies: rates, LHA rates, ceilings, invoices, other lines of RO4.

Formats are described in ``docs/cost-files.md``. Everything is read as text and parsed here; a cell that does not parse
stops the command with its file, row and column, never its value. Money becomes whole pence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.errors import InputError
from pipelines.side_files import read_rows
from schemas.codelists import codelist

TA_TYPES = tuple(code for code in codelist("ta_type").codes if code != "own")


class _WrongError(Exception):
    """A cell that does not parse; the text says what was expected."""


def _text(cell: str) -> str:
    return cell


def _day(cell: str) -> date:
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise _WrongError("a date like 2025-04-01") from None


def _pence(cell: str) -> int:
    try:
        pounds = Decimal(cell.replace(",", "").removeprefix("£"))
    except InvalidOperation:
        raise _WrongError("an amount in pounds like 45.00") from None
    pence = pounds * 100
    if not pounds.is_finite() or pence != pence.to_integral_value() or pounds < 0:
        raise _WrongError("an amount in pounds and whole pence like 45.00, not below 0")
    return int(pence)


def _pounds(cell: str) -> Decimal:
    return Decimal(_pence(cell)) / 100


def _whole(cell: str) -> int:
    if not re.fullmatch(r"\d{1,4}", cell):
        raise _WrongError("a whole number")
    return int(cell)


def _flag(cell: str) -> bool:
    if cell.lower() not in {"yes", "no", "true", "false"}:
        raise _WrongError("yes or no")
    return cell.lower() in {"yes", "true"}


def _ta_type(cell: str) -> str:
    if cell not in TA_TYPES:
        raise _WrongError(f"one of {', '.join(TA_TYPES)}")
    return cell


def _per(cell: str) -> str:
    if cell not in {"night", "week"}:
        raise _WrongError("night or week")
    return cell


def _year(cell: str) -> str:
    if not re.fullmatch(r"\d{4}-\d{2}", cell):
        raise _WrongError("a financial year like 2025-26")
    return cell


@dataclass(frozen=True)
class Field:
    """One column of a file: its name in the file and in SQL, how it is read, whether a cell may be empty."""

    name: str
    column: str
    read: Callable[[str], Any]
    kind: pl.DataType
    required: bool = True
    default: Any = None


@dataclass(frozen=True)
class Format:
    """One kind of file: the table that it fills and its columns."""

    table: str
    fields: tuple[Field, ...]


_AMOUNT = pl.Decimal(18, 2)

RATES = Format(
    "cost_rate",
    (
        Field("placement_ref", "placement_ref", _text, pl.String(), False),
        Field("landlord", "landlord", _text, pl.String(), False),
        Field("site", "site", _text, pl.String(), False),
        Field("ta_type", "ta_type", _ta_type, pl.String(), False),
        Field("bedrooms", "bedrooms", _whole, pl.Int64(), False),
        Field("self_contained", "self_contained", _flag, pl.Boolean(), False),
        Field("cost_centre", "cost_centre", _text, pl.String(), False),
        Field("rate", "rate_pence", _pence, pl.Int64()),
        Field("per", "per", _per, pl.String(), False, "night"),
        Field("valid_from", "valid_from", _day, pl.Date(), False),
        Field("valid_to", "valid_to", _day, pl.Date(), False),
    ),
)
LHA = Format(
    "cost_lha",
    (
        Field("lha_area", "lha_area", _text, pl.String()),
        Field("size", "size", _whole, pl.Int64()),
        Field("weekly_rate", "weekly_pence", _pence, pl.Int64()),
        Field("valid_from", "valid_from", _day, pl.Date()),
    ),
)
CEILINGS = Format(
    "cost_ceiling",
    (
        Field("lha_area", "lha_area", _text, pl.String()),
        Field("weekly_ceiling", "weekly_pence", _pence, pl.Int64()),
    ),
)
INVOICES = Format(
    "cost_invoice",
    (
        Field("invoice_number", "invoice_number", _text, pl.String()),
        Field("line_no", "line_no", _whole, pl.Int64()),
        Field("placement_ref", "placement_ref", _text, pl.String()),
        Field("landlord", "landlord", _text, pl.String(), False),
        Field("cost_centre", "cost_centre", _text, pl.String(), False),
        Field("first_night", "first_night", _day, pl.Date()),
        Field("last_night", "last_night", _day, pl.Date()),
        Field("nightly_rate", "rate_pence", _pence, pl.Int64()),
        Field("amount", "amount_pence", _pence, pl.Int64()),
    ),
)
RO4_OTHER = Format(
    "cost_ro4_other",
    (
        Field("financial_year", "financial_year", _year, pl.String()),
        Field("line", "line", _text, pl.String()),
        Field("gross", "gross", _pounds, _AMOUNT),
        Field("income", "income", _pounds, _AMOUNT),
    ),
)


def empty(form: Format) -> pl.DataFrame:
    """The table without rows."""
    return pl.DataFrame(schema={field.column: field.kind for field in form.fields})


def _row(form: Format, cells: Mapping[str, str], where: str) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for field in form.fields:
        cell = cells[field.name]
        if not cell:
            if field.required:
                raise InputError(f"{where}, column {field.name}: the cell is empty.")
            row[field.column] = field.default
            continue
        try:
            row[field.column] = field.read(cell)
        except _WrongError as wrong:
            raise InputError(f"{where}, column {field.name}: expected {wrong}.") from None
    return row


def read(path: Path, form: Format) -> pl.DataFrame:
    """One row per row of the file, with the columns of ``form``; money in pence (RO4: pounds).

    Raises:
        InputError: the file is not there, lacks a column, has one that is not known, or a cell does not parse.
    """
    given = read_rows(
        path,
        [field.name for field in form.fields if field.required],
        what="file",
        optional=[field.name for field in form.fields if not field.required],
        only=True,
        comments=True,
    )
    rows = [_row(form, one.cells, f"{path.name}, row {one.number}") for one in given]
    return pl.DataFrame(rows, schema={field.column: field.kind for field in form.fields}, orient="row")
