"""What every request has to pass before a page sees it, and what every answer carries."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl

from pipelines.errors import HclicError, PassingError, UsageError
from pipelines.serve.sessions import Session
from pipelines.serve.site import Site
from pipelines.serve.templating import page

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

METHODS = ("GET", "HEAD", "POST")
MOST_BYTES = 64 << 10
"""Of a form."""
FORM = "application/x-www-form-urlencoded"
OWN = ("same-origin", "none")
"""What browsers say of a request that a page of this site made, or the user by the address bar."""
ENTRY, SIGN_IN, STATIC = "/open", "/sign-in", "/static/"
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # With no-referrer a browser would send "Origin: null" with our own forms too; nothing goes to another site.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
OVER_TLS = {"strict-transport-security": "max-age=31536000"}


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """A request that is not answered with what it asked for: status, title, sentence, and headers."""

    def __init__(self, status: int, title: str, sentence: str, **headers: str) -> None:
        super().__init__(title)
        self.status, self.title, self.sentence = status, title, sentence
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Guard:
    """Checks requests, adds the headers, turns faults into sentences and writes the log.

    Args:
        app: the pages.
        site: what is served, to whom.
        say: takes one line a request.
    """

    def __init__(self, app: App, site: Site, say: Callable[[str], None]) -> None:
        self._app, self._site, self._say = app, site, say

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = self._site.clock()
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        status = 0

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": self._headers(message.get("headers", ()))}
            await send(message)

        try:
            scope["state"] = {**scope.get("state", {}), "site": self._site, "form": {}, "session": None}
            await self._check(scope, receive)
            await self._app(scope, _nothing_more(receive, scope), guarded)
        except Exception as error:
            answered = as_refused(error)
            if answered.status == 500:
                self._say(place_of(error))
            if status == 0:
                await self._refuse(scope, answered, guarded)
        route = getattr(scope.get("route"), "path", "-")
        took = (self._site.clock() - begun) * 1000
        self._say(f"{self._site.now():%Y-%m-%d %H:%M:%S} {method} {route} {status} {took:.0f} ms")

    def _headers(self, given: Any) -> list[tuple[bytes, bytes]]:
        ours = {**HEADERS, **(OVER_TLS if self._site.is_secure else {})}
        own = {bytes(name).lower() for name, _ in given}
        return [
            *((bytes(name), bytes(value)) for name, value in given),
            *((name.encode(), value.encode()) for name, value in ours.items() if name.encode() not in own),
        ]

    async def _check(self, scope: Scope, receive: Receive) -> None:
        if scope["method"] not in METHODS:
            raise Refused(405, "Not allowed", "This server answers to GET and POST only.", allow=", ".join(METHODS))
        named = _all(scope, b"host")
        if len(named) != 1 or named[0].lower() != self._site.netloc:
            # Another name that leads here is how a page of the internet reaches a server of this machine.
            raise Refused(421, "Another address", "Use the address that hclic serve printed when it was started.")
        self._check_where_from(scope)
        path = scope["path"]
        is_post = scope["method"] == "POST"
        if is_post:
            origins = _all(scope, b"origin")
            if origins != [self._site.origin]:
                raise Refused(403, "Not from this site", "The form was not sent by a page of this server.")
            scope["state"]["form"] = await _form(scope, receive)
        if path.startswith(STATIC) or path == ENTRY:
            return
        if path == SIGN_IN and self._site.door is not None:
            return
        session = self._site.sessions.find(_cookies(scope, self._site.cookie))
        if session is None:
            if self._site.door is not None and not _all(scope, b"hx-request"):
                raise Refused(303, "Sign in", "Sign in first.", location=SIGN_IN)
            sentence = (
                "Load the page again and sign in."
                if self._site.door is not None
                else "Use the address that hclic serve printed when it was started. If it has ended, start it again."
            )
            raise Refused(401, "Not signed in", sentence)
        if is_post and not session.wrote(scope["state"]["form"].get("csrf", "")):
            raise Refused(403, "The form is too old", "Go back, load the page again and send the form once more.")
        scope["state"]["session"] = session

    def _check_where_from(self, scope: Scope) -> None:
        sites = _all(scope, b"sec-fetch-site")
        if all(site in OWN for site in sites):
            return
        is_link = scope["method"] == "GET" and _all(scope, b"sec-fetch-mode") == ["navigate"]
        if is_link and scope["path"] == ENTRY and _all(scope, b"sec-fetch-dest") == ["document"]:
            return
        raise Refused(403, "From another site", "Another site led here. Open the page from here if you meant to.")

    async def _refuse(self, scope: Scope, refused: Refused, send: Send) -> None:
        is_part = _all(scope, b"hx-request") == ["true"]
        headers, body = refusal(refused, self._site, scope["state"].get("session"), is_part=is_part)
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": refused.status, "headers": raw})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


HELD = Refused(
    503,
    "The warehouse is in use",
    "A run is writing to the warehouse. Nothing was changed. Try again in a minute.",
    retry_after="60",
)


def as_refused(error: Exception) -> Refused:
    """What is answered where a page could not be made: a plain sentence, without a traceback or a value."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, PassingError):
        return HELD
    if isinstance(error, HclicError):
        return Refused(404 if isinstance(error, UsageError) else 503, "This cannot be shown", str(error))
    sentence = "Nothing was changed. Please report the line that stands where hclic serve was started."
    return Refused(500, "An unforeseen fault", sentence)


