"""The pages of the rules of lint: a list of them, and one each with an example before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from page_parts import page, say, table

EXAMPLES = Path(__file__).parent.parent / "tests" / "checks" / "broken"
_LEVELS = {
    "file": ("the mapping file alone", "映射文件本身"),
    "schema": ("a snapshot of the target's tables (`--schema`, or that of migration.yaml)", "目标表结构快照（`--schema` 或 migration.yaml 所指）"),
    "data": ("source data (`--data`)", "源数据（`--data`）"),
    "live": ("the target itself (`--live`)", "目标系统本身（`--live`）"),
}  # fmt: skip
_SEVERITIES = {"error": ("error", "错误"), "warning": ("warning", "警告"), "off": ("off", "关闭")}


def lint_index() -> str:
    """Return the page that lists the rules of lint."""
    from crmmigrate.cli.lint import titles
    from crmmigrate.model.lint import READING

    levels = _rules()
    rows = []
    for code, title in titles().items():
        level, severity = levels.get(code, ("file", "error"))
        changed = say("no", "否") if code in READING else say("yes", "是")
        rows.append((f"[`{code}`](lint/{code}.md)", title.text(), f"`{level}`", say(*_SEVERITIES[severity]), changed))
    header = (
        say("rule", "规则"), say("finds", "发现什么"), say("looks at", "检查对象"), say("severity", "级别"), say("may be changed", "可否调整"),
    )  # fmt: skip
    title = say("Rules of `mapping lint`", "`mapping lint` 的规则")
    told = say(
        "Severities are changed in migration.yaml: `lint: {mapping.no-tests: off}` (`off`, `warning` or `error`).",
        "级别可在 migration.yaml 中调整：`lint: {mapping.no-tests: off}`（`off`、`warning` 或 `error`）。",
    )
    levels_told = "".join(f"- `{name}`: {say(*what)}\n" for name, what in _LEVELS.items())
    return page(title, told, levels_told, table(header, rows))


def _rules() -> dict[str, tuple[str, str]]:
    """Return code → level and severity of the rules; the others are found while files are read."""
    from crmmigrate.cli.lint import all_rules

    found = {}
    for rule in all_rules():
        found |= dict.fromkeys((rule.code, *(code for code, _ in rule.others)), (rule.level, rule.severity))
    return found


def lint_page(code: str) -> str:
    """Return the page of one rule: what it needs, and an example before and after. The examples are those of the tests."""
    from crmmigrate.cli.lint import titles

    level, severity = _rules().get(code, ("file", "error"))
    title = titles()[code].text()
    told = say(
        f"Finds {title}. Severity: {severity}. Looks at {_LEVELS[level][0]}.",
        f"发现：{title}。级别：{_SEVERITIES[severity][1]}。检查对象：{_LEVELS[level][1]}。",
    )
    parts = []
    sound = _body(EXAMPLES / "sound.crmmap.yaml")
    for file in sorted(EXAMPLES.glob("*.crmmap.yaml")):
        given = _said(file)
        if given.get("expect", "").split()[0] == code:
            parts += _example(file, given, sound)
    return page(code, told, *parts)


def _said(file: Path) -> dict[str, str]:
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("# ")]
    return dict(line.removeprefix("# ").split(": ", 1) for line in lines if ": " in line)


def _body(file: Path) -> list[str]:
    return [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("# ")]


def _example(file: Path, given: Mapping[str, str], sound: list[str]) -> list[str]:
    """Show the lines that differ from a sound file, as they are and as they should be."""
    import difflib

    body = _body(file)
    bad: list[str] = []
    good: list[str] = []
    for what, a, b, c, d in difflib.SequenceMatcher(None, body, sound, autojunk=False).get_opcodes():
        if what != "equal":
            bad += body[a:b] or body[max(a - 1, 0) : a]
            good += sound[c:d] or sound[max(c - 1, 0) : c]
    line = int(given["expect"].split()[1]) - len(given)
    parts = [f"## {file.name.partition('.')[0].replace('_', ' ')}\n"]
    if "data" in given:
        data = EXAMPLES / "data" / given["data"]
        files = [data] if data.is_file() else sorted(data.iterdir())
        parts += [
            f"{say(f'With {one.name}:', f'配合 {one.name}：')}\n\n```\n{one.read_text(encoding='utf-8').strip()}\n```\n"
            for one in files
        ]
    if "check" in given:
        parts.append(
            f"{say('With this CHECK in the snapshot of the target:', '目标表结构快照中有以下 CHECK 约束时：')}\n\n```sql\n{given['check']}\n```\n"
        )
    if "live" in given:
        parts.append(
            f"{say('After this in the target:', '在目标中执行以下语句之后：')}\n\n```sql\n{given['live']}\n```\n"
        )
    parts.append(f"{say('Bad:', '错误：')}\n\n```yaml\n{chr(10).join(bad or [body[line - 1]])}\n```\n")
    good = given["good"].split("\\n") if "good" in given else good
    if good:
        anew = ""
        if "snapshot" in given:
            anew = say(
                f", with a new snapshot (`crmmigrate mapping schema URL -o schema.yaml`), which says `{given['snapshot']}`",
                f"，并重新生成快照（`crmmigrate mapping schema URL -o schema.yaml`），其中为 `{given['snapshot']}`",
            )
        parts.append(f"{say(f'Good{anew}:', f'正确{anew}：')}\n\n```yaml\n{chr(10).join(good)}\n```\n")
    return parts


def lint_pages() -> dict[str, Callable[[], str]]:
    """Return name → maker of the page of every rule."""
    from crmmigrate.cli.lint import titles

    return {f"lint/{code}.md": partial(lint_page, code) for code in titles()}
