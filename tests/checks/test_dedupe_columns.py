"""Columns by which duplicates are found: what is told where a table lacks them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from crmmigrate.errors import ConfigurationError
from crmmigrate.model.stage import Job, StageResult
from crmmigrate.model.table import Tables
from crmmigrate.runner.tables import TableWriter
from crmmigrate.stages.dedupe import DedupeOptions, dedupe


def result(folder: Path, options: DedupeOptions, **tables: list[str]) -> StageResult:
    """Run the stage over tables of one row with these columns."""
    made = {}
    for name, columns in tables.items():
        writer = TableWriter(name, folder / f"{name}.parquet")
        values = [f"{name}/1", "x!1", *(["13912345678"] * len(columns))]
        writer.write(pd.DataFrame([values], columns=["_record", "_origin", *columns], dtype="str"))
        made[name] = writer.close()
    return dedupe.function(Job(Tables(made), options, "r", lambda rows: None))


@pytest.mark.parametrize(
    ("columns", "kind", "example"),
    [(["姓", "手机"], None, "{version: 1, object: contact, columns: {full_name: […, …], mobile: …}}"),
     (["First Name", "Phone"], None, "{version: 1, object: contact, columns: {full_name: […, …], mobile: …}}"),
     (["编号", "手机"], "contact", "{version: 1, object: contact, columns: {full_name: […, …], mobile: …}}"),
     (["姓", "手机"], "account", "{version: 1, object: account, columns: {name: …, phone: …}}"),
     (["编号", "手机"], None, "{version: 1, object: account, columns: {name: …, phone: …}}")],
)  # fmt: skip
def test_a_table_without_names_is_refused_with_an_example_for_what_it_holds(tmp_path, columns, kind, example):
    with pytest.raises(ConfigurationError) as error:
        result(tmp_path, DedupeOptions(object=kind), 表=columns)
    assert error.value.code == "dedupe.no-columns"
    for language in ("en", "zh"):
        said = error.value.text(language)
        assert example in said
        assert ", ".join(columns) in said
        assert ({"en": "surname and given name", "zh": "姓、名"}[language] in said) == ("contact" in example)
