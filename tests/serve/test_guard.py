"""Who is let in, and what is refused: other hosts, other sites, forged forms, guessed tokens."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from pipelines.serve.app import ROOMS
from tests.serve.asking import HOST, ORIGIN, REF, RUN, Asker, Clock, site

POSTS = sorted(
    route.path
    for room in ROOMS
    for route in room.router.routes
    if isinstance(route, APIRoute) and "POST" in route.methods
)
GETS = sorted(
    route.path
    for room in ROOMS
    for route in room.router.routes
    if isinstance(route, APIRoute) and "GET" in route.methods
)


def filled(route: str) -> str:
    names = {"run_id": RUN, "la_code": "E06000034", "quarter": "2025-Q3", "case_ref": REF, "finding_id": "0" * 16}
    for name, value in names.items():
        route = route.replace("{" + name + "}", value)
    return route.replace("{", "").replace("}", "")


def test_the_printed_address_lets_in_and_leaves_the_address_bar(stranger: Asker) -> None:
    answer = stranger.come_in()
    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert stranger.site.token not in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert stranger.ask("/").status == 200


def test_the_cookie_is_kept_from_scripts_and_other_sites(stranger: Asker) -> None:
    name, *flags = stranger.come_in().headers["set-cookie"].split("; ")
    assert name.startswith("hclic-8477=")
    assert sorted(flag.lower() for flag in flags) == ["httponly", "path=/", "samesite=strict"]


def test_over_tls_the_cookie_is_secure_and_bound_to_the_host(path: Path) -> None:
    given = {"certificate": Path("c.pem"), "key": Path("k.pem")}
    name, *flags = Asker(site(path, **given)).come_in().headers["set-cookie"].split("; ")
    assert name.startswith("__Host-hclic-8477=")
    assert "Secure" in flags


@pytest.mark.parametrize("target", ["/open", "/open?token=", "/open?token=wrong", "/open?token=%C3%A9%00"])
def test_a_wrong_token_lets_nobody_in(stranger: Asker, target: str) -> None:
    answer = stranger.ask(target)
    assert answer.status == 401
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("route", [route for route in GETS if not route.startswith(("/static", "/open", "/sign-in"))])
def test_no_page_is_shown_to_a_stranger(stranger: Asker, route: str) -> None:
    assert stranger.ask(filled(route)).status == 401
    assert stranger.ask(filled(route), headers=[("cookie", "hclic-8477=guessed")]).status == 401


def test_a_page_that_does_not_exist_tells_a_stranger_nothing(stranger: Asker) -> None:
    assert stranger.ask("/nowhere").status == stranger.ask(f"/runs/{RUN}").status == 401


@pytest.mark.parametrize(
    "hosts",
    [
        ["attacker.example:8477"],
        ["127.0.0.1"],
        ["127.0.0.1:8478"],
        ["localhost:8477"],
        ["127.0.0.1:8477.attacker.example"],
        [""],
        [],
        [HOST, "attacker.example"],
    ],
)
def test_another_name_that_leads_here_is_refused(user: Asker, hosts: list[str]) -> None:
    """DNS rebinding: the browser believes that it talks to the attacker's site, and says its name."""
    for target in ("/", "/static/htmx.min.js", user.site.address.removeprefix(ORIGIN)):
        answer = user.ask(target, headers=[("host", host) for host in hosts], without=["host"])
        assert answer.status == 421
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("route", POSTS)
@pytest.mark.parametrize(
    "origins",
    [
        [],
        ["null"],
        ["http://attacker.example"],
        ["http://127.0.0.1:8478"],
        ["https://127.0.0.1:8477"],
        [f"{ORIGIN}.attacker.example"],
        [ORIGIN, "http://attacker.example"],
    ],
)
def test_a_form_of_another_site_is_refused(user: Asker, route: str, origins: list[str]) -> None:
    answer = user.post(filled(route), headers=[("origin", origin) for origin in origins], without=["origin"])
    assert answer.status == 403
    assert "Not from this site" in answer.text


# Signing in has no session yet: its origin is checked.
@pytest.mark.parametrize("route", [route for route in POSTS if route != "/sign-in"])
@pytest.mark.parametrize("token", ["", "guessed", None])
def test_a_form_without_the_token_of_the_session_is_refused(user: Asker, route: str, token: str | None) -> None:
    body = b"note=x" if token is None else f"csrf={token}&note=x".encode()
    answer = user.ask(filled(route), "POST", body=body)
    assert answer.status == 403
    assert "too old" in answer.text


def test_the_token_of_another_session_does_not_do(path: Path, user: Asker) -> None:
    other = Asker(user.site)
    other.come_in()
    user.csrf = other.csrf
    assert user.post("/stop").status == 403


@pytest.mark.parametrize("came_from", ["cross-site", "same-site"])
def test_a_page_of_another_site_cannot_read_here(user: Asker, came_from: str) -> None:
    """A server on another port of this machine is of the same site for a browser, cookies included."""
    for target in ("/", f"/runs/{RUN}", "/static/htmx.min.js"):
        assert user.ask(target, headers=[("sec-fetch-site", came_from)]).status == 403
    assert user.post("/stop", headers=[("sec-fetch-site", came_from)]).status == 403
    assert user.stopped == []


def test_a_link_in_a_message_opens_the_address_as_a_page_only(stranger: Asker) -> None:
    target = stranger.site.address.removeprefix(ORIGIN)
    link = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]
    assert stranger.ask(target, headers=link).status == 303
    assert stranger.ask(target, headers=[*link[:2], ("sec-fetch-dest", "iframe")]).status == 403


