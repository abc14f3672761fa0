"""The key that databases are encrypted with: where it stands, which are refused, what DuckDB is given for it."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from functools import lru_cache

from pipelines.errors import UsageError

KEY = "HCLIC_WAREHOUSE_KEY"
NEW_KEY = "HCLIC_WAREHOUSE_KEY_NEW"
"""What it is changed to by ``hclic key rotate``."""
MART_KEY = "HCLIC_MART_KEY"
"""What the mart is encrypted with instead, so that finance can be given it and not that of the warehouse."""
BACKUP_KEY = "HCLIC_BACKUP_KEY"
"""What a backup is encrypted with that is to be restored, where the warehouse has another key since."""

SHORTEST = 32
"""Characters of the shortest key. DuckDB makes of a key, by a single SHA-256, what it encrypts with: what could be
guessed would be found in no time."""
DIFFERENT_SIGNS = 8
"""Different characters that a key holds at least."""
_BYTES = 32
# A key that somebody made up is stretched: 64 MB and a fifth of a second for each guess. There is no place for a salt
# of its own that could be read before the file is opened; DuckDB adds one of each file.
_SALT = b"hclic: a database at rest"
_COST, _BLOCKS, _MOST_MEMORY = 1 << 16, 8, 1 << 27


def key_of(environ: Mapping[str, str], name: str = KEY) -> str | None:
    """The key as DuckDB takes it, 32 bytes as base64; None where the variable is not set.

    Raises:
        UsageError: it is empty, short or all too simple.
    """
    said = environ.get(name)
    return None if said is None else _usable(said, name)


def new_key() -> str:
    """A new random key, as it stands in the environment variable."""
    return base64.b64encode(secrets.token_bytes(_BYTES)).decode()


@lru_cache(maxsize=8)
def _usable(said: str, name: str) -> str:
    text = said.strip()
    if not text:
        raise UsageError(f"{name} is empty. Set it to a key (hclic key new makes one), or unset it.")
    if len(text) < SHORTEST or len(set(text)) < DIFFERENT_SIGNS:
        raise UsageError(
            f"The key in {name} is too short or too simple: it needs {SHORTEST} characters or more,"
            f" {DIFFERENT_SIGNS} of them different. Make one with: hclic key new."
        )
    made = _random_bytes(text) or hashlib.scrypt(
        text.encode(errors="surrogateescape"), salt=_SALT, n=_COST, r=_BLOCKS, p=1, maxmem=_MOST_MEMORY, dklen=_BYTES
    )
    return base64.b64encode(made).decode()


def _random_bytes(text: str) -> bytes | None:
    """The 32 bytes that the text writes as base64 or in hexadecimal digits; None where it does not."""
    if re.fullmatch(r"[0-9A-Fa-f]{64}", text):
        return bytes.fromhex(text)
    if re.fullmatch(r"[A-Za-z0-9+/_-]{43}=?", text):
        return base64.b64decode(text.rstrip("=") + "=", altchars=b"-_" if set(text) & set("-_") else None)
    return None
