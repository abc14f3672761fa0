"""A source profile may say where a case opens in the council's system; nothing else than an address of the web."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.sources import ProfileError
from schemas.sources.case_url import case_url


@pytest.mark.parametrize(
    "given", ["https://cases.example/case/{local_ref}", "http://10.0.0.1:8080/?ref={local_ref}&tab=hclic", None]
)
def test_an_address_with_the_reference_in_it_is_taken(given: str | None) -> None:
    assert case_url(given) == given


@pytest.mark.parametrize(
    "given",
    [
        "https://cases.example/case/",
        "https://cases.example/{local_ref}/{local_ref}",
        "https://cases.example/{local_ref}?{officer}",
        "javascript:alert({local_ref})",
        "file:///c:/{local_ref}",
        "//cases.example/{local_ref}",
        "https://user:secret@cases.example/{local_ref}",
        "https://{local_ref}.example/",
        "https://cases.example/{local_ref} x",
        "https://cases.example/{local_ref}\n",
        7,
    ],
)
def test_anything_else_is_refused_with_an_example(given: Any) -> None:
    with pytest.raises(ProfileError, match=r"case_url .*https://cases\.council\.example"):
        case_url(given)
