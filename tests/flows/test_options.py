"""Every option of a run is there wherever a run is started."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer.main
from prefect.states import Failed

from pipelines.cli import app
from pipelines.errors import HeldError, InputError, PassingError, UsageError
from pipelines.flows import FLOWS, MINUTES, TASKS, parser
from pipelines.run.request import OPTIONS, Request
from pipelines.run.steps import STEPS
from pipelines.schedules.deployed import DEPLOYED, QUARTERLY_RETURN, Deployed

STARTED = datetime(2025, 10, 8, tzinfo=UTC)
# One value that differs from the default for each option, as it is typed.
TYPED: dict[str, Any] = {
    "export": "exports/sample.zip",
    "authority": "E06000034",
    "quarter": "2025-Q3",
    "source": "native",
    "out": "out",
    "as_at": "2025-10-02",
    "return_profile": "pack",
    "waivers": "waivers.csv",
    "warehouse": "store.duckdb",
    "personal": True,
    "exclude_cases_with_errors": "agreed with the manager",
    "forced_cases": "forced.csv",
    "reference_map": "map.csv",
    "published": "workbook.ods",
    "published_headings": "headings.csv",
    "neighbours": "neighbours.toml",
    "rates": "rates.csv",
    "lha": "lha_2011.csv",
    "ceilings": "ceilings.csv",
    "pages": False,
    "migration_map": "migrated.csv",
    "note": "The households are invented.",
    "by": "team",
    "only": "check",
    "until_signed_off": True,
    "wait": "5",
    "notes": "sent_back",
    "alerts": "alerts.toml",
    "settings_file": str(Path(__file__).with_name("settings.toml")),
    "revision": "cases recorded late",
}
# What the edge adds, the time and the definitions that are ours, and what the warehouse adds to a revision.
NOT_TYPED = {"started", "settings", "revision_no"}


def of_the_command() -> dict[str, Any]:
    command = typer.main.get_command(app).commands["run"]  # type: ignore[attr-defined]
    return {one.name: one.default for one in command.params if one.name != "help"}


def test_the_command_the_flow_and_the_run_by_hand_have_every_option_with_the_same_default() -> None:
    wanted = {option.name: option.default for option in OPTIONS}
    assert list(wanted) == [one.name for one in fields(Request) if one.name not in NOT_TYPED]
    assert of_the_command() == wanted
    assert {one.dest: one.default for one in parser()._actions if one.dest != "help"} == wanted


@pytest.mark.parametrize("what", DEPLOYED, ids=lambda what: what.name)
def test_each_flow_has_every_option_that_its_schedule_leaves_open_and_describes_it(what: Deployed) -> None:
    made = FLOWS[what.only]
    assert made.name == what.name and made.description == what.does
    wanted = {option.name: option.default for option in OPTIONS if option.name != "only"}
    wanted |= {"quarter": what.quarter, "until_signed_off": True, "minutes": what.minutes}
    if what is not QUARTERLY_RETURN:
        del wanted["until_signed_off"], wanted["revision"]
    found = inspect.signature(made.fn).parameters
    assert {name: None if one.default is one.empty else one.default for name, one in found.items()} == wanted
    assert set(made.parameters.required) == {"export", "authority", "out"}
    words = {option.name: option.help for option in (*OPTIONS, MINUTES)}
    described = {name: one["description"] for name, one in made.parameters.properties.items()}
    assert described == {name: words[name] for name in wanted}


def test_each_option_reaches_the_request_and_comes_back_as_it_was_typed() -> None:
    request = Request.read(TYPED, started=STARTED)
    assert {name for name, value in TYPED.items() if getattr(request, name) is None} == set()
    assert request.typed() == TYPED
    assert Request.read(request.typed(), started=STARTED) == request


def test_what_is_not_given_has_its_default() -> None:
    asked = {option.name: TYPED[option.name] for option in OPTIONS if option.is_required}
    # Without a source the export would have to be a return.
    asked["source"] = TYPED["source"]
    bare = Request.read(asked, started=STARTED)
    # A deployment gives every parameter, with nothing in those that were left open.
    assert Request.read({**dict.fromkeys(TYPED), **asked}, started=STARTED) == bare
    assert (bare.pages, bare.personal, bare.return_profile, bare.waivers) == (True, False, "provisional", None)
    assert str(bare.day) == "2025-09-30"


@pytest.mark.parametrize(
    ("option", "text"), [("quarter", "the third one"), ("as_at", "soon"), ("export", "postgresql://me:secret@host/db")]
)
def test_a_value_that_is_not_understood_is_a_sentence_and_not_repeated(option: str, text: str) -> None:
    with pytest.raises(UsageError) as refused:
        Request.read({**TYPED, option: text}, started=STARTED)
    assert text not in str(refused.value)


def test_each_step_is_a_task_that_is_tried_again_only_where_its_fault_can_pass() -> None:
    assert [one.name for one in TASKS.values()] == [step.name.replace("_", "-") for step in STEPS]
    for one in TASKS.values():
        assert one.retries == len(one.retry_delay_seconds) == 2
        tried_again = {
            type(error): one.retry_condition_fn(one, None, Failed(data=error))
            for error in (HeldError("held"), PassingError("written"), InputError("missing"), UsageError("wrong"))
        }
        assert tried_again == {HeldError: True, PassingError: True, InputError: False, UsageError: False}


def test_the_answer_whether_to_try_again_does_not_wait_for_an_event_loop() -> None:
    async def asked(error: Exception) -> bool:
        task = TASKS["extract"]
        return bool(task.retry_condition_fn(task, None, Failed(data=error)))  # type: ignore[attr-defined]

    assert asyncio.run(asked(HeldError("held"))) is True
    assert asyncio.run(asked(InputError("missing"))) is False
