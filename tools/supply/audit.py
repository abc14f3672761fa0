"""pip-audit over the tested versions, where a source of advisories can be reached."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CONSTRAINTS = ROOT / "constraints.txt"
IGNORED = Path(__file__).with_name("ignored.toml")
PROBE_SECONDS, SECONDS, OF_A_CONNECTION = 30, 600, 8
NOT_REACHED = "audit: no source of advisories could be reached here; known vulnerabilities were not looked for."

Ask = Callable[[Sequence[str], int], "list[dict[str, Any]] | None"]


def ask(pins: Sequence[str], seconds: int) -> list[dict[str, Any]] | None:
    """What pip-audit says of packages, one entry each; None where its source cannot be reached in time."""
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "asked.txt"
        asked.write_text("\n".join(pins) + "\n", encoding="utf-8")
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(asked), "--no-deps", "--disable-pip",
                   "--format", "json", "--progress-spinner", "off", "--timeout", str(OF_A_CONNECTION)]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds)
            told = json.loads(done.stdout)["dependencies"]
        except (subprocess.TimeoutExpired, ValueError, KeyError):
            return None
    # A mirror of an index has the packages and no advisories: each is then "skipped", which is not the same as well.
    known = [one for one in told if "vulns" in one]
    return known or None


def unlisted(told: list[dict[str, Any]], ignored: list[dict[str, Any]], today: date) -> list[str]:
    """A sentence for each vulnerability that is not on the list, or no longer."""
    found = []
    for one in told:
        for fault in one.get("vulns", ()):
            ids = {fault["id"], *fault.get("aliases", ())}
            listed = [each for each in ignored if each["id"] in ids and each["package"] == one["name"]]
            if any(each["until"] >= today for each in listed):
                continue
            fixed = ", ".join(fault.get("fix_versions", ())) or "no version yet"
            late = "; it is on the list, but no longer" if listed else ""
            found.append(f"audit: {one['name']} {one['version']}: {fault['id']}, mended in {fixed}{late}.")
    return found


def check(today: date, ask: Ask = ask) -> int:
    """1 where a vulnerability is known that is not on the list; a source that cannot be reached is said, and passes."""
    ignored = tomllib.loads(IGNORED.read_text(encoding="utf-8")).get("ignored", [])
    pins = CONSTRAINTS.read_text(encoding="utf-8").split()
    # One package first: it tells in seconds whether there is anybody to ask.
    told = ask(pins[:1], PROBE_SECONDS) and ask(pins, SECONDS)
    if told is None:
        print(NOT_REACHED)
        return 0
    found = unlisted(told, ignored, today)
    print("\n".join(found) or f"audit: {len(told)} packages, no known vulnerability that is not on the list.")
    return 1 if found else 0
