"""An open warehouse, a file or a DuckLake: its connection, its transactions, and the turn of who writes to a lake."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Self

import duckdb

from pipelines.place import Lake, Place
from pipelines.warehouse import chain, files, lakes


class Opened:
    """An open warehouse; use as a context manager.

    A file of an older layout is migrated first, with ``as_it_is`` only as a copy. Without a place it is kept in memory.

    Raises:
        UsageError: a folder that cannot be written; or a DuckLake of several authorities, and none is named.
        InputError: it is not a warehouse, is of a newer layout, or another program holds it.
    """

    def __init__(self, place: Place | None, *, read_only: bool = False, as_it_is: bool = False) -> None:
        self._folder = ExitStack()
        self._depth = 0
        self._turn: lakes.Turn | None = None
        self._is_lake = isinstance(place, Lake)
        if place is None:
            self.connection = files.in_memory()
        elif isinstance(place, Lake):
            self.connection, self._folder, self._turn = lakes.open_lake(place, read_only=read_only)
        elif read_only:
            self.connection, self._folder = files.open_to_read(place, as_it_is=as_it_is)
        else:
            self.connection, self._folder = files.open_to_write(place)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        with suppress(*(duckdb.Error,) if self._is_lake else ()):
            self.close()
        if self._is_lake and isinstance(error, duckdb.Error) and (sentence := lakes.told(error)):
            # What DuckDB says of a catalogue or an object store that is gone repeats where it is.
            raise sentence from None

    def close(self) -> None:
        """Close the file."""
        self.connection.close()
        self._folder.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: what is written inside is kept only if the block ends, and no reader sees a part of it.

        Inside another block it is part of that one.
        """
        self._depth += 1
        try:
            if self._depth == 1:
                self._begin()
            yield
        except BaseException as error:
            if self._depth == 1:
                self._roll_back()
            if self._is_lake and isinstance(error, duckdb.Error) and (sentence := lakes.told(error)):
                raise sentence from None
            raise
        else:
            if self._depth == 1:
                self._commit()
        finally:
            self._depth -= 1

    def _begin(self) -> None:
        self.connection.execute("begin")
        if self._turn is not None:
            chain.told(self.connection)
            self.connection.execute(f"update {lakes.TURN} set turn_no = turn_no + 1")

    def _roll_back(self) -> None:
        # A DuckLake that is not reached any more has nothing to take back.
        with suppress(*(duckdb.Error,) if self._is_lake else ()):
            self.connection.execute("rollback")

    def _commit(self) -> None:
        if self._turn is None:
            self.connection.execute("commit")
            return
        try:
            lakes.say_what(self.connection, chain.told(self.connection))
            self._turn.check()
            self.connection.execute("commit")
        except duckdb.Error as error:
            raise lakes.told(error) or error from None
        except BaseException:
            self._roll_back()
            raise

    def check_turn(self) -> None:
        """See that nobody else can write to a DuckLake by now; a file is held by the system.

        Raises:
            PassingError: the catalogue is not reached any more.
        """
        if self._turn is not None:
            self._turn.check()