def refusal(refused: Refused, site: Site, session: Session | None, *, is_part: bool) -> tuple[dict[str, str], bytes]:
    """Headers and body of such an answer. ``is_part``: htmx asked, and what was typed stays where it is."""
    text = page(
        "refused_part.html" if is_part else "refused.html",
        session,
        site,
        title=refused.title,
        sentence=refused.sentence,
        has_way_home=refused.status != 421,
    )
    body = text.encode("utf-8")
    return {
        "content-type": "text/html; charset=utf-8",
        "content-length": str(len(body)),
        **({"hx-retarget": "#problem", "hx-reswap": "innerHTML"} if is_part else {}),
        **refused.headers,
    }, body


def place_of(error: Exception) -> str:
    """Kind and place of a fault; its text may hold a value."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f"{frame.tb_frame.f_globals.get('__name__')}, line {frame.tb_lineno}" if frame else "unknown place"
    return f"unforeseen fault: {type(error).__name__} in {where}"


def same_token(given: str, wanted: str) -> bool:
    """Whether the two are equal, in a time that does not tell how much of them is."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def _all(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


def _cookies(scope: Scope, name: str) -> list[str]:
    """Every value under that name: a server on another port of this machine may have put one beside ours."""
    found = []
    for header in _all(scope, b"cookie"):
        for part in header.split(";"):
            try:
                jar = SimpleCookie(part.strip())
            except CookieError:
                continue
            found += [morsel.value for key, morsel in jar.items() if key == name]
    return found[:10]


async def _form(scope: Scope, receive: Receive) -> dict[str, str]:
    kinds = _all(scope, b"content-type")
    if len(kinds) != 1 or kinds[0].partition(";")[0].strip().lower() != FORM:
        raise Refused(415, "Not a form", "This server takes forms of its own pages only.")
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "Cut short", "The form did not arrive.")
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            raise Refused(413, "Too long", "The form is too long. Write a shorter text.", connection="close")
        if not message.get("more_body", False):
            break
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=50)
    except (ValueError, UnicodeDecodeError):
        raise Refused(400, "Not understood", "The form is not understood.") from None
    return dict(pairs)


def _nothing_more(receive: Receive, scope: Scope) -> Receive:
    """What the pages receive: the body has been read here where there was one."""
    if scope["method"] != "POST":
        return receive

    async def empty() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    return empty
