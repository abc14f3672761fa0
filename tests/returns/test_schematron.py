"""What a pack's Schematron may hold, run by lxml and by Saxon; the schema and the log of boats are invented."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree, isoschematron

from pipelines.emit.returns.schematron import Schematron, Violation
from schemas.returns import ProfileError

HERE = Path(__file__).parent / "schematron"
LOG = HERE / "log.xml"
Edit = Callable[..., Path]

ALL_ROWS = [
    ("guest", "/log/boat[2]", "warning"),
    ("long", "/log/boat[3]", "error"),
    ("order", "/log/boat[3]", "error"),
    ("order", "/log/boat[4]/stay", "error"),
    ("name", "/log/boat[2]/owner/@name", "error"),
    ("young", "/log/boat[3]/skipper", "warning"),
    ("twice", "/log/boat[3]", "error"),
    ("twice", "/log/boat[4]", "error"),
    (None, "", "error"),
    ("season", "/log", "error"),
    ("flag", "/log/boat[3]/flag/@of", "error"),
]
"""What the log violates, read off by hand: the assertion, its place, its weight; in the order of the patterns."""


@pytest.fixture
def schema(tmp_path: Path) -> Edit:
    """The invented schema with the binding, and with one text in it replaced by another."""
    folder = Path(shutil.copytree(HERE, tmp_path / "pack"))

    def make(binding: str = "xslt", old: str = "", new: str = "", file: str = "rules.sch") -> Path:
        path = folder / "rules.sch"
        path.write_text(path.read_text().replace('queryBinding="xslt"', f'queryBinding="{binding}"'))
        if old:
            text = (folder / file).read_text()
            assert old in text, old
            (folder / file).write_text(text.replace(old, new, 1))
        return path

    return make


def judge(path: Path, phase: str | None = None, log: Path = LOG) -> list[Violation]:
    """What the log violates."""
    return list(Schematron(path, path.parent, phase).violations([log]))


def rows(violations: list[Violation]) -> list[tuple[str | None, str, str]]:
    """Assertion, place and weight of each."""
    return [(one.check.own_id, place(one), "warning" if one.check.is_warning else "error") for one in violations]


def place(violation: Violation) -> str:
    """The node's path in words."""
    node = violation.node
    path = "" if node is None else node.getroottree().getpath(node).replace("b:", "")
    return path + (f"/@{violation.attribute}" if violation.attribute else "")


BINDINGS = ["xslt", "", "xslt2", "xslt3", "xpath2", "xpath3", "xpath31"]


@pytest.mark.parametrize("binding", BINDINGS)
def test_every_part_of_schematron_is_understood_in_every_binding(binding: str, schema: Edit) -> None:
    assert rows(judge(schema(binding))) == ALL_ROWS


@pytest.mark.parametrize("binding", ["xslt", "xslt2"])
def test_each_of_several_documents_is_judged_by_itself(binding: str, schema: Edit, tmp_path: Path) -> None:
    other = tmp_path / "other.xml"
    other.write_text('<log xmlns="urn:invented:berths" season="2025" harbour="Hull"><boat no="3" length="9"/></log>')
    path = schema(binding)
    found = list(Schematron(path, path.parent).violations([other, LOG, other]))
    # The other log keeps every rule, its harbour and number among them.
    assert rows(found) == ALL_ROWS


@pytest.mark.parametrize("binding", ["xslt", "xslt2"])
def test_a_chosen_phase_judges_its_patterns_only(binding: str, schema: Edit) -> None:
    path = schema(binding)
    assert rows(judge(path, "leaving")) == [("order", "/log/boat[4]/stay", "error")]
    with pytest.raises(ProfileError, match=r"has no phase noon\. Its phases: entry, leaving"):
        judge(path, "noon")


@pytest.mark.parametrize("binding", ["xslt", "xslt2"])
def test_all_patterns_are_judged_where_the_phase_is_all(binding: str, schema: Edit) -> None:
    path = schema(binding, "$season", "'2025'")
    assert ("asleep", "/log", "error") in rows(judge(path, "#ALL"))


def test_the_skeleton_of_lxml_finds_the_same(schema: Edit) -> None:
    # It resolves no include inside an include, and fails where two patterns have a let of the same name.
    path = schema("xslt", '<include href="parts/numbers.sch"/>', "")
    path.write_text(
        path.read_text()
        .replace('name="limit" value="2"', 'name="least" value="2"')
        .replace("&gt; $limit", "&gt; $least")
    )
    tree = etree.parse(str(path))
    found = isoschematron.Schematron(tree, store_report=True, phase="entry", validate_schema=False)
    found.validate(etree.parse(str(LOG)))
    told = [one.get("id") for one in found.validation_report.getroot().iter("{*}failed-assert", "{*}successful-report")]
    assert told == [name for name, _, _ in ALL_ROWS if name != "twice"]


