"""Who is at work: the user of the operating system, where nobody is named."""

from __future__ import annotations

import getpass

UNKNOWN = "unknown user"


def this_user() -> str:
    """Name under which this process runs; words that say so where the system does not tell."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        # A container without an entry for its user, Windows without USERNAME.
        return UNKNOWN
