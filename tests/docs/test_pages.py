"""The guides hold: every kind of alert and end has its section, every named test exists, every command shown runs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from pipelines import state
from pipelines.alerts.kinds import KINDS
from pipelines.cli import app
from pipelines.warehouse import store

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
RUN = re.compile(r"<!-- run(?: exit (\d))? -->\n+```\w*\n(.*?)```", re.S)
PAGES = sorted(path for path in DOCS.glob("*.md") if RUN.search(path.read_text(encoding="utf-8")))
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_a_guide_run_as_they_stand_there(page: Path, tmp_path: Path) -> None:
    environment = os.environ | {
        "HOME": str(tmp_path / "home"),
        "HCLIC_CACHE": "off",
        "PYTHONPATH": str(ROOT),
    }
    for name in ("HCLIC_WAREHOUSE_KEY", "HCLIC_CONFIG", "PREFECT_API_URL"):
        environment.pop(name, None)
    (tmp_path / "home").mkdir()
    folder = tmp_path
    for wanted, block in RUN.findall(page.read_text(encoding="utf-8")):
        for line in block.strip().splitlines():
            words = shlex.split(line)
            if words[0] == "cd":
                folder = (folder / words[1]).resolve()
                assert folder.is_relative_to(tmp_path)
                continue
            assert words[0] == "hclic", f"{page.name}: only hclic and cd are run, not: {line}"
            done = subprocess.run(
                [sys.executable, "-m", "pipelines.cli", *words[1:]],
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == int(wanted or 0), f"{page.name}: {line}\n{done.stdout[-1500:]}{done.stderr}"


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
