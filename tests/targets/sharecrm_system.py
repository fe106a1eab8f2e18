"""The stub of ShareCRM as a system of the conformance kit."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from tests.targets.stub_sharecrm import ADMINISTRATOR, APP, StubShareCrm
from tests.targets.systems import Row, System

MODELS = {"account": "AccountObj", "contact": "ContactObj", "deal": "object_deal__c"}
CALLS, SECONDS = 100, 0.4  # the quota of an interface, as it is documented, in a fiftieth of the time


class ShareCrmStub(System):
    """Customers with an owner, their people, and deals of a model of the company's own."""

    mappings: ClassVar = {
        "account": "target: AccountObj, match: legacy_no__c, write: {policy: overwrite}, fields: {legacy_no__c: _record, name: 名称, account_level: 级别, tel: 电话, "
        "annual_revenue: 金额, founded__c: 日期, last_visit__c: 时间, is_key__c: 重点, owner: 负责人}",
        "contact": "target: ContactObj, match: legacy_no__c, fields: {legacy_no__c: _record, name: 姓名, owner: 负责人, account_id: {from: 客户, lookup: {object: account}}}",
        "deal": "target: object_deal__c, match: legacy_no__c, fields: {legacy_no__c: _record, name: 名称, amount__c: 金额, owner: 负责人, "
        "account__c: {from: 客户, lookup: {object: account}}}",
    }  # fmt: skip
    secrets: ClassVar = {"SHARECRM_SECRET": APP["appSecret"], "SHARECRM_CODE": APP["permanentCode"]}
    demanded: ClassVar = [("AccountObj", "name"), ("AccountObj", "owner"), ("object_deal__c", "account__c")]
    not_demanded: ClassVar = [("AccountObj", "tel"), ("ContactObj", "account_id")]
    batch = 1
    many = 40
    steps = 20

    def __init__(self, crm: StubShareCrm) -> None:
        self.crm, self.url = crm, crm.url

    def location(self, url: str, folder: Path) -> str:
        address = url.removeprefix("http://")
        return (
            f"sharecrm+http://{APP['appId']}:${{env:SHARECRM_SECRET}}@{address}/{ADMINISTRATOR}"
            f"?permanent_code=${{env:SHARECRM_CODE}}&calls={CALLS}&seconds={SECONDS}&answer_seconds=0.1"
        )

    def rows(self, name: str, count: int) -> list[Row]:
        if name == "account":
            return [
                {"_record": f"a{i}", "legacy_no__c": f"a{i}", "name": f" 公司{i}", "account_level": "12"[i % 2], "tel": f"021-{i:08}", "annual_revenue": f"{i}.5",
                 "founded__c": "2023-05-01", "last_visit__c": "2023-05-01T00:30:00", "is_key__c": "true", "owner": "王敏"} for i in range(count)
            ]  # fmt: skip
        if name == "contact":
            return [{"_record": f"c{i}", "legacy_no__c": f"c{i}", "name": f"联系人{i}", "owner": "FSUID_2", "account_id": f"a{i}"} for i in range(count)]  # fmt: skip
        return [
            {"_record": f"d{i}", "legacy_no__c": f"d{i}", "name": f"商机{i}", "amount__c": f"{i}.25", "owner": "王敏", "account__c": f"a{i}"} for i in range(count)
        ]  # fmt: skip

    def spoil(self, row: Row) -> None:
        row["tel"] = "call me maybe"

    def is_write(self, method: str, path: str, body: bytes) -> bool:
        what = path.partition("?")[0].rpartition("/")[2]
        return what in ("create", "update", "changeOwner", "invalid", "recover", "delete")

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return all rows, but for when they were changed last."""
        return {
            model: sorted(
                tuple((name, str(value)) for name, value in sorted(row.items()) if name != "last_modified_time" and value is not None)
                for row in rows.values()
            )
            for model, rows in self.crm.rows.items()
        }  # fmt: skip

    def records(self, name: str) -> list[str]:
        found = [str(row.get("legacy_no__c")) for row in self.crm.rows[MODELS[name]].values()]
        return [record for record in found if record[0] == name[0] and record[1:].isdigit()]

    def edit(self, name: str, record: str) -> None:
        self._row(name, record)["remark"] = "人改的"

    def hang_on(self, name: str, record: str) -> None:
        self.crm.put("object_visit__c", name="拜访", account__c=self._row(name, record)["_id"])

    def _row(self, name: str, record: str) -> dict[str, Any]:
        return next(row for row in self.crm.rows[MODELS[name]].values() if row.get("legacy_no__c") == record)

    def drift(self, *, back: bool = False) -> None:
        self.crm.fields["AccountObj"]["account_level"]["type"] = "select_one" if back else "number"

    def tidy(self) -> None:
        for model, rows in self.crm.rows.items():
            for key, row in list(rows.items()):
                if model == "object_visit__c" or (
                    str(row.get("legacy_no__c"))[1:].isdigit() and row["legacy_no__c"] != "a3"
                ):
                    del rows[key]
