"""How a source profile is refused."""

from __future__ import annotations


class ProfileError(ValueError):
    """A profile that cannot be used: one sentence that names the place and what to write."""
