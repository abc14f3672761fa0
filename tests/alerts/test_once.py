"""Each alert is sent once: over runs, reruns, quarters, officers, corrections, failures and kills."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.alerts import plan, send, sending
from pipelines.alerts.config import AlertConfig
from pipelines.alerts.due import deadline_alerts
from pipelines.alerts.kinds import Alert
from pipelines.alerts.message import MAYBE_AGAIN, Message
from pipelines.alerts.notifiers import NotSentError
from pipelines.errors import UsageError
from pipelines.period import Quarter
from pipelines.state import RunState
from pipelines.warehouse.store import Warehouse
from tests.alerts.stored_cases import LA, NOW, Q3, Q4, case, config, ref, relief, run

DAY = date(2025, 11, 10)
START = DAY - timedelta(days=49)
"""Day 56 of a duty begun then is in six days."""


class Post:
    """A notifier that keeps what it took; ``faults`` are raised first, one a message."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.faults: list[BaseException] = []

    def deliver(self, message: Message) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.taken.append(message)

    def new(self) -> list[tuple[str, str]]:
        """Kind and recipient of each alert that was taken since last asked."""
        found = [(alert.kind, message.to) for message in self.taken for alert in message.alerts]
        self.taken = []
        return sorted(found)


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    one = Post()
    monkeypatch.setattr(sending, "notifier", lambda *given: one)
    return one


def tell(
    warehouse: Path, quarter: Quarter | None = Q4, chosen: AlertConfig | None = None, **more: Any
) -> sending.Outcome:
    chosen = chosen or config()
    planned = plan(warehouse, LA, quarter, chosen, today=more.pop("today", NOW.date()), **more)
    return send(planned, chosen, {}, now=NOW, patience=0)


def one_case(officer: str = "HO01", start: date = START, **more: Any) -> dict[str, Any]:
    return {"main": [case(1, start, officer, **more)], "relief": [relief(1, start)]}


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    return tmp_path / "w.duckdb"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("empty") / "w.duckdb"
    Warehouse(path).close()
    return path.read_bytes()


@pytest.fixture
def kept(warehouse: Path, empty: bytes) -> Path:
    """A warehouse that has told nothing: for plans that are made by hand."""
    warehouse.write_bytes(empty)
    return warehouse


def planned(warehouse: Path, *about_cases: Alert, day: date = DAY, result: str | None = None) -> sending.Plan:
    """What a run of that day would have to tell."""
    state = None if result is None else RunState(result)
    return sending.Plan(warehouse, LA, Q4, day, state, about_cases, (), ())


def alert(kind: str = "day_56_near", about: date = DAY, number: int = 1, officer: str = "HO01") -> Alert:
    return Alert(f"{kind} {about} {number}", kind, "relief", about, ref(number), f"HX{number}", officer, None)


def give(plan: sending.Plan, chosen: AlertConfig | None = None) -> sending.Outcome:
    return send(plan, chosen or config(), {}, now=NOW, patience=0)


def tell_each(post: Post, *plans: sending.Plan) -> list[list[str]]:
    """The kinds that were told by each."""
    told = []
    for one in plans:
        give(one)
        told.append([kind for kind, _ in post.new()])
    return told


def test_over_five_daily_runs_reruns_other_quarters_and_a_new_officer_each_alert_goes_out_once(
    warehouse: Path, post: Post
) -> None:
    told = []
    for days, officer in enumerate(["HO01", "HO01", "HO02", "HO02", "HO02"]):
        run(warehouse, DAY + timedelta(days=days * 2), run_id=f"day {days}", **one_case(officer))
        tell(warehouse)
        told += [(days, *one) for one in post.new()]
        if days == 0:
            run(warehouse, DAY + timedelta(days=days * 2), run_id=f"day {days}", **one_case(officer))
            tell(warehouse)
            run(warehouse, DAY + timedelta(days=days * 2), quarter=Q3, **one_case("HO03"))
            tell(warehouse, Q3)
            told += [("again", *one) for one in post.new()]
    # Day 56 is on 16 November, so the export of 18 November (the fifth) is the first past it.
    assert told == [(0, "day_56_near", "HO01"), (4, "day_57_passed", "default")]


