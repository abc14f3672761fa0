"""Which pairs are put to an officer, with which weight and words; twins, fathers and sons and namesakes are not."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest

from pipelines.people.candidates import THRESHOLD, reasons
from pipelines.people.linking import link
from pipelines.synthesise.names import FORENAMES, SURNAMES
from tests.people.town import as_people, others, person, ref

pytest.importorskip("splink", reason="the extra 'people' is not installed")

ADA = {"forename": "Ada", "surname": "Kettlewick", "date_of_birth": date(1988, 3, 7), "nino": "QQ123987A"}


def pair_of(*rows: dict[str, Any], threshold: float = THRESHOLD) -> dict[str, Any] | None:
    """The pair of the first two people, among a hundred others where no town is given; None where it is not found."""
    town = rows if len(rows) > 100 else (*rows, *others())
    found = link(as_people([*town]), threshold).pairs
    keys = [f"{row['case_ref']}/{row['person_no']}" for row in rows[:2]]
    mine = found.filter((pl.col("person_a") == keys[0]) & (pl.col("person_b") == keys[1]))
    return mine.row(0, named=True) if mine.height else None


def test_the_same_number_and_birthday_is_a_pair_and_says_why() -> None:
    pair = pair_of(person(1, **ADA), person(2, **{**ADA, "last_address": "9 Specimen Road"}))
    assert pair is not None
    for_one, against, silent = reasons(pair)
    assert for_one == "same National Insurance number; same forename; same surname; same date of birth"
    assert against == "other last address"
    assert silent == ""


def numbered(digits: int) -> str:
    return f"QQ{digits}A"


SLIPS: list[tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = [
    ("day and month of birth exchanged", lambda own: {"date_of_birth": own["date_of_birth"].replace(month=7, day=3)}),
    ("dates of birth differ in one figure", lambda own: {"date_of_birth": own["date_of_birth"].replace(day=8)}),
    ("surname spelt alike", lambda own: {"surname": own["surname"][:3] + own["surname"][4:]}),
    ("surname spelt alike", lambda own: {"surname": f"O'{own['surname']}"}),
    ("one surname is a part of the other", lambda own: {"surname": f"{own['surname']}-Oxenbury"}),
    ("same forename; same date of birth", lambda own: {"surname": "Oxenbury"}),
    ("same forename; same surname", lambda own: {"forename": own["forename"].replace("a", "á")}),
    ("one forename is a part or the beginning", lambda own: {"forename": f"{own['forename']} Quill"}),
    ("forename and surname exchanged", lambda own: {"forename": own["surname"], "surname": own["forename"]}),
    ("same National Insurance number", lambda own: {"nino": own["nino"].lower()[:4] + " " + own["nino"][4:-1]}),
    ("differ in one character", lambda own: {"nino": own["nino"][:7] + ("1" if own["nino"][7] == "0" else "0") + "A"}),
    ("same forename; same surname; same date of birth", lambda own: {"nino": None}),
]
"""What is said of a pair, and what went another way in the second record of each."""


@pytest.fixture(scope="module")
def slipped() -> dict[str, dict[str, Any]]:
    """The pairs of a town in which each slip was made once, by the person who stands there first."""
    forenames = [name for name in FORENAMES["female"] if "a" in name[1:]]
    rows = []
    for number, (_, slip) in enumerate(SLIPS, start=1):
        own = {
            "forename": forenames[number],
            "surname": SURNAMES[number],
            "date_of_birth": date(1960 + 3 * number, 3, 7),
            "nino": numbered(100_000 + 61_537 * number),
        }
        rows += [person(number, **own), person(100 + number, **{**own, **slip(own)})]
    pairs = link(as_people([*rows, *others()]), THRESHOLD).pairs
    return {pair["person_a"]: pair for pair in pairs.iter_rows(named=True)}


@pytest.mark.parametrize("number", range(1, len(SLIPS) + 1), ids=[words for words, _ in SLIPS])
def test_one_slip_does_not_hide_a_person(number: int, slipped: dict[str, dict[str, Any]]) -> None:
    pair = slipped[f"{ref(number)}/1"]
    assert pair["person_b"] == f"{ref(100 + number)}/1"
    assert SLIPS[number - 1][0] in reasons(pair)[0]


def test_people_of_one_case_are_not_a_pair() -> None:
    twice = person(1, 2, **ADA, relationship="other_adult")
    assert pair_of(person(1, 1, **ADA), twice, threshold=-100) is None


def test_twins_under_two_references_are_not_a_pair() -> None:
    born = {"surname": "Kettlewick", "date_of_birth": date(2016, 5, 5), "last_address": "4 Sample Close", "nino": None}
    rows = [person(1, 2, forename="Bram", **born), person(2, 2, forename="Orla", **born)]
    assert pair_of(*rows) is None
    told = pair_of(*rows, threshold=-100)
    assert told is not None
    assert "twins are more likely" in reasons(told)[1]


def test_each_twin_is_a_pair_with_itself_under_the_other_reference() -> None:
    born = {"surname": "Kettlewick", "date_of_birth": date(2016, 5, 5), "last_address": "4 Sample Close", "nino": None}
    rows = [
        person(case, number, forename=name, **born) for case in (1, 2) for number, name in ((2, "Bram"), (3, "Orla"))
    ]
    found = link(as_people([*rows, *others()]), THRESHOLD).pairs
    pairs = {(a.rpartition("/")[2], b.rpartition("/")[2]) for a, b in found.select("person_a", "person_b").iter_rows()}
    assert pairs == {("2", "2"), ("3", "3")}


def test_father_and_son_of_one_name_at_one_address_are_not_a_pair() -> None:
    name = {"forename": "Idris", "surname": "Kettlewick", "last_address": "4 Sample Close", "nino": None}
    rows = [
        person(1, date_of_birth=date(1961, 2, 3), **name),
        person(2, date_of_birth=date(1990, 11, 20), **name),
    ]
    assert pair_of(*rows) is None
    told = pair_of(*rows, threshold=-100)
    assert told is not None
    assert "born a generation apart" in reasons(told)[1]


def test_namesakes_born_on_one_day_are_told_apart_where_the_name_is_common() -> None:
    """A third of the town has one name: an equal birthday is chance, where the numbers differ."""
    name = {"forename": "Idris", "surname": "Kettlewick"}
    crowd = [*others(300), *({**person(3000 + number), **name} for number in range(200))]
    rows = [
        person(1, date_of_birth=date(1980, 1, 1), nino="QQ471100A", **name),
        person(2, date_of_birth=date(1980, 1, 1), nino="QQ902266A", **name),
    ]
    common = pair_of(*rows, *crowd, threshold=-100)
    rare = pair_of(*rows, threshold=-100)
    assert common is not None
    assert rare is not None
    assert common["match_weight"] < THRESHOLD
    assert common["match_weight"] < rare["match_weight"] - 3
    assert "National Insurance numbers differ" in reasons(rare)[1]


def test_one_number_typed_for_two_people_is_not_a_pair() -> None:
    other = {"forename": "Bram", "surname": "Oxenbury", "date_of_birth": date(1971, 9, 30), "nino": ADA["nino"]}
    assert pair_of(person(1, **ADA), person(2, **other)) is None


def test_a_number_that_stands_for_none_says_nothing() -> None:
    pair = pair_of(person(1, **{**ADA, "nino": "QQ999999A"}), person(2, **{**ADA, "nino": "QQ999999A"}))
    assert pair is not None
    assert reasons(pair)[2] == "National Insurance number"


def test_the_same_people_in_any_order_give_the_same_pairs() -> None:
    rows = [person(1, **ADA), person(2, **{**ADA, "surname": "Ketlewick"}), *others(40)]
    one, other = link(as_people(rows), -20.0), link(as_people(rows[::-1]), -20.0)
    assert one.pairs.equals(other.pairs)
    assert one.shares == other.shares


def test_one_case_alone_has_no_pairs() -> None:
    assert link(as_people([person(1, **ADA)]), -100).pairs.is_empty()


def test_nothing_of_a_person_is_logged_or_printed(caplog: Any, capfd: Any) -> None:
    caplog.set_level(logging.DEBUG)
    link(as_people([person(1, **ADA), person(2, **ADA), *others(10)]), -100)
    printed = capfd.readouterr()
    assert printed.out + printed.err == ""
    assert [record.name for record in caplog.records if record.name.startswith(("splink", "sqlglot"))] == []


def test_what_a_thousand_people_share_stands_for_none_known() -> None:
    """A system that writes one name and one day where it knows none would make half a million pairs."""
    unknown = {"forename": "Xx", "surname": "Xx", "date_of_birth": date(1970, 1, 1), "nino": "QQ121212A"}
    crowd = [{**person(4000 + number, **unknown), "last_address": None} for number in range(1001)]
    found = link(as_people([*crowd, person(1, **ADA), person(2, **ADA)]), THRESHOLD)
    assert found.pairs.select("person_a", "person_b").rows() == [(f"{ref(1)}/1", f"{ref(2)}/1")]
