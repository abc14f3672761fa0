"""Several files for one table of the source profile, of which only one is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from pipelines.errors import InputError
from pipelines.extract.exports import shown
from schemas.sources import Table

SHOWN = 4
"""Names of files in one sentence."""


def refuse_doubles(found: Sequence[tuple[Table, Sequence[str]]]) -> None:
    """Refuse one file (or sheet) for two tables, and more than one for a table whose name holds no wildcard.

    Args:
        found: each table with the names of the files and sheets that hold it.

    Raises:
        InputError: some table has more than one, or some file more than one table.
    """
    by_name: dict[str, list[str]] = {}
    for table, names in found:
        for name in names:
            by_name.setdefault(name, []).append(table.label)
    if shared := [(name, labels) for name, labels in by_name.items() if len(labels) > 1]:
        name, labels = shared[0]
        raise InputError(
            f"Two tables of the source profile read {shown(name)}: {joined(labels)}. Let one of them read it, with the"
            " sections of both."
        )
    doubled = [(table, names) for table, names in found if len(names) > 1 and not _are_parts(table, names)]
    if not doubled:
        return
    table, names = doubled[0]
    folders = [{str(PurePosixPath(name).parent) for name in names} for _, names in doubled]
    if len(doubled) > 1 and len(folders[0]) > 1 and all(one == folders[0] for one in folders):
        places = ["the export itself" if one == "." else one for one in sorted(folders[0])]
        raise InputError(
            f"Several exports lie side by side: {listed(places)} hold {len(doubled)} files of the same names, such as"
            f" {listed(names)}. Give one of them."
        )
    more = (
        f" {len(doubled) - 1} more tables of the source profile are there more than once." if len(doubled) > 1 else ""
    )
    raise InputError(
        f"The export holds {table.label} more than once: {listed(names)}. Keep one of them, or write a wildcard in the"
        f" source profile if they are parts.{more}"
    )


def is_pattern(name: str | None) -> bool:
    """Whether the name of a file or sheet in a source profile stands for several."""
    return name is not None and any(mark in name for mark in "*?[")


def _are_parts(table: Table, names: Sequence[str]) -> bool:
    """Whether the profile says that there may be several: files, or sheets of one file (or of several, each once)."""
    if is_pattern(table.file):
        return True
    if not is_pattern(table.sheet):
        return False
    files, sheets = zip(*(name.rstrip("]").rsplit(" [", 1) for name in names), strict=True)
    return len(set(files)) == 1 or (table.file is None and len(set(sheets)) == len(sheets))


def listed(names: Iterable[str]) -> str:
    """The first few names, and how many more there are."""
    every = [shown(name) for name in names]
    return joined(every[:SHOWN] + ([f"{len(every) - SHOWN} more"] if len(every) > SHOWN else []))


def joined(parts: Sequence[str]) -> str:
    """All parts as one enumeration."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else "nothing"
