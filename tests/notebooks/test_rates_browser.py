"""An analyst drives the sixth notebook in a real browser, with no way out."""

import time

import pytest

from .test_browser import Visit, chromium, outside, visit

__all__ = ["chromium", "visit"]
pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    "visit", [("page", "06_合格率趋势.ipynb"), ("lab", "06_合格率趋势.ipynb")], indirect=True
)
def test_rates_are_explored(visit: Visit) -> None:
    """Every page opens and shows what it is for; a change of grouping shows within a second."""
    visit.sees("24 期共")
    visit.shoot("1_trend")
    for name, text in (
        ("漏斗", "没有偏离各单位之间通常的差别"), ("比较", "合格率由"), ("补考", "一次合格"),
        ("持证", "持有效证件"), ("发布", "不足 10 人的数字不公布"),
    ):  # fmt: skip
        visit.press(name)
        visit.sees(text)
        visit.shoot(name)
    visit.press("内部版")
    visit.sees("不得外传")
    switch = visit.page.locator(".fz-switch button.mod-active")
    assert "179, 38, 30" in switch.evaluate("b => getComputedStyle(b).backgroundColor")
    visit.shoot("internal")
    visit.press("漏斗")
    visit.sees("第001单位")
    box = visit.page.get_by_label("分组").first
    start = time.monotonic()
    box.select_option("岗位")
    visit.sees("案件审核员")
    assert time.monotonic() - start < 3
    visit.shoot("posts")
    assert not visit.faults
    assert not outside(visit)
