"""The read-only mart for finance: one relation a grain, under pseudonyms, as files and for ``hclic query``."""

from __future__ import annotations

from pipelines.finance.mart.files import write_mart
from pipelines.finance.mart.relations import RELATIONS, read_mart
from pipelines.finance.mart.relations import documentation as documentation

__all__ = ["RELATIONS", "documentation", "read_mart", "write_mart"]
