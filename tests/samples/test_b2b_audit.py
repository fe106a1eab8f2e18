"""The audit on the small b2b sample: what its columns mean and which of the troubles sown into it are named."""

from pathlib import Path

import audit_truth
import pytest

from crmmigrate.checks.profile_column import profile_column
from crmmigrate.checks.profile_meaning import guess_meaning
from crmmigrate.cli.progress import Bars
from crmmigrate.model.location import Location
from crmmigrate.model.table import Tables, quoted
from crmmigrate.runner.execute import Context
from crmmigrate.runner.single import read_tables
from crmmigrate.runner.workspace import Workspace

SAMPLE = Path(__file__).parents[2] / "samples" / "b2b"

MEANT = {
    "客户编号": "id", "客户名称": "company", "曾用名": "company", "统一社会信用代码": "credit_code", "行业": "industry", "规模": "picklist",
    "客户级别": "picklist", "省份": "region", "城市": "region", "详细地址": "address", "电话": "phone", "邮箱": "email", "网址": "url",
    "负责人": "person", "创建日期": "date", "最后跟进日期": "date", "状态": "picklist", "备注": "text", "联系人编号": "id", "姓名": "person",
    "职务": "job_title", "手机": "mobile", "微信": "messenger", "是否主要联系人": "yes_no", "商机编号": "id", "商机名称": "text",
    "阶段": "picklist", "预计金额": "amount", "预计成交日期": "date", "记录编号": "id", "跟进方式": "picklist", "跟进时间": "date",
    "跟进内容": "text", "跟进人": "person", "客户代码": "id", "单位名称": "company", "税号": "credit_code", "客户分类": "picklist",
    "地区": "region", "地址": "address", "联系电话": "phone", "联系人": "person", "业务员": "person", "建档日期": "date", "停用": "yes_no",
    "订单号": "id", "下单日期": "date", "订单金额": "amount", "币种": "picklist", "订单状态": "picklist", "序号": "id", "级别": "picklist",
    "下次跟进": "date", "FN": "person", "FAMILY": "person", "GIVEN": "person", "ORG": "company", "UNIT": "department", "TITLE": "job_title",
    "TEL_CELL": "mobile", "TEL_WORK": "phone", "TEL_HOME": "phone", "TEL": "phone", "EMAIL": "email", "ADR": "address", "URL": "url",
    "BDAY": "date", "NOTE": "text", "ticket_no": "id", "customer_no": "id", "contact_name": "person", "phone": "phone", "subject": "text",
    "category": "picklist", "priority": "picklist", "status": "picklist", "opened_at": "date", "closed_at": "date", "handler": "person",
    "员工编号": "id", "部门": "department", "离职日期": "date", "交接人": "person", "企业名称": "company", "登记状态": "picklist",
    "行业门类": "industry", "省": "region", "市": "region", "区县": "region", "注册地址": "address", "成立日期": "date", "法定代表人": "person",
}  # fmt: skip

CANNOT_TELL = {"GIVEN", "FAMILY", "subject", "规模", "UNIT"}
"""Given names without surnames, and lists of words: no value alone says what they are."""
ALIKE = ({"mobile", "phone"}, {"picklist", "industry", "text"}, {"yes_no", "picklist"})


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    locations = [Location(str(path)) for path in sorted((SAMPLE / "in").iterdir())]
    read = read_tables(locations, Context(Workspace(tmp_path_factory.mktemp("work")), Bars()))
    return Tables({name: table for name, table in read.tables.items() if not name.startswith("_")})


@pytest.fixture(scope="module")
def profiles(tables):
    return [
        profile_column(tables.connection, table, name) for _, table in tables.items() for name in table.data_columns
    ]


def test_every_column_is_understood(profiles):
    filled = [profile for profile in profiles if profile.filled]
    wrong = [(p.table, p.name, p.meaning) for p in filled if MEANT[p.name.rpartition("/")[2]] != p.meaning]
    assert len(filled) > 100
    assert len(wrong) <= 0.03 * len(filled), wrong
    assert not [profile.name for profile in filled if profile.header_meaning]


def test_most_columns_are_understood_without_their_headers(tables, profiles):
    right = whole = 0
    wrong = []
    for profile in profiles:
        name = profile.name.rpartition("/")[2]
        if profile.filled < 20 or name in CANNOT_TELL:
            continue
        values = tables.connection.execute(
            f"SELECT DISTINCT {quoted(profile.name)} AS v FROM {quoted(profile.table)} WHERE v <> '' ORDER BY hash(v), v LIMIT 400"
        ).fetchall()
        meaning = guess_meaning("列A", [value for (value,) in values], profile.filled, profile.distinct)[0]
        fits = meaning == MEANT[name] or any({meaning, MEANT[name]} <= pair for pair in ALIKE)
        right, whole = right + fits, whole + 1
        if not fits:
            wrong.append((profile.table, profile.name, meaning))
    assert whole > 80
    assert right >= 0.9 * whole, wrong


def test_troubles_are_named_and_clean_cells_are_left_alone(capsys):
    kinds, clean, alarms = audit_truth.judge(SAMPLE)
    good = audit_truth.report(kinds, clean, alarms, detail=True)
    assert good, capsys.readouterr().out
    assert set(audit_truth.SHOWN) | set(audit_truth.HIDDEN) >= set(kinds)