@pytest.mark.parametrize("binding", ["xslt", "xslt2"])
def test_the_fixed_text_holds_no_value_and_the_evaluated_one_does(binding: str, schema: Edit) -> None:
    found = {one.check.own_id: one for one in judge(schema(binding))}
    guest, long = found["guest"], found["long"]
    assert guest.check.text == "A guest is at most half as long as … metres; this … has …."
    assert guest.evaluated == "A guest is at most half as long as 30 metres; this b:boat has 16."
    assert (long.check.text, long.check.advice) == ("Too long.", "It has …. Measure without the bowsprit.")
    assert long.evaluated == "Too long. It has 31. Measure without the bowsprit."
    assert found["flag"].evaluated is None
    assert found["order"].check.text == "The coming comes before …."


def test_xpath_3_and_functions_of_the_schema_are_run_by_saxon(schema: Edit) -> None:
    function = (
        '<xsl:function xmlns:xsl="http://www.w3.org/1999/XSL/Transform" name="b:older"><xsl:param name="a"/>'
        '<xsl:param name="b"/><xsl:sequence select="xs:integer($a) lt xs:integer($b)"/></xsl:function>'
        '<phase id="entry">'
    )
    path = schema("xslt3", '<phase id="entry">', function)
    text = path.read_text().replace(
        '<assert id="long" test="@length &lt;= $limit"',
        '<assert id="long" test="every $x in (@built ! xs:integer(.), 1) satisfies b:older($x, 2026)'
        " and (let $n := @no return matches($n, '^\\d$'))\"",
    )
    path.write_text(text)
    assert [row for row in rows(judge(path)) if row[0] == "long"] == [("long", "/log/boat[3]", "error")]


def test_a_value_of_the_wrong_type_hides_no_other_violation(schema: Edit, tmp_path: Path) -> None:
    path = schema("xslt2", 'test="@length &lt;= $limit"', "test=\"xs:date(@built) lt xs:date('2030-01-01')\"")
    found = judge(path)
    failed = [(place(one), one.error, one.evaluated) for one in found if one.error]
    assert failed == [("/log/boat[3]", "FORG0001", None), ("/log/boat[4]", "FORG0001", None)]
    assert [row for row in rows(found) if row[0] != "long"] == [row for row in ALL_ROWS if row[0] != "long"]


def test_an_expression_that_fails_in_xpath_1_hides_no_other_pattern(schema: Edit) -> None:
    # libxml2 counts the arguments of a function only when it calls it.
    path = schema("xslt", "test=\". = 'GB' or . = 'IE'\"", 'test="contains(.)"')
    found = judge(path)
    failed = [(one.check.own_id, one.error) for one in found if one.error]
    assert failed == [(name, "Invalid number of arguments") for name in (None, "flag", "season")]
    assert rows([one for one in found if not one.error]) == ALL_ROWS[:-3]


def test_rules_in_the_annotations_of_an_xsd_are_read(tmp_path: Path) -> None:
    (tmp_path / "log.xsd").write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:s="http://purl.oclc.org/dsdl/schematron"'
        ' targetNamespace="urn:invented:berths"><xs:annotation><xs:appinfo><s:ns prefix="b" uri="urn:invented:berths"/>'
        '</xs:appinfo></xs:annotation><xs:element name="log"><xs:annotation><xs:appinfo><s:pattern><s:rule'
        ' context="b:boat"><s:assert id="flagged" test="b:flag">A flag.</s:assert></s:rule></s:pattern></xs:appinfo>'
        "</xs:annotation></xs:element></xs:schema>"
    )
    assert [row[1] for row in rows(judge(tmp_path / "log.xsd"))] == ["/log/boat[1]", "/log/boat[2]"]


def test_in_a_group_every_rule_judges_and_not_only_the_first(schema: Edit) -> None:
    path = schema("xslt2")
    text = path.read_text()
    start, end = text.index('<pattern id="lengths">'), text.index('<pattern abstract="true"')
    group = text[start:end].replace("<pattern", "<group").replace("</pattern>", "</group>")
    path.write_text(text[:start] + group + text[end:])
    assert [row[0] for row in rows(judge(path))].count("never") == 4


REFUSED = {
    "a function that reads a file": ('test="$harbour"', "test=\"doc('log.xml')\"", "calls doc(), which reads files"),
    "a text that reads a file": ('select="$limit"', "select=\"unparsed-text('x')\"", "calls unparsed-text()"),
    "a let that reads the network": ("'2025'", "document('http://localhost:9')", "calls document(), which reads files"),
    "a function by its name": ("'2025'", "fn:function-lookup(xs:QName('fn:doc'), 1)", "calls function-lookup()"),
    "a reference to a function": ("'2025'", "(doc#1)('log.xml')", "calls doc(), which reads files"),
    "other documents": ('id="flags">', 'id="flags" documents="@x">', "reads other documents"),
    "XInclude": ("<title>", '<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="x"/><title>', "XInclude"),
    "an include from outside": ('href="parts', 'href="../parts', "outside its own folder"),
    "an include of what is not there": (
        '"parts/numbers.sch"',
        '"parts/none.sch"',
        "none.sch, which is not in its folder",
    ),
    "an abstract pattern that is not there": ('is-a="sequence"', 'is-a="disorder"', "is no abstract pattern"),
    "an abstract rule that is not there": ('extends rule="person"', 'extends rule="nobody"', "is no abstract rule"),
    "a diagnostic that is not there": ("length shorter", "length longer", "the diagnostic longer, which is not there"),
    "a rule without a context": ('<rule context="/">', "<rule>", "has no context"),
    "a part that is not known": ('<rule context="/">', '<sight/><rule context="/">', "sight in a pattern"),
    "a phase of patterns that are not there": ('pattern="flags"', 'pattern="banners"', "not there: banners"),
}


