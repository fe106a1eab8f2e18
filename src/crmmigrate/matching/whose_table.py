"""Whether a table is one of people by its headers, and which of its columns names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.headers import header_names, plain
from crmmigrate.matching.shipped_headers import BY_NAME, CLERK, OF_CUSTOMERS, OF_PEOPLE, OWNER

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Sequence

_OF_NAMES = frozenset(map(plain, (
    "姓名", "联系人姓名", "full_name", "contact_name", "first_name", "last_name", "given_name", "family_name", "surname",
    "fn", "姓", "姓氏", "nachname", "vorname", "apellidos", "cognome",
)))  # fmt: skip


def of_people(columns: Iterable[str]) -> bool:
    """Return whether a table with these columns seems to hold people; 业主姓名 beside 商户名称 is whom to ask for."""
    columns = list(columns)
    if any(name in _OF_NAMES for column in columns for name in header_names(column)):
        return True
    return bool(_headed(OF_PEOPLE, columns)) and not _headed(OF_CUSTOMERS, columns)


def named_by(found: Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    """Return the column that names the people of a table in place of those that were found: 客户名称, where these name only the clerk who entered them, or there are none.

    Args:
        found: columns of people's names.
        columns: the table's.
    """
    people = [column for column in found if not _headed(CLERK, [column])]
    return tuple(people or _headed(BY_NAME, columns)[:1] or found)


def of_others(numbers: Iterable[str], people: Iterable[str], firms: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of numbers that may be those of a record to which people belong: where people are the customers themselves (客户姓名), 客户编号 is their own.

    Args:
        numbers: columns of references.
        people: columns of people's names.
        firms: columns of companies' names; beside 客户名称, 客户姓名 is whom to ask for there.
    """
    themselves = owners(people) - owners(firms)
    return tuple(
        column for column in numbers if not any(name.startswith(tuple(themselves)) for name in header_names(column))
    )


def owners(columns: Iterable[str]) -> set[str]:
    """Return whose names columns hold by their headers: 客户 of 客户姓名 and of 客户名称."""
    return {met[1] for column in columns for name in header_names(column) if (met := OWNER.fullmatch(name))}


def _headed(pattern: re.Pattern[str], columns: Iterable[str]) -> list[str]:
    return [column for column in columns if any(map(pattern.fullmatch, header_names(column)))]
