"""What a run is made from: the bytes of every file it reads, its options, and the software."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.emit.returns.official import ReturnProfile, load_profile
from pipelines.emit.returns.source import SOURCE
from pipelines.errors import UsageError
from pipelines.finance.cost.build import OF_A_RUN, CostFiles, check_files
from pipelines.link import references
from pipelines.run import ledger
from pipelines.run.given import files_given
from pipelines.run.notes import Said, said
from pipelines.run.request import Request
from pipelines.settings import values
from pipelines.transform.selection import read_forced
from pipelines.validate.waivers import read_waivers
from schemas.sources import ProfileError, load

if TYPE_CHECKING:
    import polars as pl

    from pipelines.published.reader import PublishedWorkbook

BESIDE = (
    "waivers",
    "forced_cases",
    "reference_map",
    "migration_map",
    "published",
    "published_headings",
    "neighbours",
    *OF_A_RUN,
)
"""The options that name a file beside the export."""


@dataclass(frozen=True)
class MadeFrom:
    """What a run is made from. Two runs with one ``digest`` give the same outputs, times excepted."""

    export: tuple[tuple[str, str], ...]
    """Name and SHA-256 of each data file of the export."""
    beside: tuple[dict[str, str], ...]
    """One entry per file beside the export: what it is, its name and SHA-256."""
    source: dict[str, str]
    """Name and SHA-256 of the source profile."""
    profile: ReturnProfile
    digest: str
    said: Said
    """What people said of findings: waivers that the warehouse keeps, and notes."""


def made_from(request: Request) -> MadeFrom:
    """Read every input once, for its bytes.

    Raises:
        UsageError: a profile, or a file beside the export, cannot be used.
        InputError: the export or a file beside it cannot be read.
    """
    profile = load_profile(request.return_profile)
    source = source_of(request)
    beside = tuple(_beside(request))
    export = tuple((file.name, file.digest.sha256) for file in files_given(request.files, request.source))
    options = {**request.typed(), **dict.fromkeys(BESIDE), "export": None, "out": None, "warehouse": None}
    # What the file says is in the settings; how long a run waited and whom it told change nothing in it.
    options |= {"settings_file": None, "wait": None, "notes": None, "alerts": None, "until_signed_off": None}
    told = said(request)
    parts: dict[str, Any] = {
        "export": export,
        "beside": beside,
        "source": source,
        "return_profile": [profile.name, profile.sha256],
        "options": {**options, "source": None, "return_profile": None, "as_at": request.day},
        "settings": values(request.settings),
        "software": ledger.software(),
        "said": told.digest,
    }
    text = json.dumps(parts, sort_keys=True, default=str)
    return MadeFrom(export, beside, source, profile, hashlib.sha256(text.encode()).hexdigest(), told)


@dataclass(frozen=True)
class Published:
    """What a run asks of MHCLG's workbook.

    ``book`` has the authority's own cells only; ``areas`` are the published figures of the areas beside it, one row per
    measure and area (``metrics.benchmarks``).
    """

    book: PublishedWorkbook
    areas: pl.DataFrame


def read_beside(request: Request) -> Published | None:
    """Read the files beside the export before anything is written: a wrong one must not stop a run half-way.

    Returns:
        what the run asks of the published workbook; nothing where it is given none.

    Raises:
        UsageError: waivers or migrations cannot be used.
        InputError: a file cannot be read, one about costs repeats a key, the workbook is not of the quarter or does
            not list the authority, or the list of neighbours does not.
    """
    if request.waivers:
        read_waivers(request.waivers)
    if request.migration_map:
        references.read_migrations(request.migration_map, request.authority)
    if request.reference_map:
        references.read_map(request.reference_map, request.authority)
    read_forced(request.forced_cases)
    check_files(CostFiles(**{kind: getattr(request, kind) for kind in OF_A_RUN}))
    if request.published is None:
        if request.published_headings is not None:
            raise UsageError("--published-headings is for a workbook: give that with --published.")
        if request.neighbours is not None:
            raise UsageError("--neighbours is for published figures: give a workbook with --published.")
        return None
    from pipelines.emit.tables.reconcile import published_row
    from pipelines.metrics.benchmarks import of_books, read_neighbours
    from pipelines.published.reader import read_workbook

    listed = read_neighbours(request.neighbours, request.authority) if request.neighbours else None
    book = read_workbook(request.published, headings=request.published_headings)
    own = published_row(book, request.authority, request.quarter)
    return Published(replace(book, tidy=own), of_books([book], request.authority, listed))


def _beside(request: Request) -> list[dict[str, str]]:
    given = {what: getattr(request, what) for what in BESIDE}
    named = [(what, path) for what, path in given.items() if path]
    if not all(path.is_file() for _, path in named):
        # Their readers say which one is missing, and how each of them should look.
        read_beside(request)
    return [{"what": what, "name": path.name, "sha256": ledger.sha256_of(path)} for what, path in named]


def source_of(request: Request) -> dict[str, str]:
    """Name and SHA-256 of the source profile; of a return, the SHA-256 of its return profile.

    Raises:
        UsageError: it cannot be used.
    """
    if request.source == SOURCE:
        return {"name": SOURCE, "sha256": load_profile(request.return_profile).sha256}
    try:
        load(request.source)
    except ProfileError as error:
        raise UsageError(str(error)) from None
    path = Path(request.source)
    shipped = files("schemas") / "sources" / f"{request.source}.toml"
    text = shipped.read_bytes() if shipped.is_file() else path.read_bytes()
    return {"name": path.name, "sha256": hashlib.sha256(text).hexdigest()}