@pytest.mark.parametrize("route", POSTS)
def test_reading_never_writes(user: Asker, route: str) -> None:
    if route in GETS:
        assert user.ask(filled(route)).status in (200, 404, 500)
    else:
        assert user.ask(filled(route)).status in (404, 405)
    assert user.stopped == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "X\r\nforged"])
def test_other_methods_are_refused(user: Asker, method: str) -> None:
    assert user.ask("/", method).status == 405
    assert user.log[-1].split()[2] == "OTHER"


def test_a_form_of_another_kind_or_size_is_refused(user: Asker) -> None:
    kinds = ["text/plain", "multipart/form-data; boundary=x", "application/json"]
    assert [user.post("/stop", headers=[("content-type", kind)]).status for kind in kinds] == [415] * 3
    assert user.post("/stop", {"note": "x" * 70_000}).status == 413
    assert user.ask("/stop", "POST", body=b"\xff=%ff").status == 400
    assert user.ask("/stop", "POST", body=b"&".join(b"a=1" for _ in range(60))).status == 400
    assert user.stopped == []


def test_every_answer_carries_the_headers(user: Asker) -> None:
    for answer in (user.ask("/"), user.ask("/nowhere"), user.ask("/sign-in"), user.ask("/", "PUT")):
        headers = answer.headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert "unsafe" not in headers["content-security-policy"]
        assert "server" not in headers


def test_the_user_ends_the_server_with_a_button(user: Asker) -> None:
    assert user.post("/stop").status == 200
    assert user.stopped == [True]
    assert user.ask("/").status == 401


def test_a_session_that_is_not_used_ends_and_so_does_the_server(user: Asker, clock: Clock) -> None:
    clock.seconds += 29 * 60
    assert user.ask("/").status == 200
    clock.seconds += 29 * 60
    assert not user.site.is_idle()
    clock.seconds += 60
    assert user.site.is_idle()
    assert user.ask("/").status == 401


def test_a_stranger_who_knocks_does_not_keep_the_server_up(user: Asker, clock: Clock) -> None:
    clock.seconds += 29 * 60
    Asker(user.site).ask("/")
    Asker(user.site).ask("/open?token=guessed")
    clock.seconds += 60
    assert user.site.is_idle()


def test_no_documentation_of_routes_is_served(user: Asker) -> None:
    assert [user.ask(target).status for target in ("/docs", "/redoc", "/openapi.json")] == [404] * 3


def test_the_log_has_one_line_a_request_without_values(user: Asker) -> None:
    user.log.clear()
    user.ask(f"/runs/{RUN}?search=SECRET", headers=[("referer", "http://SECRET"), ("user-agent", "SECRET")])
    user.ask("/runs/SECRET")
    user.ask("/SECRET/SECRET")
    user.post("/stop", {"note": "SECRET", "csrf": "SECRET"})
    user.ask(f"/open?token={user.site.token}")
    assert user.log == [
        "2025-10-14 09:30:00 GET /runs/{run_id} 200 0 ms",
        "2025-10-14 09:30:00 GET /runs/{run_id} 404 0 ms",
        "2025-10-14 09:30:00 GET - 404 0 ms",
        "2025-10-14 09:30:00 POST - 403 0 ms",
        "2025-10-14 09:30:00 GET /open 303 0 ms",
    ]


def test_a_fault_shows_its_kind_and_place_only(user: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("SECRET")

    monkeypatch.setattr("pipelines.serve.runs.run_of", fail)
    user.log.clear()
    answer = user.ask(f"/runs/{RUN}")
    assert answer.status == 500
    assert "SECRET" not in answer.text + "".join(user.log)
    assert "Traceback" not in answer.text
    assert user.log[0].startswith("unforeseen fault: ValueError in tests.serve.test_guard, line ")
    assert user.log[1] == "2025-10-14 09:30:00 GET /runs/{run_id} 500 0 ms"


@pytest.mark.parametrize(
    "target",
    [
        "/static/../../../../etc/passwd",
        "/static/..%2f..%2f..%2fetc%2fpasswd",
        "/static/%2e%2e/serve/app.py",
        "/static/..%5cserve.py",
        "/static//etc/passwd",
        "/static/htmx.min.js%00.css",
        "/static/README.md",
        "/runs/..%2f..%2fetc%2fpasswd",
        "/runs/%2e%2e",
        "/quarters/E06000034/..%2f..",
        "/quarters/..%2f..%2fetc/2025-Q3",
        "/runs/' or 1=1 --",
        "//etc/passwd",
    ],
)
def test_no_path_leads_to_a_file(user: Asker, target: str) -> None:
    answer = user.ask(target)
    assert answer.status == 404
    assert "root:" not in answer.text


def test_nothing_of_a_request_is_given_to_a_collector(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FastAPI hands paths and texts of faults to OpenTelemetry unless it is told not to."""
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setattr("fastapi.telemetry._asgi._unconfigured", lambda provider: False)
    inner = Asker(site(path)).app._app  # type: ignore[attr-defined]
    assert not inner._native_telemetry.enabled()
    assert inner._telemetry["auto_configure"] is False


def test_a_browser_over_another_protocol_is_sent_away(user: Asker) -> None:
    import asyncio

    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    asyncio.run(user.app({"type": "websocket", "path": "/", "headers": []}, receive, send))  # type: ignore[arg-type]
    assert sent == [{"type": "websocket.close", "code": 1008}]
