"""A return as a source: read through its return profile into the sections that an export gives."""

from pipelines.emit.returns.source.documents import is_return
from pipelines.emit.returns.source.read import SOURCE, count_return, extract_return

__all__ = ["SOURCE", "count_return", "extract_return", "is_return"]
