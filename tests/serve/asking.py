"""Asking the served pages in process, with every header in the hands of the test."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import polars as pl

from pipelines.findings import Finding, frame
from pipelines.serve.app import make_app
from pipelines.serve.site import Site
from pipelines.warehouse.store import Warehouse
from tests.warehouse.stored import LA, freeze, sections_of

HOST = "127.0.0.1:8477"
ORIGIN = f"http://{HOST}"
NOW = datetime(2025, 10, 14, 9, 30, tzinfo=UTC)
RUN = f"{LA}-2025-Q3-0123456789ab"
REF = f"{LA}_000000000747"


@dataclass
class Clock:
    """Seconds that only the test moves."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Answer:
    """What came back."""

    status: int
    raw: list[tuple[bytes, bytes]]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode().lower(): value.decode("latin-1") for name, value in self.raw}


@dataclass
class Asker:
    """A browser of one user, as far as headers go."""

    site: Site
    log: list[str] = field(default_factory=list)
    cookie: str | None = None
    csrf: str = ""
    stopped: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app = make_app(self.site, self.log.append, on_stop=lambda: self.stopped.append(True))

    def ask(
        self,
        target: str,
        method: str = "GET",
        *,
        headers: Sequence[tuple[str, str]] = (),
        without: Sequence[str] = (),
        body: bytes = b"",
        client: str = "127.0.0.1",
    ) -> Answer:
        """One request; headers given replace those of the same name, and may stand twice."""
        path, _, query = target.partition("?")
        usual = {"host": self.site.netloc, "sec-fetch-site": "same-origin", "accept": "text/html"}
        if self.cookie is not None:
            usual["cookie"] = self.cookie
        if method == "POST":
            usual |= {"origin": self.site.origin, "content-type": "application/x-www-form-urlencoded"}
        named = {name.lower() for name, _ in headers} | set(without)
        sent = [*((name, value) for name, value in usual.items() if name not in named), *headers]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": _unquoted(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in sent],
            "client": (client, 50000),
            "server": ("127.0.0.1", self.site.port),
        }
        return asyncio.run(self._run(scope, body))

    def post(self, target: str, fields: dict[str, str] | None = None, **more: Any) -> Answer:
        """A form of this session."""
        return self.ask(target, "POST", body=urlencode({"csrf": self.csrf, **(fields or {})}).encode(), **more)

    def come_in(self) -> Answer:
        """Open the printed address and keep the cookie, and the token of the forms."""
        answer = self.ask(self.site.address.removeprefix(self.site.origin))
        self.keep(answer)
        return answer

    def keep(self, answer: Answer) -> None:
        self.cookie = answer.headers["set-cookie"].partition(";")[0]
        # Every page holds it, one that does not exist too, which reads nothing.
        self.csrf = self.ask("/nowhere").text.partition('name="csrf" value="')[2].partition('"')[0]
        assert self.csrf

    async def _run(self, scope: dict[str, Any], body: bytes) -> Answer:
        sent: list[Any] = []
        received = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            return received.pop(0) if received else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        starts = [message for message in sent if message["type"] == "http.response.start"]
        assert len(starts) == 1, "one answer"
        content = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
        return Answer(starts[0]["status"], list(starts[0]["headers"]), content)


def _unquoted(path: str) -> str:
    from urllib.parse import unquote

    return unquote(path)


def site(warehouse: Path, clock: Clock | None = None, **more: Any) -> Site:
    """A server of one user at a fixed address."""
    given = {
        "host": "127.0.0.1",
        "port": 8477,
        "user": "officer",
        "now": lambda: NOW,
        "clock": clock or Clock(),
        **more,
    }
    return Site(warehouse, **given)


def ledger(**more: Any) -> dict[str, Any]:
    """As much of a ledger as a run's page reads."""
    return {
        "run_id": RUN,
        "result": "blocked",
        "inputs": [
            {
                "name": "main.csv",
                "sha256": "0" * 64,
                "rows_read": 3,
                "rows_loaded": 2,
                "rows_set_aside": 1,
                "rows_left_out": 0,
            }
        ],
        "inputs_not_read": [],
        "cases": {"in_export": 2, "in_return": 1, "forced": 0, "excluded_for_errors": {"reason": None, "cases": []}},
        "findings": {
            "blocking": 1,
            "by_rule": [{"rule_id": "L-06", "severity": "error", "findings": 1, "blocking": 1}],
            "of_the_export": {},
        },
        "rules": {"run": 514, "not_run": []},
        "waivers": [],
        "recount": None,
        "return_problems": [],
        "notices": [],
        "source_profile": {"name": "native"},
        "return_profile": {"name": "provisional", "version": "1", "provisional": True},
        "software_version": "0.1.0",
        **more,
    }


def findings(*, value: str = "2025-07-01", officer: str = "HO01", message: str = "The date is wrong.") -> pl.DataFrame:
    """One error and one warning on a case of the return."""
    given = {
        "section": "main",
        "case_ref": REF,
        "record_key": REF,
        "fields": "application_date",
        "value": value,
        "message": message,
        "action": "Correct the date.",
        "officer": officer,
        "local_ref": "747",
        "in_return": "yes",
    }
    return frame([Finding("L-06", "error", **given), Finding("L-07", "warning", **given)])


def main_row(**more: Any) -> dict[str, Any]:
    """A case."""
    return {
        "la_code": LA,
        "case_ref": REF,
        "local_ref": "747",
        "application_date": date(2025, 7, 1),
        "assess_date": date(2025, 7, 1),
        "assess1": "relief",
        "officer": "HO01",
        **more,
    }


def warehouse(
    path: Path, *, rows: pl.DataFrame | None = None, result: str = "blocked", book: dict[str, Any] | None = None
) -> Path:
    """A warehouse with one run."""
    with Warehouse(path) as store:
        sections = sections_of(main=[main_row()], relief=[{"case_ref": REF, "relief_start": date(2025, 7, 1)}])
        freeze(store, RUN, sections, result=result)
        store.save_findings(RUN, findings() if rows is None else rows)
        store.save_ledger(RUN, book or ledger(result=result), result)
    return path
