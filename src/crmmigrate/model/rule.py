"""A rule of a project: SQL that returns the records in which the data contradicts the business, with its own tests."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message, spoken
from crmmigrate.model.day import check_day
from crmmigrate.model.document import Document
from crmmigrate.model.issue import CODES, ORIGIN, RECORD
from crmmigrate.model.table import sql_name

if TYPE_CHECKING:
    from collections.abc import Iterable

CALENDAR = "calendar.yaml"
"""The file among the rules that holds no rule but a company's own days off and working days."""

WORKED = "_calendar"
"""The table of the macros that count working days; no test may give one of that name."""

TIMES = "_times"
"""In a row of a test: how often it stands there."""

MOST_TIMES = 10_000

_CODE = re.compile(r"[a-z][a-z0-9_]*\.[a-z0-9]+(-[a-z0-9]+)*\Z")
_own: set[str] = set()
"""Codes in `CODES` that rules gave; another project may give them another title."""


@dataclass(frozen=True)
class Title:
    """A title in both languages."""

    zh: str
    en: str


class RuleTitle(Message):
    """The title of a rule: it stands in the rule's file in both languages and not in a catalogue."""

    __slots__ = ("title",)

    def __init__(self, title: Title) -> None:
        super().__init__(title.en)
        self.title = title

    def text(self, language: str | None = None) -> str:
        """Return the title in `language` (by default the one the program speaks)."""
        return self.title.zh if (language or spoken()) == "zh" else self.title.en


@dataclass(frozen=True)
class RuleTest:
    """One test of a rule.

    Args:
        given: table → its rows. A column that another test of the rule names is empty where a row leaves it out; a table that another test
            names is empty where this one does not. A row with `_times: 40` stands for forty.
        expect: the `_record` (or `subject`) of each row the rule must return, or a mapping that gives more of its columns; nothing where it
            must return none.
        name: what the test shows.
        as_of: the day on which the rule is judged; 2026-01-01 where it does not matter.
    """

    given: dict[str, tuple[dict[str, Any], ...]]
    expect: tuple[dict[str, Any] | str, ...] = ()
    name: str = ""
    as_of: str = ""


@dataclass(frozen=True)
class Rule:
    """One rule.

    Args:
        code: its stable name, `<what>.<which-rule>`; the code of its issues.
        title: what is wrong where it finds something, in both languages.
        sql: one SELECT of DuckDB over the business objects. Of a rule about an object it returns `_record` and, if it likes, `column`, `value`
            and `expected`; of a rule about sums `subject` (what the row is about: a month, a warehouse) in place of `_record`.
        object: the business object whose records it returns; empty where it returns subjects.
        severity: info, warning, or error.
        kind: MAP, FMT or LOGIC: the class of the error.
        owner: who answers for what it finds.
        source: where the rule comes from, e.g. the sentence of a regulation.
        reject: whether the records found are set aside; only of an error about an object.
        limits: thresholds by name, `$name` in the SQL.
        tests: its tests.
        file: where it stands, as the program was given it.
        named: the same as issues name it: from the project's folder on, if it lies in there.
    """

    version: int
    code: str
    title: Title
    sql: str
    owner: str
    object: str = ""
    severity: Literal["info", "warning", "error"] = "warning"
    kind: Literal["MAP", "FMT", "LOGIC"] = field(default="LOGIC", metadata={"name": "class"})
    source: str = ""
    reject: bool = False
    limits: dict[str, int | float] = field(default_factory=dict)
    tests: tuple[RuleTest, ...] = ()
    file: str = field(default="", init=False)
    named: str = field(default="", init=False)

    @property
    def message(self) -> RuleTitle:
        """The title as a sentence that is told in the reader's language."""
        return RuleTitle(self.title)


def rule_files(place: Path) -> list[Path]:
    """Return the files of rules at `place`: itself, or the .yaml and .yml files of a folder; the calendar is none of them.

    Raises:
        LocationError: there is nothing at `place`.
        ConfigurationError: a folder holds none.
    """
    if not place.is_dir():
        return [place] if place.name != CALENDAR else []
    found = sorted(path for ending in ("*.yaml", "*.yml") for path in place.rglob(ending) if path.name != CALENDAR)
    if not found:
        raise ConfigurationError(
            "rule.none", Message("there are no rules in this folder"), str(place), Message("a rule is a .yaml file")
        )
    return found


