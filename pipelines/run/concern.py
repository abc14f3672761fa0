"""Which findings concern the quarter's return: those of its cases, and those that may be why a case is not in it.

An error on a case of another quarter is shown and does not block. Whether a case belongs is not known where what is
wrong is what the selection reads (``DATES_READ``, ``CODES_READ``): a date that is not there or was not understood, a
row that was set aside, a date of the case after the export was taken, an error on a date that a slip of the pen would
have moved out of the quarter. Such an error blocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from pipelines import at_rest
from pipelines import findings as found
from pipelines.period import Quarter
from pipelines.settings import Settings
from pipelines.transform import RECORDED, build_facts, build_quarter_end, load_sections, prepare
from pipelines.transform.selection import APPLIED, CODES_READ, DATES_READ, select_cases
from pipelines.validate import CASES_A_PART, parts_of_whole_cases
from pipelines.validate.reporting import BLANK
from schemas.sections import SECTION

SLIPS_IN_YEARS = (-10, -1, 1, 10)
"""A year typed wrong by one in a digit; day and month exchanged is the other slip that is looked for."""

_LEFT = "exit_date"
MARKS = {found.NO: "Not in this return.", found.UNKNOWN: "May belong to this return."}
"""What is said beside an error of its ``in_return``."""

COLUMNS_OF_CONCERN = {
    name: ", ".join((*dates, APPLIED[1]) if name == APPLIED[0] else dates) for name, dates in DATES_READ.items()
}
"""The columns, beside the reference, that ``concern`` reads of a section, for SQL."""

_DAYS = {"case_ref": pl.String(), "section": pl.String(), "name": pl.String(), "day": pl.Date()}
_REF = pl.col("case_ref")


def concern(
    findings: pl.DataFrame,
    sections: Mapping[str, pl.DataFrame],
    selection: pl.DataFrame,
    forced: pl.DataFrame,
    *,
    quarter: Quarter,
    as_at: date,
) -> pl.DataFrame:
    """The findings with ``in_return``.

    Args:
        findings: under H-CLIC references.
        sections: the sections as recorded, of the cases that the findings name at least.
        selection: one row per case known at the quarter's end: case_ref, is_selected.
        forced: one row per case that is in or out whatever happened: case_ref, action.
        quarter: the return's.
        as_at: day the export was taken.
    """
    chosen = selection.filter("is_selected")["case_ref"]
    left_out = forced.filter(pl.col("action") == "exclude")["case_ref"]
    known = sections["main"]["case_ref"]
    numbered = findings.with_row_index("_n")
    in_doubt = numbered.filter(
        (pl.col("severity") == found.ERROR)
        & _REF.is_in(known.implode())
        & ~_REF.is_in(chosen.implode())
        & ~_REF.is_in(left_out.implode())
    )
    doubtful = _doubtful(in_doubt, sections, quarter, as_at)
    said = (
        pl.when(pl.col("scope") == found.RETURN)
        .then(None)
        .when(_REF.is_in(left_out.implode()))
        .then(pl.lit(found.NO))
        .when(_REF.is_in(chosen.implode()))
        .then(pl.lit(found.YES))
        .when(_REF.is_in(known.implode()) & ~pl.col("_n").is_in(doubtful.implode()))
        .then(pl.lit(found.NO))
        .otherwise(pl.lit(found.UNKNOWN))
    )
    return numbered.with_columns(said.alias("in_return")).drop("_n")


def _doubtful(errors: pl.DataFrame, sections: Mapping[str, pl.DataFrame], quarter: Quarter, as_at: date) -> pl.Series:
    """``_n`` of the errors that may be the reason why their case is not in the return."""
    if errors.is_empty():
        return errors["_n"]
    first, last = quarter.first_day, quarter.last_day
    days = _days(sections, errors["case_ref"].unique())
    named = found.named_columns(errors)
    is_date, is_code = _is_one_of(DATES_READ), _is_one_of(CODES_READ)
    is_of_reading = pl.col("rule_id").str.starts_with("X-")

    # A row that was set aside names no column, or those that tell it from others; so does one that stands there twice.
    is_key = _is_one_of({one: SECTION[one].key for one in DATES_READ})
    set_aside = named.filter(is_key | (is_of_reading & pl.col("name").is_null()))
    not_understood = named.filter(is_of_reading & is_date)
    not_there = named.filter(
        is_date
        & pl.when(pl.col("fields") == pl.col("name"))
        .then(pl.col("value") == BLANK)
        .otherwise(pl.col("value").str.contains(pl.format("{}={}", "name", pl.lit(BLANK)), literal=True))
        .fill_null(False)
    )
    touched = named.filter(is_date | is_code | _is_one_of({APPLIED[0]: APPLIED[1:]}))
    live = days.filter((pl.col("day") > as_at) | pl.col("day").is_between(first, last)).select("case_ref")
    of_live = touched.join(live, on="case_ref", how="semi")
    moved = pl.any_horizontal(
        one.is_between(first, last) | ((one > last) & (pl.col("name") == _LEFT)) for one in _as_meant(pl.col("day"))
    )
    slipped = touched.join(days.filter(moved.fill_null(False)), on=["case_ref", "section", "name"], how="semi")
    return pl.concat(part["_n"] for part in (set_aside, not_understood, not_there, of_live, slipped)).unique()


def _is_one_of(columns: Mapping[str, Sequence[str]]) -> pl.Expr:
    listed = [f"{section}.{name}" for section, names in columns.items() for name in names]
    return pl.concat_str("section", "name", separator=".").is_in(listed).fill_null(False)


def _days(sections: Mapping[str, pl.DataFrame], cases: pl.Series) -> pl.DataFrame:
    """One row per case and date that the selection reads."""
    parts = [pl.DataFrame(schema=_DAYS)]
    for name, dates in DATES_READ.items():
        read = (*dates, APPLIED[1]) if name == APPLIED[0] else dates
        rows = sections[name].filter(_REF.is_in(cases.implode()))
        parts += [
            rows.select(_REF, pl.lit(name).alias("section"), pl.lit(one).alias("name"), pl.col(one).alias("day"))
            for one in read
        ]
    return pl.concat(parts).drop_nulls("day")


def _as_meant(day: pl.Expr) -> list[pl.Expr]:
    """The dates that may have been meant: day and month exchanged, and a year with another digit."""
    year, month, number = day.dt.year(), day.dt.month(), day.dt.day()
    exchanged = pl.when(number <= 12).then(
        pl.concat_str([year, month.cast(pl.String).str.zfill(2), number.cast(pl.String).str.zfill(2)], separator="-")
    )
    return [
        exchanged.str.to_date("%Y-%d-%m", strict=False),
        *(day.dt.offset_by(f"{years}y") for years in SLIPS_IN_YEARS),
    ]


def selection_of(
    sections: Mapping[str, pl.DataFrame],
    cases: pl.Series,
    forced: pl.DataFrame,
    *,
    authority: str,
    quarter: Quarter,
    as_at: date,
    settings: Settings | None = None,
) -> pl.DataFrame:
    """Which of the cases the quarter's return holds, by the SQL that a run decides with: case_ref, is_selected.

    A case is chosen by nothing but its own rows, so that the others need not be there.
    """
    own = {name: frame.filter(_REF.is_in(cases.implode())) for name, frame in sections.items()}
    chosen = []
    for part in parts_of_whole_cases(own, CASES_A_PART):
        with at_rest.in_memory() as con:
            load_sections(con, part)
            prepare(con, run_id="", la_code=authority, quarter=quarter, as_at=as_at, settings=settings)
            build_facts(con, RECORDED)
            build_quarter_end(con)
            chosen.append(select_cases(con, forced).select("case_ref", "is_selected"))
    return pl.concat(chosen)


def met_by(forced: pl.DataFrame, main: pl.Series, findings: pl.DataFrame) -> pl.Series:
    """The references that a row of forced cases can mean: the cases of main, and those forced out that findings name.

    A case whose row of main was set aside is forced out all the same: the return is freed of its errors.
    """
    out = forced.filter(pl.col("action") == "exclude").join(findings, on="case_ref", how="semi")
    return pl.concat([main, out["case_ref"]])


def count_errors(blocking: int, errors: int) -> str:
    """The errors in words: those that block, and those that do not."""
    blocks = "1 error that blocks" if blocking == 1 else f"{blocking:,} errors that block"
    others = "1 error" if errors - blocking == 1 else f"{errors - blocking:,} errors"
    return f"{blocks}, {others} on cases that are not in this return"
