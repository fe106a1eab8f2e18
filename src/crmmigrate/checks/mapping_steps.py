"""Lint rules about the steps of `do:`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.document import nearest
from crmmigrate.model.lint import LintRule, Problem, Repair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.model.lint import Place, Subject
    from crmmigrate.model.mapping import Step
    from crmmigrate.model.transform import Transform

_OF_EVERY_STANDARD = ("part", "values")


def _steps(subject: Subject) -> Iterator[tuple[Step, Place]]:
    for name, spec in subject.mapping.fields.items():
        for index, step in enumerate(spec.do):
            yield step, ("fields", name, "do", index)


def _unknown(subject: Subject) -> Iterator[Problem]:
    for step, path in _steps(subject):
        if step.name not in subject.names:
            yield Problem(
                Message("no standard is called '{name}'", name=step.name),
                (*path, "name"),
                nearest(step.name, subject.names),
            )


def _options(subject: Subject, step: Step) -> tuple[str, ...] | None:
    transform = subject.transform(step.name)
    if transform is not None:
        return transform.options
    if step.name not in subject.names:
        return None
    known = subject.standard_options(step.name)
    return None if known is None else (*known, *_OF_EVERY_STANDARD)


def _unknown_option(subject: Subject) -> Iterator[Problem]:
    for step, path in _steps(subject):
        if not step.options and step.value is None:
            continue
        known = _options(subject, step)
        if known is None:
            continue
        for option in step.options:
            if option not in known:
                yield Problem(
                    Message("'{step}' has no option '{name}'", step=step.name, name=option), (*path, "options", option),
                    nearest(option, known) or Message("known are: {words}", words=", ".join(known) or "-"), key=True,
                )  # fmt: skip
        if step.value is not None and not known:
            yield Problem(
                Message("'{step}' takes no options", step=step.name),
                (*path, "name"),
                Message("write {example}", example=step.name),
            )


def _given(step: Step, transform: Transform) -> dict[str, object]:
    given: dict[str, object] = dict(step.options)
    if step.value is not None and transform.options:
        given.setdefault(transform.options[0], step.value)
    return given


def _missing_option(subject: Subject) -> Iterator[Problem]:
    for step, path in _steps(subject):
        transform = subject.transform(step.name)
        if transform is None:
            continue
        misspelt = set(step.options) - set(transform.options)
        for option in () if misspelt else transform.required:
            if option not in _given(step, transform):
                yield Problem(
                    Message("'{step}' needs the option '{name}'", step=step.name, name=option), (*path, "name"),
                    Message("write {example}", example=f"{{{step.name}: {{{option}: …}}}}"),
                )  # fmt: skip


def _bad_option(subject: Subject) -> Iterator[Problem]:
    for step, path in _steps(subject):
        transform = subject.transform(step.name)
        if transform is None:
            continue
        given = _given(step, transform)
        if set(given) - set(transform.options) or set(transform.required) - set(given):
            continue
        try:
            transform.make(**given)
        except (TypeError, ValueError) as error:
            yield Problem(
                Message("the step '{name}' cannot use this: {why}", name=step.name, why=error), (*path, "name"),
                Message("its options are: {words}", words=", ".join(transform.options)),
            )  # fmt: skip


def _not_joined(subject: Subject) -> Iterator[Problem]:
    for name, spec in subject.mapping.fields.items():
        many = len(spec.columns) > 1 and not (spec.lookup and len(spec.lookup.by) > 1)
        for step in spec.do:
            transform = subject.transform(step.name)
            if transform is not None and (transform.takes == "list" or transform.gives == "list"):
                many = transform.gives == "list"
        if many:
            yield Problem(
                Message("'{name}' gets several values, and no step makes one of them", name=name), ("fields", name),
                Message("add first_non_empty, concat or part to its do:"), key=True,
            )  # fmt: skip


def _useless(subject: Subject) -> Iterator[Problem]:
    for name, spec in subject.mapping.fields.items():
        many = len(spec.columns) > 1
        before: Step | None = None
        for index, step in enumerate(spec.do):
            path = ("fields", name, "do", index)
            transform = subject.transform(step.name)
            if transform is not None and transform.takes == "list" and not many:
                yield _for_nothing(Message("'{step}' has only one value to choose from", step=step.name), path)
            if before is not None and (before.name, before.options, before.value) == (
                step.name,
                step.options,
                step.value,
            ):
                yield _for_nothing(Message("'{step}' was done just before", step=step.name), path)
            before = step
            if transform is not None and (transform.takes == "list" or transform.gives == "list"):
                many = transform.gives == "list"


def _for_nothing(message: Message, path: Place) -> Problem:
    return Problem(message, (*path, "name"), Message("take it out"), repair=Repair("remove", path))


RULES = (
    LintRule("mapping.unknown-standard", Message("a step that is neither a transform nor a standard"), _unknown),
    LintRule("mapping.unknown-option", Message("an option that the step does not have"), _unknown_option),
    LintRule("mapping.missing-option", Message("a step without an option it needs"), _missing_option),
    LintRule("mapping.bad-option", Message("an option whose value the step cannot use"), _bad_option),
    LintRule("mapping.list-not-joined", Message("several values where one is needed"), _not_joined),
    LintRule("mapping.useless-step", Message("a step that changes nothing"), _useless, "warning"),
)
