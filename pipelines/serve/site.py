"""What a server serves, to whom and under which address."""

from __future__ import annotations

import ipaddress
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pipelines.errors import UsageError
from pipelines.serve.found import Findings
from pipelines.serve.opened import Quarters
from pipelines.serve.passwords import Door
from pipelines.serve.reading import PATIENCE, Store
from pipelines.serve.sessions import Sessions


def is_loopback(host: str) -> bool:
    """Whether the address is one of this machine that no other can reach; a name is never taken for one."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Site:
    """One server.

    Raises:
        UsageError: an address that other machines can reach, without a certificate or without passwords.
    """

    warehouse: Path
    host: str
    """Address or name that it listens at, and the only one that it answers to."""
    port: int
    user: str
    """Who writes notes where there are no passwords: the account that started the server."""
    now: Callable[[], datetime]
    """The time of day, for the log and for the day of a note."""
    clock: Callable[[], float] = time.monotonic
    idle_minutes: float = 30.0
    case_url: str | None = None
    """Where a case opens in the council's system, as a source profile says it."""
    patience: float = PATIENCE
    """Seconds that a page waits for a run that is writing."""
    certificate: Path | None = None
    key: Path | None = None
    passwords: Path | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    sessions: Sessions = field(init=False)
    door: Door | None = field(init=False)
    quarters: Quarters = field(init=False)
    findings: Findings = field(init=False)

    def __post_init__(self) -> None:
        if not is_loopback(self.host) and (self.certificate is None or self.passwords is None):
            raise UsageError(
                f"Other machines may reach {self.host}: give a certificate (--certificate, --key) and a password file"
                " (--passwords), or leave --host out to serve on this machine alone."
            )
        if (self.certificate is None) != (self.key is None):
            raise UsageError("A certificate and its key belong together: give --certificate and --key.")
        object.__setattr__(self, "sessions", Sessions(self.idle_minutes * 60, self.clock))
        object.__setattr__(self, "findings", Findings(self.case_url))
        object.__setattr__(self, "quarters", Quarters(Store(self.warehouse, self.patience)))
        object.__setattr__(self, "door", Door(self.passwords, self.clock) if self.passwords else None)

    @property
    def is_secure(self) -> bool:
        """Whether it speaks TLS."""
        return self.certificate is not None

    @property
    def netloc(self) -> str:
        """What the Host header of every request has to say."""
        name = f"[{self.host}]" if ":" in self.host else self.host.lower()
        usual = 443 if self.is_secure else 80
        return name if self.port == usual else f"{name}:{self.port}"

    @property
    def origin(self) -> str:
        """What the Origin header of every form has to say."""
        return f"{'https' if self.is_secure else 'http'}://{self.netloc}"

    @property
    def cookie(self) -> str:
        """Name of the cookie. Cookies are shared by the ports of an address, so that the port is in it."""
        name = f"hclic-{self.port}"
        # Browsers take a cookie of that name over TLS, for the whole site and from the site itself only.
        return f"__Host-{name}" if self.is_secure else name

    @property
    def address(self) -> str:
        """The address to open: with the token, unless people sign in by name and password."""
        return f"{self.origin}/" if self.door else f"{self.origin}/open?token={self.token}"

    def is_idle(self) -> bool:
        """Whether a server that one person started for themselves has not been used for the time allowed."""
        return self.door is None and self.sessions.idle_for() >= self.idle_minutes * 60
