"""The authority that makes the return."""

from __future__ import annotations

from pipelines.errors import UsageError
from schemas.codelists import codelist


def authority_code(typed: str | None) -> str | None:
    """A GSS code as it is typed, as the code lists write it: ``e06000034`` is E06000034."""
    return typed if typed is None else typed.strip().upper()


def check_authority(code: str) -> str:
    """The authority's code, if it is an English one.

    Raises:
        UsageError: unknown or not English.
    """
    known = codelist("authority").codes.get(code)
    if known is None or known.extra["country"] != "England" or not known.extra["region_code"]:
        raise UsageError(
            "The authority is not known. Give the GSS code of an English housing authority, like E06000034 (Thurrock)."
        )
    return code


def authority_name(code: str) -> str:
    """Name of an authority by its code."""
    return codelist("authority").codes[code].label


def current_code(code: str) -> str:
    """Code of the authority that has taken this one's place; its own while it exists."""
    return codelist("authority").codes[code].extra["active_code"] or code
