"""People who sign in by name and password: the file, the guesses, the wait."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import UsageError
from pipelines.serve import passwords
from pipelines.serve.passwords import TRIES, WINDOW, Door, add, read
from tests.serve.asking import Asker, Clock, site

NAME, PASSWORD = "A. Officer", "correct horse battery"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost of a hash is not what these tests are about."""
    monkeypatch.setitem(passwords._COST, "n", 16)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    add(tmp_path / "people.txt", NAME, PASSWORD)
    return tmp_path / "people.txt"


@pytest.fixture
def outside(path: Path, people: Path, clock: Clock) -> Asker:
    """Somebody on another machine."""
    given = {"certificate": Path("c.pem"), "key": Path("k.pem"), "passwords": people}
    return Asker(site(path, clock, host="hclic.example.org", **given))


def test_the_file_holds_no_password_and_is_its_owners_alone(people: Path) -> None:
    assert people.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in people.read_text()
    add(people, "Another", PASSWORD)
    (salt, digest), (other_salt, other_digest) = read(people).values()
    assert salt != other_salt
    assert digest != other_digest


def test_a_file_that_others_may_read_is_refused(people: Path) -> None:
    people.chmod(0o640)
    with pytest.raises(UsageError, match="chmod 600"):
        read(people)


def test_a_line_that_is_not_understood_is_named_by_its_number(people: Path) -> None:
    people.write_text(people.read_text() + "somebody:in the clear\n")
    with pytest.raises(UsageError, match="Line 2 of the password file"):
        read(people)


@pytest.mark.parametrize("name", ["", "a:b", "a\nb", " a", "x" * 65, "<b>"])
def test_a_name_that_would_break_the_file_is_refused(people: Path, name: str) -> None:
    with pytest.raises(UsageError, match="The name may hold"):
        add(people, name, PASSWORD)


def test_a_short_password_is_refused(people: Path) -> None:
    with pytest.raises(UsageError, match="too short"):
        add(people, NAME, "eleven char")


def test_name_and_password_let_in_and_the_name_goes_with_notes(outside: Asker) -> None:
    assert (outside.ask("/").status, outside.ask("/").headers["location"]) == (303, "/sign-in")
    assert outside.ask("/sign-in").status == 200
    outside.keep(outside.post("/sign-in", {"name": NAME, "password": PASSWORD}))
    assert f"Notes are signed {NAME}." in outside.ask("/").text


@pytest.mark.parametrize("given", [{"name": NAME, "password": "wrong"}, {"name": "Nobody", "password": PASSWORD}, {}])
def test_a_wrong_name_or_password_is_told_alike(outside: Asker, given: dict[str, str]) -> None:
    answer = outside.post("/sign-in", given)
    assert answer.status == 401
    assert "Name or password is wrong." in answer.text
    assert "set-cookie" not in answer.headers


def test_the_token_of_one_user_opens_nothing_where_people_sign_in(outside: Asker) -> None:
    assert outside.ask(f"/open?token={outside.site.token}").status == 401
    assert outside.site.token not in outside.site.address


def test_a_form_of_another_site_signs_nobody_in(outside: Asker) -> None:
    answer = outside.post("/sign-in", {"name": NAME, "password": PASSWORD}, headers=[("origin", "https://a.example")])
    assert answer.status == 403


def test_who_guesses_waits_and_others_do_not(outside: Asker, clock: Clock) -> None:
    wrong, right = {"name": NAME, "password": "wrong"}, {"name": NAME, "password": PASSWORD}
    for _ in range(TRIES):
        assert outside.post("/sign-in", wrong).status == 401
    answer = outside.post("/sign-in", right)
    assert (answer.status, answer.headers["retry-after"]) == (429, "900")
    assert outside.post("/sign-in", right, client="10.0.0.9").status == 303
    clock.seconds += WINDOW
    assert outside.post("/sign-in", right).status == 303


def test_one_address_cannot_guess_for_many_names(people: Path, clock: Clock) -> None:
    door = Door(people, clock)
    for number in range(passwords.TRIES_OF_AN_ADDRESS):
        assert not door.lets_in(f"name {number}", "wrong", "10.0.0.9")
    assert door.must_wait(NAME, "10.0.0.9")
    assert not door.must_wait(NAME, "10.0.0.8")


def test_a_person_who_is_added_may_sign_in_at_once(outside: Asker, people: Path) -> None:
    add(people, "New", PASSWORD)
    assert outside.post("/sign-in", {"name": "New", "password": PASSWORD}).status == 303


def test_a_server_for_several_people_stays_up_and_signs_out_who_is_idle(outside: Asker, clock: Clock) -> None:
    outside.keep(outside.post("/sign-in", {"name": NAME, "password": PASSWORD}))
    clock.seconds += 31 * 60
    assert not outside.site.is_idle()
    assert outside.ask("/").status == 303


def test_signing_out_ends_the_session(outside: Asker) -> None:
    outside.keep(outside.post("/sign-in", {"name": NAME, "password": PASSWORD}))
    assert outside.post("/stop").status == 404
    answer = outside.post("/sign-out")
    assert answer.headers["location"] == "/sign-in"
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert outside.ask("/").status == 303


def test_the_browser_is_told_to_use_tls_only(outside: Asker) -> None:
    assert "max-age" in outside.ask("/sign-in").headers["strict-transport-security"]
