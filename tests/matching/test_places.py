"""Places that exclude each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.matching.places.place import Place, all_apart, only_place, take_place

PLACES = st.sampled_from([Place(), Place("33"), Place("33", "3301"), Place("33", "330182"), Place("33", "3302"), Place("11", "11"), Place("32", "3205"), Place("32", "320583")])  # fmt: skip


def apart(one: Place, other: Place) -> bool:
    if one.province and other.province and one.province != other.province:
        return True
    if not one.city or not other.city:
        return False
    return not (one.city.startswith(other.city) or other.city.startswith(one.city))


@given(st.lists(PLACES, max_size=8))
def test_a_square_says_what_each_pair_says(places):
    assert all_apart(places).tolist() == [[apart(a, b) for b in places] for a in places]


def test_places_at_the_head():
    assert take_place("浙江省杭州市西湖区文三路1号") == (Place("33", "3301"), "文三路1号")
    assert take_place("北京市北京市朝阳区建国路") == (Place("11", "11"), "建国路")
    assert take_place("启明机械") == (Place(), "启明机械")
    assert only_place("杭州") == Place("33", "3301")
    assert only_place("杭州启明") is None
