"""Hands ``prefect.yaml`` to a Prefect server: waits until it answers, makes the work pool, applies the deployments.

``hclic deploy --register`` starts it as a process of its own, so that the command line needs no Prefect:
``python -m pipelines.deployments FILE --wait MINUTES``.
"""

from __future__ import annotations

import os

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")

import argparse
import subprocess
import sys
import time
from pathlib import Path

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectAlreadyExists
from prefect.settings import get_current_settings

from pipelines.commands.console import complain, say
from pipelines.errors import HclicError, InputError, PassingError, UsageError
from pipelines.schedules.prefect_yaml import POOL

PAUSE_SECONDS = 1.0
"""Between two questions whether the server is up."""


def server() -> str:
    """The address of the server's API, from the environment or Prefect's own profile.

    Raises:
        UsageError: none is named: Prefect would start a server that ends with this command.
    """
    url = get_current_settings().api.url
    if not url:
        raise UsageError("Say which Prefect server: set PREFECT_API_URL, such as http://127.0.0.1:4200/api.")
    return str(url).rstrip("/")


def wait_for(url: str, minutes: float) -> None:
    """Ask until the server says that it is well: while it starts, it answers nothing.

    Raises:
        PassingError: it still had not after so many minutes.
    """
    end = time.monotonic() + minutes * 60
    while not _is_well(url):
        if time.monotonic() >= end:
            raise PassingError(
                f"The Prefect server that PREFECT_API_URL names did not answer within {minutes:g} minutes. Start it"
                " (prefect server start), or correct the address."
            )
        time.sleep(PAUSE_SECONDS)


def _is_well(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=5).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def make_pool(url: str) -> None:
    """Make the work pool for processes on this machine, where it is not there already."""
    with SyncPrefectClient(url) as client:
        try:
            client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
        except ObjectAlreadyExists:
            return


def apply(file: Path) -> None:
    """Have Prefect's own command read the file and make or change the deployments.

    Raises:
        InputError: it refused; what it says is shown.
    """
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(file)]
    done = subprocess.run(command, cwd=file.parent, capture_output=True, text=True, check=False)
    if done.returncode:
        complain(done.stdout + done.stderr)
        raise InputError(f"Prefect did not take the deployments of {file}: what it said stands above.")


def main(arguments: list[str]) -> int:
    """Register the deployments of a file; returns an exit status of design §7."""
    options = argparse.ArgumentParser(prog="python -m pipelines.deployments", description=__doc__)
    options.add_argument("file", type=Path)
    options.add_argument("--wait", type=float, default=5.0)
    given = options.parse_args(arguments)
    try:
        url = server()
        wait_for(url, given.wait)
        make_pool(url)
        apply(given.file.absolute())
    except HclicError as error:
        complain(f"hclic: {error}")
        return error.exit_code
    say(f"Registered. The runs are made while a worker is at work: prefect worker start --pool {POOL}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
