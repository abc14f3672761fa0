"""Which licence each package has that an installed hclic needs; a licence that is not permitted is a fault."""

from __future__ import annotations

import difflib
import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

from license_expression import LicenseExpression, Licensing, get_spdx_licensing

from pipelines.setup.doctor.software import OLDEST, needed

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "licences.md"


@cache
def rules() -> dict[str, Any]:
    """What is permitted, what is meant by words, and what is known of single packages."""
    return tomllib.loads(Path(__file__).with_name("licences.toml").read_text(encoding="utf-8"))


@cache
def spdx() -> Licensing:
    """The expressions of SPDX; it takes a second to load."""
    return get_spdx_licensing()


@dataclass(frozen=True)
class Licensed:
    """A package and its licence as an SPDX expression; ``fault`` says what is wrong with it, if anything is."""

    name: str
    licence: str
    why: str = ""
    fault: str = ""


def licence_of(said: Any, meant: dict[str, str]) -> str:
    """The licence that a package's metadata tells: its expression, its classifiers, or its one line; else nothing."""
    if expression := said.get("License-Expression"):
        return str(expression)
    classified = [one.rsplit(" :: ", 1)[-1] for one in said.get_all("Classifier") or () if one.startswith("License ::")]
    if classified and all(one in meant for one in classified):
        return " OR ".join(dict.fromkeys(meant[one] for one in classified))
    line = str(said.get("License") or "").strip()
    return meant.get(line, line if "\n" not in line else "")


def is_permitted(expression: LicenseExpression, permitted: frozenset[str]) -> bool:
    """Of licences joined by OR one is enough, of those joined by AND all have to be permitted."""
    licensing = spdx()
    if isinstance(expression, licensing.AND):
        return all(is_permitted(one, permitted) for one in expression.args)
    if isinstance(expression, licensing.OR):
        return any(is_permitted(one, permitted) for one in expression.args)
    return str(expression) in permitted


def judge(name: str, said: Any, rules: dict[str, Any]) -> Licensed:
    """The package's licence, held against what is permitted."""
    own = rules["packages"].get(name, {})
    licence = own.get("licence") or licence_of(said, rules["meant"])
    if not licence:
        return Licensed(name, "", fault="its metadata names no licence")
    parsed = spdx().parse(licence, validate=False)
    permitted = frozenset(rules["permitted"]) | ({licence} if own.get("also_permitted") else set())
    fault = "" if is_permitted(parsed, permitted) else f"{licence} is not permitted"
    return Licensed(name, str(parsed), own.get("why", ""), fault)


def asked_for() -> list[str]:
    """What hclic itself asks for: as its source says, since an editable install keeps the metadata of its first day."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(told["project"]["dependencies"])


@cache
def licences() -> list[Licensed]:
    """Every package that an installed hclic needs, by name.

    Raises:
        PackageNotFoundError: one of them is not installed here.
    """
    return [judge(name, metadata(name), rules()) for name in sorted(needed(asked_for()))]


def page(found: list[Licensed]) -> str:
    """The page that lists them."""
    lines = [
        "# Licences",
        "",
        "<!-- Written by make docs from what is installed; make check fails when it is stale. -->",
        "",
        "hclic is under the [MIT licence](https://spdx.org/licenses/MIT.html). An installed hclic needs these",
        "packages, directly or through others; optional extras come on top. Their licences are as their own",
        "metadata says, by SPDX identifier; where that says too little, the remark says what is known. The tests",
        "fail on a licence that is unknown, or not in `tools/supply/licences.toml`. A list of all parts with their",
        "versions (SBOM, CycloneDX) is made with each wheel: `make wheel-check` writes it to `dist/`, with the",
        "digests.",
        "",
        "| package | licence | remark |",
        "|---|---|---|",
        *(f"| {one.name} | {one.licence} | {one.why} |" for one in found),
    ]
    return "\n".join(lines) + "\n"


def write() -> int:
    """Write the page."""
    PAGE.write_text(page(licences()), encoding="utf-8")
    return 0


def differences(stands: str, wanted: str) -> list[str]:
    """The lines in which the page differs from what is installed: ``-`` stands there, ``+`` is missing."""
    told = difflib.unified_diff(stands.splitlines(), wanted.splitlines(), n=0, lineterm="")
    return [line for line in told if line[0] in "+-" and not line.startswith(("+++", "---"))]


def check() -> int:
    """1 where a licence is unknown or not permitted, or the page is stale."""
    found = licences()
    for one in found:
        if one.fault:
            print(f"licences: {one.name}: {one.fault}. See tools/supply/licences.toml.")
    # Elsewhere a few others are needed, and the page is that of one machine.
    is_judge = sys.platform == "linux" and sys.version_info[:2] == OLDEST
    stands = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    stale = differences(stands, page(found)) if is_judge else []
    if stale:
        print("docs/licences.md is stale: run make docs and commit it. The lines that differ:", *stale, sep="\n")
    return 1 if stale or any(one.fault for one in found) else 0
