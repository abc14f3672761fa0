"""The steps of a source profile: files become tables of text, statements read them, tables of sections read those."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from pipelines.extract import stray
from pipelines.extract.accounting import HELD, StepCount
from pipelines.extract.decoding import UnreadableError
from pipelines.extract.headings import COMPARED, check_letters, position
from pipelines.extract.locate import Located
from pipelines.extract.mapping import Columns
from pipelines.extract.notes import Notes, Place
from pipelines.extract.numbers import RowNumbers
from pipelines.extract.parsing import fold
from pipelines.extract.sheets import check_sheet
from pipelines.extract.steps.declared import INPUT, compile
from pipelines.extract.steps.made import Made
from pipelines.extract.steps.plan import Plan, own_name
from pipelines.extract.steps.statement import Statement, StatementError, traced
from pipelines.extract.steps.step import Said, Step, quoted
from pipelines.extract.steps.workspace import FileRows, Workspace, refuse
from pipelines.extract.tables import Loaded, report_bad_rows, set_strays_aside
from pipelines.extract.tabular import TextTable
from schemas.sources import Profile, Table


class Steps:
    """The steps of one export, done in its workspace."""

    def __init__(self, profile: Profile, plan: Plan, workspace: Workspace, notes: Notes) -> None:
        self._profile, self._plan, self._workspace, self._notes = profile, plan, workspace, notes
        self.raw: list[Loaded] = []
        """One entry a file or sheet that steps read."""
        self.unreadable: list[tuple[str, str]] = []
        """Names of the files and sheets that could not be read, with the reason."""
        self.counts: list[StepCount] = []
        self._number: dict[int, Loaded] = {}
        self._direct: dict[str, set[str]] = {}
        """File or sheet → folded headings that a table of the profile reads in it by itself."""
        self._lookups: set[str] = set()
        """Casefolded names of relations that say what cells mean."""
        self._missing: set[str] = set()
        """Casefolded names of relations that are not there, each with its finding."""

    def do(self, located: Sequence[Located], direct: Sequence[Loaded]) -> list[Made]:
        """Load the files, do every step, and give what each table of the profile that names one reads.

        Args:
            located: the files and sheets of the plan.
            direct: those that tables of the profile read by themselves.

        Raises:
            UsageError: a statement cannot be done.
        """
        for name in self._plan.unread:
            self._notes.add("X-98", f"statement {name}")
        for one in direct:
            self._direct.setdefault(one.name, set()).update(map(fold, one.located.table.headings()))
        for table in self._plan.files:
            self._load(table, [one for one in located if one.table is table], table.name)
        for name, statement in self._plan.statements.items():
            self._statement(name, statement)
        made: list[Made] = []
        for table in self._profile.tables:
            relation = table.source
            if table.shape and not table.source:
                relation = own_name(table)
                self._load(table, [one for one in located if one.table is table], relation)
            if not relation or relation.casefold() in self._missing:
                continue
            called = f"statement {relation}" if relation in self._profile.sql else f"input {relation}"
            if table.shape:
                if any(other.name.casefold() in self._missing for other in table.shape.others):
                    continue
                called = f"table {table.label}"
                # Findings find the rows of a table by what it is called.
                if twice := sum(one.table.shape is not None and one.table.label == table.label for one in made):
                    called += f" ({twice + 1})"
                relation = self._own_steps(table, relation, called, len(made))
            made.append(Made(table, called, self._workspace, relation, len(made)))
        return made

    def _own_steps(self, table: Table, relation: str, called: str, number: int) -> str:
        """Do the steps of a table's own keys, and give the name of the relation that they end with.

        Raises:
            InputError: a column that a key names is not there.
        """

        def columns_of(name: str) -> list[str]:
            return [column for column, _ in self._workspace.kinds(relation if name == INPUT else name)]

        assert table.shape is not None
        before, shown = relation, table.label
        for place, step in enumerate(compile(table.shape, columns_of, table.label)):
            after = f"step {number} {place}"
            self._step(step, called, before, after)
            reads = {shown: before, **{one: one for one in step.reads}}
            self._count(f"{called}, {step.name}", after, reads, table, step.looks_up)
            self._lookups.update(map(str.casefold, step.looks_up))
            before, shown = after, f"{table.label} so far"
        return before

    def _step(self, step: Step, called: str, before: str, after: str) -> None:
        self._workspace.view(INPUT, before)
        for name, query in step.helpers:
            self._workspace.run(name, query)
        self._workspace.run(after, step.sql)
        for one in step.said:
            self._say(called, one)
        for check in step.checks:
            for row in self._workspace.fetch(check.sql).iter_rows(named=True):
                for one in check.judge(row):
                    self._say(called, one)

    def _say(self, called: str, said: Said) -> None:
        place = Place(called, column=said.column)
        if said.at is not None:
            place = Place(self._workspace.files[said.at[0]], said.at[1], said.column)
        self._notes.add(
            said.problem,
            place,
            section=said.section,
            record_key=None if said.at else f"{called} {said.column or ''}".strip(),
            fields=said.fields,
            value=said.value,
            local=said.softened,
            **said.words,
        )

    def _load(self, table: Table, parts: Sequence[Located], name: str) -> None:
        """Make the relation of the files and sheets that hold the table."""
        if not parts and not table.optional:
            self._missing.add(name.casefold())
            return
        wanted = self._plan.read_of(name)
        relation = self._workspace.begin(name)
        for one in parts:
            try:
                text = one.read()
            except UnreadableError as error:
                self._notes.add("X-03", one.name, why=str(error))
                self.unreadable.append((one.name, str(error)))
                continue
            with relation.file(one.name, text.headings) as rows:
                self.raw.append(self._file(one, text, rows))
            self._number[rows.number] = self.raw[-1]
            direct = self._direct.get(one.name)
            read = None if wanted is None else wanted | (direct or set())
            if direct is None:
                _unread_headings(table, text, read, self._notes)
            shown = {fold(one): (None, False) for one in text.headings if read is None or fold(one) in read}
            check_sheet(self.raw[-1], self._notes, shown)
        relation.end(also=() if parts else sorted(self._plan.columns | set(table.headings())))

    def _file(self, located: Located, text: TextTable, rows: FileRows) -> Loaded:
        """Lay the rows of a file into the workspace; those that are no data are set aside."""
        kept, strays = _lay(text, located.footer, rows)
        loaded = Loaded(located, text.let_go(kept, located.read))
        # What is wrong with a file that a table reads by itself is told already.
        notes = Notes(self._profile) if located.name in self._direct else self._notes
        report_bad_rows(loaded, self._profile, notes)
        if text.damaged_row is not None:
            notes.add("X-04", text.name, row=text.damaged_row)
        check_letters(located.table, text, Columns(text.headings), notes)
        set_strays_aside(loaded, strays, notes)
        named = loaded.untaken.named.rows()
        loaded.rows_left_out = named.len()
        rows.remove(loaded.rows_of(pl.concat([loaded.set_aside, named])))
        return loaded

    def _statement(self, name: str, statement: Statement) -> None:
        if any(one.casefold() in self._missing for one in statement.tables):
            self._missing.add(name.casefold())
            return
        text = self._profile.sql[name].strip().rstrip(";")
        try:
            self._done(name, text)
        except StatementError as error:
            raise refuse(name, error) from None
        self._count(f"statement {name}", name, {one: one for one in statement.tables})

    def _done(self, name: str, text: str) -> None:
        try:
            self._workspace.run(name, traced(text), text)
        except StatementError:
            # A wrong name is told on its line of the statement as it is written.
            self._workspace.check_names(text)
            raise

    def _count(
        self,
        step: str,
        relation: str,
        reads: Mapping[str, str],
        table: Table | None = None,
        looks_up: Sequence[str] = (),
    ) -> None:
        """Count what a step reads (each relation by what messages call it) and gives."""
        gives = self._rows_of(relation)
        counts = []
        for shown, one in reads.items():
            if one in looks_up:
                counts.append((shown, self._rows_of(one), 0))
                continue
            lost = self._workspace.fetch(
                f"select count(*) as n from (select distinct unnest(_at) as place from {quoted(one)})"
                f" where place not in (select unnest(_at) from {quoted(relation)})"
            )
            counts.append((shown, self._rows_of(one), int(lost.item())))
        self.counts.append(StepCount(step, tuple(counts), gives))
        if not gives and any(rows for _, rows, _ in counts):
            tables = [table] if table else [one for one in self._profile.tables if one.source == relation]
            is_optional = any(one.optional for one in tables)
            self._notes.add("X-80", step, local=is_optional)

    def _rows_of(self, relation: str) -> int:
        return int(self._workspace.fetch(f"select count(*) as n from {quoted(relation)}").item())

    def settle(self, made: Sequence[Loaded]) -> None:
        """Tell each file's rows what became of what was made of them.

        A row is loaded where some row made of it is held in a section, set aside where one is set aside, and left out
        by the profile where no step gave it on, or all that was made of it was let go. A row of a look-up is loaded.
        """
        names = []
        for one in made:
            assert isinstance(one.located, Made)
            names.append(one.located.fates(one.rows_of(one.held), one.rows_of(one.set_aside)))
        fates = " union all ".join(f"select * from {quoted(name)}" for name in names)
        for number, raw in self._number.items():
            raw.fates = (
                self._workspace.fetch(
                    f"select r as _row, max(fate) as fate from ({fates}) where t = {number} group by 1"
                )
                if names
                else pl.DataFrame(schema={"_row": pl.Int64(), "fate": pl.Int64()})
            )
            if self._workspace.relation_of[number].casefold() in self._lookups:
                raw.fates = self._workspace.rows_of(number).select("_row", pl.lit(HELD, pl.Int64()).alias("fate"))


def _lay(text: TextTable, footer: Iterable[str], rows: FileRows) -> tuple[RowNumbers, pl.DataFrame]:
    """Lay every row; ``_i`` and ``_row`` of all, and those that are a footer or repeat the headings."""
    kept, strays = RowNumbers(), []
    for block in text.blocks():
        kept.add(block)
        found = stray.look_for(block, text.titles or text.headings, footer)
        strays.append(found.filter(pl.col("kind") != stray.FEW))
        rows.add(block)
    return kept, pl.concat(strays)


def _unread_headings(table: Table, text: TextTable, read: frozenset[str] | None, notes: Notes) -> None:
    """Report columns that no statement mentions, and headings that a statement cannot tell apart.

    ``read``: folded names of the columns that some statement mentions; none where one takes all columns.
    """
    folded = [fold(heading) for heading in text.headings]
    if not any(folded):
        notes.add("X-05", text.name)
    if read is None:
        return
    known = read | {fold(one) for one in table.ignore}
    unknown = [index for index, one in enumerate(folded) if one and one not in known]
    for index in unknown[:COMPARED]:
        place = Place(text.name, position=position(index))
        notes.add("X-08", place, value=text.headings[index] or None)
    if len(unknown) > COMPARED:
        notes.add("X-69", text.name, count=f"{len(unknown) - COMPARED:,}")
    for one in sorted({one for one in folded if one in read and folded.count(one) > 1}):
        notes.add("X-07", Place(text.name, column=text.headings[folded.index(one)]))
