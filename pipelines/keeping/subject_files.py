"""What was gathered about a person as files: a page to read, a workbook to sort, and JSON for other programs."""

from __future__ import annotations

import html
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import polars as pl

from pipelines.emit.workbooks.frames import frame_sheet
from pipelines.emit.workbooks.model import Book
from pipelines.emit.workbooks.xlsx import write_xlsx
from pipelines.keeping import files
from pipelines.keeping.subject import REVIEW, Item, Subject
from pipelines.period import in_words
from pipelines.whole import into

NAME = "held"
_LOOK = "look at it before you hand it out"
_STYLE = """
body { font: 1rem/1.5 sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; color: #0b0c0c }
table { border-collapse: collapse; width: 100%; margin-bottom: 2rem }
th, td { border-bottom: 1px solid #b1b4b6; padding: .3rem .6rem; text-align: left; vertical-align: top }
tr.review td { background: #fff7bf }
"""


def write(found: Subject, folder: Path) -> list[Path]:
    """Write ``held.html``, ``held.xlsx`` and ``held.json`` into the folder, readable by their owner alone.

    Raises:
        UsageError: the folder cannot be written.
        InputError: there is no space left.
    """
    try:
        with into(folder) as new:
            # The folder of a person's data is its owner's alone, whoever made it.
            folder.chmod(files.PRIVATE_FOLDER)
            (new / f"{NAME}.html").write_bytes(_page(found).encode())
            write_xlsx(_workbook(found), new / f"{NAME}.xlsx")
            (new / f"{NAME}.json").write_bytes(_json(found))
    except OSError as error:
        raise files.not_written(folder, error) from None
    return [folder / f"{NAME}{ending}" for ending in (".html", ".xlsx", ".json")]


def _json(found: Subject) -> bytes:
    told = asdict(found) | {"places": found.places}
    told["items"] = [asdict(item) | {"to_review": item.about in REVIEW} for item in found.items]
    return (json.dumps(told, indent=2, ensure_ascii=False, default=str) + "\n").encode()


def _row(item: Item) -> dict[str, str]:
    return {
        "about": item.about,
        "record": item.record,
        "what": item.what,
        "value": item.value,
        "held_from": in_words(item.held_from) if item.held_from else "",
        "held_until": in_words(item.held_until) if item.held_until else "",
        "field_and_source": item.field or "",
        "before_release": _LOOK if item.about in REVIEW else "",
    }


def _workbook(found: Subject) -> Book:
    rows = pl.DataFrame(
        [{"place": item.place, **_row(item)} for item in found.items], schema=None, infer_schema_length=None
    )
    held = pl.DataFrame(
        [{"file": path, "holds": ", ".join(kinds)} for path, kinds in found.files.items()]
        + [{"file": path, "holds": "a backup of all of it"} for path in found.backups],
        schema={"file": pl.String, "holds": pl.String},
    )
    return Book(
        found.made_at.replace(tzinfo=None),
        (frame_sheet("Held", rows), frame_sheet("Files", held)),
        title="What is held about a person",
        language="en-GB",
    )


def _page(found: Subject) -> str:
    out = io.StringIO()
    out.writelines(_lines(found))
    return out.getvalue()


def _lines(found: Subject) -> Iterator[str]:
    title = "What is held about a person"
    yield f'<!doctype html>\n<html lang="en-GB">\n<head><meta charset="utf-8"><title>{title}</title>'
    yield f"<style>{_STYLE}</style></head>\n<body>\n<h1>{title}</h1>\n"
    of_whom = f"person {found.person} of the household" if found.person is not None else "the household"
    yield f"<p>{html.escape(found.authority)}. Case {html.escape(found.case_ref)}, {of_whom}. Gathered on"
    yield f" {in_words(found.made_at.date())}.</p>\n"
    yield (
        f"<p><strong>Before this is handed out:</strong> {found.of_others:,} rows, marked in yellow, are about other"
        " people of the household or about staff. Decide of each whether it may be disclosed, and take out what may"
        " not. The page itself holds everything.</p>\n"
    )
    for place in found.places:
        yield f"<h2>{html.escape(place)}</h2>\n<table>\n<thead><tr>"
        for name in (
            "About",
            "Record",
            "What",
            "Value",
            "Held from",
            "Held until",
            "Field and source",
            "Before release",
        ):
            yield f'<th scope="col">{name}</th>'
        yield "</tr></thead>\n<tbody>\n"
        for item in found.items:
            if item.place == place:
                cells = "".join(f"<td>{html.escape(text)}</td>" for text in _row(item).values())
                yield f'<tr class="review">{cells}</tr>\n' if item.about in REVIEW else f"<tr>{cells}</tr>\n"
        yield "</tbody></table>\n"
    yield "<h2>Files that hold it too</h2>\n<ul>\n"
    for path, kinds in found.files.items():
        yield f"<li>{html.escape(path)}: {html.escape(', '.join(kinds))}</li>\n"
    for path in found.backups:
        yield f"<li>{html.escape(path)}: a backup of the warehouse</li>\n"
    yield "</ul>\n</body>\n</html>\n"
