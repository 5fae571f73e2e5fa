"""The page on certificates: share on a day, expiry calendar (持证)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import ipywidgets as widgets

from .. import report
from ..certification import (
    CertificateState,
    Register,
    StaffMember,
    certified_share,
    forecast,
)
from .picture import Picture
from .rates_pages import LONG, Redraw
from .style import card, cards, note
from .table import Table


@dataclass(frozen=True)
class CertificateData:
    """Register and staff, and the day they stand at."""

    register: Register
    staff: Sequence[StaffMember]
    on: date


class CertificatePage(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Who holds a valid certificate on a day, and when certificates run out.

    Parameters
    ----------
    data
        None shows what is missing.
    """

    def __init__(self, redraw: Redraw, data: CertificateData | None) -> None:
        self.data: CertificateData | None = None
        self._drawn: tuple[date | None, int, int] | None = None
        self.on = widgets.DatePicker(description="统计日期", style=LONG)
        self.ahead = widgets.Dropdown(
            options=[("1 年", 1), ("2 年", 2), ("3 年", 3), ("5 年", 5)], value=2,
            description="往后看", style=LONG,
        )  # fmt: skip
        self.renewal = widgets.IntSlider(
            85, 0, 100, 5, description="换证 %", style=LONG, continuous_update=False
        )
        self.cards, self.words = widgets.HTML(), widgets.HTML()
        self.picture = Picture("证件到期日历")
        self.table = Table(
            ["单位", "在岗执法人员", "持有效证件", "持证率", "区间下限", "区间上限"],
            name="持证率", formats=dict.fromkeys(("持证率", "区间下限", "区间上限"), ".1%"),
            hints={
                "在岗执法人员": "统计日期在岗的执法人员；辅助人员不计",
                "持有效证件": "过期、暂扣、吊销、注销的不计；一人多证计一人",
            },
        )  # fmt: skip
        missing = widgets.HTML(note(
            "没有证件登记簿。请由管理员在打开面板时给出登记簿和在岗人员："
            "PassRatePanel(…, register=登记簿, staff=在岗人员, on=日期)。"
        ))  # fmt: skip
        super().__init__([missing])
        for control in (self.on, self.ahead, self.renewal):
            control.observe(lambda _: redraw(), names="value")
        if data is not None:
            self.give(data)

    def give(self, data: CertificateData) -> None:
        """Take a register and its staff; nothing is drawn yet."""
        self.data, self._drawn = None, None
        self.on.value = data.on
        self.data = data
        self.children = (
            widgets.HBox([self.on, self.ahead, self.renewal]), self.cards, self.words,
            self.picture, self.table,
        )  # fmt: skip

    def draw(self) -> None:
        """Show the chosen day."""
        choice = self.on.value, self.ahead.value, self.renewal.value
        if self.data is None or self.on.value is None or choice == self._drawn:
            return
        self._drawn = choice
        on, register = self.on.value, self.data.register
        *units, total = certified_share(register, self.data.staff, on=on)
        states = register.counts(on)
        below = f"持有效证件 {total.certified} ÷ 在岗 {total.staff}"
        rate = "—" if total.rate is None else f"{total.rate:.1%}"
        self.cards.value = cards([
            card("持证率", rate, below, "统计日期在岗的执法人员中，持有效证件的比例"),
            *(
                card(str(state), str(states[state]), "个证件", "登记簿中这一状态的证件")
                for state in (CertificateState.VALID, CertificateState.EXPIRED,
                              CertificateState.SUSPENDED)
            ),
        ])  # fmt: skip
        found = forecast(
            register, on=on, until=_later(on, self.ahead.value),
            renewal=self.renewal.value / 100,
        )  # fmt: skip
        self.words.value = note(f"{found}（假定到期后 {self.renewal.value}% 换证）")
        self.picture.show(report.plot_expiry(found), described=str(found))
        self.table.show([
            (s.unit, s.staff, s.certified, s.rate, s.low, s.high) for s in (*units, total)
        ])  # fmt: skip


def _later(day: date, years: int) -> date:
    """Return the same day some years later; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
