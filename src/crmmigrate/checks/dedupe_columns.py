"""What is told of the columns by which a table's duplicates are found, and of those it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message, joined
from crmmigrate.model.dedupe import FULL_NAME, NAMED_COLUMNS
from crmmigrate.model.document import nearest, nearest_header
from crmmigrate.model.issue import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from crmmigrate.model.dedupe import DedupeRules
    from crmmigrate.model.stage import StageResult
    from crmmigrate.model.table import Table, Tables

_TWO_COLUMNS = (FULL_NAME, "given_surname")
"""Roles and comparators of names in two columns, of which one alone is no name."""

_SHOWN = 12
"""So many of the columns that are not compared are named."""


def tell_columns(
    plan: Iterable[tuple[str, DedupeRules]],
    tables: Tables,
    beside: str,
    result: StageResult,
    *,
    shipped: bool,
    asked: str | None,
) -> None:
    """Tell what is compared by the shipped rules, or what people's own rules name and the tables lack.

    Args:
        plan: tables and their rules.
        tables: that the stage was given.
        beside: the table of the records that are in the CRM already; empty where there is none.
        result: of the stage; findings and notes are added to it.
        shipped: whether the rules are the shipped ones.
        asked: the object that the command line names.

    Raises:
        ConfigurationError: a table has none of the columns, or the command line names another object than the rules.
    """
    there = tables[beside].columns if beside else ()
    for name, rules in plan:
        if not shipped:
            _refuse_another(rules, asked)
            findings, notes = lacking(rules, name, tables[name], there)
            result.findings += [*findings, *named_in_vain(rules, tables[name], there)]
            result.notes += notes
        elif beside:
            result.notes += compared_with(rules, name, tables[name], tables[beside])
        else:
            result.notes.append(compared(rules, tables[name].data_columns))


def _refuse_another(rules: DedupeRules, asked: str | None) -> None:
    if asked and asked != rules.object:
        raise ConfigurationError(
            "dedupe.another-object",
            Message("the rules are for '{object}', but --object says '{asked}'", object=rules.object, asked=asked),
            rules.places.get(("object",), "--object"), Message("leave out --object, or give the rules of that object"),
        )  # fmt: skip


def named_in_vain(rules: DedupeRules, table: Table, beside: Collection[str] = ()) -> list[Message]:
    """Return a finding for each column that the rules name beside the roles and that the table lacks, with its place.

    Args:
        rules: people's own.
        table: with its headers.
        beside: the columns of the records that are in the CRM already, which are as good.
    """
    effects = {
        "key": Message("no record has a key in the crosswalk and the review workbook"),
        "updated": Message("which value is the newest cannot be told"),
        "verified": Message("which record is verified cannot be told"),
    }
    named: list[tuple[tuple[str, ...], str, Message]] = [
        ((key,), getattr(rules, key), effects[key]) for key in NAMED_COLUMNS if getattr(rules, key)
    ]
    named += [
        (("survivorship", column), column, Message("the policy '{policy}' has no effect", policy=policy))
        for column, policy in rules.survivorship.items() if column != "default"
    ]  # fmt: skip
    there = list(dict.fromkeys((*table.columns, *beside)))
    told = []
    for path, column, effect in named:
        if column in there:
            continue
        role = rules.columns.get(column) if len(path) > 1 else None
        hint = (
            Message("that is a role; its columns are: {words}", words=", ".join(role.columns))
            if role else nearest_header(column, [one for one in there if not one.startswith("_") or one.startswith(REFERENCE)])
        )  # fmt: skip
        told.append(Message(
            "{place}: '{key}' names the column '{column}', which the table lacks, so that {effect}; {hint}",
            place=rules.places.get(path, rules.object), key=path[0], column=column, effect=effect, hint=hint or "",
        ))  # fmt: skip
    return told


def compared(rules: DedupeRules, columns: Iterable[str]) -> Message:
    """Say which columns the shipped rules found by their headers: one that they do not know is not compared."""
    found, rest = _told(_roles(rules), columns)
    if not rest:
        return Message("{object}: every column is compared: {compared}", object=rules.object, compared=found)
    return Message(
        "{object}: compared: {compared}; not compared: {rest} (--rules FILE says otherwise)",
        object=rules.object, compared=found, rest=rest,
    )  # fmt: skip


def compared_with(rules: DedupeRules, name: str, table: Table, beside: Table) -> list[Message]:
    """Return what is told of the columns that the shipped rules found in a new table and in that of the CRM.

    A role that only one of them has says nothing of a new record and one of the CRM, and may be there in the other under a header that
    the rules do not know.

    Args:
        rules: shipped.
        name: what the new table is called.
        table: the new one, with its headers.
        beside: that of the records that are in the CRM already.

    Raises:
        ConfigurationError: there is nothing by which a record of one could be found in the other (`dedupe.no-columns`).
    """
    roles = _roles(rules)
    new, old = ({role for column in one.columns for role in roles.get(column, ())} for one in (table, beside))
    if new.isdisjoint(old):
        raise ConfigurationError(
            "dedupe.no-columns", Message("the table of --existing has no column that looks like one by which new records are compared"), name,
            nearest_header(
                "", beside.data_columns,
                Message(
                    "give both tables the same headers, or name the columns of both in a file with --rules; columns: {words}",
                    words=", ".join(beside.data_columns),
                ),
            ),
        )  # fmt: skip
    across = {column: said for column, said in roles.items() if not (new & old).isdisjoint(said)}
    alone = {column: said for column, said in roles.items() if column not in across}
    found, rest = _told(across, [column for column in beside.data_columns if column not in alone])
    notes = [compared(rules, table.data_columns)]
    if not set(across) & set(beside.data_columns) <= set(table.data_columns):
        notes.append(Message(
            "{object}: compared with, in --existing: {compared}; not compared: {rest}", object=rules.object, compared=found, rest=rest
        ) if rest else Message("{object}: compared with, in --existing: {compared}", object=rules.object, compared=found))  # fmt: skip
    if only := _told(alone, table.data_columns)[0]:
        notes.append(Message(
            "{object}: not compared with --existing, where no column is found for it: {columns}", object=rules.object, columns=only
        ))  # fmt: skip
    if only := _told(alone, [column for column in beside.data_columns if column not in table.columns])[0]:
        notes.append(Message(
            "{object}: not compared, because only --existing has it: {columns}", object=rules.object, columns=only
        ))  # fmt: skip
    return notes


def _roles(rules: DedupeRules) -> dict[str, list[str]]:
    """Return column → the roles that it plays: a column of telephones may hold mobiles and landlines."""
    roles: dict[str, list[str]] = {}
    for role, rule in rules.columns.items():
        for column in rule.columns:
            roles.setdefault(column, []).append(role)
    return roles


def _told(roles: Mapping[str, Sequence[str]], columns: Iterable[str]) -> tuple[str, str]:
    """Return in words which of a table's columns play these roles, in the order of the roles, and some of the others."""
    columns = list(columns)
    rest = [column for column in columns if column not in roles]
    found = ", ".join(f"{column} ({', '.join(said)})" for column, said in roles.items() if column in columns)
    return found, ", ".join(rest[:_SHOWN]) + (" …" if len(rest) > _SHOWN else "")


