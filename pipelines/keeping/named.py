"""The case that a person names: by its H-CLIC reference, or by that of the council's own system."""

from __future__ import annotations

from pipelines.authority import current_code
from pipelines.errors import InputError
from pipelines.warehouse.store import Warehouse


def case_named(store: Warehouse, la_code: str, reference: str) -> str:
    """The H-CLIC reference of a case.

    Raises:
        InputError: the warehouse holds no such case. The sentence does not repeat the reference.
    """
    row = store.connection.execute(
        "select case_ref from reference_map where la_code = $now and $ref in (local_ref, case_ref)"
        " union all select case_ref from history.main where authority = $code and case_ref = $ref limit 1",
        {"code": la_code, "now": current_code(la_code), "ref": reference.strip()},
    ).fetchone()
    if row is None:
        raise InputError("The warehouse holds no case of that reference. Give it as your system or the return has it.")
    return str(row[0])
