"""An authority's code is taken in any case of letters, wherever one is asked for."""

from __future__ import annotations

import pytest
import typer

from pipelines.authority import authority_code
from pipelines.cli import app
from pipelines.run.request import OPTIONS

COMMANDS = {
    name: option
    for name, command in typer.main.get_command(app).commands.items()  # type: ignore[attr-defined]
    for option in command.params
    if option.name == "authority" and name != "run"
}


def test_the_commands_that_ask_for_an_authority_are_found() -> None:
    assert {"check", "tables", "metrics", "published", "synthesise", "query"} <= set(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_reads_small_letters(name: str) -> None:
    option = COMMANDS[name]
    context = typer.main.get_command(app).make_context("hclic", ["rules"])
    assert option.process_value(context, " e06000034 ") == "E06000034"


def test_a_run_reads_small_letters() -> None:
    (option,) = (one for one in OPTIONS if one.name == "authority")
    assert option.read("e06000034") == "E06000034"


def test_no_code_stays_none() -> None:
    assert authority_code(None) is None
