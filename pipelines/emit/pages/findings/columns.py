"""The findings as columns for the script of the page: each text once, and of each row its place among them.

The texts of a column are in the order in which a reader looks for them, so that the script sorts by comparing places.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import polars as pl

from pipelines.emit.pages.findings.story import Stories
from pipelines.emit.pages.words import clean
from pipelines.findings import CASEWORK, COME_BACK, FIX, NEW, OPEN, RESOLVED, TIDY, WAIVED

COLUMNS: dict[str, pl.DataType] = {
    **dict.fromkeys(("finding_id", "rule_id", "kind"), pl.String()),
    "blocks": pl.Boolean(),
    **dict.fromkeys(
        ("officer", "team", "your_reference", "case_ref", "what", "todo", "recorded", "in_return"), pl.String()
    ),
    "since": pl.Date(),
    **dict.fromkeys(("state", "note", "link"), pl.String()),
    "count": pl.Int64(),
    "place": pl.String(),
    "rule_page": pl.String(),
}
"""The officer's frame, as far as the page reads it: one row per finding or group, in the words of an officer."""

STATES = {NEW: "New", COME_BACK: "Come back", OPEN: "Still open", WAIVED: "Waived", RESOLVED: "Resolved"}
KINDS = {FIX: "To fix for this return", CASEWORK: "Casework", TIDY: "Tidy the record"}

AGES = ((0, "Today"), (1, "1 to 6 days"), (7, "7 to 27 days"), (28, "28 to 90 days"), (91, "More than 90 days"))
"""First day of each band of age, in days from the export in which a finding was first seen to the one of the run."""
NO_AGE = "Not known"

