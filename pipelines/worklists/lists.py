"""The worklists of a run: each asks officers about cases, in their own words and by their own references."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import polars as pl

from pipelines.emit.pages.words import STAGES, TYPES
from pipelines.period import Quarter
from pipelines.worklists.build import prepared


@dataclass(frozen=True)
class Column:
    """A column of a worklist: its name in ``rows``, its heading for officers, its width in characters."""

    name: str
    title: str
    width: float = 14


@dataclass(frozen=True)
class Worklist:
    """One worklist; ``rows`` has one row per what ``about`` says, the most urgent first."""

    ident: str
    title: str
    question: str
    """What officers are asked; what they find goes into the casework system."""
    about: tuple[str, ...]
    """Whom the list holds and how it was made, in sentences."""
    columns: tuple[Column, ...]
    """Columns of ``rows``, in order: text, whole numbers and days."""
    answers: tuple[str, ...]
    """Headings of empty columns beside them, for the officer to write in."""
    rows: pl.DataFrame
    day: date
    """The day of the export, on which all this was so."""
    seed: int | None = None
    """Of a random sample: the seed of its drawing."""


@dataclass(frozen=True)
class _Asked:
    """A worklist before its rows are read: the relation that holds them, and what is said of them."""

    ident: str
    relation: str
    title: str
    question: str
    about: Callable[[Any], tuple[str, ...]]
    columns: tuple[Column, ...]
    answers: tuple[str, ...]
    is_sample: bool = False


_WHO = (
    Column("your_reference", "Your reference", 12),
    Column("case_ref", "H-CLIC reference", 24),
    Column("officer", "Officer", 10),
    Column("team", "Team", 14),
)
NOTE = "Your note"
_STAGE_WORDS = {**STAGES, "no duty": "No duty owed", "closed": "Closed", "advice": "Advice", "main duty": "Main duty"}

_WORDS = {"stage": _STAGE_WORDS, "stratum": _STAGE_WORDS, "ta_type": TYPES}
"""Columns that hold codes, and their words for officers."""

_STAYS = _Asked(
    "no-sign-of-life",
    "stays_to_confirm",
    "Stays with no sign of life",
    "Is the household still there? If they have left, enter the date; if not, leave it.",
    lambda said: (
        f"Households in temporary accommodation with no sign of them for {said.sign_of_life_days} days or more"
        f"{said.long_stay}{said.outlier}.",
        "A sign is an application, an assessment, a plan, a move, a visit, rent, a request for a review or other"
        " recorded work on the case. Letters and decisions are not: they happen without the household.",
        *(() if said.has_activity else (_NO_ACTIVITY,)),
    ),
    (
        *_WHO,
        Column("reason", "Why it is asked", 20),
        Column("ta_type", "Type of accommodation", 20),
        Column("in_ta_since", "In temporary accommodation since", 14),
        Column("days", "Days", 8),
        Column("last_sign_on", "Last sign on", 12),
        Column("last_sign", "Last sign", 16),
        Column("days_without_sign", "Days since", 8),
    ),
    ("Still there?", "Left on", NOTE),
)
_DUTIES = _Asked(
    "duties-past-their-time",
    "duties_past_time",
    "Duties past their time",
    "Has it ended, or been decided? If it has, enter the date; if not, leave it and say what comes next.",
    lambda said: (
        "Families in bed and breakfast for more than six weeks; relief open after 56 days; relief ended and no decision"
        " on the main duty; reviews past the day they were due; prevention open after 56 days.",
        "Prevention may go on after 56 days where the officer so decides: then it is left as it is.",
    ),
    (
        *_WHO,
        Column("what", "What is past its time", 32),
        Column("began", "Began on", 12),
        Column("time_was_up", "Time was up on", 12),
        Column("days_past", "Days past", 8),
    ),
    ("Ended or decided on", NOTE),
)
_RESIDENTS = _Asked(
    "residents-without-a-decision",
    "residents_without_decision",
    "Residents without a decision",
    "Has the main duty decision been made? If it has, enter it and its date; if not, leave it.",
    lambda said: (
        "Households in temporary accommodation with no decision on the main duty: relief has ended or has run for more"
        " than 56 days, or no relief duty is on record and they have been there for longer than that.",
    ),
    (
        *_WHO,
        Column("reason", "Why it is asked", 22),
        Column("in_ta_since", "In temporary accommodation since", 14),
        Column("days", "Days", 8),
        Column("taduty", "Accommodated under", 24),
        Column("relief_start", "Relief began on", 12),
        Column("relief_end", "Relief ended on", 12),
        Column("days_waiting", "Days waiting", 9),
    ),
    ("Decision", "Decided on", NOTE),
)
_QUIET = _Asked(
    "quiet-cases",
    "cases_quiet",
    "Quiet cases",
    "Is the case still open? If it has ended, enter the date; if not, leave it and record what was done.",
    lambda said: (
        f"Open cases without recorded activity for {said.quiet_days} days or more, and those with none recorded.",
        *(() if said.has_activity else (_NO_ACTIVITY,)),
    ),
    (
        *_WHO,
        Column("stage", "Stage", 18),
        Column("application_date", "Applied on", 12),
        Column("last_activity_date", "Last activity on", 12),
        Column("quiet_days", "Days quiet", 9),
        Column("is_in_ta", "In temporary accommodation", 15),
    ),
    ("Ended on", NOTE),
)
_CALLS = _Asked(
    "sustainment-calls",
    "sustainment_calls",
    "Six-month calls",
    "Do they still live there? If they have left, enter the date; if they cannot be reached, say so.",
    lambda said: (
        f"A random sample of the households whose duty ended with accommodation six months before a day of"
        f" {said.call_words}: {said.calls_drawn:,} of {said.calls_due:,}, drawn with seed {said.seed}.",
        "Households that have applied again are not among them. An ending is drawn in one quarter only.",
    ),
    (
        *_WHO,
        Column("duty", "Duty that ended", 16),
        Column("end_date", "Ended on", 12),
        Column("accommodation", "Accommodation", 34),
        Column("look_up_day", "Call on or after", 12),
    ),
    ("Called on", "Still there?", "Left on", NOTE),
    is_sample=True,
)
_FILES = _Asked(
    "files-to-review",
    "files_to_review",
    "Files to review",
    "Does the file show what was done and why? Note what is missing; the officer puts it into the case.",
    lambda said: (
        f"A random sample of the cases that are open or were closed in {said.quarter_words}, evenly over the stages:"
        f" {said.files_drawn:,} of {said.files_there:,}, drawn with seed {said.seed}.",
    ),
    (
        *_WHO,
        Column("stratum", "Drawn as", 16),
        Column("stage", "Stage", 18),
        Column("application_date", "Applied on", 12),
    ),
    ("Read on", "Read by", NOTE),
    is_sample=True,
)
_NO_ACTIVITY = (
    "The export has no day of last activity for any case. Map it in the source profile (last_activity_date), and it"
    " counts here."
)
ASKED: tuple[_Asked, ...] = (_STAYS, _DUTIES, _RESIDENTS, _QUIET, _CALLS, _FILES)


def worklists(con: duckdb.DuckDBPyConnection, *, seed: int | None = None) -> tuple[Worklist, ...]:
    """Every worklist, in the order of ``ASKED``, as on the day of the export; nothing in ``con`` is changed.

    Args:
        con: a database of a run, or of a quarter opened for reading, with the facts as recorded.
        seed: of the random samples; by default that of the settings.
    """
    with prepared(con, seed) as own:
        said = _said(own)
        return tuple(
            Worklist(
                one.ident,
                one.title,
                one.question,
                one.about(said),
                one.columns,
                one.answers,
                _rows(own, one),
                said.day,
                said.seed if one.is_sample else None,
            )
            for one in ASKED
        )


@dataclass(frozen=True)
class _Said:
    """What the sentences about the lists say of this run."""

    day: date
    seed: int
    sign_of_life_days: int
    long_stay: str
    outlier: str
    quiet_days: int
    has_activity: bool
    call_words: str
    calls_due: int
    calls_drawn: int
    quarter_words: str
    files_there: int
    files_drawn: int


_SAID = """
select
    metric_window.last_day as day,
    metric_option.sample_seed as seed,
    metric_option.quiet_days,
    setting.sign_of_life_days,
    setting.long_stay_days,
    setting.long_stay_percentile,
    (select count(last_activity_date) from one_main) as with_activity,
    call_window.first_day as calls_from,
    (select count(*) from calls_to_draw_from) as calls_due,
    (select count(*) from sustainment_calls) as calls_drawn,
    reporting_period.quarter,
    (select coalesce(sum(size), 0)::bigint from (
        select any_value(count_in_stratum) as size from case_sample group by stratum
    )) as files_there,
    (select count(*) from case_sample) as files_drawn
