"""Files with customer data are told from files without."""

from __future__ import annotations

import pytest

from crmmigrate.checks.customer_data import suspicions

PEOPLE = "姓名,手机,邮箱\n王芳,13905718826,wf@mingda-tech.cn\n李强,+86 13605712931,lq@mingda-tech.cn\n周五,158-0000,\n赵一,15158027713,zy@hualian.com.cn\n"
IDENTITY = "11010519491231002X"  # the example of GB 11643


@pytest.mark.parametrize(
    ("name", "content", "codes"),
    [
        ("客户.csv", PEOPLE.encode(), ["guard.personal-data"] * 2), ("客户.csv", PEOPLE.encode("gb18030"), ["guard.personal-data"] * 2),
        ("客户.XLSX", b"PK", ["guard.data-file"]), ("crm.db", b"", ["guard.data-file"]), ("a.md", f"身份证 {IDENTITY}".encode(), ["guard.personal-data"]),
        ("a.md", IDENTITY.replace("X", "1").encode(), []), ("team.md", b"call 13905718826 or wf@mingda-tech.cn", []),
        ("a.yaml", b"a@example.com b@example.com c@x.example d@example.cn 13800138000 13800000001 13900000002 13900000003", []),
        ("logo.png", b"\x89PNG\0" + PEOPLE.encode(), []), ("sums.txt", b"139057188261 1390571882.6 0.13905718826", []), ("empty.csv", b"", []),
        ("客户.txt", PEOPLE.encode("utf-16"), ["guard.personal-data"] * 2), ("客户.csv", PEOPLE.encode("utf-16-le"), ["guard.personal-data"] * 2),
        ("客户.csv", PEOPLE.encode() + b"\0\n", ["guard.personal-data"] * 2), ("客户", PEOPLE.encode("utf-16"), ["guard.personal-data"] * 2),
        ("audit.json", "AAAA@AAAAAA.AA AAA99@AAAA.AAA AAAA.AAA@AAA-AAAA.AAA.AA A汉@AAAA.AA A_9@AA99.AAA".encode(), []),
    ],
)  # fmt: skip
def test_example(name, content, codes):
    assert [found.code for found in suspicions(name, content)] == codes


def test_what_is_found_is_counted_and_not_shown():
    first, second = suspicions("客户.csv", PEOPLE.encode())
    assert (first.line, second.line) == (2, 2)
    told = first.message.text("en") + second.message.text("en")
    assert told == "3 different mobile numbers3 different e-mail addresses"
