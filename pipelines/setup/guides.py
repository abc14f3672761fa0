"""The guides and other files beside the program: of an installed hclic its own copies, in a checkout those there."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

from pipelines.errors import UsageError

SHIPPED = "hclic_guides"
"""Folder of an installed hclic; beside the packages, since what they hold is part of a run's software."""
_ROOT = Path(__file__).resolve().parents[2]
_WITHIN = {"source-profiles": "schemas/sources/README.md"}
"""Guides that lie within a package, installed or not: laid elsewhere, its files would not be those of a checkout."""
_PAGES = {"readme": "README.md", "changes": "CHANGELOG.md"}
"""Guides that lie elsewhere in a checkout: in an installed hclic as ``<name>.md``."""
_TITLE = re.compile(r"^# +(.+)$", re.M)


def shipped() -> Path | None:
    """The folder of an installed hclic; None in a checkout, where an editable install has copies of its first day."""
    if (_ROOT / "pyproject.toml").is_file():
        return None
    found = find_spec(SHIPPED)
    places = list(found.submodule_search_locations or ()) if found else []
    return Path(places[0]) if places else None


def beside(name: str) -> Path:
    """A file that is part of every install, such as ``constraints.txt``: its path, whether it is there or not."""
    folder = shipped()
    return folder / name if folder else _ROOT / name


def folder() -> Path:
    """Where the guides lie."""
    return shipped() or _ROOT / "docs"


def sample() -> Path:
    """The folder of the sample export: invented households of Thurrock."""
    place = shipped()
    return place / "sample" if place else _ROOT / "data" / "sample" / "native"


def names() -> list[str]:
    """The guides by name, without the pages of single rules, which ``hclic rules`` shows."""
    pages = {path.relative_to(folder()).with_suffix("").as_posix() for path in folder().rglob("*.md")}
    elsewhere = _WITHIN if shipped() else _WITHIN | _PAGES
    pages |= {name for name in elsewhere if (_ROOT / elsewhere[name]).is_file()}
    return sorted(name for name in pages if not name.startswith(("rules/", "sample/")))


def path_of(name: str) -> Path:
    """The file of a guide.

    Raises:
        UsageError: there is none of that name.
    """
    wanted = name.strip().lower().removesuffix(".md")
    if wanted not in names():
        raise UsageError(f"There is no guide of that name. There are: {', '.join(names())}.")
    if wanted in _WITHIN:
        return _ROOT / _WITHIN[wanted]
    if shipped() is None and wanted in _PAGES:
        return _ROOT / _PAGES[wanted]
    return folder() / f"{wanted}.md"


def title(path: Path) -> str:
    """The first heading of a guide."""
    found = _TITLE.search(path.read_text(encoding="utf-8"))
    return found[1] if found else path.stem
