"""Where a warehouse is: a DuckDB file, or a DuckLake with its catalogue in PostgreSQL.

A DuckLake is written as DuckDB writes it, ``ducklake:postgres:dbname=hclic host=db.example``, with the words of libpq
for where the catalogue is and how it is spoken to, and ``at=12`` to read the snapshot of that number. Who asks never
stands in it: ``HCLIC_WAREHOUSE_USER`` and ``HCLIC_WAREHOUSE_PASSWORD`` of the environment say so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipelines.authority import current_code
from pipelines.errors import UsageError

USER, PASSWORD = "HCLIC_WAREHOUSE_USER", "HCLIC_WAREHOUSE_PASSWORD"
"""Names in the environment of who asks the catalogue."""

_START = "ducklake:"
_PRODUCT = re.compile(r"ducklake:postgres(?:ql)?:(?!//)", re.IGNORECASE)
_PAIR = re.compile(r"\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^\s']+))(?:\s+|$)")
KNOWN = ("dbname", "host", "hostaddr", "port", "sslmode", "sslrootcert", "connect_timeout")
"""Words of libpq that an address may have."""
AT = "at"
"""Word of ours: the number of the snapshot that is read."""
_SECRET = re.compile(r"user|pass|secret|token|key|service", re.IGNORECASE)
_FORM = "ducklake:postgres:dbname=hclic host=db.example port=5432 sslmode=verify-full"


@dataclass(frozen=True)
class Lake:
    """A DuckLake: the catalogue of many authorities, each with a schema, data files and keys of its own.

    Holds neither user nor password, so it may be shown and kept.
    """

    text: str
    """As it was typed, without an authority."""
    options: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Where the catalogue is, by the words of libpq."""
    authority: str | None = None
    """GSS code of the authority that is meant; None where the catalogue holds one only, or all are meant."""
    at: int | None = None
    """Number of the snapshot that is read; None for what is there now. At one nothing can be written."""

    def __str__(self) -> str:
        return self.text

    def of(self, authority: str | None) -> Lake:
        """The same for one authority; one that was replaced stands with the one that replaced it."""
        return self if authority is None else replace(self, authority=current_code(authority))

    @property
    def name(self) -> str:
        """What it is called in sentences."""
        return f"{self.options['dbname']} on {self.options.get('host', 'this machine')}"


Place = Path | Lake
"""Where a warehouse is."""


def is_lake(text: str) -> bool:
    """Whether the text is the address of a DuckLake, right or wrong."""
    return text.casefold().startswith(_START)


def parse_place(text: str) -> Place:
    """A path, or a DuckLake. What is refused is not repeated: it may hold a password.

    Raises:
        UsageError: an address that is not understood, or that holds a user or password.
    """
    if not is_lake(text):
        return Path(text)
    start = _PRODUCT.match(text)
    if start is None:
        raise UsageError(f"The address of the warehouse is not understood. Write it like '{_FORM}'.")
    rest, options = text[start.end() :].strip(), dict[str, str]()
    position = 0
    while position < len(rest):
        pair = _PAIR.match(rest, position)
        if pair is None:
            raise UsageError(f"The address of the warehouse is not understood. Write it like '{_FORM}'.")
        word, quoted, plain = pair.groups()
        if _SECRET.search(word):
            raise UsageError(
                "The address of the warehouse holds a user, a password or a key. Take them out: they come from the"
                f" environment, {USER} and {PASSWORD}."
            )
        if word not in (*KNOWN, AT):
            raise UsageError(
                f"The address of the warehouse has a word that is not known; there are: {', '.join((*KNOWN, AT))}."
            )
        options[word] = plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        position = pair.end()
    if "dbname" not in options:
        raise UsageError(f"The address of the warehouse names no database. Write it like '{_FORM}'.")
    at = options.pop(AT, None)
    if at is not None and not at.isdecimal():
        raise UsageError("The address of the warehouse says at=… without a number. hclic fleet snapshots lists them.")
    return Lake(text.strip(), options, at=None if at is None else int(at))


def of_authority(place: Place, authority: str | None) -> Place:
    """The place for one authority: of a DuckLake its own part, a file holds them all."""
    return place.of(authority) if isinstance(place, Lake) else place
