"""The engine as a whole: no order matters, never-links hold through chains, nothing explodes."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from itertools import permutations
from pathlib import Path
from time import monotonic, process_time, sleep

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.matching import making
from crmmigrate.matching.apart import Apart
from crmmigrate.matching.blocking import candidates
from crmmigrate.matching.clusters import Edges, agglomerate
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.comparison import Comparison
from crmmigrate.matching.engine import Matching, match
from crmmigrate.matching.evidence import Here
from crmmigrate.matching.phone import LEVELS as PHONES
from crmmigrate.matching.places.address_parts import take_apart
from crmmigrate.matching.roles import ROLES, shipped
from crmmigrate.matching.texts.bags import bags
from crmmigrate.matching.weights import model
from crmmigrate.model.decision import Decision, latest, torn
from crmmigrate.model.dedupe import ColumnRule, DedupeRules
from crmmigrate.model.processes import Hands

COLUMNS = ["_record", "客户名称", "统一社会信用代码", "电话", "详细地址"]
BRANDS = ["启明", "远航", "宏达", "天成", "瑞丰", "嘉禾", "金桥", "博雅", "卓越", "鼎盛"]
TRADES = ["精密机械", "国际贸易", "网络科技", "装饰工程", "餐饮管理", "电子商务"]
CITIES = ["杭州", "宁波", "苏州", "青岛"]


def companies(count: int, seed: int) -> pd.DataFrame:
    """Return made-up accounts, about every second one twice, with short names and missing values."""
    draw = random.Random(seed)
    rows = []
    while len(rows) < count:
        city, brand, trade = draw.choice(CITIES), draw.choice(BRANDS), draw.choice(TRADES)
        phone = f"0571-8{draw.randrange(10**6):07d}"
        name = f"{city}{brand}{trade}有限公司"
        address = f"{city}市中山路{draw.randrange(1, 900)}号{draw.randrange(100, 999)}室"
        rows.append([name, None, phone, address])
        if draw.random() < 0.5:
            rows.append([draw.choice([name, f"{brand}{trade}", name.replace("有限公司", "（集团）")]), None, phone, draw.choice([None, address])])  # fmt: skip
    rows = rows[:count]
    draw.shuffle(rows)
    return pd.DataFrame([[f"s/{i:04d}", *row] for i, row in enumerate(rows)], columns=COLUMNS, dtype="str")


def rules() -> DedupeRules:
    found = shipped("account", COLUMNS)
    assert found is not None
    return found


def measured(frame: pd.DataFrame) -> tuple[Matching, float]:
    """Match a table; return what was found and the CPU time it took, in that of an ordinary table of as many rows."""

    def run(table: pd.DataFrame) -> tuple[Matching, float]:
        start = process_time()
        found = match(table.sort_values("_record", ignore_index=True), rules())
        return found, process_time() - start

    usual = run(companies(len(frame), 3))[1]
    found, taken = run(frame)
    return found, taken / usual


def edged(edges: list[tuple[float, int, int]]) -> Edges:
    columns = np.array(edges, dtype=float).reshape(-1, 3)
    return Edges(columns[:, 1].astype(int), columns[:, 2].astype(int), columns[:, 0])


def groups(frame: pd.DataFrame) -> set[frozenset[str]]:
    frame = frame.sort_values("_record", ignore_index=True)
    cluster = match(frame, rules()).cluster
    return {frozenset(part) for _, part in frame["_record"].groupby(cluster)}


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.integers(2, 60))
def test_the_order_of_rows_does_not_matter(seed, count):
    frame = companies(count, seed)
    moved = frame.sample(frac=1, random_state=seed % 1000, ignore_index=True)
    assert groups(moved) == groups(frame)
    # Nor do their keys, which are the numbers of rows as a rule.
    key = {f"t/{at:04d}": record for at, record in enumerate(moved["_record"])}
    assert {frozenset(key[one] for one in group) for group in groups(moved.assign(_record=[*key]))} == groups(frame)


@pytest.mark.parametrize(("count", "seed"), [(600, 7), (600, 29), (1500, 29)])
def test_blocking_finds_what_comparing_all_pairs_finds(count, seed):
    """Brute force is the oracle: of the pairs worth merging at most 0.5 % are lost, and few pairs are compared."""
    frame = companies(count, seed)
    comparison = Comparison(frame, rules())
    left, right = np.triu_indices(len(frame), 1)
    scores = comparison.score(left, right)
    strong = (scores.probability >= 0.95) & (scores.never < 0)
    wanted = set(zip(left[strong].tolist(), right[strong].tolist(), strict=True))
    found = candidates(comparison.keys(np.arange(len(frame))), len(frame), 12)
    got = set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert len(wanted) > 100
    assert len(wanted - got) <= 0.005 * len(wanted)
    assert len(got) < 0.2 * len(left)


def test_two_codes_are_never_joined_by_a_chain():
    code, other = "91330106MA27XQ8C8J", "91330108589854321C"
    rows = [
        ["s/1", "杭州启明精密机械有限公司", code, "0571-88886666", None],
        ["s/2", "杭州启明精密机械有限公司", None, "0571-88886666", None],
        ["s/3", "杭州启明精密机械有限公司", other, "0571-88886666", None],
        ["s/4", "启明机械", None, "0571-88886666", None],
    ]
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2]):
        frame = pd.DataFrame([rows[i] for i in order], columns=COLUMNS, dtype="str")
        assert groups(frame) == {frozenset({"s/1"}), frozenset({"s/3"}), frozenset({"s/2", "s/4"})}


def test_which_of_two_comes_first_in_the_table_decides_nothing():
    """A Pty Ltd and a Pte Ltd are two companies, and P/L is either."""
    names = ["Kong Seng Marine Pty Ltd", "Kong Seng Marine P/L", "Kong Seng Marine Pte Ltd"]
    for order in permutations(names):
        rows = [[f"s/{at}", name, None, "+65 6745 2210", None] for at, name in enumerate(order)]
        assert {len(group) for group in groups(pd.DataFrame(rows, columns=COLUMNS, dtype="str"))} == {1}


@given(st.data())
def test_clusters_respect_what_must_stay_apart(data):
    """Whatever the weights: no two nodes of a cluster are never-linked, unless people said so."""
    size = data.draw(st.integers(2, 9))
    pairs = [(a, b) for a in range(size) for b in range(a + 1, size)]
    never = {pair for pair in pairs if data.draw(st.booleans())}
    bits = {pair: data.draw(st.floats(-9, 20) | st.sampled_from([5.0, 9.0])) for pair in pairs}

    def judge(left, right):
        keys = [(min(a, b), max(a, b)) for a, b in zip(left.tolist(), right.tolist(), strict=True)]
        return np.array([bits[key] for key in keys]), np.array([key in never for key in keys])

    edges = [(bits[pair], *pair) for pair in pairs if pair not in never and bits[pair] > 4]
    clusters = agglomerate(size, edged(edges), judge)
    assert not [pair for pair in never if clusters.of[pair[0]] == clusters.of[pair[1]]]
    shuffled = agglomerate(size, edged(data.draw(st.permutations(edges))), judge)
    assert shuffled.of.tolist() == clusters.of.tolist()
    # Nor does it matter which of them comes first in the table.
    place = np.array(data.draw(st.permutations(range(size))))
    first = np.argsort(place)
    moved = agglomerate(size, edged([(weight, place[a], place[b]) for weight, a, b in edges]), lambda a, b: judge(first[a], first[b]))  # fmt: skip
    parts = [{frozenset(np.flatnonzero(of == one).tolist()) for one in of} for of in (clusters.of, moved.of[place])]
    assert parts[0] == parts[1]


def test_people_win_over_weights():
    def judge(left, right):
        return np.full(len(left), -5.0), np.ones(len(left), dtype=bool)

    assert agglomerate(3, edged([]), judge, forced=[(0, 2)]).of.tolist() == [0, 1, 0]
    assert agglomerate(2, edged([(20.0, 0, 1)]), lambda a, b: (np.full(len(a), 20.0), np.zeros(len(a), dtype=bool)), apart=Apart([(0, 1)])).of.tolist() == [0, 1]  # fmt: skip


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.sampled_from(["merge", "separate"])), max_size=9))
def test_what_people_decide_holds_or_is_told(drawn):
    frame = companies(6, 5).sort_values("_record", ignore_index=True)
    names = frame["_record"].tolist()
    decided, _ = latest(Decision.of("account", names[a], names[b], verdict) for a, b, verdict in drawn if a != b)
    found = match(frame, rules(), decided)
    together = {(d.record_a, d.record_b): found.cluster[names.index(d.record_a)] == found.cluster[names.index(d.record_b)] for d in decided}  # fmt: skip
    assert all(together[d.record_a, d.record_b] for d in decided if d.verdict == "merge")
    assert found.torn == [d for d in decided if d.verdict == "separate" and together[d.record_a, d.record_b]]
    assert found.torn == torn(decided)
    for left, right, decision in zip(found.left, found.right, found.decision, strict=True):
        assert (decision == "merge") is bool(found.cluster[left] == found.cluster[right])


@pytest.mark.parametrize("role", sorted(ROLES))
def test_an_empty_column_says_nothing(role):
    frame = pd.DataFrame({"_record": ["a", "b"], "名": ["甲乙丙丁", "甲乙丙丁"], "x": [None, None]}, dtype="str")
    found = match(frame, DedupeRules(1, "account", {"name": ColumnRule(("名",)), role: ColumnRule(("x",))}))
    assert found.cluster.tolist() == [0, 1]
    if role in (
        "remark",
        "invoice",
        "sold",
        "in_letters",
    ):  # these are only looked through for names and numbers, or names stand there
        assert role not in found.comparison.names
        return
    assert role == "name" or (found.scores.levels[:, found.comparison.names.index(role)] == -1).all()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_or_no_rows(count):
    frame = companies(2, 1).head(count)
    assert len(match(frame, rules()).cluster) == count


def test_one_value_in_every_row_is_bounded_and_merges_nothing():
    frame = companies(3000, 3)
    frame["客户名称"] = [f"{CITIES[i % 4]}第{i}号{TRADES[i % 6]}有限公司" for i in range(len(frame))]
    frame["电话"], frame["详细地址"] = "4008886666", "杭州市中山路1号302室"
    found, times = measured(frame)
    assert times < 4
    assert found.facts["pairs_compared"] < 3000 * 12 * 10
    assert found.facts["blocks_refined"] > 0
    assert found.facts["merged"] == 0


def test_one_record_with_ten_thousand_look_alikes_is_bounded():
    """Names one slip away from one name, all behind one phone, at one address."""
    draw = random.Random(11)
    signs = "启明远航宏达天成瑞丰嘉禾金桥博雅卓越鼎盛恒泰永信正大东方华夏长城"
    rows = [["s/00000", "杭州启明精密机械有限公司", None, "0571-88886666", "杭州市文三路1号302室"]]
    for i in range(1, 10_001):
        core = list("启明精密机械")
        core[draw.randrange(6)] = draw.choice(signs)
        rows.append([f"s/{i:05d}", f"杭州{''.join(core)}有限公司", None, "0571-88886666", "杭州市文三路1号302室"])
    found, times = measured(pd.DataFrame(rows, columns=COLUMNS, dtype="str"))
    assert times < 4
    assert found.facts["pairs_compared"] < 10_000 * 12 * 8


@pytest.mark.parametrize("empty", ["客户名称", "统一社会信用代码", "电话", "详细地址"])
def test_an_empty_column_changes_nothing_else(empty):
    frame = companies(400, 17)
    frame[empty] = pd.Series([None] * len(frame), dtype="str")
    without = frame.drop(columns=[empty])
    there, gone = (groups_by(part, rules()) for part in (frame, without))
    assert there == gone


def groups_by(frame: pd.DataFrame, ruled: DedupeRules) -> set[frozenset[str]]:
    frame = frame.sort_values("_record", ignore_index=True)
    return {frozenset(part) for _, part in frame["_record"].groupby(match(frame, ruled).cluster)}


def _only_here(here: int, answer: str) -> str:
    if os.getpid() != here:
        os._exit(1)
    return answer


class Noting(Hands):
    """Notes which process does what is asked, and waits until another one has begun with the first task."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.count, self.path = 1, path

    def ask(self, function, *given):
        task = super().ask(_noting, self.path, function, given)
        until = monotonic() + 60
        while not (self.path.exists() and self.path.stat().st_size) and monotonic() < until:
            sleep(0.005)
        return task

    def all(self) -> list[int]:
        return [*map(int, self.path.read_text(encoding="ascii").split())]

    def noted(self) -> set[int]:
        return set(self.all())


