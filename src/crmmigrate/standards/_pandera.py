"""The data standard of an object as a pandera schema, for programs that check tables without `crmmigrate validate`.

The schema is pandera's own YAML: what it asks of a value is a registered check, `crmmigrate_standard`, named with the
standard and its settings, and that no two are alike is `crmmigrate_distinct`, so that nothing is lost on the way through the file. `load_schema` registers it first.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from crmmigrate.model.standard import ColumnStandard, ObjectStandard

CHECK, DISTINCT = "crmmigrate_standard", "crmmigrate_distinct"


@cache
def _registered() -> None:
    import pandas as pd
    from pandera import extensions

    def crmmigrate_standard(
        series: pd.Series[Any], *, standard: str, settings: dict[str, Any]
    ) -> pd.Series[Any]:  # asked once per distinct value
        from crmmigrate.standards import load

        clean = load(standard).make(**settings)
        answers = {raw: (told := clean(raw)).usable and told.value == raw for raw in series.dropna().unique()}
        return series.map(lambda raw: answers.get(raw, True)).astype(bool)

    def crmmigrate_distinct(
        series: pd.Series[Any], *, ignore: str
    ) -> pd.Series[Any]:  # pandera's own takes nulls for equal
        return ~series.duplicated() | series.isna() | (series == ignore)

    extensions.register_check_method(crmmigrate_distinct, statistics=["ignore"], supported_types=pd.Series)  # type: ignore[no-untyped-call,unused-ignore]
    extensions.register_check_method(
        crmmigrate_standard, statistics=["standard", "settings"], supported_types=pd.Series
    )  # type: ignore[no-untyped-call,unused-ignore]


def pandera_schema(spec: ObjectStandard, folder: Path | None = None) -> Any:
    """Return the `pandera.pandas.DataFrameSchema` of an object: text columns in standard form; other columns may stand beside them.

    Args:
        spec: the object's columns.
        folder: where the paths of lists of values start.

    Raises:
        ConfigurationError: an unknown standard, or a list of values that can't be read.
    """
    import pandera.pandas as pa

    _registered()
    columns = {
        name: pa.Column(
            "str", _checks(rules, folder), nullable=not rules.required, required=rules.required,
        )
        for name, rules in spec.columns.items()
    }  # fmt: skip
    return pa.DataFrameSchema(columns)


def _checks(rules: ColumnStandard, folder: Path | None) -> list[Any]:
    import pandera.pandas as pa

    from crmmigrate.standards import cleaner, read_values, standard_name

    cleaner(rules, folder)  # refuses what does not fit before a schema is made of it
    checks: list[Any] = []
    if rules.values is not None and standard_name(rules) == "enum":
        checks.append(pa.Check.isin(sorted(set(read_values(rules.values, folder).values()))))
    elif standard_name(rules) != "text" or rules.options:
        checks.append(getattr(pa.Check, CHECK)(standard=standard_name(rules), settings=dict(rules.options)))
    if rules.unique:
        checks.append(getattr(pa.Check, DISTINCT)(ignore=""))
    if rules.max_length:
        checks.append(pa.Check.str_length(max_value=rules.max_length))
    return checks


def load_schema(path: Path | str) -> Any:
    """Return the `DataFrameSchema` that `crmmigrate standard export` wrote."""
    import pandera.pandas as pa

    _registered()
    return pa.DataFrameSchema.from_yaml(path)
