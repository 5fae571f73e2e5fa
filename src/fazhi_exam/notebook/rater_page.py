"""Marking of short answers beside their marking points, by two raters (主观题评分)."""

import json
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from html import escape
from pathlib import Path

import ipywidgets as widgets

from ..delivery.answers import AnswerSheet, Attendance
from ..delivery.sitting import Sitting
from ..errors import FazhiExamError
from ..marking import Agreed, HumanMark, agree
from ..points import tidy
from .boundary import Boundary
from .item_card import item_html
from .style import note
from .table import Table

_LONG = {"description_width": "90px"}
Key = tuple[str, str]
_STATE = ("有争议", "未评", "一人已评", "两人已评")
"""States of an answer, the most urgent first; the first two keep a sitting from being marked."""
_OPEN = (0, 1)
_URGENCY = (0, 1, 1, 2)
"""A dispute calls a rater away from an item; what else is left of the item is marked first."""


class RaterPage(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """One answer at a time: what was written on the left, the marking points on the right.

    Every mark is appended to a file at once, so that closing the page loses nothing; a rater who
    marks an answer again replaces the earlier mark.

    Parameters
    ----------
    sitting
        Whose short answers and essays are marked.
    boundary
        Of the panel.
    file
        JSON Lines of the marks given so far.

    Attributes
    ----------
    given
        Marks by candidate, item id and rater.
    """

    def __init__(self, sitting: Sitting, boundary: Boundary, *, file: Path) -> None:
        self.sitting, self.boundary, self.file = sitting, boundary, file
        self.given: dict[tuple[str, str, str], HumanMark] = {}
        self.answers: dict[Key, str] = {}
        self.blank: frozenset[Key] = frozenset()
        self._quiet = False
        self.rater = widgets.Text(
            "甲", description="评卷人代码", style=_LONG, continuous_update=False
        )
        self.tolerance = widgets.Text(
            "2", description="容许分差", style=_LONG, continuous_update=False
        )
        self.item = widgets.Dropdown(description="题目", style=_LONG, layout={"width": "560px"})
        self.one = widgets.Dropdown(description="答卷", style=_LONG)
        half = {"width": "50%", "padding": "0 8px 0 0"}
        self.answer = widgets.HTML(layout=half)
        self.points = widgets.VBox(layout=half)
        self.sum = widgets.HTML()
        self.keep = widgets.Button(description="记分，看下一份", button_style="primary")
        self.words = widgets.HTML()
        self.card = widgets.HTML()
        self.disputes = Table(
            ["考号", "题目", "各人评分", "分差"], name="评分争议", empty="没有争议",
            hints={"分差": "头两人的分差超过容许分差的，由第三人再评，取最接近的两个分的平均"},
        )  # fmt: skip
        for control in (self.item, self.tolerance):
            control.observe(lambda _: self._list(), names="value")
        self.rater.observe(lambda _: self._list(onward=True), names="value")
        self.one.observe(lambda _: self._open(), names="value")
        self.keep.on_click(lambda _: self.record())
        self.desk = widgets.VBox([
            widgets.HBox([self.rater, self.tolerance]), widgets.HBox([self.item, self.one]),
            widgets.HBox([self.answer, self.points]), self.sum, self.keep,
            widgets.HTML("<h3>争议</h3>"), self.disputes, self.card,
        ])  # fmt: skip
        super().__init__([self.words, self.desk])
        self.take(())

    @property
    def subjective(self) -> tuple[str, ...]:
        """Ids of the items on the papers that people mark."""
        bank = self.sitting.bank
        return tuple(i for i in self.sitting.papers.item_ids if not bank[i].kind.objective)

    def take(self, sheets: Iterable[AnswerSheet]) -> None:
        """Show the answers of these sheets; marks kept in the file are read again."""
        wanted = set(self.subjective)
        present = [s for s in sheets if s.attendance is Attendance.PRESENT]
        held = {
            (sheet.candidate, item_id): "\n".join(sheet.written.get(item_id, ())).strip()
            for sheet in present
            for item_id in self.sitting.papers.items_of(sheet.candidate)
            if item_id in wanted
        }
        self.answers = {key: text for key, text in held.items() if text}
        self.blank = frozenset(key for key, text in held.items() if not text)
        self.given = read_marks(self.file) if wanted else {}
        self.desk.layout.display = "" if self.answers else "none"
        self._list(onward=True)

    def _list(self, *, onward: bool = False) -> None:
        """Offer the items, and the answers to one of them: what needs this rater comes first.

        With `onward` an item with nothing left for this rater makes way for one that has.
        """
        if self._quiet:
            return
        with self.boundary.guard("核对评分"):
            self._offer(self._states(), onward=onward)
            self._open()
            self._tell()

    def _offer(self, states: dict[Key, int], *, onward: bool) -> None:
        names = sorted({name for _, name in self.answers})
        rater = self.rater.value.strip()
        wait = {key: s for key, s in states.items() if (*key, rater) not in self.given}
        needed = Counter(name for (_, name), state in wait.items() if state in _OPEN)
        chosen = self.item.value if self.item.value in names else next(iter(names), None)
        if onward and names:
            urgent = {name: len(_STATE) for name in names}
            for (_, name), state in wait.items():
                urgent[name] = min(urgent[name], _URGENCY[state])
            chosen = min(names, key=lambda name: (urgent[name], name != chosen))
        queue = sorted(
            ((code, name) not in wait, state, code)
            for (code, name), state in states.items()
            if name == chosen
        )
        self._quiet = True
        self.item.options = [(self._item_name(name, needed[name]), name) for name in names]
        self.item.value = chosen
        self.one.options = [
            (f"{code}（{'本人已评' if mine else _STATE[state]}）", code)
            for mine, state, code in queue
        ]
        self.one.value = queue[0][2] if queue else None
        self._quiet = False

    def _item_name(self, name: str, left: int) -> str:
        state = f"还有 {left} 份要评" if left else "没有要评的"
        return f"{name}（{state}）{self.sitting.bank[name].stem[:20]}"

    def _states(self) -> dict[Key, int]:
        """Place in `_STATE` of every answer."""
        disputed = frozenset(self.agreed().disputed)
        raters = Counter((code, name) for code, name, _ in self.given)
        return {key: 0 if key in disputed else 1 + min(raters[key], 2) for key in self.answers}

    def _open(self) -> None:
        if self._quiet or self.one.value is None or self.item.value is None:
            return
        item = self.sitting.bank[self.item.value]
        text = escape(self.answers[self.one.value, item.id]).replace("\n", "<br>")
        self.answer.value = (
            f'<div class="paper"><p><b>{escape(item.stem)}</b></p><p>{text}</p></div>'
        )
        self.card.value = item_html(item, self.sitting.bank)
        rows: list[widgets.Widget] = []
        self._choices: list[widgets.ToggleButtons] = []
        for point in item.marking_points:
            steps = (point.points, point.points / 2, Decimal(0))
            choice = widgets.ToggleButtons(
                options=[(f"{tidy(step):f}", step) for step in steps], value=Decimal(0),
                style={"button_width": "52px"}, layout={"flex": "0 0 auto"},
            )  # fmt: skip
            choice.observe(lambda _: self._add(), names="value")
            also = f"（也可：{'、'.join(point.accept)}）" if point.accept else ""
            self._choices.append(choice)
            rows.append(widgets.HBox([choice, widgets.HTML(escape(point.text + also))]))
        self.points.children = [widgets.HTML("<b>评分点（点分数：全给、给一半、不给）</b>"), *rows]
        self._add()

    @property
    def total(self) -> Decimal:
        """Points ticked for the answer in view, at most those of the item."""
        worth = self.sitting.papers.worth[self.item.value].points
        return min(sum((c.value for c in self._choices), start=Decimal(0)), worth)

    def _add(self) -> None:
        worth = self.sitting.papers.worth[self.item.value].points
        self.sum.value = f"<b>本题得分：{tidy(self.total):f} 分</b>（满分 {tidy(worth):f} 分）"

    def record(self) -> None:
        """Keep the mark and go on to the next answer."""
        with self.boundary.guard("记分"):
            rater = self.rater.value.strip()
            if not rater:
                raise FazhiExamError("请填写评卷人代码")
            if self.one.value is None:
                raise FazhiExamError("没有要评的答卷")
            mark = HumanMark(self.one.value, self.item.value, rater, self.total)
            append_marks(self.file, [mark])
            self.given[mark.candidate, mark.item_id, mark.rater] = mark
            self._list(onward=True)

    def agreed(self) -> Agreed:
        """Compare the raters.

        Raises
        ------
        FazhiExamError
            If the tolerance is no number of points.
        """
        try:
            allowed = Decimal(self.tolerance.value.strip())
        except InvalidOperation as error:
            raise FazhiExamError("容许分差应是数字，如 2") from error
        marks = [m for m in self.given.values() if (m.candidate, m.item_id) in self.answers]
        return agree(marks, tolerance=allowed)

    def human(self) -> dict[Key, Decimal]:
        """Return agreed points for `mark`; an answer left blank earns nothing.

        Raises
        ------
        FazhiExamError
            Saying how many answers are disputed or unmarked.
        """
        found = self.agreed()
        left = len(self.answers) - len(found.points) - len(found.disputed)
        if found.disputed or left:
            raise FazhiExamError(
                f"主观题还有 {left} 份没有评，{len(found.disputed)} 份有争议，请到“主观题”评完"
            )
        return {**found.points, **dict.fromkeys(self.blank, Decimal(0))}

    def _tell(self) -> None:
        if not self.answers:
            kind = "还没有读入答卷" if self.subjective else "这份试卷没有简答、论述题，不用人工评分"
            self.words.value = note(f"{kind}。")
            return
        found = self.agreed()
        held: dict[Key, list[HumanMark]] = {}
        for mark in self.given.values():
            held.setdefault((mark.candidate, mark.item_id), []).append(mark)
        twice = sum(len(held.get(key, ())) >= 2 for key in self.answers)
        self.words.value = note(
            f"{len(self.answers)} 份主观题答卷：已有分数 {len(found.points)} 份，其中两人评过 "
            f"{twice} 份；争议 {len(found.disputed)} 份；"
            f"另有 {len(self.blank)} 份留空，记 0 分。"
        )
        self.disputes.show([
            (code, item_id, "，".join(f"{m.rater} {m.points:f}" for m in held[code, item_id]),
             max(m.points for m in held[code, item_id])
             - min(m.points for m in held[code, item_id]))
            for code, item_id in found.disputed
        ])  # fmt: skip


def read_marks(path: Path) -> dict[tuple[str, str, str], HumanMark]:
    """Read the marks of a file, the last of each rater for an answer; none when it is not there.

    Raises
    ------
    FazhiExamError
        Naming the line that cannot be read.
    """
    out: dict[tuple[str, str, str], HumanMark] = {}
    if not path.is_file():
        return out
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            texts = (str(row["candidate"]), str(row["item"]), str(row["rater"]))
            out[texts] = HumanMark(*texts, Decimal(row["points"]))
        except (ValueError, KeyError, TypeError, InvalidOperation) as error:
            raise FazhiExamError(f"评分记录“{path.name}”第 {number} 行无法读取") from error
    return out


def append_marks(path: Path, marks: Iterable[HumanMark]) -> None:
    """Add marks to a file."""
    rows = (
        {"candidate": m.candidate, "item": m.item_id, "rater": m.rater, "points": f"{m.points:f}"}
        for m in marks
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
