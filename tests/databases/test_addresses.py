"""Addresses, and who asks: nothing secret is taken from an address, and nothing that is refused is repeated."""

from __future__ import annotations

import pytest

from pipelines.address import Address, is_address, parse_address
from pipelines.credentials import Credentials
from pipelines.errors import UsageError
from pipelines.run.request import parse_export


@pytest.mark.parametrize(
    ("text", "place", "sslmode"),
    [
        (
            "postgresql://db.council.example/housing",
            "PostgreSQL database housing on db.council.example:5432",
            "require",
        ),
        ("postgres://localhost:5433/housing", "PostgreSQL database housing on localhost:5433", "disable"),
        ("mysql://h/b?sslmode=verify-full", "MySQL or MariaDB database b on h:3306", "verify-full"),
        ("mariadb://[::1]/b", "MySQL or MariaDB database b on ::1:3306", "disable"),
        ("mssql://h/b", "SQL Server database b on h:1433", "require"),
        ("sqlserver://h:1434/b", "SQL Server database b on h:1434", "require"),
        ("oracle://h/service", "Oracle database service on h:1521", "disable"),
        ("sqlite:///data/cases.db", "SQLite file cases.db", "disable"),
        ("duckdb:///data/my%20cases.duckdb", "DuckDB file my cases.duckdb", "disable"),
    ],
)
def test_an_address_says_where_a_database_is(text: str, place: str, sslmode: str) -> None:
    address = parse_export(text)
    assert isinstance(address, Address)
    assert address.place == f"the {place}"
    assert str(address) == text
    if not address.is_file:
        assert address.sslmode == sslmode


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://me:hush@host/db",
        "postgresql://hush@host/db",
        "postgresql://me:hu/sh@host/db",
        "postgresql://me%3Ahush%40host/db",
        "mysql://host/db?password=hush",
        "mysql://host/db?passwd=hush",
        "oracle://host/db?user=hush",
        "postgresql://host:hush/db",
        "postgresql://host/db/hush",
        "postgresql://host/db#hush",
        "postgresql://host/db?options=hush",
        "postgresql://host/db?sslmode=hush",
        "postgresql://host/db?schema=hush;drop",
        "postgresql://hush",
        "sqlite://me:hush@host/db",
        "sqlite:///",
        "https://me:hush@host/db",
        "hush://host",
        "postgresql:/me:hush@host/db",
    ],
)
def test_an_address_that_is_refused_is_not_repeated(text: str) -> None:
    assert is_address(text)
    with pytest.raises(UsageError) as refused:
        parse_export(text)
    assert "hush" not in str(refused.value)
    assert (refused.value.__cause__ is None and refused.value.__suppress_context__) or refused.value.__context__ is None


@pytest.mark.parametrize("text", ["data/sample", "C:/exports/x.csv", "C:\\exports", "./a:b/c.csv", "x.zip"])
def test_a_path_is_no_address(text: str) -> None:
    assert not is_address(text)


def test_user_and_password_come_from_the_environment_and_are_not_shown() -> None:
    who = Credentials.from_environment({"HCLIC_DB_USER": "reader", "HCLIC_DB_PASSWORD": "hush"})
    assert (who.user, who.password) == ("reader", "hush")
    assert "hush" not in f"{who!r} {who}"


@pytest.mark.parametrize(
    "held",
    [
        {"user": "reader", "password": "hush"},
        {"username": "reader", "password": "hush"},
        '{"user": "reader", "password": "hush"}',
        {"password": "hush"},
        "hush",
    ],
)
def test_a_block_holds_a_password_or_both(held: object) -> None:
    who = Credentials.from_block(held, {"HCLIC_DB_USER": "reader"})
    assert (who.user, who.password) == ("reader", "hush")


@pytest.mark.parametrize("held", [{}, {"user": "hush"}, None, ["hush"], '{"user": "hush"}'])
def test_a_block_without_a_password_is_refused(held: object) -> None:
    with pytest.raises(UsageError, match="holds no password") as refused:
        Credentials.from_block(held, {})
    assert "hush" not in str(refused.value)


def test_parsing_gives_the_options_of_an_address() -> None:
    address = parse_address("postgresql://h/b?schema=housing&sslmode=disable")
    assert (address.options["schema"], address.sslmode) == ("housing", "disable")
