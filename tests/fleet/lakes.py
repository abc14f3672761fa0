"""DuckLakes for the tests: a PostgreSQL server on loopback that asks for passwords, and folders of data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.fleet.founding import found
from pipelines.place import PASSWORD, USER, Lake, parse_place
from tests.databases.servers import SECRET, postgresql_server

OWNER = "owner"


@dataclass(frozen=True)
class Catalogues:
    """A PostgreSQL server for catalogues: its port, and what makes a warehouse in a database of its own."""

    port: int
    host: str = "127.0.0.1"

    def do(self, *statements: str, database: str = "postgres") -> list[list[object]]:
        """Run statements as the owner of the server; gives the rows of the last one."""
        from pg8000.native import Connection

        rows: list[list[object]] = []
        with Connection(OWNER, password=SECRET, host=self.host, port=self.port, database=database, timeout=20) as con:
            for one in statements:
                rows = con.run(one) or []
        return rows

    def lake(self, name: str, data: Path | str) -> Lake:
        """A warehouse for many authorities in a new database."""
        self.do(f"create database {name}")
        place = self.address(name)
        found(place, str(data))
        return place

    def address(self, name: str) -> Lake:
        """The address of the warehouse in a database."""
        place = parse_place(f"ducklake:postgres:dbname={name} host={self.host} port={self.port} sslmode=disable")
        assert isinstance(place, Lake)
        return place


@contextmanager
def catalogues(host: str = "127.0.0.1") -> Iterator[Catalogues]:
    """The server, with the environment in which its owner asks."""
    pytest.importorskip("duckdb_extension_ducklake", reason="needs the extra fleet")
    before = {name: os.environ.get(name) for name in (USER, PASSWORD)}
    with postgresql_server(connections=60, address=host) as port:
        os.environ.update({USER: OWNER, PASSWORD: SECRET})
        try:
            yield Catalogues(port, host)
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
