"""What the quick looks of an audit rest on: shortest lengths of standard forms, and masks made byte for byte."""

import importlib

import pytest

from crmmigrate.checks.profile_column import profile_column
from crmmigrate.checks.profile_evidence import PATTERNS
from crmmigrate.checks.profile_rows import _SHORTEST
from crmmigrate.model.table import Table, Tables


@pytest.mark.parametrize("meaning", _SHORTEST)
def test_no_value_in_standard_form_is_shorter(meaning):
    parsed = importlib.import_module("re._parser").parse(PATTERNS[meaning].conform)
    assert parsed.getwidth()[0] == _SHORTEST[meaning]


def test_forms_of_a_long_column_are_those_of_a_short_one(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    values = [f"Ab-{number:05}" for number in range(1_500)] + [f"编{number:04}" for number in range(1_000)]
    pq.write_table(pa.table({"编码": pa.array(values, pa.string())}), tmp_path / "t.parquet")
    table = Table("t", tmp_path / "t.parquet")
    profile = profile_column(Tables({"t": table}).connection, table, "编码")
    assert [(form.mask, form.cells) for form in profile.forms] == [("AA-99999", 1_500), ("汉9999", 1_000)]
    assert not profile.forms_estimated
