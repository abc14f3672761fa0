"""Long tables, page by page."""

from __future__ import annotations

PAGE_ROWS = 200


def pages_of(count: int, size: int = PAGE_ROWS) -> int:
    """How many pages so many rows take: at least one."""
    return max(1, -(-count // size))


def number_of(page: str, count: int, size: int = PAGE_ROWS) -> int:
    """The number of the page that was asked for, or of the nearest there is."""
    asked = int(page) if page.isascii() and page.isdigit() and len(page) < 8 else 1
    return min(max(asked, 1), pages_of(count, size))
