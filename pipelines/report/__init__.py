"""The quarter as a document for committees: Word, one HTML file, and where each of its figures comes from."""

from __future__ import annotations

from pipelines.report.write import Report

__all__ = ["Report"]
