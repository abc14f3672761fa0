"""Reading what ``figures.toml`` names: the same figure from files of a run, from pages and from answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import lxml.html
import polars as pl

from pipelines import shown
from pipelines.finance.mart.relations import read_mart
from pipelines.finance.mart.run import open_run
from pipelines.metrics import foi
from pipelines.period import Quarter
from tests.one_answer.conftest import AUTHORITY, QUARTER, Ran

Row = dict[str, str]
_TYPES = {
    "bed and breakfast": "bb",
    "b&b": "bb",
    "nightly": "nightly",
    "other nightly": "nightly",
    "hostel": "hostel",
    "private sector": "psl",
    "local authority": "la_ha",
    "la/ha": "la_ha",
    "any other type": "other",
    "other/nk": "other",
}
_PAGES = {"dashboard": "dashboard.html", "shared": "dashboard_shareable.html"}


@cache
def rows(ran: Ran, output: str) -> tuple[Row, ...]:
    """Every row of an output, its cells as text; of a page those of all tables, with the table's ``caption``."""
    room, _, name = output.partition("/")
    if room in ("metrics", "tables"):
        return _texts(pl.read_csv(ran.folder / room / f"{name}.csv", infer_schema=False))
    if room == "mart":
        with open_run(ran.warehouse, AUTHORITY, QUARTER) as opened:
            return _texts(pl.DataFrame(read_mart(opened.connection, key=None, names=[name])[name]))
    if room == "foi":
        return _texts(foi.answer(ran.warehouse, date(2024, 10, 1), date(2025, 9, 1), internal=True).frame)
    return tuple(_of_page(ran.folder / "metrics" / _PAGES[room]))


def _texts(frame: pl.DataFrame) -> tuple[Row, ...]:
    return tuple({name: "" if value is None else str(value) for name, value in row.items()} for row in frame.to_dicts())


def _words(node: Any) -> str:
    return " ".join(node.text_content().split())


def _of_page(path: Path) -> Iterator[Row]:
    for table in lxml.html.fromstring(path.read_text(encoding="utf-8")).iter("table"):
        head, *body = [[_words(cell) for cell in row.iterfind("./*")] for row in table.iter("tr")]
        caption = _words(table.find(".//caption"))
        for cells in body:
            yield {"caption": caption, **dict(zip(head, cells, strict=True))}


def _fits(row: Row, where: dict[str, str]) -> bool:
    for column, wanted in where.items():
        found = row.get(column, "")
        if column == "caption":
            if not found.startswith(wanted):
                return False
        elif wanted.startswith("* > "):
            if not found.endswith(wanted[1:]):
                return False
        elif found != wanted:
            return False
    return True


def number(text: str) -> Decimal | None:
    """The number in a cell; None where none is shown."""
    try:
        return Decimal(re.sub(r"[,£%()]", "", text))
    except InvalidOperation:
        return None


def _day(text: str) -> date | None:
    """The day, or first day of the month, that a key names; None of a key that is neither."""
    if found := re.fullmatch(r"(\d{4})-(\d\d)(?:-(\d\d).*)?", text):
        return date(int(found[1]), int(found[2]), int(found[3] or 1))
    for quarter in (QUARTER.shift(-back) for back in range(60)):
        if text in (str(quarter), quarter.words):
            return quarter.last_day
        for month in range(quarter.first_day.month, quarter.first_day.month + 3):
            first = date(quarter.first_day.year, month, 1)
            if text == f"{first:%B %Y}":
                return first
    return None


def _key(at: str, text: str) -> str | None:
    if at == "once":
        return "once"
    if at == "type":
        code = next((code for words, code in _TYPES.items() if text.casefold().startswith(words)), text)
        return code if code in _TYPES.values() else None
    day = _day(text)
    if day is None:
        return None
    if at == "month":
        return f"{day:%Y-%m}"
    if at == "quarter":
        return str(Quarter.containing(day))
    last_months = (3,) if at == "year end" else (3, 6, 9, 12)
    return f"{day:%Y-%m}" if day.month in last_months else None


def figures(ran: Ran, at: str, place: dict[str, Any]) -> dict[str, Decimal]:
    """The figure of a place by key; a key of which a part is not known is left out."""
    found: dict[str, Decimal] = {}
    unknown = set()
    for row in rows(ran, place["in"]):
        if not _fits(row, place["where"]):
            continue
        key = _key(at, row[place["key"]] if "key" in place else "")
        if key is None:
            continue
        value = number(row[place["value"]])
        if value is None:
            unknown.add(key)
        else:
            found[key] = found.get(key, Decimal(0)) + value
    return {key: value for key, value in found.items() if key not in unknown}


def as_shown(value: Decimal, how: str | None) -> Decimal:
    """The value as a page rounds it."""
    if how == "money":
        return shown.rounded(value)
    if how == "mean":
        return value.to_integral_value(ROUND_FLOOR)
    return value
