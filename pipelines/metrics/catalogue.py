"""Every metric: what ``hclic metrics list`` shows and ``docs/metrics.md`` defines."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

import sql
from pipelines.errors import UsageError

DEFINITIONS = Path(__file__).resolve().parent.parent.parent / "docs" / "metrics"
PARTS = ("definition", "formula", "inclusions", "source", "owner", "caveats")
"""What is said of a metric, in this order."""
_TITLE, _EDITION = "-- Title:", "-- Edition: internal"


@dataclass(frozen=True)
class Metric:
    """One metric. ``make`` is set for those worked out in Python; the others are files of ``sql/metrics``."""

    name: str
    title: str
    grain: str
    key: tuple[str, ...]
    is_internal: bool
    """A list of cases or of staff: never in the shareable edition."""
    is_daily: bool = False
    """One row per day: large, and written only when asked for."""
    make: Callable[[duckdb.DuckDBPyConnection], pl.DataFrame] | None = None


def _characteristic(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    from pipelines.metrics.outcomes.characteristics import by_characteristic

    return by_characteristic(con)


def _history_start(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    from pipelines.metrics.history import history_start

    return history_start(con)


def _survival(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    from pipelines.metrics.stays.survival import survival_summary

    frames = [survival_summary(con, by).with_columns(by=pl.lit(by)) for by in ("all", "type", "household")]
    frame = pl.concat(frames)
    return frame.select("by", *(name for name in frame.columns if name != "by"))


def _survival_month(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    from pipelines.metrics.stays.survival import survival_by_month

    return survival_by_month(con)


def _what_if(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    from pipelines.finance.cost.what_if import what_if, what_if_totals
    from pipelines.metrics.ahead import stock_ahead

    return what_if_totals(what_if(con, stock_ahead(con)))


PYTHON = (
    Metric(
        "outcome_characteristic",
        "Outcomes by protected characteristic, with the difference from everyone else",
        "One row per duty, characteristic and value of the main applicant: duties that ended in the last year.",
        ("duty", "characteristic", "value"),
        is_internal=False,
        make=_characteristic,
    ),
    Metric(
        "history_start",
        "From which quarter on the export is complete, by subject, and why",
        "One row per subject: first day of its first quarter, first day of complete stocks, and the reason.",
        ("subject",),
        is_internal=False,
        make=_history_start,
    ),
    Metric(
        "stay_survival",
        "How long stays last: survival estimate from completed stays and those in progress",
        "One row per breakdown and value: median and quartiles in days with confidence limits, restricted mean.",
        ("by", "value"),
        is_internal=False,
        make=_survival,
    ),
    Metric(
        "stay_survival_month",
        "How long stays last: survival estimate by month of the stay",
        "One row per breakdown, value and whole month since a stay began: estimated share of stays that last longer.",
        ("by", "value", "month_no"),
        is_internal=True,
        # A curve for drawing: written only when asked for, as what is by day.
        is_daily=True,
        make=_survival_month,
    ),
    Metric(
        "cost_what_if",
        "What if: exits or arrivals up by a tenth, bed and breakfast moved to leased",
        "One row per scenario: stock, nights and cost of the coming twelve months.",
        ("scenario",),
        is_internal=False,
        make=_what_if,
    ),
)


def _from_sql(name: str) -> Metric | None:
    lines = sql.text(f"metrics/{name}.sql").splitlines()
    head = [line for line in lines[:8] if line.startswith("--")]
    title = next((line.removeprefix(_TITLE).strip() for line in head if line.startswith(_TITLE)), None)
    if title is None:
        return None
    key = sql.key(f"metrics/{name}.sql")
    return Metric(
        name,
        title,
        sql.grain(f"metrics/{name}.sql"),
        key,
        is_internal=_EDITION in head or "case_ref" in key,
        is_daily=name.endswith("_day") and "day" in key,
    )


@cache
def metrics() -> tuple[Metric, ...]:
    """Every metric by name: files of ``sql/metrics`` with a title, and those of ``PYTHON``."""
    found = [metric for name in sql.names("metrics") if (metric := _from_sql(name)) is not None]
    return tuple(sorted((*found, *PYTHON), key=lambda metric: metric.name))


def metric(name: str) -> Metric:
    """The metric of that name.

    Raises:
        UsageError: there is none.
    """
    for known in metrics():
        if known.name == name:
            return known
    raise UsageError("There is no metric of that name. List them with: hclic metrics list.")


@cache
def definitions() -> tuple[dict[str, Any], ...]:
    """Entries of ``docs/metrics/*.toml``, in the order of files and entries."""
    return tuple(
        entry
        for path in sorted(DEFINITIONS.glob("*.toml"))
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["metric"]
    )


def definition_of(name: str) -> dict[str, str]:
    """What ``docs/metrics`` says of a metric, by ``PARTS``; a part that it does not have is empty."""
    for entry in definitions():
        if name in (*entry.get("sql", ()), *entry.get("python", ())):
            return {part: entry.get(part, "") for part in PARTS}
    return dict.fromkeys(PARTS, "")


def undefined() -> list[str]:
    """Metrics that no entry of ``docs/metrics`` names under ``sql`` or ``python``."""
    named = {name for entry in definitions() for name in (*entry.get("sql", ()), *entry.get("python", ()))}
    return [metric.name for metric in metrics() if metric.name not in named]


_HEAD = """\
# Metrics

Generated from `docs/metrics/*.toml` and `sql/metrics` by `make docs`. Each metric is a CSV of its name in
the folder `metrics/` of a run, and can be had alone: `hclic metrics NAME --warehouse FILE --authority CODE
--quarter Q --out FILE`. Add `--cohort` for one group of households, such as `--cohort care_leaver`, and `--day`
for figures as on a day within the quarter. `index.csv` says what each file holds.

**Editions.** The internal edition, which a run writes, shows staff codes, references of cases and small numbers.
With `--shareable` there are teams only and no lists of cases. Every count is a multiple of 5 that is less than 5 away
from it: 0 stands for 0 to 4, 10 for 6 to 14. Shares, changes and ranks are worked out from these counts, so that sums
and percentages may differ a little from row to row; what rests on fewer than 10 is empty, and `note` says `suppressed`
(docs/data-protection.md). No edition holds names, dates of birth, National Insurance numbers or addresses.
"""


def render_markdown() -> str:
    """The page ``docs/metrics.md``: definition, formula, inclusions, source, owner and caveats of each metric."""
    known = {metric.name: metric for metric in metrics()}
    lines = [_HEAD]
    for entry in definitions():
        lines += [f"## {entry['title']}", ""]
        for part in PARTS:
            if entry.get(part):
                lines += [f"**{part.capitalize()}.** {entry[part]}", ""]
        names = [name for name in (*entry.get("sql", ()), *entry.get("python", ())) if name in known]
        if names:
            lines += ["| file | what | one row per |", "|---|---|---|"]
            for name in names:
                one = known[name]
                grain = one.grain.removeprefix("One row per ").rstrip(".")
                only = " (internal edition only)" if one.is_internal else ""
                lines.append(f"| `{name}` | {one.title}{only} | {grain} |")
            lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"
