"""Running many authorities side by side, with Prefect on Dask. Needs the extra ``fleet``.

What stands in the environment before either is imported is set here, in this process and in every worker.
"""

from __future__ import annotations

import os

BEFORE_IMPORTS = {
    # Prefect's own analytics know no other switch; then the heartbeat of its server.
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    # What is to be known of a run is in its outcome.
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_SERVER_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "DASK_LOGGING__DISTRIBUTED": "critical",
}
for name, value in BEFORE_IMPORTS.items():
    os.environ.setdefault(name, value)
