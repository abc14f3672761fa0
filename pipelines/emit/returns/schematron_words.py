"""The expressions of a Schematron as words: what they call, which variables they use, and what none of them may do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from schemas.returns import ProfileError

XSL = "http://www.w3.org/1999/XSL/Transform"
EXSLT_FUNCTIONS = "http://exslt.org/functions"

_NAME = r"[A-Za-z_À-￿][\w.\-À-￿]*"
_TOKEN = re.compile(
    r"""(?P<text>"[^"]*"|'[^']*')|(?P<comment>\(:.*?:\))|(?P<variable>\$\s*(?:N:)?N)"""
    r"""|(?P<call>(?:Q\{[^}]*\}|N:)?N(?=\s*\(|\#\d))|(?P<name>(?:N:)?N)|(?P<other>.)""".replace("N", _NAME),
    re.DOTALL,
)
_XPATH_1 = """last position count id local-name namespace-uri name string concat starts-with contains substring-before
substring-after substring string-length normalize-space translate boolean not true false lang number sum floor ceiling
round key format-number current unparsed-entity-uri generate-id system-property element-available function-available
comment text processing-instruction node and or div mod"""
_READS_FILES = """doc document doc-available collection uri-collection unparsed-text unparsed-text-lines
unparsed-text-available json-doc transform load-xquery-module function-lookup environment-variable
available-environment-variables stream-available"""
_TOP_LEVEL = "key function variable param template decimal-format"
_FORBIDDEN = """import include use-package package override expose accept result-document document evaluate
source-document stream merge merge-source import-schema script"""


def tokens(expression: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each token: ``text``, ``comment``, ``variable``, ``call``, ``name`` or ``other``."""
    for found in _TOKEN.finditer(expression):
        yield str(found.lastgroup), found[0]


def variables(expression: str) -> set[str]:
    """Names of the variables that the expression uses."""
    return {text[1:].strip() for kind, text in tokens(expression) if kind == "variable"}


def names(expression: str) -> set[str]:
    """Names of elements and attributes that the expression may speak of, without prefix."""
    return {text.rpartition(":")[2] for kind, text in tokens(expression) if kind == "name"}


def renamed(expression: str, names_of: Mapping[str, str]) -> str:
    """The expression with other names for these variables."""
    if not names_of or "$" not in expression:
        return expression
    return "".join(
        f"${names_of.get(text[1:].strip(), text[1:].strip())}" if kind == "variable" else text
        for kind, text in tokens(expression)
    )


def check_expression(expression: str, where: str, *, xpath1: bool) -> None:
    """Refuse an expression that reads files or the network, or calls what its language lacks.

    Raises:
        ProfileError: it does; the sentence names the function.
    """
    for kind, text in tokens(expression):
        if kind != "call":
            continue
        local = re.split(r"[:}]", text)[-1]
        if local in _READS_FILES.split():
            raise ProfileError(f"{where} calls {local}(), which reads files or the network. That is not accepted.")
        if xpath1 and ":" not in text and local not in _XPATH_1.split():
            raise ProfileError(
                f"{where} calls {local}(), which XPath 1 lacks. If the Schematron is written in XPath 2 or 3, its"
                ' queryBinding should say so: "xslt2" or "xslt3".'
            )


def check_code(element: etree._Element, file: str, *, is_top: bool = True) -> None:
    """Refuse XSLT in the Schematron that loads, writes or evaluates anything, or is not a key, function or variable.

    Raises:
        ProfileError: it does; the sentence names the instruction.
    """
    local = etree.QName(element).localname
    if is_top and etree.QName(element).namespace == XSL and local not in _TOP_LEVEL.split():
        raise ProfileError(f"{file} has xsl:{local}, which is not accepted: it loads or writes other files by XSLT.")
    for one in element.iter("*"):
        name = etree.QName(one)
        if name.namespace == XSL and name.localname in _FORBIDDEN.split():
            raise ProfileError(
                f"{file} has xsl:{name.localname}, which is not accepted: it loads or writes other files by XSLT."
            )
        for attribute, value in one.attrib.items():
            if etree.QName(attribute).localname in ("extension-element-prefixes", "use-when", "_select", "_test"):
                raise ProfileError(f"{file} has XSLT with {etree.QName(attribute).localname}, which is not accepted.")
            if name.namespace in (XSL, EXSLT_FUNCTIONS) or "{" in str(value):
                check_expression(str(value), f"The XSLT in {file}", xpath1=False)
