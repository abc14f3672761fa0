"""A plan as the text of a source profile: what is mapped, why, and what is left to decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import polars as pl

from pipelines.profiles import toml
from pipelines.profiles.evidence import styles_of
from pipelines.profiles.matching import ENOUGH, SURE, Match, period_of
from pipelines.profiles.plan import FeedPlan, Plan, TablePlan
from pipelines.profiles.sheets import Sheet
from pipelines.profiles.spellings import SHOWN_FROM, Unmapped, unmapped
from schemas.sections import SECTIONS, Column
from schemas.sources import DEFAULT_DATES

MOST_DOUBTFUL = 3
"""Candidates of one field that are shown."""
LAST_OF_TWO_DIGITS = 2035
"""No day of a case is before 1977 or more than ten years ahead, so every pivot from 2035 to 2076 says the same."""
JOIN = "[[table.join]] "
_SPECIAL = str.maketrans(dict.fromkeys("[]?*", "?"))


def write(plan: Plan, name: str, export: str) -> str:
    """The profile as text; the same plan gives the same bytes."""
    lines = [*_head(name, export, plan), *_options(plan)]
    for table in plan.tables:
        lines += ["", *_table(table, plan)]
    lines += _codes(plan)
    lines += _left_out(plan)
    lines += _gaps(plan)
    return "\n".join(lines).rstrip("\n") + "\n"


def _head(name: str, export: str, plan: Plan) -> list[str]:
    sure = sum(match.score >= SURE for match in _matches(plan))
    likely = sum(match.score < SURE for match in _matches(plan))
    return [
        *toml.comment(
            f"Drafted by hclic profile draft from {export}: {sure} columns are mapped for sure, {likely} are likely."
            " The number behind each line says how sure it is, of 1; then what speaks for it. No value of a case stands"
            f" here, but for texts of code columns that at least {SHOWN_FROM} cases have."
        ),
        *toml.comment(
            "To do: read the lines with a number below 0.9; decide the lines that begin with # and have a field's name"
            " (delete the # to take one); map the spellings at the end; then hclic profile test this file."
        ),
        "",
        f"name = {toml.text(name)}",
        f"title = {toml.text(f'Draft for {export}')}",
        *[line for note in plan.notes for line in ("", *toml.comment(note))],
    ]


def _options(plan: Plan) -> list[str]:
    styles = styles_of(one for table in plan.tables for one in table.columns)
    chosen, said = date_styles(styles)
    lines = []
    if tuple(chosen) != DEFAULT_DATES or said:
        lines.append(toml.line(f"dates = {toml.listing(chosen)}", said))
    if cells := styles.get("two digits", 0):
        lines.append(
            toml.line(
                f"two_digit_years = {LAST_OF_TWO_DIGITS}",
                f"check: {cells:,} days have a year of two digits; this is the last year that they can mean."
                " Of a birth they are refused",
            )
        )
    return ["", "[options]", *lines] if lines else []


def date_styles(styles: dict[str, int]) -> tuple[list[str], str]:
    """What goes under ``dates``, and why, where the usual forms do not do."""
    uk, us = styles.get("uk", 0), styles.get("us", 0)
    chosen = list(DEFAULT_DATES)
    said = ""
    if us > uk:
        chosen = [one if one != "uk" else "us" for one in chosen]
        said = f"{us - uk:,} days can only be month/day/year"
    elif uk and us == uk:
        said = "no day is beyond the 12th, so day/month and month/day cannot be told apart: check"
    if styles.get("compact", 0):
        chosen.append("compact")
        said = said or f"{styles['compact']:,} days are written yyyymmdd"
    return chosen, said


def _place(table: TablePlan, plan: Plan) -> list[str]:
    sheet = table.sheet
    every = [one.sheet for one in (*plan.tables, *plan.left_out)]
    same_stem = len({one.file.name for one in every if one.file.stem.casefold() == sheet.file.stem.casefold()}) > 1
    file = (PurePosixPath(sheet.file.name).name if same_stem else sheet.file.stem).translate(_SPECIAL)
    if sheet.sheet is None:
        return [f"file = {toml.text(sheet.file_pattern or file)}"]
    same = Counter(one.sheet for one in every)[sheet.sheet] > 1
    lines = [f"file = {toml.text(file)}"] if same else []
    return [*lines, f"sheet = {toml.text(sheet.sheet_pattern or sheet.sheet)}"]


def _reading(sheet: Sheet, *, steps: bool) -> list[str]:
    """How the file is read."""
    lines = []
    if len(sheet.head.rows) > 1:
        lines.append(f"header_rows = {list(sheet.head.rows)}")
    elif sheet.head.rows[-1] > 1:
        lines.append(f"header_row = {sheet.head.rows[-1]}")
    words = dict.fromkeys(f"{word}*" for word in sheet.footers)
    if sheet.totals is not None or (words and (steps or sheet.keys or sheet.parts)):
        index, word = sheet.totals or (sheet.footer_in, sheet.footers[0])
        patterns = toml.listing(dict.fromkeys([f"{word}*", *words]))
        return [*lines, f"skip_rows_where = {toml.table({sheet.headings[index]: patterns})}"]
    return [*lines, f"footer = {toml.listing(sheet.footers)}"] if sheet.footers else lines


def _keys(sheet: Sheet) -> list[str]:
    """The keys that make the rows; several joins stand in one list."""
    joins = [line.removeprefix(JOIN) for line in sheet.keys if line.startswith(JOIN)]
    lines = [line for line in sheet.keys if not line.startswith(JOIN)]
    if len(joins) == 1:
        return [f"join = {joins[0]}", *lines]
    return ["join = [", *[f"  {one}," for one in joins], "]", *lines] if joins else lines


def _table(table: TablePlan, plan: Plan) -> list[str]:
    sheet = table.sheet
    lines = []
    place = [*_place(table, plan), *_reading(sheet, steps=bool(table.keys or table.shares))]
    if table.shares is not None:
        if next(one for one in plan.tables if one.shares == table.shares) is table:
            lines += [f"[input.{toml.key(table.shares)}]", *place, ""]
        place = [f"from = {toml.text(table.shares)}"]
    lines += ["[[table]]", *place, *_keys(sheet), *table.keys]
    lines += _unread(table, [one for one in plan.tables if one.number == table.number])
    for note in (*sheet.notes, *table.notes):
        lines += toml.comment(note)
    times = Counter(feed.section for feed in table.feeds)
    for feed in table.feeds:
        lines += ["", *_feed(feed, table, plan, several=times[feed.section] > 1)]
    return lines


def _unread(table: TablePlan, same: Sequence[TablePlan]) -> list[str]:
    if table is not same[-1]:
        return []
    used = {index for one in same for index in one.used} | {
        plan_case for plan_case in (_case_column(table),) if plan_case is not None
    }
    names = [one.heading for one in table.columns if one.index not in used and one.heading]
    if not names:
        return []
    return [
        *toml.comment(
            f"{counted(len(names), 'column')} not read, since nothing or too little speaks for a field. What is"
            " not wanted may be listed under ignore:"
        ),
        toml.line(f"ignore = {toml.listing(dict.fromkeys(names))}", off=True),
    ]


def counted(number: int, what: str) -> str:
    """``1 column is``, ``2 columns are``."""
    return f"{number:,} {what} is" if number == 1 else f"{number:,} {what}s are"


def _case_column(table: TablePlan) -> int | None:
    heading = next((feed.case_ref for feed in table.feeds), None)
    return next((one.index for one in table.columns if one.heading == heading), None)


def _feed(feed: FeedPlan, table: TablePlan, plan: Plan, *, several: bool) -> list[str]:
    head = f"[[table.{feed.section}]]" if several else f"[table.{feed.section}]"
    lines = [head]
    if feed.adds_columns:
        lines.append("adds_columns = true")
    if feed.repeat:
        lines.append(f"repeat = {feed.repeat}")
    if feed.split_rows:
        column, by = feed.split_rows
        lines.append(f"split_rows = {toml.table({'column': toml.text(column), 'by': toml.text(by)})}")
    if feed.when:
        lines.append(f"when = {toml.table({name: toml.listing(values) for name, values in feed.when.items()})}")
    if feed.when_filled:
        lines.append(f"when = {toml.listing(feed.when_filled)}")
    if feed.case_ref is not None:
        lines.append(toml.line(f"case_ref = {toml.text(feed.case_ref)}", plan.keys.why.get(table.number, "")))
    by_field = {match.field: match for match in feed.matches}
    for field in _columns(feed.section):
        if field.name in by_field:
            match = by_field[field.name]
            mark = "" if match.score >= SURE else "check, "
            lines.append(
                toml.line(f"{field.name} = {_source(match, table, feed)}", f"{mark}{match.score:.2f}: {match.why}")
            )
        elif field.name in feed.constants:
            constant = toml.table({"constant": toml.text(feed.constants[field.name])})
            lines.append(toml.line(f"{field.name} = {constant}"))
    for note in feed.notes:
        lines += toml.comment(note)
    return [*lines, *_doubtful(feed, table)]


def _columns(section: str) -> tuple[Column, ...]:
    return next(one.columns for one in SECTIONS if one.name == section)


def _source(match: Match, table: TablePlan, feed: FeedPlan) -> str:
    parts: dict[str, str] = {}
    lookup = table.sheet.codes_from.get(match.columns[0]) if match.columns else None
    period = period_of(match.headings[0]) if match.field == "rate" else None
    if len(match.headings) > 1:
        parts["columns"] = toml.listing(match.headings)
        parts["join"] = toml.text(", " if match.column.kind == "text" else match.separator or ";")
    elif match.column.kind == "codes" and match.separator not in (None, ";"):
        parts = {"column": toml.text(match.headings[0]), "separator": toml.text(match.separator or ";")}
    if period not in (None, "night"):
        parts = {"column": toml.text(match.headings[0]), "per": toml.text(str(period))}
    if own := feed.codes.get(match.field):
        codes = toml.table({spelling: toml.text(code) for spelling, code in own.items()})
        parts = {"column": toml.text(match.headings[0]), "codes": codes}
    if lookup is not None:
        parts = {**(parts or {"column": toml.text(match.headings[0])}), "codes_from": lookup}
    return toml.table(parts) if parts else toml.text(match.headings[0])


def _doubtful(feed: FeedPlan, table: TablePlan) -> list[str]:
    lines = []
    shown: Counter[str] = Counter()
    for match in feed.doubtful:
        shown[match.field] += 1
        if shown[match.field] > MOST_DOUBTFUL:
            continue
        place = "" if match.section == feed.section else f" under [table.{match.section}]"
        why = "another fits as well" if match.score >= ENOUGH else "too little speaks for it"
        said = f"{why}, {match.score:.2f}{place}: {match.why}"
        lines.append(toml.line(f"{match.field} = {_source(match, table, feed)}", said, off=True))
    return ["# Not decided:", *lines] if lines else []


def _matches(plan: Plan) -> list[Match]:
    return [match for table in plan.tables for feed in table.feeds for match in feed.matches]


def _codes(plan: Plan) -> list[str]:
    by_list: dict[str, list[tuple[str, Unmapped]]] = {}
    for table in plan.tables:
        for feed in table.feeds:
            for match in feed.matches:
                found = unmapped(match, _rows_of(table, feed), table.columns, _case_column(table))
                if found is not None:
                    by_list.setdefault(found.list_name, []).append((table.sheet.name, found))
    if not by_list:
        return []
    lines = ["", *toml.comment("Spellings that are not understood yet, with the code that is nearest, to be checked:")]
    lines.append("# delete the # before the list and before each line that is right.")
    for list_name, columns in by_list.items():
        lines += ["", f"# [codes.{list_name}]"]
        seen: set[str] = set()
        for place, found in columns:
            lines += toml.comment(f"{place}, {found.heading}: {found.cells:,} cells are not understood.")
            for one in found.shown:
                if one.text in seen:
                    continue
                seen.add(one.text)
                said = f"{one.cells:,} cells; {one.label or 'no label is near: see hclic dictionary'}"
                lines.append(toml.line(f"{toml.text(one.text)} = {toml.text(one.code or '')}", said, off=True))
            if found.unshown:
                lines += toml.comment(
                    f"Not shown: {found.unshown:,} spellings of {found.unshown_cells:,} cells, which fewer than"
                    f" {SHOWN_FROM} cases have or which may be personal. hclic run writes them into the findings file."
                )
    return lines


def _rows_of(table: TablePlan, feed: FeedPlan) -> Sheet:
    """The sheet with the rows only that the feed takes."""
    frame = table.sheet.frame
    for heading, texts in feed.when.items():
        if heading in table.sheet.headings:
            frame = frame.filter(pl.col(f"c{table.sheet.headings.index(heading)}").is_in(list(texts)))
    return table.sheet if frame is table.sheet.frame else replace(table.sheet, frame=frame)


def _left_out(plan: Plan) -> list[str]:
    lines: list[str] = []
    for table in plan.left_out:
        lines += ["", *toml.comment(f"Not used: {table.sheet.name}, {table.sheet.frame.height:,} rows.")]
        for note in table.notes:
            lines += toml.comment(note)
        names = [one.heading for one in table.columns if one.heading and not table.sheet.is_turned]
        lines += toml.comment(f"Its headings: {', '.join(names)}.") if names else []
    for one in plan.unread:
        lines += ["", *toml.comment(f"Not read: {one.name}: {one.why}.")]
    return lines


def _gaps(plan: Plan) -> list[str]:
    fed = {(feed.section, name) for table in plan.tables for feed in table.feeds for name in feed.fields}
    lines = ["", *toml.comment("Fields that nothing feeds. What a return needs comes first in each section.")]
    for section in SECTIONS:
        missing = [
            column for column in section.columns if (section.name, column.name) not in fed and not _is_given(column)
        ]
        if not missing:
            continue
        lines.append(f"# {section.label}")
        lines += _named(column for column in missing if not column.local)
        local = [column.name for column in missing if column.local]
        lines += toml.comment(f"  for local metrics only: {', '.join(local)}") if local else []
    return lines if len(lines) > 2 else []


def _is_given(column: Column) -> bool:
    """Whether the reader fills the field in itself: the reference, the numbers within a case, the authority."""
    return column.name in ("case_ref", "la_code") or (column.key and column.kind == "integer")


def _named(columns: Iterable[Column]) -> list[str]:
    ordered: Sequence[Column] = sorted(columns, key=lambda one: (not one.required, one.when is None))
    return [f"#   {one.name:<28} {one.description}" for one in ordered]
