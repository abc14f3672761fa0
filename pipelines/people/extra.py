"""The extra package that the linking needs."""

from __future__ import annotations

from importlib.util import find_spec

from pipelines.errors import UsageError


def is_installed() -> bool:
    """Whether people can be linked at all."""
    return find_spec("splink") is not None


def require_splink() -> None:
    """Say how to get the linking library where it is missing; does not load it.

    Raises:
        UsageError: the extra ``people`` is not installed.
    """
    if not is_installed():
        raise UsageError("Looking for the same person needs the extra package: pip install 'hclic[people]'")
