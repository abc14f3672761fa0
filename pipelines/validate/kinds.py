"""What can be said of an export as a whole and of what changed since an earlier run: one entry a kind.

A message holds days and counts, never a value of the data.
"""

from __future__ import annotations

from typing import Any

from pipelines.extract.problems import Problem
from pipelines.findings import ERROR, FIX, INCOMPLETE, RECORD, RETURN, WARNING, Finding

__all__ = ["EXPORT_KINDS", "INCOMPLETE", "found"]

_STATE_OF_THE_EXPORT = (
    Problem(
        "E-01",
        ERROR,
        RETURN,
        "Nothing in the export is dated in the quarter, {quarter}. {newest} The export is said to be of {as_at}.",
        "Export again, with the cases of that quarter, or correct the quarter. If nothing happened in it, waive this.",
    ),
    Problem(
        "E-02",
        ERROR,
        RETURN,
        "The newest date in the export, {newest}, lies {days} days before {as_at}, the day it is said to be of;"
        " more than {limit} days are taken for an old or incomplete export.",
        "Export again, or give the day on which it was really taken. If nothing happened since, waive this.",
    ),
)

_AGAINST_AN_EARLIER_RUN = (
    Problem(
        "C-01",
        WARNING,
        RECORD,
        "The case was open in the export of {day}, and is not in this export.",
        "If it was closed since, export it with its ending. If it was keyed again, give a migration map.",
        kind=FIX,
    ),
    Problem(
        "C-02",
        WARNING,
        RECORD,
        "A placement that had no exit in the export of {day} is not in this export.",
        "If the household has left, enter the day and reason of the exit; a placement is not to be deleted.",
        kind=FIX,
    ),
    Problem(
        "C-03",
        WARNING,
        RECORD,
        "The {what} is not what it was in the export of {day}.",
        "Check which of the two is right. If a case was keyed again, give a migration map.",
        kind=FIX,
    ),
    Problem(
        "C-04",
        WARNING,
        RECORD,
        "The case's reference names other people than in the export of {day}: none of them is found again.",
        "Check whether the reference was given to another case. If so, that case needs a reference of its own.",
        kind=FIX,
    ),
    Problem(
        "C-05",
        WARNING,
        RETURN,
        "{what} is {now}, after {before} in the export of {day}: less than {low} or more than {high} lies beyond"
        " {limits}.",
        "Check that the export holds everything, and nothing twice.",
        kind=FIX,
    ),
    Problem(
        "C-06",
        ERROR,
        RETURN,
        "{gone} of the {open} cases that were open in the export of {day} are not in this export. {back}That is more"
        " than is taken for corrections.",
        "Export again, with all cases. If they were keyed again, give a migration map; if rightly removed, waive this.",
    ),
)

EXPORT_KINDS: dict[str, Problem] = {kind.id: kind for kind in (*_STATE_OF_THE_EXPORT, *_AGAINST_AN_EARLIER_RUN)}
"""Every kind by its id."""

_PLACE = ("section", "case_ref", "record_key", "fields", "value")


def found(kind_id: str, **words: Any) -> Finding:
    """A finding of the kind; ``words`` fill its message, those named as fields of a finding say what it is about."""
    kind = EXPORT_KINDS[kind_id]
    place = {name: words.pop(name) for name in _PLACE if name in words}
    return Finding(kind.id, kind.severity, kind.message.format(**words), kind.action, scope=kind.scope, **place)
