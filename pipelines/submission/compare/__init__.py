"""Two runs of a quarter beside each other: what changed in the return by case, field and total, and why."""

from pipelines.submission.compare.book import write
from pipelines.submission.compare.compared import Compared, compare

__all__ = ["Compared", "compare", "write"]
