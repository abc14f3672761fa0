"""Which alerts are due: what the newest export says, less what was told before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import duckdb

from pipelines import at_rest
from pipelines.alerts.config import AlertConfig
from pipelines.alerts.kinds import BLOCKED, DEADLINE, RECOVERED, Alert, is_case_ref
from pipelines.metrics.options import create_options
from pipelines.period import Quarter
from pipelines.state import CLEAN, RunState
from pipelines.transform import RECORDED, create_each, create_window, use

RELATIONS = ("moves_to_relief", "bb_limits_ahead", "duty_days", "reviews_due", "alerts_due")

SENDING, SENT = "sending", "sent"


@dataclass(frozen=True)
class Told:
    """An alert that a notifier was given: ``as_at``, the day of the export that it was of; ``state``, sent or sending.

    What is ``sending`` when nobody is at work was stopped in between: it may have reached its recipient.
    """

    alert_id: str
    kind: str
    case_ref: str | None
    subject: str
    about_on: date
    as_at: date
    state: str


def case_alerts(con: duckdb.DuckDBPyConnection, authority: str, config: AlertConfig) -> tuple[list[Alert], int]:
    """The alerts about cases on the day of the export, whoever was told before; how many had no usable reference.

    Args:
        con: a quarter opened for reading, with the facts as recorded; nothing in it is changed.
        authority: GSS code.
        config: how long before and back.
    """
    own = at_rest.cursor(con)
    try:
        use(own, RECORDED)
        row = own.execute("select as_at from reporting_period").fetchone()
        assert row is not None
        create_window(own, last_day=row[0], edition=RECORDED)
        create_each(own, "marts", ("stays", "households"), ("stays", "households"))
        create_options(own)
        own.execute(
            "create or replace temp table alert_option as select ?::date as day, ?::integer as near_bb,"
            " ?::integer as near_duty, ?::integer as near_review, ?::integer as days_back",
            [row[0], config.near.bed_and_breakfast, config.near.duty, config.near.review, config.days_back],
        )
        create_each(own, "metrics", ("case_states",), ("case_states",))
        create_each(own, "worklists", ("listed_cases",))
        create_each(own, "alerts", RELATIONS)
        rows = own.execute(
            "select kind, case_ref, subject, about_on, your_reference, officer, team from alerts_due"
        ).fetchall()
    finally:
        own.close()
    usable = [row for row in rows if is_case_ref(row[1])]
    made = [
        Alert(_id(authority, kind, case_ref, subject, about_on), kind, subject, about_on, case_ref, *who)
        for kind, case_ref, subject, about_on, *who in usable
    ]
    return made, len(rows) - len(usable)


def return_alerts(authority: str, quarter: Quarter, as_at: date, state: RunState, told: Iterable[Told]) -> list[Alert]:
    """The alert that the return has come to be blocked, or to be written again, since it was last told; or none.

    A first run that writes the return is no news. ``told`` is in the order in which it was.
    """
    if state.result is None:
        return []
    subject, kind = quarter.words, RECOVERED if state.result == CLEAN else BLOCKED
    changes = [one for one in told if one.kind in (BLOCKED, RECOVERED) and one.subject == subject]
    if changes and changes[-1].kind == kind:
        stopped = changes[-1]
        return [] if stopped.state == SENT else [Alert(stopped.alert_id, kind, subject, as_at)]
    if not changes and kind == RECOVERED:
        return []
    return [Alert(_id(authority, kind, None, subject, len(changes) + 1), kind, subject, as_at)]


def deadline_alerts(
    authority: str, quarter: Quarter, deadline: date | None, today: date, config: AlertConfig
) -> list[Alert]:
    """The alert that the return's deadline is near, from so many days before to the day itself."""
    if deadline is None or not 0 <= (deadline - today).days <= config.near.deadline:
        return []
    subject = quarter.words
    return [Alert(_id(authority, DEADLINE, None, subject, deadline), DEADLINE, subject, deadline)]


def not_told(alerts: Iterable[Alert], told: Iterable[Told]) -> list[Alert]:
    """The alerts that were not told yet.

    One was, where the same kind was told of the same case and subject with the same day, or with another day than
    that: a corrected day is told again only where it comes after the export that the earlier alert was of, since that
    alert cannot have told it as come.
    """
    sent = [one for one in told if one.state == SENT]
    ids = {one.alert_id for one in sent}
    newest: dict[tuple[str, str | None, str], date] = {}
    for one in sent:
        key = (one.kind, one.case_ref, one.subject)
        newest[key] = max(one.as_at, newest.get(key, one.as_at))
    return [
        alert
        for alert in alerts
        if alert.alert_id not in ids
        and (
            alert.case_ref is None
            or (day := newest.get((alert.kind, alert.case_ref, alert.subject))) is None
            or alert.about_on > day
        )
    ]


def _id(authority: str, *parts: object) -> str:
    text = "\x1f".join(str(part) for part in (authority, *parts))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
