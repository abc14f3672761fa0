"""Everything that is looked at, in the order in which it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pipelines.setup.doctor import clock, given, keys, places, server, software, warehouse
from pipelines.setup.doctor.line import Line, Machine, fault

LOOKS: tuple[Callable[[Machine], Iterable[Line]], ...] = (
    software.look,
    given.look,
    places.look,
    keys.look,
    clock.look,
    warehouse.look,
    server.look,
)


def look(machine: Machine) -> Iterator[Line]:
    """Every line. A look that fails says so, by the kind of its failure alone, and the next one follows."""
    for one in LOOKS:
        about = one.__module__.rsplit(".", 1)[-1]
        try:
            yield from one(machine)
        except Exception as error:
            # Its text may quote a file: only its kind is shown.
            yield fault(about, f"This could not be looked at ({type(error).__name__}).", "Report this line to hclic.")
