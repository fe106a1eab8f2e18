"""A small CRM to load into: users, accounts with a picklist and an owner, contacts; and how to fill and edit it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crmmigrate.model.issue import text_frame
from crmmigrate.model.load_plan import LoadPlan, ObjectLoad
from crmmigrate.model.schema import TargetColumn, TargetSchema, TargetTable

IDENTITY = TargetColumn("integer", identity=True)
KEY = TargetColumn(length=100, required=True, unique=True)
SCHEMA = TargetSchema(1, {
    "users": TargetTable({"id": IDENTITY, "external_id": KEY, "name": TargetColumn(length=50)}),
    "accounts": TargetTable({
        "id": IDENTITY, "external_id": KEY, "name": TargetColumn(length=20, required=True),
        "级别": TargetColumn(length=8, picklist="levels"), "amount": TargetColumn("decimal"), "order": TargetColumn("date"),
        "seen_at": TargetColumn("datetime"), "active": TargetColumn("boolean"),
        "owner_id": TargetColumn("integer", references="users"), "note": TargetColumn(length=2000),
    }),
    "contacts": TargetTable({
        "id": IDENTITY, "external_id": KEY, "name": TargetColumn(length=50),
        "account_id": TargetColumn("integer", references="accounts", required=True),
    }),
}, {"levels": {"A": "重点", "B": "一般"}})  # fmt: skip

ACCOUNT = ("external_id", "name", "级别", "amount", "order", "seen_at", "active", "owner_id")
USERS = ObjectLoad("user", "users", ("external_id", "name"), match_on=("external_id",))
ACCOUNTS = ObjectLoad("account", "accounts", ACCOUNT, {"owner_id": "user"}, ("external_id",))
CONTACTS = ObjectLoad(
    "contact", "contacts", ("external_id", "name", "account_id"), {"account_id": "account"}, ("external_id",)
)
PLAN = LoadPlan((USERS, ACCOUNTS, CONTACTS), 100)


def rows(load: ObjectLoad, *records: dict[str, str | None]) -> Any:
    """Return the rows as a stage hands them over; `external_id` and `_record` stand for each other."""
    filled = [{"_record": record.get("external_id"), "_origin": "t", **record} for record in records]
    columns = ["_record", "_origin", *load.columns]
    return text_frame([[record.get(column) for column in columns] for record in filled], columns)


def account(key: str, **values: str | None) -> dict[str, str | None]:
    return {"external_id": key, "name": f"公司{key}", "级别": "A", "amount": "1200.50", "order": "2023-05-01",
            "seen_at": "2023-05-01T14:30:00", "active": "true", "owner_id": "u1", **values}  # fmt: skip


def execute(target: Any, statement: str, **values: Any) -> None:
    """Do what a person does in the CRM meanwhile."""
    with target.session.transaction() as connection:
        connection.execute(sa.text(statement), values)


def empty(target: Any) -> None:
    """Take every row and the journal out again."""
    with target.session.transaction() as connection:
        names = sa.inspect(connection).get_table_names()
        for name in ("contacts", "accounts", "users", *(name for name in names if name.startswith("crmm_"))):
            connection.execute(sa.table(name).delete())


def table(target: Any, name: str, *columns: str) -> list[tuple[str | None, ...]]:
    """Return the rows of a table as text, in the order of their keys."""
    found = [row for part in target.rows(name, ("id", *columns)) for row in part.itertuples(index=False, name=None)]
    return [
        tuple(value if isinstance(value, str) else None for value in row[1:])
        for row in sorted(found, key=lambda r: int(r[0]))
    ]


def load(target: Any, run: str, *batches: tuple[ObjectLoad, Any], plan: LoadPlan = PLAN) -> list[Any]:
    """Do a whole load run."""
    target.begin_run("load", run, plan)
    outcomes = [target.write_batch(run, number, step, frame) for number, (step, frame) in enumerate(batches, 1)]
    target.close_run(run, "done")
    return outcomes


def roll_back(target: Any, run: str) -> dict[str, int]:
    """Undo a load run; return outcome → number, zeros left out. The digests must agree."""
    name = f"undo-{run}"
    target.begin_run("rollback", name, PLAN, parent=run)
    for batch, _ in target.batches(run):
        target.undo_batch(name, batch, run, batch, apply=True)
    assert target.undo_agrees(name)
    target.close_run(name, "done")
    sums: dict[str, int] = {}
    for counts in target.totals(name).values():
        for word, count in counts.items():
            if count and word != "rows":
                sums[word] = sums.get(word, 0) + count
    return sums
