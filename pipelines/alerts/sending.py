"""Planning and sending: what is due is told once by each notifier.

Before a message is handed over, the warehouse holds its alerts as being sent; afterwards, as sent. What a notifier
refused is taken back and tried next time. A run that is killed between the two leaves them as being sent: they are
sent again, with a word about it, since an alert too many costs a minute and one too few may cost a family its limit.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pipelines.alerts import memory
from pipelines.alerts.config import AlertConfig
from pipelines.alerts.due import SENDING, Told, case_alerts, deadline_alerts, not_told, return_alerts
from pipelines.alerts.kinds import KINDS, OF_THE_RETURN, Alert
from pipelines.alerts.message import Message
from pipelines.alerts.notifiers import Notifier, NotSentError, notifier
from pipelines.period import Quarter
from pipelines.place import Place
from pipelines.run.lock import WAIT_MINUTES, alone_at
from pipelines.state import RunState
from pipelines.warehouse.quarter import looked_in, open_quarter

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """What a run has to tell, whoever was told before."""

    warehouse: Place
    authority: str
    quarter: Quarter
    as_at: date
    state: RunState | None
    """How the return stands; none where no run was made for the quarter."""
    about_cases: tuple[Alert, ...]
    about_deadline: tuple[Alert, ...]
    notes: tuple[str, ...]

    def due(self, told: Sequence[Told]) -> list[Alert]:
        """The alerts that are to be told, given what was."""
        of_return = (
            [] if self.state is None else return_alerts(self.authority, self.quarter, self.as_at, self.state, told)
        )
        return [*not_told((*self.about_deadline, *self.about_cases), told), *of_return]


@dataclass(frozen=True)
class Outcome:
    """What was sent, in lines for the screen: counts only. ``failed``: messages that a notifier did not take."""

    lines: tuple[str, ...]
    sent: int
    failed: int


def plan(
    warehouse: Place,
    authority: str,
    quarter: Quarter | None,
    config: AlertConfig,
    *,
    today: date,
    deadline: date | None = None,
) -> Plan:
    """What the last run made for the quarter has to tell; nothing is sent or written.

    Args:
        warehouse: the file of the runs.
        authority: GSS code.
        quarter: by default the newest for which a run was made.
        config: whom, how long before, how long back.
        today: the day of sending, from which a deadline is near or not.
        deadline: of the quarter's return, instead of that in ``config``.

    Raises:
        InputError: the file cannot be read or holds no run of the authority.
    """
    notes = []
    with open_quarter(warehouse, authority, quarter, only_recorded=True) as opened:
        notes.append(opened.words)
        run = opened.run
        with looked_in(warehouse, authority) as store:
            is_whole = memory.is_whole(store, authority, run.run_id)
        about_cases: list[Alert] = []
        if not is_whole:
            notes.append("The export is old or incomplete, so that nothing is told about its cases.")
        elif not memory.is_newest_export(warehouse, authority, run.as_at):
            notes.append("A run on a later export is in the warehouse: nothing is told about the cases of this one.")
        else:
            about_cases, unusable = case_alerts(opened.connection, authority, config)
            if unusable:
                notes.append(f"{unusable:,} alerts are left out: their cases have no reference in H-CLIC's form.")
        state = opened.state if run.exact else None
        told_quarter = opened.quarter
    last_day = deadline or config.deadlines.get(told_quarter)
    return Plan(
        warehouse=warehouse,
        authority=authority,
        quarter=told_quarter,
        as_at=run.as_at,
        state=state,
        about_cases=tuple(about_cases),
        about_deadline=tuple(deadline_alerts(authority, told_quarter, last_day, today, config)),
        notes=tuple(notes),
    )


def messages(planned: Plan, config: AlertConfig, told: Sequence[Told], made: datetime) -> list[Message]:
    """One message for each recipient who has something to be told, by name."""
    stopped = {one.alert_id for one in told if one.state == SENDING}
    by_recipient: dict[tuple[str, str], list[Alert]] = {}
    for alert in planned.due(told):
        contacts = config.contacts
        to = ("returns", contacts.returns) if alert.kind in OF_THE_RETURN else contacts.of(alert.officer, alert.team)
        by_recipient.setdefault(to, []).append(alert)
    return [
        Message(
            planned.authority,
            planned.as_at,
            to,
            address,
            tuple(alerts),
            made,
            may_be_again=any(alert.alert_id in stopped for alert in alerts),
        )
        for (to, address), alerts in sorted(by_recipient.items(), key=lambda item: item[0])
    ]


def describe(planned: Plan, config: AlertConfig, made: datetime) -> list[str]:
    """What would be sent: counts by notifier, recipient and kind, and nothing else."""
    lines = [*planned.notes]
    for kind, _ in config.notifiers:
        due = messages(planned, config, memory.told_by(planned.warehouse, planned.authority, kind), made)
        number = sum(len(one.alerts) for one in due)
        lines.append(f"By {kind}: {_alerts(number)} to {_recipients(len(due))}")
        for message in due:
            lines.append(f"  {message.to}")
            lines += [f"    {number:>6,}  {KINDS[name][0]}" for name, number in message.counts.items()]
    return lines


def send(
    planned: Plan,
    config: AlertConfig,
    environment: Mapping[str, str],
    *,
    now: datetime,
    patience: float = WAIT_MINUTES * 60,
) -> Outcome:
    """Send what is due, by each notifier; the warehouse is held against runs meanwhile.

    A message that is not taken stops neither the others nor the other notifiers.

    Raises:
        UsageError: a notifier lacks what it needs; nothing was sent by any.
        HeldError: a run held the warehouse for too long.
    """
    at_hand = [(kind, notifier(kind, options, environment)) for kind, options in config.notifiers]
    with alone_at(planned.warehouse, patience):
        outcomes = [_send_by(kind, one, planned, config, now) for kind, one in at_hand]
    for line in (line for outcome in outcomes for line in outcome.lines):
        _LOG.info(line)
    return Outcome(
        (*planned.notes, *(line for outcome in outcomes for line in outcome.lines)),
        sum(outcome.sent for outcome in outcomes),
        sum(outcome.failed for outcome in outcomes),
    )


def _send_by(kind: str, one: Notifier, planned: Plan, config: AlertConfig, now: datetime) -> Outcome:
    warehouse, authority = planned.warehouse, planned.authority
    told = memory.told_by(warehouse, authority, kind)
    before = {mark.alert_id for mark in told}
    due = messages(planned, config, told, now)
    sent, taken, refused = 0, 0, Counter[str]()
    for number, message in enumerate(due):
        own = message.alerts
        memory.mark_sending(
            warehouse, authority, kind, own, recipient=message.to, as_at=planned.as_at, today=now.date()
        )
        try:
            one.deliver(message)
        except NotSentError as error:
            # What an earlier run may have sent stays marked so.
            memory.forget(warehouse, authority, kind, [alert for alert in own if alert.alert_id not in before])
            refused[str(error)] += len(due) - number if error.is_down else 1
            if error.is_down:
                break
        else:
            memory.mark_sent(warehouse, authority, kind, own)
            taken, sent = taken + 1, sent + len(own)
    lines = [f"By {kind}: {_alerts(sent)} sent to {_recipients(taken)}."]
    lines += [
        f"Not sent by {kind}: {times:,} {'message' if times == 1 else 'messages'}, as {why}. The next run sends what is"
        " still due."
        for why, times in refused.items()
    ]
    return Outcome(tuple(lines), sent, sum(refused.values()))


def _alerts(number: int) -> str:
    return "1 alert" if number == 1 else f"{number:,} alerts"


def _recipients(number: int) -> str:
    return "1 recipient" if number == 1 else f"{number:,} recipients"
