"""A Prefect server on loopback for as long as a command lasts.

Prefect starts such a server itself, but only once it has imported all of the server into the command, too.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import prefect

from pipelines.errors import PassingError

LOOPBACK = "127.0.0.1"
SECONDS = 600
"""How long it may take to start: a few seconds, or minutes on a machine that has other work."""
PAUSE = 0.1
_ENVIRONMENT = {
    "PREFECT_UI_ENABLED": "0",
    # Only the services that record what runs: nothing is scheduled here.
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT__SERVER_FINAL": "1",
}


@contextmanager
def own_server() -> Iterator[Callable[[], str]]:
    """Start it; gives what waits until it answers and says the address of its API."""
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--app-dir", str(prefect.__module_path__.parent), "--factory"]
    command += ["prefect.server.api.server:create_app", "--host", LOOPBACK, "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--log-level", "error", "--lifespan", "on"],
        env={**os.environ, **_ENVIRONMENT},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        # What it says when it is ended in the middle of a record is of no use to anybody.
        stderr=subprocess.DEVNULL,
        # Ctrl-C is for the command, which records that it was stopped.
        start_new_session=True,
    )
    api = f"http://{LOOPBACK}:{port}/api"

    def started() -> str:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and process.poll() is None:
            if _answers(api):
                return api
            time.sleep(PAUSE)
        raise PassingError(
            "Prefect's own server did not start. Run again, or name one that is at work with PREFECT_API_URL."
        )

    try:
        yield started
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(api: str) -> bool:
    try:
        return httpx.get(f"{api}/health").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
