"""Who may read and write which authority's part of a DuckLake: roles of PostgreSQL that are let in and shown out.

An authority's catalogue belongs to a group, a role that nobody is by name. Who writes is a member of it, and works as
the group: so that whatever DuckLake makes belongs to the group, whoever made it, and a member that does not say so has
no rights at all. Who reads is a member of another group, which may select. Passwords are the administrator's affair.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipelines.errors import UsageError
from pipelines.place import Lake
from pipelines.warehouse import catalogue, lakes
from pipelines.warehouse.catalogue import OWN, identifier

if TYPE_CHECKING:
    from pg8000.native import Connection

READ, WRITE = "read", "write"
_LONGEST = 40
"""Letters of the database's name in the name of a group: PostgreSQL cuts names after 63."""
_NO_RIGHT = "42501"
_GROUP_FOLDER, _OWN_FOLDER = 0o2770, 0o700
_FOR_OWNER_AND_GROUP = struct.pack("<I" + 3 * "HHI", 2, *(1, 7, 0xFFFFFFFF), *(4, 7, 0xFFFFFFFF), *(32, 0, 0xFFFFFFFF))
"""An access list as Linux keeps it: version 2, then for owner (1), group (4) and others (32) what they may."""
_NOT_OWNER = (
    "This is for the owner of the warehouse's database, who may make roles (createrole)."
    " Ask as that user, and run again."
)
_HAVE_GROUPS = 160000
"""PostgreSQL from which a member need not inherit what the group may."""


class Right(NamedTuple):
    """What one role may do with one authority: one row per role and authority."""

    role: str
    authority: str
    """GSS code."""
    may: str
    """``READ`` or ``WRITE``."""


class Groups(NamedTuple):
    """The names of the groups of one warehouse; roles are of the whole server, so its database's name is in them."""

    base: str

    @property
    def users(self) -> str:
        """Who is let in at all: may connect, and read where the data are."""
        return f"{self.base}_user"

    def of(self, schema: str | None, may: str) -> str:
        """The group that reads or writes one authority, or with None all of them."""
        return f"{self.base}_{'all' if schema is None else schema.removeprefix('hclic_')}_{may}"


def groups_of(lake: Lake) -> Groups:
    """The groups of a warehouse, by the name of its database."""
    name = lake.options["dbname"]
    plain = re.sub(r"[^a-z0-9_]", "_", name)
    if plain != name or len(plain) > _LONGEST:
        plain = f"{plain[: _LONGEST - 9]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return Groups(f"hclic_{plain}")


def admit(lake: Lake, role: str, *, read_only: bool = False, group: str | None = None) -> None:
    """Let a role read, or read and write, one authority or all of them; said again it changes nothing.

    The authority's warehouse is made where there is none. A role has one right on an authority, the one said last.

    Args:
        lake: the address, with the authority; without one, all are meant, those to come among them.
        role: of PostgreSQL, which is there.
        read_only: only to read.
        group: of this machine, whose members may read and write the folder of the data; without one only its owner.

    Raises:
        UsageError: there is no such role or group, or who asks may not make roles.
        InputError: no warehouse was made there.
        PassingError: the catalogue cannot be reached.
    """
    groups, may = groups_of(lake), READ if read_only else WRITE
    schema = None if lake.authority is None else lakes.schema_of(lake.authority)
    with _asked(lake) as con:
        data = catalogue.data_path(con)
        _check_role(con, role)
        with _whole(con):
            close_to_public(con)
            _make_groups(con, groups)
            for one in _all_schemas(con):
                _give_to_its_group(con, groups, one)
            if schema is not None:
                _give_to_its_group(con, groups, schema)
    if schema is not None:
        if not lakes.exists(lake):
            lakes.close(lakes.open_lake(lake))
        _keep_folder(lakes.folder_of(data, schema), group)
    with _asked(lake) as con, _whole(con):
        _grant(con, groups.users, role, inherits=True)
        _revoke(con, groups.of(schema, WRITE if read_only else READ), role)
        _grant(con, groups.of(schema, may), role, inherits=read_only)


