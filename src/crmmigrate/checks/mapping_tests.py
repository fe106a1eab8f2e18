"""Lint rules about the tests in a mapping file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.document import nearest_or_all
from crmmigrate.model.lint import LintRule, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.model.lint import Subject


def _unknown_field(subject: Subject) -> Iterator[Problem]:
    for index, test in enumerate(subject.mapping.tests):
        for name in test.expect:
            if name not in subject.mapping.fields:
                yield Problem(
                    Message("no field is called '{name}'", name=name), ("tests", index, "expect", name),
                    nearest_or_all(name, subject.mapping.fields), key=True,
                )  # fmt: skip


def _unknown_column(subject: Subject) -> Iterator[Problem]:
    read, sql = subject.columns_read(), subject.sql_text()
    for index, test in enumerate(subject.mapping.tests):
        for column in test.given:
            if column not in read and column not in sql and column not in ("_record", "_origin"):
                yield Problem(
                    Message("no field reads '{column}'", column=column), ("tests", index, "given", column),
                    nearest_or_all(column, read), key=True,
                )  # fmt: skip


def _unknown_object(subject: Subject) -> Iterator[Problem]:
    wanted = {spec.lookup.object for spec in subject.mapping.fields.values() if spec.lookup and spec.lookup.by}
    for index, test in enumerate(subject.mapping.tests):
        for name in test.others:
            if name not in wanted:
                yield Problem(
                    Message("no lookup asks for '{name}'", name=name), ("tests", index, "with", name), nearest_or_all(name, wanted),
                    key=True,
                )  # fmt: skip


def _expects(subject: Subject) -> Iterator[Problem]:
    for index, test in enumerate(subject.mapping.tests):
        if test.expect and test.rejects:
            yield Problem(
                Message("a test expects values or a rejection, not both"), ("tests", index, "rejects"), key=True
            )
        if not test.expect and not test.rejects:
            yield Problem(Message("the test expects nothing"), ("tests", index), Message("add expect: or rejects:"))


def _none(subject: Subject) -> Iterator[Problem]:
    if not subject.mapping.tests:
        yield Problem(Message("the mapping has no tests"), (), Message("add tests: with given: and expect:"))


RULES = (
    LintRule("mapping.test-unknown-field", Message("a test of a field that is not there"), _unknown_field),
    LintRule("mapping.test-unknown-column", Message("a test with a column that no field reads"), _unknown_column),
    LintRule("mapping.test-unknown-object", Message("a test with an object that no lookup asks for"), _unknown_object),
    LintRule("mapping.test-expects", Message("a test must expect either values or a rejection"), _expects),
    LintRule("mapping.no-tests", Message("a mapping without tests"), _none, "warning"),
)
