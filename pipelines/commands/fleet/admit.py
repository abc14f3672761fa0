"""``hclic fleet admit``, ``dismiss`` and ``who``: who may read and write which authority's part of a DuckLake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.authority import authority_code

if TYPE_CHECKING:
    from pipelines.place import Lake

_Address = Annotated[
    str, typer.Argument(help="Address of the DuckLake: 'ducklake:postgres:dbname=hclic host=…'.", show_default=False)
]
_Authority = Annotated[
    str | None,
    typer.Argument(callback=authority_code, help="GSS code of the authority, like E06000034.", show_default=False),
]
_User = Annotated[str, typer.Option("--user", help="Role of PostgreSQL, which is there.", show_default=False)]


def admit(
    address: _Address,
    user: _User,
    authority: _Authority = None,
    every: Annotated[bool, typer.Option("--all", help="Every authority, those to come too.")] = False,
    read_only: Annotated[bool, typer.Option("--read-only", help="To read, and not to write.")] = False,
    group: Annotated[
        str | None,
        typer.Option(help="Group of this machine that shares the folder of the authority's data.", show_default=False),
    ] = None,
) -> None:
    """Let a role of PostgreSQL read and write one authority's part of a warehouse for many, or all of them.

    Asked by the owner of the database, who may make roles. The authority's part is made where there is none, and its
    folder of data is its owner's alone, or with --group a group's too. A password is set by whoever administers
    PostgreSQL. A role has one right on an authority: the one said last.

    Example: hclic fleet admit 'ducklake:postgres:dbname=hclic host=db.example' E06000034 --user barking_dagenham
    """
    from pipelines.commands.console import say
    from pipelines.errors import UsageError
    from pipelines.fleet import rights

    if group is not None and every:
        raise UsageError("--group is for the folder of one authority: name it.")
    lake = _part(address, authority, every)
    rights.admit(lake, user, read_only=read_only, group=group)
    what = "every authority" if every else f"authority {lake.authority}"
    say(f"{user} may read {what}." if read_only else f"{user} may read and write {what}.")


def dismiss(
    address: _Address,
    user: _User,
    authority: _Authority = None,
    every: Annotated[bool, typer.Option("--all", help="Everything that was given to the role.")] = False,
) -> None:
    """Take from a role of PostgreSQL what hclic fleet admit gave it, for one authority or all of it.

    Its connections end. What it may do besides, given by other means, stays: hclic fleet who tells.

    Example: hclic fleet dismiss 'ducklake:postgres:dbname=hclic host=db.example' --all --user barking_dagenham
    """
    from pipelines.commands.console import say
    from pipelines.fleet import rights

    lake = _part(address, authority, every)
    ended = rights.dismiss(lake, user)
    left = rights.who(lake)[0]
    say(f"{user} is dismissed from {'every authority' if every else f'authority {lake.authority}'}.")
    if not ended:
        say("Its open connections go on until they are closed: only an administrator of PostgreSQL may end them.")
    if any(one.role == user for one in left):
        say("It may still do what it was given for all authorities, or by other means: hclic fleet who tells.")


def who(address: _Address, authority: _Authority = None) -> None:
    """Say who may read and write which authority's part of a warehouse for many, as PostgreSQL judges it.

    Example: hclic fleet who 'ducklake:postgres:dbname=hclic host=db.example'
    """
    from pipelines.commands.console import say
    from pipelines.fleet import rights

    given, administrators = rights.who(_lake(address).of(authority))
    for one in given:
        say(f"{one.role}  {one.authority}  {one.may}")
    if not given:
        say("Nobody has been let in.")
    say(f"Everything, as administrators of PostgreSQL: {', '.join(administrators) or 'nobody'}.")


def _part(address: str, authority: str | None, every: bool) -> Lake:
    from pipelines.errors import UsageError

    if (authority is None) != every:
        raise UsageError("Name one authority by its GSS code, or say --all.")
    return _lake(address).of(authority)


def _lake(address: str) -> Lake:
    from pipelines.errors import UsageError
    from pipelines.place import Lake, parse_place

    place = parse_place(address)
    if not isinstance(place, Lake):
        raise UsageError("Give the address of a DuckLake: 'ducklake:postgres:dbname=hclic host=db.example'.")
    return place
