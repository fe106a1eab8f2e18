"""Changes of a delta that people took back row by row are not made once more unasked; the next delta tells of them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import called
from tests.runner.small_migration import opened, sql

from crmmigrate.runner import delta
from crmmigrate.runner.undo import undo
from crmmigrate.runner.workspace import Workspace


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "in" / "客户.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def email(folder: Path, number: int) -> str:
    return str(sql(folder, f"SELECT email FROM accounts WHERE no LIKE '%/{number}'")[0][0])


def compared(folder: Path, **more: Any) -> tuple[dict[str, int], list[str], delta.Compared]:
    """Return of the customers the figures of a delta that are not nothing, what is said of it, and the delta."""
    found = delta.compare(opened(folder), **more)
    counts = found.outcome.result.facts["objects"]["account"]
    said = [note.template for note in found.outcome.result.notes if "gave back" in note.template]
    return {word: n for word, n in counts.items() if n and word != "fields"}, said, found


def applied(folder: Path, **more: Any) -> dict[str, int]:
    way = opened(folder)
    done = delta.apply(way, delta.compare(way, **more))
    facts = done.steps[-1].manifest.facts["delta"]
    return {word: facts[word] for word in ("inserted", "updated", "conflicts")}


def take_back(folder: Path, **part: Any) -> str:
    run = Workspace(folder / "work").loads()[-1]
    chosen = {"objects": ("account",), "keys": (), "batches": (), **part}
    return undo(opened(folder), run, apply=True, part=chosen).run.manifest.run


@pytest.fixture(scope="module")
def partly_taken_back(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two customers have got another address; a delta has brought that in, and for one of them people took it back."""
    folder = Path(shutil.copytree(finished, tmp_path_factory.mktemp("changed") / "p"))
    for number in (3, 5):
        edit(folder, f"boss{number}@corp{number}.cn", f"new{number}@corp{number}.cn")
    assert applied(folder) == {"inserted": 0, "updated": 2, "conflicts": 0}
    take_back(folder, keys=("crm/客户/3",))
    assert (email(folder, 3), email(folder, 5)) == ("boss3@corp3.cn", "new5@corp5.cn")
    return folder


@pytest.fixture
def changed(partly_taken_back: Path, tmp_path: Path) -> Path:
    """Return a copy of that migration."""
    return Path(shutil.copytree(partly_taken_back, tmp_path / "p"))


def test_what_was_taken_back_by_key_stays_so_and_is_told(changed: Path) -> None:
    figures, said, found = compared(changed)
    assert (figures["given_back"], said) == (
        1,
        [
            "{count} rows keep what a rollback gave back to them; to change them again: crmmigrate delta {project} --rolled-back load"
        ],
    )
    planned = found.outcome.result.facts["planned"]["account"]
    assert planned["updated"] == 0
    told = called("delta", changed / "migration.yaml", "--apply").stdout
    assert "1 rows keep what a rollback gave back to them" in told
    assert email(changed, 3) == "boss3@corp3.cn"


def test_further_deltas_know_of_it_until_it_is_asked_for(changed: Path) -> None:
    edit(changed, "boss7@corp7.cn", "new7@corp7.cn")
    assert applied(changed)["updated"] == 1
    assert email(changed, 3) == "boss3@corp3.cn"
    figures, _, found = compared(changed)
    assert (figures, found.work) == ({"unchanged": 19, "given_back": 1}, 0)
    figures, said, _ = compared(changed, rolled_back="load")
    assert (figures, said) == ({"unchanged": 19, "changed": 1}, [])
    assert applied(changed, rolled_back="load") == {"inserted": 0, "updated": 1, "conflicts": 0}
    assert email(changed, 3) == "new3@corp3.cn"
    assert compared(changed)[0] == {"unchanged": 20}


@pytest.mark.parametrize("in_between", [False, True])
def test_what_the_sources_say_next_is_a_change_of_its_own(changed: Path, in_between: bool) -> None:
    if in_between:
        edit(changed, "boss7@corp7.cn", "new7@corp7.cn")
        applied(changed)
    edit(changed, "第3号精密仪器有限公司", "第3号精密机床有限公司")
    assert applied(changed) == {"inserted": 0, "updated": 1, "conflicts": 0}
    assert (email(changed, 3), sql(changed, "SELECT name FROM accounts WHERE no LIKE '%/3'")) == (
        "boss3@corp3.cn", [("第3号精密机床有限公司",)],
    )  # fmt: skip
    edit(changed, "new3@corp3.cn", "newest3@corp3.cn")
    assert applied(changed) == {"inserted": 0, "updated": 1, "conflicts": 0}
    assert email(changed, 3) == "newest3@corp3.cn"
    assert "given_back" not in compared(changed)[0]


def test_the_rollback_of_that_rollback_lets_the_delta_stand(changed: Path) -> None:
    back = [m.run for m in Workspace(changed / "work").manifests() if m.stage == "rollback"][-1]
    undo(opened(changed), back, apply=True)
    assert email(changed, 3) == "new3@corp3.cn"
    assert compared(changed)[0] == {"unchanged": 20}


def test_batches_and_objects_are_as_keys_and_a_whole_delta_is_as_if_it_had_never_been(changed: Path) -> None:
    take_back(changed)
    assert email(changed, 5) == "boss5@corp5.cn"
    assert compared(changed)[0] == {"unchanged": 18, "given_back": 2}
    edit(changed, "boss7@corp7.cn", "new7@corp7.cn")
    applied(changed)
    undo(opened(changed), Workspace(changed / "work").loads()[-1], apply=True)
    assert compared(changed)[0] == {"unchanged": 17, "given_back": 2, "changed": 1}


def test_what_people_edited_in_a_row_that_was_taken_back_is_left_too(folder: Path) -> None:
    edit(folder, "浙江省杭州市西湖区文三路38号,boss3@corp3.cn", "浙江省杭州市西湖区文三路39号,new3@corp3.cn")
    applied(folder)
    address = sql(folder, "SELECT address FROM accounts WHERE no LIKE '%/3'")
    sql(folder, "UPDATE accounts SET email = 'hand@corp3.cn' WHERE no LIKE '%/3'")
    take_back(folder, keys=("crm/客户/3",))
    before = sql(folder, "SELECT address FROM accounts WHERE no LIKE '%/3'")
    assert before != address
    figures, _, found = compared(folder)
    assert (figures, found.work) == ({"unchanged": 19, "given_back": 1}, 0)
    assert applied(folder, rolled_back="load")["conflicts"] == 1
    assert (email(folder, 3), sql(folder, "SELECT address FROM accounts WHERE no LIKE '%/3'")) == (
        "hand@corp3.cn",
        address,
    )
