"""The mart of one quarter, read from a warehouse file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.finance.cost import build as cost
from pipelines.period import Quarter
from pipelines.place import Place
from pipelines.transform import create_window
from pipelines.warehouse.quarter import OpenQuarter, open_quarter


@contextmanager
def open_run(
    warehouse: Place,
    authority: str | None,
    quarter: Quarter | None,
    *,
    costs: bool = True,
) -> Iterator[OpenQuarter]:
    """The quarter as ``open_quarter`` gives it and, with ``costs``, what it costs by the files that its run keeps.

    Raises:
        UsageError: the warehouse holds several authorities and none is named.
        InputError: the warehouse cannot be read, or holds no run of the authority.
    """
    with open_quarter(warehouse, authority, quarter) as opened:
        if costs:
            create_window(opened.connection)
            cost.prepare(opened.connection)
        yield opened
