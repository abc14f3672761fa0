"""The document as one HTML file, with no script and nothing to fetch."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from pipelines.emit.pages.templating import as_markup
from pipelines.emit.pages.words import clean
from pipelines.report.blocks import Bullets, Cards, Document, Heading, Paragraph, Picture, Quoted, Table
from pipelines.report.sentences import Said, Sentence

if TYPE_CHECKING:
    from jinja2 import Environment

KINDS = {
    Heading: "heading",
    Paragraph: "paragraph",
    Bullets: "bullets",
    Cards: "cards",
    Table: "table",
    Picture: "picture",
    Quoted: "quoted",
}


def page(document: Document, pictures: Mapping[str, tuple[str, bytes]]) -> str:
    """The document as HTML; each sentence bears its number of the trace as its name (``s12``).

    ``pictures``: its charts as SVG and PNG, by their names.
    """
    svgs = {ident: as_markup(svg) for ident, (svg, _) in pictures.items()}
    template = _environment().get_template("report.html")
    return template.render(document=document, blocks=list(_numbered(document)), pictures=svgs)


def _numbered(document: Document) -> Any:
    number = 0
    for place, block in enumerate(document.blocks):
        first = number + 1
        if isinstance(block, Paragraph | Bullets):
            number += len(block.sentences)
        elif isinstance(block, Cards):
            number += len(block.cards)
        yield {"kind": KINDS[type(block)], "of": block, "first": first, "ident": f"part-{place}"}


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("pipelines.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return made


def _printable(value: Any) -> Any:
    if isinstance(value, Sentence):
        return clean(value.text)
    if isinstance(value, Said):
        return clean(value.printed)
    return clean(value) if type(value) is str else value
