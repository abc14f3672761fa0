"""The guides hold: every kind of alert and end has its section, every named test exists, every command shown runs."""

from __future__ import annotations

import io
import re
import shutil
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
import typer.main

from pipelines import cli, state
from pipelines.alerts.kinds import KINDS
from pipelines.cli import app
from pipelines.warehouse import store
from tests.docs import folders
from tests.docs.folders import DOCS, ROOT

PAGES = sorted(DOCS.glob("*.md"))
ALERTS = """[recipients]
default = "housing.options@council.example"

[[notifier]]
kind = "file"
folder = "alerts"
"""
EXIT_STATUSES = {"clean", "blocked", "called-wrongly", "unreadable", "failed"}


def headings(page: str) -> set[str]:
    return set(re.findall(r"^### (\S+)$", (DOCS / page).read_text(encoding="utf-8"), re.M))


def test_every_kind_of_alert_and_every_end_of_a_run_says_what_to_do() -> None:
    states = {state.CLEAN, state.BLOCKED, state.FAILED, store.RUNNING, store.STOPPED}
    assert headings("when-something-happens.md") == set(KINDS) | states | EXIT_STATUSES


def test_every_test_that_a_guide_names_exists() -> None:
    names = {
        found
        for path in (ROOT / "tests").rglob("test_*.py")
        for found in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))
    }
    named = {
        (page.name, found)
        for page in DOCS.glob("*.md")
        for found in re.findall(r"`(test_\w+)`", page.read_text(encoding="utf-8"))
    }
    assert len(named) > 50
    assert sorted(one for one in named if one[1] not in names) == []


def test_every_threat_has_a_test_of_its_own() -> None:
    rows = re.findall(r"^\| (?!Threat|---)(.*) \|$", (DOCS / "threats.md").read_text(encoding="utf-8"), re.M)
    assert len(rows) > 20
    assert [row for row in rows if "`test_" not in row.rsplit(" | ", 1)[-1]] == []


def hclic(
    line: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """Exit status of a command in a folder, and what it said."""
    said = folders.words(line)
    assert said[0] == "hclic", f"only hclic and cd are run, not: {line}"
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", said)
    status = cli.in_this_process()
    told = capsys.readouterr()
    return status, told.out[-1500:] + told.err


@pytest.fixture
def quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own, with an empty home beside it and no setting of this machine."""
    for name in ("HCLIC_WAREHOUSE_KEY", "HCLIC_CONFIG", "PREFECT_API_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders ``small`` and ``signed``: an export, a run of it, and the same signed off as its guide says."""
    place = tmp_path_factory.mktemp("ready")
    small = place / "small"
    for name in ("profiles", "out"):
        (small / name).mkdir(parents=True)
    folders.small_export(small / "exports")
    (small / "alerts.toml").write_text(ALERTS, encoding="utf-8")
    command = "run exports --authority E06000034 --quarter 2025-Q3 --source native --out out --no-pages"
    ended_well(small, *command.split())
    shutil.copytree(small, place / "signed")
    for block in folders.blocks(DOCS / "sign-off.md"):
        for line in block.lines if "sign" in block.lines[0] else ():
            ended_well(place / "signed", *folders.words(line)[1:])
    return place


def ended_well(folder: Path, *typed: str) -> None:
    """A command in a folder, which ends with 0."""
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(said):
        patch.chdir(folder)
        patch.delenv("HCLIC_CONFIG", raising=False)
        patch.setattr(sys, "argv", ["hclic", *typed])
        status = cli.in_this_process()
    assert status == 0, said.getvalue()


RUN = [page for page in PAGES if any(one.is_run for one in folders.blocks(page))]


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_the_commands_of_a_guide_run_as_they_stand_there(
    page: Path, quiet: Path, ready: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at: dict[str | None, Path] = {None: quiet}
    for block in folders.blocks(page):
        if not block.is_run:
            continue
        if block.folder not in at:
            at[block.folder] = shutil.copytree(ready / str(block.folder), quiet / f"copy-of-{block.folder}")
        for line in block.lines:
            if line.startswith("cd "):
                assert block.folder is None, f"{page.name}: {line}"
                at[None] = (at[None] / line[3:]).resolve()
                assert at[None].is_relative_to(quiet)
                continue
            status, told = hclic(line, at[block.folder], monkeypatch, capsys)
            assert status == block.status, f"{page.name}: {line}\n{told}"


def test_every_block_of_commands_is_run_by_a_test_or_says_why_not() -> None:
    unmarked = [f"{one.page}: {one.lines[0]}" for page in PAGES for one in folders.blocks(page) if one.mark is None]
    assert unmarked == []
    reasons = [one.reason for page in PAGES for one in folders.blocks(page) if one.reason]
    assert [one for one in reasons if len(one) < 20] == []
    named = {name for one in reasons for name in re.findall(r"tests/[\w/.]+", one)}
    assert len(named) > 5
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_command_that_a_guide_shows_is_one_and_has_the_options_that_are_shown() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    wrong = []
    for page in (*sorted(DOCS.glob("*.md")), ROOT / "README.md"):
        text = page.read_text(encoding="utf-8").replace("\\\n", " ")
        blocks = re.findall(r"^ *```.*?^ *```", text, re.M | re.S)
        shown = [line for block in blocks for line in re.findall(r"^\s*hclic (.+)", block, re.M)]
        for line in shown + re.findall(r"(?<!`)`hclic ([^`\n]+)`(?!`)", text):
            words = line.split()
            if words[0].startswith("--"):
                words = [one for one in words[1:] if one in commands][:1]
            if not words or not re.fullmatch(r"[a-z][a-z-]*", words[0]):
                continue
            command = commands.get(words[0])
            if command is None:
                wrong.append(f"{page.name}: hclic {line}")
                continue
            if hasattr(command, "commands"):
                command = command.commands.get(words[1].strip(",")) if len(words) > 1 else None
            if command is None:
                continue
            known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
            typed = {one.split("=")[0].strip("`,.;:)") for one in words[1:] if one.startswith("--")}
            wrong += [f"{page.name}: {one} in hclic {line}" for one in sorted(typed - known)]
    assert wrong == []
