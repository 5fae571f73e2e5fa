"""Setting an exam up on one page: from the programme to sealed papers (组卷)."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from ..assembly.blueprint import Blueprint, Mode
from ..assembly.deal import DealtPapers
from ..assembly.exposure import exposure, overlap
from ..assembly.feasibility import Feasibility, feasibility
from ..assembly.paper import Papers
from ..assembly.parity import parity, spread_from_bands
from ..bank.question_bank import QuestionBank
from ..bank.subjects import SUBJECTS, subject_name
from ..delivery.programme import Programme, ProgrammePaper, programme, programme_names
from ..delivery.sitting import Sitting
from ..errors import FazhiExamError
from ..formats import Reading, preview_roster, read_bank, shipped_bank_folder
from ..formats.recipe import SittingRecipe
from ..report.papers import PrintOptions, Sheet
from ..roster.candidate import Roster
from ..scoring import Calibration
from ..scoring.paper_information import paper_information
from ..scoring.reference import reference_curve
from ..simulate import synthetic_roster
from ..store import open_store
from ..typing import Progress
from .blueprint_table import BlueprintTable
from .boundary import Boundary
from .draw_wizard import DrawWizard, Ready
from .export import Output, WrittenFile, export_sitting
from .files import FileField
from .paper_view import paper_html
from .picture import Picture
from .pictures import draw_chances, draw_exposure, draw_information, draw_overlap
from .programme_view import needs_field, programme_html, title_of
from .recorded import history_calibration
from .steps import Steps
from .style import STYLE, note, plain_table
from .swap_page import SwapPage, opened
from .table import Table
from .work import Work

_LONG = {"description_width": "90px"}
_FIELDS = {f"{code} {name}": code for code, name in SUBJECTS.items() if code.startswith("F")}
_EXAMPLE_UNITS = tuple(f"示例镇街{n:02d}" for n in range(1, 25))


START = SittingRecipe(id="示例考次", on=date(2026, 12, 10), programme="enf_general", seed=1)
"""What the panel starts from; every part of it can be changed on the page."""


class ExamSetupPanel(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Seven steps from the programme to printed papers; earlier choices stay editable.

    Parameters
    ----------
    recipe
        What to start from; the 2026 general enforcement exam by default.
    roster
        Anything `preview_roster` reads: a path, a dataframe, a sequence of mappings; or a roster.
    bank
        Stands in for the shipped bank.
    calibration
        Item parameters, for the chance of passing and information; may also come from a store.
    folder
        Where files go.

    Attributes
    ----------
    recipe, programme, bank, roster, papers, sitting
        What is chosen so far; None while it is missing.
    """

    def __init__(
        self,
        recipe: SittingRecipe | None = None,
        *,
        roster: Any = None,
        bank: QuestionBank | None = None,
        calibration: Calibration | None = None,
        folder: str | Path = "组卷输出",
    ) -> None:
        self.recipe = recipe or START
        self.calibration = calibration
        self.programme: Programme | None = None
        self.bank: QuestionBank | None = None
        self.roster: Roster | None = None
        self.reading: Reading[Roster] | None = None
        self.sitting: Sitting | None = None
        self.files: tuple[WrittenFile, ...] = ()
        self._whole: dict[str, QuestionBank] = {} if bank is None else {"": bank}
        self._quiet = False
        self.boundary = Boundary()
        self.work = Work(self.boundary)
        self.folder = widgets.Text(str(folder), description="文件夹", style=_LONG)
        pages = [
            ("项目", self._programme_page()),
            ("题库与日期", self._bank_page()),
            ("名册", self._roster_page()),
            ("蓝图", self._blueprint_page()),
            ("抽题", self._draw_page()),
            ("看卷", self._look_page()),
            ("输出", self._export_page()),
        ]
        self.steps = Steps(pages, entered=self._enter)
        super().__init__([widgets.HTML(STYLE), self.steps, self.work, self.boundary])
        self.add_class("fz")
        self.load(self.recipe)
        if recipe is None:
            self._bar_lapsed()
        if roster is not None:
            self.take_roster(roster)

    # ---- the pages ----

    def _programme_page(self) -> widgets.VBox:
        names = {title_of(name): name for name in programme_names()}
        self.programme_choice = widgets.Dropdown(
            options=list(names.items()), description="考核项目", style=_LONG,
            layout={"width": "560px"},
        )  # fmt: skip
        self.field_choice = widgets.Dropdown(
            options=list(_FIELDS.items()), value="F7", description="执法领域", style=_LONG
        )
        self.paper_choice = widgets.Dropdown(description="科目", style=_LONG)
        self.programme_file = FileField(
            "项目文件（TOML）", accept=".toml", chosen=self.take_programme
        )
        self.programme_rules = widgets.HTML()
        self.programme_choice.observe(lambda _: self._choose_programme(), names="value")
        self.field_choice.observe(lambda _: self._choose_programme(), names="value")
        self.paper_choice.observe(lambda _: self._choose_paper(), names="value")
        return widgets.VBox([
            self.programme_choice, self.field_choice, self.paper_choice, self.programme_file,
            self.programme_rules,
        ])  # fmt: skip

    def _bank_page(self) -> widgets.VBox:
        self.bank_folder = widgets.Text(
            placeholder="留空即用随库题库", description="题库文件夹", style=_LONG,
            continuous_update=False, layout={"width": "560px"},
        )  # fmt: skip
        self.subjects = widgets.SelectMultiple(
            rows=12, description="抽题范围", style=_LONG, layout={"width": "420px"}
        )
        self.on = widgets.DatePicker(description="考试日期", style=_LONG)
        self.bank_summary = widgets.HTML()
        for control in (self.bank_folder, self.subjects, self.on):
            control.observe(lambda _: self._choose_bank(), names="value")
        tip = widgets.HTML(note("按住 Ctrl 可多选；一个也不选就是全部。"))
        return widgets.VBox([self.bank_folder, self.on, self.subjects, tip, self.bank_summary])

    def _roster_page(self) -> widgets.VBox:
        self.roster_file = FileField(
            "名册", accept=".xlsx,.xls,.ods,.csv,.tsv,.json,.jsonl", chosen=self.take_roster
        )
        self.example = widgets.Button(
            description="没有名册？用示例名册（240 人，模拟）", layout={"width": "max-content"}
        )
        self.roster_summary = widgets.HTML(
            note("请选择名册：要有“姓名”“单位”两列，最好有“准考证号”。")
        )
        self.use_good = widgets.Button(
            button_style="warning", layout={"width": "max-content", "display": "none"}
        )
        self.units = Table(["单位", "人数"], name="各单位人数", page=8)
        self.faults = Table(
            ["处理", "工作表", "行", "列", "内容", "问题"], name="名册问题", page=8,
            empty="没有发现问题", hints={"处理": "须处理：这一行没有采用；提示：已采用，请看一眼"},
        )  # fmt: skip
        self.example.on_click(lambda _: self._take_example())
        self.use_good.on_click(lambda _: self._use_good())
        return widgets.VBox([
            self.roster_file, self.example, self.roster_summary, self.use_good,
            widgets.HTML("<h3>名册中的问题</h3>"), self.faults,
            widgets.HTML("<h3>各单位人数</h3>"), self.units,
        ])  # fmt: skip

    def _blueprint_page(self) -> widgets.VBox:
        self.blueprint_table = BlueprintTable(changed=self._edit_blueprint)
        self.restore = widgets.Button(
            description="恢复项目原有的题数和分值", layout={"width": "max-content"}
        )
        self.restore.on_click(lambda _: self._restore())
        legend = widgets.HTML(note(
            "● 充足　▲ 偏紧：每题平均曝光超过项目规定的上限　■ 不足：题库里不够抽。"
            "改动题数或分值，右边立即重新核算；题数填 0 表示不抽这一行。"
        ))  # fmt: skip
        return widgets.VBox([legend, self.blueprint_table, self.restore])

    def _draw_page(self) -> widgets.VBox:
        self.wizard = DrawWizard(
            self.boundary, self.work, recipe=self.recipe, ready=self.ready,
            folder=lambda: Path(self.folder.value), drawn=self._take_papers, changed=self._update,
            revealed=self._keep_record,
        )  # fmt: skip
        return self.wizard

    def _look_page(self) -> widgets.VBox:
        self.candidate = widgets.Dropdown(description="准考证号", style=_LONG)
        self.paper = widgets.HTML()
        self.compare = widgets.Button(description="核算各卷可比性", layout={"width": "max-content"})
        self.comparison = widgets.HTML()
        self.parameters = widgets.Text(
            placeholder="存档库文件的路径，按回车用历次考试标定；不填则按难度等级估计",
            description="题目参数", style=_LONG, continuous_update=False, layout={"width": "560px"},
        )  # fmt: skip
        self.chances, self.information = Picture("合格机会"), Picture("试卷信息量")
        self.exchange = widgets.Button(description="换一道题看看", layout={"width": "max-content"})
        self.swap = SwapPage(self.boundary, adopt=self._adopt)
        self.parameters.observe(lambda _: self._calibrate(), names="value")
        self.exchange.on_click(lambda _: self._open_swap())
        self.exposure = Picture("各题使用次数")
        self.overlap = Picture("两两重题数")
        self.candidate.observe(lambda _: self._show_paper(), names="value")
        self.compare.on_click(lambda _: self._weigh())
        return widgets.VBox([
            self.candidate, self.paper, widgets.HTML("<h3>换题</h3>"), self.exchange, self.swap,
            widgets.HTML("<h3>各卷可比性</h3>"), self.parameters, self.compare, self.comparison,
            self.chances, self.information, self.exposure, self.overlap,
        ])  # fmt: skip

    def _export_page(self) -> widgets.VBox:
        first = (Output.PAPERS, Output.KEY_BOOK, Output.ANSWER_CARD, Output.LISTS)
        self.outputs = {
            output: widgets.Checkbox(
                output in first,
                description=str(output),
                indent=False,
                layout={"width": "max-content"},
            )
            for output in Output
        }
        self.sheet = widgets.Dropdown(
            options=[("A4", Sheet.A4), ("A3 双栏", Sheet.A3_TWO_COLUMN)], description="纸型",
            style=_LONG,
        )  # fmt: skip
        self.large = widgets.Checkbox(description="大字版", indent=False)
        self.write = widgets.Button(description="写出文件", button_style="primary")
        self.save_recipe = widgets.Button(
            description="保存组卷方案", layout={"width": "max-content"}
        )
        self.load_recipe = FileField("组卷方案", accept=".toml", chosen=self.take_recipe)
        self.written = Table(
            ["文件", "字节", "SHA-256"], name="文件清单", page=30, empty="还没有写出文件",
            formats={"字节": ",d"}, hints={"SHA-256": "文件的指纹：内容改动一个字，指纹就不同"},
        )  # fmt: skip
        self.write.on_click(lambda _: self.export())
        self.save_recipe.on_click(lambda _: self._save_recipe())
        return widgets.VBox([
            self.folder, *self.outputs.values(), widgets.HBox([self.sheet, self.large]),
            self.write, self.written, widgets.HTML("<h3>组卷方案</h3>"),
            widgets.HTML(note("方案记下本页的全部设置（不含名册），可再次载入，也可由脚本运行。")),
            self.save_recipe, self.load_recipe,
        ])  # fmt: skip

    # ---- what is chosen ----

    def ready(self) -> Ready:
        """Return what a draw needs.

        Raises
        ------
        FazhiExamError
            Saying what is missing and where to choose it.
        """
        if self.bank is None:
            raise FazhiExamError("题库还没有读好，请回到“题库与日期”")
        if self.roster is None:
            raise FazhiExamError("还没有采用名册，请回到“名册”")
        return Ready(self.recipe, self.bank, self.rules().blueprint, self.roster)

    def rules(self) -> ProgrammePaper:
        """Return the rules of the chosen paper with the changes made in the table."""
        if self.programme is None:
            raise FazhiExamError("还没有选定考核项目，请回到“项目”")
        return self.recipe.rules(self.programme).paper(self.recipe.paper_id)

    def load(self, recipe: SittingRecipe) -> None:
        """Show a recipe and everything that follows from it."""
        with self.boundary.guard("载入组卷方案"):
            self._quiet = True
            try:
                self._forget()
                self.recipe = recipe
                self._show_choices()
                self.wizard.show(recipe)
            finally:
                self._quiet = False
            self._read_programme()
            self._read_bank()

    def take_recipe(self, path: Path) -> None:
        """Load a recipe from a file."""
        with self.boundary.guard("载入组卷方案"):
            found = SittingRecipe.from_toml(Path(path).read_text("utf-8"), label="组卷方案")
            if found.transcript:
                record = str(Path(path).parent / found.transcript)
                found = found.model_copy(update={"transcript": record})
            self.load(found)
            if self.boundary.cause is None:
                self.boundary.say("已载入组卷方案，请核对各步")

    def take_programme(self, path: Path) -> None:
        """Use a programme written in a TOML file."""
        with self.boundary.guard("读取项目文件"):
            programme(path)
            self._add_programme(str(path))
            self.programme_choice.value = str(path)

    def take_roster(self, source: Any) -> None:
        """Show what a roster holds; it is used at once only when nothing is wrong with it."""
        with self.boundary.guard("读取名册"):
            if isinstance(source, Roster):
                self.reading = Reading("名册", source)
            else:
                self.reading = preview_roster(source, code_prefix=f"{self.recipe.on:%y%m}")
            self._show_reading(self.reading)
            self._forget()
            self.roster = None
            if not self.reading.blocking:
                self.roster = self.reading.accept()

    def _show_reading(self, reading: Reading[Roster]) -> None:
        found, blocking = reading.good, len(reading.blocking)
        self.units.show(sorted(Counter(c.unit for c in found).items()))
        self.faults.show([
            ("须处理" if p.blocking else "提示", p.sheet, p.line, p.column, p.value, p.reason)
            for p in reading.problems
        ])  # fmt: skip
        text = f"{reading.source}：可用 {len(found)} 人，{len(found.units)} 个单位；"
        text += f"须处理 {blocking} 处，提示 {len(reading.problems) - blocking} 处。"
        text += "还没有采用：请改好文件重新选择，或按下面的按钮。" if blocking else "已采用。"
        self.roster_summary.value = note(text)
        self.use_good.description = f"只用无误的 {len(found)} 人，其余不参加本次抽题"
        self.use_good.layout.display = "" if blocking else "none"

    def _use_good(self) -> None:
        with self.boundary.guard("采用名册"):
            if self.reading is not None:
                self.roster = self.reading.accept_good()
                left = len(self.reading.blocking)
                text = f"已采用无误的 {len(self.roster)} 人；{left} 处问题的行没有采用。"
                self.roster_summary.value = note(text)
                self.use_good.layout.display = "none"

    def _take_example(self) -> None:
        self.take_roster(synthetic_roster(240, _EXAMPLE_UNITS, rng=1))

    def _update(self, fields: Mapping[str, object]) -> None:
        """Change the recipe; papers drawn before no longer hold."""
        if self._quiet:
            return
        with self.boundary.guard("更改设置"):
            # What was exchanged or committed belongs to the settings it was made under.
            held = {**dict(self.recipe), "transcript": "", "swaps": (), **fields}
            self.recipe = SittingRecipe.model_validate(held)
            self._forget()

    def _forget(self) -> None:
        self.sitting, self.files = None, ()
        self.wizard.forget()
        self.written.show(())
        self.comparison.value = self.paper.value = ""
        for picture in (self.chances, self.information, self.exposure, self.overlap):
            picture.clear()
        self.swap.clear()
        self.candidate.options = ()

    # ---- programme, bank, blueprint ----

    def _show_choices(self) -> None:
        recipe = self.recipe
        if recipe.programme not in [value for _, value in self.programme_choice.options]:
            self._add_programme(recipe.programme)
        self.programme_choice.value = recipe.programme
        if recipe.field:
            self.field_choice.value = recipe.field
        self.bank_folder.value, self.on.value = recipe.bank, recipe.on

    def _add_programme(self, path: str) -> None:
        listed = list(self.programme_choice.options)
        if path not in [value for _, value in listed]:
            self._quiet, before = True, self._quiet
            chosen = self.programme_choice.value
            self.programme_choice.options = [*listed, (f"{title_of(path)}（文件）", path)]
            self.programme_choice.value = chosen
            self._quiet = before

    def _choose_programme(self) -> None:
        if self._quiet:
            return
        name = self.programme_choice.value
        field = self.field_choice.value if needs_field(name) else None
        self._update({
            "programme": name, "field": field, "paper_id": None, "quotas": {}, "points": {},
            "mode": None, "order": None,
        })  # fmt: skip
        with self.boundary.guard("读取考核项目"):
            self._read_programme()

    def _choose_paper(self) -> None:
        if not self._quiet and self.paper_choice.value is not None:
            self._update({"paper_id": self.paper_choice.value, "quotas": {}, "points": {}})
            with self.boundary.guard("读取科目"):
                self._show_programme()

    def _read_programme(self) -> None:
        self.programme = None
        whole = self.programme = self.recipe.read_programme()
        self._quiet = True
        self.field_choice.layout.display = "" if needs_field(self.recipe.programme) else "none"
        many = len(whole.papers) > 1
        self.paper_choice.options = [(paper.title, paper.id) for paper in whole.papers]
        self.paper_choice.layout.display = "" if many else "none"
        if many and not self.recipe.paper_id:
            self.recipe = self.recipe.model_copy(update={"paper_id": whole.papers[0].id})
        self.paper_choice.value = self.recipe.paper_id or whole.papers[0].id
        self._quiet = False
        self._show_programme()

    def _show_programme(self) -> None:
        if self.programme is None:
            return
        rules = self.programme.paper(self.recipe.paper_id)
        self.programme_rules.value = programme_html(self.programme, rules)
        self.blueprint_table.show(rules.blueprint, self.recipe.quotas, self.recipe.points)
        self._quiet, before = True, self._quiet
        update = {"mode": self.recipe.mode, "order": self.recipe.order}
        shown = {name: value for name, value in update.items() if value is not None}
        self.wizard.show_rules(rules.blueprint.model_copy(update=shown))
        self._quiet = before
        self._judge()

    def _choose_bank(self) -> None:
        if self._quiet:
            return
        if self.on.value is None:
            self.boundary.fail(FazhiExamError("请填写考试日期"), "题库与日期")
            return
        self._update({
            "bank": self.bank_folder.value.strip(), "subjects": tuple(self.subjects.value),
            "on": self.on.value,
        })  # fmt: skip
        with self.boundary.guard("读取题库"):
            self._read_bank()
            self._bar_lapsed()

    def _bar_lapsed(self) -> None:
        """Draw only what is in force on the day; a recipe that was loaded keeps what it says."""
        if self.bank is None:
            return
        recipe = self.recipe.as_of(self.bank)
        if recipe != self.recipe:
            self.recipe = recipe
            self._show_bank(self.bank)

    def _read_bank(self) -> None:
        self.bank = None
        folder = self.recipe.bank
        if folder not in self._whole:
            self._whole[folder] = read_bank(folder or shipped_bank_folder())
        whole = self._whole[folder]
        counts = Counter(item.subject for item in whole)
        self._quiet = True
        self.subjects.options = [
            (f"{code} {subject_name(code)}（{n} 题）", code) for code, n in sorted(counts.items())
        ]
        self.subjects.value = tuple(code for code in self.recipe.subjects if code in counts)
        self._quiet = False
        self.bank = self.recipe.part_of(whole)
        self._show_bank(self.bank)

    def _show_bank(self, bank: QuestionBank) -> None:
        alone = sum(item.case is None for item in bank)
        barred = len(self.recipe.exclude)
        lapsed = f"；其中 {barred} 题引用的条文在考试日期不是现行条文，不抽" if barred else ""
        self.bank_summary.value = note(
            f"用于抽题：{alone} 道独立试题，{len(bank.cases)} 个案例"
            f"（{len(bank) - alone} 小题）；题库指纹 {bank.content_hash[:12]}{lapsed}"
        )
        self._judge()

    def _edit_blueprint(self) -> None:
        with self.boundary.guard("更改蓝图"):
            if self.programme is None:
                return
            original = self.programme.paper(self.recipe.paper_id).blueprint
            quotas, points = self.blueprint_table.chosen(original)
            self._update({"quotas": quotas, "points": points})
            self._judge()

    def _restore(self) -> None:
        with self.boundary.guard("恢复蓝图"):
            self._update({"quotas": {}, "points": {}})
            self._show_programme()

    def _judge(self) -> Feasibility | None:
        """Compare the blueprint with the bank and show it row by row."""
        if self.programme is None or self.bank is None or not self.blueprint_table.counts:
            return None
        try:
            blueprint: Blueprint = self.recipe.changed_blueprint(self.programme)
        except ValueError as error:
            self.blueprint_table.refuse("这样的题数或分值不成立，请改正")
            raise error from None
        found = feasibility(blueprint, self.bank, on=self.recipe.on)
        self.blueprint_table.judge(blueprint, found, float(self.programme.exposure_cap))
        self.rules()  # full marks below the pass mark are said, with the table still in view
        return found

    # ---- papers ----

    def _take_papers(self, papers: Papers) -> None:
        ready = self.ready()
        if self.programme is not None:
            rules = ready.recipe.rules(self.programme)
            self.sitting = ready.recipe.sitting(rules, ready.bank, ready.roster, papers)
            self.candidate.options = papers.codes
            self.candidate.value = papers.codes[0]

    def _keep_record(self, record: Path) -> None:
        """Let the recipe name the record of a committed draw, so that it brings these papers."""
        self.recipe = self.recipe.model_copy(update={"transcript": str(record)})

    def _show_paper(self) -> None:
        if self.sitting is not None and self.candidate.value:
            with self.boundary.guard("预览试卷"):
                self.paper.value = paper_html(self.sitting, self.candidate.value)

    def _weigh(self) -> None:
        """Say how alike the papers are; without item parameters it is a simulation by bands."""
        with self.boundary.guard("核算各卷可比性"):
            sitting, known = self.drawn(), self.calibration
            cut = sitting.rules.cut.value
            self.chances.clear()
            self.information.clear()

            def job(_: Progress) -> list[str]:
                if known is None:
                    found = spread_from_bands(sitting.papers, sitting.bank, pass_mark=cut, rng=1)
                    return [str(found), str(overlap(sitting.papers))]
                told = paper_information(sitting, known)
                even = parity(
                    sitting.papers, known.by_item(), pass_mark=cut, ability=told.ability_cut,
                    sd=known.population.sd,
                )  # fmt: skip
                self.chances.show(draw_chances(even), described=str(even))
                self.information.show(draw_information(told), described=str(told))
                lines = [f"题目参数：{known.label or repr(known)}", str(even), str(told)]
                return [*lines, str(overlap(sitting.papers))]

            self.work.start("核算各卷可比性", job, self._show_comparison)

    def _show_comparison(self, found: list[str]) -> None:
        papers, mode = self.drawn().papers, self.drawn().rules.blueprint.mode
        lines = list(found)
        # On a form nothing is left to chance, so there is no even use to compare with.
        if isinstance(papers, DealtPapers) and mode is Mode.PER_CANDIDATE:
            used = exposure(papers)
            lines.append(str(used))
            self.exposure.show(draw_exposure(used), described=str(used))
        self.overlap.show(draw_overlap(papers), described=found[-1])
        self.comparison.value = plain_table(["各卷可比性"], [(line,) for line in lines])

    def _calibrate(self) -> None:
        """Calibrate the sittings of a store, so that chances of passing can be worked out."""
        with self.boundary.guard("标定题目参数"):
            path = self.parameters.value.strip()
            if not path:
                self.calibration = None
                return
            if "://" not in path:
                if not Path(path).is_file():
                    raise FazhiExamError(f"找不到存档库文件“{path}”")
                path = f"sqlite:///{Path(path).as_posix()}"
            if self.programme is None:
                raise FazhiExamError("还没有选定考核项目，请回到“项目”")
            name = self.programme.id

            def job(progress: Progress) -> Calibration:
                with open_store(path) as store:
                    return history_calibration(store, name, progress=progress)

            def then(found: Calibration) -> None:
                self.calibration = found
                self.boundary.say(f"题目参数已标定：{found!r}")

            self.work.start("标定题目参数", job, then)

    def _open_swap(self) -> None:
        with self.boundary.guard("换题"):
            sitting, known = self.drawn(), self.calibration
            ability = None
            if known is not None:
                curve = reference_curve(sitting.rules.blueprint, sitting.bank, known, on=sitting.on)
                ability = curve.ability_at(float(sitting.rules.cut.value))
            self.swap.show(
                opened(
                    sitting, self.recipe, self.candidate.value, calibration=known, ability=ability
                )
            )

    def _adopt(self, exchange: tuple[str, str, str]) -> None:
        """Deal the papers again from the form with the exchange."""
        ready, before = self.ready(), self.recipe
        recipe = before.model_copy(update={"swaps": (*before.swaps, exchange)})
        papers = recipe.draw(ready.bank, ready.blueprint, ready.roster)
        self._forget()
        self.recipe = recipe
        self.wizard.take(papers)
        self.boundary.say(f"已换题：{exchange[1]} 换成 {exchange[2]}，{len(papers)} 份试卷已重发")

    def drawn(self) -> Sitting:
        """Return the sitting; raises ``FazhiExamError`` before papers are drawn."""
        if self.sitting is None:
            raise FazhiExamError("还没有抽题，请回到“抽题”")
        return self.sitting

    def export(self) -> None:
        """Write the ticked outputs into the folder."""
        with self.boundary.guard("写出文件"):
            sitting, folder = self.drawn(), Path(self.folder.value.strip() or ".")
            wanted = [output for output, box in self.outputs.items() if box.value]
            if not wanted:
                raise FazhiExamError("请至少勾选一种输出")
            look = PrintOptions(self.sheet.value, large=self.large.value)

            def job(progress: Progress) -> tuple[WrittenFile, ...]:
                return export_sitting(sitting, folder, wanted, options=look, progress=progress)

            self.work.start("写出文件", job, self._show_files)

    def _show_files(self, files: tuple[WrittenFile, ...]) -> None:
        self.files = files
        self.written.show([(file.name, file.size, file.sha256) for file in files])
        self.boundary.say(f"已写出 {len(files)} 个文件到“{self.folder.value}”")

    def _save_recipe(self) -> None:
        with self.boundary.guard("保存组卷方案"):
            folder = Path(self.folder.value.strip() or ".")
            folder.mkdir(parents=True, exist_ok=True)
            recipe = self.recipe
            if recipe.transcript and Path(recipe.transcript).parent == folder:
                # Beside the recipe, so that the folder can be moved as a whole.
                recipe = recipe.model_copy(update={"transcript": Path(recipe.transcript).name})
            path = recipe.save(folder / "组卷方案.toml")
            self.boundary.say(f"已保存“{path}”")

    def _enter(self, page: int) -> None:
        if page == 5 and self.sitting is None:
            self.paper.value = note(
                "还没有抽题。请先在“抽题”一步开始抽题，这里就能看到每名考生的试卷。"
            )
        elif page == 5:
            self._show_paper()
