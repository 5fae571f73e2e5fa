"""One whole exam with synthetic people (演示): every step goes through the public verbs."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from .assembly import (
    ParityTarget,
    borderline_ability,
    deal,
    drawable,
    parity,
    seed_draw,
)
from .bank import QuestionBank, review
from .delivery import Attendance, Programme, Room, Sitting, assign_seats, programme
from .delivery.answers import AnswerSheet
from .errors import NotEnoughData
from .formats import preview_answers, preview_roster, read_bank, shipped_bank_folder
from .marking import mark
from .passrate import Denominator, pass_rates
from .psychometrics.models import ItemModel, Rasch, TwoPL
from .report import (
    write_answer_card,
    write_bulletin,
    write_html_report,
    write_key_book,
    write_lists,
    write_papers,
    write_papers_word,
    write_result_slips,
    write_score_list,
    write_tickets,
)
from .roster import Roster
from .scoring import calibrate, decide, item_analysis, score
from .simulate import (
    simulate_answers,
    synthetic_models,
    synthetic_roster,
    write_answers_workbook,
    write_roster_workbook,
)
from .store import open_store
from .typing import Progress

SITTING, DAY = "2026-12", date(2026, 12, 10)
HISTORY = (date(2026, 3, 12), date(2026, 6, 11), date(2026, 9, 10))
HISTORY_PEOPLE = 1_050
CANDIDATES = 240
ROOM_SEATS = 30
_TOWNS = (
    "清溪 白沙 石桥 龙泉 梅岭 云峰 长坪 双河 金湖 东塘 西山 南浦 北渡 古城 新港 大岭 小河 平安 "
    "永福 凤台 青石 桃园 竹山 松林"
).split()
UNITS = tuple(f"{name}{'街道' if k % 3 == 0 else '镇'}" for k, name in enumerate(_TOWNS))
SEED_TRUTH, SEED_DRAW = 20261210, 385902

Echo = Callable[[str], None]
Bar = Callable[[str, int], Progress]


@dataclass(frozen=True)
class DemoResult:
    """Where the demo wrote, what it found, and whether the store had it already."""

    folder: Path
    summary: Mapping[str, object]
    already_recorded: bool


def run_demo(folder: str | Path, *, echo: Echo, bar: Bar) -> DemoResult:
    """Hold one sitting of the enforcement-certification general paper, from bank to bulletin.

    Parameters
    ----------
    folder
        Receives every file; ``exams.db`` in it is the store. Running again on the same folder
        writes the same files and changes nothing in the store.
    echo
        Called with each line of the Chinese summary.
    bar
        Called with a label and a total; returns the progress function of that piece of work.
    """
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    rules = programme("enf_general")
    bank = _reviewed_bank(echo)
    truth = synthetic_models(bank, rng=SEED_TRUTH)
    url = f"sqlite:///{(out / 'exams.db').as_posix()}"
    with open_store(url) as store:
        known = {summary.id for summary in store.sittings()}
        step = bar("历次考试（模拟数据）", len(HISTORY))
        for k, day in enumerate(HISTORY):
            if f"{day:%Y-%m}" not in known:
                sitting, sheets = _earlier_sitting(bank, rules, truth, day, k)
                marks = mark(sitting, sheets)
                store.record(sitting, marks, decide(score(marks, sitting), sitting))
            step(k + 1, len(HISTORY))
        history = store.responses([f"{day:%Y-%m}" for day in HISTORY])
    label = "模拟数据，非真实考生"
    rasch = calibrate(history, Rasch, label=label)
    calibration = calibrate(history, TwoPL, label=label)
    echo(f"参数标定：{history.shape[0]} 人、{history.shape[1]} 题（三次模拟考试）")

    roster = _roster(out, echo)
    target = ParityTarget(calibration.by_item(), rules.cut.value)
    revealed = seed_draw(
        bank, rules.blueprint, roster, seed=SEED_DRAW, exam_id=SITTING, on=DAY, parity=target
    )
    papers = deal(revealed)
    (out / "抽题记录.json").write_bytes(papers.transcript())
    alike = parity(
        papers,
        calibration.by_item(),
        pass_mark=rules.cut.value,
        ability=borderline_ability(drawable(rules.blueprint, bank, on=DAY), target),
    )
    rooms = [Room(str(k + 1), ROOM_SEATS) for k in range(-(-len(roster) // ROOM_SEATS))]
    seats = assign_seats(roster, rooms)
    sitting = Sitting(SITTING, rules, bank, roster, papers, DAY, seats=seats)
    echo(f"抽题：{len(papers)} 份试卷，各 {rules.blueprint.items_per_paper} 题；{alike}")
    _write_documents(sitting, out, bar)

    sheets, taken = _answers(sitting, truth, out, echo)
    marks = mark(sitting, taken)
    scores = score(marks, sitting, calibration)
    decisions = decide(scores, sitting)
    analysis = item_analysis(marks, sitting)
    try:
        calibrate(marks.responses, TwoPL)
    except NotEnoughData as error:
        echo(f"仅凭本次考试标定双参数模型：{error}")
    with open_store(url) as store:
        recorded = store.record(sitting, marks, decisions, scores)
    echo(recorded.message)
    by_sat = pass_rates(decisions, by="单位")
    by_due = pass_rates(decisions, by="单位", denominator=Denominator.DUE)
    write_result_slips(sitting, decisions, out / "成绩通知单.pdf")
    write_score_list(sitting, scores, decisions, analysis, by_sat, out / "成绩汇总表.xlsx")
    write_bulletin(sitting, scores, decisions, by_sat, analysis, out / "通报.docx")
    write_html_report(sitting, scores, decisions, by_sat, analysis, out / "报告.html", marks=marks)
    total = by_sat.total
    summary: dict[str, object] = {
        "考次": sitting.id,
        "题库": bank.content_hash,
        "独立试题": sum(item.case is None for item in bank),
        "案例": len(bank.cases),
        "历次考生": history.shape[0],
        "应考": total.counts.due,
        "实考": total.counts.sat,
        "缺考": total.counts.absent,
        "违纪": total.counts.voided,
        "合格": total.counts.passed,
        "优秀": total.counts.excellent,
        "合格率_实考": total.rate,
        "合格率_实考_区间": [total.low, total.high],
        "合格率_应考": by_due.total.rate,
        "平均分": round(float(scores.sat.mean()), 2),
        "合格线": f"{decisions.cut:f}",
        "判定依据": str(decisions.basis),
        "Rasch_题数": len(rasch.item_ids),
        "双参数_题数": len(calibration.item_ids),
        "平均标准误": round(float(np.nanmean(scores.standard_error)), 4),
        "有提示的题目": len(analysis.flagged()),
        "及格机会差_百分点": round(100 * alike.spread[1], 2),
        "单位": by_sat.records(),
    }
    text = json.dumps(summary, ensure_ascii=False, indent=1, sort_keys=True)
    (out / "summary.json").write_text(text + "\n", "utf-8")
    echo(
        f"应考 {total.counts.due} 人，实考 {total.counts.sat} 人，缺考 {total.counts.absent} 人，"
        f"违纪 {total.counts.voided} 人；合格 {total.counts.passed} 人，"
        f"合格率（÷实考）{total.rate or 0:.1%}"
        f"（95% 区间 {total.low or 0:.1%}–{total.high or 0:.1%}），平均 {scores.sat.mean():.2f} 分"
    )
    return DemoResult(out, summary, not recorded.added)


def _reviewed_bank(echo: Echo) -> QuestionBank:
    bank = read_bank(shipped_bank_folder())
    found = review(bank, on=DAY)
    found.raise_if_blocking()
    echo(f"题库：{bank}")
    echo(f"题库体检（{DAY:%Y-%m-%d}）：{found}")
    return bank


def _earlier_sitting(
    bank: QuestionBank, rules: Programme, truth: Mapping[str, ItemModel], day: date, k: int
) -> tuple[Sitting, tuple[AnswerSheet, ...]]:
    """Simulate one earlier sitting with abilities drawn from the standard normal."""
    roster = synthetic_roster(HISTORY_PEOPLE, UNITS, rng=100 + k, prefix=f"{day:%y%m}")
    revealed = seed_draw(
        bank, rules.blueprint, roster, seed=100 + k, exam_id=f"{day:%Y-%m}", on=day
    )
    title = f"{rules.title}（{day:%Y年%m月}模拟数据）"
    sitting = Sitting(f"{day:%Y-%m}", rules, bank, roster, deal(revealed), day, title=title)
    random = np.random.default_rng(200 + k)
    abilities = {c.code: float(random.standard_normal()) for c in roster}
    return sitting, simulate_answers(sitting, abilities, truth, rng=random)


def _roster(out: Path, echo: Echo) -> Roster:
    """Write the office's workbook, read it back, and go on with the good rows."""
    made = synthetic_roster(CANDIDATES, UNITS, rng=SEED_TRUTH + 1)
    path = out / "报名汇总表.xlsx"
    write_roster_workbook(made, path, title="某区2026年行政执法资格考试报名汇总表")
    reading = preview_roster(path)
    echo(f"名册：{len(reading.blocking)} 行须处理，{len(reading.problems)} 处问题：")
    for problem in reading.problems:
        echo(f"  {problem}")
    return reading.accept_good()


