"""``python -m tools.supply audit|licences|wheel``; ``licences write`` writes the page."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from tools.supply import audit, licences, wheel

if __name__ == "__main__":
    asked = sys.argv[1:]
    if asked == ["licences", "write"]:
        sys.exit(licences.write())
    if asked not in (["audit"], ["licences"], ["wheel"]):
        sys.exit(__doc__)
    if asked == ["audit"]:
        sys.exit(audit.check(datetime.now(UTC).date()))
    sys.exit(licences.check() if asked == ["licences"] else wheel.check())
