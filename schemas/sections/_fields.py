"""How a field of the catalogue is written: one call says all that is known of it."""

from __future__ import annotations

from typing import Any, Literal

import pandera.polars as pa

Kind = Literal["text", "code", "codes", "date", "integer", "number", "flag"]
Confidence = Literal["stated", "label", "hidden label", "inferred", "statute", "recalled", "proposed"]
"""Tags of the specification notes: [S], [T], [H], [I], [L], [R], [P]."""


def _field(kind: Kind, description: str, **metadata: Any) -> Any:
    required = bool(metadata.pop("required", False))
    return pa.Field(nullable=not required, description=description, metadata={"kind": kind, **metadata})


def statutory(
    kind: Kind,
    description: str,
    *,
    words: str,
    source: str,
    confidence: Confidence,
    codelist: str | None = None,
    required: bool = False,
    number: str | None = None,
    element: str | None = None,
    personal: bool = False,
    when: str | None = None,
    is_event: bool = True,
) -> Any:
    """A field of the return.

    Args:
        kind: how the cell is parsed and typed (``codes``: several codes joined by ``;`` in one cell).
        description: what the field holds, in one sentence.
        words: what an officer calls it, to stand in a sentence after 'the': no code, no abbreviation of ours.
        source: part of the specification notes and its source tags.
        confidence: the weakest tag that the name, type or content rests on.
        codelist: name of the file in ``schemas/codelists`` that lists the codes.
        required: never null.
        number: specification number where public.
        element: official element name where public.
        personal: written to the personal-data file only.
        when: condition under which the field must be filled, in words (a rule holds it).
        is_event: of a date, whether something happened then in the case, unlike a birth or a day that is only due.
    """
    return _field(
        kind,
        description,
        words=words,
        source=source,
        confidence=confidence,
        codelist=codelist,
        required=required,
        number=number,
        element=element,
        personal=personal,
        when=when,
        local=False,
        is_event=kind == "date" and is_event,
    )


def local(
    kind: Kind,
    description: str,
    *,
    words: str,
    codelist: str | None = None,
    personal: bool = False,
    is_event: bool = True,
    is_nightly: bool = False,
) -> Any:
    """A field that metrics use and that never enters the return.

    ``words`` and ``is_event`` as in ``statutory``; ``is_nightly``: an amount for one night, which exports may hold for a week or month.
    """
    return _field(
        kind,
        description,
        words=words,
        source="local",
        confidence="proposed",
        codelist=codelist,
        number=None,
        element=None,
        personal=personal,
        when=None,
        local=True,
        is_event=kind == "date" and is_event,
        is_nightly=is_nightly,
    )
