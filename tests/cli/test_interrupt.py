"""Ctrl-C, once and twice: the load says so with its exit code, whole batches stay, and it goes on."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

CRMMIGRATE = [sys.executable, "-c", "from crmmigrate.cli import main; main()"]
ROWS = 2500
FILES = {
    "migration.yaml": """version: 1
sources: {crm: in/客户.csv}
objects: {account: [{table: crm.客户, key: 编号}]}
standard: standard.yaml
mappings: mappings/
target: {url: "sqlite:///work/crm.db", schema: schema.yaml, batch_rows: 10}
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
    "in/客户.csv": "编号,名称\n" + "".join(f"{i},公司{i}\n" for i in range(ROWS)),
}


def crmmigrate(*words: object, code: int = 0) -> dict[str, Any]:
    done = subprocess.run(
        [*CRMMIGRATE, *map(str, words), "--format", "json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout or "{}")
    return answer


def count(folder: Path, table: str) -> int:
    with closing(sqlite3.connect(folder / "work" / "crm.db", timeout=30)) as connection:
        try:
            found: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        except sqlite3.OperationalError:
            return 0
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_ctrl_c_once_and_twice(tmp_path: Path) -> None:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    crmmigrate("target", "create", f"sqlite:///{tmp_path}/work/crm.db", "--schema", tmp_path / "schema.yaml")
    crmmigrate("run", tmp_path / "migration.yaml", "--to", "validate")
    for times, words in ((1, ()), (2, ("--resume",))):
        done = count(tmp_path, "crmm_batch")
        process = subprocess.Popen(
            [*CRMMIGRATE, "load", str(tmp_path / "migration.yaml"), *words, "--format", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )  # fmt: skip
        wanted = time.monotonic() + 120
        while count(tmp_path, "crmm_batch") < done + 3 and process.poll() is None and time.monotonic() < wanted:
            time.sleep(0.01)
        for _ in range(times):
            process.send_signal(signal.SIGINT)
            time.sleep(0.02)
        _, err = process.communicate(timeout=120)
        # The second one may meet a process that is ending: the signal then ends it, which a shell calls 130 too.
        assert process.returncode in ((130,) if times == 1 else (130, -signal.SIGINT)), (
            process.returncode,
            err.decode(),
        )
        assert b"Traceback" not in err
        assert count(tmp_path, "accounts") == 10 * count(tmp_path, "crmm_batch") < ROWS
        assert count(tmp_path, "crmm_crosswalk") == count(tmp_path, "accounts")
    crmmigrate("load", tmp_path / "migration.yaml", "--resume")
    assert count(tmp_path, "accounts") == ROWS
