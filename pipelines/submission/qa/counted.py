"""The totals of one return, counted from its rows, and what must hold between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from pipelines.emit.tables.build import prepare as prepare_populations
from pipelines.emit.tables.build import references
from pipelines.period import Quarter
from pipelines.published.identities import identities_for
from pipelines.submission.qa.catalogue import PERSONAL, Total, totals_for
from pipelines.transform import SENT, edition


@dataclass(frozen=True)
class Counted:
    """The totals of one return by id. One that is not known has no value; it is never 0."""

    values: Mapping[str, int | None]
    references: Mapping[str, list[str]] = field(default_factory=dict)
    """The cases behind each total, sorted: ``case`` or, where persons or needs are counted, ``case#which``."""


def count(con: duckdb.DuckDBPyConnection, totals: tuple[Total, ...], personal: list[str] | None = None) -> Counted:
    """Count the cases as sent.

    Args:
        con: a database with the edition ``sent`` of a quarter.
        totals: what to count; they may be those of another quarter.
        personal: the people of the personal-data file, as references; None where there is none.
    """
    behind: dict[str, list[str]] = {}
    with edition(con, SENT):
        prepare_populations(con)
        for relation in dict.fromkeys(one.relation for one in totals if one.relation):
            wanted = {one.ident: one.rule for one in totals if one.relation == relation}
            behind |= references(con, relation, wanted)
    if personal is not None:
        behind[PERSONAL] = personal
    return Counted({one.ident: len(behind[one.ident]) if one.ident in behind else None for one in totals}, behind)


@dataclass(frozen=True)
class Check:
    """One thing that must hold between the totals of a return."""

    name: str
    says: str
    """What must hold, and the figures of both sides."""
    holds: bool


def checks(counted: Counted, quarter: Quarter) -> tuple[Check, ...]:
    """What must hold of the totals: the identities of MHCLG's tables, and that no row stands outside its case."""
    totals = {(one.table, one.column_path): one for one in totals_for(str(quarter)) if one.table}
    values = {key: counted.values[one.ident] for key, one in totals.items()}
    figures = {key: value for key, value in values.items() if value is not None}
    found = []
    for identity in identities_for(str(quarter)):
        if not figures.keys() >= set(identity.refs):
            continue
        low, high = identity.bounds(figures)
        value = figures[identity.printed]
        found.append(
            Check(
                identity.name,
                f"{totals[identity.printed].name} is {value:,} and must be {_range(low, high)}.",
                (low is None or value >= low) and (high is None or value <= high),
            )
        )
    cases = set(counted.references.get("rows-main", ()))
    for ident, behind in counted.references.items():
        if ident.startswith("rows-") and ident != "rows-main":
            outside = len({one.partition("#")[0] for one in behind} - cases)
            section = ident.removeprefix("rows-").replace("-", " ")
            says = f"Cases with rows of {section} that have no row of main: {outside:,}; there must be none."
            found.append(Check(f"Rows of {section}: within their cases", says, not outside))
    if (sent := counted.values.get(PERSONAL)) is not None:
        may = counted.values["people-consent"]
        says = f"The personal-data file holds {sent:,} people and must hold the {may:,} who did not refuse."
        found.append(Check("Personal-data file: people", says, sent == may))
    return tuple(found)


def _range(low: int | None, high: int | None) -> str:
    if low == high:
        return f"{low:,}"
    if low is None:
        return f"{high:,} or fewer"
    return f"{low:,} or more" if high is None else f"from {low:,} to {high:,}"
