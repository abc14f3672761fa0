"""A pack's Schematron read into one plain schema: what it includes is in it, abstract patterns and rules are laid out.

What is left has patterns with rules, rules with ``let``, ``assert`` and ``report``, and nothing that refers to another
file. A pack comes by e-mail: every file is read from its folder, without network, DTD or entities.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

from lxml import etree

from pipelines.emit.returns.xsd import XS, parse_safely
from schemas.returns import ProfileError, inside

SCH = "http://purl.oclc.org/dsdl/schematron"
_XINCLUDE = "{http://www.w3.org/2001/XInclude}include"
_MOST_INCLUDES = 100


def sch(name: str) -> str:
    """An ISO Schematron name as lxml writes it."""
    return f"{{{SCH}}}{name}"


def read(path: Path, folder: Path) -> etree._Element:
    """The schema of the file, whole and plain.

    Raises:
        ProfileError: not well-formed, not ISO Schematron, reaches out of the pack, or refers to what is not there.
    """
    root = parse_safely(path).getroot()
    if root.tag == f"{{{XS}}}schema":
        root = _embedded(root, path)
    if root.tag != sch("schema"):
        raise ProfileError(f"The pack's file {path.name} is not ISO Schematron.")
    root = deepcopy(root)
    _Includes(folder, path.name).resolve(root, path)
    if next(root.iter(_XINCLUDE), None) is not None:
        raise ProfileError(f"{path.name} uses XInclude, which is not accepted.")
    for pattern in root.iter(sch("pattern")):
        if pattern.get("documents") is not None:
            raise ProfileError(
                f"{path.name}: {_named(pattern, 'pattern')} reads other documents, which is not accepted."
            )
    _lay_out_patterns(root, path.name)
    _lay_out_rules(root, path.name)
    _lay_out_groups(root)
    _refuse_unknown(root, path.name)
    return root


def _embedded(xsd: etree._Element, path: Path) -> etree._Element:
    """The Schematron in the annotations of an XSD, as one schema."""
    root = etree.Element(sch("schema"), nsmap={"sch": SCH})
    for info in xsd.iter(f"{{{XS}}}appinfo"):
        for child in info.iterchildren(sch("*")):
            if child.tag == sch("schema"):
                root.attrib.update(dict(child.attrib))
                root.extend(deepcopy(list(child)))
            else:
                root.append(deepcopy(child))
    if next(root.iter(sch("pattern")), None) is None:
        raise ProfileError(f"The pack's file {path.name} is an XSD without any Schematron in its annotations.")
    return root


class _Includes:
    """Replaces ``include``, and ``extends`` with a file, by what the file holds."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name, self.count = folder, name, 0

    def resolve(self, element: etree._Element, path: Path) -> None:
        """Do it below the element, which comes from the file ``path``."""
        for child in list(element.iterchildren("*")):
            href = child.get("href")
            if child.tag == sch("include") or (child.tag == sch("extends") and href is not None):
                self._replace(element, child, href or "", path)
            else:
                self.resolve(child, path)

    def _replace(self, parent: etree._Element, reference: etree._Element, href: str, path: Path) -> None:
        self.count += 1
        if self.count > _MOST_INCLUDES:
            raise ProfileError(f"{self.name} includes more than {_MOST_INCLUDES} files, or a file includes itself.")
        name, _, fragment = href.partition("#")
        beside = name if "://" in name else (path.parent.resolve().relative_to(self.folder.resolve()) / name).as_posix()
        file = inside(self.folder, beside) if name else path
        part = deepcopy(_fragment(parse_safely(file).getroot(), fragment, file))
        self.resolve(part, file)
        whole = part.tag != sch("schema") and reference.tag == sch("include")
        parts = [part] if whole else list(part)
        for one in parts:
            one.tail = None
            reference.addprevious(one)
        parent.remove(reference)


def _fragment(root: etree._Element, fragment: str, file: Path) -> etree._Element:
    if not fragment:
        return root
    for element in root.iter("*"):
        if fragment in (element.get("id"), element.get("{http://www.w3.org/XML/1998/namespace}id")):
            return element
    raise ProfileError(f"The Schematron includes {file.name}#{fragment}, and the file has nothing of that id.")


def _lay_out_patterns(root: etree._Element, file: str) -> None:
    patterns = list(root.iterchildren(sch("pattern"), sch("group")))
    abstract = {p.get("id"): p for p in patterns if p.get("abstract") == "true"}
    for pattern in patterns:
        if pattern.get("abstract") != "true" and pattern.get("is-a") is not None:
            _instantiate(pattern, abstract, file, ())
    for pattern in abstract.values():
        root.remove(pattern)


