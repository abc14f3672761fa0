"""A plain Schematron compiled to XSLT: for lxml in XSLT 1, for Saxon in XSLT 3.

The result of a run has one element per assertion that failed or report that held: the number of the check, the path of
its node by position, and its text. In a pattern the first rule that fits a node judges it, no other; patterns do not
know of each other. Only nodes of which a rule of the pattern can speak are looked at, not the whole document again for
each pattern.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from pipelines.emit.returns.schematron_checks import Check, Stylesheet, candidates, fixed_text, judged_as_warning
from pipelines.emit.returns.schematron_reading import SCH, sch
from pipelines.emit.returns.schematron_words import (
    EXSLT_FUNCTIONS,
    XSL,
    check_code,
    check_expression,
    names,
    renamed,
    tokens,
    variables,
)
from schemas.returns import ProfileError

ALL, DEFAULT = "#ALL", "#DEFAULT"
_LENIENT = {
    "xs": "http://www.w3.org/2001/XMLSchema",
    "fn": "http://www.w3.org/2005/xpath-functions",
    "map": "http://www.w3.org/2005/xpath-functions/map",
    "array": "http://www.w3.org/2005/xpath-functions/array",
    "math": "http://www.w3.org/2005/xpath-functions/math",
}
"""Prefixes that packs use without declaring them."""
_FIXED_VALUE = re.compile(r"""\s*("[^"]*"|'[^']*'|-?[\d.]+|/[^|,()]*)\s*""")


def phases(root: etree._Element) -> tuple[str, ...]:
    """Names of the schema's phases."""
    return tuple(str(phase.get("id")) for phase in root.iterchildren(sch("phase")))


def compile_schema(
    root: etree._Element, file: str, *, xpath1: bool, phase: str | None = None, only: int | None = None
) -> Stylesheet:
    """The stylesheet of a plain schema (``schematron_reading.read``).

    Args:
        root: the schema.
        file: its name, for the sentences.
        xpath1: for lxml, else for Saxon.
        phase: which of its phases; without one its default.
        only: place of the one pattern that is to judge, from 1; without it all that are active.

    Raises:
        ProfileError: it has no such phase, or an expression that may not be run.
    """
    return _Compiler(root, file, xpath1, phase).stylesheet(careful=False, only=only)


def compile_carefully(root: etree._Element, file: str, phase: str | None = None) -> Stylesheet:
    """The same for Saxon, slower: a check whose evaluation fails for one node is told there and stops nothing else."""
    return _Compiler(root, file, False, phase).stylesheet(careful=True)


