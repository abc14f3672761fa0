"""Files that hold values of cases which are gone: what hclic wrote is taken away, what others wrote is named."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.keeping import files
from pipelines.keeping.removing import blanked
from pipelines.keeping.searching import Searched, Sought, files_below, in_file
from pipelines.keeping.values import REFERENCE, Value
from pipelines.run.outputs import OWN_ENTRIES, SUPERSEDED

_QUARTER = re.compile(r"\.?\d{4}-Q[1-4]\b.*")
_OWN = OWN_ENTRIES | {SUPERSEDED, "portal"}
QUALITY = "-quality"
"""Ending of the folder of quality reports, beside that of the quarter (``submission.qa``, a room beside this one)."""
_MAP, _LEDGER = "reference_map.csv", "ledger.json"


@dataclass
class Cleared:
    """What was done with files: taken away, rewritten without the cases, and left, with the kinds of value in each."""

    removed: list[Path] = field(default_factory=list)
    rewritten: list[Path] = field(default_factory=list)
    left: dict[Path, list[str]] = field(default_factory=dict)


def is_own(path: Path, out: Path) -> bool:
    """Whether hclic wrote the file, as an output of a run or in its work folder.

    ``out``: the folder of the outputs, or that of an authority in it, where a fleet keeps its warehouse.
    """
    return _is_own(path, out) or _is_own(path, out.parent)


def _is_own(path: Path, out: Path) -> bool:
    try:
        authority, quarter, *rest = path.relative_to(out).parts
    except ValueError:
        return False
    if not (authority and _QUARTER.fullmatch(quarter) and rest):
        return False
    if quarter.endswith(QUALITY):
        return rest[0].startswith("quality_")
    return quarter.startswith(".") or rest[0] in _OWN


def clear(
    outs: Sequence[Path],
    others: Sequence[Path],
    sought: Sought,
    searched: Searched,
    *,
    without: Collection[Path],
    is_dry: bool = False,
) -> Cleared:
    """Look through all files of the folders; take away or rewrite those of ours that hold a value.

    ``reference_map.csv`` loses its rows of the cases, ``ledger.json`` their references; any other file of ours that
    holds a value goes whole: the next run of its quarter writes it again without the cases.

    Args:
        outs: output folders.
        others: folders and files that are searched, in which nothing is changed.
        sought: what to look for.
        searched: what was looked at is added to it.
        without: files that are not looked at: the warehouse itself and its backups.
        is_dry: change nothing; what would be done is told.
    """
    done = Cleared()
    for path in list(files_below([*outs, *others], without)):
        hits = in_file(path, sought, searched)
        if not hits:
            continue
        if not any(is_own(path, out) for out in outs):
            done.left[path] = sorted({one.kind for one in hits})
        elif path.name in (_MAP, _LEDGER):
            done.rewritten.append(path)
            if not is_dry:
                _rewrite(path, sought)
                if remaining := in_file(path, sought, Searched()):
                    done.left[path] = sorted({one.kind for one in remaining})
        else:
            done.removed.append(path)
            if not is_dry:
                path.unlink(missing_ok=True)
    return done


def _rewrite(path: Path, sought: Sought) -> None:
    text = path.read_text(encoding="utf-8")
    if path.name == _LEDGER:
        references = Sought(frozenset(one for one in sought.values if one.kind == REFERENCE))
        files.write(blanked(text, references).encode(), path)
        return
    gone = {one.text for one in sought.values}
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerows(row for row in csv.reader(io.StringIO(text)) if not gone & set(row))
    files.write(written.getvalue().encode(), path)


def clear_work(outs: Sequence[Path], la_code: str) -> int:
    """Take away what stopped runs of the authority left: a run that would go on brings the cases again."""
    count = 0
    for out in outs:
        for folder in (out / la_code).glob(".*"):
            if folder.is_dir() and not folder.is_symlink() and _QUARTER.fullmatch(folder.name):
                if any((out / la_code / link).resolve() == folder.resolve() for link in _links(out / la_code)):
                    continue
                shutil.rmtree(folder, ignore_errors=True)
                count += 1
    return count


def _links(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_symlink()]


def kinds_of(hits: Collection[Value]) -> list[str]:
    """The kinds of the values, which may be told."""
    return sorted({one.kind for one in hits})
