"""The Prefect server that ``PREFECT_API_URL`` names, and no other address: is it up, are there schedules, who works."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

from pipelines.setup.doctor.line import Line, Machine, fault, ok, warning

ADDRESS = "PREFECT_API_URL"
QUIET = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
"""Switches without which Prefect reports its use to its makers."""
SECONDS = 5.0
ABOUT = "schedules"
_LIMIT = 200


def look(machine: Machine) -> Iterator[Line]:
    """Nothing is asked where no server is named."""
    url = machine.environment.get(ADDRESS, "").rstrip("/")
    if not url:
        yield ok(ABOUT, f"{ADDRESS} is not set: no Prefect server is looked for.")
        return
    for name, value in QUIET.items():
        if machine.environment.get(name, "").lower() not in (value, "true" if value == "1" else "0"):
            yield warning("prefect", f"{name} is not {value}: Prefect may report its use.", f"export {name}={value}")
    # What stands in front of the host may be a password.
    host = urlsplit(url).hostname or "the server"
    try:
        is_well = _ask(f"{url}/health")
        theirs = str(_ask(f"{url}/admin/version"))
        deployments = _ask(f"{url}/deployments/filter", {"limit": _LIMIT})
        pools = _ask(f"{url}/work_pools/filter", {"limit": _LIMIT})
    except (OSError, ValueError):
        yield fault(
            "prefect",
            f"The Prefect server on {host} does not answer as one.",
            f"Start it (prefect server start), or correct {ADDRESS}; a new server needs half a minute.",
        )
        return
    if is_well is not True:
        yield fault("prefect", f"The Prefect server on {host} says that it is not well.", "Read its own log.")
    ours = version("prefect")
    if theirs != ours:
        words = f"The server is of Prefect {theirs}, this machine has {ours}."
        yield warning("prefect", words, "Install the same version on both.")
    else:
        yield ok("prefect", f"The server on {host} is up, of the version of this machine ({ours}).")
    yield from _schedules(deployments)
    yield from _workers(pools)


def _schedules(deployments: list[dict[str, Any]]) -> Iterator[Line]:
    ours = [one for one in deployments if "pipelines" in str(one.get("entrypoint") or "")]
    if not ours:
        yield warning(ABOUT, "The server has no deployment of hclic.", "Make them: hclic deploy.")
        return
    due = {
        one["name"] for one in ours if not one.get("paused") and any(s.get("active") for s in one.get("schedules", []))
    }
    still = sorted({one["name"] for one in ours} - due)
    if due:
        yield ok(ABOUT, f"On schedule: {', '.join(sorted(due))}.")
    if still:
        yield warning(ABOUT, f"Deployed, and not on schedule: {', '.join(still)}.", "Resume them on Prefect's page.")


def _workers(pools: list[dict[str, Any]]) -> Iterator[Line]:
    for one in pools:
        if one.get("type") == "process":
            name = one.get("name")
            if one.get("status") == "READY":
                yield ok("worker", f"A worker is at work for the pool {name}.")
            else:
                todo = f"Start one: prefect worker start --pool {name}"
                yield warning("worker", f"No worker is at work for the pool {name}: its runs stay late.", todo)


def _ask(url: str, filters: dict[str, Any] | None = None) -> Any:
    """What the server answers. Raises OSError or ValueError where it does not answer in JSON."""
    asked = urllib.request.Request(url, headers={"Content-Type": "application/json"})
    if filters is not None:
        asked.data = json.dumps(filters).encode()
    # No proxy: the server is on this machine or within the council's network.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(asked, timeout=SECONDS) as answer:
        return json.loads(answer.read())
