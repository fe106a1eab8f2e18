"""120,000 rows into import files for every shipped profile, with the limits as published; each file is read again and checked.

python benchmarks/import_templates.py [ROWS]
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from openpyxl import Workbook

from crmmigrate.model.import_profile import Layout, read_profile
from crmmigrate.targets.template import fill
from crmmigrate.targets.template_check import check_files

COLUMNS = ("客户名称", "联系人", "手机", "邮箱", "行业", "省份", "城市", "地址", "负责人", "备注")


def rows(count: int):
    for n in range(count):
        yield (
            f"crm/客户/{n}",
            (
                f"上海第{n}号信息科技有限公司", "王小明", f"+86138{n:08d}", f"wang{n}@example.com", "制造业", "上海市", "上海市",
                f"上海市浦东新区张江路{n}号科技大厦A座", "李建国", "只上午接电话；需要增值税专用发票",
            ),
        )  # fmt: skip


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 120_000
    print(
        f"{'profile':<12} {'rows':>8} {'files':>6} {'largest, rows':>14} {'bytes':>12} {'problems':>9} {'fill s':>8} {'check s':>8}"
    )
    for path in sorted((Path(__file__).parents[1] / "mappings" / "imports").glob("*.yaml")):
        profile = read_profile(path)
        with tempfile.TemporaryDirectory() as folder:
            template = None
            if profile.format == "xlsx":
                template = Path(folder) / "template.xlsx"
                book = Workbook()
                book.active.title = "客户"
                book.active.append(COLUMNS)
                book.save(template)
            layout = Layout("客户" if template else "", 1, 2, {name: at for at, name in enumerate(COLUMNS, start=1)})
            start = time.process_time()
            done = fill(template, layout, COLUMNS, rows(count), profile, Path(folder) / "客户")
            filled = time.process_time()
            problems = check_files([file for file, _ in done.files], profile, layout)
            checked = time.process_time()
            records = [record for _, found in done.files for record in found]
            assert records == [record for record, _ in rows(count)], "every row once, in order"
            most = max(len(found) for _, found in done.files)
            size = max(file.stat().st_size for file, _ in done.files)
            print(
                f"{path.stem:<12} {len(records):>8} {len(done.files):>6} {most:>14} {size:>12} {len(problems):>9} "
                f"{filled - start:>8.1f} {checked - filled:>8.1f}", flush=True,
            )  # fmt: skip
            assert not problems
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
