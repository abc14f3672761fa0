"""What a run is given: an export read through a source profile, or a return read through its return profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from pipelines.emit.returns.official import ReturnProfile
from pipelines.emit.returns.source import SOURCE, extract_return, is_return, limits
from pipelines.errors import UsageError
from pipelines.extract import Extracted, extract
from pipelines.extract.exports import ExportFile, Progress, files_of, no_progress, xml_files_of
from pipelines.findings import Finding
from pipelines.period import Quarter
from pipelines.validate import Context, Validation, validate
from pipelines.validate.newness import state_of_export
from schemas.rules import RULES


def source_for(export: object, source: str | None) -> str:
    """The source that was named; without one, that of a return where the export is one.

    Raises:
        UsageError: it is none.
    """
    if source:
        return source
    if isinstance(export, Path) and is_return(export):
        return SOURCE
    raise UsageError(
        "--source is needed: the name of a shipped source profile, or the path of one. Only a return (XML) needs none."
    )


def files_given(export: Path, source: str) -> tuple[ExportFile, ...]:
    """The files that are read.

    Raises:
        InputError: the export cannot be read.
    """
    return xml_files_of(export)[0] if source == SOURCE else files_of(export)


def read_given(
    export: Path,
    source: str,
    return_profile: Callable[[], ReturnProfile],
    *,
    authority: str,
    quarter: Quarter,
    as_at: date,
    progress: Progress = no_progress,
    private: Path | None = None,
) -> Extracted:
    """Read it into the nine sections; ``progress`` is told how many rows of a file have been read.

    ``private``: folder for what the steps of the source profile cannot hold in memory.

    Raises:
        UsageError: a profile cannot be used.
        InputError: the export cannot be read, or is a return of another authority or quarter.
    """
    if source == SOURCE:
        return extract_return(export, return_profile(), authority=authority, quarter=quarter, as_at=as_at)
    return extract(export, source, authority=authority, as_at=as_at, progress=progress, private=private)


def judge_given(
    sections: Mapping[str, pl.DataFrame],
    context: Context,
    source: str,
    *,
    facts: duckdb.DuckDBPyConnection | None = None,
) -> Validation:
    """Judge the sections by every rule that what was given can be held to."""
    if source != SOURCE:
        return validate(sections, context, facts=facts)
    judged = validate(sections, context, rules=limits.rules_for_return(RULES), facts=facts)
    return limits.only_certain(judged, sections)


def state_given(sections: Mapping[str, pl.DataFrame], context: Context, source: str) -> list[Finding]:
    """Whether what was given is of the quarter and, where that can be asked, of its day."""
    found = state_of_export(sections, context)
    return [one for one in found if one.rule_id not in limits.OF_EXPORTS] if source == SOURCE else found


def said_of(source: str) -> tuple[str, ...]:
    """What is to be known of what cannot be judged."""
    return (limits.say(),) if source == SOURCE else ()
