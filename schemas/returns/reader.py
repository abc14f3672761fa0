"""Reading a return profile from its folder."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, cast, get_args

from schemas.codelists import codelist
from schemas.returns.concrete import expanded
from schemas.returns.kinds import check_kinds
from schemas.returns.profile import (
    DEFAULT_BATCH,
    FILE_NAME,
    HEADER_FIELDS,
    MAX_PACK_FILE_BYTES,
    Empty,
    FileKind,
    FileProfile,
    Form,
    Group,
    Mapped,
    OtherCodes,
    Place,
    Profile,
    ProfileError,
    case_file_columns,
    personal_file_columns,
)
from schemas.sections import SECTION, Column


def shipped_profiles() -> tuple[str, ...]:
    """Names of the profiles that are shipped, sorted."""
    here = Path(str(files(__package__)))
    return tuple(sorted(entry.parent.name for entry in here.glob(f"*/{FILE_NAME}")))


def profile_folder(name_or_path: str) -> Path:
    """Folder of a shipped profile by its name, or of a pack by its path.

    Raises:
        ProfileError: neither exists.
    """
    shipped = Path(str(files(__package__))) / name_or_path
    if name_or_path in shipped_profiles():
        return shipped
    folder = Path(name_or_path)
    folder = folder.parent if folder.name == FILE_NAME else folder
    if not (folder / FILE_NAME).is_file():
        known = ", ".join(shipped_profiles())
        raise ProfileError(
            f"There is no return profile of that name, nor a folder with a {FILE_NAME}. Shipped: {known}."
        )
    return folder


def pack_files(folder: Path) -> list[Path]:
    """Every file of a pack, sorted by name.

    Raises:
        ProfileError: a link leads out of the folder, or a file is too large.
    """
    root = folder.resolve()
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name.startswith(".") or "__pycache__" in path.parts:
            continue
        if not path.resolve().is_relative_to(root):
            raise ProfileError(f"The pack's file {path.name} is a link to a place outside the pack.")
        if path.stat().st_size > MAX_PACK_FILE_BYTES:
            raise ProfileError(f"The pack's file {path.name} is larger than {MAX_PACK_FILE_BYTES:,} bytes.")
        found.append(path)
    return found


def inside(folder: Path, name: str) -> Path:
    """The pack's file of that name.

    Raises:
        ProfileError: the name leads out of the folder, or there is no such file.
    """
    path = (folder / name).resolve()
    if "://" in name or not path.is_relative_to(folder.resolve()):
        raise ProfileError("The pack names a file outside its own folder. Put every file into the folder.")
    if not path.is_file():
        raise ProfileError(f"The pack names the file {Path(name).name}, which is not in its folder.")
    return path


def read_profile(folder: Path) -> Profile:
    """Read ``profile.toml`` of the folder. Paths are checked against the XSD elsewhere.

    Raises:
        ProfileError: the file cannot be read, or names a section, column or code list that does not exist.
    """
    digest = hashlib.sha256()
    for path in pack_files(folder):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    try:
        raw = tomllib.loads(inside(folder, FILE_NAME).read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"{FILE_NAME} of the pack is not valid TOML: {error}.") from None
    return _Reader(raw, folder, digest.hexdigest()).profile()


@dataclass
class _Reader:
    raw: dict[str, Any]
    folder: Path
    sha256: str
    dates: str = field(init=False, default="%Y-%m-%d")
    missing: dict[str, str] = field(init=False, default_factory=dict)

    def profile(self) -> Profile:
        self._only(
            self.raw,
            "the profile",
            "name version provisional dates date_formats flags empty empties missing other_codes codes unused leave_out"
            " schematron return case personal",
        )
        check_kinds(self.raw)
        self.dates = self.raw.get("dates", "%Y-%m-%d")
        if "case" not in self.raw:
            raise ProfileError("The profile has no [case] part.")
        missing = self.raw.get("missing", {})
        given = missing if isinstance(missing, dict) else {"default": missing}
        self.missing = {name: str(code) for name, code in given.items()}
        for key, table in [
            *((key, self.raw.get(key, {})) for key in ("date_formats", "empties", "unused", "leave_out")),
            ("missing", self.missing.keys() - {"default"}),
        ]:
            for name in table:
                self._qualified(name, key)
        flags = self.raw.get("flags", {})
        return Profile(
            name=str(self.raw.get("name", self.folder.name)),
            version=str(self.raw.get("version", "")),
            # A profile says of itself that it was checked; silence means that it was not.
            provisional=bool(self.raw.get("provisional", True)),
            folder=self.folder,
            sha256=self.sha256,
            files={kind: self._file(kind) for kind in ("case", "personal") if kind in self.raw},
            flags=(str(flags.get("false", "false")), str(flags.get("true", "true"))),
            codes=self._codes(),
            other_codes=self._other_codes(),
            unused={key: tuple(map(str, value)) for key, value in self.raw.get("unused", {}).items()},
            same_as=self._same_as(),
            leave_out={key: str(value) for key, value in self.raw.get("leave_out", {}).items()},
        )

    def _same_as(self) -> dict[str, tuple[str, ...]]:
        part = self.raw.get("schematron", {})
        self._only(part, "[schematron]", "same_as")
        return {
            str(theirs): tuple(map(str, ours)) if isinstance(ours, list) else (str(ours),)
            for theirs, ours in part.get("same_as", {}).items()
        }

    def _codes(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for name, values in self.raw.get("codes", {}).items():
            listed = self._qualified(name, "codes").codelist if "." in name else name
            try:
                codes = codelist(str(listed))
            except KeyError:
                raise ProfileError(f"[codes] names {name}, which is neither a code list nor a column.") from None
            found[name] = {codes.current(code): str(value) for code, value in values.items()}
            unknown = sorted(set(found[name]) - set(codes.codes))
            if unknown:
                raise ProfileError(f"[codes.{name}] gives values for codes that the list lacks: {', '.join(unknown)}.")
        return found

    def _file(self, kind: str) -> FileProfile:
        part = self.raw[kind]
        self._only(
            part,
            f"[{kind}]",
            "schema schema_location schematron phase path header constants header_dates missing form batch group",
        )
        written = expanded(part.get("group", []))
        groups = tuple(self._group(kind, number, group) for number, group in enumerate(written))
        if not groups or groups[0].path:
            raise ProfileError(f"[{kind}] needs a first [[{kind}.group]] without a path: the repeated element.")
        names = {group.name for group in groups}
        if len(names) < len(groups):
            raise ProfileError(f"Two groups of [{kind}] have the same name.")
        by_name = {group.name: group for group in groups}
        for group in groups:
            if group.within is None:
                continue
            if group.within not in names or not group.path:
                raise ProfileError(f"Group {group.name} must have a path and be within another group.")
            key = SECTION[by_name[group.within].section].key
            if not group.match or not set(group.match) <= set(key):
                raise ProfileError(
                    f"Group {group.name} needs match = [...]: key columns of {group.within} ({', '.join(key)})."
                )
        dates = str(part.get("header_dates", self.dates))
        header: dict[tuple[str, ...], str] = {}
        forms: dict[tuple[str, ...], str] = {}
        for key, value in part.get("header", {}).items():
            given = value if isinstance(value, dict) else {"field": value}
            self._only(given, f"[{kind}.header] {key}", "field dates")
            header[_path(key)] = str(given.get("field", ""))
            forms[_path(key)] = str(given.get("dates", dates))
        unknown = sorted(set(header.values()) - set(HEADER_FIELDS))
        if unknown:
            raise ProfileError(f"[{kind}.header] names {', '.join(unknown)}. Known: {', '.join(HEADER_FIELDS)}.")
        form, batch = self._form(part)
        return FileProfile(
            kind=cast(FileKind, kind),
            schema=str(part.get("schema", "")),
            schematron=part.get("schematron"),
            phase=part.get("phase"),
            unit=_path(str(part.get("path", ""))),
            header=header,
            header_constants={_path(key): str(value) for key, value in part.get("constants", {}).items()},
            header_dates=forms,
            groups=groups,
            form=form,
            batch=batch,
            schema_location=part.get("schema_location"),
        )

    def _form(self, part: dict[str, Any]) -> tuple[Form, int]:
        given = {**self.raw.get("return", {}), **{key: part[key] for key in ("form", "batch") if key in part}}
        self._only(given, "[return]", "form batch")
        form, batch = given.get("form", "one"), given.get("batch", DEFAULT_BATCH)
        if form not in get_args(Form):
            raise ProfileError(f"[return] form must be one of {', '.join(get_args(Form))}.")
        if not isinstance(batch, int) or isinstance(batch, bool) or batch < 1:
            raise ProfileError("[return] batch must be a whole number of cases, at least 1.")
        return cast(Form, form), batch

    def _group(self, kind: str, number: int, group: dict[str, Any]) -> Group:
        self._only(
            group,
            f"a group of [{kind}]",
            "name section path under columns constants where unless filled unfilled slots within match repeat count",
        )
        section = str(group.get("section", ""))
        if section not in SECTION:
            raise ProfileError(f"A group of [{kind}] has the section {section!r}, which is not one of the nine.")
        under = _path(str(group.get("under", "")))
        columns = group.get("columns", {})
        if columns == "catalogue":
            # The key of the case stands once, in the repeated element.
            allowed = personal_file_columns() if kind == "personal" else case_file_columns(section)
            columns = {
                c.name: {"path": c.element, "join": " "} if c.kind == "codes" else c.element
                for c in allowed
                if number == 0 or c.name != "case_ref"
            }
        elif isinstance(columns, str):
            raise ProfileError(f'A group of [{kind}] has columns that are neither a table nor "catalogue".')
        name = str(group.get("name", section))
        return Group(
            name=name,
            section=section,
            path=_path(str(group.get("path", ""))),
            columns=tuple(self._mapped(kind, section, column, to, under) for column, to in columns.items()),
            constants={(*under, *_path(k)): str(v) for k, v in group.get("constants", {}).items()},
            where=self._filter(section, group.get("where", {})),
            unless=self._filter(section, group.get("unless", {})),
            filled=tuple(self._column(section, column).name for column in group.get("filled", [])),
            unfilled=tuple(self._column(section, column).name for column in group.get("unfilled", [])),
            slots=int(group.get("slots", 1)),
            within=group.get("within"),
            match=tuple(self._column(section, column).name for column in group.get("match", [])),
            repeat=bool(group.get("repeat", False)),
            count=bool(group.get("count", True)),
        )

    def _filter(self, section: str, given: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        found = {}
        for name, values in given.items():
            column = self._column(section, name)
            codes = tuple(map(str, values)) if isinstance(values, list) else (str(values),)
            if column.codelist:
                codes = tuple(map(codelist(column.codelist).current, codes))
            unknown = sorted(set(codes) - set(codelist(column.codelist).codes)) if column.codelist else []
            if unknown:
                raise ProfileError(f"A filter on {section}.{name} names unknown codes: {', '.join(unknown)}.")
            found[name] = codes
        return found

    def _mapped(self, kind: str, section: str, name: str, to: Any, under: tuple[str, ...]) -> Mapped:
        column = self._column(section, name)
        allowed = personal_file_columns() if kind == "personal" and section == "people" else case_file_columns(section)
        if column not in allowed:
            why = "a local field" if column.local else "not a field of that file"
            raise ProfileError(f"[{kind}] maps {section}.{name}, which is {why} and may not be written there.")
        join = None
        if isinstance(to, dict):
            join = to.get("join")
            to = to.get("path", "")
        qualified = f"{section}.{name}"
        paths = [str(path) for path in (to if isinstance(to, list) else [to])]
        if not all(paths):
            raise ProfileError(f"[{kind}] maps {qualified} to no path.")
        by_default = str(self.raw[kind].get("missing", self.missing.get("default", "")))
        default = by_default if column.kind in ("code", "codes") else ""
        return Mapped(
            column=column,
            places=tuple(self._place(column, (*under, *_path(path)), join, kind) for path in paths),
            join=join,
            dates=str(self.raw.get("date_formats", {}).get(qualified, self.dates)),
            empty=cast(Empty, self.raw.get("empties", {}).get(qualified, self.raw.get("empty", "omit"))),
            missing=self.missing.get(qualified, default) or None,
            is_missing_by_default=qualified not in self.missing,
        )

    @staticmethod
    def _place(column: Column, steps: tuple[str, ...], join: str | None, kind: str) -> Place:
        starred = [index for index, step in enumerate(steps) if step.endswith("*")]
        repeat = -1
        if column.kind == "codes" and join is None:
            if not steps:
                raise ProfileError(
                    f"[{kind}] maps {column.section}.{column.name}, which holds several codes, to one element: name"
                    " the element that is repeated, or give join."
                )
            repeat = starred[0] if starred else len(steps) - 1
        return Place(tuple(step.removesuffix("*") for step in steps), repeat)

    def _column(self, section: str, name: str) -> Column:
        try:
            return SECTION[section].column(name)
        except KeyError:
            raise ProfileError(f"The profile names the column {section}.{name}, which does not exist.") from None

    def _qualified(self, name: str, where: str) -> Column:
        section, _, column = name.partition(".")
        if section not in SECTION:
            raise ProfileError(f"[{where}] names {name}; write it as section.column.")
        return self._column(section, column)

    def _other_codes(self) -> dict[str, OtherCodes]:
        given = self.raw.get("other_codes", "own")
        by_list = {"default": "own", **given} if isinstance(given, dict) else {"default": given}
        if not set(by_list.values()) <= set(get_args(OtherCodes)):
            raise ProfileError(f"other_codes must be one of {', '.join(get_args(OtherCodes))}.")
        return cast(dict[str, OtherCodes], by_list)

    @staticmethod
    def _only(table: dict[str, Any], where: str, known: str) -> None:
        unknown = sorted(set(table) - set(known.split()))
        if unknown:
            raise ProfileError(f"{where} has unknown entries: {', '.join(unknown)}.")


def _path(text: str) -> tuple[str, ...]:
    return tuple(step for step in text.split("/") if step and step != ".")