def lacking(
    rules: DedupeRules, name: str, table: Table, beside: Collection[str] = ()
) -> tuple[list[Message], list[Message]]:
    """Return what is told of columns that the rules name and the table lacks: findings and notes.

    A role without any of its columns is not compared, and one half of a name says of two people that they are one:
    findings. Where a role has others, rules may well name what only some tables have (手机, 移动电话): a note.

    Args:
        rules: people's own.
        name: what the table is called.
        table: with its headers.
        beside: the columns of the records that are in the CRM already; what these have is not lacking as long as the
            table has another column of the role.

    Raises:
        ConfigurationError: the table has no column of any role (`dedupe.no-columns`).
    """
    named = {column for rule in rules.columns.values() for column in rule.columns}
    if named.isdisjoint(table.columns):
        raise ConfigurationError(
            "dedupe.no-columns", Message("the table has none of the columns that the rules compare"), name,
            nearest_header(
                "", table.data_columns, Message("its columns are: {words}", words=", ".join(table.data_columns))
            ),
        )  # fmt: skip
    free = [column for column in table.columns if column not in named and column.startswith(REFERENCE)]
    free += [column for column in table.data_columns if column not in named]
    unheard: list[Message | str] = []
    halves: list[Message | str] = []
    others: list[Message | str] = []
    for role, rule in rules.columns.items():
        there = [column for column in rule.columns if column in table.columns]
        absent = [column for column in rule.columns if column not in there and not (there and column in beside)]
        half = len(there) == 1 and (role in _TWO_COLUMNS or rule.compare in _TWO_COLUMNS)
        (halves if half else others if there else unheard).extend(_lacks(column, role, free) for column in absent)
    findings, notes = [], []
    if unheard:
        findings.append(Message(
            "{object}: roles not compared, because the table has none of their columns: {columns}",
            object=rules.object, columns=joined(unheard),
        ))  # fmt: skip
    if halves:
        findings.append(Message(
            "{object}: names in two columns are compared by one of them alone, because the table lacks the other: {columns}",
            object=rules.object, columns=joined(halves),
        ))  # fmt: skip
    if others:
        notes.append(Message(
            "{object}: columns that the table lacks, whose roles are compared by their other columns: {columns}",
            object=rules.object, columns=joined(others),
        ))  # fmt: skip
    return findings, notes


def _lacks(column: str, role: str, free: Sequence[str]) -> Message | str:
    """Return a column with its role, and the header that may be meant by it: one that no role names."""
    near = nearest(column, free)
    return Message("{column} ({role}: {hint})", column=column, role=role, hint=near) if near else f"{column} ({role})"


def nameless(name: str, table: Table, *, people: bool, fitting: str = "") -> ConfigurationError:
    """Return what is told of a table in which the shipped rules find no name, with an example of rules of one's own.

    Args:
        name: what the table is called.
        table: with its headers.
        people: it seems to hold people; else companies are what is looked for.
        fitting: another object, in whose shipped rules the table finds its columns.
    """
    if fitting == "contact":
        what = Message("the columns of this table are those of people, not of companies")
    elif fitting:
        what = Message("the columns of this table are those of companies, not of people")
    if fitting:
        again = Message("run it again with {option}", option=f"--object {fitting}")
        return ConfigurationError("dedupe.no-columns", what, name, again)
    words = ", ".join(table.data_columns)
    if people:
        return ConfigurationError(
            "dedupe.no-columns",
            Message("no column of this table looks like the whole names of people, nor do two like surname and given name"), name,
            Message(
                "give both columns, or the one of whole names ({whole}), in a file with --rules: {example}; columns: {words}",
                whole="name: …", example="{version: 1, object: contact, columns: {full_name: […, …], mobile: …}}", words=words,
            ),
        )  # fmt: skip
    return ConfigurationError(
        "dedupe.no-columns", Message("no column of this table looks like a name to compare by"), name,
        Message(
            "name the columns in a file, give it with --rules: {example}; columns: {words}",
            example="{version: 1, object: account, columns: {name: …, phone: …}}", words=words,
        ),
    )  # fmt: skip
