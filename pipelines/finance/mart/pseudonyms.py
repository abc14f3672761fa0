"""Pseudonyms: keyed hashes of references, or numbers of the run where no key is set. The key is held in memory only."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping

import duckdb
import polars as pl

from pipelines import arrow

KEY_VARIABLE = "HCLIC_PSEUDONYM_KEY"
_DIGITS = 16
"""Hex digits kept of the digest: 64 bits, so that two of 60,000 cases meet once in ten thousand million runs."""

KEYED = "keyed (HMAC-SHA-256): the same case has the same pseudonym in every mart made with the same key"
NUMBERED = (
    f"row numbers of this run: {KEY_VARIABLE} was not set, so they cannot be joined to another run's"
    " or another quarter's mart"
)


def key_from(environment: Mapping[str, str]) -> bytes | None:
    """The key of ``HCLIC_PSEUDONYM_KEY``; None where it is not set or empty. Call at the edge, with ``os.environ``."""
    return environment.get(KEY_VARIABLE, "").encode() or None


def pseudonym(key: bytes, kind: str, value: str) -> str:
    """The first 16 hex digits of the HMAC-SHA-256 of a value; of a case, of its H-CLIC reference alone.

    ``kind`` keeps the pseudonyms of cases, landlords and sites apart.
    """
    message = value if kind == "case" else f"{kind}\0{value}"
    return hmac.digest(key, message.encode(), "sha256").hex()[:_DIGITS]


def _numbers(values: Iterable[str], run_id: str) -> dict[str, str]:
    # By a hash and not by the reference: references are issued in order, so their order would give them back.
    ranked = sorted(values, key=lambda value: hashlib.sha256(f"{run_id}\0{value}".encode()).digest())
    return {value: f"{number:08d}" for number, value in enumerate(ranked, 1)}


def create(con: duckdb.DuckDBPyConnection, *, kind: str, values: list[str], run_id: str, key: bytes | None) -> None:
    """Create the temp table ``mart_<kind>(<name>, <kind>_key)``, one row per value; drop it after use.

    ``<name>`` is ``case_ref`` for cases, else the kind.
    """
    numbers = {} if key else _numbers(values, run_id)
    keys = [pseudonym(key, kind, value) if key else numbers[value] for value in values]
    name = "case_ref" if kind == "case" else kind
    frame = pl.DataFrame({name: values, f"{kind}_key": keys}, schema={name: pl.String, f"{kind}_key": pl.String})
    arrow.load(con, f"create or replace temp table mart_{kind} as select * from incoming", frame)
