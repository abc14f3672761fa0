"""A tiny export that runs clean, and the call that reads it: what the corpus breaks one thing of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

AUTHORITY = "E06000034"
QUARTER = "2025-Q3"
ONE, TWO, THREE = (f"{AUTHORITY}_00000000000{number}" for number in (1, 2, 3))
# Nobody is called so: a name, a birth or an address that turns up on a screen came from the cells of this export.
PERSONAL = ("Quillfeather", "Zebedee", "Ottoline", "1987-03-19", "19/03/1987", "2018-02-11", "QQ123456C", "Quay Lane")

FILES: dict[str, str] = {
    "main": f"""\
la_code,case_ref,application_date,assess_date,assess1,referral,referral_body,eligibility,nationality,lastaccom,\
currentaccom,reasonloss,reason_tenancy_end,local_connection,employment_applicant,employment_partner,benefits,php_date,\
officer
{AUTHORITY},{ONE},2025-09-01,2025-09-03,relief,no,,uk_roi_hr,GB,family,family,family_friends,,residence,ft,,uc,\
2025-09-05,AB
{AUTHORITY},{TWO},2025-09-18,2025-09-22,prevention,no,,uk_roi_hr,GB,family,family,family_friends,,residence,ft,,uc;hb,\
2025-09-24,AB
{AUTHORITY},{THREE},2025-07-01,2025-07-03,relief,no,,uk_roi_hr,GB,family,family,family_friends,,residence,ft,,uc,\
2025-07-05,CD
""",
    "people": f"""\
case_ref,person_no,relationship,date_of_birth,age,sex,gender_identity,ethnicity,sexual_orientation,dependent,pregnant,\
personal_data_consent,forename,surname,nino,last_address
{ONE},1,main_applicant,1987-03-19,,female,same,white_british,heterosexual,no,,,Ottoline,Quillfeather,QQ123456C,\
1 Quay Lane
{ONE},2,dependent_child,2018-02-11,,female,,,,yes,,,Zebedee,Quillfeather,,1 Quay Lane
{TWO},1,main_applicant,1987-03-19,,male,same,white_british,heterosexual,no,,,Zebedee,Quillfeather,,2 Quay Lane
{THREE},1,main_applicant,1987-03-19,,female,same,white_british,heterosexual,no,,,Ottoline,Quillfeather,,3 Quay Lane
{THREE},2,dependent_child,2018-02-11,,male,,,,yes,,,Zebedee,Quillfeather,,3 Quay Lane
""",
    "support_needs": f"case_ref,support_need\n{ONE},mental\n{TWO},none\n{THREE},none\n",
    "prevention": f"""\
case_ref,prevention_start,prevention_end,prevention_outcome,prevention_activity,accom_pr,prevention_accom_la
{TWO},2025-09-22,,,,,
""",
    "relief": f"""\
case_ref,relief_start,relief_end,relief_outcome,relief_activity,relief_accom,relief_accom_la,referred_la
{ONE},2025-09-03,,,,,,
{THREE},2025-07-03,2025-09-01,elapsed_56,,,,
""",
    "final_duties": f"""\
case_ref,main_decision_date,main_decision,pneed,main_duty_end,main_duty_outcome,main_accom,main_accom_la
{THREE},2025-09-02,accepted,children,,,,
""",
    "assistance": f"case_ref,support_need,assistance\n{ONE},mental,provided\n",
    "temporary_accommodation": f"""\
case_ref,placement_no,entry_date,exit_date,taduty,ta_type,ta_la,exit_reason
{ONE},1,2025-09-05,,s188_1,nightly,{AUTHORITY},
{THREE},1,2025-09-02,,s193_2,psl,{AUTHORITY},
""",
    "reviews": f"""\
case_ref,review_no,review_requested_date,decision_reviewed,review_outcome_date,review_outcome,appeal
{THREE},1,2025-09-20,suitability,,,no
""",
}
"""Text of each file: a relief case in temporary accommodation, a prevention case, a main duty with a review."""


@dataclass
class Call:
    """One call of the command; a fault changes the export on disk, or the options."""

    folder: Path
    """Of the call's own: the export, files beside it, and the outputs."""
    export: Path
    options: dict[str, str] = field(default_factory=dict)
    """By name without dashes."""

    def path(self, name: str) -> Path:
        """A file of the export by section or whole name."""
        return self.export / (name if "." in name else f"{name}.csv")

    def text(self, name: str) -> str:
        """Its text."""
        return self.path(name).read_bytes().decode()

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the export."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def change(self, name: str, edit: Callable[[str], str]) -> None:
        """Change the text of a file; a fault that changes nothing is none."""
        before = self.text(name)
        after = edit(before)
        assert after != before, f"nothing of {name} was changed"
        self.write(name, after)

    def beside(self, option: str, name: str, content: str | bytes) -> Path:
        """Write a file beside the export and give it as an option."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.options[option] = str(path)
        return path

    def arguments(self, command: str) -> list[str]:
        """What is typed."""
        given = [command, str(self.export)]
        for name, value in self.options.items():
            given += [f"--{name}", value]
        if command == "run":
            given.append("--no-pages")
            if "out" not in self.options:
                given += ["--out", str(self.folder / "out")]
        return given


def base_call(folder: Path) -> Call:
    """The call that ends clean, its export written below ``folder``."""
    export = folder / "export"
    export.mkdir()
    for name, text in FILES.items():
        (export / f"{name}.csv").write_bytes(text.encode())
    return Call(folder, export, {"authority": AUTHORITY, "quarter": QUARTER, "source": "native"})