def dismiss(lake: Lake, role: str) -> bool:
    """Take from a role what it was given of one authority, or with no authority named everything.

    Returns:
        Whether its open connections were ended too, which only an administrator of the server may do.

    Raises:
        UsageError: there is no such role, or who asks may not make roles.
        PassingError: the catalogue cannot be reached.
    """
    groups = groups_of(lake)
    schema = None if lake.authority is None else lakes.schema_of(lake.authority)
    with _asked(lake) as con:
        from pg8000.native import DatabaseError

        _check_role(con, role)
        with _whole(con):
            named = [groups.of(schema, may) for may in (READ, WRITE)]
            for group in _groups_with(con, groups, role):
                if schema is None or group in named:
                    _revoke(con, group, role)
            if _groups_with(con, groups, role) == [groups.users]:
                _revoke(con, groups.users, role)
        # A connection that is open goes on as the group that it works as.
        try:
            con.run(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where usename = :role and datname = current_database() and pid <> pg_backend_pid()",
                role=role,
            )
        except DatabaseError:
            return False
    return True


def who(lake: Lake) -> tuple[list[Right], list[str]]:
    """Who may do what, as PostgreSQL judges it and whoever gave it.

    Returns:
        What each role that can log in may do, by role and authority; and the roles that may do everything because
        they are the server's administrators.

    Raises:
        PassingError: the catalogue cannot be reached.
    """
    with _asked(lake) as con:
        rows = con.run(
            """
            select rolname, nspname, writes from (
                select
                    one.rolname, held.nspname,
                    pg_has_role(one.oid, held.nspowner, 'member')
                    or has_table_privilege(one.oid, files.oid, 'insert') as writes,
                    has_schema_privilege(one.oid, held.oid, 'usage')
                    and has_table_privilege(one.oid, files.oid, 'select') as reads
                from pg_namespace as held
                join pg_class as files on files.relnamespace = held.oid and files.relname = 'ducklake_data_file'
                cross join pg_roles as one
                where held.nspname like :pattern and one.rolcanlogin and not one.rolsuper
                    and has_database_privilege(one.oid, current_database(), 'connect')
            ) as judged
            where writes or reads
            order by rolname, nspname
            """,
            pattern=catalogue.SCHEMA,
        )
        above = con.run("select rolname from pg_roles where rolsuper and rolcanlogin order by 1")
    rights = [
        Right(str(role), lakes.authority_of(str(schema)), WRITE if writes else READ) for role, schema, writes in rows
    ]
    asked = lake.authority
    return [one for one in rights if asked in (None, one.authority)], [str(name) for (name,) in above]


def close_to_public(con: Connection) -> None:
    """Take from everybody what PostgreSQL gives to everybody: to connect, and to make tables in ``public``."""
    con.run(f"revoke all on database {_own_database(con)} from public")
    con.run("revoke all on schema public from public")
    con.run(f"revoke all on schema {OWN} from public")
    con.run(f"revoke all on all tables in schema {OWN} from public")


@contextmanager
def _asked(lake: Lake) -> Iterator[Connection]:
    from pg8000.native import DatabaseError

    with catalogue.connected(lake) as con:
        try:
            yield con
        except DatabaseError as error:
            if error.args and isinstance(error.args[0], dict) and error.args[0].get("C") == _NO_RIGHT:
                raise UsageError(_NOT_OWNER) from None
            raise


@contextmanager
def _whole(con: Connection) -> Iterator[None]:
    """All of it or nothing; two that let somebody in wait for each other."""
    con.run("begin")
    try:
        con.run(f"lock table {OWN}.setting in exclusive mode")
        yield
    except BaseException:
        with suppress(Exception):
            con.run("rollback")
        raise
    con.run("commit")


def _check_role(con: Connection, role: str) -> None:
    if not con.run("select 1 from pg_roles where rolname = :role", role=role):
        raise UsageError(
            f"There is no role {role} in PostgreSQL. Its administrator makes one with:"
            f" create role {identifier(role)} login;"
            " and a password with \\password in psql."
        )


def _make_groups(con: Connection, groups: Groups) -> None:
    """The groups that concern all authorities: users, who reads all, who writes all and makes those that are new."""
    reads, writes = groups.of(None, READ), groups.of(None, WRITE)
    for group in (groups.users, reads, writes):
        _make_group(con, group)
    con.run(f"grant connect on database {_own_database(con)} to {identifier(groups.users)}")
    con.run(f"grant create on database {_own_database(con)} to {identifier(writes)}")
    for group in (groups.users, reads, writes):
        con.run(f"grant usage on schema {OWN} to {identifier(group)}")
        con.run(f"grant select on {OWN}.setting to {identifier(group)}")
    con.run(
        f"insert into {OWN}.setting values (:name, :value) on conflict (name) do update set value = excluded.value",
        name=catalogue.ALL_WRITE,
        value=writes,
    )
    # Of an authority that is new when who writes all first writes it.
    con.run(f"alter default privileges for role {identifier(writes)} grant usage on schemas to {identifier(reads)}")
    con.run(f"alter default privileges for role {identifier(writes)} grant select on tables to {identifier(reads)}")


