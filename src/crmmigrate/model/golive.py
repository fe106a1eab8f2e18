"""The go-live checklist (上线检查清单): six groups of items, what ticks each, and what came of a check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

Group = Literal["data", "system", "users", "training", "support", "communication"]
State = Literal["ticked", "missing", "failed", "stale", "waiting", "refused"]

GROUPS: dict[Group, Message] = {
    "data": Message("Data"), "system": Message("System"), "users": Message("Users"), "training": Message("Training"),
    "support": Message("Support"), "communication": Message("Communication"),
}  # fmt: skip
STATES: dict[State, Message] = {
    "ticked": Message("√ ticked"), "missing": Message("no evidence yet"), "failed": Message("the evidence speaks against it"),
    "stale": Message("stale: data, mapping or load changed since"), "waiting": Message("not ticked yet"),
    "refused": Message("answered with no"),
}  # fmt: skip
STAGE_CHECK, STAGE_BOOKS = "golive", "checklist"
"""The names of the runs in which the checklist was checked, and in which its workbooks were made."""


@dataclass(frozen=True)
class Item:
    """One line of the checklist.

    Args:
        code: a stable name; its beginning is the group.
        title: what has to be true.
        by_evidence: ticked by what the runs show, never by hand.
        per_load: a tick by hand holds only for the load it was given for.
    """

    code: str
    title: Message
    by_evidence: bool = False
    per_load: bool = False

    @property
    def group(self) -> Group:
        """The group it stands in."""
        return self.code.partition(".")[0]  # type: ignore[return-value]


ITEMS: tuple[Item, ...] = (
    Item("data.load", Message("the final load is complete, and made of the sources and mapping files as they are now"), by_evidence=True),
    Item("data.reconciled", Message("the reconciliation of this load agrees, to the row"), by_evidence=True),
    Item("data.quality", Message("the quality gates are met"), by_evidence=True),
    Item("data.duplicates", Message("residual duplicates are within their limit"), by_evidence=True),
    Item("data.privacy", Message("no personal data in logs, reports and trial data"), by_evidence=True),
    Item("system.rollback", Message("the rollback of this load was rehearsed and proven, and its time is known"), by_evidence=True),
    Item("system.configured", Message("fields, permissions, workflows and reports of the new CRM are configured and tested")),
    Item("system.interfaces", Message("interfaces to other systems were switched in a test and work")),
    Item("system.backup", Message("a backup of the target was made after the load, and restored once"), per_load=True),
    Item("users.owners", Message("everyone who owns records is an active user of the new CRM"), by_evidence=True),
    Item("users.accepted", Message("the key users have accepted this load and signed"), by_evidence=True),
    Item("users.accounts", Message("every user has an account, a role and has logged in once")),
    Item("training.done", Message("all users are trained, and those who missed it have a date")),
    Item("training.material", Message("manuals and short guides are handed out")),
    Item("support.team", Message("the support team of the first weeks is named and on duty")),
    Item("support.path", Message("a telephone number and a way to report problems are known to everyone")),
    Item("communication.notice", Message("everyone was told when the old system closes and the new one opens")),
    Item("communication.partners", Message("customers and partners who are affected were told")),
    Item("communication.decision", Message("the project lead has released the date of this go-live"), per_load=True),
)  # fmt: skip


@dataclass(frozen=True)
class Tick:
    """What somebody answered to an item.

    Args:
        code: of the item.
        yes: whether it is so.
        by: who says so; `on` when, as written; `remark` beside it.
        load: the load for which the workbook was made.
        place: of the answer.
    """

    code: str
    yes: bool
    by: str
    on: str
    remark: str
    load: str
    place: str = ""


@dataclass(frozen=True)
class Checked:
    """What came of one item: `told` is the evidence, or who ticked it, or what is missing; `step` what to do next."""

    item: Item
    state: State
    told: Message | str = ""
    step: Message | str = ""


@dataclass(frozen=True)
class Decision:
    """What a check says: go only when every item is ticked.

    Args:
        load: the newest load.
        items: in order of the checklist.
    """

    load: str
    items: Sequence[Checked]

    @property
    def go(self) -> bool:
        """Whether every item is ticked."""
        return all(one.state == "ticked" for one in self.items)

    @property
    def open(self) -> list[Checked]:
        """The items that are not ticked."""
        return [one for one in self.items if one.state != "ticked"]

    @property
    def only_people(self) -> bool:
        """Whether nothing but answers of people is missing."""
        return all(one.state in ("waiting", "refused", "stale") and not one.item.by_evidence for one in self.open)
