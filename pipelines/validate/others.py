"""Findings of references, waivers and the run itself: one entry a kind, without what differs from one to the next."""

from __future__ import annotations

from pipelines.extract.problem import Problem
from pipelines.findings import ERROR, FIX, RECORD, RETURN, TIDY, WARNING

_ALL = (
    Problem(
        "REF-01",
        WARNING,
        RECORD,
        "The case was re-keyed: by the migration map it is sent under the reference it was first sent under.",
        "No action if the map is right.",
        kind=TIDY,
        why="A case keeps its reference for life. Sent under a new one, it would be counted as a new case.",
    ),
    Problem(
        "REF-02",
        WARNING,
        RECORD,
        "Padded to twelve digits, the local reference is that of another case, so a new number was issued.",
        "If the two are one case, give both in a migration map.",
        kind=FIX,
        why="Two cases must not share a reference, and one case must not have two: it would be counted twice.",
    ),
    Problem(
        "REF-03",
        WARNING,
        RECORD,
        "The local reference was sent before under another H-CLIC reference.",
        "If it is the same case, give both in a migration map.",
        kind=FIX,
        why="Sent under a new reference, a case that the ministry knows already is counted as a new one.",
    ),
    Problem(
        "REF-04",
        ERROR,
        RECORD,
        "Two rows have the same key once every case is under its H-CLIC reference.",
        "Keep one row, or correct the migration map.",
        why="Of two rows for the same thing nothing says which one is right, so neither can be sent.",
    ),
    Problem(
        "REF-05",
        WARNING,
        RETURN,
        "The references of some cases begin with the authority's code in small letters; they were read as if it stood"
        " in capitals.",
        "No action for this return. Have the export write the code in capitals.",
        kind=TIDY,
        why="The same reference written in two ways would be taken for two cases.",
    ),
    Problem(
        "REF-06",
        WARNING,
        RETURN,
        "A row of the migration map names a new reference that no case of the export or of an earlier run has.",
        "Correct it, or take the row out.",
        kind=FIX,
        why="Until the map names the right case, that case is sent under a new reference and counted as a new one.",
    ),
    Problem(
        "REF-07",
        WARNING,
        RECORD,
        "The migration map names an old reference that no earlier run has sent, so a new one was issued.",
        "Correct it, or load the reference map of the runs in which the case was sent.",
        kind=FIX,
        why="If the case was sent before under another reference, it is now counted as a new one.",
    ),
    Problem(
        "REF-08",
        WARNING,
        RETURN,
        "A row of the file of forced cases names a case that the export does not hold.",
        "Correct its reference.",
        kind=FIX,
        why="A case that is to be in the return, or kept out of it, is not, as long as the file names another.",
    ),
    Problem(
        "REF-09",
        WARNING,
        RETURN,
        "Cases that were purged or forgotten are in the export again; they were left out.",
        "Have them deleted in your own system, or leave them out of the export.",
        kind=TIDY,
        why="A case that was taken out of the warehouse would come back with every export that still holds it.",
    ),
    Problem(
        "REF-10",
        WARNING,
        RETURN,
        "Cases that were purged or forgotten are in the export again, with days since then; they were read.",
        "Check that something has happened in them since.",
        kind=TIDY,
        why="A return must hold a case in which something happened in the quarter, also where what was before is gone.",
    ),
    Problem(
        "W-expired",
        WARNING,
        RETURN,
        "A waiver's last day has passed; what it covered counts again.",
        "Mend what it covered, or let its owner renew it.",
        kind=TIDY,
        why="A waiver holds for a time only, so that nobody forgets what was left unmended.",
    ),
    Problem(
        "W-repeated",
        WARNING,
        RETURN,
        "A waiver covers the same as one above it, which is applied.",
        "Keep one of them.",
        kind=TIDY,
        why="With two waivers for one thing nobody knows which owner and which last day hold.",
    ),
    Problem(
        "W-unused",
        WARNING,
        RETURN,
        "A waiver covers no finding.",
        "Remove it if what it covered is mended; otherwise check what it names.",
        kind=TIDY,
        why="A waiver that nobody needs any more would hide the same mistake if it came back.",
    ),
    Problem(
        "O-1",
        ERROR,
        RECORD,
        "The official validations that the authority was sent refuse the case, in their own words.",
        "Correct what the message names; where it names an element, see which field of the case it is.",
        why="DELTA runs the same validations: what they refuse here, it refuses there.",
    ),
    Problem(
        "R-not-run",
        ERROR,
        RETURN,
        "A rule could not run, so nothing is known about what it checks.",
        "Mend the input, or report a fault in the rule. It cannot be waived.",
        why="A return is clean only when every check has been made.",
    ),
)

OTHERS: dict[str, Problem] = {one.id: one for one in _ALL}
"""Every kind by its id. ``O-1`` stands for all of an official pack: one with an id of its own stands under that, O-… or
OP-… (personal-data file) under its number, an error or a warning as the pack says."""
