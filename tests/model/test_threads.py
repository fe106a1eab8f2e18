"""Work side by side: in order, not further ahead than there are processors, and with the errors it met."""

import threading
import time

import pytest

from crmmigrate.model import threads
from crmmigrate.model.threads import side_by_side


@pytest.fixture(params=[1, 2, 3])
def processors(request, monkeypatch):
    monkeypatch.setattr(threads, "allowed", lambda: request.param)
    return request.param


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_answers_come_in_the_order_of_the_parts(processors, count):
    def work(part):
        time.sleep((count - part) / 500)  # the later ones are done first
        return part * part

    assert list(side_by_side(work, range(count))) == [part * part for part in range(count)]


def test_no_more_parts_are_asked_for_than_there_are_processors(processors):
    asked, done = [], []

    def parts():
        for part in range(8):
            assert len(asked) - len(done) <= max(processors, 2)
            asked.append(part)
            yield part

    assert list(side_by_side(lambda part: done.append(part) or part, parts())) == list(range(8))


def test_two_processors_work_at_the_same_time(monkeypatch):
    monkeypatch.setattr(threads, "allowed", lambda: 2)
    both = threading.Barrier(2, timeout=20)
    assert len({*side_by_side(lambda _: both.wait() >= 0 and threading.get_ident(), range(2))}) == 2


def test_a_single_part_needs_no_thread():
    assert list(side_by_side(lambda _: threading.get_ident(), [0])) == [threading.get_ident()]


def test_what_goes_wrong_in_a_part_is_raised(processors):
    def work(part):
        if part == 3:
            raise ValueError(part)
        return part

    found = side_by_side(work, range(6))
    with pytest.raises(ValueError, match="3"):
        list(found)
