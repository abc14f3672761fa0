"""The file of people who may sign in: one line each, ``name:scrypt:salt:hash``, readable by its owner alone."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pipelines import whole
from pipelines.errors import UsageError

SHORTEST = 12
"""Characters that a password has at least (NCSC: length before complexity; the number is ours)."""
TRIES, TRIES_OF_AN_ADDRESS, WINDOW = 5, 20, 15 * 60.0
"""Wrong passwords for a name from one address, and for any name from it, within so many seconds; then it waits."""

_NAME = re.compile(r"[\w.@-](?:[\w.@ -]{0,62}[\w.@-])?")
# 32 MiB and about a tenth of a second each: hashlib needs the memory allowed by name.
_COST: dict[str, int] = {"n": 1 << 15, "r": 8, "p": 1, "maxmem": 64 << 20, "dklen": 32}
_NO_ONE = ("00" * 16, "00" * 32)


def read(path: Path) -> dict[str, tuple[str, str]]:
    """Salt and hash by name.

    Raises:
        UsageError: there is no such file, others may read or change it, or a line is not understood.
    """
    try:
        with path.open(encoding="utf-8") as handle:
            mode = os.fstat(handle.fileno())
            lines = handle.read().splitlines()
    except (OSError, UnicodeDecodeError):
        raise UsageError(
            f"The password file {path.name} cannot be read. Make it with: hclic serve --add-user."
        ) from None
    if os.name == "posix" and (stat.S_IMODE(mode.st_mode) & 0o077 or mode.st_uid != os.getuid()):
        raise UsageError(
            f"The password file {path.name} must belong to the account that serves, and others must not read it:"
            " chmod 600."
        )
    found = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.split(":")
        if len(parts) != 4 or parts[1] != "scrypt" or not _is_hex(parts[2], 16) or not _is_hex(parts[3], 32):
            raise UsageError(f"Line {number} of the password file {path.name} is not understood.")
        found[parts[0]] = (parts[2], parts[3])
    return found


def _is_hex(text: str, size: int) -> bool:
    return re.fullmatch(f"[0-9a-f]{{{2 * size}}}", text) is not None


def add(path: Path, name: str, password: str) -> None:
    """Give a person a password, or a new one; the file is made if need be, for its owner alone.

    Raises:
        UsageError: the name or the password will not do, or the file cannot be read or written.
    """
    if not _NAME.fullmatch(name):
        raise UsageError("The name may hold letters, digits, spaces, full stop, hyphen and @, up to 64 characters.")
    if len(password) < SHORTEST:
        raise UsageError(f"The password is too short: {SHORTEST} characters at least.")
    known = read(path) if path.exists() else {}
    salt = secrets.token_hex(16)
    known[name] = (salt, _hash(password, salt))
    text = "".join(f"{who}:scrypt:{salt}:{digest}\n" for who, (salt, digest) in sorted(known.items()))
    # A server may be reading it.
    try:
        whole.write(path, text.encode("utf-8"))
    except OSError:
        raise UsageError(f"The password file {path.name} cannot be written in that folder.") from None


def _hash(password: str, salt: str) -> str:
    return hashlib.scrypt(password.encode("utf-8", "replace"), salt=bytes.fromhex(salt), **_COST).hex()


@dataclass
class Door:
    """Lets people in by name and password, and makes those wait who guess.

    Args:
        path: the password file; it is read at each attempt, so that people can be added while the server runs.
        clock: seconds, as ``time.monotonic`` gives them.
    """

    path: Path
    clock: Callable[[], float]
    _failed: dict[str, list[float]] = field(default_factory=dict)
    _one: threading.Lock = field(default_factory=threading.Lock)

    def must_wait(self, name: str, address: str) -> bool:
        """Whether there were too many wrong passwords for that name from that address, or for any name from it."""
        now = self.clock()
        self._failed = {
            key: kept for key, times in self._failed.items() if (kept := [one for one in times if now - one < WINDOW])
        }
        of_name, of_address = self._failed.get(f"{address} {name}", ()), self._failed.get(address, ())
        return len(of_name) >= TRIES or len(of_address) >= TRIES_OF_AN_ADDRESS

    def lets_in(self, name: str, password: str, address: str) -> bool:
        """Whether the password is that of the name; a wrong one is counted.

        Raises:
            UsageError: the password file cannot be read.
        """
        # One at a time: each takes memory, and many at once could be made to take all.
        with self._one:
            if self.must_wait(name, address):
                return False
            known = read(self.path)
            salt, digest = known.get(name, _NO_ONE)
            # A name that is not there takes as long as one that is.
            is_right = hmac.compare_digest(_hash(password[:1024], salt), digest) and name in known
            if not is_right:
                for key in (f"{address} {name}", address):
                    self._failed.setdefault(key, []).append(self.clock())
            return is_right
