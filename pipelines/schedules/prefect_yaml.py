"""``prefect.yaml``: the deployments as Prefect reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipelines.schedules.deployed import DEPLOYED, ZONE, Deployed

FILE = "prefect.yaml"
HEAD = "# Written by hclic deploy"
"""How the file begins: one that begins otherwise is somebody else's, and is not replaced."""
POOL = "hclic"
"""The work pool whose worker makes the runs: a process on the machine that holds export and warehouse."""
PREFECT_VERSION = "3.8.8"
SAMPLE = {"export": "data/sample/native", "authority": "E06000034", "source": "native", "out": "out", "wait": 120}
"""The options of the file in the checkout, with paths from its folder."""
_ENVIRONMENT = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
}


def render(options: Mapping[str, Any], folder: str) -> str:
    """The file for runs with these options, which are started in the folder."""
    lines = [
        f"{HEAD}: three runs that are made by themselves, at times of the UK. Times, and what each run",
        "# is given, can be changed here; then: prefect deploy --all.",
        "name: hclic",
        f"prefect-version: {PREFECT_VERSION}",
        "",
        "pull:",
        "  - prefect.deployments.steps.set_working_directory:",
        f"      directory: {_text(folder)}",
        "",
        "deployments:",
    ]
    for what in DEPLOYED:
        lines += _deployment(what, options)
    return "\n".join(lines) + "\n"


def of_the_checkout() -> str:
    """The file for the sample, in the folder that the environment names."""
    return render(SAMPLE, "{{ $HCLIC_HOME }}")


def _deployment(what: Deployed, options: Mapping[str, Any]) -> list[str]:
    parameters = {**options, "quarter": what.quarter, "minutes": what.minutes}
    if what.until_signed_off:
        parameters["until_signed_off"] = True
    return [
        f"  - name: {what.name}",
        f"    entrypoint: pipelines.flows.{what.flow}",
        f"    description: {_text(what.does)}",
        "    parameters:",
        *(f"      {name}: {_text(value)}" for name, value in parameters.items()),
        "    # One run at a time; the next one waits in the queue. Runs of other deployments, and by hand, at the same",
        "    # warehouse wait inside the run (wait, in minutes).",
        "    concurrency_limit:",
        "      limit: 1",
        "      collision_strategy: ENQUEUE",
        "    schedules:",
        f"      # {what.words[:1].upper()}{what.words[1:]}.",
        f"      - cron: {_text(what.cron)}",
        f"        timezone: {ZONE}",
        "        active: true",
        "    work_pool:",
        f"      name: {POOL}",
        "      job_variables:",
        "        env:",
        *(f"          {name}: {_text(value)}" for name, value in _ENVIRONMENT.items()),
    ]


def _text(value: Any) -> str:
    """A value as YAML reads it: what JSON can say, YAML says likewise."""
    return json.dumps(value, ensure_ascii=False)