def test_an_alert_goes_to_the_officer_else_the_team_else_the_default_address(kept: Path, post: Post) -> None:
    holders = [("HO01", "Relief team"), ("HO99", "relief  TEAM"), ("HO99", "Other"), (None, None)]
    alerts = [replace(alert(number=no), officer=officer, team=team) for no, (officer, team) in enumerate(holders, 1)]
    give(planned(kept, *alerts))
    assert {message.to: [alert.case_ref for alert in message.alerts] for message in post.taken} == {
        "HO01": [ref(1)],
        "Relief team": [ref(2)],
        "default": [ref(3), ref(4)],
    }
    assert {message.address for message in post.taken} == {
        "ho01@council.example",
        "relief@council.example",
        "front@council.example",
    }


@pytest.mark.parametrize(
    ("kind", "first", "corrected", "is_told"),
    [
        # Told on 10 November of a day still to come: another day to come is news, one that was past by then is not.
        ("day_56_near", 6, 6, False),
        ("day_56_near", 6, 7, True),
        ("day_56_near", 6, 5, True),
        ("day_56_near", 6, 1, True),
        ("day_56_near", 6, 0, False),
        # Told of a day that was past: only one that was not past then is news.
        ("day_57_passed", -3, -5, False),
        ("day_57_passed", -3, 0, False),
        ("day_57_passed", -3, 1, True),
    ],
)
def test_a_corrected_day_is_told_again_where_the_earlier_alert_could_not_tell_it(
    kept: Path, post: Post, kind: str, first: int, corrected: int, is_told: bool
) -> None:
    before, after = (alert(kind, DAY + timedelta(days=days)) for days in (first, corrected))
    later = DAY + timedelta(days=1)
    told = tell_each(post, planned(kept, before), planned(kept, after, day=later))
    assert told == [[kind], [kind] if is_told else []]


