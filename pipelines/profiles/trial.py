"""A source profile tried on an export: what is understood, what would be lost, what is left to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.errors import UsageError
from pipelines.extract import Extracted, extract
from pipelines.extract.exports import shown
from pipelines.extract.problems import PROBLEMS
from pipelines.findings import ERROR
from pipelines.profiles.evidence import CODE_LIKE, is_personal_heading
from pipelines.profiles.spellings import SHOWN_FROM, is_code_word, is_showable, near_share, nearest
from schemas.sections import SECTION, SECTIONS, Column
from schemas.sources import Feed, Profile, ProfileError, Source, load

CELLS = ("X-30", "X-31", "X-32", "X-33", "X-34", "X-35", "X-60", "X-61", "X-62")
"""Ids of findings on cells that were emptied because they were not understood, or cannot be right."""
MOST_SPELLINGS = 15
"""Unknown spellings of a column that are shown."""
MOST_REASONS = 12
NO_HEADING = "X-08"


@dataclass(frozen=True)
class ColumnTrial:
    """How much of one mapped column was understood."""

    file: str
    section: str
    field: str
    heading: str
    filled: int
    understood: int
    spellings: tuple[tuple[str, int, str | None], ...]
    """Text, cells and nearest code of what is not understood, where it may be shown."""
    hidden: int
    """Cells that are not understood and whose text is not shown."""


@dataclass(frozen=True)
class Trial:
    """What a profile makes of an export."""

    profile: Profile
    extracted: Extracted
    columns: tuple[ColumnTrial, ...]
    unfed: tuple[Column, ...]
    """Fields of the return that no table feeds, in sections that some table feeds."""
    empty: tuple[str, ...]
    """Sections that no table feeds."""

    @property
    def errors(self) -> int:
        """Findings of reading that are errors, but for those on single cells."""
        errors = self.extracted.findings.filter((pl.col("severity") == ERROR) & ~pl.col("rule_id").is_in(CELLS))
        return errors.height

    @property
    def is_ready(self) -> bool:
        """Whether every row and cell that the profile names was understood, and nothing that must be fed is not."""
        whole = all(one.understood == one.filled for one in self.columns)
        return whole and not self.errors and not any(column.required for column in self.unfed)


def try_out(export: Path, profile: str, *, authority: str, as_at: date) -> Trial:
    """Read an export through a profile as a run does, and say what became of it.

    Args:
        export: a CSV, XLSX, ODS or Parquet file, or a folder or zip of them.
        profile: name of a shipped source profile, or path of one.
        authority: code of the authority; it stands in for an export that does not hold it.
        as_at: day the export was taken.

    Raises:
        UsageError: the profile cannot be used.
        InputError: the export cannot be read.
    """
    try:
        source = load(profile)
    except ProfileError as error:
        raise UsageError(str(error)) from None
    extracted = extract(export, profile, authority=authority, as_at=as_at)
    feeds = [(table.label, feed) for table in source.tables for feed in table.feeds]
    fed = {(feed.section, name) for _, feed in feeds for name in feed.columns}
    sections = {feed.section for _, feed in feeds}
    unfed = tuple(
        column
        for section in SECTIONS
        if section.name in sections
        for column in section.columns
        if not column.local and (section.name, column.name) not in fed and not _is_given(column)
    )
    return Trial(
        source,
        extracted,
        tuple(_columns(extracted, source)),
        unfed,
        tuple(section.name for section in SECTIONS if section.name not in sections),
    )


def _is_given(column: Column) -> bool:
    return column.name == "la_code" or (column.key and column.kind == "integer")


def _columns(extracted: Extracted, profile: Profile) -> Iterable[ColumnTrial]:
    failed = extracted.findings.filter(pl.col("rule_id").is_in(CELLS))
    sources = _sources(profile)
    for section in SECTIONS:
        rows = extracted.sections[section.name]
        for column in section.columns:
            given = sources.get((section.name, column.name))
            if given is None or column.name == "case_ref":
                continue
            bad = failed.filter((pl.col("section") == section.name) & (pl.col("fields") == column.name))
            # A table that only completes rows leaves no trace in the file of the row, so the column is told as a whole.
            understood = rows.get_column(column.name).count()
            filled = understood + int(bad.get_column("count").sum() or 0)
            spellings, hidden = _spellings(bad, column, given, understood)
            yield ColumnTrial("", section.name, column.name, _headings(given), filled, understood, spellings, hidden)


def _sources(profile: Profile) -> dict[tuple[str, str], Source]:
    found: dict[tuple[str, str], Source] = {}
    for feed in (feed for table in profile.tables for feed in table.feeds):
        for name, source in feed.columns.items():
            if source.constant is None:
                found.setdefault((feed.section, name), source)
    return found


def _headings(source: Source) -> str:
    return " + ".join(source.columns)


def _spellings(
    bad: pl.DataFrame, column: Column, source: Source, understood: int
) -> tuple[tuple[tuple[str, int, str | None], ...], int]:
    """Texts that are not understood, the frequent ones first, and how many cells have one that is not shown."""
    total = int(bad.get_column("count").sum() or 0)
    may_show = column.codelist is not None and not column.personal
    may_show = may_show and not any(is_personal_heading(heading) for heading in source.columns)
    if not total or not may_show:
        return (), total
    counted = (
        bad.group_by("value")
        .agg(pl.col("count").sum().alias("cells"), pl.col("case_ref").n_unique().alias("cases"))
        .drop_nulls("value")
        .filter((pl.col("cells") >= SHOWN_FROM) & (pl.col("cases") >= SHOWN_FROM))
        .sort(["cells", "value"], descending=[True, False])
        .head(MOST_SPELLINGS)
    )
    list_name = column.codelist or ""
    texts = tuple(bad.get_column("value").drop_nulls().unique().sort())
    share = max(understood / (understood + total), near_share(texts, list_name) if len(texts) <= CODE_LIKE else 0.0)
    told = [
        (text, int(cells))
        for text, cells in counted.select("value", "cells").iter_rows()
        if is_showable(text) and is_code_word(text, list_name, share)
    ]
    found = tuple((text, cells, nearest(text, column.codelist or "")[0]) for text, cells in told)
    return found, total - sum(cells for _, cells in told)


def describe(trial: Trial) -> str:
    """The trial for the screen: no value of a case, but texts of code columns that several cases have."""
    lines = [*_verdict(trial), "", "Rows", *_rows(trial), "", "Columns", *_column_lines(trial)]
    lines += ["", "Left to do", *_to_do(trial)]
    return "\n".join(lines)


def _verdict(trial: Trial) -> list[str]:
    if trial.is_ready:
        return ["The profile reads the whole export. Next: hclic check, which judges the cases themselves."]
    cells = sum(one.filled - one.understood for one in trial.columns)
    aside = sum(one.rows_set_aside for one in trial.extracted.files)
    required = sum(column.required for column in trial.unfed)
    parts = [
        f"{cells:,} cells are not understood" if cells else "",
        f"{aside:,} rows are set aside" if aside else "",
        f"{required:,} fields that must be filled are fed by nothing" if required else "",
        f"{trial.errors:,} other errors of reading" if trial.errors else "",
    ]
    return [f"Not ready: {'; '.join(part for part in parts if part)}."]


def _rows(trial: Trial) -> list[str]:
    from dataclasses import asdict

    from pipelines.extract.accounting import account

    lines = account([asdict(one) for one in trial.extracted.files], [asdict(one) for one in trial.extracted.not_read])
    aside = trial.extracted.set_aside.group_by("file", "reason").len("rows").sort("rows", descending=True)
    aside = aside.sort(["rows", "file", "reason"], descending=[True, False, False])
    for file, reason, rows in aside.head(MOST_REASONS).iter_rows():
        lines.append(f"  set aside, {shown(file)}: {rows:,} × {reason}")
    if aside.height > MOST_REASONS:
        lines.append(f"  … and {aside.height - MOST_REASONS:,} more reasons")
    return lines


def _column_lines(trial: Trial) -> list[str]:
    lines: list[str] = []
    width = max((len(one.field) for one in trial.columns), default=0)
    for section in SECTIONS:
        mine = [one for one in trial.columns if one.section == section.name]
        if mine:
            lines.append(f"  {section.label}: {trial.extracted.sections[section.name].height:,} rows")
        for one in mine:
            share = "blank" if not one.filled else f"{one.understood / one.filled:.1%}"
            if one.filled and one.understood < one.filled and share == "100.0%":
                share = "99.9%"
            lines.append(f"    {one.field:{width}}  {share:>7} of {one.filled:>9,} cells   {one.heading}")
            lines += _spelled(one)
    return lines


def _spelled(one: ColumnTrial) -> list[str]:
    list_name = SECTION[one.section].column(one.field).codelist
    lines = [
        f'        "{text}": {cells:,} cells'
        + (f'; nearest: "{text}" = "{code}" under [codes.{list_name}]' if code else "")
        for text, cells, code in one.spellings
    ]
    if one.hidden:
        lines.append(f"        [masked]: {one.hidden:,} cells; hclic run writes them into the findings file")
    return lines


def _to_do(trial: Trial) -> list[str]:
    lines: list[str] = []
    for section in SECTIONS:
        missing = [column for column in trial.unfed if column.section == section.name]
        ordered = sorted(missing, key=lambda column: (not column.required, column.when is None))
        for column in ordered:
            when = "must be filled" if column.required else f"needed when {column.when}" if column.when else "wanted"
            lines.append(f"  {section.label}: nothing feeds {column.name} ({when}): {column.description}")
    for name in trial.empty:
        lines.append(f"  {SECTION[name].label}: no table feeds this section; right only if there is nothing to report.")
    lines += _other_findings(trial)
    return lines or ["  Nothing."]


def _other_findings(trial: Trial) -> list[str]:
    found = trial.extracted.findings.filter(~pl.col("rule_id").is_in((*CELLS, NO_HEADING)))
    lines = []
    for (rule, severity), part in found.group_by(["rule_id", "severity"], maintain_order=True):
        count = int(part.get_column("count").sum() or 0)
        first = part.get_column("message")[0]
        lines.append(
            f"  {severity} {rule}, {count:,} ×: {first} {PROBLEMS[str(rule)].action if count == 1 else ''}".rstrip()
        )
    lines.sort()
    not_read = trial.extracted.findings.filter(pl.col("rule_id") == NO_HEADING)
    by_file = Counter(not_read.get_column("file").to_list())
    for file, count in sorted(by_file.items()):
        names = not_read.filter(pl.col("file") == file).get_column("value").drop_nulls().to_list()
        lines.append(f"  {shown(file)}: columns that are not read ({count:,}): {', '.join(map(shown, names))}")
    return lines


__all__ = ["Feed", "Trial", "describe", "try_out"]
