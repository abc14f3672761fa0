"""``hclic`` as on another day: ``python -m bench.soak.at 2024-01-08T02:30 run …``. Only the clock is another."""

from __future__ import annotations

import sys
from datetime import datetime

from pipelines import cli
from pipelines.commands import console


def main() -> None:
    """Run the command line at the time that the first argument says."""
    now = datetime.fromisoformat(sys.argv.pop(1)).astimezone()
    console.at_the_edge = lambda: now
    cli.main()


if __name__ == "__main__":
    main()