def test_what_a_notifier_refuses_is_sent_next_time_and_the_others_are_not_sent_again(
    kept: Path, post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    both = planned(kept, alert(), alert(number=2, officer="HO99"))
    post.faults = [NotSentError("the mail server refused the recipient")]
    with caplog.at_level(logging.DEBUG):
        outcome = give(both)
    assert not [said for said in ("@", ref(1), "HX1", "HO01") if said in caplog.text]
    assert "Not sent by file: 1 message" in caplog.text
    assert (outcome.sent, outcome.failed) == (1, 1)
    assert outcome.lines[-1] == (
        "Not sent by file: 1 message, as the mail server refused the recipient. The next run sends what is still due."
    )
    assert post.new() == [("day_56_near", "default")]
    give(both)
    (message,) = post.taken
    assert message.to == "HO01" and not message.may_be_again
    assert give(both).sent == 0


def test_a_notifier_that_is_down_is_asked_once(kept: Path, post: Post) -> None:
    both = planned(kept, alert(), alert(number=2, officer="HO99"))
    post.faults = [NotSentError("the mail server cannot be reached (TimeoutError)", is_down=True)]
    outcome = give(both)
    assert (outcome.sent, outcome.failed, post.new()) == (0, 2, [])
    assert give(both).sent == 2


def test_a_run_killed_while_sending_sends_again_and_says_that_it_may_be_again(kept: Path, post: Post) -> None:
    one = planned(kept, alert())
    post.faults = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        give(one)
    # Down at the next try: what may have been sent stays marked so.
    post.faults = [NotSentError("down", is_down=True)]
    assert [give(one).sent for _ in range(3)] == [0, 1, 0]
    (message,) = post.taken
    assert MAYBE_AGAIN in message.body


def test_each_notifier_sends_each_alert_once(kept: Path, post: Post) -> None:
    both = replace(config(), notifiers=(("file", {}), ("webhook", {})))
    post.faults = [NotSentError("down", is_down=True)]
    assert [give(planned(kept, alert()), both).sent for _ in range(3)] == [1, 1, 0]


def test_a_blocked_return_is_told_when_it_comes_to_be_so_and_when_it_no_longer_is(kept: Path, post: Post) -> None:
    results = ["clean", "blocked", "blocked", "failed", "clean", "clean", "blocked", "blocked"]
    plans = [planned(kept, day=DAY + timedelta(days=days // 2), result=one) for days, one in enumerate(results)]
    assert tell_each(post, *plans) == [[], ["return_blocked"], [], [], ["return_recovered"], [], ["return_blocked"], []]


def test_a_stopped_alert_about_the_return_is_sent_again_once(kept: Path, post: Post) -> None:
    blocked = planned(kept, result="blocked")
    post.faults = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        tell_each(post, blocked)
    assert tell_each(post, blocked, blocked) == [["return_blocked"], []]


def test_a_blocked_return_of_one_quarter_says_nothing_of_another(warehouse: Path, post: Post) -> None:
    run(warehouse, DAY, result="blocked", main=[case(1, DAY)])
    tell(warehouse, Q3)
    assert post.new() == []
    tell(warehouse, Q4)
    assert post.new() == [("return_blocked", "returns")]


@pytest.mark.parametrize(("days", "is_told"), [(11, False), (10, True), (0, True), (-1, False)])
def test_a_deadline_is_told_from_ten_days_before_to_the_day(days: int, is_told: bool) -> None:
    found = deadline_alerts(LA, Q4, NOW.date() + timedelta(days=days), NOW.date(), config())
    assert [one.kind for one in found] == (["deadline_near"] if is_told else [])


def test_a_deadline_is_told_once_however_the_runs_go_on(kept: Path, post: Post) -> None:
    near = NOW.date() + timedelta(days=3)
    plans = [
        replace(planned(kept), about_deadline=tuple(deadline_alerts(LA, Q4, near, day, config())))
        for day in (NOW.date(), NOW.date() + timedelta(days=1), near)
    ]
    assert tell_each(post, *plans) == [["deadline_near"], [], []]


def test_the_deadline_is_that_of_the_quarter_from_the_file_or_the_option(warehouse: Path) -> None:
    run(warehouse, DAY, main=[case(1, DAY)])
    near = NOW.date() + timedelta(days=3)
    past = NOW.date() - timedelta(days=3)
    assert [
        [one.about_on for one in plan(warehouse, LA, Q4, chosen, today=NOW.date(), deadline=given).about_deadline]
        for chosen, given in ((config(deadlines={Q3: past, Q4: near}), None), (config(deadlines={Q4: past}), near))
    ] == [[near], [near]]


def test_a_run_on_an_older_export_tells_nothing_of_its_cases(warehouse: Path, post: Post) -> None:
    run(warehouse, DAY + timedelta(days=20), main=[case(2, DAY)])
    run(warehouse, DAY, quarter=Q3, result="blocked", **one_case())
    outcome = tell(warehouse, Q3)
    assert post.new() == [("return_blocked", "returns")]
    assert "A run on a later export is in the warehouse: nothing is told about the cases of this one." in outcome.lines


def test_an_old_or_incomplete_export_tells_nothing_of_its_cases_and_hides_no_later_one(
    warehouse: Path, post: Post
) -> None:
    run(warehouse, DAY, quarter=Q3, **one_case())
    incomplete = {"findings": {"by_rule": [{"rule_id": "E-01", "severity": "error"}]}}
    run(warehouse, DAY + timedelta(days=1), result="blocked", ledger=incomplete, **one_case())
    tell(warehouse, Q4)
    assert post.new() == [("return_blocked", "returns")]
    tell(warehouse, Q3)
    assert post.new() == [("day_56_near", "HO01")]


def test_nothing_is_sent_where_a_notifier_lacks_what_it_needs(warehouse: Path, tmp_path: Path) -> None:
    run(warehouse, DAY, **one_case())
    folder = tmp_path / "post"
    both = replace(config(), notifiers=(("file", {"folder": folder}), ("apprise", {})))
    with pytest.raises(UsageError, match="HCLIC_APPRISE_URL"):
        tell(warehouse, chosen=both)
    assert not folder.exists()
