"""用户验收结论: how many customers were judged, what was wrong, what that proves about all of them, and who signed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.acceptance import STATES, VERDICTS, Judged, Line
from crmmigrate.model.object_title import object_title
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crmmigrate.model.acceptance import Conclusion, UserResult

WORKBOOK, DATA = "11_用户验收结论.xlsx", "acceptance.json"


@dataclass(frozen=True)
class Finding:
    """A verdict that somebody has to look at.

    Args:
        line: what it is about.
        judged: what was said.
        by: who said it; `on` when, as they wrote it or UTC.
        void: whether the row has changed since.
    """

    line: Line
    judged: Judged
    by: str
    on: str
    void: bool


def sentences(found: Conclusion) -> list[Message]:
    """Return the conclusion in words."""
    told = [
        Message(
            "{judged} of {population} customers were judged ({drawn} drawn at random): {right} right, {wrong} wrong, {unsure} not sure.",
            judged=f"{found.judged:,}", population=f"{found.population:,}", drawn=f"{found.drawn:,}", right=f"{found.count('right'):,}",
            wrong=f"{found.count('wrong'):,}", unsure=f"{found.count('unsure'):,}",
        )
    ]  # fmt: skip
    if left := found.count("open") + found.count("void"):
        told.append(
            Message(
                "{count} customers that were drawn have no verdict that counts ({void} changed in the new system since). Until they have one, the bound below is no proof: what is left out may be what is wrong.",
                count=f"{left:,}", void=f"{found.count('void'):,}",
            )
        )  # fmt: skip
    if found.judged:
        told.append(
            Message(
                "With a confidence of 95 %, at most {bound} of all customers have an error (exact binomial bound of Clopper and Pearson; not sure counts as wrong).",
                bound=f"{found.bound:.2%}",
            )
        )  # fmt: skip
    told.append(_needed(found))
    told.append(
        Message(
            "{share} of all customers were judged in workbooks signed by name; a spot check needs 20 %.",
            share=f"{found.signed_share:.1%}",
        )
    )
    return told


def _needed(found: Conclusion) -> Message:
    wanted, errors = f"{found.wanted:.2%}", found.count("wrong") + found.count("unsure")
    if found.judged and found.bound <= found.wanted:
        return Message("That proves the wanted error rate of at most {wanted}.", wanted=wanted)
    if not found.needed or found.needed > found.population:
        return Message(
            "An error rate of at most {wanted} cannot be proven by a sample of these {population} customers: mend the errors and hand out again, or look at all of them.",
            wanted=wanted, population=f"{found.population:,}",
        )  # fmt: skip
    return Message(
        "To prove an error rate of at most {wanted} with {errors} errors, {needed} customers have to be judged.",
        wanted=wanted, errors=errors, needed=f"{found.needed:,}",
    )  # fmt: skip


def write_acceptance_report(path: Path, language: str, found: Conclusion, findings: Sequence[Finding]) -> None:
    """Write the conclusion as a workbook: the sentences, people, records, what was found, and a block to sign.

    Raises:
        OSError: it cannot be written.
    """
    states = list(STATES)
    people = [Column(Message("Key user")), Column(Message("Customers"), number=True), Column(Message("Drawn"), number=True),
              *(Column(STATES[state], number=True) for state in states), Column(Message("Part judged")),
              Column(Message("Signed by")), Column(Message("Date")), Column(Message("Remarks"))]  # fmt: skip
    kinds = [Column(Message("Kind of record")), *(Column(STATES[state], number=True) for state in states)]
    heads = (
        Message("Customer"),
        Message("Kind of record"),
        Message("Record"),
        Message("Field"),
        Message("Old system"),
        Message("New system"),
    )
    listed = [*map(Column, heads), Column(Message("Your verdict")), Column(Message("Comment")), Column(Message("By")),
              Column(Message("Date")), Column(Message("Still counts")), Column(Message("Source row")), Column("_record", hidden=True)]  # fmt: skip
    sheets = [
        Sheet(Message("Key users"), people, [_person(user, states) for user in found.users]),
        Sheet(Message("Records"), kinds, [[object_title(name), *(its.get(s, 0) for s in states)] for name, its in found.records.items()]),
        Sheet(Message("What was found"), listed, [_finding(one) for one in findings]),
    ]  # fmt: skip
    roles = [Message("Head of the business"), Message("Project manager"), Message("IT")]
    write_workbook(
        path,
        language,
        sheets,
        title=Message("Conclusion of user acceptance"),
        notes=sentences(found),
        signatures=roles,
        personal=True,
    )


def _person(user: UserResult, states: Sequence[Any]) -> list[Any]:
    signature = user.signature
    signed: Message | str = Message("not returned yet")
    if signature is not None:
        signed = signature.by if signature.stands else Message("not signed")
        if signature.agreed is False:
            signed = Message("not agreed")
    share = f"{user.judged / user.population:.1%}" if user.population else ""
    return [user.user or Message("nobody named"), user.population, user.drawn, *(user.states.get(s, 0) for s in states), share,
            signed, (signature.on or user.returned) if signature else "", signature.remarks if signature else ""]  # fmt: skip


def _finding(one: Finding) -> list[Any]:
    line, verdict = one.line, one.judged.verdict
    counts = Message("no: the row changed since") if one.void else Message("yes")
    return [line.customer, line.kind, line.name, line.field, line.old, line.new, VERDICTS[verdict] if verdict else None,
            one.judged.comment, one.by, one.on, counts, line.place, line.record]  # fmt: skip


def write_acceptance_data(path: Path, language: str, found: Conclusion, findings: Sequence[Finding]) -> None:
    """Write the conclusion for machines; it names no customer.

    Raises:
        OSError: it cannot be written.
    """
    del language
    body = {
        "population": found.population, "drawn": found.drawn, "judged": found.judged,
        "states": {state: found.count(state) for state in STATES}, "records": found.records, "bound_95": found.bound,
        "wanted": found.wanted, "needed": found.needed, "signed_share": found.signed_share, "complete": found.complete,
        "findings": [{"object": f.line.object, "record": f.line.record, "column": f.line.column, "verdict": f.judged.verdict,
                      "void": f.void} for f in findings],
    }  # fmt: skip
    path.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
