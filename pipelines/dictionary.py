"""The data dictionary, printed from the section models and the code lists."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.errors import UsageError
from schemas.codelists import CodeList, codelist, codelist_names
from schemas.sections import SECTION, SECTIONS, Column

LONG_LISTS = 60
"""Lists longer than this are named, not printed, in the Markdown form."""


def _entry(column: Column) -> dict[str, Any]:
    return {
        "section": column.section,
        "field": column.name,
        "key": column.key,
        "kind": column.kind,
        "required": "always" if column.required else (column.when or ""),
        "codelist": column.codelist or "",
        "number": column.number or "",
        "element": "" if column.local else column.element,
        "element_official": column.official_element is not None,
        "personal": column.personal,
        "local": column.local,
        "confidence": "" if column.local else column.confidence,
        "source": column.source,
        "description": column.description,
    }


def entries(section: str | None = None) -> list[dict[str, Any]]:
    """One entry per field.

    Raises:
        UsageError: there is no such section.
    """
    if section is not None and section not in SECTION:
        raise UsageError(f"There is no section {section}. The sections are: {', '.join(SECTION)}.")
    chosen = [SECTION[section]] if section else list(SECTIONS)
    return [_entry(column) for part in chosen for column in part.columns]


def render(form: str, section: str | None = None) -> str:
    """The dictionary as ``table``, ``csv``, ``md`` or ``json``."""
    rows = entries(section)
    if form == "json":
        lists = {row["codelist"] for row in rows if row["codelist"]}
        return json.dumps(
            {"fields": rows, "codelists": {name: _codes(codelist(name)) for name in sorted(lists)}},
            indent=2,
            ensure_ascii=False,
        )
    if form == "csv":
        return as_csv(rows)
    if form == "md":
        return markdown(section)
    return _table(rows)


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as CSV, headed by the names of the first."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def _codes(found: CodeList) -> list[dict[str, Any]]:
    return [
        {
            "code": code.code,
            "label": code.label,
            "valid_from": code.valid_from.isoformat() if code.valid_from else None,
            "valid_to": code.valid_to.isoformat() if code.valid_to else None,
            "source": code.source,
            "confidence": code.confidence,
            "official_code": code.official_code,
            "labels_by_date": [
                {
                    "label": one.text,
                    "valid_from": one.valid_from.isoformat() if one.valid_from else None,
                    "valid_to": one.valid_to.isoformat() if one.valid_to else None,
                }
                for one in code.labels
            ],
        }
        for code in found.codes.values()
    ]


def _table(rows: list[dict[str, Any]]) -> str:
    lines = []
    current = None
    for row in rows:
        if row["section"] != current:
            current = row["section"]
            part = SECTION[current]
            lines += ["", f"{part.number}. {part.label} ({current}.csv): {part.grain}", ""]
        marks = [mark for mark in ("key", "personal", "local") if row[mark]]
        kind = row["kind"] + (f" {row['codelist']}" if row["codelist"] else "")
        note = f" [{', '.join(marks)}]" if marks else ""
        lines.append(f"  {row['field']:28} {kind:28} {row['description']}{note}")
        if not row["local"]:
            facts = (row["element"], row["number"], row["confidence"], row["source"])
            must = f"must be filled: {row['required'] or 'no'}"
            lines.append(f"  {'':28} {must}; {', '.join(fact for fact in facts if fact)}")
    lines += ["", "Code lists (a cell may hold the code or the label)"]
    for name in sorted({row["codelist"] for row in rows if row["codelist"]}):
        lines += ["", f"{name}"]
        codes = codelist(name).codes
        if len(codes) > LONG_LISTS:
            lines.append(f"  {len(codes)} codes: hclic dictionary --format json prints them.")
            continue
        for code in codes.values():
            force = _force(code.valid_from, code.valid_to)
            lines.append(f"  {code.code:28} {code.label}{'' if force == 'always' else f' [{force}]'}")
            lines += [f"  {'':28} {_force(one.valid_from, one.valid_to)}: {one.text}" for one in code.labels]
    return "\n".join(lines).lstrip("\n")


def markdown(section: str | None = None) -> str:
    """The dictionary as Markdown: ``schemas/README.md`` when no section is named."""
    chosen = [SECTION[section]] if section else list(SECTIONS)
    lines = [
        "<!-- Generated from schemas/sections and schemas/codelists by `make docs`. Change those, not this. -->",
        "# Data dictionary",
        "",
        "The nine sections of the return. The section models are the only field catalogue; this page is printed from",
        "them. MHCLG's specification is not public: *confidence* says what a field rests on (stated, label, hidden",
        "label, inferred, statute, recalled, proposed), *source* is its part of the specification notes. Elements in",
        "**bold** are official names; all others are ours and provisional. *Local* fields serve metrics and do not",
        "enter the return; *personal* fields go to the personal-data file only.",
        "",
        "A rule is true for a good row and null passes; checks in `sql/checks` select the bad rows.",
        "",
    ]
    for part in chosen:
        lines += [
            f"## {part.number}. {part.label}",
            "",
            f"`{part.name}.csv`. {(part.model.__doc__ or '').strip()}",
            "",
            f"Key: {', '.join(f'`{name}`' for name in part.key)}.",
            "",
        ]
        lines += [
            "| field | kind | must be filled | element | confidence | source | what it holds |",
            "|---|---|---|---|---|---|---|",
        ]
        for column in part.columns:
            if not column.local:
                lines.append(_markdown_row(column))
        local = [column for column in part.columns if column.local]
        if local:
            lines += ["", "Local fields:", "", "| field | kind | what it holds |", "|---|---|---|"]
            lines += [f"| `{column.name}` | {_kind(column)} | {column.description} |" for column in local]
        lines.append("")
    used = {column.codelist for part in chosen for column in part.columns if column.codelist}
    lines += ["## Code lists", ""]
    for name in codelist_names():
        if name not in used:
            continue
        found = codelist(name)
        lines += [f"### {name}", ""]
        if len(found.codes) > LONG_LISTS:
            lines += [f"{len(found.codes)} codes: see [`codelists/{name}.csv`](codelists/{name}.csv).", ""]
            continue
        lines += ["| code | label | in force | confidence | source |", "|---|---|---|---|---|"]
        for code in found.codes.values():
            force = _force(code.valid_from, code.valid_to)
            lines.append(f"| `{code.code}` | {code.label} | {force} | {code.confidence} | {code.source} |")
            for one in code.labels:
                dates = _force(one.valid_from, one.valid_to)
                lines.append(f"| | {one.text} | called so {dates} | {one.confidence} | {one.source} |")
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _force(first: Any, last: Any) -> str:
    if first and last:
        return f"{first} to {last}"
    return f"from {first}" if first else f"to {last}" if last else "always"


def _kind(column: Column) -> str:
    return column.kind + (f" [`{column.codelist}`](#{column.codelist})" if column.codelist else "")


def _markdown_row(column: Column) -> str:
    element = f"**`{column.element}`**" if column.official_element else f"`{column.element}`"
    if column.personal:
        element = f"{element} (personal file)"
    number = f" ({column.number})" if column.number else ""
    must = "always" if column.required else (column.when or "")
    basis = f"{column.confidence} | {column.source}"
    return f"| `{column.name}` | {_kind(column)} | {must} | {element}{number} | {basis} | {column.description} |"
