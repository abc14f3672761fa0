"""The case that a person names: by its H-CLIC reference, or by that of the council's own system."""

from __future__ import annotations

from pipelines.authority import current_code
from pipelines.errors import InputError
from pipelines.period import in_words
from pipelines.warehouse import gone
from pipelines.warehouse.store import Warehouse
from schemas.sections import SECTIONS


def case_named(store: Warehouse, la_code: str, reference: str) -> str:
    """The H-CLIC reference of a case.

    Raises:
        InputError: the warehouse holds no such case. The sentence does not repeat the reference.
    """
    held = " ".join(
        f"union all select case_ref from history.{section.name} where authority = $code and case_ref = $ref"
        for section in SECTIONS
    )
    row = store.connection.execute(
        "select case_ref from reference_map where la_code = $now and $ref in (local_ref, case_ref)"
        + f" {held} limit 1",
        {"code": la_code, "now": current_code(la_code), "ref": reference.strip()},
    ).fetchone()
    if row is None:
        if hit := gone.of_authority(store.connection, la_code).find(reference.strip()):
            raise InputError(
                f"The case of that reference was {hit[0]}: all of it was from before {in_words(hit[1])}. What is still"
                " held is a keyed mark of the reference, by which the case is known again when an export brings it."
            )
        raise InputError("The warehouse holds no case of that reference. Give it as your system or the return has it.")
    return str(row[0])
