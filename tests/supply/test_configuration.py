"""What hclic.toml says is taken as if it had been typed, and what is typed wins."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.errors import UsageError
from pipelines.run.request import OPTIONS, Request
from pipelines.setup import configuration, folder

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


def read(place: Path, text: str) -> configuration.Configuration:
    path = place / configuration.NAME
    path.write_text(text, encoding="utf-8")
    return configuration.read(path)


def given_to_run(monkeypatch: pytest.MonkeyPatch, place: Path, *typed: str) -> dict[str, Any]:
    """What ``hclic run`` is given, typed in that folder."""
    seen: dict[str, Any] = {}

    def stop(given: dict[str, Any], **_: Any) -> Request:
        seen.update(given)
        raise UsageError("enough")

    monkeypatch.chdir(place)
    monkeypatch.setattr(Request, "read", stop)
    CliRunner().invoke(app, ["run", *typed])
    return seen


TEXT = """
authority = "e06000034"
warehouse = "kept/warehouse.duckdb"
[run]
export = "exports"
source = "native"
out = "out"
pages = false
wait = 3
"""


def test_a_run_takes_its_options_from_the_file_of_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(tmp_path, TEXT)
    given = given_to_run(monkeypatch, tmp_path, "--quarter", "2025-Q3")
    assert given["authority"].upper() == "E06000034"
    assert Path(given["export"]) == tmp_path / "exports"
    assert given["source"] == "native"
    assert given["warehouse"] == tmp_path / "kept" / "warehouse.duckdb"
    assert (given["pages"], str(given["wait"]), given["quarter"]) == (False, "3", "2025-Q3")


def test_what_is_typed_wins_over_the_file_and_the_file_over_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(tmp_path, TEXT)
    given = given_to_run(monkeypatch, tmp_path, "other", "--quarter", "2025-Q3", "--wait", "7", "--pages")
    assert given["export"] == "other"
    assert (str(given["wait"]), given["pages"]) == ("7", True)
    assert given["return_profile"] == "provisional"


def test_a_named_file_wins_over_the_environment_and_that_over_the_folder(tmp_path: Path) -> None:
    for name in ("named.toml", "said.toml", configuration.NAME):
        (tmp_path / name).write_text("")
    said = {configuration.VARIABLE: str(tmp_path / "said.toml")}
    assert configuration.find(tmp_path / "named.toml", said, tmp_path) == tmp_path / "named.toml"
    assert configuration.find(None, said, tmp_path) == tmp_path / "said.toml"
    assert configuration.find(None, {}, tmp_path) == tmp_path / configuration.NAME
    assert configuration.find(None, {}, tmp_path / "elsewhere") is None
    with pytest.raises(UsageError, match=r"There is no configuration file gone\.toml"):
        configuration.find(tmp_path / "gone.toml", {}, tmp_path)


def test_paths_start_from_the_folder_of_the_file_and_names_and_addresses_stay_as_they_are(tmp_path: Path) -> None:
    said = read(tmp_path, '[run]\nsource = "jigsaw-style"\nexport = "postgresql://db:5432/housing"\nwaivers = "w.csv"')
    assert said.of_run == {
        "source": "jigsaw-style",
        "export": "postgresql://db:5432/housing",
        "waivers": str(tmp_path / "w.csv"),
    }
    assert read(tmp_path, '[run]\nsource = "profiles/own.toml"').get("source") == str(
        tmp_path / "profiles" / "own.toml"
    )


def test_other_commands_take_the_warehouse_and_the_authority_where_they_cannot_do_without() -> None:
    said = configuration.Configuration(None, {"authority": "E06000034", "warehouse": "w"}, {"out": "o", "by": "team"})
    taken = configuration.defaults(said, COMMANDS)
    assert taken["worklists"] == {"authority": "E06000034", "warehouse": "w"}
    # Of a workbook of all authorities, leaving the others out must be asked for.
    assert taken["published"] == {}
    # --by is who says something here, and there for whom workbooks are written.
    assert taken["findings"]["note"] == {"warehouse": "w"}
    # A return is signed off where the run put it, in the warehouse of the run.
    assert taken["signoff"]["check"] == {"warehouse": "w", "out": "o"}
    # What is to be gone, or to be told, is looked for where runs wrote and not beside the warehouse alone.
    assert taken["purge"] == {"warehouse": "w", "out": ["o"]} == taken["forget"]
    assert taken["subject"] == {"warehouse": "w", "outputs": ["o"]}
    # A group that does something by itself takes it too.
    assert taken["qa"]["warehouse"] == taken["qa"]["explain"]["warehouse"] == taken["ledger"]["warehouse"] == "w"


def test_a_check_compares_with_the_warehouse_once_there_is_one(tmp_path: Path) -> None:
    store = tmp_path / "warehouse.duckdb"
    said = configuration.Configuration(None, {"authority": "E06000034", "warehouse": str(store)}, {})
    assert configuration.defaults(said, COMMANDS)["check"] == {"authority": "E06000034"}
    store.touch()
    assert configuration.defaults(said, COMMANDS)["check"] == {"authority": "E06000034", "warehouse": str(store)}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("authority = ", "is not TOML"),
        (
            'colour = "red"',
            "names at its head something that cannot stand there. There can stand: authority, warehouse",
        ),
        ('source = "native"', r"Write it below \[run\]"),
        ('[run]\nauthority = "E06000034"', "Write authority and warehouse at its head"),
        ('[run]\nexclude_cases_with_errors = "always"', "--exclude-cases-with-errors is decided for one run: type it"),
        ("[run]\nas_at = 2025-10-02", "--as-at is decided for one run"),
        ('[run]\npersonal = "yes"', "personal must be true or false"),
        ("[run]\nwait = true", "wait must be a whole number"),
        ("[run]\nout = 3", "out must be words in quotation marks"),
        ('run = "x"', r"write \[run\] on a line of its own"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        read(tmp_path, text)


def test_a_wrong_file_stops_a_run_and_keeps_nobody_from_the_guides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / configuration.NAME).write_text("authority = ")
    monkeypatch.chdir(tmp_path)
    assert isinstance(CliRunner().invoke(app, ["rules"]).exception, UsageError)
    assert CliRunner().invoke(app, ["guide"]).exit_code == 0


def test_a_new_folder_makes_a_run_with_nothing_typed_but_the_quarter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = folder.make(tmp_path / "new", "E06000034")
    assert configuration.NAME in made.written
    given = given_to_run(monkeypatch, tmp_path / "new", "--quarter", "2025-Q3")
    asked = {one.name for one in OPTIONS if one.is_required}
    assert asked <= {name for name, value in given.items() if value is not None}
    said = configuration.read(tmp_path / "new" / configuration.NAME)
    assert set(said.names) == {"authority", "warehouse", "export", "source", "out"}


def test_every_option_that_a_file_may_hold_stands_in_a_new_one_and_can_be_put_in_force(tmp_path: Path) -> None:
    folder.make(tmp_path, "E06000034")
    path = tmp_path / configuration.NAME
    lines = path.read_text(encoding="utf-8").splitlines()
    names = {one.name for one in OPTIONS} - configuration.ONE_RUN_ONLY - {"quarter"}
    forced = [
        line.removeprefix("# ") if line.startswith(tuple(f"# {one} = " for one in names)) else line for line in lines
    ]
    path.write_text("\n".join(forced), encoding="utf-8")
    assert set(configuration.read(path).names) == names


def test_the_folder_is_private_and_nothing_in_it_is_overwritten(tmp_path: Path) -> None:
    place = tmp_path / "new"
    first = folder.make(place)
    if sys.platform != "win32":
        assert {(place / one).stat().st_mode & 0o077 for one in first.written} | {place.stat().st_mode & 0o077} == {0}
    (place / "README.md").write_text("mine")
    again = folder.make(place)
    assert not again.written
    assert set(again.kept) == set(first.written)
    assert (place / "README.md").read_text() == "mine"


def test_a_folder_with_the_sample_can_be_run_at_once_and_says_that_its_households_are_invented(tmp_path: Path) -> None:
    folder.make(tmp_path / "new", sample=True)
    said = configuration.read(tmp_path / "new" / configuration.NAME)
    assert (said.get("authority"), said.get("source")) == ("E06000034", "native")
    assert "invented" in said.get("note")
    exported = {path.name for path in (tmp_path / "new" / "exports").iterdir()}
    assert exported == {path.name for path in (SAMPLE / "native").iterdir()}


def test_git_takes_up_no_case_data_of_a_new_folder(tmp_path: Path) -> None:
    place = tmp_path / "new"
    folder.make(place, "E06000034")
    case_data = ["exports/cases.csv", "out/E06000034/2025-Q3/ledger.json", "warehouse/warehouse.duckdb", "cases.xlsx"]
    for name in [*case_data, "decisions/waivers.csv", "profiles/own.toml", "profiles/cases.csv", "profiles/a/b.csv"]:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("x")
    git = ["git", "-c", "core.excludesFile=", "-C", str(place)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    listed = subprocess.run(
        [*git, "ls-files", "--others", "--exclude-standard"], check=True, capture_output=True, text=True
    ).stdout.split()
    assert sorted(listed) == [".gitignore", "README.md", "hclic.toml", "profiles/own.toml"]