def _noting(path, function, given):
    with path.open("a", encoding="ascii") as noted:
        noted.write(f"{os.getpid()}\n")
    return function(*given)


@pytest.mark.parametrize("share", [500_000, 40])
def test_other_processes_change_nothing_and_are_not_relied_on(tmp_path, monkeypatch, share):
    """Roles that another process takes apart, and shares of the first one's values, say the same; what a process that is killed was asked is done here."""
    monkeypatch.setattr(making, "_SHARE", share)
    monkeypatch.setattr(making, "_SHARED", share)
    frame = companies(200, 31)
    alone, hands = Comparison(frame, rules()), Noting(tmp_path / "noted")
    try:
        shared = Comparison(frame, rules(), hands)
        assert len(shared.comparers) == len(shared.names)
        assert hands.noted() - {os.getpid()}
        assert (len(hands.all()) >= len(shared.names)) == (share < 200)
        task = hands.ask(_only_here, os.getpid(), "done")
        assert task.result() == "done"
        assert hands.ask(len, "four").result() == 4
    finally:
        hands.end()
    left, right = np.triu_indices(len(frame), 1)
    for one, other in zip(alone.levels(left, right), shared.levels(left, right), strict=True):
        assert (one == other).all()
    for one, other in zip(alone.keys(np.arange(len(frame))), shared.keys(np.arange(len(frame))), strict=True):
        assert one[0] == other[0]
        assert (one[2] == other[2]).all()


