"""Runs for the tests of this folder, and looks at what they left."""

from __future__ import annotations

import csv
import shutil
import zipfile
from contextlib import nullcontext
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

from pipelines.keeping.purge import Asked
from pipelines.keeping.tables import connect_to_read, digests
from pipelines.run.request import Request
from pipelines.run.run import make
from tests.few import without

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
TINY = GOLDEN / "prevention-secured-alternative" / "input"
OTHER = GOLDEN / "local-references-are-issued" / "input"
AUTHORITY, QUARTER = "E06000034", "2025-Q3"
AT = datetime(2025, 10, 8, 2, 30, tzinfo=UTC)


def run(out: Path, export: Path = TINY, *, is_whole: bool = False, **given: object) -> str:
    """How a run into the folder ended; tables, worklists and metrics are written only where it is whole."""
    typed = {"export": str(export), "authority": AUTHORITY, "quarter": QUARTER, "source": "native", "pages": False}
    with nullcontext() if is_whole else without():
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


BEFORE = date(2019, 9, 1)
OLD, EDGE, LATER, OPEN, PLACED = "HL/OLD01", "HL/EDGE02", "HL/LATER3", "HL/OPEN04", "HL/PLACED5"
"""Closed before the day; on the day before it; on it; not closed; closed, with a placement that goes on."""
GONE = ("Zebedee", "Quixote", "QQ987654A", "99 Vanish Street", "Zebedee Quixote", "1971-03-17", OLD, EDGE)
NOTE = "rang the mother in Ruritania"
ENDED = {OLD: "2019-08-20", EDGE: "2019-08-31", LATER: "2019-09-01", OPEN: "", PLACED: "2019-08-20"}


def add(folder: Path, section: str, *rows: dict[str, str]) -> None:
    path = folder / f"{section}.csv"
    with path.open(newline="") as opened:
        names = next(csv.reader(opened))
    with path.open("a", newline="") as opened:
        csv.DictWriter(opened, names, lineterminator="\n").writerows(rows)


def export(folder: Path, *, back: str | None = None) -> Path:
    """The tiny export with five older cases, one of them with days of this year where it is ``back``."""
    shutil.copytree(TINY, folder)
    for ref, end in ENDED.items():
        is_old = ref in (OLD, EDGE)
        first = {"case_ref": ref, "la_code": AUTHORITY, "application_date": "2019-07-01", "assess_date": "2019-07-03"}
        add(folder, "main", {**first, "assess1": "prevention_s21", "eligibility": "uk_roi_hr", "nationality": "GB"})
        person = {"case_ref": ref, "person_no": "1", "relationship": "main_applicant", "surname": "Stone"}
        named = {"forename": "Zebedee", "nino": "QQ987654A", "last_address": "99 Vanish Street"}
        stays = {"forename": "Sam", "nino": "QQ111111A", "last_address": "1 Quay Lane"}
        born = "1971-03-17" if is_old else "1980-04-19"
        add(folder, "people", {**person, **(named if is_old else stays), "date_of_birth": born})
        if is_old:
            add(folder, "people", {**person, "person_no": "2", "relationship": "partner", "surname": "Quixote"})
        outcome = "secured_alternative" if end else ""
        duty = {"case_ref": ref, "prevention_start": "2019-07-03", "prevention_end": end}
        add(folder, "prevention", {**duty, "prevention_outcome": outcome})
    add(folder, "temporary_accommodation", {"case_ref": PLACED, "placement_no": "1", "entry_date": "2019-08-01"})
    if back:
        review = {"case_ref": back, "review_no": "1", "review_requested_date": "2025-09-05"}
        add(folder, "reviews", review)
    return folder


def place(source: Path, target: Path) -> Path:
    return Path(shutil.copytree(source, target))


def asked(folder: Path, **given: object) -> Asked:
    out = folder / "out"
    return Asked(out / "warehouse.duckdb", AUTHORITY, AT, **{"outs": (out,), "said_by": "A. Smith", **given})  # type: ignore[arg-type]


def texts_in(path: Path) -> str:
    """Everything a file holds, by means of its own: bytes, what is packed in them, every column of a database."""
    content = path.read_bytes()
    found = [content.decode("utf-8", "replace")]
    if content[:2] == b"PK":
        with zipfile.ZipFile(BytesIO(content)) as archive:
            found += [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    if content[8:12] == b"DUCK":
        with connect_to_read(path) as con:
            tables = con.execute("select schema_name, table_name from duckdb_tables()").fetchall()
            for schema, table in tables:
                rows = con.execute(f'select t::varchar from "{schema}"."{table}" as t').fetchall()
                found += [text for (text,) in rows]
    return "\n".join(found).lower()


def holds(folder: Path, words: str) -> list[str]:
    return [path.name for path in sorted(folder.rglob("*")) if path.is_file() and words.lower() in texts_in(path)]
