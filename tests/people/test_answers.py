"""Answers are kept; confirmed references share a number; a rejected pair is asked again only where data changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import UsageError
from pipelines.link.references import read_migrations
from pipelines.people.answers import DIFFERENT, SAME, UNSURE, newest_answers
from pipelines.people.candidates import Candidates, find_candidates
from pipelines.people.deciding import Kept, decide, numbered
from pipelines.people.extra import is_installed
from pipelines.people.files import Read
from pipelines.people.rekeyed import people_now, write_map
from pipelines.warehouse.store import Warehouse
from tests.people.town import others, person, ref, run
from tests.warehouse.stored import LA

NEEDS_SPLINK = pytest.mark.skipif(not is_installed(), reason="the extra 'people' is not installed")
ADA = {"forename": "Ada", "surname": "Kettlewick", "date_of_birth": date(1988, 3, 7), "nino": "QQ123987A"}
DAY = date(2025, 10, 6)


@pytest.fixture
def store() -> Iterator[Warehouse]:
    with Warehouse(None) as opened:
        yield opened


def key(case: int, number: int = 1) -> str:
    return f"{ref(case)}/{number}"


def say(store: Warehouse, one: int, other: int, decision: str, *, one_case: bool = False) -> Kept:
    said = [Read(key(one), key(other), decision, one_case, None)]
    return decide(store, LA, said, said_by="A. Officer", said_on=DAY, came_from="command")


def number_of(store: Warehouse) -> dict[str, int]:
    listed = numbered(store, LA).listed
    return dict(listed.select("person", "person_number").iter_rows())


def asked(found: Candidates) -> list[tuple[str, str]]:
    return list(found.to_answer.select("person_a", "person_b").iter_rows())


def test_confirmed_references_share_the_number_that_was_given_first(store: Warehouse) -> None:
    run(store, "one", [person(1, **ADA), person(2), person(3, **ADA)])
    assert number_of(store) == {key(1): 1, key(2): 2, key(3): 3}
    assert say(store, 3, 1, SAME) == Kept(1, ())
    assert number_of(store) == {key(1): 1, key(2): 2, key(3): 1}


def test_numbers_stay_over_runs_whoever_comes(store: Warehouse) -> None:
    run(store, "one", [person(5), person(9)])
    before = number_of(store)
    run(store, "two", [person(1), person(5), person(9), person(9, 2)])
    after = number_of(store)
    assert before == {key(5): 1, key(9): 2}
    assert after == {**before, key(1): 3, key(9, 2): 4}
    assert number_of(store) == after


def test_numbers_do_not_depend_on_when_they_were_asked_for(store: Warehouse) -> None:
    run(store, "one", [person(5), person(9)])
    run(store, "two", [person(1), person(5), person(9)])
    assert number_of(store) == {key(5): 1, key(9): 2, key(1): 3}


def test_a_confirmation_taken_back_gives_each_their_own_number(store: Warehouse) -> None:
    run(store, "one", [person(1, **ADA), person(2, **ADA)])
    say(store, 1, 2, SAME)
    say(store, 1, 2, DIFFERENT)
    assert number_of(store) == {key(1): 1, key(2): 2}


def test_three_references_of_one_person_share_one_number(store: Warehouse) -> None:
    run(store, "one", [person(1), person(2), person(3)])
    say(store, 2, 3, SAME)
    say(store, 1, 2, SAME)
    assert set(number_of(store).values()) == {1}


def test_answers_that_contradict_each_other_are_said_and_nobody_is_merged(store: Warehouse) -> None:
    run(store, "one", [person(1), person(2), person(3)])
    say(store, 1, 2, SAME)
    say(store, 2, 3, SAME)
    kept = say(store, 1, 3, DIFFERENT)
    assert len(kept.contradictions) == 1
    assert f"{key(1)} and {key(3)} were said to be two people" in kept.contradictions[0]
    assert number_of(store) == {key(1): 1, key(2): 2, key(3): 3}
    assert say(store, 2, 3, DIFFERENT).contradictions == ()
    assert number_of(store) == {key(1): 1, key(2): 1, key(3): 3}


def test_a_contradiction_leaves_other_people_as_they_are(store: Warehouse) -> None:
    run(store, "one", [person(case) for case in range(1, 6)])
    for one, other, decision in ((1, 2, SAME), (2, 3, SAME), (1, 3, DIFFERENT), (4, 5, SAME)):
        say(store, one, other, decision)
    assert number_of(store) == {key(1): 1, key(2): 2, key(3): 3, key(4): 4, key(5): 4}


def test_two_members_of_one_household_are_not_merged_by_way_of_another_case(store: Warehouse) -> None:
    run(store, "one", [person(1), person(1, 2), person(2)])
    said = [Read(key(1), key(2), SAME, False, None), Read(key(1, 2), key(2), SAME, False, None)]
    kept = decide(store, LA, said, said_by="A", said_on=DAY, came_from="file")
    assert "members of one household" in kept.contradictions[0]
    assert len(set(number_of(store).values())) == 3


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (key(1), key(1), "name two references"),
        (key(1), key(1, 2), "of one case"),
        (key(1), key(7), "no person called E06000034_000000000007/1"),
        (key(1), "Ada K", "no person called in"),
    ],
)
def test_a_pair_that_cannot_be_is_refused_and_nothing_kept(store: Warehouse, one: str, other: str, words: str) -> None:
    run(store, "one", [person(1), person(1, 2), person(2)])
    said = [Read(key(1), key(2), SAME, False, None), Read(one, other, SAME, False, None)]
    with pytest.raises(UsageError, match=words):
        decide(store, LA, said, said_by="A", said_on=DAY, came_from="file")
    assert newest_answers(store.connection, LA).is_empty()


@pytest.mark.parametrize("name", ["HX2", "hx2", ref(2), "HX2/1", key(2), f" {key(2)} "])
def test_a_person_is_named_by_any_reference_of_the_case(store: Warehouse, name: str) -> None:
    run(store, "one", [person(1), person(2, 1), person(2, 2)])
    decide(store, LA, [Read("HX1", name, SAME, False, None)], said_by="A", said_on=DAY, came_from="command")
    assert newest_answers(store.connection, LA).select("person_a", "person_b").rows() == [(key(1), key(2))]


def test_a_reference_that_two_cases_have_names_nobody(store: Warehouse) -> None:
    run(store, "one", [person(1), person(2), person(3)])
    store.connection.execute("update history.main set local_ref = 'HX2' where local_ref = 'HX3'")
    with pytest.raises(UsageError, match="More than one person is called HX2"):
        decide(store, LA, [Read("HX1", "HX2", SAME, False, None)], said_by="A", said_on=DAY, came_from="command")


def test_an_answer_without_a_name_is_refused(store: Warehouse) -> None:
    run(store, "one", [person(1), person(2)])
    with pytest.raises(UsageError, match="--by"):
        decide(store, LA, [Read(key(1), key(2), SAME, False, None)], said_by=" ", said_on=DAY, came_from="command")


def test_the_same_answer_is_kept_once(store: Warehouse) -> None:
    run(store, "one", [person(1), person(2)])
    assert say(store, 1, 2, SAME).count == 1
    assert say(store, 2, 1, SAME).count == 0


@NEEDS_SPLINK
def test_a_rejected_pair_is_asked_again_only_when_what_is_recorded_changes(store: Warehouse) -> None:
    rows = [person(1, **ADA), person(2, **ADA), *others(20)]
    run(store, "one", rows)
    assert asked(find_candidates(store, LA)) == [(key(1), key(2))]
    say(store, 1, 2, DIFFERENT)
    run(store, "two", [*rows, person(3)])
    found = find_candidates(store, LA)
    assert asked(found) == []
    assert found.answered["answered"].to_list() == ["not the same person, said A. Officer on 06/10/2025"]
    run(store, "three", [person(1, **ADA), person(2, **{**ADA, "surname": "Ketlewick"}), *others(20)])
    again = find_candidates(store, LA)
    assert asked(again) == [(key(1), key(2))]
    assert again.to_answer["answered"].to_list() == [
        "not the same person, said A. Officer on 06/10/2025; what is recorded has changed since"
    ]


@NEEDS_SPLINK
def test_a_confirmed_pair_is_not_asked_again_and_one_not_sure_is(store: Warehouse) -> None:
    ben = {"forename": "Bram", "surname": "Oxenbury", "date_of_birth": date(1979, 12, 24), "nino": "QQ555666A"}
    run(store, "one", [person(1, **ADA), person(2, **ADA), person(3, **ben), person(4, **ben), *others(20)])
    say(store, 1, 2, SAME)
    say(store, 3, 4, UNSURE)
    found = find_candidates(store, LA)
    assert asked(found) == [(key(3), key(4))]
    assert found.answered.select("person_a", "person_b").rows() == [(key(1), key(2))]


@NEEDS_SPLINK
def test_a_member_who_left_one_household_is_found_in_another(store: Warehouse) -> None:
    grown = {"forename": "Ysolde", "surname": "Kettlewick", "date_of_birth": date(2006, 8, 30)}
    run(store, "one", [person(1), person(1, 2, **grown), *others(20)])
    run(store, "two", [person(1), person(2, **grown), *others(20)])
    found = find_candidates(store, LA).to_answer
    assert found.select("person_a", "person_b", "exported_a", "role_b").rows() == [
        (key(1, 2), key(2), "No longer in the household", "Main applicant, person 1")
    ]


def rekeyed_town(store: Warehouse, **applied: date) -> None:
    """Case 1 until the second run, case 2 from then on: the same applicant."""
    run(store, "one", [person(1, **ADA), person(3)], **applied)
    run(store, "two", [person(2, **ADA), person(3)], **applied)


def test_a_case_keyed_again_goes_into_a_migration_map_that_the_next_run_takes(store: Warehouse, tmp_path: Path) -> None:
    rekeyed_town(store)
    say(store, 1, 2, SAME)
    recorded, found = people_now(store, LA)
    path = tmp_path / "map.csv"
    assert write_map(store, recorded, found, path) == 1
    assert read_migrations(path, LA).to_old == {ref(2): ref(1)}
    assert path.stat().st_mode & 0o777 == 0o600
    # The run with the map sends the case under its first reference again.
    run(store, "three", [person(1, **ADA), person(3)])
    recorded, found = people_now(store, LA)
    assert found.to_give == {}
    assert found.done == {ref(2): ref(1)}
    assert recorded.people["person_key"].to_list() == [key(1), key(3)]
    assert number_of(store) == {key(1): 1, key(3): 2}


@pytest.mark.parametrize(
    ("applied", "one_case", "expected"),
    [
        ({}, False, {ref(2): ref(1)}),
        ({"case_2": date(2025, 9, 1)}, False, {}),
        ({"case_2": date(2025, 9, 1)}, True, {ref(2): ref(1)}),
    ],
    ids=["one application date", "applied twice", "the officer says one case"],
)
def test_who_applied_twice_has_two_cases_unless_the_officer_says_one(
    store: Warehouse, applied: dict[str, date], one_case: bool, expected: dict[str, str]
) -> None:
    rekeyed_town(store, **applied)
    say(store, 1, 2, SAME, one_case=one_case)
    assert people_now(store, LA)[1].to_give == expected


def test_two_cases_that_one_export_has_are_not_one(store: Warehouse) -> None:
    run(store, "one", [person(1, **ADA), person(2, **ADA)])
    run(store, "two", [person(2, **ADA), person(3)])
    say(store, 1, 2, SAME)
    assert people_now(store, LA)[1].to_give == {}


def test_a_pair_that_answers_contradict_is_not_taken_for_one_case(store: Warehouse) -> None:
    rekeyed_town(store)
    say(store, 1, 2, SAME)
    say(store, 2, 3, SAME)
    say(store, 1, 3, DIFFERENT)
    assert people_now(store, LA)[1].to_give == {}


def test_without_a_case_keyed_again_no_map_is_made(store: Warehouse, tmp_path: Path) -> None:
    rekeyed_town(store)
    assert write_map(store, *people_now(store, LA), tmp_path / "map.csv") == 0
    assert list(tmp_path.iterdir()) == []


def test_the_map_names_cases_as_the_export_does(store: Warehouse, tmp_path: Path) -> None:
    rekeyed_town(store)
    known = pl.DataFrame(
        [("HX1", ref(1), "issued"), ("HX2", ref(2), "issued")], schema=["local_ref", "case_ref", "origin"], orient="row"
    )
    store.save_references(known, LA)
    say(store, 1, 2, SAME)
    write_map(store, *people_now(store, LA), tmp_path / "map.csv")
    assert read_migrations(tmp_path / "map.csv", LA).to_old == {"HX2": "HX1"}


def test_a_map_that_says_the_opposite_is_refused_and_left(store: Warehouse, tmp_path: Path) -> None:
    rekeyed_town(store)
    say(store, 1, 2, SAME)
    path = tmp_path / "map.csv"
    path.write_text(f"new_reference,old_reference\n{ref(1)},{ref(2)}\n")
    with pytest.raises(UsageError, match="the opposite"):
        write_map(store, *people_now(store, LA), path)
    assert ref(1) in path.read_text().splitlines()[1].split(",")[0]


def test_what_one_authority_answers_is_not_another_s(store: Warehouse) -> None:
    run(store, "one", [person(1), person(2)])
    say(store, 1, 2, SAME)
    assert newest_answers(store.connection, "E06000033").is_empty()
