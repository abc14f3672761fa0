"""The page of findings: whether the return can be submitted, what is to be put right, and each case as a story."""

from __future__ import annotations

from pipelines.emit.pages.findings.page import Page, Standing, write_page
from pipelines.emit.pages.findings.story import Stories, tell

__all__ = ["Page", "Standing", "Stories", "tell", "write_page"]
