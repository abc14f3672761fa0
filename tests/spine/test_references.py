"""References: issued once, kept for ever, never issued twice."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import InputError, UsageError
from pipelines.link.references import (
    FIRST_ISSUED_NUMBER,
    Migrations,
    Resolved,
    empty_map,
    read_map,
    read_migrations,
    resolve,
    with_given,
)
from schemas.sections import SECTIONS

AUTHORITY = "E06000034"
REFERENCE = "E06000034_000000030363"


def sections(*refs: str) -> dict[str, pl.DataFrame]:
    made = {section.name: section.empty() for section in SECTIONS}
    made["main"] = pl.concat([made["main"], pl.DataFrame({"case_ref": list(refs)})], how="diagonal")
    return made


def test_a_local_reference_of_up_to_twelve_digits_is_padded() -> None:
    found = resolve(sections("30363"), authority=AUTHORITY, known=empty_map())
    assert found.sections["main"]["case_ref"].to_list() == [REFERENCE]
    assert found.sections["main"]["local_ref"].to_list() == ["30363"]


def test_other_local_references_draw_from_the_counter_in_their_order() -> None:
    found = resolve(sections("HB/2", "HB/1"), authority=AUTHORITY, known=empty_map())
    assert dict(found.map.select("local_ref", "case_ref").iter_rows()) == {
        "HB/1": f"{AUTHORITY}_{FIRST_ISSUED_NUMBER}",
        "HB/2": f"{AUTHORITY}_{FIRST_ISSUED_NUMBER + 1}",
    }


def test_a_reference_once_issued_is_kept_when_the_export_changes() -> None:
    first = resolve(sections("HB/2"), authority=AUTHORITY, known=empty_map())
    second = resolve(sections("HB/1", "HB/2"), authority=AUTHORITY, known=first.map)
    kept = dict(second.map.select("local_ref", "case_ref").iter_rows())
    assert kept["HB/2"] == f"{AUTHORITY}_{FIRST_ISSUED_NUMBER}"
    assert kept["HB/1"] == f"{AUTHORITY}_{FIRST_ISSUED_NUMBER + 1}"


def test_a_number_that_came_with_an_export_is_not_issued_after_the_case_has_left_it() -> None:
    came = f"{AUTHORITY}_{FIRST_ISSUED_NUMBER}"
    first = resolve(sections(came), authority=AUTHORITY, known=empty_map())
    second = resolve(sections("HB/1"), authority=AUTHORITY, known=first.map)
    assert second.sections["main"]["case_ref"].to_list() == [f"{AUTHORITY}_{FIRST_ISSUED_NUMBER + 1}"]


def test_two_local_references_that_pad_alike_stay_two_cases_with_a_warning() -> None:
    found = resolve(sections("7", "007"), authority=AUTHORITY, known=empty_map())
    assert found.sections["main"]["case_ref"].n_unique() == 2
    assert found.findings["rule_id"].to_list() == ["REF-02"]
    assert found.findings["severity"].to_list() == ["warning"]


def test_a_rekeyed_case_keeps_the_reference_it_was_first_sent_under() -> None:
    found = resolve(
        sections("NEW/9"), authority=AUTHORITY, known=empty_map(), migrations=Migrations({"NEW/9": REFERENCE})
    )
    assert found.sections["main"]["case_ref"].to_list() == [REFERENCE]
    assert found.findings["rule_id"].to_list() == ["REF-01"]


def test_a_rekeyed_case_keeps_its_reference_in_later_runs_without_the_migration_map() -> None:
    rekeyed = "E06000034_000000099999"
    first = resolve(
        sections(rekeyed), authority=AUTHORITY, known=empty_map(), migrations=Migrations({rekeyed: REFERENCE})
    )
    later = resolve(sections(rekeyed), authority=AUTHORITY, known=first.map)
    assert later.sections["main"]["case_ref"].to_list() == [REFERENCE]


def test_a_chain_of_migrations_is_followed_to_its_start() -> None:
    chain = {"B": "A", "C": "B"}
    known = resolve(sections("A"), authority=AUTHORITY, known=empty_map()).map
    found = resolve(sections("C"), authority=AUTHORITY, known=known, migrations=Migrations(chain))
    assert found.sections["main"]["case_ref"].to_list() == known["case_ref"].to_list()


def test_old_and_new_reference_of_one_case_in_one_export_is_an_error() -> None:
    found = resolve(
        sections("NEW/9", REFERENCE),
        authority=AUTHORITY,
        known=empty_map(),
        migrations=Migrations({"NEW/9": REFERENCE}),
    )
    assert found.findings.filter(pl.col("severity") == "error")["rule_id"].to_list() == ["REF-04"]


def test_the_written_map_gives_the_same_references_in_an_empty_warehouse(tmp_path: Path) -> None:
    first = resolve(sections("HB/2", "30363"), authority=AUTHORITY, known=empty_map())
    first.map.write_csv(tmp_path / "map.csv")
    grown = sections("HB/1", "HB/2", "30363")
    again = resolve(grown, authority=AUTHORITY, known=read_map(tmp_path / "map.csv", AUTHORITY))
    kept = resolve(grown, authority=AUTHORITY, known=first.map)
    assert again.sections["main"].equals(kept.sections["main"])


def test_a_circle_in_the_migration_map_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "migrations.csv"
    path.write_text("new_reference,old_reference\nA1,B1\nB1,A1\n")
    with pytest.raises(UsageError, match="circle"):
        read_migrations(path, AUTHORITY)


def test_a_map_without_its_columns_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="no column local_ref and no column case_ref"):
        read_map(path, AUTHORITY)


OTHERS = "E09000002_000000000001"


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("A1,", "row 2, has no old_reference"),
        (",A1", "row 2, has no new_reference"),
        ("A1", "row 2, has no old_reference"),
        ("A1,n/a", "row 2, column old_reference: it holds no digit"),
        (f"A1,{OTHERS}", "row 2, column old_reference: it is a case of another authority than E06000034"),
        (f"{OTHERS.lower()},A1", "row 2, column new_reference: it is a case of another authority"),
        ("A1,B1\n,,\nA1,C1", "row 4, gives the new_reference of row 2 again"),
    ],
)
def test_a_migration_map_that_cannot_be_right_is_refused_by_row(tmp_path: Path, rows: str, sentence: str) -> None:
    path = tmp_path / "moved.csv"
    path.write_text(f"new_reference,old_reference\n{rows}\n")
    with pytest.raises(InputError) as refused:
        read_migrations(path, AUTHORITY)
    assert str(refused.value).startswith("The migration map moved.csv")
    assert sentence in str(refused.value)


def test_the_case_of_a_district_that_the_authority_replaced_may_be_migrated(tmp_path: Path) -> None:
    path = tmp_path / "moved.csv"
    # South Bucks became Buckinghamshire in April 2020 (reference list of authorities).
    path.write_text("new_reference,old_reference\nA1,E07000006_000000000001\n")
    assert read_migrations(path, "E06000060").to_old == {"A1": "E07000006_000000000001"}


def test_a_circle_names_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "moved.csv"
    path.write_text("new_reference,old_reference\nA1,B1\nC1,D1\nB1,E1\nE1,A1\n")
    with pytest.raises(UsageError, match="rows 2, 4 and 5"):
        read_migrations(path, AUTHORITY)


def test_a_chain_of_a_hundred_thousand_references_is_followed_once(tmp_path: Path) -> None:
    steps = 100_000
    path = tmp_path / "moved.csv"
    path.write_text("new_reference,old_reference\n" + "".join(f"A{number + 1},A{number}\n" for number in range(steps)))
    found, met = read_migrations(path, AUTHORITY).firsts(f"A{number}" for number in range(steps + 1))
    assert set(found.values()) == {"A0"}
    assert len(met) == steps


def resolved(*refs: str, migrations: Migrations, local: list[str] | None = None) -> Resolved:
    made = sections(*refs)
    if local:
        made["main"] = made["main"].with_columns(local_ref=pl.Series(local))
    return resolve(made, authority=AUTHORITY, known=empty_map(), migrations=migrations)


def test_a_row_of_the_migration_map_that_meets_nothing_is_named() -> None:
    rows = {"NEW/9": REFERENCE, "NEW/8": REFERENCE}
    found = resolved("NEW/9", migrations=Migrations(rows, {"NEW/9": 2, "NEW/8": 3}, "moved.csv"))
    (unmet,) = found.findings.filter(pl.col("rule_id") == "REF-06").to_dicts()
    assert unmet["message"].startswith("The migration map moved.csv, row 3, column new_reference: no case")
    assert (unmet["file"], unmet["row"]) == ("moved.csv", 3)


def test_a_case_with_an_h_clic_reference_may_be_migrated_by_its_local_one() -> None:
    rekeyed = "E06000034_000000099999"
    found = resolved(rekeyed, migrations=Migrations({"B/2": REFERENCE}, {"B/2": 2}), local=["B/2"])
    assert found.sections["main"]["case_ref"].to_list() == [REFERENCE]
    assert found.findings["rule_id"].to_list() == ["REF-01"]


def test_an_old_reference_that_was_never_sent_is_said() -> None:
    found = resolved("B2", migrations=Migrations({"B2": "A-1"}, {"B2": 2}, "moved.csv"))
    assert found.findings["rule_id"].to_list() == ["REF-07", "REF-01"]


def test_references_in_small_letters_are_read_as_if_in_capitals_and_said() -> None:
    found = resolve(sections(REFERENCE.lower()), authority=AUTHORITY, known=empty_map())
    assert found.sections["main"]["case_ref"].to_list() == [REFERENCE]
    assert found.map["case_ref"].to_list() == [REFERENCE]
    assert found.findings.select("rule_id", "severity").rows() == [("REF-05", "warning")]


CASE, OTHER = "E06000034_000000000001", "E06000034_000000000002"


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("A1,", "row 2, has no case_ref"),
        ("A1,hello", "row 2, column case_ref: it is not of the form"),
        (f"A1,{OTHERS}", "row 2, column case_ref: it is a case of another authority"),
        (f"A1,{CASE}\nA1,{OTHER}", "row 3, gives the local_ref of row 2 again"),
        (f"A1,{CASE}\nB1,{CASE}", "row 3, gives the case_ref of row 2 to another local_ref"),
        (f"{CASE},{OTHER}\n{OTHER},{CASE}", "rows 2 and 3: the references cross"),
    ],
)
def test_a_reference_map_that_cannot_be_right_is_refused_by_row(tmp_path: Path, rows: str, sentence: str) -> None:
    path = tmp_path / "map.csv"
    path.write_text(f"local_ref,case_ref\n{rows}\n")
    with pytest.raises(InputError) as refused:
        read_map(path, AUTHORITY)
    assert str(refused.value).startswith("The reference map map.csv")
    assert sentence in str(refused.value)


def test_the_map_of_a_run_with_a_rekeyed_case_is_read_again(tmp_path: Path) -> None:
    known = resolve(sections("A-1"), authority=AUTHORITY, known=empty_map()).map
    moved = resolve(sections("B-2"), authority=AUTHORITY, known=known, migrations=Migrations({"B-2": "A-1"})).map
    moved.write_csv(tmp_path / "map.csv")
    assert read_map(tmp_path / "map.csv", AUTHORITY).equals(moved)


def test_a_reference_map_that_says_otherwise_than_the_warehouse_is_refused() -> None:
    known = pl.DataFrame({"local_ref": ["A1"], "case_ref": [CASE], "origin": ["issued"]})
    given_map = known.with_columns(case_ref=pl.lit(OTHER))
    with pytest.raises(InputError, match=r"map\.csv gives 1 local references another case_ref"):
        with_given(known, given_map, Path("map.csv"))
    assert with_given(known, known, Path("map.csv")).equals(known)


local_references = st.lists(
    st.text(alphabet="0123456789AB/", min_size=1, max_size=14).filter(lambda text: text.strip() == text),
    min_size=1,
    max_size=20,
    unique=True,
)


@given(local_references, st.randoms())
def test_every_local_reference_gets_its_own_number_whatever_the_row_order(refs: list[str], random: object) -> None:
    shuffled = list(refs)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one = resolve(sections(*refs), authority=AUTHORITY, known=empty_map())
    other = resolve(sections(*shuffled), authority=AUTHORITY, known=empty_map())
    assert one.map.equals(other.map)
    assert one.map["case_ref"].n_unique() == len(refs)
    assert one.map["case_ref"].str.contains(r"^E06000034_\d{12}$").all()
