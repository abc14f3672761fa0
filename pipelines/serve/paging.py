"""Long tables, page by page."""

from __future__ import annotations

from typing import TypeVar

Row = TypeVar("Row")
PAGE_ROWS = 200


def pages_of(count: int, size: int = PAGE_ROWS) -> int:
    """How many pages so many rows take: at least one."""
    return max(1, -(-count // size))


def one_page(rows: list[Row], page: str, size: int = PAGE_ROWS) -> tuple[int, list[Row]]:
    """The number of the page that was asked for, or of the nearest there is, and its rows."""
    asked = int(page) if page.isascii() and page.isdigit() and len(page) < 8 else 1
    number = min(max(asked, 1), pages_of(len(rows), size))
    return number, rows[(number - 1) * size : number * size]
