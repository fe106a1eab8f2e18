"""A migration of twenty customers, their contacts and their owners, which goes through all its steps in seconds.

Tests that need a migration of their own take `opened` and `Silent` from here.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from crmmigrate.model.project import read_project
from crmmigrate.model.schema import read_target_schema
from crmmigrate.runner.execute import Context
from crmmigrate.runner.pipeline import Pipeline
from crmmigrate.runner.workspace import Workspace

NAMES = (
    "欧阳静怡", "司徒雨桐", "诸葛文博", "夏侯思远", "皇甫明轩", "公孙若兰", "东方晓雯", "南宫嘉树", "王敏", "端木雪晴", "轩辕子墨", "令狐晨曦",
    "宇文浩然", "长孙雅琴", "澹台梦琪", "百里志强", "呼延海波", "万俟天佑", "闻人语嫣",
)  # fmt: skip
"""Of the contacts P1 to P19, one for each customer; that of the last customer has none."""

FILES = {
    "migration.yaml": """version: 1
sources:
  crm: {location: in/客户.csv, owner: 销售运营部}
  people: {location: in/联系人.csv}
  staff: {location: in/员工.csv}
objects:
  user: [{table: staff.员工, key: 工号}]
  account: [{table: crm.客户, key: 编号}]
  contact: [{table: people.联系人, key: 号, relations: {account: 编号}}]
standard: standard.yaml
mappings: mappings/
dedupe: [dedupe.yaml]
target: {url: "sqlite:///work/crm.db", schema: schema.yaml}
waves:
  first: {account: {column: 负责人, values: [慕容晓燕]}}
  second: {account: {column: 负责人, values: [尉迟国强]}}
""",
    "dedupe.yaml": "version: 1\nobject: account\nkey: 编号\ncolumns: {name: 名称}\n",
    "standard.yaml": """version: 1
objects:
  user: {key: 工号, columns: {工号: {standard: text}, 姓名: {standard: person_name, required: true}}}
  account:
    key: 编号
    owner: 负责人
    known_by: [名称]
    columns:
      编号: {standard: text}
      名称: {standard: company_name, required: true}
      行业: {values: [制造业, 零售业]}
      地址: {standard: address}
      邮箱: {standard: email}
      负责人: {standard: person_name}
  contact:
    key: 号
    columns:
      号: {standard: text}
      编号: {standard: text}
      姓名: {standard: person_name, wanted: true}
      手机: {standard: phone, region: CN}
      身份证: {standard: resident_id}
""",
    "schema.yaml": """version: 1
tables:
  users: {title: 员工, columns: {id: {type: integer, identity: true}, no: {unique: true}, name: {}, active: {}}}
  accounts:
    title: 客户
    columns:
      id: {type: integer, identity: true}
      no: {unique: true}
      name: {title: 客户名称}
      industry: {picklist: industries}
      address: {}
      email: {}
      owner_id: {type: integer, references: users}
  contacts:
    title: 联系人
    columns: {id: {type: integer, identity: true}, no: {unique: true}, account_id: {type: integer, references: accounts}, name: {}, mobile: {}, idno: {}}
picklists: {industries: {C: 制造业, F: 零售业}}
""",
    "mappings/user.crmmap.yaml": """version: 1
object: user
target: {table: users}
match: {on: [no]}
fields: {no: {from: _record}, name: {from: 姓名}, active: {from: 状态}}
""",
    "mappings/account.crmmap.yaml": """version: 1
object: account
target: {table: accounts}
match: {on: [no]}
fields:
  no: {from: _record}
  name: {from: 名称, required: true}
  industry: {from: 行业, values: {制造业: C, 零售业: F}, unmapped: blank}
  address: {from: 地址}
  email: {from: 邮箱}
  owner_id: {from: 负责人, lookup: {object: user, by: 姓名, follow: 交接人, active: {状态: 在职}, missing: blank}}
""",
    "mappings/contact.crmmap.yaml": """version: 1
object: contact
target: {table: contacts}
match: {on: [no]}
fields:
  no: {from: _record}
  account_id: {lookup: {object: account, missing: reject}}
  name: {from: 姓名, required: true}
  mobile: {from: 手机}
  idno: {from: 身份证}
""",
    "in/员工.csv": "工号,姓名,状态,交接人\nE1,慕容晓燕,在职,\nE2,尉迟国强,离职,上官云飞\nE3,上官云飞,在职,\n",
    "in/客户.csv": "编号,名称,行业,地址,邮箱,负责人\n"
    + "".join(
        f"{n},第{n}号精密仪器有限公司,制造业,浙江省杭州市西湖区文三路{n}8号,boss{n}@corp{n}.cn,{'慕容晓燕' if n % 2 else '尉迟国强'}\n"
        for n in range(1, 21)
    ),
    "in/联系人.csv": "号,编号,姓名,手机,身份证\n"
    + "".join(
        f"P{n},{n},{name},139 1274 00{n:02d},{'11010519491231002X' if n == 9 else ''}\n"
        for n, name in enumerate(NAMES, start=1)
    )
    + "P20,20,,13912740020,\n",
}


class Silent:
    """Shows no progress."""

    def begin(self, title, total):
        return lambda rows: None

    def end(self):
        pass


def lay_out(folder: Path) -> Path:
    """Write the project into a folder."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def opened(folder: Path) -> Pipeline:
    """Open the project of a folder."""
    return Pipeline(read_project(folder / "migration.yaml"), Context(Workspace(folder / "work"), Silent()))


def migrated(folder: Path) -> Path:
    """Write the project, create its target, run it to the end."""
    lay_out(folder)
    pipeline = opened(folder)
    with pipeline.open_target(to_create=True) as target:
        target.create(read_target_schema(folder / "schema.yaml"))
    pipeline.run()
    return folder


def sql(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """Return what a query finds in the target of the migration."""
    with sqlite3.connect(folder / "work" / "crm.db") as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found
