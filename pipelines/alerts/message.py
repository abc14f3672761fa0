"""One message for one recipient: the alerts of a run by kind, in plain words."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pipelines.alerts.kinds import KINDS, OF_THE_RETURN, Alert
from pipelines.authority import authority_name
from pipelines.emit.pages.words import day

ONCE = (
    "Each of these is sent once. What counts is the casework system: if a date is wrong there, correct it there; if it"
    " is right, nothing need be entered."
)
MAYBE_AGAIN = "An earlier run was stopped while it sent these, so you may have had some of them before."


@dataclass(frozen=True)
class Message:
    """What one recipient is told. ``to``: the name in the contacts file, ``default`` or ``returns``."""

    authority: str
    as_at: date
    to: str
    address: str
    alerts: Sequence[Alert]
    made: datetime
    may_be_again: bool = False

    @property
    def ident(self) -> str:
        """The same for the same alerts to the same recipient: 32 hex digits, for who sorts out repetitions."""
        parts = [self.authority, self.address, *sorted(alert.alert_id for alert in self.alerts)]
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]

    @property
    def subject(self) -> str:
        """Number of alerts, authority and day; no reference."""
        number = len(self.alerts)
        return f"{number} {'alert' if number == 1 else 'alerts'} from {authority_name(self.authority)}"

    @property
    def body(self) -> str:
        """The alerts in plain words."""
        lines = [f"As at {day(self.as_at)}, the day of the export."]
        if self.may_be_again:
            lines.append(MAYBE_AGAIN)
        for kind, alerts in by_kind(self.alerts):
            count = "" if kind in OF_THE_RETURN else f" ({len(alerts)})"
            lines += ["", f"{KINDS[kind][0]}{count}", *(f"- {alert.sentence}" for alert in alerts)]
        return "\n".join([*lines, "", ONCE, ""])

    @property
    def counts(self) -> dict[str, int]:
        """Number of alerts by kind, the most urgent first."""
        return {kind: len(alerts) for kind, alerts in by_kind(self.alerts)}


def by_kind(alerts: Sequence[Alert]) -> list[tuple[str, list[Alert]]]:
    """The alerts of each kind that occurs, by day and reference, the most urgent kind first."""
    found = Counter(alert.kind for alert in alerts)
    return [
        (
            kind,
            sorted(
                (one for one in alerts if one.kind == kind),
                key=lambda one: (one.about_on, one.case_ref or "", one.subject),
            ),
        )
        for kind in KINDS
        if found[kind]
    ]
