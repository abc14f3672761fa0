"""Coming in and going out: the printed address, name and password, the end of the session or of the server."""

from __future__ import annotations

from fastapi import APIRouter, BackgroundTasks, Request
from fastapi.responses import Response

from pipelines.serve.answering import answer, form_of, go_to, session_of, site_of
from pipelines.serve.guard import ENTRY, SIGN_IN, Refused, same_token

router = APIRouter()

LONGEST_NAME = 64


@router.get(ENTRY)
def open_address(request: Request, token: str = "") -> Response:
    """Exchange the token of the printed address for a cookie; the redirect takes it out of the address bar."""
    site = site_of(request)
    if site.door is not None or not same_token(token, site.token):
        raise Refused(
            401,
            "Not signed in",
            "This address does not open the pages. Use the one that hclic serve printed when it was last started.",
            referrer_policy="no-referrer",
        )
    response = _let_in(request, site.user)
    response.headers["referrer-policy"] = "no-referrer"
    return response


@router.get(SIGN_IN)
def ask(request: Request) -> Response:
    """The form for name and password."""
    return answer(request, "sign_in.html", name="", problem=None)


@router.post(SIGN_IN)
def sign_in(request: Request) -> Response:
    """Let in by name and password."""
    site, form = site_of(request), form_of(request)
    assert site.door is not None
    name = form.get("name", "").strip()[:LONGEST_NAME]
    address = request.client.host if request.client else ""
    if site.door.must_wait(name, address):
        raise Refused(
            429,
            "Too many tries",
            "The password was wrong too often. Try again in a quarter of an hour.",
            retry_after="900",
        )
    if not site.door.lets_in(name, form.get("password", ""), address):
        problem = "Name or password is wrong. Check both and try again."
        return answer(request, "sign_in.html", status=401, name=name, problem=problem)
    return _let_in(request, name)


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """End the session."""
    site = site_of(request)
    site.sessions.end(session_of(request))
    response = go_to(SIGN_IN)
    response.delete_cookie(site.cookie, path="/", secure=site.is_secure, httponly=True, samesite="strict")
    return response


@router.post("/stop")
def stop(request: Request, after: BackgroundTasks) -> Response:
    """End a server that one person started for themselves."""
    site = site_of(request)
    if site.door is not None:
        raise Refused(404, "No such page", "There is no page of that address.")
    response = answer(request, "stopped.html")
    site.sessions.end(session_of(request))
    after.add_task(request.app.state.stop)
    response.background = after
    return response


def _let_in(request: Request, user: str) -> Response:
    site = site_of(request)
    response = go_to("/")
    response.set_cookie(
        site.cookie, site.sessions.begin(user), path="/", secure=site.is_secure, httponly=True, samesite="strict"
    )
    return response
