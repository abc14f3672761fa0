"""What a look at a machine is given, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.errors import HclicError
from pipelines.setup.configuration import Configuration

OK, WARNING, FAULT = "ok", "warning", "fault"


@dataclass(frozen=True)
class Line:
    """One thing that was looked at. ``what_to_do`` is empty where all is well. Neither holds personal data or a key."""

    level: str
    about: str
    words: str
    what_to_do: str = ""


@dataclass(frozen=True)
class Machine:
    """What is looked at: the files of a folder, the environment, and the time, all taken at the edge.

    ``configuration`` is an error where the file cannot be used, None where there is none.
    """

    now: datetime
    environment: Mapping[str, str]
    warehouse: Path
    out: Path
    configuration: Configuration | HclicError | None = None


def ok(about: str, words: str) -> Line:
    """All is well."""
    return Line(OK, about, words)


def warning(about: str, words: str, what_to_do: str) -> Line:
    """A run will work, and something should be done."""
    return Line(WARNING, about, words, what_to_do)


def fault(about: str, words: str, what_to_do: str) -> Line:
    """A run will not work, or people's data are at risk."""
    return Line(FAULT, about, words, what_to_do)
