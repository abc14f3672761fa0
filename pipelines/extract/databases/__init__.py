"""A database as an export: it is read once, at the edge, into a private folder of files; all else reads that folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.address import Address
from pipelines.credentials import Credentials

if TYPE_CHECKING:
    from pipelines.extract.databases.listing import Taken

__all__ = ["Address", "Credentials", "all_tables", "as_files", "into_files"]


@contextmanager
def as_files(export: Path | Address, source: str, credentials: Credentials | None = None) -> Iterator[Path]:
    """The export as files: a path as it is; of an address what the profile asks for, in a folder for the meantime.

    Args:
        export: a file, a folder or a zip, or the address of a database.
        source: name of a shipped source profile, or path of one.
        credentials: who asks; by default those of the environment.

    Raises:
        UsageError: the profile cannot be used, or asks a database for what it has not.
        InputError: the database cannot be read.
    """
    if isinstance(export, Path):
        yield export
        return
    from pipelines.private import private_folder

    with private_folder() as private:
        folder = private / "export"
        into_files(export, source, folder, credentials)
        yield folder


@contextmanager
def all_tables(address: Address, credentials: Credentials | None = None) -> Iterator[tuple[Path, Taken]]:
    """Every table and view that the account may read, as files in a folder for the meantime, and what is told of them.

    Raises:
        UsageError: the driver of the database is not installed.
        InputError: the database cannot be read, or nothing in it, or it has too many tables.
    """
    from pipelines.extract.databases.snapshot import take_all
    from pipelines.private import private_folder
    from schemas.sources import Profile

    with private_folder() as private:
        folder = private / "export"
        who = credentials or Credentials.from_environment(os.environ)
        yield folder, take_all(address, who, folder, minutes=Profile.statement_minutes)


def into_files(address: Address, source: str, folder: Path, credentials: Credentials | None = None) -> tuple[str, ...]:
    """Read what the profile asks of the database into ``folder``, one Parquet file a query: whole or not at all.

    Returns:
        sentences for the user: what the database cannot promise.

    Raises:
        UsageError: the profile cannot be used, or asks a database for what it has not.
        InputError: the database cannot be read.
    """
    from pipelines.errors import UsageError
    from pipelines.extract.databases.queries import queries_of
    from pipelines.extract.databases.snapshot import take_snapshot
    from schemas.sources import ProfileError, load

    try:
        profile = load(source)
    except ProfileError as error:
        raise UsageError(str(error)) from None
    asked = queries_of(profile)
    who = credentials or Credentials.from_environment(os.environ)
    return take_snapshot(address, asked, who, folder, minutes=profile.statement_minutes)
