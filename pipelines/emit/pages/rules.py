"""The rules that the findings of a run name, explained in one file beside them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pipelines.validate.catalogue import RULES_FILE
from pipelines.validate.reference_pages import html_page


def write_rules(rule_ids: Iterable[str], folder: Path) -> None:
    """Write ``rules.html``: an article per rule, under the address that ``rule_page`` gives. No value of a case."""
    (folder / RULES_FILE).write_text(html_page(rule_ids), encoding="utf-8")
