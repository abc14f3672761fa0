"""Every definition that is ours to choose, by name, with its default and where the default comes from."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

from pipelines.disclosure.thresholds import OFFICIAL_BASE_BELOW
from pipelines.errors import UsageError
from schemas.law import FIRST_DAY_OF_HRA


@dataclass(frozen=True)
class Settings:
    """One set of definitions; ``setting`` in the SQL is its one-row table. A field's docstring names its source."""

    mask_after_quarter_end: bool = True
    """Hide what happened after the quarter's last day (design §3.7)."""

    stay_gap_nights: int = 0
    """Nights out of temporary accommodation that do not break a stay (design §4)."""

    los_from: Literal["stay", "placement"] = "stay"
    """Whether a length of stay counts from the stay's start or the placement's (hclic-spec 4.1, synthesis-facts §2)."""

    ta_type_order: tuple[str, ...] = ("bb", "nightly", "hostel", "psl", "la_ha", "other", "own")
    """Which placement a household counts under when several were entered on one day: the order of TA1's columns
    (hclic-spec 2.10)."""

    bb_weeks_limit_nights: int = 42
    """More nights than this in bed and breakfast are over six weeks (hclic-spec 4.1; Suitability Order 2003)."""

    bb_all_placements_from: date = date(2024, 4, 1)
    """First day of the first quarter in which the nights of all the household's bed and breakfast placements count
    together, not those of the current one only (hclic-spec 4.1, note of the April to June 2024 tables)."""

    hra_first_day: date = FIRST_DAY_OF_HRA
    """An application before this day is a legacy case (hclic-spec 2.10)."""

    stale_after_days: int = 14
    """More days than this between the newest date of an export and its own day: it is old or incomplete (ours)."""

    gone_share_limit: float = 0.1
    """A larger share than this of an earlier run's open cases that is gone is an error (ours)."""

    count_change_limit: float = 0.5
    """A headline count that moves by a larger share is told, where its own history is short. Of the changes from
    quarter to quarter that councils published from 2018 to 2024, 4 % of assessments and 2 % of households in temporary
    accommodation are larger (ours)."""

    count_change_quarters: int = 4
    """From so many changes from quarter to quarter on, an authority's own range is the limit (ours)."""

    count_change_floor: float = 0.25
    """A change within this share is never told; the limit for an average, which moves less than a count (ours)."""

    count_change_least: int = 20
    """A change of fewer cases, placements or people is never told (ours)."""

    qa_change_share: float = 0.2
    """A total of the return that changed by this share or more, and by ``qa_change_least`` or more, is to be explained
    before sign-off. Of the changes from quarter to quarter that councils published from 2018 to 2024, 32 % of
    assessments and 15 % of households in temporary accommodation pass both (MHCLG's quality report asks for
    explanations of large changes, field-notes 2.3; the numbers are ours)."""

    qa_change_least: int = 10
    """A change of fewer households, people, reviews or rows is never asked about: small totals move by large shares
    (ours)."""

    quiet_days: int = 28
    """An open case without recorded activity for so many days is quiet (seed-needs T6; the number is ours)."""

    sign_of_life_days: int = 90
    """An open stay without a recorded sign of the household for so many days is asked about (ours)."""

    long_stay_days: int = 0
    """An open stay of more days than this is asked about; 0: no limit, since what is long differs from London to a
    shire district (ours)."""

    long_stay_percentile: int = 98
    """An open stay longer than so many of 100 open stays in the same type of accommodation is asked about: eva's
    second check on long stayers (field-notes 4.3); 100: none is."""

    sample_seed: int = 1
    """Seed of the random samples: files to review, and households to call (ours)."""

    file_review_sample: int = 50
    """Cases in the sample for file review (the external review of Thurrock's service read 50: seed-needs T13)."""

    sustainment_sample: int = 25
    """Households to call in a quarter, six months after their duty ended (seed-needs D6; the number is ours)."""

    suppress_below: int = OFFICIAL_BASE_BELOW
    """Base under which breakdowns are suppressed, and cases that a text of the mart must be shared by."""

    retention_years: int = 0
    """Years after its last day for which a case is kept; when some are past it, the run says so. 0: none is set. No law
    that hclic knows of sets a number: it is the authority's own retention schedule (ours)."""

    contact: str = ""
    """Who answers questions about figures that leave: a mailbox of the authority, no person. It stands on the cover of
    workbooks, as the Analysis Function asks for in published spreadsheets; empty: none is named (ours)."""


def values(settings: Settings) -> dict[str, Any]:
    """Name and value of every setting, in the order of their definition."""
    return {field.name: getattr(settings, field.name) for field in fields(settings)}


def from_values(named: Mapping[str, Any]) -> Settings:
    """The settings whose ``values`` were written as JSON, days as ISO dates; one that is not named has its default."""
    given: dict[str, Any] = {}
    for field in fields(Settings):
        if field.name in named:
            value, kind = named[field.name], type(field.default)
            given[field.name] = date.fromisoformat(value) if kind is date else tuple(value) if kind is tuple else value
    return Settings(**given)


def read_settings(path: Path) -> Settings:
    """The settings of a TOML file, ``stale_after_days = 21``; those that it does not name have their defaults.

    Raises:
        UsageError: the file cannot be read, or names a setting that there is not or gives it a value of another kind.
    """
    try:
        named = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"The settings file {path.name} cannot be read as text (UTF-8).") from None
    except tomllib.TOMLDecodeError:
        raise UsageError(
            f"The settings file {path.name} is not TOML. Write one setting a line, such as: stale_after_days = 21"
        ) from None
    known = {field.name: field for field in fields(Settings)}
    given: dict[str, Any] = {}
    for name, value in named.items():
        if name not in known:
            raise UsageError(f"The settings file {path.name} names no setting of hclic. There are: {', '.join(known)}.")
        given[name] = _checked(known[name], value, path)
    return Settings(**given)


def _checked(field: Field[Any], value: Any, path: Path) -> Any:
    default: Any = field.default
    words = get_args(get_type_hints(Settings)[field.name])
    if isinstance(default, tuple):
        if isinstance(value, list) and sorted(map(str, value)) == sorted(default):
            return tuple(value)
        expected = f"a list of all of these, in your order: {', '.join(default)}"
    elif isinstance(default, str) and not words:
        if isinstance(value, str) and len(value.splitlines()) <= 1:
            return value.strip()
        expected = "words in quotation marks, on one line"
    elif isinstance(default, str):
        if value in words:
            return value
        expected = f"one of {', '.join(words)}"
    elif isinstance(default, float) and type(value) in (int, float) and value >= 0:
        return float(value)
    elif type(value) is type(default) and (isinstance(value, bool | date) or value >= 0):
        return value
    else:
        expected = {bool: "true or false", date: "a date such as 2024-04-01", float: "a number, 0 or more"}.get(
            type(default), "a whole number, 0 or more"
        )
    raise UsageError(f"The settings file {path.name}: {field.name} must be {expected}.")