def test_threads_and_hash_seeds_change_nothing(tmp_path):
    """The same clusters and scores in a process with another hash seed, whatever number of threads Arrow and BLAS (OMP_NUM_THREADS) have."""
    frame = companies(700, 23).sort_values("_record", ignore_index=True)
    frame.to_parquet(tmp_path / "in.parquet")
    program = (
        "import sys, pandas as pd\n"
        "from crmmigrate.matching.engine import match\n"
        "from crmmigrate.matching.roles import shipped\n"
        "frame = pd.read_parquet(sys.argv[1]).astype('str')\n"
        "found = match(frame, shipped('account', frame.columns))\n"
        "print(found.cluster.tolist(), found.left.tolist(), found.right.tolist(), found.scores.bits.tolist())\n"
    )
    run = subprocess.run([sys.executable, "-c", program, str(tmp_path / "in.parquet")], capture_output=True, text=True, env=os.environ | {"PYTHONHASHSEED": "4", "OMP_NUM_THREADS": "4"}, check=True)  # fmt: skip
    found = match(frame, rules())
    assert (
        run.stdout.split("\n")[0]
        == f"{found.cluster.tolist()} {found.left.tolist()} {found.right.tolist()} {found.scores.bits.tolist()}"
    )


def test_the_fields_tell_how_complete_blocking_is():
    """The estimate from pairs that several kinds of keys find comes close to what comparing all pairs finds."""
    frame = companies(1500, 29).sort_values("_record", ignore_index=True)
    found = match(frame, rules())
    assert 0.95 <= found.facts["pair_completeness_estimate"] <= 1
    assert 0.9 <= found.facts["reduction_ratio"] <= 1


