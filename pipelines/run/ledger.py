"""The ledger: what was run, on which bytes, by which rules, with which result. No value from the data."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.findings import ERROR, is_blocking


def software_version() -> str:
    """Version of the installed package."""
    return _version("hclic")


def software() -> dict[str, str]:
    """What the bytes of the outputs can depend on: our own files, and the version of each library that we name.

    As it was when the process first asked, which is nearest to what it has loaded.
    """
    return dict(_software())


@cache
def _software() -> dict[str, str]:
    try:
        named = sorted({re.split(r"[^\w.-]", one)[0] for one in requires("hclic") or () if "extra ==" not in one})
    except PackageNotFoundError:
        named = []
    own = fingerprint(*(files(name) for name in ("pipelines", "schemas", "sql")), suffixes=("",))
    return {"files": own, "python": platform.python_version()} | {name: _version(name) for name in named}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "0+unknown"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _walk(folder: Traversable, suffixes: tuple[str, ...], prefix: str = "") -> list[tuple[str, Traversable]]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir():
            if entry.name != "__pycache__":
                found.extend(_walk(entry, suffixes, f"{prefix}{entry.name}/"))
        elif entry.name.endswith(suffixes):
            found.append((prefix + entry.name, entry))
    return sorted(found)


def fingerprint(*folders: Traversable, suffixes: tuple[str, ...]) -> str:
    """One digest over the names and bytes of all files below the folders: the version of a rule set or of the codes."""
    digest = hashlib.sha256()
    for folder in folders:
        for name, entry in _walk(folder, suffixes):
            digest.update(name.encode() + b"\0" + hashlib.sha256(entry.read_bytes()).digest())
    return digest.hexdigest()[:16]


def codes_version() -> str:
    """Version of the code lists."""
    return fingerprint(files("schemas") / "codelists", suffixes=(".csv",))


def rules_version() -> str:
    """Version of the rule set: rules, SQL checks and section models."""
    root = files("schemas")
    return fingerprint(root / "rules", root / "sections", files("sql") / "checks", suffixes=(".py", ".sql"))


def outputs(folder: Path) -> list[dict[str, Any]]:
    """One entry per file below ``folder``: path, bytes, SHA-256; the ledger itself left out."""
    return [
        {
            "path": path.relative_to(folder).as_posix(),
            "bytes": path.stat().st_size,
            "sha256": sha256_of(path),
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "ledger.json"
    ]


def findings_by_rule(findings: pl.DataFrame) -> list[dict[str, Any]]:
    """One entry per rule and severity: number of findings, and how many of them block the return."""
    counts = (
        findings.group_by("rule_id", "severity")
        .agg(pl.len().alias("findings"), is_blocking().sum().alias("blocking"))
        .sort("rule_id", "severity")
    )
    return counts.to_dicts()


def findings_by_kind(findings: pl.DataFrame) -> list[dict[str, Any]]:
    """One entry per kind of finding: number of findings, how many of them are errors, and how many block the return."""
    counts = (
        findings.group_by("kind")
        .agg(
            pl.len().alias("findings"),
            (pl.col("severity") == ERROR).sum().alias("errors"),
            is_blocking().sum().alias("blocking"),
        )
        .sort("kind")
    )
    return counts.to_dicts()


def render(ledger: dict[str, Any]) -> str:
    """The text of ``ledger.json``."""
    return json.dumps(ledger, indent=2, ensure_ascii=False, default=str) + "\n"


def write(ledger: dict[str, Any], path: Path) -> None:
    """Write ``ledger.json``."""
    path.write_text(render(ledger), encoding="utf-8")
