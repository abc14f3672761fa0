"""A batch file for each run, and the task of the Windows Task Scheduler that starts it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from xml.sax.saxutils import escape

from pipelines.errors import UsageError
from pipelines.schedules.deployed import Deployed

ENVIRONMENT = "hclic-env.cmd"
"""File beside the batch files with keys and passwords that the runs need: one ``set NAME=value`` a line."""
_BEGINS = "2018-04-03"
"""Any day that has been: from it on the times count."""
_DAYS = {"Mon": "Monday"}


def script(what: Deployed, command: Sequence[str], folder: PurePath) -> str:
    """Runs the command, and keeps what it says and its exit status in a log.

    Raises:
        UsageError: a quotation mark in an option, which a batch file cannot give on.
    """
    return "\r\n".join(
        [
            "@echo off",
            f"rem Written by hclic deploy. {what.does}",
            "chcp 65001 > nul",
            "set PYTHONUTF8=1",
            f"cd /d {_quoted(str(folder))} || exit /b 3",
            f"if exist {ENVIRONMENT} call {ENVIRONMENT}",
            f">> {what.name}.log echo %DATE% %TIME% {what.name} started",
            f"{' '.join(_quoted(part) for part in command)} >> {what.name}.log 2>&1",
            "set STATUS=%ERRORLEVEL%",
            f">> {what.name}.log echo %DATE% %TIME% {what.name} ended with status %STATUS%",
            "exit /b %STATUS%",
            "",
        ]
    )


def task(what: Deployed, folder: PurePath) -> str:
    """The task, as Task Scheduler imports it. Its time is the machine's, which is to be that of the UK."""
    if what.weekday:
        days = f"<DaysOfWeek><{_DAYS[what.weekday]} /></DaysOfWeek><WeeksInterval>1</WeeksInterval>"
        when = f"<ScheduleByWeek>{days}</ScheduleByWeek>"
    else:
        when = "<ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>"
    file = escape(str(folder / script_name(what)))
    return f"""\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>hclic: {escape(what.does)}</Description>
  </RegistrationInfo>
  <Triggers>
    <CalendarTrigger>
      <StartBoundary>{_BEGINS}T{what.hour:02}:{what.minute:02}:00</StartBoundary>
      <Enabled>true</Enabled>
      {when}
    </CalendarTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <LogonType>Password</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>Queue</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <Enabled>true</Enabled>
    <ExecutionTimeLimit>PT{what.minutes}M</ExecutionTimeLimit>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>cmd.exe</Command>
      <Arguments>/d /c ""{file}""</Arguments>
      <WorkingDirectory>{escape(str(folder))}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""


def script_name(what: Deployed) -> str:
    """Name of the file of ``script``."""
    return f"{what.name}.cmd"


def _quoted(text: str) -> str:
    if '"' in text:
        raise UsageError("An option holds a quotation mark, which a batch file cannot give on. Leave it out.")
    return '"' + text.replace("%", "%%") + '"'
