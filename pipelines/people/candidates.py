"""The pairs put to an officer: who, the weight, what speaks for and against in words, and earlier answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.people.answers import DIFFERENT, SAME, UNSURE, newest_answers, seen_of
from pipelines.people.linking import link
from pipelines.people.model import AGAINST, COMPARISONS, FOR
from pipelines.people.reading import Recorded
from pipelines.people.rekeyed import Rekeyed, may_be_one_case, people_now
from pipelines.warehouse.store import Warehouse
from schemas.codelists import codelist

THRESHOLD = -2.0
"""Least weight of a pair that is asked: between -2 and 0 more are right than wrong (``bench/same_person.md``)."""
LIKELIHOODS = ((6.0, "almost certain"), (0.0, "likely"))
"""Words for a weight from this one on."""
POSSIBLE = "possible"

UNKNOWN_ROLE = "Household member"

_SIDE = ("person", "reference", "case_ref", "role", "officer", "team", "exported")
COLUMNS = {
    "pair": pl.Int64(),
    "match_weight": pl.Float64(),
    "likelihood": pl.String(),
    **{f"{name}_{side}": pl.String() for side in ("a", "b") for name in _SIDE},
    "for": pl.String(),
    "against": pl.String(),
    "not_recorded": pl.String(),
    "others": pl.Int64(),
    "one_case": pl.String(),
    "answered": pl.String(),
}
"""One row per pair. ``others``: how many further pairs of people the two cases have among the candidates."""

_NAMES = {
    "nino": "National Insurance number",
    "forename": "forename",
    "surname": "surname",
    "born": "date of birth",
    "address": "last address",
}


@dataclass(frozen=True)
class Candidates:
    """``to_answer``: the pairs to ask, the heaviest first. ``answered``: those that were answered and are not asked
    again. ``people``: how many people were compared, ``cases``: of how many cases."""

    to_answer: pl.DataFrame
    answered: pl.DataFrame
    people: int
    cases: int
    recorded: Recorded
    rekeyed: Rekeyed


def find_candidates(store: Warehouse, la_code: str, threshold: float = THRESHOLD) -> Candidates:
    """Compare everybody whom the authority's runs have seen.

    A pair that was rejected is asked again only where what is compared of the two has changed since; one of which the
    officer was not sure is asked each time; one that was confirmed is not asked again.

    Raises:
        UsageError: the extra ``people`` is not installed.
        InputError: the warehouse holds no run of the authority.
    """
    recorded, found = people_now(store, la_code)
    linked = link(recorded.people, threshold)
    seen = seen_of(linked.compared)
    answers = {
        (row["person_a"], row["person_b"]): row
        for row in newest_answers(store.connection, la_code).iter_rows(named=True)
    }
    between = linked.pairs.with_columns(_cases_of_pair()).with_columns(others=pl.len().over("cases") - 1)
    people = {row["person_key"]: row for row in recorded.people.iter_rows(named=True)}
    cases = {row["case_ref"]: row for row in recorded.cases.iter_rows(named=True)}
    asked: list[dict[str, Any]] = []
    settled: list[dict[str, Any]] = []
    for pair in between.iter_rows(named=True):
        one, other = pair["person_a"], pair["person_b"]
        answer = answers.get((one, other))
        has_changed = answer is not None and answer["seen"] != f"{seen[one]} {seen[other]}"
        is_settled = answer is not None and (
            answer["decision"] == SAME or (answer["decision"] == DIFFERENT and not has_changed)
        )
        row = {
            **_described(recorded, pair, people, cases),
            "answered": _answered(answer, has_changed=has_changed) if answer else None,
        }
        (settled if is_settled else asked).append(row)
    return Candidates(
        _numbered(asked), _numbered(settled), recorded.people.height, recorded.cases.height, recorded, found
    )


def reasons(pair: dict[str, Any]) -> tuple[str, str, str]:
    """What speaks for one person, what against, and what one of the two lacks: in words, without values."""
    said: dict[str, list[str]] = {FOR: [], AGAINST: [], "": []}
    silent = []
    names_exchanged = pair["forename"] == "swapped"
    for comparison in COMPARISONS:
        met = next((level for level in comparison.levels if level.name == pair[comparison.name]), None)
        if met is not None:
            said[met.side].append(met.words)
        elif not (comparison.name == "surname" and names_exchanged):
            silent.append(_NAMES[comparison.name])
    return "; ".join(said[FOR]), "; ".join([*said[AGAINST], *said[""]]), ", ".join(silent)


def _described(
    recorded: Recorded, pair: dict[str, Any], people: dict[str, dict[str, Any]], cases: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    row: dict[str, Any] = {"match_weight": pair["match_weight"], "likelihood": _likelihood(pair["match_weight"])}
    for side in ("a", "b"):
        row |= {f"{name}_{side}": value for name, value in _side(people[pair[f"person_{side}"]], cases)}
    row["for"], row["against"], row["not_recorded"] = reasons(pair)
    row["others"] = pair["others"]
    both_apply = all(people[pair[f"person_{side}"]]["is_applicant"] for side in ("a", "b"))
    if both_apply and may_be_one_case(recorded, row["case_ref_a"], row["case_ref_b"]):
        row["one_case"] = "Both have one application date and no export has both: perhaps one case, keyed again"
    return row


def _side(person: dict[str, Any], cases: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str | None]]:
    case = cases.get(person["case_ref"], {})
    yield "person", person["person_key"]
    yield "reference", case.get("local_ref") or person["case_ref"]
    yield "case_ref", person["case_ref"]
    yield "role", f"{role_of(person['relationship'])}, person {person['person_no']}"
    yield "officer", case.get("officer")
    yield "team", case.get("team")
    if case.get("until_run") is not None:
        yield "exported", "The case is not in the newest export"
    elif person["until_run"] is not None:
        yield "exported", "No longer in the household"
    else:
        yield "exported", "In the newest export"


def role_of(relationship: str | None) -> str:
    """The label of a relationship to the main applicant."""
    code = codelist("relationship").codes.get(relationship or "")
    return code.label if code else UNKNOWN_ROLE


def _likelihood(weight: float) -> str:
    return next((words for least, words in LIKELIHOODS if weight >= least), POSSIBLE)


def _answered(answer: dict[str, Any], *, has_changed: bool) -> str:
    words = {SAME: "the same person", DIFFERENT: "not the same person", UNSURE: "not sure"}[answer["decision"]]
    changed = "; what is recorded has changed since" if has_changed else ""
    return f"{words}, said {answer['said_by']} on {answer['said_on']:%d/%m/%Y}{changed}"


def _cases_of_pair() -> pl.Expr:
    return (
        pl.concat_list(pl.col("person_a", "person_b").str.replace("/[0-9]+$", ""))
        .list.sort()
        .list.join(" ")
        .alias("cases")
    )


def _numbered(rows: list[dict[str, Any]]) -> pl.DataFrame:
    numbered = [{**row, "pair": number} for number, row in enumerate(rows, start=1)]
    return pl.DataFrame(numbered, schema=COLUMNS)
