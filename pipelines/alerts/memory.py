"""What the warehouse remembers of alerts, so that each is told once by each notifier."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from pipelines.alerts.due import SENDING, SENT, Told
from pipelines.alerts.kinds import Alert
from pipelines.place import Place, of_authority
from pipelines.warehouse.asked import asked_of
from pipelines.warehouse.quarter import looked_in
from pipelines.warehouse.store import NOT_ENDED, Warehouse

_TOLD = """
select alert_id, kind, case_ref, subject, about_on, as_at, state
from alert_sent
where la_code = ? and notifier = ?
order by alert_no
"""
_MARK = """
insert into alert_sent
select $la_code, $alert_id, $notifier, coalesce(max(alert_no), 0) + 1, $kind, $case_ref, $subject, $about_on, $as_at,
    $recipient, $state, $sent_on
from alert_sent
where la_code = $la_code
"""


def told_by(warehouse: Place, authority: str, notifier: str) -> list[Told]:
    """What the notifier was given so far, in order."""
    with looked_in(warehouse, authority) as store:
        return [Told(*row) for row in store.connection.execute(_TOLD, [authority, notifier]).fetchall()]


def is_newest_export(warehouse: Place, authority: str, as_at: date) -> bool:
    """Whether no ended run of the authority is of a later day, those on an old or incomplete export left out."""
    with looked_in(warehouse, authority) as store:
        later = store.connection.execute(
            "select run_id from runs where la_code = ? and as_at > ? and not list_contains(?, coalesce(result, ''))",
            [authority, as_at, NOT_ENDED],
        ).fetchall()
        return not any(is_whole(store, authority, run_id) for (run_id,) in later)


def is_whole(store: Warehouse, authority: str, run_id: str) -> bool:
    """Whether the run's export was neither old nor incomplete."""
    row = store.connection.execute("select quarter, as_at from runs where run_id = ?", [run_id]).fetchone()
    assert row is not None
    return asked_of(
        store.ledger_of(run_id) or {}, authority=authority, run_id=run_id, quarter=row[0], as_at=row[1]
    ).is_whole


def mark_sending(
    warehouse: Place,
    authority: str,
    notifier: str,
    alerts: Collection[Alert],
    *,
    recipient: str,
    as_at: date,
    today: date,
) -> None:
    """Write down that these are being sent, before they are: all of them or none."""
    with Warehouse(of_authority(warehouse, authority)) as store, store.transaction():
        for alert in alerts:
            where = [authority, alert.alert_id, notifier]
            store.connection.execute(
                "delete from alert_sent where la_code = ? and alert_id = ? and notifier = ?", where
            )
            store.connection.execute(
                _MARK,
                {
                    "la_code": authority,
                    "alert_id": alert.alert_id,
                    "notifier": notifier,
                    "kind": alert.kind,
                    "case_ref": alert.case_ref,
                    "subject": alert.subject,
                    "about_on": alert.about_on,
                    "as_at": as_at,
                    "recipient": recipient,
                    "state": SENDING,
                    "sent_on": today,
                },
            )


def mark_sent(warehouse: Place, authority: str, notifier: str, alerts: Collection[Alert]) -> None:
    """Write down that the notifier took them."""
    with Warehouse(of_authority(warehouse, authority)) as store, store.transaction():
        for alert in alerts:
            store.connection.execute(
                "update alert_sent set state = ? where la_code = ? and alert_id = ? and notifier = ?",
                [SENT, authority, alert.alert_id, notifier],
            )


def forget(warehouse: Place, authority: str, notifier: str, alerts: Collection[Alert]) -> None:
    """Take back what ``mark_sending`` wrote: the notifier refused them, so that they are due again."""
    with Warehouse(of_authority(warehouse, authority)) as store, store.transaction():
        for alert in alerts:
            store.connection.execute(
                "delete from alert_sent where la_code = ? and alert_id = ? and notifier = ? and state = ?",
                [authority, alert.alert_id, notifier, SENDING],
            )