class _Compiler:
    def __init__(self, root: etree._Element, file: str, xpath1: bool, phase: str | None) -> None:
        self.root, self.file, self.xpath1 = root, file, xpath1
        self.lines: list[str] = []
        self.places: list[str] = []
        self.checks: dict[int, Check] = {}
        self.diagnostics = {str(d.get("id")): d for d in root.iter(sch("diagnostic")) if d.get("id")}
        self.careful = False
        self.patterns, self.phase = self._active(phase)
        self.number = 0
        self.known: set[str] = set()
        self.fixed: dict[str, str] = {}

    def _active(self, phase: str | None) -> tuple[list[etree._Element], etree._Element | None]:
        patterns = list(self.root.iterchildren(sch("pattern")))
        name = self.root.get("defaultPhase") or ALL if phase in (None, "", DEFAULT) else phase
        if name == ALL:
            return patterns, None
        chosen = next((p for p in self.root.iterchildren(sch("phase")) if p.get("id") == name), None)
        if chosen is None:
            there = ", ".join(phases(self.root)) or "none"
            raise ProfileError(f"{self.file} has no phase {name}. Its phases: {there}.")
        active = [str(a.get("pattern")) for a in chosen.iterchildren(sch("active"))]
        missing = sorted(set(active) - {str(p.get("id")) for p in patterns})
        if missing:
            raise ProfileError(
                f"{self.file}: the phase {name} names patterns that are not there: {', '.join(missing)}."
            )
        return [p for p in patterns if str(p.get("id")) in active], chosen

    # --- the stylesheet ---------------------------------------------------------------------------------------------

    def stylesheet(self, *, careful: bool, only: int | None = None) -> Stylesheet:
        """All lines of it."""
        self.careful = careful
        self._line(self._head(), "namespaces")
        self._line('<xsl:output method="xml" indent="no" encoding="UTF-8"/>', "output")
        for code in self.root.iterchildren("*"):
            if etree.QName(code).namespace in (XSL, EXSLT_FUNCTIONS):
                check_code(code, self.file)
                self._line(_one_line(code), f"the XSLT {etree.QName(code).localname} {code.get('name') or ''}".strip())
        holders = [self.root] if self.phase is None else [self.root, self.phase]
        for let in (let for holder in holders for let in holder.iterchildren(sch("let"))):
            self._global_let(let, {})
        own: list[dict[str, str]] = []
        for place, pattern in enumerate(self.patterns, 1):
            lets = list(pattern.iterchildren(sch("let")))
            mine = {_name(let): _prefixed(f"p{place}.", _name(let)) for let in lets}
            own.append(mine)
            for let in lets:
                self._global_let(let, mine)
        self._line('<xsl:template match="/" priority="1000000"><found>', "start")
        # Patterns that look at the same nodes look for them once.
        there: dict[str, str] = {}
        for place, pattern in enumerate(self.patterns, 1):
            contexts = [str(rule.get("context") or "") for rule in pattern.iterchildren(sch("rule"))]
            if not contexts or only not in (None, place):
                continue
            where, select = f"the contexts of {_called(pattern)}", candidates(contexts)
            if select not in there:
                there[select] = f"hclic.at{len(there)}"
                self._line(f'<xsl:variable name="{there[select]}" select={quoteattr(select)}/>', where)
            self._line(f'<xsl:apply-templates select="${there[select]}" mode="m{place}"/>', where)
        self._line("</found></xsl:template>", "start")
        for place, (pattern, mine) in enumerate(zip(self.patterns, own, strict=True), 1):
            self._pattern(pattern, place, mine)
        self._line(
            '<xsl:template name="hclic.at"><xsl:attribute name="at"><xsl:for-each select="ancestor-or-self::*">'
            '<xsl:text>/</xsl:text><xsl:value-of select="count(preceding-sibling::*)"/></xsl:for-each></xsl:attribute>'
            '<xsl:if test="count(. | ../@*) = count(../@*)"><xsl:attribute name="a">'
            '<xsl:value-of select="local-name()"/></xsl:attribute></xsl:if></xsl:template>',
            "place",
        )
        self._line("</xsl:stylesheet>", "end")
        if not self.checks:
            raise ProfileError(f"{self.file} has no assertion that would be judged.")
        return Stylesheet("\n".join(self.lines) + "\n", self.checks, tuple(self.places))

    def _line(self, text: str, place: str) -> None:
        for part in text.split("\n"):
            self.lines.append(part)
            self.places.append(place)

    def _head(self) -> str:
        spaces = {} if self.xpath1 else dict(_LENIENT)
        spaces |= {prefix: uri for prefix, uri in self.root.nsmap.items() if prefix and uri != SCH}
        spaces |= {str(ns.get("prefix")): str(ns.get("uri")) for ns in self.root.iter(sch("ns"))}
        spaces["xsl"] = XSL
        declared = " ".join(f"xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in spaces.items())
        version = "1.0" if self.xpath1 else "3.0"
        more = ""
        if any(etree.QName(c).namespace == EXSLT_FUNCTIONS for c in self.root.iterchildren("*")):
            declared += f' xmlns:hclic.func="{EXSLT_FUNCTIONS}"'
            more = ' extension-element-prefixes="hclic.func"'
        default = self.root.get("xpath-default-namespace") or self.root.get("xpathDefaultNamespace")
        if default and not self.xpath1:
            more += f" xpath-default-namespace={quoteattr(default)}"
        return f'<xsl:stylesheet version="{version}" {declared}{more}>'

    def _expression(self, text: str | None, mine: Mapping[str, str], where: str) -> str:
        text = text or ""
        if not text.strip():
            raise ProfileError(f"{self.file}: {where} is empty.")
        check_expression(text, f"{self.file}: {where}", xpath1=self.xpath1)
        unknown = sorted(variables(text) - self.known - set(mine)) if self.xpath1 else []
        if unknown:
            raise ProfileError(f"{self.file}: {where} uses ${unknown[0]}, which no let defines.")
        return quoteattr(renamed(text, mine))

    def _global_let(self, let: etree._Element, mine: Mapping[str, str]) -> None:
        name = mine.get(_name(let), _name(let))
        value = let.get("value") or ""
        self._line(self._let(let, mine), f"the let {_name(let)}")
        self.known.add(name)
        if _FIXED_VALUE.fullmatch(value):
            self.fixed[name] = value

    def _let(self, let: etree._Element, mine: Mapping[str, str]) -> str:
        name = _name(let)
        typed = f" as={quoteattr(str(let.get('as')))}" if let.get("as") and not self.xpath1 else ""
        start = f"<xsl:variable name={quoteattr(mine.get(name, name))}{typed}"
        if let.get("value") is None:
            for child in let.iterchildren("*"):
                check_code(child, self.file, is_top=False)
            inner = escape(let.text or "") + "".join(_one_line(child) for child in let.iterchildren("*"))
            return f"{start}>{inner}</xsl:variable>"
        return f"{start} select={self._expression(let.get('value'), mine, f'the let {name}')}/>"

    # --- patterns ---------------------------------------------------------------------------------------------------

    def _pattern(self, pattern: etree._Element, place: int, mine: Mapping[str, str]) -> None:
        rules = list(pattern.iterchildren(sch("rule")))
        for nth, rule in enumerate(rules):
            where = f"a rule of {_called(pattern)} (context {rule.get('context')})"
            if not (rule.get("context") or "").strip():
                raise ProfileError(f"{self.file}: a rule of {_called(pattern)} has no context.")
            match = self._expression(self._context(rule, mine, where), mine, where)
            self._line(f'<xsl:template match={match} mode="m{place}" priority="{len(rules) - nth}">', where)
            self._rule(rule, pattern, mine, place)
            self._line("</xsl:template>", where)
        self._line(f'<xsl:template match="/ | @* | node()" mode="m{place}" priority="-1"/>', "other nodes")

    def _context(self, rule: etree._Element, mine: Mapping[str, str], where: str) -> str:
        context = str(rule.get("context"))
        if not self.xpath1 or "$" not in context:
            return context
        # XSLT 1 knows no variables in the pattern of a template: those with one value everywhere are put in.
        put = []
        for kind, text in tokens(context):
            name = text[1:].strip() if kind == "variable" else ""
            value = self.fixed.get(mine.get(name, name))
            if kind == "variable" and value is None:
                raise ProfileError(f"{self.file}: {where} uses ${name}, which XSLT 1 does not allow in a context.")
            put.append(text if value is None else value)
        return "".join(put)

    def _rule(self, rule: etree._Element, pattern: etree._Element, mine: Mapping[str, str], place: int) -> None:
        before = set(self.known)
        names_of = dict(mine)
        lets: list[str] = []
        for child in rule.iterchildren("*"):
            if child.tag == sch("let"):
                line = self._let(child, names_of)
                self.known.add(names_of.get(_name(child), _name(child)))
                lets.append(line)
                if not self.careful:
                    self._line(line, f"the let {_name(child)} of a rule in {_called(pattern)}")
            elif child.tag in (sch("assert"), sch("report")):
                self._check(child, rule, pattern, names_of, "".join(lets), place)
        self.known = before

    def _check(
        self,
        check: etree._Element,
        rule: etree._Element,
        pattern: etree._Element,
        mine: Mapping[str, str],
        lets: str,
        place: int,
    ) -> None:
        self.number += 1
        own = check.get("id")
        kind = etree.QName(check).localname
        where = f"the {kind} {own or 'number ' + str(self.number)}"
        diagnostics = []
        for name in (check.get("diagnostics") or "").split():
            if name not in self.diagnostics:
                raise ProfileError(f"{self.file}: {where} names the diagnostic {name}, which is not there.")
            diagnostics.append(self.diagnostics[name])
        self.checks[self.number] = Check(
            number=self.number,
            pattern=place,
            own_id=own,
            text=fixed_text(check) or "A rule of the Schematron is not met.",
            advice=" ".join(filter(None, map(fixed_text, diagnostics))) or None,
            has_values=any(
                next(one.iter(sch("value-of"), sch("name")), None) is not None for one in [check, *diagnostics]
            ),
            is_warning=judged_as_warning(check, rule, pattern),
            names=frozenset(names(str(check.get("test"))) | names(str(rule.get("context")))),
        )
        test = self._expression(check.get("test"), mine, where)
        at = '<xsl:call-template name="hclic.at"/>'
        subject = check.get("subject") or rule.get("subject")
        if subject:
            chosen = self._expression(f"({subject})[1]", mine, f"the subject of {where}")
            at = (
                f"<xsl:choose><xsl:when test={chosen}><xsl:for-each select={chosen}>{at}</xsl:for-each></xsl:when>"
                f"<xsl:otherwise>{at}</xsl:otherwise></xsl:choose>"
            )
        text = self._text(check, mine, where)
        for one in diagnostics:
            text += f"<xsl:text> </xsl:text>{self._text(one, mine, 'the diagnostic ' + str(one.get('id')))}"
        found = f'<f n="{self.number}">{at}{text}</f>'
        if kind == "report":
            line = f"<xsl:if test={test}>{found}</xsl:if>"
        else:
            line = f"<xsl:choose><xsl:when test={test}/><xsl:otherwise>{found}</xsl:otherwise></xsl:choose>"
        if self.careful:
            failed = (
                f'<f n="{self.number}" error="{{local-name-from-QName($err.:code)}}"><xsl:call-template'
                ' name="hclic.at"/></f>'
            )
            line = (
                f'<xsl:try xmlns:err.="http://www.w3.org/2005/xqt-errors">{lets}{line}<xsl:catch>{failed}</xsl:catch>'
                "</xsl:try>"
            )
        self._line(line, where)

    def _text(self, element: etree._Element, mine: Mapping[str, str], where: str) -> str:
        parts = [_literal(element.text)]
        for child in element.iterchildren():
            if isinstance(child.tag, str):
                if child.tag == sch("value-of"):
                    select = self._expression(child.get("select"), mine, f"a value-of in {where}")
                    parts.append(f"<xsl:value-of select={select}/>")
                elif child.tag == sch("name"):
                    path = self._expression(f"name(({child.get('path') or '.'})[1])", mine, f"a name in {where}")
                    parts.append(f"<xsl:value-of select={path}/>")
                elif etree.QName(child).namespace == XSL:
                    check_code(child, self.file, is_top=False)
                    parts.append(_one_line(child))
                else:
                    parts.append(self._text(child, mine, where))
            parts.append(_literal(child.tail))
        return "".join(parts)


def _name(let: etree._Element) -> str:
    return str(let.get("name"))


def _prefixed(before: str, name: str) -> str:
    prefix, colon, local = name.rpartition(":")
    return f"{prefix}{colon}{before}{local}"


def _literal(text: str | None) -> str:
    text = re.sub(r"\s+", " ", text or "")
    return f"<xsl:text>{escape(text)}</xsl:text>" if text else ""


def _one_line(element: etree._Element) -> str:
    copy = deepcopy(element)
    copy.tail = None
    return etree.tostring(copy, encoding="unicode")


def _called(pattern: etree._Element) -> str:
    return f"the pattern {pattern.get('id')}" if pattern.get("id") else "a pattern"
