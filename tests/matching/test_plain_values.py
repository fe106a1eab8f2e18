"""Values that are taken apart together: what comes out is what the way for single ones gives of each."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmmigrate.matching import SEPARATOR, address, code, email, phone, website
from crmmigrate.matching.numbers_of_registers import numbers_in
from crmmigrate.matching.phones.mobiles import MOBILES
from crmmigrate.matching.phones.plain import plain_phones
from crmmigrate.matching.places import address_parts
from crmmigrate.matching.places.place import place_names
from crmmigrate.matching.texts import folding
from crmmigrate.matching.texts.bags import bags
from crmmigrate.matching.texts.cells import bags_of, cells_of
from crmmigrate.matching.texts.folding import fold_values, folded

PIECES = (
    *"0123456789", *"oOxXeEzZsS", *" -+()[]/|;,、.。*#_@%'转或和:一三九零前站点", "  ", "\t", "\n", "\u3000", "\u00a0", "\u2028", "\x1e", "０", "１", "（", "）", "－", "Ａ", "ｂ", "ﬁ", "Å", "ß", "İ",
    "٣", "國", "巿", "號", SEPARATOR, "00", "000000", "1111111", "12345678", "123456789", "86", "+86", "0086", "(86)", "086", "0865", "(0)", "13912345678", "139 1234 5678", "139-1234-5678", "1391234", "13888888888", "13500000000",
    "13588888888", "1***", "138****5678", "1.39e+10", "1.3912345678e+10", ".0", "0571", "88886666", "0571-88886666", "010-8888666", "(0571)88886666", "转123", "-8001", "分机", "ext.", "ext", "x12", "400-800-1234",
    "85291234567", "+852 9123 4567", "90000000000000000", "wx", "wxid", "wangming93", "91330100MA27X1234K", "91510104864270171k", "91S10104864270171k", "91440101", "33878042X", "33878042-X", "371523346T53392", "440316951096045",
    "ABCD", "9E17", "9.133E+17", "i", "w", "www.", "www1.", "http://", "https:", "qiming", "qq", "com", ".com.cn", "@", "zhang.wei@", "test", "noreply@", "abc@", "@qq.com", "a@b.cn", "a@b,cn",
)  # fmt: skip
TOWNS = ("浙江省杭州市西湖区", "浙江杭州西湖", "杭州", "安徽太和县", "西湖区", "泸洲市", "亦陇县", "北京", "上海市上海", "三亚", "九江市浔阳区", "城市", "沙河镇卫生院", "市场", "市政", "区块", "县域")  # fmt: skip
LINES = (
    "文三路", "八一路", "二", "三楼", "193号", "1幢", "2单元", "401室", "号楼", "号院", "院", "单", "元", "层", "-", "#", ",", "1", "12", "7-2-401", "7# 2", "A座", "b", " ", "(", ")", "菜鸟驿站", "丰巢柜", "送货前", "前", "打电话", "门卫", "代收点",
    "传达室", "站", "收", "٣", "１", "號", SEPARATOR, "12 main street", "suite 4", " between a st and b ave", "ー", "〇", "䷀", "\n", "\t",
)  # fmt: skip
PLACES = sorted(place_names())


def written(pieces: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    cell = st.one_of(
        st.lists(st.sampled_from(pieces), max_size=7).map("".join),
        st.text(st.sampled_from("".join(pieces)), max_size=12),
    )
    return st.lists(cell, min_size=1, max_size=12)


VALUES = written(PIECES)


def assert_held(comparer, values, singly) -> None:
    """The items are those of each folded cell, each once in a value."""
    lists = [
        list(dict.fromkeys(item for cell in cells for item in singly(cell) if item)) for cells in fold_values(values)
    ]
    bag, items = bags(lists)
    assert comparer.items.to_pylist() == items
    for name in ("starts", "sizes", "items"):
        assert getattr(comparer.bag, name).tolist() == getattr(bag, name).tolist(), name


def counts(values: list[str]) -> np.ndarray:
    return np.ones(len(values), dtype=np.int64)


@given(VALUES, st.sampled_from(["", "mobile", "landline"]))
@example(
    [
        "139 1234 5678",
        "+86 139-1234-5678/0571-88886666转123",
        f"13912345678.0{SEPARATOR}wx82850888",
        "0000000",
        "86",
        "0",
    ],
    "",
)
@example(["13912345678,0571-88886666", "13912345678,13812345678", "13912345678-12", "12345678-9", "13912345678转5"], "")
@example(
    ["0912345678", "0912-345-678", "0912345678/0931-8412345", "912345678", "0000912345678", "860912345678"], "mobile"
)
@example(["0" * 17 + "1", "9" * 17, "860" * 6, "1391234567813812345678", "008613912345678", "0086086123456"], "")
def test_phones(values, only):
    def wanted(cell):
        return [
            number
            for number in phone.numbers(cell)
            if not only or bool(re.search(MOBILES, number)) is (only == "mobile")
        ]

    assert_held(phone.make(values, counts(values), only), values, wanted)


@given(VALUES)
@example(
    [
        "91510104864270171K",
        "91SI0104864270171k",
        "9151O10486427OI7IK",
        "915101048642701712",
        "9E17",
        "AAAA",
        "____",
        "0001234567",
        "BR 51730284",
        "PL7251801126",
        "201501023456 (1148776-V)",
        "3302961234 / 91330206MA2H5K8Q1T",
        "3302961234 91330206MA2H5K8Q1T",
    ]
)
def test_codes(values):
    assert_held(code.make(values, counts(values)), values, lambda cell: [*map(code.normal, numbers_in(cell))])


@given(VALUES)
@example(["a@b.cn", "A@B.CN", f"a@b.cn{SEPARATOR}c@d.cn", "a@b.cn;c@d.cn", "test1@b.cn", "a@b.cn.", "a@b", "。@b.c"])
def test_emails(values):
    assert_held(email.make(values, counts(values)), values, email.addresses)


@given(VALUES)
@example(["www.a.cn", "http://www2.a.cn/x", "wwwa.cn", "www.cn", "a:www.b", "https://a", "a.cn 官网"])
def test_websites(values):
    assert_held(website.make(values, counts(values)), values, lambda cell: [website.host(cell)])


def assert_addresses(values: list[str]) -> None:
    taken = address_parts.taken_apart(values)
    singly = [address_parts.take_apart(cells) for cells in fold_values(values)]
    assert [taken.places[place] for place in taken.place] == [one.place for one in singly]
    assert taken.lines.to_pylist() == [one.line for one in singly]
    assert list(dict.fromkeys(taken.place.tolist())) == list(range(len(taken.places)))


@given(
    st.lists(
        st.lists(st.sampled_from([*TOWNS, *LINES]) | st.sampled_from(PLACES), max_size=7).map("".join),
        min_size=1,
        max_size=10,
    )
)
@example(
    [
        "浙江省杭州市西湖区文三路1号",
        f"杭州市{SEPARATOR}浙江省杭州市文三路三12号",
        f"文三路{SEPARATOR}三路",
        "创业园三楼12",
        "九12号三楼",
    ]
)
def test_addresses(values):
    assert_addresses(values)


@given(written((*PIECES, *LINES)))
def test_addresses_that_are_none(values):
    assert_addresses(values)


@pytest.mark.parametrize("behind", ["1号", "文三路1号", "市1", "市场1号", "区块1", "卫生院1号", "省3", "县域2"])
def test_addresses_in_every_place(behind):
    assert_addresses([place + behind for place in PLACES])


@given(st.one_of(VALUES, written((*LINES, *PIECES)), st.lists(st.text(max_size=8), min_size=1, max_size=6)))
def test_folded_alone_and_together(values):
    alone = [folding.fold([value.replace("\n", " ")])[0] for value in values]
    assert folded(values).to_pylist() == alone
    assert folded(pa.array(["x", *values], pa.large_string()).slice(1)).to_pylist() == alone
    held = cells_of(values)
    assert [
        held.texts.filter(pa.array(held.owners == value)).to_pylist() for value in range(len(values))
    ] == fold_values(values)


def test_all_that_is_not_odd_is_normal_and_folded():
    import unicodedata

    plain = "".join(map(chr, [*range(0x1F, 0x80), *range(0x3400, 0xA000)]))
    assert unicodedata.normalize("NFKC", plain) == plain
    assert plain.casefold() == plain.lower()


@pytest.mark.parametrize("module", [address, code, email, phone, website])
def test_nothing(module):
    for values in ([], [""], ["", SEPARATOR]):
        comparer = module.make(values, counts(values))
        assert all(not len(keys) for _, keys, _ in comparer.candidate_keys())
        assert module.make(pa.array(values, pa.large_string()), counts(values)) is not None


@pytest.mark.parametrize(
    "cell",
    ["13912345678", "+86 13912345678", "0086-571-88886666", "139 1234 5678", "0571-88886666转123", "(0571)8888666/13912345678", "13912345678.0", "wx82850888", "wangming93", "13912345678,13812345678"],
)  # fmt: skip
def test_what_is_a_plain_phone(cell):
    assert plain_phones(cells_of([cell]).texts).taken.all()


def test_an_item_stands_once_in_a_value():
    held = phone.items_of(["13912345678/13912345678;0571-88886666", "0571-88886666"], plain_phones, phone.numbers)
    bag, items = bags_of(held)
    assert (items.to_pylist(), bag.sizes.tolist(), bag.items.tolist()) == (
        ["13912345678", "57188886666"],
        [2, 1],
        [0, 1, 1],
    )
