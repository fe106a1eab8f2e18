"""CPU time of `mapping lint` against `check-jsonschema` on the same mapping files, in turns within one run.

    python benchmarks/mapping_lint.py --check-jsonschema PATH/TO/check-jsonschema [--files 100] [--fields 60] [--turns 5]

Both start anew each time, as an editor and a pre-commit hook start them. check-jsonschema is given the JSON Schema of mapping files; lint
looks at more: names of steps and options, references between files, value maps, the target's schema, tests.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

KINDS = [
    "from: 列{n}, do: [trim, {{truncate: 100}}]",
    "from: [列{n}, 备用{n}], do: [first_non_empty, {{phone: {{region: CN}}}}], on_error: blank",
    "from: 列{n}, values: {{甲: a, 乙: b, 丙: c, 丁: d}}, unmapped: blank",
    "from: 列{n}, do: [date], on_error: blank",
    "const: 旧系统",
    "from: 列{n}, lookup: {{object: user, by: 姓名, missing: blank}}",
    "from: 列{n}, do: [trim, {{replace: {{find: '、', by: '/'}}}}, {{split: /}}, {{part: 1}}], note: 第一个",
]
USER = """version: 1
object: user
target: {table: users}
match: {on: [external_id]}
fields:
  external_id: {from: _record, required: true}
  name: {from: 姓名, do: [trim], required: true}
tests:
  - {given: {_record: u1, 姓名: 甲}, expect: {name: 甲}}
"""


def mapping(number: int, fields: int) -> str:
    """Return the text of a sound mapping file."""
    lines = "\n".join(f"  field_{n}: {{{KINDS[n % len(KINDS)].format(n=n)}}}" for n in range(1, fields))
    return (
        f"version: 1\nobject: object_{number}\nsource: {{table: 表{number}, key: [编号]}}\ntarget: {{table: table_{number}}}\n"
        f"match: {{on: [external_id]}}\nwrite: {{mode: upsert, policy: fill_empty}}\nfields:\n"
        f"  external_id: {{from: _record, required: true}}\n{lines}\nignore: [备注, 旧_*]\nowner: 销售运营部\n"
        f"tests:\n  - given: {{_record: r1, 列7: ' 甲 '}}\n    expect: {{field_7: 甲}}\n"
    )


def cpu(command: list[str]) -> float:
    """Run a command and return its user and system time in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{command[0]} answered {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check-jsonschema", required=True)
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--fields", type=int, default=60)
    parser.add_argument("--turns", type=int, default=5)
    given = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    from crmmigrate.runner.file_kinds import json_schema

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        schema = folder / "mapping.schema.json"
        schema.write_text(json.dumps(json_schema("mapping")), encoding="utf-8")
        (folder / "user.crmmap.yaml").write_text(USER, encoding="utf-8")
        for number in range(given.files - 1):
            (folder / f"{number:03}.crmmap.yaml").write_text(mapping(number, given.fields), encoding="utf-8")
        files = sorted(map(str, folder.glob("*.crmmap.yaml")))
        ours = [str(Path(sys.executable).with_name("crmmigrate")), "mapping", "lint", str(folder)]
        theirs = [given.check_jsonschema, "--schemafile", str(schema), *files]
        pairs = [(cpu(ours), cpu(theirs)) for _ in range(given.turns + 1)][1:]
    lint, check = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratios = sorted(one / other for one, other in pairs)
    print(f"{len(files)} files of {given.fields} fields, {given.turns} turns, CPU seconds (median)")
    print(f"crmmigrate mapping lint  {lint:.3f}")
    print(f"check-jsonschema         {check:.3f}")
    print(f"ratio                    {statistics.median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f})")


if __name__ == "__main__":
    main()
