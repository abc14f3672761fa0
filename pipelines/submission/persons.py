"""Two persons answer for a return: one checks it, another signs it off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipelines.errors import UsageError
from pipelines.warehouse.sign_offs import CHECKED, DRAFT, SignOff


def who_checked(states: Iterable[SignOff], run_id: str) -> list[str]:
    """Everybody who said of the return that it was checked, since it was a draft; each name once."""
    found: dict[str, str] = {}
    for one in states:
        if one.run_id == run_id and one.state == DRAFT:
            found = {}
        elif one.run_id == run_id and one.state == CHECKED:
            found.setdefault(_folded(one.said_by), one.said_by)
    return list(found.values())


def why_one(checkers: Sequence[str], signs: str, reason: str | None) -> str | None:
    """Why one person checks and signs; None where there are two, whatever reason was given.

    Raises:
        UsageError: whoever signs is among those who checked, and there is no reason; or the reason is empty.
    """
    if reason is not None and not reason.strip():
        raise UsageError("--one-person needs the reason: it stands on the sheet.")
    if _folded(signs) not in {_folded(one) for one in checkers}:
        return None
    if reason is None:
        raise UsageError(
            f"{' '.join(signs.split())} checked the return: another person signs it off. Where there is nobody else,"
            " say why with --one-person REASON: it stands on the sheet."
        )
    return reason.strip()


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
