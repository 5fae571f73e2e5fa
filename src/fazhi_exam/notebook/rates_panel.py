"""Pass rates through time and across groups, of any number of attempts (合格率趋势)."""

import atexit
import gc
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import ipywidgets as widgets

from ..certification import Register, StaffMember
from ..errors import FazhiExamError
from ..facts.facts import Facts
from ..facts.layout import MANIFEST
from ..facts.open import facts_of, open_facts
from ..facts.scope import Scope
from ..passrate import Denominator, Which
from ..scoring import Decisions
from ..store import open_store
from ..typing import Progress
from .boundary import Boundary
from .rates_certificates import CertificateData, CertificatePage
from .rates_example import example_province
from .rates_pages import LONG, AttemptPage, ChangePage, FunnelPage, TrendPage, View
from .rates_public import PublishPage
from .result_documents import LEDGER
from .steps import Steps
from .style import STYLE, note
from .work import Work

_DENOMINATORS = [("合格 ÷ 实考", Denominator.SAT), ("合格 ÷ 应考", Denominator.DUE)]
_EMPTY = "还没有数据。请填写存档库文件或事实表文件夹的路径，或先用模拟数据试看。"


class PassRatePanel(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Choose programme, sittings, grouping, denominator and attempts; see six pages about them.

    Every number is a grouped count by `facts`, so a store of one bureau and a province of millions
    of attempts look the same.

    Parameters
    ----------
    source
        Path or address of a store, a folder of facts, open facts, or finished decisions.
    register, staff, on
        Certificates, staff in post and the day, for the page 持证.
    ledger
        File that remembers what was published, for the page 发布.
    """

    def __init__(
        self,
        source: str | Path | Facts | Sequence[Decisions] = "",
        *,
        register: Register | None = None,
        staff: Sequence[StaffMember] = (),
        on: date | None = None,
        ledger: str | Path = LEDGER,
    ) -> None:
        self.boundary = Boundary()
        self.work = Work(self.boundary)
        self.facts: Facts | None = None
        self._quiet = False
        self._make_controls()
        data = None
        if register is not None:
            last = max((c.issued for c in register.certificates), default=date(2026, 1, 1))
            data = CertificateData(register, tuple(staff), on or last)
        self.trend = TrendPage(self.draw)
        self.funnel = FunnelPage()
        self.change = ChangePage(self.draw)
        self.attempts = AttemptPage(self.draw)
        self.certificates = CertificatePage(self.draw, data)
        self.publication = PublishPage(self.draw, ledger=ledger)
        self.steps = Steps(
            [("趋势", self.trend), ("漏斗", self.funnel), ("比较", self.change),
             ("补考", self.attempts), ("持证", self.certificates), ("发布", self.publication)],
            entered=lambda _: self.draw(), numbered=False,
        )  # fmt: skip
        self.choice = widgets.VBox([
            self.programme, self.period, self.tip,
            widgets.HBox([self.by, self.denominator, self.which]), self.steps,
        ])  # fmt: skip
        super().__init__([
            widgets.HTML(STYLE), self.store, self.empty, self.work, self.choice, self.boundary,
        ])  # fmt: skip
        self.add_class("fz")
        self.choice.layout.display = "none"
        self._open(source)

    def _make_controls(self) -> None:
        wide = {"width": "560px"}
        self.store = widgets.Text(
            description="数据", style=LONG, continuous_update=False, layout=wide,
            placeholder="存档库文件或事实表文件夹的路径，按回车打开",
        )  # fmt: skip
        self.example = widgets.Button(description="用模拟数据试看", layout={"width": "160px"})
        self.empty = widgets.VBox([widgets.HTML(note(_EMPTY)), self.example])
        self.programme = widgets.Dropdown(description="考核项目", style=LONG)
        self.period = widgets.SelectMultiple(description="考次", style=LONG, rows=5, layout=wide)
        self.tip = widgets.HTML(note("按住 Ctrl 可多选考次；一个也不选就是全部。"))
        self.by = widgets.Dropdown(description="分组", style=LONG)
        self.denominator = widgets.Dropdown(options=_DENOMINATORS, description="分母", style=LONG)
        self.which = widgets.Dropdown(
            options=[(str(one), one) for one in Which], description="口径", style=LONG
        )
        self.store.observe(lambda _: self.read(self.store.value), names="value")
        self.example.on_click(lambda _: self._show_example())
        self.programme.observe(lambda _: self._programme_changed(), names="value")
        for control in (self.period, self.by, self.denominator, self.which):
            control.observe(lambda _: self.draw(), names="value")

    # ---- where the numbers come from ----

    def _open(self, source: str | Path | Facts | Sequence[Decisions]) -> None:
        if isinstance(source, Facts):
            self.take(source)
        elif isinstance(source, str | Path):
            if str(source):
                self.store.value = str(source)
        else:
            with self.boundary.guard("读取考次"):
                self.take(facts_of(source))

    def read(self, path: str) -> None:
        """Open a folder of facts at once, or a store beside the page with progress."""
        text = path.strip()
        if not text:
            return
        with self.boundary.guard("打开数据"):
            if (Path(text) / MANIFEST).is_file():
                self.take(open_facts(text))
                return
            if "://" not in text:
                if not Path(text).is_file():
                    raise FazhiExamError(f"找不到存档库文件或事实表文件夹“{text}”")
                text = f"sqlite:///{Path(text).as_posix()}"

            def job(progress: Progress) -> Facts:
                with open_store(text) as store:
                    listed = store.sittings()
                    held = []
                    for done, summary in enumerate(listed):
                        progress(done, len(listed))
                        held.append(store.decisions(summary.id))
                return facts_of(held)

            self.work.start("读取存档库", job, self.take)

    def _show_example(self) -> None:
        with self.boundary.guard("生成模拟数据"):
            made = example_province()
            self.certificates.give(CertificateData(made.register, made.staff, made.on))
            self.take(open_facts(made.folder))

    def take(self, facts: Facts) -> None:
        """Show these facts; those shown before are closed."""
        with self.boundary.guard("读取考次"):
            if self.facts is not None:
                self.facts.close()
            self.facts = facts
            self._quiet = True
            self.by.options = facts.groups or ("单位",)
            self.by.value = "单位" if "单位" in facts.groups else self.by.options[0]
            self.programme.options = facts.programmes
            self.programme.value = facts.sittings[-1].programme
            self._offer()
            self._quiet = False
            self.empty.layout.display, self.choice.layout.display = "none", ""
            self.draw()
            _set_aside()

    def _programme_changed(self) -> None:
        if not self._quiet and self.facts is not None:
            self._quiet = True
            self._offer()
            self._quiet = False
            self.draw()

    def _offer(self) -> None:
        if self.facts is not None:
            held = self.facts.held(Scope(self.programme.value))
            self.period.options = [(f"{s.id}（{s.on:%Y-%m-%d}）", s.id) for s in held]
            self.period.value = ()
            self.change.offer(self.facts, self.programme.value)

    # ---- what is chosen ----

    @property
    def view(self) -> View:
        """The present choice.

        Raises
        ------
        FazhiExamError
            If there are no data yet.
        """
        if self.facts is None:
            raise FazhiExamError(_EMPTY)
        scope = Scope(self.programme.value, which=self.which.value)
        if self.period.value:
            scope = replace(scope, sittings=tuple(self.period.value))
        return View(self.facts, scope, self.by.value, self.denominator.value)

    def draw(self) -> None:
        """Draw the open page alone, so that a change shows at once."""
        if self._quiet or self.facts is None:
            return
        with self.boundary.guard("统计合格率"):
            page = self.steps.choice.value
            if page == 4:
                self.certificates.draw()
            else:
                pages = (self.trend, self.funnel, self.change, self.attempts, None,
                         self.publication)  # fmt: skip
                shown = pages[page]
                if shown is not None:
                    shown.draw(self.view)


def _set_aside() -> None:
    """Have the garbage collector leave alone what exists by now, after collecting once.

    Otherwise every few changes wait 0.2 s and more while it walks through 300,000 objects of the
    libraries, which never become garbage.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    # At the end of Python DuckDB would take what is still set aside for its own fault.
    atexit.unregister(gc.unfreeze)
    atexit.register(gc.unfreeze)