def build_rule(document: Document, project: Path | None = None) -> Rule:
    """Build the rule that a document holds; what is wrong is collected in the document. `project` is the folder it belongs to."""
    rule = document.read(Rule)
    file = Path(document.name)
    named = file.relative_to(project) if project is not None and file.is_relative_to(project) else file
    object.__setattr__(rule, "file", document.name)
    object.__setattr__(rule, "named", named.as_posix())
    if not isinstance(document.value, dict):
        return rule
    if rule.code and not _CODE.match(rule.code):
        document.report(
            "rule.code", Message("'{code}' is no code", code=rule.code), ("code",),
            Message("for example: {names}", names="complaint.answered-late"),
        )  # fmt: skip
    elif rule.code in CODES and rule.code not in _own:
        document.report(
            "rule.code-taken", Message("the program itself gives the code '{code}'", code=rule.code), ("code",)
        )
    if rule.reject and (rule.severity != "error" or not rule.object):
        document.report(
            "rule.reject", Message("only a rule of severity 'error' about an object can set rows aside"), ("reject",)
        )
    columns: dict[str, dict[str, str]] = {}
    for index, test in enumerate(rule.tests):
        check_day(document, test.as_of, "rule.date", ("tests", index, "as_of"))
        _check_given(document, test, ("tests", index, "given"), columns)
    return rule


def _check_given(
    document: Document, test: RuleTest, path: tuple[str | int, ...], columns: dict[str, dict[str, str]]
) -> None:
    """Collect what no table of a database can be made of; `columns` are those of the tests before, by table in small letters."""
    names: dict[str, str] = {}
    for table, rows in test.given.items():
        if not table or sql_name(table) == WORKED:
            document.report(
                "rule.given", Message("no table can be called '{name}' here", name=table), (*path, table), key=True
            )
        _check_case(document, names, table, (*path, table))
        known = columns.setdefault(sql_name(table), {RECORD: RECORD, ORIGIN: ORIGIN})
        for number, row in enumerate(rows):
            for column, value in row.items():
                at = (*path, table, number, column)
                if column == TIMES:
                    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_TIMES:
                        what = Message("a whole number from 1 to {most}", most=MOST_TIMES)
                        document.report("rule.given", Message("{what} is expected here", what=what), at)
                    continue
                _check_case(document, known, column, at)
                if isinstance(value, dict | list):
                    document.report("rule.given", Message("{what} is expected here", what=Message("text")), at)


def _check_case(document: Document, known: dict[str, str], name: str, at: tuple[str | int, ...]) -> None:
    """Collect a name that is another one but for its case: to SQL the two are one."""
    other = known.setdefault(sql_name(name), name)
    if other != name or not name:
        message = Message("'{name}' and '{other}' are one name in SQL", name=name, other=other)
        document.report("rule.given", message if name else Message("a name is missing here"), at, key=True)


def read_rules(places: Iterable[Path], project: Path | None = None) -> tuple[Rule, ...]:
    """Read the rules at `places` (files and folders), in the order of their files.

    Args:
        places: where they are.
        project: the folder of the project they belong to.

    Raises:
        LocationError: a file cannot be read.
        Findings: everything wrong in all of them; two rules of one code among it.
    """
    errors: list[ConfigurationError] = []
    rules: dict[str, Rule] = {}
    for file in dict.fromkeys(file for place in places for file in rule_files(place)):
        try:
            document = Document.load(file)
        except ConfigurationError as error:
            errors.append(error)
            continue
        rule = build_rule(document, project)
        if rule.code in rules:
            document.report(
                "rule.code-twice", Message("the rule in {file} has the code '{code}' too", file=rules[rule.code].file, code=rule.code),
                ("code",),
            )  # fmt: skip
        rules.setdefault(rule.code, rule)
        errors += document.errors
    if errors:
        raise Findings(errors)
    return tuple(rules.values())


def declare_rules(rules: Iterable[Rule]) -> None:
    """Make the titles of rules known as those of issue codes, for the reports that show them."""
    for rule in rules:
        CODES[rule.code] = rule.message
        _own.add(rule.code)
