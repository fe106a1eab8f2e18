"""The words of a delta: what may have become of a record since it was loaded, and why a delta leaves a row of the target alone."""

from __future__ import annotations

from typing import Literal

from crmmigrate.messages import Message

Deletes = Literal["keep", "archive", "delete"]
DELETES: tuple[Deletes, ...] = ("keep", "archive", "delete")
"""What happens in the target to records that are gone from the sources, or have become one with another."""

RolledBack = Literal["leave", "load"]
ROLLED_BACK: tuple[RolledBack, ...] = ("leave", "load")
"""What happens to records whose rows a rollback took out of the target, though their load stands: people chose them, or their wave."""

GONE = {
    "deleted": Message("no longer in the sources"),
    "merged": Message("has become one with another record"),
    "set_aside": Message("no longer to be migrated"),
}
"""Why a record that is in the target is not among the rows to be loaded any more. Only the first two are ever taken out."""

ALSO, SEEN = "_also", "_seen"
"""In rows to be taken out, as JSON: the other records that stood in the row and are gone too. In rows to be changed, as JSON: column → what
people saw in the target when they decided that the sources are right; it is written over only while it still stands there."""

CONFLICTS = {
    "edited": Message("edited in the target; the sources say something else now"),
    "gone": Message("deleted in the target; the sources changed it"),
    "removed_edited": Message("gone from the sources, but edited in the target"),
    "removed_referenced": Message("gone from the sources, but other rows of the target depend on it"),
    "removed_not_ours": Message("gone from the sources, but it was in the target before the migration"),
    "removed_owned": Message("gone from the sources, but another record stands in its row"),
    "removed_unproven": Message(
        "gone from the sources, but what was loaded is no longer kept, so nobody can say whether it was edited"
    ),
    "removed_refused": Message("gone from the sources, but the target refuses to let it go"),
}
"""Why a delta leaves a field or a row of the target alone."""
