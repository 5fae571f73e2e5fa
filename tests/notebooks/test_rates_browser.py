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
    """Every page opens and shows what it is for; a change of grouping shows within a second.

    One public version is handed out, and another that clashes with it is not.
    """
    visit.sees("24 期共")
    visit.shoot("1_trend")
    for name, text in (
        ("漏斗", "没有偏离各单位之间通常的差别"), ("比较", "合格率由"), ("补考", "一次合格"),
        ("持证", "持有效证件"), ("发布", "不足 10 人的数字不公布"),
    ):  # fmt: skip
        visit.press(name)
        visit.sees(text)
        visit.shoot(name)
    visit.press("导出 Excel")
    visit.sees("可以公布，请点“保存”取文件")
    with visit.page.expect_download() as saved:
        visit.page.locator("a.save:visible").click()
    assert saved.value.suggested_filename == "合格率（公开版）.xlsx"
    visit.shoot("released")
    visit.page.get_by_label("口径").first.select_option("最好一次（每人一次）")
    visit.page.locator("a.save:visible").wait_for(state="detached")
    visit.press("导出 Excel")
    visit.sees("可以推出不足 10 人的人数")
    visit.shoot("refused")
    visit.page.get_by_label("口径").first.select_option("各次考试（人次）")
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
