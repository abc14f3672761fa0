"""What making a return again came to, for the screen; and the files that were made."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipelines.errors import UsageError
from pipelines.paths import refuse_address
from pipelines.submission.reproduce import BUT_COMMENT, DIFFERS, NOT_MADE, SAME, Reproduced
from pipelines.whole import into

_WORDS = {
    SAME: "the same, byte for byte",
    BUT_COMMENT: "the same but for the comment at its head",
    DIFFERS: "differs",
    NOT_MADE: "was sent, and is not made any more",
}


def reproduced_words(found: Reproduced) -> str:
    """One line per file, then what keeps them from being the same and where they differ; no value of a case."""
    lines = [
        f"Run {found.run.run_id}, {found.run.quarter} ({found.run.quarter.words}), made again from the history",
        "",
    ]
    for one in found.files:
        lines.append(f"  {one.name}: {_WORDS.get(one.verdict, 'was not sent, and is made now')}")
        lines.append(f"    SHA-256 then {one.then or 'none'}")
        if one.now != one.then:
            lines.append(f"    SHA-256 now  {one.now or 'none'}")
    if found.is_same:
        if found.version_then != found.version_now:
            lines += [
                "",
                f"Its comment names hclic {found.version_then}, as it did then; a return made today names"
                f" {found.version_now}.",
            ]
        return "\n".join(lines)
    lines += ["", "What keeps it from being the same", *(f"  {one}" for one in found.why)]
    if found.where:
        lines += ["", "Where (A: as it was sent, B: as it is made today)", *(f"  {one}" for one in found.where)]
    return "\n".join(lines)


def put(made: Path, out: Path) -> list[Path]:
    """Copy the files into a folder, each for its owner alone.

    Raises:
        UsageError: the folder is an address or cannot be written.
    """
    refuse_address(out, "folder for the files made again")
    names = [path.name for path in sorted(made.iterdir())]
    try:
        with into(out) as new:
            for name in names:
                shutil.copyfile(made / name, new / name)
    except OSError:
        raise UsageError(f"The folder {out} cannot be written; check its rights and space.") from None
    return [out / name for name in names]
