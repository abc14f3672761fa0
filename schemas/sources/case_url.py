"""Where a case opens in the council's own system."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from schemas.sources.errors import ProfileError

PLACEHOLDER = "{local_ref}"
"""Stands for the council's reference of the case."""

LIKE = f'Write it like "https://cases.council.example/case/{PLACEHOLDER}".'


def case_url(given: Any) -> str | None:
    """The address of a case, checked; None where the profile has none.

    Raises:
        ProfileError: it is no address of the web, holds a user or password, or not the placeholder exactly once, behind
            the name of the server.
    """
    if given is None:
        return None
    if not isinstance(given, str) or given.count(PLACEHOLDER) != 1 or not given.isprintable() or " " in given:
        raise ProfileError(f"case_url holds {PLACEHOLDER} exactly once, and no blank. {LIKE}")
    if any(mark in given.replace(PLACEHOLDER, "") for mark in "{}"):
        raise ProfileError(f"case_url knows no other placeholder than {PLACEHOLDER}. {LIKE}")
    try:
        parts = urlsplit(given)
    except ValueError:
        raise ProfileError(f"case_url is no address. {LIKE}") from None
    if parts.scheme not in ("https", "http") or not parts.netloc:
        raise ProfileError(f"case_url begins with https:// or http:// and the name of the server. {LIKE}")
    if "@" in parts.netloc or PLACEHOLDER in parts.netloc:
        raise ProfileError(f"case_url names a server, without user, password or reference in its name. {LIKE}")
    return given
