"""Exchange one item of a paper and see what moves (换题)."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import ipywidgets as widgets

from ..assembly.blueprint import Mode
from ..assembly.form import ExamForm
from ..assembly.forms import form_of
from ..assembly.pool import Pool, drawable
from ..assembly.swap import alternatives, swapped
from ..bank.item import Item
from ..delivery.sitting import Sitting
from ..errors import FazhiExamError
from ..formats.recipe import SittingRecipe
from ..scoring import Calibration
from ..scoring.form_strength import FormStrength, form_strength
from .boundary import Boundary
from .item_card import item_html
from .style import note, plain_table

_LONG = {"description_width": "90px"}
_WIDE = {"width": "640px"}
Adopt = Callable[[tuple[str, str, str]], None]


@dataclass(frozen=True)
class Opened:
    """A form to exchange items of, what may come in, and the item parameters if there are any."""

    sitting: Sitting
    form: ExamForm
    pool: Pool
    fixed: bool
    calibration: Calibration | None = None
    ability: float | None = None


def opened(
    sitting: Sitting,
    recipe: SittingRecipe,
    candidate: str,
    *,
    calibration: Calibration | None = None,
    ability: float | None = None,
) -> Opened:
    """Find the form behind a candidate's paper.

    With one paper each there is no form; the paper's items then stand for one, to look at only.
    """
    bank, blueprint = sitting.bank, sitting.rules.blueprint
    held = sitting.papers.items_of(candidate)
    if blueprint.mode is Mode.PER_CANDIDATE:
        form = form_of(bank, blueprint, held, code=candidate, on=sitting.on)
        pool = drawable(blueprint, bank, on=sitting.on)
        return Opened(sitting, form, pool, False, calibration, ability)
    forms = recipe.forms(bank, blueprint)
    place = next(k for k, form in enumerate(forms) if {i.id for i in form} == set(held))
    pool = recipe.exchange_pool(bank, blueprint, forms, place)
    return Opened(sitting, forms[place], pool, True, calibration, ability)


class SwapPage(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Choose an item, choose another that may take its place, and see both side by side.

    Parameters
    ----------
    boundary
        Of the panel.
    adopt
        Called with form code, item out and item in when the officer wants the exchange.
    """

    def __init__(self, boundary: Boundary, *, adopt: Adopt) -> None:
        self.boundary, self._adopt = boundary, adopt
        self.opened: Opened | None = None
        self._quiet = False
        self.old = widgets.Dropdown(description="换下", style=_LONG, layout=_WIDE)
        self.new = widgets.Dropdown(description="换上", style=_LONG, layout=_WIDE)
        self.words, self.moves = widgets.HTML(), widgets.HTML()
        half = {"width": "50%", "padding": "0 6px 0 0"}
        self.before, self.after = widgets.HTML(layout=half), widgets.HTML(layout=half)
        self.adopt = widgets.Button(
            description="采用这次换题", button_style="warning", layout={"width": "max-content"}
        )
        self.old.observe(lambda _: self._offer(), names="value")
        self.new.observe(lambda _: self._side_by_side(), names="value")
        self.adopt.on_click(lambda _: self._take())
        super().__init__(
            [self.words, self.old, self.new, self.moves,
             widgets.HBox([self.before, self.after]), self.adopt],
            layout={"display": "none"},
        )  # fmt: skip

    def clear(self) -> None:
        """Show nothing, because the papers are gone."""
        self.opened = None
        self.layout.display = "none"

    def show(self, found: Opened) -> None:
        """Offer the items of a form."""
        self.opened = found
        self.layout.display = ""
        self.adopt.layout.display = "" if found.fixed else "none"
        whose = f"{found.form.code} 卷" if found.fixed else f"考生 {found.form.code} 的试卷"
        self.words.value = note(
            f"{whose}：换上的题与换下的题同属蓝图的一行，不与卷上的题互斥，也不超出各项限制。"
            + ("采用后按新的母卷重新发卷，组卷方案记下这次换题。" if found.fixed
               else "一人一卷凭抽题规则可以核验，不能逐份换题；这里只看换了会怎样。")
        )  # fmt: skip
        units = dict.fromkeys(item.case or item.id for item in found.form)
        self._quiet = True
        self.old.options = [(self._named(name), name) for name in units]
        self._quiet = False
        self.old.value = next(iter(units))
        self._offer()

    def _named(self, name: str) -> str:
        if self.opened is None:
            return name
        bank = self.opened.sitting.bank
        text = bank.cases[name].stimulus if name in bank.cases else bank[name].stem
        return f"{name}　{text[:30]}{'……' if len(text) > 30 else ''}"

    def _offer(self) -> None:
        if self._quiet or self.opened is None or self.old.value is None:
            return
        with self.boundary.guard("找可换的题"):
            found = alternatives(self.opened.pool, self.opened.form, self.old.value)
            self._quiet = True
            self.new.options = [(self._named(name), name) for name in found]
            self._quiet = False
            self.new.value = found[0] if found else None
            self._side_by_side()

    def exchanged(self) -> ExamForm:
        """Return the form after the exchange.

        Raises
        ------
        FazhiExamError
            If no item can take the place.
        """
        if self.opened is None or self.new.value is None:
            raise FazhiExamError("题库中没有可以换上的题")
        return swapped(self.opened.pool, self.opened.form, self.old.value, self.new.value)

    def _side_by_side(self) -> None:
        if self._quiet or self.opened is None or self.old.value is None:
            return
        with self.boundary.guard("比较两题"):
            bank = self.opened.sitting.bank
            self.adopt.disabled = self.new.value is None
            if self.new.value is None:
                self.moves.value = note("题库中没有可以换上的题。")
                self.before.value = self.after.value = ""
                return
            out, into = (self._items(name) for name in (self.old.value, self.new.value))
            self.before.value = "".join(item_html(item, bank) for item in out)
            self.after.value = "".join(item_html(item, bank) for item in into)
            self.moves.value = plain_table(
                ["", "换前", "换后"], [*self._facts(out, into), *self._strength()]
            )

    def _items(self, name: str) -> list[Item]:
        if self.opened is None:
            return []
        bank = self.opened.sitting.bank
        return [bank[i] for i in (bank.cases[name].item_ids if name in bank.cases else (name,))]

    def _facts(self, out: list[Item], into: list[Item]) -> list[tuple[str, str, str]]:
        def each(items: list[Item], field: str) -> str:
            return "、".join(dict.fromkeys(str(getattr(item, field)) for item in items))

        def cited(items: list[Item]) -> str:
            found = [c for item in items for c in (item.citations or (item.source or "—",))]
            return "、".join(dict.fromkeys(map(str, found)))

        rows = [
            (name, each(out, field), each(into, field))
            for name, field in (("主题", "topic"), ("能力层次", "level"), ("难度等级", "band"))
        ]
        rows.append(("依据", cited(out), cited(into)))
        if self.opened is not None:
            papers = self.opened.sitting.papers
            used = Counter(papers.item_ids[k] for k in papers.matrix.ravel().tolist())
            rows.append(("现用在几份试卷上", str(used[out[0].id]), str(used[into[0].id])))
        return rows

    def _strength(self) -> list[tuple[str, str, str]]:
        """Return chance, marks and information; one line of advice without parameters."""
        opened = self.opened
        if opened is None or opened.calibration is None or opened.ability is None:
            return [("合格机会、信息量", "没有题目参数，不能核算", "先用存档标定题目参数")]
        cut = opened.sitting.rules.cut.value
        pair: list[FormStrength] = [
            form_strength(form, opened.calibration, pass_mark=cut, ability=opened.ability)
            for form in (opened.form, self.exchanged())
        ]
        rows = []
        people = ("略低于合格线的考生", "合格线上的考生", "略高于合格线的考生")
        for k, who in enumerate(people):
            chance = [f"{one.chance[k]:.1%}" for one in pair]
            rows.append((f"{who}的合格机会", chance[0], chance[1]))
        marks = [f"{one.marks[1]:.2f}" for one in pair]
        told = [f"{one.information[1]:.2f}" for one in pair]
        return [
            *rows, ("合格线上考生的期望分", marks[0], marks[1]),
            ("合格线处的信息量（越大分得越清）", told[0], told[1]),
        ]  # fmt: skip

    def _take(self) -> None:
        with self.boundary.guard("换题"):
            if self.opened is not None and self.opened.fixed and self.new.value is not None:
                self._adopt((self.opened.form.code, self.old.value, self.new.value))
