"""A project whose load takes long enough to be met by a signal: a row a company, a batch a moment."""

from __future__ import annotations

from pathlib import Path

SLOW = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END';
CREATE TRIGGER slow AFTER INSERT OR DELETE ON accounts FOR EACH STATEMENT EXECUTE FUNCTION slow();
"""
"""Gives each batch that time, in PostgreSQL."""

_FILES = {
    "migration.yaml": """version: 1
sources: {crm: in/客户.csv}
objects: {account: [{table: crm.客户, key: 编号}]}
standard: standard.yaml
mappings: mappings/
target: {url: "URL", schema: schema.yaml, batch_rows: BATCH}
gates: {restore_success: "off"}
""",
    "standard.yaml": "version: 1\nobjects: {account: {key: 编号, columns: {名称: {standard: text}}}}\n",
    "schema.yaml": """version: 1
tables:
  accounts:
    columns:
      id: {type: integer, identity: true}
      external_id: {type: text, required: true, unique: true}
      name: {type: text, required: true}
""",
    "mappings/account.crmmap.yaml": """version: 1
object: account
target: {table: accounts}
match: {on: [external_id]}
fields:
  external_id: {from: _record, required: true}
  name: {from: 名称, required: true}
ignore: [编号]
""",
}


def write_project(folder: Path, url: str, rows: int, batch: int) -> None:
    """Write the files of a project with so many companies, which are loaded so many at a time."""
    companies = "编号,名称\n" + "".join(f"{i},公司{i}\n" for i in range(rows))
    for name, text in {**_FILES, "in/客户.csv": companies}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("URL", url).replace("BATCH", str(batch)), encoding="utf-8")
