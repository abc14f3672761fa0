"""Python, the packages, DuckDB's cryptography, the drawing of charts, a browser to read pages."""

from __future__ import annotations

import platform
import re
import sys
import webbrowser
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement

from pipelines import at_rest
from pipelines.setup import guides
from pipelines.setup.doctor.line import Line, Machine, fault, ok, warning

OLDEST = (3, 11)
CONSTRAINTS = "constraints.txt"
_REINSTALL = "Install hclic anew with its constraints: pip install hclic -c constraints.txt"


def look(machine: Machine) -> Iterator[Line]:
    """Versions first; then what has to work on this machine."""
    yield _python()
    yield from _packages()
    yield _cryptography(machine)
    yield _charts()
    yield _browser()


def _python() -> Line:
    words = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}."
    if sys.version_info < OLDEST:
        return fault("python", words, f"Install Python {'.'.join(map(str, OLDEST))} or newer.")
    return ok("python", words)


def needed(own: Iterable[str] | None = None) -> dict[str, Requirement]:
    """What hclic asks for by itself and through others, by name; extras that it does not ask for are left out.

    ``own`` is what hclic itself asks for where the metadata of the installed one may be older than its source.
    """
    found: dict[str, Requirement] = {}
    open_: list[tuple[str, tuple[str, ...]]] = [("hclic", ())]
    seen: set[tuple[str, tuple[str, ...]]] = set()
    while open_:
        name, extras = open_.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            asked = own if name == "hclic" and own is not None else requires(name) or ()
        except PackageNotFoundError:
            continue
        for one in map(Requirement, asked):
            if one.marker and not any(one.marker.evaluate({"extra": extra}) for extra in extras or ("",)):
                continue
            key = canonical(one.name)
            found.setdefault(key, one)
            open_.append((key, tuple(sorted(one.extras))))
    return found


def canonical(name: str) -> str:
    """The name of a package in the one form in which names are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


@lru_cache(1)
def tested_versions() -> dict[str, str]:
    """Version by package with which hclic was tested; empty where the list is not there."""
    path = guides.beside(CONSTRAINTS)
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").split()
    return {canonical(name): number for name, _, number in (line.partition("==") for line in lines)}


def _packages() -> Iterator[Line]:
    tested, missing, wrong, other = tested_versions(), list[str](), list[str](), list[str]()
    wanted = needed()
    for name, asked in sorted(wanted.items()):
        try:
            here = version(name)
        except PackageNotFoundError:
            missing.append(name)
            continue
        if not asked.specifier.contains(here, prereleases=True):
            wrong.append(f"{name} {here} (asked for: {asked.specifier})")
        elif tested.get(name, here) != here:
            other.append(f"{name} {here} (tested with {tested[name]})")
    if missing:
        yield fault("packages", f"Not installed: {', '.join(missing)}.", _REINSTALL)
    if wrong:
        yield fault("packages", f"Of a version that does not fit: {', '.join(wrong)}.", _REINSTALL)
    if other:
        yield warning("packages", f"Of another version than was tested: {', '.join(other)}.", _REINSTALL)
    if not tested:
        yield warning("packages", "The list of tested versions is not there.", _REINSTALL)
    elif not missing + wrong + other:
        yield ok("packages", f"{len(wanted)} packages, all of the versions that were tested.")


def _cryptography(machine: Machine) -> Line:
    is_asked = bool(machine.environment.get(at_rest.KEY))
    try:
        with at_rest.in_memory() as con:
            at_rest.load_cryptography(con)
    except Exception:
        words = "DuckDB's extension for encryption does not load."
        todo = f"Install duckdb-extension-{at_rest.EXTENSION} of DuckDB's own version."
        return fault("encryption", words, todo) if is_asked else warning("encryption", words, todo)
    return ok("encryption", "DuckDB's extension for encryption loads.")


def _charts() -> Line:
    try:
        import vl_convert

        drawn = vl_convert.vegalite_to_svg({"mark": "point", "data": {"values": [{}]}})
    except Exception:
        drawn = ""
    if "<svg" not in drawn:
        return fault(
            "charts", "Charts cannot be drawn on this machine.", f"{_REINSTALL}; until then run with --no-pages."
        )
    return ok("charts", "Charts can be drawn; no browser is needed for that.")


def _browser() -> Line:
    try:
        webbrowser.get()
    except webbrowser.Error:
        return ok("browser", "No browser on this machine: read the pages on another one. No command needs one.")
    return ok("browser", "There is a browser to read the pages in. No command needs one.")
