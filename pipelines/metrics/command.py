"""What ``hclic metrics`` does: the marts of one run, restricted to a cohort, and the metrics made from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from pipelines.disclosure import choices
from pipelines.errors import UsageError
from pipelines.metrics import outcomes
from pipelines.metrics.catalogue import definition_of, metric
from pipelines.metrics.emit import (
    MetricFiles,
    is_shared,
    metric_frame,
    prepare_metrics,
    shareable_release,
    write_metrics,
)
from pipelines.metrics.options import MetricOptions
from pipelines.period import Quarter
from pipelines.place import Place
from pipelines.warehouse.quarter import open_quarter
from pipelines.warehouse.released import remember
from pipelines.warehouse.store import StoredRun
from pipelines.whole import into


@dataclass(frozen=True)
class Choice:
    """What was asked for; without ``name`` every metric is written to the folder ``out``."""

    warehouse: Place
    authority: str
    quarter: Quarter
    out: Path
    name: str | None = None
    cohort: str | None = None
    internal: bool = True
    daily: bool = False
    first_month: str | None = None
    day: date | None = None
    quiet_days: int | None = None
    seed: int | None = None
    sample: int | None = None
    made_on: date | None = None
    """The day on which an edition for sharing is made; without it the edition is not remembered."""


@dataclass(frozen=True)
class Done:
    """What was written: path, number of files and sentences for the user."""

    out: Path
    count: int
    notices: tuple[str, ...]


def _first_day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise UsageError("--first-month is not a month. Write it like 2023-04.") from None


def _restricted(con: duckdb.DuckDBPyConnection, choice: Choice) -> str:
    """Restrict the marts to the cohort; what is said of it."""
    assert choice.cohort is not None
    row = con.execute("select count(*) from households").fetchone()
    assert row is not None
    cases = outcomes.restrict(con, choice.cohort)
    if choice.internal:
        return f"Restricted to {choice.cohort}: {cases:,} cases."
    choices.check_size(cases, int(row[0]))
    return f"Restricted to {choice.cohort}."


def _shared(con: duckdb.DuckDBPyConnection, choice: Choice, run: StoredRun) -> dict[str, pl.DataFrame]:
    """The frames of the shareable edition, which is remembered; one of a cohort is of other counts, and is not."""
    if choice.cohort is not None:
        con.execute("drop table if exists released")
        return shareable_release(con).frames
    if choice.first_month is not None:
        raise UsageError("--first-month cannot be shared: years cut short, beside whole ones, tell of few cases.")
    released = shareable_release(con)
    if choice.made_on is not None:
        remember(choice.warehouse, run, choice.quarter, choice.made_on, released.figures)
    return released.frames


def write(choice: Choice) -> Done:
    """Write the metric, or all of them.

    Raises:
        UsageError: an option or a name is not understood, the file cannot be written, or metrics are to be shared that
            come from a blocked run, or are of few cases, one officer or a chosen day.
        InputError: the warehouse cannot be read or holds no run of the authority.
    """
    if choice.name is not None:
        metric(choice.name)
    first_day = _first_day(choice.first_month)
    if choice.day is not None and choice.day > choice.quarter.last_day:
        raise UsageError("--day is after the quarter's last day. Give the quarter that holds the day.")
    if not choice.internal:
        choices.check_day(choice.day)
        if choice.cohort is not None:
            choices.check_fields(outcomes.fields_of(choice.cohort))
    options = MetricOptions(quiet_days=choice.quiet_days, sample_seed=choice.seed, file_review_sample=choice.sample)
    with open_quarter(choice.warehouse, choice.authority, choice.quarter) as opened:
        if not choice.internal:
            opened.state.check_is_shareable()
        con, run = opened.connection, opened.run
        notices = [f"{choice.quarter.words}, from run {run.run_id}.", opened.state.sentence]
        if not run.exact:
            notices.append(f"No run was made for {choice.quarter}: this is the newest one, made for {run.quarter}.")
        if choice.cohort is not None:
            notices.append(_restricted(con, choice))
        prepare_metrics(con, files=MetricFiles(options=options), first_day=first_day, last_day=choice.day)
        shared = None if choice.internal else _shared(con, choice, run)
        if choice.name is None:
            paths = write_metrics(
                con, choice.out, internal=choice.internal, daily=choice.daily, prepared=True, shared=shared
            )
            return Done(choice.out, len(paths), tuple(notices))
        if shared is None:
            frame = metric_frame(con, choice.name)
        elif is_shared(metric(choice.name)):
            frame = shared[choice.name]
        else:
            raise UsageError(
                f"The metric {choice.name} is for internal use only: it is not part of the shareable edition."
            )
    one, beside = metric(choice.name), choice.out.with_suffix(".about.csv")
    about = {"metric": one.name, "title": one.title, "edition": "internal" if choice.internal else "shareable"}
    about |= {"authority": choice.authority, "as_at": str(run.as_at), "rests on": " ".join(notices), "rows": one.grain}
    about |= definition_of(choice.name)
    try:
        with into(choice.out.parent) as new:
            frame.write_csv(new / choice.out.name)
            pl.DataFrame({"item": list(about), "value": list(about.values())}).write_csv(new / beside.name)
    except OSError:
        raise UsageError(f"{choice.out.name} cannot be written in that folder.") from None
    return Done(choice.out, 1, (*notices, f"{frame.height:,} rows. What they are and rest on: {beside}."))
