"""References: issued once, kept for ever, never issued twice."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import InputError, UsageError
from pipelines.link.references import FIRST_ISSUED_NUMBER, empty_map, read_map, read_migrations, resolve
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
    found = resolve(sections("NEW/9"), authority=AUTHORITY, known=empty_map(), migrations={"NEW/9": REFERENCE})
    assert found.sections["main"]["case_ref"].to_list() == [REFERENCE]
    assert found.findings["rule_id"].to_list() == ["REF-01"]


def test_a_rekeyed_case_keeps_its_reference_in_later_runs_without_the_migration_map() -> None:
    rekeyed = "E06000034_000000099999"
    first = resolve(sections(rekeyed), authority=AUTHORITY, known=empty_map(), migrations={rekeyed: REFERENCE})
    later = resolve(sections(rekeyed), authority=AUTHORITY, known=first.map)
    assert later.sections["main"]["case_ref"].to_list() == [REFERENCE]


def test_a_chain_of_migrations_is_followed_to_its_start() -> None:
    chain = {"B": "A", "C": "B"}
    known = resolve(sections("A"), authority=AUTHORITY, known=empty_map()).map
    found = resolve(sections("C"), authority=AUTHORITY, known=known, migrations=chain)
    assert found.sections["main"]["case_ref"].to_list() == known["case_ref"].to_list()


def test_old_and_new_reference_of_one_case_in_one_export_is_an_error() -> None:
    found = resolve(
        sections("NEW/9", REFERENCE), authority=AUTHORITY, known=empty_map(), migrations={"NEW/9": REFERENCE}
    )
    assert found.findings.filter(pl.col("severity") == "error")["rule_id"].to_list() == ["REF-04"]


def test_the_written_map_gives_the_same_references_in_an_empty_warehouse(tmp_path: Path) -> None:
    first = resolve(sections("HB/2", "30363"), authority=AUTHORITY, known=empty_map())
    first.map.write_csv(tmp_path / "map.csv")
    grown = sections("HB/1", "HB/2", "30363")
    again = resolve(grown, authority=AUTHORITY, known=read_map(tmp_path / "map.csv"))
    kept = resolve(grown, authority=AUTHORITY, known=first.map)
    assert again.sections["main"].equals(kept.sections["main"])


def test_a_circle_in_the_migration_map_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "migrations.csv"
    path.write_text("new_reference,old_reference\nA,B\nB,A\n")
    with pytest.raises(UsageError, match="circle"):
        read_migrations(path)


def test_a_map_without_its_columns_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="no column local_ref and no column case_ref"):
        read_map(path)


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