def _write_documents(sitting: Sitting, out: Path, bar: Bar) -> None:
    write_papers(sitting, out / "试卷", progress=bar("试卷 PDF（每考场一册）", len(sitting.rooms)))
    first = [codes[0] for codes in sitting.rooms.values()][:3]
    write_papers_word(sitting, out / "试卷_Word", candidates=first)
    write_key_book(sitting, out / "答案与解析.pdf")
    write_lists(sitting, out / "签到表.pdf")
    write_tickets(sitting, out / "准考证.pdf")
    write_answer_card(sitting, out / "答题卡.pdf")


def _answers(
    sitting: Sitting, truth: Mapping[str, ItemModel], out: Path, echo: Echo
) -> tuple[tuple[AnswerSheet, ...], tuple[AnswerSheet, ...]]:
    """Simulate answers from known abilities, type them into a workbook and read it back."""
    random = np.random.default_rng(SEED_TRUTH + 2)
    level = {unit: float(random.normal(0, 0.3)) for unit in UNITS}
    abilities = {c.code: level[c.unit] + float(random.normal(0.25, 0.9)) for c in sitting.roster}
    sheets = list(simulate_answers(sitting, abilities, truth, rng=random, absent=0.03))
    sat = [k for k, sheet in enumerate(sheets) if sheet.attendance is Attendance.PRESENT]
    sheets[sat[50]] = AnswerSheet(sheets[sat[50]].candidate, Attendance.VOIDED)
    path = out / "答案录入表.xlsx"
    write_answers_workbook(sitting, sheets, path)
    reading = preview_answers(path, sitting)
    echo(f"答案：{len(reading.good)} 份，{len(reading.problems)} 处问题：")
    for problem in reading.problems:
        echo(f"  {problem}")
    return tuple(sheets), reading.accept_good()
