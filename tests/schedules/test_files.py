"""What hclic deploy writes: prefect.yaml, timers, lines for cron and tasks for Windows that start the right command."""

from __future__ import annotations

import re
import shlex
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path, PureWindowsPath
from typing import Any

import pytest
import yaml
from lxml import etree

from pipelines.cli import main
from pipelines.errors import UsageError
from pipelines.schedules import posix, windows, writing
from pipelines.schedules.deployed import DEPLOYED, NIGHTLY_CHECK, QUARTERLY_RETURN, WEEKLY_METRICS
from pipelines.schedules.options import checked

ROOT = Path(__file__).resolve().parents[2]
NIGHT = datetime(2025, 10, 8, 1, 30, tzinfo=UTC)
GIVEN: dict[str, Any] = {"export": "export", "authority": "E06000034", "source": "native", "out": "out"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder whose name has what quoting goes wrong on, with an export in it."""
    made = tmp_path / "Housing & Co's 100% $HOME"
    (made / "export").mkdir(parents=True)
    return made


def options(home: Path, **given: Any) -> dict[str, Any]:
    return checked({**GIVEN, **given}, started=NIGHT, folder=home)


def test_paths_are_whole_and_names_stay_names(home: Path) -> None:
    found = options(home, warehouse="store.duckdb", waivers="waivers.csv")
    assert found == {
        "export": str(home / "export"),
        "authority": "E06000034",
        "source": "native",
        "out": str(home / "out"),
        "warehouse": str(home / "store.duckdb"),
        "waivers": str(home / "waivers.csv"),
        "wait": 120,
    }


def test_a_profile_of_ones_own_is_found_from_any_folder(home: Path) -> None:
    (home / "mine.toml").write_text("")
    assert options(home, source="mine.toml")["source"] == str(home / "mine.toml")


def test_an_export_that_is_not_there_is_refused_before_anything_is_written(home: Path) -> None:
    with pytest.raises(UsageError, match="There is no export"):
        options(home, export="elsewhere")


def test_prefect_yaml_holds_three_deployments_at_times_of_the_uk_and_nothing_personal(home: Path) -> None:
    written = writing.write(options(home), home, None)
    held = yaml.safe_load(written.file.read_text(encoding="utf-8"))
    assert {one["name"]: one["schedules"][0]["cron"] for one in held["deployments"]} == {
        "nightly-check": "30 3 * * *",
        "quarterly-return": "30 2 * * *",
        "weekly-metrics": "30 4 * * 1",
    }
    for one in held["deployments"]:
        assert one["schedules"][0]["timezone"] == "Europe/London"
        assert one["concurrency_limit"] == {"limit": 1, "collision_strategy": "ENQUEUE"}
        assert one["parameters"]["export"] == str(home / "export")
        assert "personal" not in one["parameters"]
        assert one["work_pool"]["job_variables"]["env"]["DO_NOT_TRACK"] == "1"
    quarters = {one["name"]: one["parameters"]["quarter"] for one in held["deployments"]}
    assert quarters == {"nightly-check": "current", "quarterly-return": "last", "weekly-metrics": "current"}


def test_the_personal_data_file_is_made_by_schedule_only_where_it_is_asked_for(home: Path) -> None:
    asked = writing.command_line(QUARTERLY_RETURN, options(home, personal=True))
    assert "--personal" in asked
    assert "--personal" not in writing.command_line(QUARTERLY_RETURN, options(home))


def test_a_file_of_somebody_else_is_not_replaced(home: Path) -> None:
    (home / "prefect.yaml").write_text("name: ours\n")
    with pytest.raises(UsageError, match="was not written by hclic deploy"):
        writing.write(options(home), home, None)
    assert (home / "prefect.yaml").read_text() == "name: ours\n"
    # Its own it replaces.
    (home / "prefect.yaml").unlink()
    first = writing.write(options(home), home, None)
    writing.write(options(home, personal=True), home, None)
    assert "personal: true" in first.file.read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_the_script_gives_the_command_what_it_was_given_and_keeps_words_and_exit_status(home: Path) -> None:
    seen = home / "seen"
    program = home / "hclic"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {shlex.quote(str(seen))}\necho "$KEY" blocked\nexit 1\n')
    program.chmod(0o700)
    (home / "hclic.env").write_text("KEY='a key'\n")
    command = [str(program), *writing.command_line(NIGHTLY_CHECK, options(home))[-13:]]
    file = home / "nightly-check.sh"
    file.write_text(posix.script(NIGHTLY_CHECK, command, home))
    done = subprocess.run(["/bin/sh", str(file)], check=False, capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout == done.stderr == ""
    assert seen.read_text().splitlines() == command[1:]
    log = home / "nightly-check.log"
    words = [re.sub(r"^\S+Z ", "", line) for line in log.read_text().splitlines()]
    assert words == ["nightly-check started", "a key blocked", "nightly-check ended with status 1"]
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_the_lines_for_cron_start_the_scripts(home: Path) -> None:
    written = writing.write(options(home), home, "cron")
    lines = [one for one in (home / "hclic.crontab").read_text().splitlines() if not one.startswith(("#", "CRON_TZ="))]
    assert [one.split(" ", 5)[:5] for one in lines] == [what.cron.split() for what in DEPLOYED]
    for line, what in zip(lines, DEPLOYED, strict=True):
        # What cron hands to the shell: a bare percent sign would end the line.
        assert not re.search(r"(?<!\\)%", line)
        started = shlex.split(line.split(" ", 5)[5].replace("\\%", "%"))
        assert started == ["/bin/sh", str(home / f"{what.name}.sh")]
        assert stat.S_IMODE(Path(started[1]).stat().st_mode) == 0o700
    assert "crontab -e" in written.words


def test_the_timers_of_systemd_keep_the_clock_of_the_uk_and_make_up_for_a_night_that_was_missed(home: Path) -> None:
    writing.write(options(home), home, "systemd")
    timer = (home / "hclic-weekly-metrics.timer").read_text()
    assert "OnCalendar=Mon *-*-* 04:30:00 Europe/London\n" in timer and "Persistent=true\n" in timer
    service = (home / "hclic-weekly-metrics.service").read_text()
    (started,) = re.findall(r"^ExecStart=(.*)$", service, re.M)
    assert started.startswith('/bin/sh "') and "100%% $$HOME" in started
    assert "UMask=0077\n" in service and "TimeoutStartSec=185min\n" in service


def test_the_tasks_of_windows_start_batch_files_that_keep_the_exit_status(home: Path) -> None:
    writing.write(options(home), home, "windows")
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    for what in DEPLOYED:
        task = etree.fromstring((home / f"{what.name}.xml").read_bytes())
        (begins,) = task.xpath("//t:StartBoundary/text()", namespaces=space)
        assert begins.endswith(f"T{what.hour:02}:{what.minute:02}:00")
        (given,) = task.xpath("//t:Arguments/text()", namespaces=space)
        assert given == f'/d /c ""{home / what.name}.cmd""'
        (limit,) = task.xpath("//t:ExecutionTimeLimit/text()", namespaces=space)
        assert limit == "PT180M"
        assert task.xpath("boolean(//t:DaysOfWeek/t:Monday)", namespaces=space) is (what is WEEKLY_METRICS)
        batch = (home / f"{what.name}.cmd").read_bytes().decode()
        assert batch.endswith("exit /b %STATUS%\r\n") and "\n" not in batch.replace("\r\n", "")


def test_a_batch_file_gives_on_percent_signs_and_refuses_quotation_marks() -> None:
    folder = PureWindowsPath("C:/Housing")
    text = windows.script(NIGHTLY_CHECK, ["C:\\Programs\\hclic.exe", "run", "D:\\100% new"], folder)
    assert '"C:\\Programs\\hclic.exe" "run" "D:\\100%% new" >> nightly-check.log 2>&1' in text
    with pytest.raises(UsageError, match="quotation mark"):
        windows.script(NIGHTLY_CHECK, ["hclic", 'the "new" one'], folder)


@pytest.mark.parametrize("what", DEPLOYED, ids=lambda what: what.name)
def test_the_command_of_a_script_is_one_that_hclic_understands(
    what: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("pipelines.alerts.after_run.check_before_run", asked.append)
    monkeypatch.setattr("pipelines.run.run.make", lambda *_, **__: sys.exit(7))
    words = writing.command_line(what, options(home, pages=False, note="The households' cases"))
    monkeypatch.setattr(sys, "argv", ["hclic", *words[words.index("run") :]])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 7
    (request,) = asked
    assert (request.only, request.until_signed_off) == (what.only, what.until_signed_off)
    assert request.pages is False and request.note == "The households' cases" and request.wait == 120


def test_registering_is_for_prefect_alone(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(home)
    given = ["export", "--authority", "E06000034", "--source", "native", "--out", "out", "--register"]
    monkeypatch.setattr(sys, "argv", ["hclic", "deploy", *given, "--without-prefect", "cron"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2 and "--register is for Prefect" in capsys.readouterr().err
    assert sorted(path.name for path in home.iterdir()) == ["export"]
