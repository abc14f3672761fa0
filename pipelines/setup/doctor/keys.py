"""The keys of the environment: whether they are there and long enough. None is ever shown."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines import at_rest
from pipelines.credentials import BLOCK, PASSWORD, USER
from pipelines.errors import UsageError
from pipelines.finance.mart.pseudonyms import KEY_VARIABLE
from pipelines.setup.doctor.line import Line, Machine, fault, ok, warning

_MAKE_ONE = "Make one with: hclic key new. Keep it in a password store, not beside the data."


def look(machine: Machine) -> Iterator[Line]:
    """The key of the files, that of pseudonyms, and who asks a database."""
    yield _of_files(machine)
    yield _of_pseudonyms(machine)
    yield from _of_databases(machine)


def _of_files(machine: Machine) -> Line:
    about = "key of files"
    is_encrypted = at_rest.is_encrypted(machine.warehouse)
    try:
        key = at_rest.key_of(machine.environment)
    except UsageError as error:
        return fault(about, str(error), _MAKE_ONE)
    if key is None and is_encrypted:
        return fault(
            about, f"The warehouse is encrypted, and {at_rest.KEY} is not set.", "Set it to the warehouse's key."
        )
    if key is None:
        words = f"{at_rest.KEY} is not set: the warehouse and the files of runs are not encrypted by hclic."
        return warning(about, words, f"Keep them on an encrypted disk, or set a key. {_MAKE_ONE}")
    if machine.warehouse.is_file() and not is_encrypted:
        todo = "Encrypt it: hclic key encrypt --warehouse FILE."
        return fault(about, f"{at_rest.KEY} is set, and the warehouse is not encrypted.", todo)
    return ok(about, f"{at_rest.KEY} is set and long enough.")


def _of_pseudonyms(machine: Machine) -> Line:
    about, said = "key of pseudonyms", machine.environment.get(KEY_VARIABLE, "")
    if not said:
        return ok(about, f"{KEY_VARIABLE} is not set: hclic mart numbers its rows; two marts cannot be joined.")
    if len(said) < at_rest.SHORTEST or len(set(said)) < at_rest.DIFFERENT_SIGNS:
        words = f"{KEY_VARIABLE} is short or simple: who guesses it can work out which case a pseudonym means."
        many = f"{at_rest.SHORTEST} characters or more, {at_rest.DIFFERENT_SIGNS} of them different"
        todo = f"Set one of {many}. {_MAKE_ONE}"
        return fault(about, words, todo)
    return ok(about, f"{KEY_VARIABLE} is set and long enough.")


def _of_databases(machine: Machine) -> Iterator[Line]:
    has = {name for name in (USER, PASSWORD, BLOCK) if machine.environment.get(name)}
    if PASSWORD in has and USER not in has:
        yield warning("database", f"{PASSWORD} is set, and {USER} is not.", f"Set {USER} too, or neither.")
    elif has:
        yield ok("database", f"Set: {', '.join(sorted(has))}.")
