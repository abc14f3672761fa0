"""What can go wrong at a database, in sentences that hold nothing of its data and nothing of its own words."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.address import Address
from pipelines.errors import InputError, PassingError

NO_ANSWER = "There is no answer from {place}. Check the address, and that this machine may reach it."
NO_ENTRY = (
    "{Place} did not accept the user or the password. They come from HCLIC_DB_USER and HCLIC_DB_PASSWORD; set them,"
    " or ask who looks after the database."
)
NO_DATABASE = "There is no such database: {place}. Check its name in the address, and that the user may open it."
NO_FILE = "There is no database file at that path; check the address: three slashes, then the path."
NO_DATABASE_FILE = "{Place} is no {product} database, or is damaged."
HELD = "{Place} is open in another program. Close it there, or copy the file and read the copy."
NO_TLS = (
    "The connection to {place} could not be encrypted. Add ?sslmode=disable to the address only where the way to the"
    " server is safe without, ?sslmode=verify-full to check its certificate."
)
LOST = "The connection to {place} was lost while {query} was read. Nothing of it is kept; run again."
SLOW = (
    "{Query} took longer than {minutes:g} minutes at {place} and was stopped. Ask for less, or set statement_minutes"
    " under [options] of the source profile."
)
NO_TABLE = "{Query}: {place} has no {detail}, or the user may not see it."
NO_COLUMN = "{Query}: {place} has no such column: {detail}. Correct its name in the query."
NO_RIGHT = "The user may not read what {query} reads in {place}. Ask for the right to select from it."
NOT_UNDERSTOOD = "{Query} is not understood by {place}{detail}. Try it there first."
NO_VALUE = (
    "{Query} could not be worked out by {place}: a value does not fit what the query makes of it, such as a text read"
    " as a number or a division by zero."
)
NOT_READ_ONLY = "{Query} would change something in {place}; it was stopped, since a source is only read."
TWO_COLUMNS = "{Query} gives two columns with the name {detail}. Give each its own: … as another_name."
NO_COLUMNS = "{Query} gives no columns."
NOT_PLAIN = (
    "The column {detail} of {query} holds no plain text, number or date (a file, picture, list or the like). Leave it"
    " out, or turn it into text in the query."
)
TOO_MANY = "{Query} has {detail} rows, more than are read here."
CHANGED = (
    "{Query} gave other columns when it was read than when it was asked for: {place} was changed meanwhile. Nothing of"
    " it is kept; run again."
)
OTHER_COUNT = "{Query} gave {detail}. Nothing of it is kept; run again, and tell who looks after {place}."
FAILED = (
    "{Query} could not be read from {place}{detail}. The database's own words are not repeated here, since they may"
    " hold data: try the query there."
)
_NOT_TOLD = {NO_TABLE: "such table", NO_COLUMN: "one that the query names", TWO_COLUMNS: "of the other"}
"""What stands for the name, where the database does not tell it."""
_MAY_PASS = (LOST, CHANGED, OTHER_COUNT, HELD, NO_ANSWER)


@dataclass
class Fault(Exception):  # noqa: N818 (it becomes an error when its place is known)
    """What went wrong, in one of the sentences above; ``detail`` is a name out of the query, never a value."""

    sentence: str
    detail: str = ""

    def error(self, address: Address, query: str = "", minutes: float = 0) -> InputError:
        """The error for the user.

        Args:
            address: the database.
            query: what was read, in words.
            minutes: how long it was allowed to take.
        """
        words = query or "what was asked"
        text = self.sentence.format(
            place=address.place,
            Place=_upper(address.place),
            product=address.product.name,
            query=words,
            Query=_upper(words),
            detail=self.detail or _NOT_TOLD.get(self.sentence, ""),
            minutes=minutes,
        )
        return PassingError(text) if self.sentence in _MAY_PASS else InputError(text)


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
