"""Writes what starts the runs into a folder, and says what to do with it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import UsageError
from pipelines.run.request import OPTIONS
from pipelines.schedules import posix, prefect_yaml, windows
from pipelines.schedules.deployed import DEPLOYED, Deployed
from pipelines.schedules.options import of_a_run
from pipelines.whole import into

PRIVATE_FILE, PRIVATE_PROGRAM = 0o600, 0o700
_OURS = "Written by hclic deploy"


@dataclass(frozen=True)
class Written:
    """The first file that was written, and what is said of it."""

    file: Path
    words: str


def write(options: Mapping[str, Any], folder: Path, without_prefect: str | None) -> Written:
    """Write the files.

    Args:
        options: those of a run, as ``schedules.options.checked`` gives them.
        folder: where to; it is made where it is not there.
        without_prefect: systemd, cron or windows; None for Prefect.

    Raises:
        UsageError: the folder cannot be written, or a file of somebody else is in the way.
    """
    made = {
        None: lambda: {prefect_yaml.FILE: prefect_yaml.render(options, str(folder))},
        "systemd": lambda: {**_scripts(options, folder), **posix.systemd(folder)},
        "cron": lambda: {**_scripts(options, folder), "hclic.crontab": posix.crontab(folder)},
        "windows": lambda: _of_windows(options, folder),
    }[without_prefect]()
    try:
        for name in made:
            _refuse_another(folder / name)
        with into(folder) as new:
            for name, text in made.items():
                _put(new / name, text)
    except OSError:
        raise UsageError(f"The folder {folder} cannot be written. Give another one with --folder.") from None
    lines = [f"Written   {folder}: {', '.join(made)}", "", *_when(), "", *_NEXT[without_prefect](folder)]
    return Written(folder / next(iter(made)), "\n".join(lines))


def command_line(what: Deployed, options: Mapping[str, Any]) -> list[str]:
    """``hclic run`` with the options, as it is started where this one was installed."""
    given = of_a_run(what, options)
    words = [*_program(), "run", str(given["export"])]
    for option in OPTIONS:
        value = given.get(option.name)
        if option.name == "export" or value is None or value == "":
            continue
        if isinstance(value, bool):
            on, _, off = option.flag.partition("/")
            words += [on] if value else [off] if off else []
        else:
            words += [option.flag, str(value)]
    return words


def _program() -> list[str]:
    own = Path(sys.executable).with_name("hclic.exe" if sys.platform == "win32" else "hclic")
    return [str(own)] if own.is_file() else [sys.executable, "-m", "pipelines.cli"]


def _scripts(options: Mapping[str, Any], folder: Path) -> dict[str, str]:
    return {posix.script_name(what): posix.script(what, command_line(what, options), folder) for what in DEPLOYED}


def _of_windows(options: Mapping[str, Any], folder: Path) -> dict[str, str]:
    made = {}
    for what in DEPLOYED:
        made[windows.script_name(what)] = windows.script(what, command_line(what, options), folder)
        made[f"{what.name}.xml"] = windows.task(what, folder)
    return made


def _refuse_another(path: Path) -> None:
    if not path.exists() or path.suffix in (".xml", ".log"):
        return
    if _OURS not in path.read_text(encoding="utf-8", errors="replace")[:200]:
        raise UsageError(f"{path} was not written by hclic deploy. Move it, or give another --folder.")


def _put(path: Path, text: str) -> None:
    # Task Scheduler reads UTF-16, with the mark of its byte order.
    path.write_bytes(text.encode("utf-16" if path.suffix == ".xml" else "utf-8"))
    path.chmod(PRIVATE_PROGRAM if path.suffix == ".sh" else PRIVATE_FILE)


def _when() -> Sequence[str]:
    return [f"  {what.name:18} {what.words}, UK time: {what.does}" for what in DEPLOYED]


def _of_prefect(folder: Path) -> list[str]:
    return [
        f"With a server at work (PREFECT_API_URL): hclic deploy … --register, or prefect deploy --all in {folder};",
        f"then, on this machine: prefect worker start --pool {prefect_yaml.POOL}",
    ]


def _of_systemd(folder: Path) -> list[str]:
    timers = " ".join(f"hclic-{what.name}.timer" for what in DEPLOYED)
    return [
        "Have systemd start them, as you:",
        "  mkdir -p ~/.config/systemd/user",
        f"  cp {folder}/hclic-*.service {folder}/hclic-*.timer ~/.config/systemd/user/",
        "  systemctl --user daemon-reload",
        f"  systemctl --user enable --now {timers}",
        "  loginctl enable-linger",
        *_logs(folder, posix.ENVIRONMENT),
    ]


def _of_cron(folder: Path) -> list[str]:
    return [f"Add the lines of {folder}/hclic.crontab with crontab -e.", *_logs(folder, posix.ENVIRONMENT)]


def _of_task_scheduler(folder: Path) -> list[str]:
    lines = [f'  schtasks /create /tn "hclic {what.name}" /xml "{what.name}.xml" /ru "%USERNAME%"' for what in DEPLOYED]
    return [
        f"In a command prompt in {folder} (each asks for your password; the machine's clock is to be that of the UK):",
        *lines,
        *_logs(folder, windows.ENVIRONMENT),
    ]


def _logs(folder: Path, environment: str) -> list[str]:
    return [
        f"What each run says, and its exit status, are kept in its .log in {folder}.",
        f"Keys and passwords, where runs need any, go into {environment} there, which nobody else may read.",
    ]


_NEXT = {None: _of_prefect, "systemd": _of_systemd, "cron": _of_cron, "windows": _of_task_scheduler}
