"""The words of a heading, so that "D.O.B.", "DateOfBirth" and "Date of birth" are the same."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product

from pipelines.extract.parsing import fold

_SPELLED = re.compile(r"\b(?:[A-Za-z]\.){2,}")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[a-z]+|\d+|\{n\}")


def word_set(text: str) -> frozenset[str]:
    """The words of the text, parted by white space."""
    return frozenset(text.split())


_DROPPED = word_set(
    "of the a an was is were are for has have and or at on s with which that what yn ind flag flg please pls"
)
MOST_FORMS = 6

# Short forms; several readings are tried where one short form has several.
_SHORT: dict[str, tuple[str, ...]] = {
    "dt": ("date",),
    "dte": ("date",),
    "cd": ("code",),
    "cds": ("code",),
    "no": ("number",),
    "num": ("number",),
    "nbr": ("number",),
    "nr": ("number",),
    "ref": ("reference",),
    "refno": ("reference number",),
    "refnum": ("reference number",),
    "acc": ("accommodation",),
    "accom": ("accommodation",),
    "accomm": ("accommodation",),
    "acm": ("accommodation",),
    "addr": ("address",),
    "app": ("application",),
    "applic": ("application",),
    "appl": ("applicant", "application"),
    "assmt": ("assessment",),
    "ass": ("assessment",),
    "elig": ("eligibility",),
    "nat": ("nationality", "national"),
    "emp": ("employment",),
    "rel": ("relationship", "relief"),
    "prev": ("previous", "prevention"),
    "pn": ("priority need",),
    "pneed": ("priority need",),
    "ta": ("temporary accommodation",),
    "la": ("local authority",),
    "ni": ("national insurance",),
    "nino": ("national insurance number",),
    "php": ("personalised housing plan",),
    "dob": ("date birth",),
    "lha": ("local housing allowance",),
    "brma": ("broad rental market area",),
    "curr": ("current",),
    "loc": ("local", "location"),
    "conn": ("connection",),
    "desc": ("description",),
    "sys": ("system",),
    "orient": ("orientation",),
    "gend": ("gender",),
    "rsn": ("reason",),
    "outc": ("outcome",),
    "hh": ("household",),
    "hhld": ("household",),
    "hless": ("homeless",),
    "homelessness": ("homeless",),
    "dtr": ("duty refer",),
    "mem": ("member",),
    "per": ("person",),
    "pers": ("person",),
    "seq": ("sequence",),
    "qty": ("number",),
    "beds": ("bedroom",),
    "bed": ("bedroom",),
    "bdrms": ("bedroom",),
    "ppn": ("per night",),
    "pcm": ("per month",),
    "pw": ("per week",),
    "wkly": ("weekly",),
    "pd": ("per night",),
    "co": ("council",),
    "req": ("requested",),
    "recd": ("received",),
    "rcvd": ("received",),
    "orig": ("original",),
    "inv": ("invoice",),
    "plc": ("placement",),
    "plcmt": ("placement",),
    "oth": ("other",),
    "supp": ("support",),
    "ethnicorigin": ("ethnic origin",),
    "md": ("main duty",),
    "mhd": ("main duty",),
    "prevn": ("prevention",),
    "rlf": ("relief",),
    "lname": ("surname",),
    "fname": ("forename",),
    "firstname": ("first name",),
    "lastname": ("last name",),
    "birthdate": ("birth date",),
    "hclic": ("",),
    "casenumber": ("case number",),
    "caseref": ("case reference",),
    "caseid": ("case id",),
    "personid": ("person id",),
}

# Words that say the same in a heading.
_SAME = {
    "started": "start",
    "starts": "start",
    "starting": "start",
    "begin": "start",
    "begins": "start",
    "began": "start",
    "begun": "start",
    "commenced": "start",
    "commencement": "start",
    "commence": "start",
    "ended": "end",
    "ends": "end",
    "ending": "end",
    "finish": "end",
    "finished": "end",
    "ceased": "end",
    "cease": "end",
    "terminated": "end",
    "termination": "end",
    "assessed": "assess",
    "assessment": "assess",
    "assessments": "assess",
    "notified": "notify",
    "notification": "notify",
    "notice": "notify",
    "referred": "refer",
    "referral": "refer",
    "referring": "refer",
    "referrer": "refer",
    "relation": "relationship",
    "relationships": "relationship",
    "dependant": "dependent",
    "dependants": "dependent",
    "dependents": "dependent",
    "ethnic": "ethnicity",
    "eligible": "eligibility",
    "employed": "employment",
    "allocated": "allocate",
    "allocation": "allocate",
    "created": "create",
    "creation": "create",
    "closed": "close",
    "closure": "close",
    "closing": "close",
    "applied": "application",
    "applications": "application",
    "decided": "decision",
    "placed": "placement",
    "placements": "placement",
    "discharged": "discharge",
    "issued": "issue",
    "requested": "request",
    "reviewed": "review",
    "reviews": "review",
    "recorded": "record",
    "activities": "activity",
    "needs": "need",
    "benefits": "benefit",
    "bedrooms": "bedroom",
    "category": "type",
    "kind": "type",
    "nightly": "night",
    "weekly": "week",
    "monthly": "month",
    "daily": "night",
    "forenames": "forename",
    "accepted": "accept",
    "acceptance": "accept",
    "completed": "complete",
    "completion": "complete",
    "personal": "personalised",
    "id": "reference",
    "identifier": "reference",
    "key": "reference",
    "district": "area",
    "borough": "area",
    "residing": "lives",
    "resides": "lives",
    "living": "lives",
    "live": "lives",
    "gender": "sex",
    "caseworker": "officer",
    "worker": "officer",
    "children": "child",
    "persons": "person",
    "members": "member",
    "households": "household",
    "approached": "approach",
    "presented": "presentation",
    "updated": "update",
    "modified": "update",
    "amended": "update",
    "entered": "enter",
    "entry": "enter",
    "exited": "exit",
}


@lru_cache(maxsize=50_000)
def forms(heading: str) -> tuple[tuple[str, ...], ...]:
    """The words of the heading in reading order, once for each reading of its short forms."""
    text = _SPELLED.sub(lambda match: match[0].replace(".", ""), heading)
    text = _HUMP.sub(" ", text).replace("'", "").replace("’", "")
    readings = [_SHORT.get(word, (word,)) for word in _WORD.findall(fold(text))]
    found = []
    for reading in list(product(*readings))[:MOST_FORMS]:
        words = [_SAME.get(word, word) for part in reading for word in part.split()]
        kept = tuple(word for word in words if word not in _DROPPED)
        found.append(kept or tuple(words))
    return tuple(dict.fromkeys(found))
