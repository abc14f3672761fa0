"""An error as a sentence for the user and an exit status: of our own, of the surroundings, or unforeseen."""

from __future__ import annotations

from pipelines.errors import HclicError, OutputError
from pipelines.surroundings import told, told_of_memory


def sentence_of(error: BaseException) -> tuple[str, int]:
    """What is said of an error, and the exit status of design §7.

    The text of an unforeseen exception may hold a value from the data: only its kind and place are shown.
    """
    found = told(error) or (error if isinstance(error, HclicError) else told_of_memory())
    if found is not None:
        return str(found), found.exit_code
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f"{frame.tb_frame.f_globals.get('__name__')}, line {frame.tb_lineno}" if frame else "unknown place"
    return (
        f"an unforeseen fault ({type(error).__name__} in {where}). Nothing was put in place."
        " Please report this line; it holds no case data.",
        OutputError.exit_code,
    )
