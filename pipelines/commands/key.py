"""``hclic key``: the key that the warehouse is encrypted with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import WarehouseFile

app = typer.Typer(
    no_args_is_help=True, help="The key that the warehouse is encrypted with: make, set, change, lay down."
)

By = Annotated[str | None, typer.Option("--by", help="Who does it, for the ledger. Default: the user of this system.")]


@app.callback()
def key() -> None:
    """The key that the warehouse is encrypted with."""


@app.command("new")
def new() -> None:
    """Print a new key: 32 random bytes. Keep it where passwords are kept; without it the warehouse cannot be read.

    Example: hclic key new
    """
    from pipelines.at_rest import new_key
    from pipelines.commands.console import say

    say(new_key())


@app.command("encrypt")
def encrypt(warehouse: WarehouseFile, by: By = None) -> None:
    """Encrypt a warehouse with the key in HCLIC_WAREHOUSE_KEY.

    Copies of it, such as backups, and what the disk may still hold of the file as it was, stay as they are.

    Example: hclic key encrypt --warehouse out/warehouse.duckdb
    """
    import os

    from pipelines import at_rest
    from pipelines.errors import UsageError

    to = at_rest.key_of(os.environ)
    if to is None:
        raise UsageError(f"Set {at_rest.KEY} to the key; make one with: hclic key new.")
    if at_rest.is_encrypted(warehouse):
        raise UsageError(f"{warehouse.name} is encrypted already. Change its key with: hclic key rotate.")
    _rekey(warehouse, None, to, by)


@app.command("rotate")
def rotate(warehouse: WarehouseFile, by: By = None) -> None:
    """Change the key of a warehouse from that in HCLIC_WAREHOUSE_KEY to that in HCLIC_WAREHOUSE_KEY_NEW.

    Without HCLIC_WAREHOUSE_KEY_NEW the new key is asked for at a terminal, and is else a line of the standard input.
    Set HCLIC_WAREHOUSE_KEY to it afterwards. Backups stay under the key that they were made with.

    Example: hclic key rotate --warehouse out/warehouse.duckdb
    """
    import os

    from pipelines import at_rest

    old = _old_key(warehouse)
    given = dict(os.environ) if at_rest.NEW_KEY in os.environ else {at_rest.NEW_KEY: _asked()}
    _rekey(warehouse, old, at_rest.key_of(given, at_rest.NEW_KEY), by)


@app.command("decrypt")
def decrypt(
    warehouse: WarehouseFile,
    by: By = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
) -> None:
    """Write a warehouse without encryption: whoever gets hold of the file can then read names and dates of birth in it.

    Example: hclic key decrypt --warehouse out/warehouse.duckdb --yes
    """
    from pipelines.errors import UsageError

    old = _old_key(warehouse)
    if not yes and not typer.confirm(f"Write {warehouse.name} without encryption?", err=True):
        raise UsageError("Nothing was changed.")
    _rekey(warehouse, old, None, by)


def _old_key(warehouse: Path) -> str:
    import os

    from pipelines import at_rest
    from pipelines.errors import InputError, UsageError

    if not warehouse.is_file():
        raise InputError(f"There is no warehouse {warehouse.name}.")
    if not at_rest.is_encrypted(warehouse):
        raise UsageError(f"{warehouse.name} is not encrypted. Encrypt it with: hclic key encrypt --warehouse FILE.")
    old = at_rest.key_of(os.environ)
    if old is None:
        raise UsageError(f"{warehouse.name} is encrypted. Set {at_rest.KEY} to its key, and run again.")
    return old


def _asked() -> str:
    import sys
    from getpass import getpass

    from pipelines.errors import UsageError

    if not sys.stdin.isatty():
        return sys.stdin.readline()
    first = getpass("New key: ")
    if getpass("New key again: ") != first:
        raise UsageError("The two were not the same. Nothing was changed.")
    return first


def _rekey(warehouse: Path, old: str | None, to: str | None, by: str | None) -> None:
    from getpass import getuser

    from pipelines.commands.console import at_the_edge, say
    from pipelines.paths import refuse_address
    from pipelines.run.lock import alone_at
    from pipelines.warehouse.rekeyed import DECRYPTED, ENCRYPTED, ROTATED, rekey

    refuse_address(warehouse, "warehouse")
    with alone_at(warehouse):
        done = rekey(warehouse, old, to, at=at_the_edge(), by=by or getuser())
    say(
        {
            ENCRYPTED: f"{warehouse.name} is encrypted. Without its key nobody can read it, you neither: keep the key"
            " apart from the file and from its backups.",
            ROTATED: f"{warehouse.name} is encrypted with the new key. Set HCLIC_WAREHOUSE_KEY to it before the next"
            " command. Backups keep the key that they were made with.",
            DECRYPTED: f"{warehouse.name} is not encrypted now. Unset HCLIC_WAREHOUSE_KEY before the next command.",
        }[done]
    )
