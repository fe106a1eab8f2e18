"""Children that may belong to several records: who is asked about, and which row speaks for what was merged into it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

from crmmigrate.matching.golden.open_links import OpenLinks
from crmmigrate.model.ambiguous import CANDIDATE_COLUMNS, CANDIDATES, CHILD_COLUMNS, CHILDREN
from crmmigrate.model.issue import text_frame
from crmmigrate.model.table import Table, Tables
from crmmigrate.runner.tables import TableWriter


def open_links(folder: Path, children: list[tuple[str, ...]], candidates: list[tuple[str, ...]]) -> OpenLinks:
    made = {}
    for name, frame in (
        (CHILDREN, text_frame(children, CHILD_COLUMNS)),
        (CANDIDATES, text_frame(candidates, CANDIDATE_COLUMNS)),
    ):
        writer = TableWriter(name, folder / f"{name}.parquet")
        writer.write(frame)
        made[name] = Table(name, writer.close().path)
    return OpenLinks(Tables(made))


def test_a_row_that_waits_speaks_for_itself_before_what_was_merged_into_it(tmp_path: Path) -> None:
    children = [
        ("contact", "p1", "人.csv!2", "account", "客户", "K1", "K1", "true"),
        ("contact", "p2", "人.csv!3", "account", "客户", "K3", "K3", "true"),
    ]
    candidates = [("account", f"a{number}", "K1" if number < 2 else "K3") for number in range(4)]
    links = open_links(tmp_path, children, candidates)
    links.settle({"contact": pd.Series({"p1": "p2"})})
    rows = pd.DataFrame({"_record": ["p2", "p3"], "_ref_account": [None, None]}, dtype="str")
    lost = links.leave_out("contact", iter([rows]))
    assert lost[["now", "origin", "value"]].to_numpy().tolist() == [["p2", "人.csv!3", "K3"]]
    assert links.kept("contact", pa.Table.from_pandas(rows))["_record"].to_pylist() == ["p3"]


def test_nobody_is_asked_about_a_key_that_ten_records_have(tmp_path: Path) -> None:
    children = [("contact", f"p{key}", "", "account", "客户", key, key, "true") for key in ("few", "many")]
    candidates = [("account", f"{key}{n}", key) for key, count in (("few", 9), ("many", 10)) for n in range(count)]
    links = open_links(tmp_path, children, candidates)
    assert links.questions("account") == [("few0", f"few{n}") for n in range(1, 9)]
    assert links.questions("contact") == []