@pytest.mark.parametrize("name", ["杭州启明精密机械有限公司", "启明精密机械"])
def test_ten_thousand_equal_rows_are_one_group(name):
    """What all rows of a table say is common; but they say the same of everything."""
    frame = pd.DataFrame([[f"s/{i:05d}", name, None, "0571-88886666", "杭州市文三路1号"] for i in range(10_000)], columns=COLUMNS, dtype="str")  # fmt: skip
    found = match(frame, rules())
    assert set(found.cluster.tolist()) == {0}
    assert found.facts["pairs_compared"] == 0


def test_twenty_thousand_records_of_one_name_are_one_company_in_bounded_time():
    """Each has a phone of its own, a few a code: none of the clusters gets two codes."""
    codes = ["91330106MA27XQ8C8J", "91330108589854321C"]
    rows = [
        [
            f"s/{i:05d}",
            "杭州启明精密机械有限公司",
            codes[i // 7000 % 2] if i % 7000 == 0 else None,
            f"0571-8{i:07d}",
            None,
        ]
        for i in range(20_000)
    ]
    found, times = measured(pd.DataFrame(rows, columns=COLUMNS, dtype="str"))
    assert times < 4
    assert len(set(found.cluster.tolist())) <= 3
    assert found.cluster[0] != found.cluster[7000]


def test_pairs_that_were_compared_are_judged_as_if_they_had_not_been():
    evidence = Here(companies(300, 5), rules())
    nodes = evidence.collapse([], 10.0)
    evidence.find(np.unique(nodes), 50)
    left, right = (side.reshape(-1) for side in np.meshgrid(np.arange(300), np.arange(300)))
    differ = left != right
    left, right = left[differ], right[differ]
    asked = evidence.close(nodes).verdict(left, right)
    evidence.scores()
    known = evidence.close(nodes).verdict(left, right)
    assert (known[0] == asked[0]).all()
    assert (known[1] == asked[1]).all()


def test_bags_compare_all_items_of_both_sides():
    bag, items = bags([["a", "b"], [], ["b", "c"], ["d"]])
    same = lambda one, other: np.where(one == other, 0, 1).astype(np.int8)  # noqa: E731
    assert items == ["a", "b", "c", "d"]
    for once in (False, True):
        best = bag.best(np.array([0, 0, 1, 2]), np.array([2, 1, 3, 3]), same, once=once)
        assert best.tolist() == [0, -1, -1, 1]


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 2**62)), max_size=40), st.integers(1, 3))
def test_candidates_are_the_pairs_that_share_a_key(drawn, kinds):
    """Beside a plain search; keys as large as hashes, nodes met twice under one key."""
    large = [(node, key if key % 2 else key % 5) for node, key in drawn]
    keys = [(f"name.k{k}", np.array([n for n, _ in large[k::kinds]], dtype=np.int64), np.array([x for _, x in large[k::kinds]], dtype=np.int64)) for k in range(kinds)]  # fmt: skip
    found = candidates(iter(keys), 8, 12)
    wanted = {
        (a, b)
        for k in range(kinds)
        for a, one in large[k::kinds]
        for b, other in large[k::kinds]
        if a < b and one == other
    }
    assert list(zip(found.left.tolist(), found.right.tolist(), strict=True)) == sorted(wanted)


