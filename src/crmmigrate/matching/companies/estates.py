"""The sites of property managers and builders: what a company does on which estate, and what its office there is called."""

from __future__ import annotations

import re

ESTATE = re.compile(
    r"(?:物业|建[设筑]|工程|装饰|园林|路桥)(?=[\u4e00-\u9fff\d#a-z]{2,20}(?:项目部|项目经理部|服务中心|服务处|管理处|售楼处)\Z)"
)
"""What a company does, in front of the site or the estate on which it does it: 福源物业香樟新村服务中心, 恒翔工程龙湾厂房项目部."""

_MANAGES = "物业"
_OFFICE = re.compile("(?<=..)(?:小区)?(?:物业|管理|服务|客户|客服|项目)+(?:处|中心|部)\\Z")
"""What the office on an estate is called: 管理处, 物业服务中心, 客服中心, 项目部."""


def office(company: str, branch: str) -> str:
    """Return a branch; that of who manages estates by which estate it is on, whatever the office there is called: 阳光花园物业服务中心 is 阳光花园管理处."""
    return _OFFICE.sub("管理处", branch) if _MANAGES in company else branch