def _instantiate(
    pattern: etree._Element, abstract: dict[str | None, etree._Element], file: str, seen: tuple[str, ...]
) -> None:
    wanted = str(pattern.attrib.pop("is-a"))
    template = abstract.get(wanted)
    if template is None or wanted in seen:
        raise ProfileError(f"{file}: {_named(pattern, 'pattern')} is made of {wanted}, which is no abstract pattern.")
    template = deepcopy(template)
    if template.get("is-a") is not None:
        _instantiate(template, abstract, file, (*seen, wanted))
    values = {str(p.get("name")): str(p.get("value")) for p in template.iterchildren(sch("param")) if p.get("value")}
    values |= {str(p.get("name")): str(p.get("value")) for p in pattern.iterchildren(sch("param"))}
    for child in template.iterchildren("*"):
        if child.tag not in (sch("param"), sch("title"), sch("p")):
            child = deepcopy(child)
            _put_params(child, values)
            pattern.append(child)
    for param in list(pattern.iterchildren(sch("param"))):
        pattern.remove(param)


def _put_params(element: etree._Element, values: dict[str, str]) -> None:
    """Put the values of the parameters in the place of ``$name``, in every expression and sentence."""
    if not values:
        return
    names = "|".join(re.escape(name) for name in sorted(values, key=len, reverse=True))
    reference = re.compile(rf"\$({names})(?![\w.-])")

    def put(text: str) -> str:
        return reference.sub(lambda found: values[found[1]], text)

    for one in element.iter("*"):
        for name, value in one.attrib.items():
            if "$" in str(value):
                one.set(name, put(str(value)))
        if one.text and "$" in one.text:
            one.text = put(one.text)
        if one.tail and "$" in one.tail and one is not element:
            one.tail = put(one.tail)


def _lay_out_rules(root: etree._Element, file: str) -> None:
    everywhere: dict[str, etree._Element] = {}
    for rule in root.iter(sch("rule")):
        if rule.get("abstract") == "true" and rule.get("id"):
            everywhere.setdefault(str(rule.get("id")), rule)

    def content(rule: etree._Element, seen: tuple[str, ...]) -> Iterator[etree._Element]:
        pattern = rule.getparent()
        here = {} if pattern is None else {r.get("id"): r for r in pattern.iterchildren(sch("rule"))}
        for child in rule.iterchildren("*"):
            if child.tag != sch("extends"):
                yield child
                continue
            wanted = str(child.get("rule"))
            found = here.get(wanted)
            if found is None or found.get("abstract") != "true":
                found = everywhere.get(wanted)
            if found is None or wanted in seen:
                raise ProfileError(f"{file}: a rule extends {wanted}, which is no abstract rule.")
            yield from content(found, (*seen, wanted))

    laid_out = {
        rule: [deepcopy(child) for child in content(rule, ())]
        for rule in root.iter(sch("rule"))
        if rule.get("abstract") != "true"
    }
    for rule, children in laid_out.items():
        for child in list(rule):
            rule.remove(child)
        rule.extend(children)
    for rule in list(root.iter(sch("rule"))):
        parent = rule.getparent()
        if rule.get("abstract") == "true" and parent is not None:
            parent.remove(rule)


def _lay_out_groups(root: etree._Element) -> None:
    """In a group every rule judges a node that it fits: each becomes a pattern of its own."""
    for group in list(root.iterchildren(sch("group"))):
        for rule in group.iterchildren(sch("rule")):
            pattern = etree.Element(sch("pattern"))
            pattern.attrib.update(group.attrib)
            pattern.extend(deepcopy([let for let in group.iterchildren(sch("let"))]))
            pattern.append(deepcopy(rule))
            group.addprevious(pattern)
        root.remove(group)


_PROSE = "title p emph dir span"
_KNOWN = {
    "schema": f"{_PROSE} ns let phase pattern diagnostics properties rules param library",
    "phase": f"{_PROSE} active let",
    "pattern": f"{_PROSE} let rule diagnostics properties param",
    "rule": f"{_PROSE} let assert report param",
}
"""What may stand in each part: what is not known here would be left out in silence."""


def _refuse_unknown(root: etree._Element, file: str) -> None:
    for parent in root.iter(*map(sch, _KNOWN)):
        kind = etree.QName(parent).localname
        for child in parent.iterchildren(sch("*")):
            if etree.QName(child).localname not in _KNOWN[kind].split():
                raise ProfileError(
                    f"{file} has {etree.QName(child).localname} in a {kind}, which this program does not know."
                )
        if parent.get("visit-each") is not None:
            raise ProfileError(f"{file} has visit-each in a {kind}, which this program does not know.")


def _named(element: etree._Element, kind: str) -> str:
    return f"the {kind} {element.get('id')}" if element.get("id") else f"a {kind}"
