"""Which value survives when records are merged, field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.model.issue import RECORD

if TYPE_CHECKING:
    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

UNION_SEPARATOR = "; "


def survivors(frame: pd.DataFrame, cluster: pd.Series, rules: DedupeRules) -> pd.Series:
    """Return per row the `_record` of its cluster's survivor: most filled fields, then source order, then `_record`.

    Args:
        frame: the rows.
        cluster: a label per row, in the order of `frame`.
        rules: for the order of sources.
    """
    import pandas as pd

    data = [name for name in frame.columns if not name.startswith("_")]
    order = pd.DataFrame(
        {
            "cluster": cluster.to_numpy(),
            "filled": -frame[data].notna().sum(axis=1).to_numpy(),
            "source": _source_rank(frame[RECORD], rules).to_numpy(),
            RECORD: frame[RECORD].to_numpy(),
        }
    )
    best = order.sort_values(["cluster", "filled", "source", RECORD]).drop_duplicates("cluster")
    by_cluster = pd.Series(best[RECORD].to_numpy(), index=best["cluster"].to_numpy())
    return pd.Series(by_cluster.reindex(cluster.to_numpy()).to_numpy(), index=frame.index, dtype="str")


def golden(frame: pd.DataFrame, survivor: pd.Series, rules: DedupeRules) -> pd.DataFrame:
    """Return one row per survivor, in the order of `frame`, with the surviving value of each field.

    Args:
        frame: the rows.
        survivor: per row the `_record` of its survivor.
        rules: column → policy.
    """
    import pandas as pd

    alone = ~survivor.duplicated(keep=False)
    rows = frame[~alone]
    kept = frame[frame[RECORD] == survivor]
    if rows.empty:
        return kept
    of = survivor[~alone]
    rank = pd.DataFrame(
        {
            "survivor": of,
            "first": rows[RECORD] != of,
            "filled": -rows.notna().sum(axis=1),
            "source": _source_rank(rows[RECORD], rules),
            RECORD: rows[RECORD],
        }
    )
    result = kept.copy()
    places = pd.Series(range(len(kept)), index=kept[RECORD].to_numpy())
    at = places.reindex(of.to_numpy()).to_numpy()
    rank["survivor"] = at
    touched = sorted(set(at.tolist()))
    for name in frame.columns:
        if name not in (RECORD, "_origin"):
            column = kept[name].to_numpy(dtype=object, copy=True)
            column[touched] = _surviving(rows, rank, name, rules).reindex(touched).to_numpy(dtype=object)
            result[name] = pd.Series(column, index=kept.index, dtype="str")
    return result


def _source_rank(records: pd.Series, rules: DedupeRules) -> pd.Series:
    order = {name: rank for rank, name in enumerate(rules.sources)}
    return records.str.partition("/")[0].map(order).fillna(len(order)).astype(int)


def _surviving(rows: pd.DataFrame, rank: pd.DataFrame, name: str, rules: DedupeRules) -> pd.Series:
    """Return survivor → surviving value of a column, null where no row has one."""
    policy = rules.survivorship.get(name) or rules.survivorship.get("default", "most_complete")
    order, by = rank, ["survivor", "first", "filled", "source", RECORD]
    values = rows[name]
    if policy == "newest" and rules.updated in rows.columns:
        order = rank.assign(age=_descending(rows[rules.updated]))
        by = ["survivor", "age", *by[1:]]
    elif policy == "longest":
        order = rank.assign(short=-values.str.len().fillna(0))
        by = ["survivor", "short", *by[1:]]
    elif policy == "most_frequent":
        times = values.groupby([rank["survivor"], values]).transform("size")
        order = rank.assign(rare=-times.fillna(0))
        by = ["survivor", "rare", *by[1:]]
    elif policy == "source_priority":
        by = ["survivor", "source", "first", "filled", RECORD]
    order = order.sort_values(by, kind="stable")
    grouped = values.reindex(order.index).groupby(order["survivor"])
    if policy == "union":
        return _unions(values.reindex(order.index), order["survivor"])
    return grouped.first()


def _descending(dates: pd.Series) -> pd.Series:
    """Return a rank that puts the greatest text first and missing ones last."""
    return -dates.rank(method="dense", na_option="top").fillna(0)


def _unions(values: pd.Series, survivor: pd.Series) -> pd.Series:
    """Return survivor → its rows' distinct values, in order."""
    import pandas as pd

    found: dict[int, dict[str, None]] = {}
    there = values.notna()
    for owner, value in zip(survivor[there].tolist(), values[there].tolist(), strict=True):
        found.setdefault(owner, {}).update(dict.fromkeys(part.strip() for part in value.split(";") if part.strip()))
    return pd.Series({owner: UNION_SEPARATOR.join(parts) for owner, parts in found.items()}, dtype=object)
