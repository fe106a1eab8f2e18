"""The roles of columns whose headers say nothing, by what their values are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.people_headers import of_school
from crmmigrate.matching.roles import PEOPLE, Headed
from crmmigrate.matching.shipped_headers import MANY

if TYPE_CHECKING:
    from collections.abc import Mapping

_OF_COMPANIES = {
    "company": ("name",), "credit_code": ("credit_code",), "mobile": ("phone",), "phone": ("phone",), "email": ("email",),
    "url": ("website",), "person": ("contact",), "address": ("address",),
}  # fmt: skip
_OF_PEOPLE = {
    "person": ("name",), "mobile": ("mobile",), "phone": ("mobile", "landline"), "email": ("email",), "id_number": ("id_number",),
    "address": ("address",), "company": ("company",),
}  # fmt: skip
"""Meaning of a column → the roles that it plays."""


def with_meanings(object_name: str, headers: Headed, meanings: Mapping[str, str]) -> Headed:
    """Return which columns of a table play which role, those among them whose headers say nothing.

    A role that headers name keeps these columns; what there may be several of, as telephones, gets further ones.

    Args:
        object_name: `account` or `contact`.
        headers: what the headers say.
        meanings: column → a key of `model.profile.MEANINGS`.
    """
    columns = dict(headers.columns)
    taken = {column for held in columns.values() for column in held}
    for column, meaning in meanings.items():
        if object_name in PEOPLE and of_school(column):
            continue
        for role in (_OF_PEOPLE if object_name in PEOPLE else _OF_COMPANIES).get(meaning, ()):
            if column not in taken and (role in MANY or not columns.get(role)):
                columns[role] = (*columns.get(role, ()), column)
    return Headed(columns, headers.shared)
