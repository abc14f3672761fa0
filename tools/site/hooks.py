"""What MkDocs asks of us: pages that lie outside ``docs/``, and links between them and those within."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = {
    "CHANGELOG.md": "changes.md",
    "CONTRIBUTING.md": "contributing.md",
    "DECISIONS.md": "decisions.md",
    "schemas/README.md": "fields.md",
    "schemas/sources/README.md": "source-profiles.md",
    "sql/README.md": "relations.md",
    "README.md": "index.md",
    "docs/rules/README.md": "rules/README.md",
}
"""Path in the repository by page of the site; of a page that ``docs/`` has itself, only the links are led there."""

_LINK = re.compile(r"(?<!!)\[([^\]\n]+)\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^(```.*?^```)", re.M | re.S)


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that lie elsewhere."""
    there = {one.src_uri for one in files}
    for source, target in ELSEWHERE.items():
        if target not in there:
            text = relinked((ROOT / source).read_text(encoding="utf-8"), source, target)
            files.append(File.generated(config, target, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead the links of a page of ``docs/`` that go out of it to the pages that were added."""
    here = page.file.src_uri
    return markdown if here in ELSEWHERE.values() else relinked(markdown, f"docs/{here}", here)


def relinked(text: str, source: str, target: str) -> str:
    """The text of the file ``source`` with its links as they are from the page ``target``.

    What is not part of the site is named instead: ``bench/results.md`` is a file of the repository.
    """
    parts = _FENCE.split(text)
    return "".join(
        part if part.startswith("```") else _LINK.sub(lambda m: _led(m, source, target), part) for part in parts
    )


def _led(found: re.Match[str], source: str, target: str) -> str:
    words, link = found[1], found[2]
    if re.match(r"[a-z]+:|#", link):
        return found[0]
    path, _, anchor = link.partition("#")
    meant = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    if (ROOT / meant).is_dir() and (ROOT / meant / "README.md").is_file():
        meant += "/README.md"
    page = ELSEWHERE.get(meant) or (meant.removeprefix("docs/") if meant.startswith("docs/") else None)
    if page is None:
        return words if words.strip("`") == meant else f"{words} (`{meant}` in the repository)"
    led = posixpath.relpath(page, posixpath.dirname(target) or ".")
    return f"[{words}]({led}{'#' + anchor if anchor else ''})"
