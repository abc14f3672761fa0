"""Return profiles: which element or attribute carries which section column, and each code's official value.

A profile is a folder with ``profile.toml`` and the XSD files that it names; ``README.md`` beside this is its manual.
Order, namespaces and repetition are not written in a profile: they are read from the XSD.
"""

from __future__ import annotations

from schemas.returns.profile import (
    FILE_NAME,
    HEADER_FIELDS,
    PERSONAL_FILE_COLUMNS,
    PROVISIONAL,
    FileProfile,
    Group,
    Mapped,
    Place,
    Profile,
    ProfileError,
    case_file_columns,
    personal_file_columns,
)
from schemas.returns.reader import inside, pack_files, profile_folder, read_profile, shipped_profiles

__all__ = [
    "FILE_NAME",
    "HEADER_FIELDS",
    "PERSONAL_FILE_COLUMNS",
    "PROVISIONAL",
    "FileProfile",
    "Group",
    "Mapped",
    "Place",
    "Profile",
    "ProfileError",
    "case_file_columns",
    "inside",
    "pack_files",
    "personal_file_columns",
    "profile_folder",
    "read_profile",
    "shipped_profiles",
]