@pytest.mark.parametrize("binding", ["xslt", "xslt3"])
@pytest.mark.parametrize("what", REFUSED)
def test_what_reads_elsewhere_or_names_what_is_not_there_is_refused(what: str, binding: str, schema: Edit) -> None:
    old, new, told = REFUSED[what]
    path = schema(binding, old, new)
    with pytest.raises(ProfileError) as refused:
        Schematron(path, path.parent)
    assert told in str(refused.value)


@pytest.mark.parametrize("what", ["import", "include", "result-document", "use-package", "evaluate"])
def test_xslt_that_loads_writes_or_evaluates_is_refused(what: str, schema: Edit) -> None:
    code = f'<xsl:{what} xmlns:xsl="http://www.w3.org/1999/XSL/Transform" href="x.xsl" xpath="1"/>'
    inside = f'<xsl:function xmlns:xsl="http://www.w3.org/1999/XSL/Transform" name="b:f">{code}</xsl:function><title>'
    for new in (f"{code}<title>", inside):
        path = schema("xslt3", "<title>", new)
        with pytest.raises(ProfileError, match=f"has xsl:{what}, which is not accepted"):
            Schematron(path, path.parent)


NOT_COMPILED = {
    "xslt": [
        ('test="$harbour"', 'test="$harbour and ("', "the assert number"),
        ('test="$harbour"', 'test="$port"', r"uses \$port, which no let defines"),
        ('test="$harbour"', "test=\"matches(@harbour, 'x')\"", r"calls matches\(\), which XPath 1 lacks.*xslt2"),
        ('context="b:owner"', 'context="c:owner"', "context c:owner"),
        ('context="b:owner"', 'context="b:owner[@a=$called]"', r"uses \$called, which"),
    ],
    "xslt3": [
        ('test="$harbour"', 'test="$harbour and ("', "the assert number"),
        ('test="$harbour"', 'test="$port"', "the assert number.*port"),
        ('test="$harbour"', 'test="b:unknown(.)"', "the assert number.*unknown"),
        ('context="b:owner"', 'context="c:owner"', "the contexts of the pattern owners.*'c'"),
    ],
}


@pytest.mark.parametrize(
    ("binding", "old", "new", "told"), [(b, *case) for b, cases in NOT_COMPILED.items() for case in cases]
)
def test_what_cannot_be_compiled_is_told_with_its_place_in_words(
    binding: str, old: str, new: str, told: str, schema: Edit
) -> None:
    path = schema(binding, old, new)
    with pytest.raises(ProfileError, match=told) as refused:
        Schematron(path, path.parent)
    assert "XSLT" not in str(refused.value).replace("XSLT 1", "") and "\n" not in str(refused.value)


@pytest.mark.parametrize("binding", ["xslt", "xslt2"])
def test_a_context_may_use_a_let_in_either_language(binding: str, schema: Edit) -> None:
    path = schema(binding, "b:boat[@guest = 'yes']", "b:boat[@length &lt; $longest][@guest]")
    assert rows(judge(path))[0] == ("guest", "/log/boat[2]", "warning")


def test_a_query_binding_that_cannot_be_run_is_refused(schema: Edit) -> None:
    path = schema("xquery")
    with pytest.raises(ProfileError, match="query binding xquery, which this program cannot run"):
        Schematron(path, path.parent)


@pytest.mark.parametrize("binding", ["xslt", "xslt3"])
def test_one_that_does_not_end_is_ended_and_named(
    binding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rules.sch").write_text(
        f'<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="{binding}"><pattern><rule context="b">'
        '<assert test="count(//b[count(//b[count(//b[. = current()]) = position()]) = position()]) = 1">No.</assert>'
        "</rule></pattern></schema>"
    )
    (tmp_path / "log.xml").write_text("<log>" + "<b>1</b>" * 3000 + "</log>")
    rules = Schematron(tmp_path / "rules.sch", tmp_path)
    monkeypatch.setattr("pipelines.emit.returns.schematron_process.MOST_SECONDS", 1)
    with pytest.raises(ProfileError, match="could not be run to its end: it had not ended"):
        list(rules.violations([tmp_path / "log.xml"]))