def test_that_two_records_are_in_one_city_counts_once():
    """A name registered in a city and an address there are not two reasons; another street speaks against it."""
    rows = [
        ["s/1", "杭州启明精密机械有限公司", None, None, "杭州市西湖区"],
        ["s/2", "杭州启明精密机械有限公司", None, None, "杭州市"],
        ["s/3", "杭州启明精密机械有限公司", None, None, "杭州市滨江区江南大道88号"],
        ["s/4", "杭州启明精密机械有限公司", None, None, "杭州市西湖区文三路1号"],
    ]
    comparison = Comparison(pd.DataFrame(rows, columns=COLUMNS, dtype="str"), rules())
    scores = comparison.score(np.array([0, 2]), np.array([1, 3]))
    at = comparison.names.index("address")
    level = [comparison.model.fields[at].levels[number].name for number in scores.levels[:, at]]
    assert level == ["same_city", "elsewhere_in_city"]
    assert abs(scores.weights[0, at]) < 1.5
    assert scores.weights[1, at] < scores.weights[0, at]


def test_an_address_that_all_have_does_not_speak_against_those_who_have_it():
    """It is worth less than the city, which the names of a city count already."""
    frame = companies(3000, 5)
    frame["详细地址"] = "杭州市中山路1号302室"
    frame["客户名称"] = [
        f"杭州{BRANDS[at // 2 % 10]}{at // 2}{TRADES[at // 2 % 6]}有限公司" for at in range(len(frame))
    ]
    comparison = Comparison(frame, rules())
    scores = comparison.score(np.array([0]), np.array([1]))
    at = comparison.names.index("address")
    assert comparison.model.fields[at].levels[scores.levels[0, at]].name == "same"
    assert -1.5 < scores.weights[0, at] <= 0


