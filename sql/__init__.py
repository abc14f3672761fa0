"""The SQL of the project: one relation a file, its grain and key in the first lines."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable


@cache
def text(path: str) -> str:
    """Text of one file of this package, e.g. ``marts/stays.sql``; the subject's folder may be left out.

    Raises:
        KeyError: there is no such file.
    """
    folder, _, name = path.rpartition("/")
    return _entries(folder)[name.removesuffix(".sql")].read_text(encoding="utf-8")


@cache
def _entries(folder: str) -> dict[str, Traversable]:
    """File by name of relation, in a folder of this package and in the folders of its subjects."""
    found: dict[str, Traversable] = {}
    for entry in files(__package__).joinpath(*folder.split("/")).iterdir():
        if entry.name.endswith(".sql"):
            found[entry.name.removesuffix(".sql")] = entry
        elif entry.is_dir() and not entry.name.startswith("_"):
            found |= _entries(f"{folder}/{entry.name}")
    return found


def names(folder: str) -> tuple[str, ...]:
    """Names of the relations that a folder of this package defines, sorted."""
    return tuple(sorted(_entries(folder)))


def grain(path: str) -> str:
    """What one row of the relation is: the first line of its file."""
    return text(path).splitlines()[0].removeprefix("--").strip()


def key(path: str) -> tuple[str, ...]:
    """The relation's key columns: the second line of its file.

    Raises:
        ValueError: the file does not say its key.
    """
    second = text(path).splitlines()[1]
    if not second.startswith("-- Key: "):
        raise ValueError(f"{path} does not name its key in its second line.")
    return tuple(name.strip() for name in second.removeprefix("-- Key: ").split(","))


FOLDERS = (
    "staging",
    "macros",
    "facts",
    "marts",
    "tables",
    "metrics",
    "worklists",
    "alerts",
    "checks",
    "against_last_run",
    "findings",
    "suspects",
    "stories",
    "return",
    "finance",
    "people",
    "fleet",
)


def readme() -> str:
    """Text of ``sql/README.md``: every relation with its grain and key, by folder."""
    lines = [
        "# Relations",
        "",
        "Generated from the first two lines of each file: `python -c 'import sql; print(sql.readme(), end=\"\")'`.",
    ]
    root = files(__package__)
    for folder in FOLDERS:
        if not root.joinpath(folder).is_dir():
            continue
        lines += ["", f"## {folder}/", "", "| relation | grain | key |", "|---|---|---|"]
        for name in names(folder):
            path = f"{folder}/{name}.sql"
            second = text(path).splitlines()[1]
            keyed = ", ".join(f"`{column}`" for column in key(path)) if second.startswith("-- Key: ") else ""
            lines.append(f"| `{name}` | {grain(path)} | {keyed} |")
    return "\n".join(lines) + "\n"
