"""What can be said of an export as a whole and of what changed since an earlier run: one entry a kind.

A message holds days, counts and the ids of runs, never a value of the data.
"""

from __future__ import annotations

from pipelines.extract.problems import Problem
from pipelines.findings import ERROR, RETURN, Finding

_STATE_OF_THE_EXPORT = (
    Problem(
        "E-01",
        ERROR,
        RETURN,
        "Nothing in the export is dated in the quarter, {quarter}. {newest} The export is said to be of {as_at}.",
        "Export again, with the cases of that quarter, or correct the quarter. If nothing happened in it, waive E-01.",
    ),
    Problem(
        "E-02",
        ERROR,
        RETURN,
        "The newest date in the export, {newest}, lies {days} days before {as_at}, the day it is said to be of;"
        " more than {limit} days are taken for an old or incomplete export.",
        "Export again, or give the day on which it was taken (--as-at). If nothing happened since, waive E-02.",
    ),
)

EXPORT_KINDS: dict[str, Problem] = {kind.id: kind for kind in _STATE_OF_THE_EXPORT}
"""Every kind by its id."""


def found(kind_id: str, **words: object) -> Finding:
    """A finding of the kind on the return; ``words`` fill its message."""
    kind = EXPORT_KINDS[kind_id]
    return Finding(kind.id, kind.severity, kind.message.format(**words), kind.action, scope=kind.scope)
