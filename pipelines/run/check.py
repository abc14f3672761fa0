"""Findings only: extract and validate an export, and leave no trace."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.address import Address
from pipelines.authority import check_authority
from pipelines.credentials import Credentials
from pipelines.emit.findings.grouping import group
from pipelines.emit.returns.official import load_profile
from pipelines.extract import FileCount, NotRead, StepCount
from pipelines.extract.accounting import account
from pipelines.extract.databases import as_files
from pipelines.extract.exports import Progress, no_progress
from pipelines.findings import ERROR, FIX, NO, OF_THE_EXPORT, combine, frame, is_blocking
from pipelines.link import references
from pipelines.period import Quarter
from pipelines.place import Lake, Place
from pipelines.run import life, located
from pipelines.run.comparing import compare_sections, words_of
from pipelines.run.concern import MARKS, concern, count_errors, met_by, selection_of
from pipelines.run.given import judge_given, read_given, said_of, state_given
from pipelines.run.storing import open_store
from pipelines.settings import Settings
from pipelines.transform.selection import FORCED_SCHEMA, force, read_forced, unmet_forced
from pipelines.validate import Context
from pipelines.validate.catalogue import kind_of
from pipelines.validate.waivers import Waivers, kept_waivers, read_waivers
from pipelines.warehouse.places import exists
from pipelines.warehouse.waivers import standing
from schemas.returns import PROVISIONAL

SHOWN_OF_RULE, SHOWN, CHARACTERS = 5, 60, 400
"""Findings of a rule, findings altogether, and characters of a message that the screen shows."""


@dataclass(frozen=True)
class Checked:
    """What a check found: the findings, one row per rule, and the row counts per file."""

    findings: pl.DataFrame
    rules: pl.DataFrame
    files: tuple[FileCount, ...]
    not_read: tuple[NotRead, ...] = ()
    steps: tuple[StepCount, ...] = ()
    compared: str | None = None
    """Which earlier run the export was compared with, in words; None where no warehouse was named."""
    lived: tuple[str, ...] = ()
    """What is new, still open and resolved since the run before, for the screen."""
    said: tuple[str, ...] = ()
    """What is to be known beside the findings."""

    @cached_property
    def shown(self) -> pl.DataFrame:
        """The findings as they are shown, without their values: those of one cause as one row."""
        return group(self.findings, by_value=False).drop("value")

    @property
    def errors(self) -> int:
        """Number of error findings."""
        return self.findings.filter(pl.col("severity") == ERROR).height

    @property
    def blocking(self) -> int:
        """Number of errors that concern the return, or may."""
        return self.findings.filter(is_blocking()).height

    @property
    def blocked(self) -> bool:
        """Whether these findings would block the return."""
        return bool(self.blocking or self.rules.filter(pl.col("status") == "not run").height)

    def table(self) -> str:
        """The findings grouped by message, for the screen."""
        lines = [
            "Read",
            *account(*([asdict(item) for item in items] for items in (self.files, self.not_read, self.steps))),
            "",
            f"{count_errors(self.blocking, self.errors)}, {self.findings.height - self.errors:,} warnings."
            + (" The return would be blocked." if self.blocked else " The return would not be blocked."),
            *self.lived,
            *([self.compared] if self.compared else ()),
            *self.said,
        ]
        grouped = (
            self.shown.group_by("severity", "in_return", "rule_id", "message", "action")
            .agg(pl.col("count").sum(), pl.col("case_ref").drop_nulls().unique().sort().head(3).alias("cases"))
            # What is wrong with the export itself goes first: much of the rest may follow from it.
            .sort(
                "severity",
                pl.col("in_return") == NO,
                ~pl.col("rule_id").str.contains(OF_THE_EXPORT),
                "rule_id",
                "message",
                "in_return",
                nulls_last=True,
            )
        )
        of_rule = grouped.with_columns(pl.int_range(pl.len()).over("severity", "rule_id").alias("place"))
        kept = of_rule.filter(pl.col("place") < SHOWN_OF_RULE).head(SHOWN)
        for row in kept.to_dicts():
            message = textwrap.shorten(row["message"], CHARACTERS, placeholder=" …")
            lines += ["", f"{row['severity'].upper():8}{row['rule_id']}  {row['count']:,} ×  {message}"]
            lines.append(f"        {row['action']}")
            if row["severity"] == ERROR and row["in_return"] in MARKS:
                lines.append(f"        {MARKS[row['in_return']]}")
            if row["cases"]:
                lines.append(f"        {', '.join(row['cases'])}{' …' if row['count'] > len(row['cases']) else ''}")
        if left := grouped.height - kept.height:
            rules = grouped["rule_id"].n_unique() - kept["rule_id"].n_unique()
            others = f", of {rules:,} other rules" if rules else ""
            lines += ["", f"… and {left:,} more{others}: --format csv has them all."]
        return "\n".join(lines)


def check_export(
    export: Path | Address,
    *,
    authority: str,
    quarter: Quarter,
    source: str,
    as_at: date | None = None,
    waivers: Path | None = None,
    settings: Settings | None = None,
    forced_cases: Path | None = None,
    warehouse: Place | None = None,
    credentials: Credentials | None = None,
    return_profile: str = PROVISIONAL,
    progress: Progress = no_progress,
) -> Checked:
    """Extract and validate an export, and say which errors would block the return, as a run does.

    With a warehouse, which is only read, the cases have the references that it knows, and are compared with the newest
    earlier run. ``progress`` is told now and then which file is read, and how many rows of it have been.

    Raises:
        UsageError: authority, profile or waivers are wrong.
        InputError: the export, the file of forced cases or the warehouse could not be read.
    """
    check_authority(authority)
    quarter.check_has_return()
    if isinstance(warehouse, Lake):
        # Before its first run an authority has nothing there, as in a file that holds others only.
        warehouse = warehouse.of(authority) if exists(warehouse.of(authority)) else None
    day = as_at or quarter.last_day
    given = read_waivers(waivers) if waivers else Waivers(())
    forced = read_forced(forced_cases)
    known, kept = references.empty_map(), Waivers(())
    if warehouse:
        with open_store(warehouse, to_look=True) as store:
            known = store.reference_map(authority)
            kept = kept_waivers(standing(store.connection, authority))
    with as_files(export, source, credentials) as files:
        extracted = read_given(
            files,
            source,
            lambda: load_profile(return_profile),
            authority=authority,
            quarter=quarter,
            as_at=day,
            progress=progress,
        )
    resolved = references.resolve(extracted.sections, authority=authority, known=known)
    context = Context(authority, quarter, day, settings or Settings())
    validation = judge_given(resolved.sections, context, source)
    state = frame(state_given(resolved.sections, context, source))
    to_case = dict(resolved.map.select("local_ref", "case_ref").iter_rows())
    named = force(forced, references.Names(to_case).case, forced_cases)
    read = located.under_case_refs(extracted.findings, resolved.map)
    compared, changes, earlier = None, frame([]), None
    if warehouse:
        with open_store(warehouse, to_look=True) as store:
            inputs = [item.sha256 for item in extracted.files]
            earlier, changes = compare_sections(resolved.sections, store, context, inputs)
            compared = words_of(earlier)
    found = combine([read, resolved.findings, validation.findings, state, changes])
    met = met_by(named, resolved.sections["main"]["case_ref"], found)
    found = combine([found, frame(unmet_forced(named, met, forced_cases))])
    places = located.places_of(resolved.sections)
    found = located.located(found, places, resolved.map)
    found = _concerned(found, resolved.sections, named.select(list(FORCED_SCHEMA)), context)
    # A check issues no reference: numbers that only a run may give would name other cases there.
    issued = resolved.map.filter(pl.col("origin") == "issued").join(known, on="local_ref", how="anti")
    to_local = dict(zip(issued["case_ref"], issued["local_ref"], strict=True))
    found, places = (part.with_columns(pl.col("case_ref").replace(to_local)) for part in (found, places))
    waived: list[dict[str, Any]] = []
    if all_waivers := (given + kept).rows:
        shown = {ref: ref if case_ref in to_local else case_ref for ref, case_ref in to_case.items()}
        found, waived = Waivers(all_waivers).under(references.Names(shown).case).apply(found, as_at=day)
    found = located.known(combine([found]), places, quarter)
    lived: tuple[str, ...] = ()
    if warehouse:
        book = {
            "inputs": [{"sha256": item.sha256} for item in extracted.files],
            "files_beside": [{"what": "waivers"}] if waivers else [],
            "waivers_kept": len(kept.rows),
            "compared_with": earlier and {"run_id": earlier.run_id},
            "waivers": waived,
        }
        with open_store(warehouse, to_look=True) as store:
            found, lived = life.live_in_check(store, book, context, found, places, validation.rules)
    return Checked(
        findings=found,
        rules=validation.rules,
        files=extracted.files,
        not_read=extracted.not_read,
        steps=extracted.steps,
        compared=compared,
        lived=lived,
        said=said_of(source),
    )


def _concerned(
    findings: pl.DataFrame, sections: Mapping[str, pl.DataFrame], forced: pl.DataFrame, context: Context
) -> pl.DataFrame:
    """Errors, and what else is to be fixed, with whether they concern the return; of other cases it is not asked."""
    to_fix = [rule_id for rule_id in findings["rule_id"].unique() if kind_of(rule_id) == FIX]
    is_asked = (pl.col("severity") == ERROR) | pl.col("rule_id").is_in(to_fix)
    asked = findings.filter(is_asked)
    cases = asked["case_ref"].drop_nulls().unique()
    if asked.is_empty():
        return findings
    selection = selection_of(
        sections,
        cases,
        forced,
        authority=context.authority,
        quarter=context.quarter,
        as_at=context.as_at,
        settings=context.settings,
    )
    marked = concern(asked, sections, selection, forced, quarter=context.quarter, as_at=context.as_at)
    return combine([marked, findings.filter(~is_asked)])
