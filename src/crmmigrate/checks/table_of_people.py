"""Whether a table of names that nobody said anything about holds people, or companies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.checks.profile_meaning import guess_meaning

if TYPE_CHECKING:
    from crmmigrate.model.table import Table

_NAME = "name"
_BESIDE = frozenset((
    "company", "companyname", "organization", "organisation", "employer", "firma", "empresa", "jobtitle", "position", "department",
    "gender", "sex", "birthday", "birthdate", "dob", "dateofbirth", "公司", "公司名称", "单位", "工作单位", "职务", "职位", "部门", "性别", "生日", "出生日期",
))  # fmt: skip
"""Headers beside which `Name` is a person's."""

_SIGNS = re.compile(r"[\s_*:：.-]+")
_SAMPLE, _SURE = 2_000, 0.5
"""So many names, about, are looked at, and how sure it must be what they name."""


def names_people(table: Table) -> bool:
    """Return whether a column called just `Name` seems to name people: by the names themselves, or where these say nothing, by what stands beside it."""
    named = {_SIGNS.sub("", column.casefold()): column for column in table.data_columns}
    if _NAME not in named:
        return False
    column = named[_NAME]
    met = sorted({str(cell) for batch in table.batches(columns=[column]) for cell in batch[column].dropna()})
    values = met[:: max(len(met) // _SAMPLE, 1)]  # in whatever order the rows came
    meaning, sure = guess_meaning(column, values, len(values), len(values))
    if meaning in ("person", "company") and sure >= _SURE:
        return meaning == "person"
    return not named.keys().isdisjoint(_BESIDE)
