"""A starter profile from an export."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import InputError, UsageError
from pipelines.extract.databases import Address, Credentials, all_tables
from pipelines.extract.databases.listing import Taken
from pipelines.extract.exports import shown, xml_files_of
from pipelines.profiles.matching import SURE
from pipelines.profiles.plan import Plan
from pipelines.profiles.planning import plan
from pipelines.profiles.recognised import recognise
from pipelines.profiles.sheets import Sheet, TableSheet, Unread, read_sheets
from pipelines.profiles.shipped import shipped_layout
from pipelines.profiles.writing import write
from schemas.sections import catalogue
from schemas.sources import parse


@dataclass(frozen=True)
class Draft:
    """A drafted profile and what it rests on."""

    text: str
    plan: Plan

    def summary(self) -> str:
        """What was mapped, in a few lines; no value of the export."""
        matches = [match for table in self.plan.tables for feed in table.feeds for match in feed.matches]
        fields = {(match.section, match.field) for match in matches}
        sure = sum(match.score >= SURE for match in matches)
        doubtful = {
            (match.section, match.field)
            for table in self.plan.tables
            for feed in table.feeds
            for match in feed.doubtful
        } - fields
        lines = [
            f"{len(fields)} of {len(catalogue())} fields are mapped, by {len(matches)} columns: {sure} for sure,"
            f" {len(matches) - sure} to be checked. {len(doubtful)} more fields have candidates that you decide.",
        ]
        lines += [
            f"  {table.sheet.name}: {', '.join(feed.section for feed in table.feeds)}" for table in self.plan.tables
        ]
        lines += [f"  {table.sheet.name}: not used" for table in self.plan.left_out]
        lines += [f"  {one.name}: not read, {one.why}" for one in self.plan.unread]
        return "\n".join([*lines, *self.plan.notes])


def draft(export: Path | Address, name: str, credentials: Credentials | None = None) -> Draft:
    """Draft a source profile.

    Args:
        export: a CSV, XLSX, ODS or Parquet file, or a folder or zip of them, or the address of a database.
        name: what the profile is called.
        credentials: who asks a database; by default those of the environment.

    Raises:
        UsageError: the export is a return, for which there is no source profile.
        InputError: the export cannot be read, or nothing in it looks like cases.
    """
    if isinstance(export, Address):
        with all_tables(export, credentials) as (files, taken):
            return _of_tables(files, taken, name)
    xml, others = xml_files_of(export)
    if xml and not others:
        raise UsageError(
            f"The export {shown(export.name)} holds XML only. A return needs no source profile: hclic check reads it as"
            " it is. Other XML is not read; export it as CSV or XLSX."
        )
    sheets, unread = read_sheets(export)
    return _of_sheets(sheets, unread, name, shown(export.name))


def _of_tables(files: Path, taken: Taken, name: str) -> Draft:
    """The draft from the tables of a database, which lie in a folder as files."""
    read, unread = read_sheets(files)
    sheets: list[Sheet] = [TableSheet(**vars(one)) for one in read]
    unread = [Unread(one.name.removesuffix(".parquet"), one.why) for one in unread]
    unread += [Unread(table, why) for table, why in taken.unread.items()]
    counts = ", ".join(f"{table} ({rows:,})" for table, rows in taken.rows.items())
    notes = [f"Tables and views that were read whole, with their rows: {counts}.", *taken.said]
    return _of_sheets(sheets, unread, name, taken.place, notes)


def _of_sheets(
    sheets: list[Sheet], unread: list[Unread], name: str, export: str, notes: list[str] | None = None
) -> Draft:
    if not sheets:
        why = " ".join(f"{one.name}: {one.why}." for one in unread[:5])
        raise InputError(f"No file of the export can be read as a table with headings. {why}")
    made = plan(*recognise(sheets, unite=notes is None), unread)
    made.notes += notes or []
    if (shipped := shipped_layout(sheets)) is not None:
        made.notes.append(
            f"This export has the layout of the shipped profile {shipped}: --source {shipped} reads it, and this draft"
            " is needed only to change something."
        )
    if not made.tables:
        raise InputError(
            "No column of the export looks like the reference of a case, so no profile can be drafted. Give the column"
            " a heading such as Case reference, or write the profile by hand (schemas/sources/README.md)."
        )
    text = write(made, name, export)
    parse(text, name)
    return Draft(text, made)
