"""Making a DuckLake for many authorities."""

from __future__ import annotations

from pathlib import Path

from pipelines.errors import UsageError
from pipelines.fleet.rights import close_to_public
from pipelines.place import Lake, parse_place
from pipelines.warehouse import catalogue
from pipelines.warehouse.catalogue import DATA, OWN


def lake_of(address: str) -> Lake:
    """The DuckLake of an address.

    Raises:
        UsageError: it is a path, or an address that is not understood.
    """
    place = parse_place(address)
    if not isinstance(place, Lake):
        raise UsageError("Give the address of a DuckLake: 'ducklake:postgres:dbname=hclic host=db.example'.")
    return place


def found(lake: Lake, data: str) -> str:
    """Make the warehouse in a PostgreSQL database, whose owner asks; said again it changes nothing.

    Args:
        lake: the address.
        data: the folder, which every machine sees under this path, or ``s3://bucket/prefix``.

    Returns:
        Where the data are, as it is kept: it ends with a slash.

    Raises:
        UsageError: there is one with other data, or the folder cannot be made.
        PassingError: the catalogue cannot be reached.
    """
    kept = data if "://" in data else str(Path(data).absolute())
    kept = f"{kept.rstrip('/')}/"
    if "://" in data and not data.startswith("s3://"):
        raise UsageError("The data are in a folder, or in an object store: s3://bucket/prefix.")
    if "://" not in data:
        try:
            Path(kept).mkdir(mode=0o711, parents=True, exist_ok=True)
        except OSError:
            raise UsageError(f"The folder {kept} cannot be made.") from None
    with catalogue.connected(lake) as con:
        before = catalogue.setting(con, DATA)
        if before is not None:
            if before != kept:
                raise UsageError(f"There is a warehouse at that address, with its data in {before}.")
            return kept
        con.run("begin")
        con.run(f"create schema {OWN}")
        con.run(f"create table {OWN}.setting (name text primary key, value text not null)")
        con.run(f"insert into {OWN}.setting values (:name, :value)", name=DATA, value=kept)
        close_to_public(con)
        con.run("commit")
    return kept
