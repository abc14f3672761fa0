"""The address of a DuckLake: where it is, and never who asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import PassingError, UsageError
from pipelines.place import Lake, of_authority, parse_place
from pipelines.warehouse import lakes

SECRET = "geheim-1"


def test_anything_else_is_a_path() -> None:
    assert parse_place("out/warehouse.duckdb") == Path("out/warehouse.duckdb")


def test_an_address_says_where_the_catalogue_is() -> None:
    place = parse_place("ducklake:postgres:dbname=hclic host='db example' port=5433")
    assert isinstance(place, Lake)
    assert place.options == {"dbname": "hclic", "host": "db example", "port": "5433"}
    assert str(place) == "ducklake:postgres:dbname=hclic host='db example' port=5433"


def test_the_authority_that_replaced_another_has_its_warehouse() -> None:
    allerdale, cumberland = "E07000026", "E06000063"
    place = of_authority(parse_place("ducklake:postgres:dbname=hclic"), allerdale)
    assert isinstance(place, Lake)
    assert place.authority == cumberland
    assert lakes.schema_of(allerdale) == "hclic_e06000063"


@pytest.mark.parametrize(
    "address",
    [
        f"ducklake:postgres:dbname=hclic password={SECRET}",
        f"ducklake:postgres:dbname=hclic user={SECRET}",
        f"ducklake:postgres:dbname=hclic sslkey={SECRET}",
        f"ducklake:postgres:dbname=hclic service={SECRET}",
        f"ducklake:postgresql://me:{SECRET}@host/hclic",
        f"ducklake:postgres:{SECRET}",
        f"ducklake:mysql:dbname={SECRET}",
        f"ducklake:postgres:host={SECRET}",
        f"ducklake:postgres:dbname=hclic options={SECRET}",
    ],
)
def test_an_address_with_more_or_less_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_place(address)
    assert SECRET not in str(refused.value)


def test_a_catalogue_that_is_not_there_is_told_without_who_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pg8000")
    monkeypatch.setenv("HCLIC_WAREHOUSE_USER", "somebody")
    monkeypatch.setenv("HCLIC_WAREHOUSE_PASSWORD", SECRET)
    place = parse_place("ducklake:postgres:dbname=hclic host=127.0.0.1 port=1")
    assert isinstance(place, Lake)
    with pytest.raises(PassingError) as told:
        lakes.authorities(place)
    assert "could not be reached" in str(told.value)
    assert "somebody" not in str(told.value) and SECRET not in str(told.value)
