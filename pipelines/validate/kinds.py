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
        why="An export of another quarter gives a return that is right in form and wrong in every figure.",
    ),
    Problem(
        "E-02",
        ERROR,
        RETURN,
        "The newest date in the export, {newest}, lies {days} days before {as_at}, the day it is said to be of;"
        " more than {limit} days are taken for an old or incomplete export.",
        "Export again, or give the day on which it was really taken. If nothing happened since, waive this.",
        why="An export that is older than it is said to be lacks what happened since, and shows open what has ended.",
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
        why="A case does not vanish: it is closed, or sent on under the same reference. One that is gone"
        " is missing from the figures, or counted again as new.",
    ),
    Problem(
        "C-02",
        WARNING,
        RECORD,
        "A placement that had no exit in the export of {day} is not in this export.",
        "If the household has left, enter the day and reason of the exit; a placement is not to be deleted.",
        kind=FIX,
        why="A household does not leave by being deleted. Its nights are lost from every figure, and its"
        " leaving is counted nowhere.",
    ),
    Problem(
        "C-03",
        WARNING,
        RECORD,
        "The {what} is not what it was in the export of {day}.",
        "Check which of the two is right. If a case was keyed again, give a migration map.",
        kind=FIX,
        why="What was sent once does not change by itself. A start that moves puts the case into another"
        " quarter, and both have counted it.",
    ),
    Problem(
        "C-04",
        WARNING,
        RECORD,
        "The case's reference names other people than in the export of {day}: none of them is found again.",
        "Check whether the reference was given to another case. If so, that case needs a reference of its own.",
        kind=FIX,
        why="A reference stands for one case for life. Given to other people, it replaces a case that was sent before.",
    ),
    Problem(
        "C-05",
        WARNING,
        RETURN,
        "{what} is {now}, after {before} in the export of {day}: less than {low} or more than {high} lies beyond"
        " {limits}.",
        "Check that the export holds everything, and nothing twice.",
        kind=FIX,
        why="A jump of this size is more often an incomplete or doubled export than a change in the lives"
        " of households.",
    ),
    Problem(
        "C-06",
        ERROR,
        RETURN,
        "{gone} of the {open} cases that were open in the export of {day} are not in this export. {back}That is more"
        " than is taken for corrections.",
        "Export again, with all cases. If they were keyed again, give a migration map; if rightly removed, waive this.",
        why="So many cases do not vanish. They would be missing from the return, or counted again as new.",
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
