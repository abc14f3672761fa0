"""Findings in the words of an officer: no code, no name of a field, no ISO date in what an officer reads.

One row per finding, or per group of one cause (``grouping``). Workbook, page and server take their lines from here.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from urllib.parse import quote

import polars as pl

from pipelines import findings as found
from pipelines.emit.findings.grouping import group
from pipelines.validate.catalogue import rule_page, shorter_todo
from pipelines.validate.reporting import BLANK
from schemas.codelists import codelist
from schemas.sections import SECTION, SECTIONS, Column
from schemas.sources.case_url import PLACEHOLDER

IN_RETURN = {found.YES: "Yes", found.NO: "No", found.UNKNOWN: "May be"}
NOT_RECORDED = "not recorded"
NOT_SHOWN = "A personal value, which is not shown here"

_READING = r"^X-"
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_FLAGS = {"true": "yes", "false": "no"}


def officers_frame(findings: pl.DataFrame, *, case_url: str | None = None) -> pl.DataFrame:
    """One row per finding or group of one cause, for an officer.

    Args:
        findings: one row per finding, in the columns of ``findings.csv``.
        case_url: of the source profile: where a case opens in the council's system, with ``{local_ref}`` in it.

    Returns:
        finding_id, rule_id, kind, blocks (bool), officer, team, your_reference (the council's own, else the H-CLIC
        one), case_ref, what, todo, recorded (labels and days in words; masked as in findings; null where there is
        nothing to show), in_return (Yes, No, May be; null for the return as a whole), since (date), state, note, link,
        count (records that it speaks of), place (file and rows), rule_page.
    """
    rows = group(findings)
    recorded = rows.select("rule_id", "section", "fields", "value").unique()
    words = [recorded_words(*one) for one in recorded.iter_rows()]
    told = recorded.with_columns(pl.Series("recorded", words, pl.String()))
    key = ["rule_id", "section", "fields", "value"]
    rows = rows.join(told, on=key, how="left", nulls_equal=True, maintain_order="left")
    pages = {rule_id: rule_page(rule_id) for rule_id in rows["rule_id"].unique()}
    # What a waiver says in the place of the action stays.
    shorter = pl.col("rule_id").replace_strict(
        {rule_id: shorter_todo(rule_id) for rule_id in pages}, return_dtype=pl.String
    )
    return rows.select(
        "finding_id",
        "rule_id",
        "kind",
        found.is_blocking().alias("blocks"),
        "officer",
        "team",
        pl.coalesce("local_ref", "case_ref").alias("your_reference"),
        "case_ref",
        pl.col("message").alias("what"),
        pl.when(pl.col("action").str.starts_with(shorter)).then(shorter).otherwise("action").alias("todo"),
        "recorded",
        pl.col("in_return").replace_strict(IN_RETURN, default=None, return_dtype=pl.String),
        pl.col("since").str.to_date("%Y-%m-%d", strict=False),
        "state",
        "note",
        _link(case_url).alias("link"),
        "count",
        _place().alias("place"),
        pl.col("rule_id").replace_strict(pages, return_dtype=pl.String).alias("rule_page"),
    )


def _link(case_url: str | None) -> pl.Expr:
    if case_url is None:
        return pl.lit(None, pl.String)
    before, after = case_url.split(PLACEHOLDER)
    return pl.col("local_ref").map_elements(
        lambda ref: f"{before}{quote(ref, safe='')}{after}", return_dtype=pl.String, skip_nulls=True
    )


def _place() -> pl.Expr:
    """``main.csv, row 12``, ``main.csv, rows 2-4``, ``main.csv``; null where no file is named."""
    row = pl.coalesce(pl.format(", rows {}", "rows"), pl.format(", row {}", "row"), pl.lit(""))
    return pl.concat_str("file", row)


def recorded_words(rule_id: str, section: str | None, fields: str | None, value: str | None) -> str | None:
    """What is recorded now, as ``shown`` of ``validate.reporting`` gives it, in the words of an officer.

    What the reading did not understand is shown as the export has it.
    """
    if value is None or re.match(_READING, rule_id):
        return value if value != found.MASK else NOT_SHOWN
    columns = [_column(section, name) for name in fields.split(", ")] if fields else []
    known = {column.name: column for column in columns if column is not None}
    parts = re.split(rf"(?:^|; )({'|'.join(map(re.escape, known))})=", value) if known else [value]
    if len(parts) == 1:
        return _in_words(value, *known.values())
    said = []
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        said.append(f"{known[name].words}: {_in_words(text, known[name])}")
    first = "; ".join(([_in_words(parts[0])] if parts[0] else []) + said)
    return first[:1].upper() + first[1:]


def _column(section: str | None, name: str) -> Column | None:
    own, _, column = name.rpartition(".")
    return _columns().get((own or section or "", column))


@cache
def _columns() -> dict[tuple[str, str], Column]:
    return {(section.name, column.name): column for section in SECTIONS for column in SECTION[section.name].columns}


def _in_words(text: str, *columns: Column) -> str:
    """A value that is of one of the columns: a blank, a code, several codes, yes or no, a day, or as it stands."""
    if text == BLANK:
        return NOT_RECORDED
    if text == found.MASK:
        return NOT_SHOWN
    for column in columns:
        if column.kind == "flag" and text in _FLAGS:
            return _FLAGS[text]
        if column.codelist:
            codes = codelist(column.codelist).codes
            parts = re.split(r"[;, |]+", text) if column.kind == "codes" else [text]
            if all(part in codes for part in parts):
                return ", ".join(codes[part].label for part in parts)
    return _ISO.sub(_day, text)


def _day(found_day: re.Match[str]) -> str:
    try:
        day = date(int(found_day[1]), int(found_day[2]), int(found_day[3]))
    except ValueError:
        return found_day[0]
    return f"{day.day} {day:%B %Y}"
