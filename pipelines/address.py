"""An address of a database: where it is, and never who asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from pipelines.errors import UsageError

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$#]*")
_SECRET = re.compile(r"user|uid|pwd|pass|token|secret|key", re.IGNORECASE)

ENCRYPTED, CHECKED, PLAIN = "require", "verify-full", "disable"
"""Values of ``sslmode``: encrypted; encrypted to a server whose certificate is checked; not encrypted."""


@dataclass(frozen=True)
class Product:
    """A kind of database."""

    name: str
    port: int = 0
    """Where its server listens by default; 0 of a database that is a file."""
    options: tuple[str, ...] = ("sslmode", "sslrootcert")
    sslmode: str = ENCRYPTED
    """How its server is spoken to where the address does not say, unless it is this machine."""


POSTGRESQL = Product("PostgreSQL", 5432, ("sslmode", "sslrootcert", "schema"))
MYSQL = Product("MySQL or MariaDB", 3306)
SQL_SERVER = Product("SQL Server", 1433, ("sslmode",))
# Few Oracle servers listen for TLS: most are set up for Oracle's own encryption, which needs Oracle's client.
ORACLE = Product("Oracle", 1521, ("sslmode", "schema"), sslmode=PLAIN)
SQLITE = Product("SQLite", options=())
DUCKDB = Product("DuckDB", options=())
PRODUCTS: Mapping[str, Product] = {
    "postgresql": POSTGRESQL,
    "postgres": POSTGRESQL,
    "mysql": MYSQL,
    "mariadb": MYSQL,
    "mssql": SQL_SERVER,
    "sqlserver": SQL_SERVER,
    "oracle": ORACLE,
    "sqlite": SQLITE,
    "duckdb": DUCKDB,
}
"""Product by the scheme of an address."""
_FORMS = "postgresql://host:5432/database, mysql://, mssql:// and oracle:// alike, sqlite:///file or duckdb:///file"
_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Address:
    """Where a database is. It holds neither user nor password, so it may be shown and kept."""

    text: str
    """As it was typed."""
    product: Product
    host: str = ""
    port: int = 0
    database: str = ""
    """Its name; of a database that is a file, the path."""
    options: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text

    @property
    def is_file(self) -> bool:
        """Whether the database is a file on this machine."""
        return not self.product.port

    @property
    def path(self) -> Path:
        """The file of a database that is one: an absolute path, or the same below the working folder."""
        below = Path(self.database.removeprefix("/"))
        return below if below.exists() and not Path(self.database).exists() else Path(self.database)

    @property
    def place(self) -> str:
        """The database in words."""
        if self.is_file:
            return f"the {self.product.name} file {self.path.name}"
        return f"the {self.product.name} database {self.database} on {self.host}:{self.port}"

    @property
    def sslmode(self) -> str:
        """Whether the connection is encrypted: as the address says; to this machine it need not be."""
        return self.options.get("sslmode") or (PLAIN if self.host in _LOCAL else self.product.sslmode)


def is_address(text: str) -> bool:
    """Whether the text is an address, not a path: a drive has one letter only."""
    return _SCHEME.match(text) is not None


def parse_address(text: str) -> Address:
    """Read an address. What is refused is not repeated: it may hold a password.

    Raises:
        UsageError: of no database that is read, not whole, or with a user or password.
    """
    scheme, _, rest = text.partition("://")
    product = PRODUCTS.get(scheme.casefold())
    if product is None or not rest:
        raise UsageError(f"The address of the export is of no database that is read. Write {_FORMS}.")
    if not product.port:
        if not rest.startswith("/") or "?" in rest:
            raise UsageError(f"The address of a {product.name} file has three slashes and the path: {scheme}:///path.")
        if not rest.strip("/"):
            raise _not_understood(product)
        return Address(text, product, database=unquote(rest))
    if "@" in unquote(rest):
        raise UsageError(
            "The database address holds a user or password. Take them out: they come from the environment,"
            " HCLIC_DB_USER and HCLIC_DB_PASSWORD."
        )
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port or product.port
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        raise _not_understood(product) from None
    database = unquote(parts.path.removeprefix("/"))
    if not host or not database or "/" in database or parts.fragment:
        raise _not_understood(product)
    for name, value in options.items():
        _check_option(product, name, value)
    return Address(text, product, host, port, database, options)


def _not_understood(product: Product) -> UsageError:
    example = "/path" if not product.port else f"host:{product.port}/database"
    scheme = next(scheme for scheme, one in PRODUCTS.items() if one is product)
    return UsageError(f"The address of the export is not understood. Write it like {scheme}://{example}.")


def _check_option(product: Product, name: str, value: str) -> None:
    if _SECRET.search(name):
        raise UsageError(
            "The database address holds a user or password. Take them out: they come from the environment,"
            " HCLIC_DB_USER and HCLIC_DB_PASSWORD."
        )
    if name not in product.options:
        raise UsageError(
            f"The address of the export has an option that is not known; with {product.name} there are:"
            f" {', '.join(product.options)}."
        )
    if name == "sslmode" and value not in (ENCRYPTED, CHECKED, PLAIN):
        raise UsageError(f"The option sslmode of an address is {ENCRYPTED}, {CHECKED} or {PLAIN}.")
    if name == "schema" and not _NAME.fullmatch(value):
        raise UsageError("The option schema of an address is the plain name of a schema.")