def test_a_city_that_begins_with_a_number_is_a_city():
    address = take_apart(["九江市浔阳区庐山二路九号"])
    assert (address.place.city, address.line) == ("3604", "庐山2路9")


def test_a_website_joins_no_companies_of_two_cities():
    frame = companies(2, 1)
    frame["客户名称"], frame["网址"] = ["启明精密机械", "启明精密机械贸易"], "www.qiming.com.cn"
    frame["电话"], frame["详细地址"] = [None, None], ["杭州市文三路1号", "青岛市中山路9号"]
    ruled = shipped("account", frame.columns)
    found = match(frame.astype("str"), ruled)
    assert found.cluster.tolist() == [0, 1]
    found = match(frame.assign(详细地址=None).astype("str"), ruled)
    assert found.cluster.tolist() == [0, 0]


def test_a_third_record_does_not_bring_namesakes_together_who_were_born_on_other_days():
    """It goes with the one whose mobile it has."""
    rows = [
        ["t/1", "王薇", "13996951007", "wangwei@qihang.com", "1968-08-15", "宁波启航机械有限公司"],
        ["t/2", "王薇", "15914356854", "wei.wang@qihang.com", "1975-09-16", "宁波启航机械有限公司"],
        ["t/3", "王 薇", "139 9695 1007", None, None, "启航机械"],
    ]
    frame = pd.DataFrame(rows, columns=["_record", "姓名", "手机", "邮箱", "生日", "公司名称"], dtype="str")
    assert match(frame, shipped("contact", frame.columns)).cluster.tolist() == [0, 1, 0]


def test_a_registered_name_is_not_learnt_to_be_common():
    """Hospitals have a telephone and somebody to ask for in each department: that nothing but the name agrees makes no two of one."""
    others = [PHONES] * 6
    learnt = model(
        [("name", LEVELS, 1.0, False), *((f"phone{at}", one, 1.0, False) for at, one in enumerate(others))], 4000
    )
    differ = [len(PHONES) - 1] * len(others)
    seen = np.array([[0, *differ]] * 400 + [[len(LEVELS) - 1, *differ]] * 20_000, dtype=np.int8)
    learnt.learn(seen[400:], seen, np.zeros(seen.shape))
    assert learnt.fields[0].u[0] <= LEVELS[0].u
