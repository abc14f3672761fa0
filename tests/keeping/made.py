"""Runs for the tests of this folder, and looks at what they left."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pipelines.keeping.tables import connect_to_read, digests
from pipelines.run.request import Request
from pipelines.run.run import make

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
TINY = GOLDEN / "prevention-secured-alternative" / "input"
OTHER = GOLDEN / "local-references-are-issued" / "input"
AUTHORITY, QUARTER = "E06000034", "2025-Q3"
AT = datetime(2025, 10, 8, 2, 30, tzinfo=UTC)


def run(out: Path, export: Path = TINY, **given: object) -> str:
    """How a run into the folder ended."""
    typed = {"export": str(export), "authority": AUTHORITY, "quarter": QUARTER, "source": "native", "pages": False}
    return make(Request.read({**typed, "out": str(out), **given}, started=AT)).result


def held(path: Path, *, without: tuple[str, ...] = ()) -> dict[str, tuple[int, int]]:
    """Rows and digest of each table of a file."""
    with connect_to_read(path) as con:
        return {name: digest for name, digest in digests(con).items() if name not in without}


def mode(path: Path) -> int:
    """The rights on a file or folder."""
    return path.stat().st_mode & 0o777


def left_in(folder: Path) -> list[str]:
    """Names of what stands in a folder."""
    return sorted(path.name for path in folder.iterdir())
