"""Write the metrics of a run or a warehouse as CSV files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

import duckdb
import polars as pl

from pipelines.disclosure import edition as disclosure
from pipelines.disclosure import local_words
from pipelines.disclosure.shareable import SHAREABLE
from pipelines.errors import UsageError
from pipelines.finance.cost import build as cost
from pipelines.metrics import before_after, caseload, foi_relations, history, outcomes, reconciliation
from pipelines.metrics.catalogue import Metric, definition_of, metric, metrics
from pipelines.metrics.options import MetricOptions
from pipelines.metrics.stays import build as stays
from pipelines.period import Quarter
from pipelines.transform import create
from pipelines.warehouse.released import before
from pipelines.whole import into

INDEX = "index.csv"
"""What stands in the folder: one row per file with title, grain, edition, number of rows and its definition."""


@dataclass(frozen=True)
class MetricFiles:
    """What ``write_metrics`` is told besides what the marts hold."""

    cost: cost.CostFiles | None = None
    """Files of rates that are tried out in place of the run's, invoices, and other lines of RO4."""
    options: MetricOptions | None = None
    pseudonym_key: bytes | None = None


def prepare_metrics(
    con: duckdb.DuckDBPyConnection,
    *,
    files: MetricFiles | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
) -> None:
    """Create the relations of every metric from the marts that ``transform.build`` has made.

    Raises:
        UsageError: the window is empty or an option makes no sense.
    """
    given = files or MetricFiles()
    stays.prepare(con, first_day=first_day, last_day=last_day)
    history.prepare(con)
    cost.prepare(con, given.cost)
    foi_relations.prepare(con)
    caseload.prepare(con, given.options)
    outcomes.prepare(con, given.options, pseudonym_key=given.pseudonym_key)
    before_after.prepare(con)
    reconciliation.prepare(con)


def metric_frame(con: duckdb.DuckDBPyConnection, name: str, *, internal: bool = True) -> pl.DataFrame:
    """All rows of one metric; in the shareable edition small counts are empty and a column ``note`` says so.

    Raises:
        UsageError: there is no such metric, or it is not part of the shareable edition.
    """
    one = metric(name)
    if internal:
        return one.make(con) if one.make else con.execute(f"select * from {name}").pl()
    if not is_shared(one):
        raise not_shared(name)
    return shareable_release(con).frames[name]


def not_shared(name: str) -> UsageError:
    """What is said to who asks the shareable edition for what it does not hold."""
    return UsageError(f"The metric {name} is for internal use only: it is not part of the shareable edition.")


class Frames:
    """The metrics as they are, by name, each read once: the pages, the edition for sharing and the files rest on one.

    ``con`` holds the relations of the metrics (``prepare_metrics``), which nobody changes meanwhile.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._read: dict[str, pl.DataFrame] = {}

    def __getitem__(self, name: str) -> pl.DataFrame:
        """All rows of one metric.

        Raises:
            UsageError: there is no such metric.
        """
        if name not in self._read:
            self._read[name] = metric_frame(self._con, name)
        return self._read[name]


def shareable_release(con: duckdb.DuckDBPyConnection, frames: Frames | None = None) -> disclosure.Release:
    """The shareable edition: every metric of it by name, all let out together, and its figures to be remembered.

    What earlier editions printed is read from the table ``released``, where the connection has one.

    Words of the authority's own that it has not confirmed are withheld first: their rows are one row then.
    ``frames`` are the metrics where some of them are at hand.
    """
    row = con.execute(
        "select metric_window.last_day, la_code from metric_window cross join reporting_period"
    ).fetchone()
    assert row is not None
    last_day, la_code = row
    words = confirmed_words(con)
    known = frames or Frames(con)
    kept = {
        one.name: local_words.withhold(known[one.name], SHAREABLE[one.name], words)
        for one in metrics()
        if is_shared(one)
    }
    return disclosure.release(kept, Quarter.containing(last_day).last_day, _key(con), before(con, la_code))


def _key(con: duckdb.DuckDBPyConnection) -> bytes:
    """What draws the shifts of counts: made of all that is recorded of the oldest cases and their people.

    No reader of figures knows it, as names, dates of birth and answers of a hundred households are in it; references
    alone could be guessed, since they are issued in order. It stays the same until one of these records is edited.
    """
    query = """
        with oldest as (
            select case_ref from households order by application_date nulls last, case_ref limit 100
        )

        select main::varchar as known
        from recorded.main
        semi join oldest using (case_ref)
        union all
        select people::varchar
        from recorded.people
        semi join oldest using (case_ref)
        order by known
    """
    known = [row[0] for row in con.execute(query).fetchall()]
    return sha256("\n".join(known).encode()).digest()


def confirmed_words(con: duckdb.DuckDBPyConnection) -> local_words.Confirmed:
    """The words that the authority has confirmed, without those that are a person's name or number in these cases."""
    row = con.execute("select la_code from reporting_period").fetchone()
    assert row is not None
    words = local_words.confirmed(con, row[0])
    if not words.spellings:
        return words
    create(con, "finance/inputs", "personal_text", kind="view")
    personal = con.execute(
        "select value from personal_text where list_contains(?::varchar[], value)",
        [sorted({word for _, word in words.spellings})],
    ).fetchall()
    return words.without({value for (value,) in personal})


def is_shared(one: Metric) -> bool:
    """Whether the shareable edition holds the metric."""
    return disclosure.is_shared(one.name)


def write_metrics(
    con: duckdb.DuckDBPyConnection,
    out_dir: Path,
    *,
    internal: bool = True,
    daily: bool = False,
    names: Iterable[str] | None = None,
    files: MetricFiles | None = None,
    prepared: bool = False,
    shared: Mapping[str, pl.DataFrame] | None = None,
    frames: Frames | None = None,
) -> list[Path]:
    """Write one CSV per metric to ``out_dir``, and ``index.csv``; returns the paths in the order of names.

    The marts have been made by ``transform.build``. The internal edition shows staff codes and references of cases,
    the shareable one teams only and rounded counts. ``daily`` adds the series by day; ``names`` picks metrics.
    ``shared`` are the frames of the shareable edition where they are at hand, ``frames`` the metrics where some are.

    Raises:
        UsageError: a name is not known, or the folder cannot be written.
    """
    chosen = [metric(name) for name in names] if names is not None else list(metrics())
    if names is None:
        # The answer to freedom of information requests has a file of its own, by item: hclic foi.
        chosen = [one for one in chosen if (daily or not one.is_daily) and not one.name.startswith("foi_")]
        chosen = [one for one in chosen if internal or is_shared(one)]
    if not prepared:
        prepare_metrics(con, files=files)
    edition = "internal" if internal else "shareable"
    for one in chosen:
        if not internal and not is_shared(one):
            raise not_shared(one.name)
    if shared is None:
        shared = {} if internal else shareable_release(con, frames).frames
    known = frames or Frames(con)
    written, index = [], []
    try:
        with into(out_dir) as new:
            for one in chosen:
                frame = known[one.name] if internal else shared[one.name]
                path = out_dir / f"{one.name}.csv"
                frame.write_csv(new / path.name)
                written.append(path)
                said = {"file": path.name, "edition": edition, "rows": frame.height}
                index.append(said | {"title": one.title, "grain": one.grain} | definition_of(one.name))
            pl.DataFrame(index).write_csv(new / INDEX)
    except OSError:
        raise UsageError("The metrics cannot be written in that folder.") from None
    return [*written, out_dir / INDEX]
