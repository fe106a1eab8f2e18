"""The pages of codes: what is said of cells and rows, what an audit finds, and what stops a command."""

from __future__ import annotations

import ast
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from page_parts import page, say, table

_EXITS = {"ConfigurationError": 2, "LocationError": 3, "LimitReached": 4, "AccountingError": 70}


def issue_codes() -> str:
    """Return the page of the codes of issues and rejected rows, those of standards and transforms besides."""
    import crmmigrate
    from crmmigrate import standards, transforms
    from crmmigrate.model.issue import CODES

    for module in pkgutil.walk_packages(crmmigrate.__path__, "crmmigrate."):
        if ".data." not in module.name and not module.name.endswith("__main__"):
            import_module(module.name)
    found = dict(CODES)
    for name in standards.NAMES:
        found |= standards.load(name).codes
    for name in transforms.NAMES:
        found |= dict(transforms.find(name).codes)
    rows = [(f"`{code}`", title.text()) for code, title in sorted(found.items())]
    told = say(
        "What is said of a cell or a row, in the tables `_issues` and `_aside` of a run, in `--issues` and `--rejects`, and in the workbooks. "
        "Rules of a project add codes of their own.",
        "对单元格或行的说明，出现在每次运行的 `_issues`、`_aside` 表、`--issues` 和 `--rejects` 的输出以及各工作簿中。项目自己的业务规则另有各自的代码。",
    )
    header = (say("code", "代码"), say("means", "含义"))
    return page(say("Codes of issues", "问题代码"), told, table(header, rows))


def audit_codes() -> str:
    """Return the page of what an audit finds."""
    from crmmigrate.model.audit import RISKS
    from crmmigrate.model.profile import DAMAGES, DOUBTS

    found = {**RISKS, **{f"damage.{k}": v for k, v in DAMAGES.items()}, **{f"doubt.{k}": v for k, v in DOUBTS.items()}}
    rows = [(f"`{code}`", title.text()) for code, title in found.items()]
    told = say(
        "The risks that `crmmigrate audit` registers: what a table, a source or a column shows, damage that happened before, and values in doubt.",
        "`crmmigrate audit` 登记的风险：表、数据源和列所显示的问题，此前已造成的损坏，以及存疑的值。",
    )
    header = (say("code", "代码"), say("means", "含义"))
    return page(say("Checks of the audit", "审计检查项"), told, table(header, rows))


def error_codes() -> str:
    """Return the page of what stops a command; read from the places where it is raised."""
    import crmmigrate
    from crmmigrate.messages import Message

    found: dict[str, tuple[int, set[str]]] = {}
    workbooks = _workbooks(Path(crmmigrate.__path__[0]) / "reports")
    for file in sorted(Path(crmmigrate.__path__[0]).rglob("*.py")):
        for code, template, exit_code in _raised(file, workbooks):
            found.setdefault(code, (exit_code, set()))[1].add(Message(template).text())
    rows = [
        (f"`{code}`", str(exit_code), "<br>".join(sorted(said))) for code, (exit_code, said) in sorted(found.items())
    ]
    told = say(
        "What stops a command, with its [exit code](exit-codes.md). The code stands in brackets behind the sentence, and as `code` in `--format json`.",
        "使命令停止的错误及其[退出码](exit-codes.md)。代码写在句末的方括号中，`--format json` 时为 `code`。",
    )
    header = (say("code", "代码"), say("exit code", "退出码"), say("says", "提示"))
    return page(say("Codes of errors", "错误代码"), told, table(header, rows))


def _workbooks(folder: Path) -> list[str]:
    """Return what the codes of errors begin with that are about a workbook that comes back."""
    return [
        keyword.value.value
        for file in sorted(folder.glob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "read_back"
        for keyword in node.keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
    ]


def _raised(file: Path, workbooks: list[str]) -> Iterator[tuple[str, str, int]]:
    """Yield code, sentence and exit code of every error that a file makes with both written out.

    A code whose beginning is a blank is raised for each of `workbooks`, but for those of one row, which not all of them ask for.
    """
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or len(node.args) < 2:
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        code, message = node.args[0], node.args[1]
        exit_code = 2 if name == "report" else _EXITS.get(name)
        said = isinstance(message, ast.Call) and getattr(message.func, "id", "") == "Message" and message.args
        if exit_code and isinstance(code, ast.IfExp) and isinstance(message, ast.IfExp):  # one of two mistakes
            sides = (code.body, message.body), (code.orelse, message.orelse)
            yield from ((str(c.value), str(m.args[0].value), exit_code) for c, m in sides)  # type: ignore[attr-defined]
        elif exit_code and said and isinstance(code, ast.Constant) and isinstance(said[0], ast.Constant):
            yield str(code.value), str(said[0].value), exit_code
        elif (
            exit_code
            and said
            and isinstance(code, ast.JoinedStr)
            and "self.code" not in ast.unparse(code)
            and isinstance(code.values[-1], ast.Constant)
        ):
            for workbook in workbooks:
                yield f"{workbook}{code.values[-1].value}", str(said[0].value), exit_code
