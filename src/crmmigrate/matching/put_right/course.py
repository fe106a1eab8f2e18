"""The order in which a table is put right before its records are compared.

Each step takes all records and the rules of their object and returns both as they are from then on. Nobody is shown these records: what they hold is compared, and no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.customers import with_whole_names
from crmmigrate.matching.people.in_letters import with_letters
from crmmigrate.matching.phones.hong_kong import with_code
from crmmigrate.matching.phones.north_american import as_dialled
from crmmigrate.matching.put_right.bodies_in_place import with_places
from crmmigrate.matching.put_right.crowded_cells import with_parts_apart
from crmmigrate.matching.put_right.employers_beside import with_employers_beside
from crmmigrate.matching.put_right.employers_in_place import columns_of_employers, employers_put_right
from crmmigrate.matching.put_right.exchanged import put_back
from crmmigrate.matching.put_right.firms_among_people import firms_apart
from crmmigrate.matching.put_right.invoice_cells import with_invoices
from crmmigrate.matching.put_right.joint_names import in_one_order
from crmmigrate.matching.put_right.licences import of_one_shop
from crmmigrate.matching.put_right.members import as_members
from crmmigrate.matching.put_right.messengers import with_mobiles
from crmmigrate.matching.put_right.nicknames_of_names import without_own_names
from crmmigrate.matching.put_right.noted_accounts import with_noted_accounts
from crmmigrate.matching.put_right.noted_addresses import with_noted_addresses
from crmmigrate.matching.put_right.noted_contacts import with_noted_contacts
from crmmigrate.matching.put_right.noted_numbers import with_noted_numbers
from crmmigrate.matching.put_right.own_names import with_own_names
from crmmigrate.matching.put_right.parties import (
    as_remarks_call_them,
    not_their_own_contacts,
    with_numbers_beside,
    with_people_apart,
    with_whole_names_of_two,
)
from crmmigrate.matching.put_right.renamed_people import with_other_names
from crmmigrate.matching.put_right.shops_and_keepers import with_keepers
from crmmigrate.matching.put_right.shops_in_place import with_shops_alone
from crmmigrate.matching.put_right.sold_behind import without_sold
from crmmigrate.matching.put_right.swapped import companies_put_right, may_hold_companies
from crmmigrate.matching.put_right.swapped_posts import columns_of_posts, names_put_right
from crmmigrate.matching.put_right.titled_sexes import with_sexes
from crmmigrate.matching.put_right.told_names import with_told_names
from crmmigrate.matching.shipped_headers import REMARK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

    Step = Callable[[pd.DataFrame, DedupeRules], tuple[pd.DataFrame, DedupeRules]]


def _cells(step: Callable[[pd.DataFrame, DedupeRules], pd.DataFrame]) -> Step:
    """Return a step that changes cells, and no rules."""
    return lambda frame, rules: (step(frame, rules), rules)


STEPS: tuple[Step, ...] = (
    # What belongs in other cells, before anything is read in them.
    with_parts_apart,
    without_sold,
    _cells(put_back),
    _cells(with_sexes),
    as_members,
    # What remarks tell.
    _cells(with_noted_addresses),
    with_noted_contacts,
    with_noted_accounts,
    with_noted_numbers,
    with_own_names,
    _cells(without_own_names),
    # Names and companies that have changed places, or stand beside each other.
    _cells(names_put_right),
    _cells(employers_put_right),
    with_employers_beside,
    _cells(companies_put_right),
    _cells(with_places),
    _cells(in_one_order),
    _cells(of_one_shop),
    with_shops_alone,
    with_keepers,
    _cells(not_their_own_contacts),
    _cells(with_code),
    _cells(as_dialled),
    with_told_names,
    with_invoices,
    with_mobiles,
    with_whole_names,
    with_whole_names_of_two,
    with_numbers_beside,
    as_remarks_call_them,
    firms_apart,
    with_people_apart,
)
"""Later steps see what earlier ones made."""


def sorted_out(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records and the rules as they are compared: after all steps, with the names of people that remarks tell, and those in letters, behind the others.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    remarks = rules.columns.get(REMARK)
    for step in STEPS:
        frame, rules = step(frame, rules)
    return with_letters(*with_other_names(frame, rules, remarks))


def may_be_put_right(columns: Iterable[str], rules: DedupeRules) -> list[str]:
    """Return the columns of a table that nobody compares, and in which may stand what belongs in one that is compared."""
    columns = list(columns)
    return [
        *may_hold_companies(columns, rules),
        *(columns_of_employers(columns, rules) or columns_of_posts(columns, rules)),
    ]
