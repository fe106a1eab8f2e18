"""Help, completion and `mapping lint` never wait for a heavy library."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).parent.parent
HEAVY = ("pandas", "numpy", "pyarrow", "duckdb", "sqlalchemy", "openpyxl", "pandera", "jinja2", "rapidfuzz", "opencc",
         "pypinyin", "phonenumbers", "python_calamine", "pydantic")  # fmt: skip
_LOADED = f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
_EVERY_HELP = """
import click
from crmmigrate.cli.root import root

seen = []

def walk(context):
    seen.append(context.command_path)
    assert context.command.get_help(context)
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            walk(click.Context(command, info_name=name, parent=context))

walk(click.Context(root, info_name="crmmigrate"))
assert len(seen) > 10, seen
"""


def loaded(code: str, *arguments: str, environment: dict[str, str] | None = None) -> list[str]:
    """Run `code` in a fresh interpreter and return the heavy libraries it has imported at its end."""
    answer = subprocess.run(
        [sys.executable, "-c", f"import json, sys\n{code}\n{_LOADED}", *arguments],
        cwd=ROOT, env=os.environ | (environment or {}), capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    found: list[str] = json.loads(answer.stdout.splitlines()[-1])
    return found


_RUN = "from crmmigrate.cli import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit as end:\n    assert end.code == 0, end.code"


def test_help_imports_nothing_heavy() -> None:
    assert loaded(_RUN, "--help") == []


def test_the_help_of_every_command_imports_nothing_heavy() -> None:
    assert loaded(_EVERY_HELP) == []


def test_completion_imports_nothing_heavy() -> None:
    asked = {"_CRMMIGRATE_COMPLETE": "bash_complete", "COMP_WORDS": "crmmigrate ma", "COMP_CWORD": "1"}
    assert loaded(f"sys.argv[0] = 'crmmigrate'\n{_RUN}", environment=asked) == []


def test_mapping_lint_imports_nothing_heavy() -> None:
    assert loaded(_RUN, "mapping", "lint", "mappings/b2b") == []


@pytest.mark.parametrize("room", ["model", "runner", "stages", "cli"])
def test_a_room_that_is_always_open_imports_nothing_heavy(room: str) -> None:
    code = f"""
import importlib, pkgutil
package = importlib.import_module("crmmigrate.{room}")
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
"""
    assert loaded(code) == []


def test_an_audit_of_a_parquet_file_does_without_pandas(tmp_path: Path) -> None:
    """Half of what a small audit took was to import what it does not need; `pa.array` and `pyarrow.dataset` import pandas by themselves."""
    path = tmp_path / "客户.parquet"
    rows = {
        "客户名称": [f"杭州{n}科技有限公司" for n in range(40)],
        "统一社会信用代码": [f"91330100MA2{n:06}X" for n in range(40)],
    }
    pq.write_table(pa.table(rows), path)
    run = _RUN.replace("end.code == 0", "end.code in (0, 1)")
    found = loaded(run, "audit", str(path), "-o", str(tmp_path / "audit"), "--work", str(tmp_path / "work"))
    assert "duckdb" in found
    assert "pandas" not in found
