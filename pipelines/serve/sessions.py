"""Who is signed in: sessions in the memory of the server, known by a digest of their cookie."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass

MOST = 200
"""Sessions that are kept at once; the one that was used longest ago gives way."""


@dataclass
class Session:
    """One browser that was let in."""

    user: str
    """Name that goes with notes and waivers."""
    csrf: str
    """What a form of this session has to hold."""
    last_used: float

    def wrote(self, given: str) -> bool:
        """Whether a form with that token was made for this session."""
        return hmac.compare_digest(self.csrf.encode(), given.encode("utf-8", "replace"))


class Sessions:
    """The sessions of one server; one that was not used for a while is gone.

    Args:
        idle_seconds: how long a session lives without a request.
        clock: seconds, as ``time.monotonic`` gives them.
    """

    def __init__(self, idle_seconds: float, clock: Callable[[], float]) -> None:
        self._idle_seconds, self._clock = idle_seconds, clock
        self._known: dict[bytes, Session] = {}
        self.last_used = clock()

    def begin(self, user: str) -> str:
        """A session for the user; gives the value of its cookie, which is kept nowhere."""
        value = secrets.token_urlsafe(32)
        now = self._clock()
        self._forget_idle(now)
        if len(self._known) >= MOST:
            del self._known[min(self._known, key=lambda key: self._known[key].last_used)]
        self._known[_digest(value)] = Session(user, secrets.token_urlsafe(32), now)
        self.last_used = now
        return value

    def find(self, cookies: list[str]) -> Session | None:
        """The session of one of these cookies, which counts as used now; None where there is none."""
        now = self._clock()
        self._forget_idle(now)
        found = next((self._known[key] for key in map(_digest, cookies) if key in self._known), None)
        if found is not None:
            found.last_used = self.last_used = now
        return found

    def end(self, session: Session) -> None:
        """Forget a session."""
        self._known = {key: one for key, one in self._known.items() if one is not session}

    def idle_for(self) -> float:
        """Seconds since somebody who was let in asked for anything."""
        return self._clock() - self.last_used

    def _forget_idle(self, now: float) -> None:
        self._known = {key: one for key, one in self._known.items() if now - one.last_used < self._idle_seconds}


def _digest(value: str) -> bytes:
    # Looking up a digest tells nothing about the value by the time that it takes.
    return hashlib.sha256(value.encode("utf-8", "replace")).digest()
