"""What the XSD finds wrong with a document, told in words: the case, the section field, the element, what is expected.

libxml2's own messages quote values, so none of them is passed on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from lxml import etree

from pipelines.emit.returns.expected import expected
from pipelines.emit.returns.located import Located
from pipelines.emit.returns.problems import Problem
from pipelines.emit.returns.xsd_files import safe_parser

ERRORS_SHOWN = 200
_CONTENT = "SCHEMAV_ELEMENT_CONTENT"
_SAID = {
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": "The XSD wants this element empty.",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_2": "The XSD wants a value here, and elements were written.",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": "The XSD wants elements here, and a value was written.",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "The XSD does not allow this attribute here.",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2": "The XSD does not allow this attribute here.",
    "SCHEMAV_CVC_ELT_1": "The XSD has no element of this name at this place.",
    "SCHEMAV_CVC_ELT_2": "The XSD does not allow this element itself; name the one that stands for it in profile.toml.",
    "SCHEMAV_CVC_ELT_3_1": "The XSD does not let this element be nil: take it out of [empties] in profile.toml.",
    "SCHEMAV_CVC_TYPE_2": "The type of this element is abstract; name the one that is meant in profile.toml.",
}
_TYPE_CHOSEN = "SCHEMAV_CVC_ELT_4"
_FIXED = ("SCHEMAV_CVC_ELT_5_2_2_2", "SCHEMAV_CVC_AU", "SCHEMAV_CVC_COMPLEX_TYPE_3_1")


def schema_errors(path: Path, validator: etree.XMLSchema, located: Located) -> list[Problem]:
    """One problem per error of the XSD in a document that is known to have some."""
    try:
        tree = etree.parse(str(path), safe_parser())
    except etree.XMLSyntaxError as error:
        return [Problem("schema", f"{path.name} is not well-formed XML (line {error.lineno}).")]
    validator.validate(tree)
    # The stubs do not say that the log can be walked.
    errors: list[Any] = list(cast(Any, validator.error_log))
    prefixes = {prefix: uri for prefix, uri in tree.getroot().nsmap.items() if prefix}
    problems: dict[tuple[str, str | None], Problem] = {}
    for found in errors:
        nodes = tree.xpath(found.path, namespaces=prefixes) if found.path else []
        node = nodes[0] if isinstance(nodes, list) and nodes and isinstance(nodes[0], etree._Element) else None
        # libxml2 names one bad value up to three times: by its facet, its type and the list that it stands in.
        problem, about = _problem(found.type_name, found.message, node, located)
        problems.setdefault((found.path or "", about), problem)
    listed = list(problems.values())
    if not listed:
        return [Problem("schema", f"{path.name} could not be read to its end.")]
    more = len(listed) - ERRORS_SHOWN
    if more > 0:
        listed[ERRORS_SHOWN:] = [Problem("schema", f"{more:,} more errors of the XSD in {path.name} are not shown.")]
    return listed


def _problem(type_name: str, message: str, node: etree._Element | None, located: Located) -> tuple[Problem, str | None]:
    """The problem, and what of the element it is about: an attribute, its content, or None: its value."""
    if node is None:
        return Problem("schema", "The document does not fit the XSD."), type_name
    if type_name == _CONTENT:
        return _of_content(message, node, located), "content"
    attribute = _attribute(message)
    below = None if attribute is None else f"@{attribute}"
    if type_name == "SCHEMAV_CVC_COMPLEX_TYPE_4":
        words = "The XSD demands this attribute, and the case has no value for it."
    elif type_name in _SAID:
        words = _SAID[type_name]
    elif type_name.startswith(_TYPE_CHOSEN):
        words = "The type that the profile chose for this element is not one that the XSD allows here."
    elif type_name.startswith(_FIXED):
        words = "The XSD fixes this value, and another one was written."
    elif "IDC" in type_name:
        words = "A value that the XSD wants unique, or to be found elsewhere in the document, is not."
    else:
        simple = located.simple(node, attribute)
        text = (
            node.text if attribute is None else next((v for k, v in node.items() if _local(str(k)) == attribute), None)
        )
        there = "The value does not fit" if text else "There is no value"
        words = f"{there}: the XSD expects {expected(simple)}." if simple else f"{there} what the XSD expects."
    return _made(node, below, words, located), below


def _of_content(message: str, node: etree._Element, located: Located) -> Problem:
    """About elements that are missing, stand in the wrong place, or stand too often."""
    names = list(_expected_names(message))
    if "Missing child" in message:
        return _missing(node, _demanded(node, names, located), located)
    parent, before, own = node.getparent(), node.getprevious(), _local(str(node.tag))
    if before is not None and before.tag == node.tag and own not in names:
        return _made(node, None, "The element stands here more often than the XSD allows.", located)
    if parent is None or not names:
        return _made(node, None, "The XSD does not allow this element at this place.", located)
    return _missing(parent, _demanded(parent, names, located), located, before=own)


def _missing(parent: etree._Element, names: list[str], located: Located, before: str | None = None) -> Problem:
    where = f" before {before}" if before else ""
    if len(names) == 1:
        words = f"The XSD demands this element{where}, and the case has no value for it."
        return _made(parent, names[0], words, located)
    if not names:
        return _made(parent, None, "The XSD demands a further element here.", located)
    fields = [field for name in names if (field := located.fields(parent, name))]
    words = f"The XSD demands one of the elements {', '.join(names)}{where}, and the case has a value for none of them."
    return Problem(
        "schema",
        words,
        case_ref=located.case_ref(parent),
        element=located.label(parent),
        field=", ".join(dict.fromkeys(fields)) or None,
    )


def _demanded(parent: etree._Element, names: list[str], located: Located) -> list[str]:
    """Of the elements that could come next, those that must: libxml2 names the optional ones before them too."""
    node = located.node(parent)
    if node is None:
        return names
    must = [name for name in names if any(not child.optional for child in node.named(name))]
    return must or names


def _made(node: etree._Element, below: str | None, words: str, located: Located) -> Problem:
    return Problem(
        "schema",
        words,
        case_ref=located.case_ref(node),
        element=located.label(node, below),
        field=located.fields(node, below),
    )


def _expected_names(message: str) -> Iterator[str]:
    """The names in ``Expected is one of ( {urn:x}A, B )``; a message about content holds no value."""
    _, _, listed = message.partition("Expected is ")
    for name in re.sub(r"\{[^}]*\}", "", listed.partition("(")[2].rpartition(")")[0]).split(","):
        if name.strip() and not name.strip().startswith(("*", "#")):
            yield name.strip()


def _attribute(message: str) -> str | None:
    """The attribute that libxml2 names; looked for before any value is quoted."""
    found = re.match(r"(?:Element '[^']*')?(?:, |: The )attribute '(?:\{[^}]*\})?([^']+)'", message)
    return None if found is None else found[1]


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