_PAGE = re.compile(r"[\w-][\w./-]*(#[\w.-]+)?")
_DIGITS = re.compile(r"(\d+)")
_RAW = {mark: f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"}


def rows_of(findings: pl.DataFrame, resolved: pl.DataFrame, as_at: date) -> pl.DataFrame:
    """One row per line of the page, in the order in which they are to be worked on: what blocks first.

    Args:
        findings: those of the run, in ``COLUMNS`` (others are left).
        resolved: those of the run before that are resolved, in the same columns.
        as_at: day of the export; ``age`` is counted to it.
    """
    gone = _completed(resolved).with_columns(pl.lit(RESOLVED).alias("state"), pl.lit(False).alias("blocks"))
    rows = pl.concat([_completed(findings), gone]).with_columns(
        pl.col("link").map_elements(_safe_link, pl.String), _age(as_at).alias("age")
    )
    order = [pl.col("state").eq_missing(RESOLVED), ~pl.col("blocks").fill_null(False), _place(KINDS, "kind")]
    return rows.sort(
        *order, "rule_id", "your_reference", "case_ref", "finding_id", nulls_last=True, maintain_order=True
    )


def _completed(rows: pl.DataFrame) -> pl.DataFrame:
    lacking = [pl.lit(None, kind).alias(name) for name, kind in COLUMNS.items() if name not in rows.columns]
    return rows.with_columns(lacking).select(pl.col(name).cast(kind) for name, kind in COLUMNS.items())


def _place(words: Mapping[str, str], column: str) -> pl.Expr:
    return pl.col(column).replace_strict(
        {name: n for n, name in enumerate(words)}, default=len(words), return_dtype=pl.Int64
    )


def _age(as_at: date) -> pl.Expr:
    """The band of age in words. A day after the export's own is one of a later export, which this run cannot know."""
    days = (pl.lit(as_at) - pl.col("since")).dt.total_days()
    band = pl.lit(AGES[0][1])
    for first, words in AGES:
        band = pl.when(days >= first).then(pl.lit(words)).otherwise(band)
    return pl.when(days.is_null()).then(pl.lit(NO_AGE)).otherwise(band)


def _safe_link(address: str) -> str | None:
    """The address where it leads to a page of the web; a browser runs others, such as ``javascript:``."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.netloc and address.isprintable() else None


def data(rows: pl.DataFrame, stories: Stories, reasons: Mapping[str, str], rule_pages: str = "") -> str:
    """The block that the script reads: JSON that no value can end, in which ``<`` and its like are escaped.

    Args:
        rows: as ``rows_of`` gives them.
        stories: of the cases that the rows name; those of others are left.
        reasons: why there is the rule, in plain words, by rule.
        rule_pages: what stands before the address of a rule's page; by default it is beside the page of findings.
    """
    columns = {
        "id": _column(rows["finding_id"], str),
        "rule": _column(rows["rule_id"], _natural),
        "kind": _column(rows["kind"], list(KINDS).index),
        "officer": _column(rows["officer"], _natural),
        "team": _column(rows["team"], _natural),
        "ref": _column(rows["your_reference"], _natural),
        "case": _column(rows["case_ref"], str),
        "what": _column(rows["what"], str.casefold),
        "todo": _column(rows["todo"], str.casefold),
        "recorded": _column(rows["recorded"], str.casefold),
        "inreturn": _column(rows["in_return"], str),
        "since": _column(rows["since"].dt.strftime("%Y-%m-%d"), str),
        "age": _column(rows["age"], [*(words for _, words in AGES), NO_AGE].index),
        "state": _column(rows["state"], list(STATES).index),
        "note": _column(rows["note"], str.casefold),
        "link": _column(rows["link"], str),
        "place": _column(rows["place"], _natural),
    }
    pages = dict(rows.select("rule_id", "rule_page").drop_nulls().unique().sort("rule_id", "rule_page").iter_rows())
    said = {
        "count": rows["count"].fill_null(1).to_list(),
        "blocks": "".join("1" if blocks else "0" for blocks in rows["blocks"]),
        "columns": columns,
        "kinds": KINDS,
        "states": STATES,
        "why": {rule: clean(reasons[rule]) for rule in rows["rule_id"].unique().sort() if rule in reasons},
        "pages": {rule: f"{rule_pages}{page}" for rule, page in pages.items() if _PAGE.fullmatch(page)},
        "stories": _stories(stories, rows["case_ref"]),
    }
    return as_json(said)


def as_json(value: Any) -> str:
    """JSON that can stand in an element of a page."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # Mark by mark: to look every character of some megabytes up in a table takes ten times as long.
    for mark, escape in _RAW.items():
        text = text.replace(mark, escape)
    return text


def _column(values: pl.Series, order: Callable[[str], Any]) -> dict[str, list[Any]]:
    """``t``: the texts, in order, null last where there are rows without one; ``i``: of each row its place in them."""
    present: list[str] = values.drop_nulls().unique().to_list()
    texts: list[str | None] = [*sorted(present, key=lambda text: (order(text), text))]
    if values.null_count():
        texts.append(None)
    places = pl.DataFrame({"text": texts}, schema={"text": pl.String}).with_row_index("place")
    rows = values.rename("text").to_frame().join(places, on="text", how="left", nulls_equal=True, maintain_order="left")
    return {"t": [None if text is None else clean(text) for text in texts], "i": rows["place"].to_list()}


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sorts HC/9 before HC/10, as a reader expects."""
    return tuple(
        (0, int(part), "") if part.isdecimal() and part.isascii() else (1, 0, part.casefold())
        for part in _DIGITS.split(text)
        if part
    )


def _stories(stories: Stories, cases: pl.Series) -> dict[str, Any]:
    """By case its stage, events and household, the words of each by their place in ``words``."""
    places: dict[str, int] = {}

    # A page of 60,000 events has a few hundred words for them.
    @cache
    def place(words: str | None) -> int:
        return -1 if words is None else places.setdefault(clean(words), len(places))

    @cache
    def spelt(day: date) -> str:
        return f"{day:%Y-%m-%d}"

    told: dict[str, list[Any]] = {
        case: [place(words), [], []]
        for case, words in _in_order(
            stories.stages.filter(pl.col("case_ref").is_in(cases.implode())).select("case_ref", "words")
        )
    }
    for case, day, words, detail in stories.events.select("case_ref", "event_date", "words", "detail").iter_rows():
        if case in told:
            told[case][1] += [spelt(day), place(words), place(detail)]
    for case, words, age in stories.members.select("case_ref", "words", "age").iter_rows():
        if case in told:
            told[case][2] += [place(words), age]
    return {"words": list(places), "cases": told}


def _in_order(rows: pl.DataFrame) -> Iterable[tuple[Any, ...]]:
    return rows.sort("case_ref").iter_rows()
