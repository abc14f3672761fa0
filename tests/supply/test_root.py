"""The version, the help, completion and the guides: there at once, and without what only runs need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.errors import UsageError
from pipelines.setup import guides

SLOW = ("pandas", "prefect", "altair", "matplotlib", "polars", "duckdb")


def test_the_version_says_that_nothing_is_claimed_of_conformance() -> None:
    said = CliRunner().invoke(app, ["--version"])
    assert said.exit_code == 0
    number, claim = said.output.splitlines()
    assert number.startswith("hclic ")
    assert claim.startswith("Returns are provisional")


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("hclic work", "worklists"), ("hclic findings wai", "waivers"), ("hclic run --return", "--return-profile")],
)
def test_completion_knows_commands_and_options_and_loads_nothing_slow(
    typed: str, completed: str, tmp_path: Path
) -> None:
    words = typed.split()
    asked = (
        "import sys, atexit; from pipelines.cli import main;"
        f"atexit.register(lambda: print('loaded:', [one for one in {SLOW} if one in sys.modules]));"
        "sys.argv = ['hclic']; main()"
    )
    environment = os.environ | {
        "_HCLIC_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(words) - 1),
        "HOME": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", asked], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert completed in done.stdout.split()
    assert "loaded: []" in done.stdout


def test_a_guide_is_listed_and_read_and_its_place_is_told() -> None:
    listed = CliRunner().invoke(app, ["guide"]).output
    assert "operations" in listed
    assert "rules/" not in listed
    assert CliRunner().invoke(app, ["guide", "operations"]).output.startswith("# Operations")
    assert Path(CliRunner().invoke(app, ["guide", "operations.md", "--path"]).output.strip()).is_file()
    # An editable install holds copies of its first day beside the packages.
    assert guides.path_of("operations") == Path(__file__).resolve().parents[2] / "docs" / "operations.md"
    with pytest.raises(UsageError, match="no guide of that name"):
        guides.path_of("../README")
