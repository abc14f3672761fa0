"""How a run can end."""

from __future__ import annotations

CLEAN, BLOCKED, FAILED = "clean", "blocked", "failed"
"""The return is written; findings block it; it failed its own check."""

EXIT = {CLEAN: 0, BLOCKED: 1, FAILED: 4}
"""Exit status by result (design §7)."""
