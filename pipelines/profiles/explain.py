"""The mapping of a source profile as a table that a colleague can check."""

from __future__ import annotations

from collections.abc import Iterable

from pipelines.dictionary import as_csv
from pipelines.profiles.rows_in_words import made_by, where_from
from schemas.sections import SECTION, Column
from schemas.sources import Feed, Profile, Source
from schemas.sources.shape_words import lookup_words

FORMS = ("table", "csv", "md")


def rows(profile: Profile) -> list[dict[str, str]]:
    """One row per mapped column and table: what it feeds, from where, and what is done to the cell."""
    return [
        {
            "section": SECTION[feed.section].label,
            "field": name,
            "what": SECTION[feed.section].column(name).description,
            "from": where_from(table, profile),
            "heading": _heading(source, feed),
            "rows": "; ".join(part for part in (made_by(table), _rows(feed)) if part),
            "steps": "; ".join(_steps(source, SECTION[feed.section].column(name), profile)),
        }
        for section in SECTION
        for table in profile.tables
        for feed in table.feeds
        if feed.section == section
        for name, source in feed.columns.items()
    ]


def _heading(source: Source, feed: Feed) -> str:
    if source.constant is not None:
        return f"the same in every row: {source.constant}"
    joined = " + ".join(source.columns)
    return joined.replace("{n}", f"1…{feed.repeat}") if feed.repeat else joined


def _rows(feed: Feed) -> str:
    parts = ["completes rows of another table"] if feed.adds_columns else []
    if feed.when_filled:
        parts.append(f"where filled: {' or '.join(feed.when_filled)}")
    for heading, values in feed.when_value.items():
        parts.append(f"where {heading} is {' or '.join(values)}")
    if feed.repeat:
        parts.append(f"up to {feed.repeat} in a row")
    return "; ".join(parts) or "every row"


def _steps(source: Source, column: Column, profile: Profile) -> Iterable[str]:
    if len(source.columns) > 1:
        yield f'joined by "{source.join}"'
    if source.codes_from is not None:
        yield lookup_words(source.codes_from)
    for text, other in source.replace.items():
        yield f'"{text}" replaced by "{other}"'
    if source.split is not None:
        to = "" if source.last in (None, source.part) else f" to {source.last}"
        yield f'part {source.part}{to} of the text parted by "{source.split}"'
    if source.on:
        yield f"an age on the day of {source.on}"
    if source.per != "night":
        yield f"for one {source.per}, divided to one night"
    if column.kind == "date":
        yield f"date ({', '.join(profile.dates)})"
    elif column.kind == "flag":
        yield "yes or no"
    elif column.kind in ("integer", "number"):
        yield "number"
    if column.kind == "codes":
        yield f'several codes parted by "{source.separator}"'
    if column.codelist:
        own = {**profile.codes.get(column.codelist, {}), **source.codes}
        yield f"code list {column.codelist}" + (f", {len(own)} spellings of this system" if own else "")
        if own:
            yield ", ".join(f"{raw} → {code}" for raw, code in own.items())
    elif source.codes:
        yield ", ".join(f"{raw or 'an empty cell'} → {value}" for raw, value in source.codes.items())
    if column.personal:
        yield "personal: goes to the personal-data file only"


def render(profile: Profile, form: str) -> str:
    """The mapping as ``table``, ``csv`` or ``md``."""
    found = rows(profile)
    if form == "csv":
        return as_csv(found)
    if form == "md":
        head = list(found[0])
        lines = [f"# {profile.title}", "", f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
        lines += [f"| {' | '.join(_cell(value) for value in row.values())} |" for row in found]
        lines += [f"\n`{name}`:\n\n```sql\n{text.strip()}\n```" for name, text in profile.sql.items()]
        return "\n".join(lines) + "\n"
    lines = [f"{profile.name}: {profile.title}"]
    width = max(len(row["field"]) for row in found)
    before = ("", "")
    for row in found:
        place = (row["section"], f"{row['from']}; {row['rows']}")
        if place != before:
            lines += ["", f"{row['section']}, from {place[1]}"]
            before = place
        steps = f"   [{row['steps']}]" if row["steps"] else ""
        lines.append(f"  {row['field']:{width}}  ← {row['heading']}{steps}")
        lines.append(f"  {'':{width}}    {row['what']}")
    for name, text in profile.sql.items():
        lines += ["", f"Statement {name}:", *(f"  {line}" for line in text.strip().splitlines())]
    return "\n".join(lines)


def _cell(value: str) -> str:
    return value.replace("|", "\\|").replace("\n", " ")
