"""A script for each run, and the systemd timers or the lines for cron that start it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from pipelines.schedules.deployed import DEPLOYED, ZONE, Deployed

ENVIRONMENT = "hclic.env"
"""File beside the scripts, of mode 0600, with keys and passwords that the runs need: one NAME=value a line."""


def script(what: Deployed, command: Sequence[str], folder: Path) -> str:
    """Runs the command, and keeps what it says and its exit status in a log that only its owner can read."""
    return f"""\
#!/bin/sh
# Written by hclic deploy. {what.does}
umask 077
cd {shlex.quote(str(folder))} || exit 3
if [ -f {ENVIRONMENT} ]; then set -a; . ./{ENVIRONMENT}; set +a; fi
say() {{ echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) {what.name} $*" >> {what.name}.log; }}
limit=
if command -v timeout > /dev/null; then limit="timeout -k 60 {what.minutes * 60}"; fi
say started
$limit {shlex.join(command)} >> {what.name}.log 2>&1
status=$?
say "ended with status $status"
exit $status
"""


def systemd(folder: Path) -> dict[str, str]:
    """Service and timer of each run, by the name of the file."""
    found = {}
    for what in DEPLOYED:
        found[f"hclic-{what.name}.service"] = f"""\
# Written by hclic deploy.
[Unit]
Description=hclic: {what.title}

[Service]
Type=oneshot
UMask=0077
ExecStart=/bin/sh {_quoted(folder / script_name(what))}
TimeoutStartSec={what.minutes + 5}min
"""
        found[f"hclic-{what.name}.timer"] = f"""\
# Written by hclic deploy: {what.words} in the United Kingdom, or as soon as the machine is up again.
[Unit]
Description=hclic: {what.title}, {what.words}

[Timer]
OnCalendar={what.on_calendar}
Persistent=true

[Install]
WantedBy=timers.target
"""
    return found


def crontab(folder: Path) -> str:
    """The lines for cron."""
    lines = [
        "# Written by hclic deploy. Add these lines with: crontab -e",
        "# Where cron knows CRON_TZ (cronie) the times are those of the UK; elsewhere they are of the machine's clock.",
        "# On one that keeps UTC the runs start an hour later in summer; each takes its day from the UK all the same.",
        f"CRON_TZ={ZONE}",
    ]
    for what in DEPLOYED:
        path = shlex.quote(str(folder / script_name(what))).replace("%", "\\%")
        lines.append(f"{what.cron} /bin/sh {path}")
    return "\n".join(lines) + "\n"


def script_name(what: Deployed) -> str:
    """Name of the file of ``script``."""
    return f"{what.name}.sh"


def _quoted(path: Path) -> str:
    """A path as systemd reads it on a command line."""
    text = str(path).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{text}"'
