"""The findings of a run as its pages list them: read once, put into words once, and filtered by each request."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import polars as pl

from pipelines import findings as found
from pipelines.emit.findings.officers import officers_frame
from pipelines.emit.pages.findings.columns import AGES, KINDS, NO_AGE, STATES, rows_of
from pipelines.findings import RESOLVED, WAIVED
from pipelines.run.life import with_states
from pipelines.serve.reading import RunRow
from pipelines.warehouse.asked import stored
from pipelines.warehouse.life import life_of
from pipelines.warehouse.notes import notes
from pipelines.warehouse.store import Warehouse

KEPT = 3
"""Runs of which the findings are kept in memory."""

TO_DO, BLOCKING, ALL = "todo", "blocks", "all"
SHOWN = {
    TO_DO: "All that is to do",
    BLOCKING: "What blocks the return",
    **KINDS,
    RESOLVED: STATES[RESOLVED],
    WAIVED: STATES[WAIVED],
    ALL: "Everything",
}
"""What a list can be of, in words."""

_SEARCHED = ("your_reference", "case_ref", "officer", "team", "what", "todo", "recorded", "note", "rule_id")
NOT_RECORDED = "-"
"""In an address: the rows that have no value in a column."""


@dataclass(frozen=True)
class Filters:
    """What of the findings is asked for; empty: no matter which."""

    show: str = TO_DO
    officer: str = ""
    team: str = ""
    rule: str = ""
    state: str = ""
    age: str = ""
    q: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filters:
        """What an address asks for; what is not understood is left out."""
        known = {name: asked.get(name, "")[:200] for name in cls.__dataclass_fields__}
        return cls(**{**known, "show": known["show"] if known["show"] in SHOWN else TO_DO})

    @property
    def query(self) -> str:
        """The same as part of an address."""
        return urlencode({name: value for name, value in vars(self).items() if value})

    @property
    def told(self) -> str:
        """The same without the words that are searched for: they may be a name, and a browser keeps addresses."""
        return replace(self, q="").query

    @property
    def is_narrowed(self) -> bool:
        """Whether more than what to show and the search is chosen."""
        return any((self.officer, self.team, self.rule, self.state, self.age))

    def of_rows(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Those of the rows that are asked for, in their order."""
        chosen = rows.filter(_shown(self.show))
        columns = {"officer": "officer", "team": "team", "rule": "rule_id", "state": "state", "age": "age"}
        for name, column in columns.items():
            if value := getattr(self, name):
                is_it = pl.col(column).is_null() if value == NOT_RECORDED else pl.col(column) == value
                chosen = chosen.filter(is_it)
        for word in self.q.casefold().split():
            has = [pl.col(column).str.to_lowercase().str.contains(word, literal=True) for column in _SEARCHED]
            chosen = chosen.filter(pl.any_horizontal(one.fill_null(False) for one in has))
        return chosen


def _shown(show: str) -> pl.Expr:
    at_hand = ~pl.col("state").is_in([RESOLVED, WAIVED]).fill_null(False)
    if show == ALL:
        return pl.lit(True)
    if show == TO_DO:
        return at_hand
    if show == BLOCKING:
        return at_hand & pl.col("blocks").fill_null(False)
    if show in KINDS:
        return at_hand & (pl.col("kind") == show)
    return pl.col("state") == show


def count_of(rows: pl.DataFrame) -> int:
    """How many findings the rows speak of: a row of a group stands for several."""
    return int(rows["count"].fill_null(1).sum())


def choices(rows: pl.DataFrame) -> dict[str, list[tuple[str, str]]]:
    """For each list to choose from: value and words."""
    ages = [*(words for _, words in AGES), NO_AGE]
    there = {name: set(rows[name].unique()) for name in ("officer", "team", "rule_id", "state", "age")}

    def plain(name: str) -> list[tuple[str, str]]:
        named = [(value, value) for value in sorted(value for value in there[name] if value is not None)]
        return [*named, *([(NOT_RECORDED, "Not recorded")] if None in there[name] else [])]

    return {
        "officer": plain("officer"),
        "team": plain("team"),
        "rule": plain("rule_id"),
        "state": [(name, words) for name, words in STATES.items() if name in there["state"]],
        "age": [(words, words) for words in ages if words in there["age"]],
    }


@dataclass(frozen=True)
class OfRun:
    """The findings of one run in words, one row per line of a list: first what blocks."""

    run: RunRow
    rows: pl.DataFrame

    def one(self, finding_id: str) -> dict[str, Any] | None:
        """The line of that id."""
        return next(self.rows.filter(pl.col("finding_id") == finding_id).head(1).iter_rows(named=True), None)


@dataclass
class Findings:
    """The findings of the runs that were looked at last.

    ``case_url``: where a case opens in the council's system, as a source profile says it.
    """

    case_url: str | None = None
    _known: dict[tuple[str, int], OfRun] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, store: Warehouse, run: RunRow) -> OfRun:
        """The findings of the run, with the notes that are there now."""
        with self._lock:
            key = (run.run_id, run.order)
            if key not in self._known:
                self._known[key] = OfRun(run, in_words(store, run, self.case_url))
                while len(self._known) > KEPT:
                    del self._known[next(iter(self._known))]
            kept = self._known[key]
        return OfRun(run, with_notes(kept.rows, store, run.la_code))


def in_words(store: Warehouse, run: RunRow, case_url: str | None = None) -> pl.DataFrame:
    """One row per line of the page of findings, of the run and of what is put right since the one before."""
    con = store.connection
    told = life_of(con, stored(con, run.run_id))
    kept = con.execute("select * exclude (run_id) from findings where run_id = ?", [run.run_id]).pl()
    findings = with_states(found.combine([kept]), told)
    lines = officers_frame(findings, case_url=case_url)
    resolved = officers_frame(found.combine([told.resolved]), case_url=case_url)
    return rows_of(lines, resolved, run.as_at)


def with_notes(rows: pl.DataFrame, store: Warehouse, la_code: str) -> pl.DataFrame:
    """The rows with the last note on each."""
    said = notes(store.connection, la_code).select("finding_id", "note", "said_by", "said_on")
    return rows.drop("note").join(said, on="finding_id", how="left", maintain_order="left")
