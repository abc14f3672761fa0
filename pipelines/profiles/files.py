"""Writing a profile where none is yet."""

from __future__ import annotations

from pathlib import Path

from pipelines.errors import UsageError
from pipelines.whole import written


def write_new(path: Path, text: str) -> None:
    """Write the text into a new file: what somebody has corrected by hand is never overwritten.

    Raises:
        UsageError: the file is there already, or its folder cannot be written.
    """
    try:
        with written(path, replaces=False) as new:
            new.write_text(text, encoding="utf-8", newline="\n")
    except FileExistsError:
        raise UsageError(f"{path.name} is there already; give --out another name, or move it away.") from None
    except OSError:
        raise UsageError(f"{path.name} cannot be written; check that its folder is there and may be written.") from None
