"""What is asked of a warehouse before it is opened, whether it is a file or a DuckLake."""

from __future__ import annotations

from pathlib import Path

from pipelines.errors import InputError
from pipelines.place import Lake, Place
from pipelines.private import own_place
from pipelines.surroundings import check_room
from pipelines.warehouse import lakes


def exists(place: Place) -> bool:
    """Whether there is a warehouse: a file, or in a DuckLake one of the authority that this user may read.

    Raises:
        PassingError: the catalogue cannot be reached.
    """
    return lakes.exists(place) if isinstance(place, Lake) else place.exists()


def check_there(place: Place) -> None:
    """Refuse a place where there is no warehouse.

    Raises:
        InputError: there is none.
        PassingError: the catalogue cannot be reached.
    """
    if not (lakes.exists(place) if isinstance(place, Lake) else place.is_file()):
        raise InputError(f"There is no warehouse {place.name}. hclic run makes one.")


def whole_name(place: Place) -> str:
    """The place as it is told from anywhere: the whole path of a file."""
    return str(place) if isinstance(place, Lake) else str(place.absolute())


def folder_of(place: Place) -> Path:
    """The folder in which a file stands; of a DuckLake the one of this user, in which nothing of it is kept."""
    return own_place() if isinstance(place, Lake) else place.absolute().parent


def beside(place: Place) -> Path | None:
    """Beside what a reader's private folder stands (``private.private_folder``): the file; None of a DuckLake."""
    return None if isinstance(place, Lake) else place


def check_room_at(place: Place, wanted: int | None = None) -> None:
    """See that the disk of a file has room (``surroundings.check_room``); a DuckLake's may be elsewhere.

    Raises:
        SurroundingsError: it has less.
    """
    if isinstance(place, Lake):
        return
    if wanted is None:
        check_room(folder_of(place))
    else:
        check_room(folder_of(place), wanted)