from metric_window cross join metric_option cross join setting cross join call_window cross join reporting_period
"""


def _said(con: duckdb.DuckDBPyConnection) -> _Said:
    row = con.execute(_SAID).pl().row(0, named=True)
    limit, percentile = row["long_stay_days"], row["long_stay_percentile"]
    return _Said(
        day=row["day"],
        seed=row["seed"],
        sign_of_life_days=row["sign_of_life_days"],
        long_stay=f", or there for more than {limit:,} days" if limit else "",
        outlier=(
            f", or there for longer than {percentile} of 100 households in the same type of accommodation"
            if percentile < 100
            else ""
        ),
        quiet_days=row["quiet_days"],
        has_activity=bool(row["with_activity"]),
        call_words=Quarter.containing(row["calls_from"]).words,
        calls_due=row["calls_due"],
        calls_drawn=row["calls_drawn"],
        quarter_words=Quarter.parse(row["quarter"]).words,
        files_there=row["files_there"],
        files_drawn=row["files_drawn"],
    )


def _rows(con: duckdb.DuckDBPyConnection, one: _Asked) -> pl.DataFrame:
    rows = con.execute(f"select * from {one.relation}").pl().select(column.name for column in one.columns)
    words = [pl.col(name).replace(known) for name, known in _WORDS.items() if name in rows.columns]
    return rows.with_columns(pl.col("officer", "team").fill_null("Not recorded"), *words)
