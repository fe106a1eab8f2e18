"""Commands that only look: runs, trace, doctor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmmigrate.cli.options import Answer, command_of
from crmmigrate.cli.root import COMMANDS
from crmmigrate.cli.status import said_state
from crmmigrate.messages import Message, clauses

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmmigrate.model.manifest import Manifest


def command(name: str) -> click.Command:
    """Return the command called `name`."""
    callbacks: dict[str, Callable[..., int]] = {"runs": _runs, "trace": _trace, "doctor": _doctor}
    params: list[click.Parameter] = [click.Argument(["key"])] if name == "trace" else []
    example = {
        "trace": "crmmigrate trace crm/客户/C00012\ncrmmigrate trace 旧CRM导出.xlsx#客户!12\n"
        "crmmigrate trace C00012\ncrmmigrate trace account:17",
        "runs": "crmmigrate runs --work my-migration/work --format json",
        "doctor": "crmmigrate doctor",
    }[name]
    return command_of(name, COMMANDS[name][1], callbacks[name], params, example)


def _runs(work: Path | None, format_: str) -> int:
    from crmmigrate.cli.workspaces import existing_workspace

    manifests = existing_workspace(work).told()
    runs = max((len(m.run) for m in manifests), default=0)
    lines = [f"{m.run:<{runs}}  {said_state(m.state)}  {_rows(m)}".rstrip() for m in manifests]
    facts = {"runs": [{"run": m.run, "stage": m.stage, "state": m.state, "exit_code": m.exit_code} for m in manifests]}
    return Answer(result=lines, facts=facts).show(format_)


def _rows(manifest: Manifest) -> str:
    from crmmigrate.cli.options import count_line

    return clauses(count_line(table, figures) for table, figures in manifest.accounting.items())


def _trace(key: str, work: Path | None, format_: str) -> int:
    from crmmigrate.cli.tracing import show_trace

    return show_trace(key, work, format_)


def _doctor(work: Path | None, format_: str) -> int:
    import platform
    import shutil
    import sys
    from importlib.metadata import PackageNotFoundError, version

    del work
    facts: dict[str, Any] = {"python": platform.python_version(), "platform": platform.platform(),
                             "console": sys.stdout.encoding}  # fmt: skip
    findings = []
    for package in (
        "crmmigrate",
        "pandas",
        "duckdb",
        "pyarrow",
        "sqlalchemy",
        "openpyxl",
        "python-calamine",
        "rapidfuzz",
    ):
        facts[package] = version(package)
    for package, extra in (("psycopg", "postgresql"), ("pymysql", "mysql"), ("httpx", "api"), ("pyspark", "spark")):
        try:
            facts[package] = version(package)
        except PackageNotFoundError:
            facts[package] = Message("not installed; pip install 'crmmigrate[{extra}]'", extra=extra).text()
    facts["mdb-export"] = shutil.which("mdb-export") or Message("not installed; Access files need it (mdbtools)").text()
    if "中".encode(sys.stdout.encoding or "ascii", "replace") == b"?":
        findings.append(Message("this console cannot show Chinese; set PYTHONUTF8=1").text())
    lines = [f"{name:<16} {value}" for name, value in facts.items()]
    return Answer(result=lines, findings=findings, facts=facts).show(format_)
