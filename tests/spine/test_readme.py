"""What the README claims is what the program does."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import typer.main

from pipelines.cli import app, main

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
BLOCK = re.compile(r"(<!-- make-run -->\n```\n)(.*?)(```\n<!-- /make-run -->)", re.S)
SAMPLE = "data/published/Statutory_Homelessness_Detailed_Local_Authority_Data_202509.ods"
COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme_and_has_help_with_an_example(name: str) -> None:
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    assert f"`hclic {name}" in README.read_text(encoding="utf-8")
    assert command.help
    if not hasattr(command, "commands"):
        assert "Example" in command.help, f"hclic {name} --help shows no example"


def test_the_readme_shows_what_make_run_prints(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.chdir(ROOT)
    arguments = [
        "run",
        "data/sample/native",
        "--authority",
        "E06000034",
        "--quarter",
        "2025-Q3",
        "--source",
        "native",
        "--personal",
    ]
    monkeypatch.setattr(sys, "argv", ["hclic", *arguments, "--published", SAMPLE, "--out", str(tmp_path)])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0
    printed = capsys.readouterr().out.replace(str(tmp_path), "out")
    text = README.read_text(encoding="utf-8")
    if request.config.getoption("--rewrite-golden"):
        README.write_text(BLOCK.sub(lambda found: found[1] + printed + found[3], text), encoding="utf-8")
        text = README.read_text(encoding="utf-8")
    shown = BLOCK.search(text)
    assert shown is not None
    # The run's id follows the bytes of the inputs and the software's version.
    fixed = [re.sub(r"run E\d{8}-\S+", "run", part) for part in (shown[2], printed)]
    assert fixed[0] == fixed[1]