def _give_to_its_group(con: Connection, groups: Groups, schema: str) -> None:
    """Have a schema, with all in it now and later, belong to the group that writes it."""
    owns, reads = groups.of(schema, WRITE), groups.of(schema, READ)
    for group in (owns, reads):
        _make_group(con, group)
    _grant(con, owns, groups.of(None, WRITE), inherits=False)
    owner = con.run("select pg_get_userbyid(nspowner) from pg_namespace where nspname = :schema", schema=schema)
    if not owner:
        con.run(f"create schema {schema} authorization {identifier(owns)}")
    elif owner[0][0] != owns:
        con.run(f"alter schema {schema} owner to {identifier(owns)}")
    for table, kept_by in con.run(
        "select tablename, tableowner from pg_tables where schemaname = :schema order by 1", schema=schema
    ):
        if kept_by != owns:
            con.run(f"alter table {schema}.{identifier(str(table))} owner to {identifier(owns)}")
    readers = f"{identifier(reads)}, {identifier(groups.of(None, READ))}"
    con.run(f"revoke all on schema {schema} from public")
    con.run(f"grant usage on schema {schema} to {readers}")
    con.run(f"grant select on all tables in schema {schema} to {readers}")
    con.run(
        f"alter default privileges for role {identifier(owns)} in schema {schema} grant select on tables to {readers}"
    )
    con.run(f"grant usage on schema {OWN} to {identifier(owns)}")
    con.run(f"grant select on {OWN}.setting to {identifier(owns)}")


def _make_group(con: Connection, group: str) -> None:
    if not con.run("select 1 from pg_roles where rolname = :role", role=group):
        con.run(f"create role {identifier(group)} nologin")
    # To give something to a group one has to be able to work as it; an administrator can anyway.
    may = catalogue.membership(con)
    if not con.run(f"select pg_has_role(cast(:role as name), '{may}')", role=group)[0][0]:
        con.run(f"grant {identifier(group)} to current_user")


def _grant(con: Connection, group: str, role: str, *, inherits: bool) -> None:
    how = f" with inherit {str(inherits).lower()}" if catalogue.version(con) >= _HAVE_GROUPS else ""
    con.run(f"grant {identifier(group)} to {identifier(role)}{how}")


def _revoke(con: Connection, group: str, role: str) -> None:
    if con.run("select 1 from pg_roles where rolname = :role", role=group):
        con.run(f"revoke {identifier(group)} from {identifier(role)}")


def _groups_with(con: Connection, groups: Groups, role: str) -> list[str]:
    """The groups of this warehouse that a role is a member of by name."""
    return [
        str(name)
        for (name,) in con.run(
            "select kept.rolname from pg_auth_members as given join pg_roles as kept on kept.oid = given.roleid"
            " join pg_roles as one on one.oid = given.member"
            " where one.rolname = :role and starts_with(kept.rolname, :base) group by 1 order by 1",
            role=role,
            base=f"{groups.base}_",
        )
    ]


def _all_schemas(con: Connection) -> list[str]:
    return [
        str(name)
        for (name,) in con.run(
            "select nspname from pg_namespace where nspname like :pattern order by 1", pattern=catalogue.SCHEMA
        )
    ]


def _keep_folder(folder: str, group: str | None) -> None:
    """The folder of an authority's data is its owner's alone, or a group's too; an object store has rules of its own.

    hclic makes files for their owner alone; what a folder gives by default (an access list of POSIX) goes before that,
    where the disk knows such lists. DuckDB makes folders in which a group may only read.
    """
    if "://" in folder:
        return
    path = Path(folder)
    path.mkdir(mode=_OWN_FOLDER, exist_ok=True)
    try:
        if group is not None:
            shutil.chown(path, group=group)
            path.chmod(_GROUP_FOLDER)
            with suppress(OSError, AttributeError):
                os.setxattr(path, "system.posix_acl_default", _FOR_OWNER_AND_GROUP)
        elif os.name != "nt" and not path.stat().st_mode & 0o2000:
            path.chmod(_OWN_FOLDER)
    except LookupError:
        raise UsageError(f"There is no group {group} on this machine.") from None
    except OSError:
        raise UsageError(f"The rights of the folder {folder} cannot be changed. Ask as its owner.") from None


def _own_database(con: Connection) -> str:
    return identifier(str(con.run("select current_database()")[0][0]))
