"""One-page feedback letters (反馈函): a unit's own result and weak points beside the whole."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt

from ..delivery.sitting import Sitting
from ..marking.mark import Marks
from ..passrate.rates import PassRateRow, pass_rates
from ..scoring.decisions import Decisions
from ..scoring.weakness import Facet, WeaknessTable, weakness
from ..statistics.multiplicity import holm
from ..word_style import FANG, KAI, SONG
from .bulletin import Letterhead, add_line, tight
from .naming import safe_names
from .numbers import chinese_date, interval, percent, percentage
from .summary import SMALL, UnitComparison, compare_units, result_hash
from .word import add_table, new_document, save

_MOST_ARTICLES = 5
_NOTE = (
    "合格率＝合格÷实考，区间为 Wilson 法；得分率＝得分÷满分，按作答人次计，漏答计 0 分；"
    "单位之间按 Welch 检验并作多重比较调整；人数少时一两个人的变化就会使比率大幅变动。"
)
_FEW_HERE = 5
"""An article is named in a letter from this many answers of the unit on."""


def write_unit_letters(
    sitting: Sitting,
    marks: Marks,
    decisions: Decisions,
    folder: str | Path,
    *,
    by: str = "单位",
    groups: Sequence[str] | None = None,
    letterhead: Letterhead | None = None,
) -> tuple[Path, ...]:
    """Write one letter per unit; each names no person and no other unit.

    Parameters
    ----------
    sitting, marks, decisions
        The finished results of one sitting.
    folder
        Receives ``反馈函_<unit>.docx``.
    groups
        Only these units; all by default.

    Raises
    ------
    KeyError
        If there is no such unit.
    """
    look = letterhead or Letterhead()
    units = compare_units(pass_rates(decisions, by=by))
    subjects = weakness(marks, sitting, by)
    articles = weakness(marks, sitting, by, facet=Facet.ARTICLE)
    rows = {row.group: row for row in pass_rates(decisions, by=by)}
    version = f"题库 {sitting.bank.content_hash[:12]}，成绩 {result_hash(decisions)}"
    wanted = list(rows if groups is None else groups)
    written = []
    for group, name in zip(wanted, safe_names(wanted), strict=True):
        document = new_document(body=FANG, size=14, left=26, right=24)
        document.sections[0].top_margin, document.sections[0].bottom_margin = Mm(20), Mm(15)
        title = f"{sitting.title}反馈函"
        add_line(document, title, font=SONG, size=18, bold=True, align=WD_ALIGN_PARAGRAPH.CENTER)
        add_line(document, f"{group}：", font=FANG, size=14)
        day = chinese_date(sitting.on.year, sitting.on.month, sitting.on.day)
        lead = f"{day}举行的{sitting.title}成绩已经评定，现将你单位情况反馈如下。"
        for text in (lead, *result_sentences(rows[group], units, whole=look.whole)):
            _body(document, text)
        if group in subjects.groups:
            _subject_table(document, subjects, group)
            for text in (
                *subject_sentences(subjects, group, whole=look.whole),
                *article_sentences(articles, group, whole=look.whole),
            ):
                _body(document, text)
        for text in (_NOTE, f"数据版本：{version}。"):
            note = add_line(document, text, font=KAI, size=10.5)
            note.paragraph_format.line_spacing = Pt(16)
        for line in (f"{look.issuer}（印章）", "　　　　年　　月　　日"):
            add_line(document, line, font=FANG, size=14, align=WD_ALIGN_PARAGRAPH.RIGHT)
        written.append(save(document, Path(folder) / f"反馈函_{name}.docx", title=title))
    return tuple(written)


def result_sentences(
    row: PassRateRow, units: UnitComparison, *, whole: str = "总体"
) -> tuple[str, ...]:
    """Say how the unit did, and whether it differs from the whole by more than luck."""
    c = row.counts
    missing = "".join(
        f"，{name} {people} 人"
        for name, people in (("缺考", c.absent), ("违纪", c.voided), ("免试、缓考", c.excused))
        if people
    )
    if row.n == 0 or row.low is None or row.high is None:
        return (f"你单位应考 {c.due} 人，实考 {c.sat} 人{missing}；无人实考，不计合格率。",)
    out = [
        f"你单位应考 {c.due} 人，实考 {c.sat} 人{missing}；合格 {c.passed} 人，"
        f"合格率 {percent(c.passed, row.n)}（÷{units.denominator} {row.n} 人，"
        f"95% 区间 {interval(row.low, row.high)}）。"
    ]
    passed, n = units.total.counts.passed, units.total.n
    everybody = f"{whole}合格率 {percent(passed, n)}（{passed}/{n} 人）。"
    out.append(everybody + standing(row, units, whole=whole))
    return tuple(out)


def standing(row: PassRateRow, units: UnitComparison, *, whole: str = "总体") -> str:
    """Say where the unit stands, as far as its size allows."""
    if row.n < SMALL:
        return f"你单位不足 {SMALL} 人，不作比较。"
    if row in units.above:
        return f"你单位高于{whole}水平，差别超出偶然波动。"
    if row in units.below:
        return f"你单位低于{whole}水平，差别超出偶然波动。"
    if units.funnel is None:
        return ""
    return f"你单位与{whole}水平无统计差异。"


def weak_columns(table: WeaknessTable, group: str) -> tuple[int, ...]:
    """Return the columns in which the group is below all others by more than luck, worst first.

    Adjusted over the columns (Holm); a group under `SMALL` people has none.
    """
    g = table.row(group)
    if table.people[g] < SMALL:
        return ()
    known = np.flatnonzero(np.isfinite(table.p_value[g]))
    adjusted = holm(table.p_value[g, known])
    weak = known[(adjusted <= 0.05) & (table.difference[g, known] < 0)]
    return tuple(sorted(weak.tolist(), key=lambda k: (table.difference[g, k], k)))


def subject_sentences(table: WeaknessTable, group: str, *, whole: str = "总体") -> tuple[str, ...]:
    """Say which subjects are weak against the others, or that none can be told apart."""
    g = table.row(group)
    if table.people[g] < SMALL:
        return (
            f"你单位实考 {table.people[g]} 人，不足 {SMALL} 人，各主题得分率只供参考，不作比较。",
        )
    weak = weak_columns(table, group)
    if not weak:
        return (f"各主题得分率与{whole}无统计差异。",)
    named = "、".join(_against(table, g, k, whole) for k in weak)
    return (f"明显低于其他单位的主题：{named}。",)


def article_sentences(table: WeaknessTable, group: str, *, whole: str = "总体") -> tuple[str, ...]:
    """Name the articles on which the unit lost most, with its own answers and the whole beside."""
    g = table.row(group)
    enough = np.flatnonzero(table.answers[g] >= _FEW_HERE)
    lost = [k for k in enough.tolist() if table.share[g, k] < 0.6]
    lost.sort(key=lambda k: (table.share[g, k], k))
    if not lost:
        return ()
    named = "、".join(_against(table, g, k, whole) for k in lost[:_MOST_ARTICLES])
    return (f"失分较多的法条：{named}。建议对照法条原文复习。",)


def _against(table: WeaknessTable, g: int, k: int, whole: str) -> str:
    return (
        f"{table.names[k]}（{percentage(table.share[g, k], 0)}，{table.answers[g, k]} 人次；"
        f"{whole} {percentage(table.whole_share[k], 0)}，{table.whole_answers[k]} 人次）"
    )


def _subject_table(document: object, table: WeaknessTable, group: str) -> None:
    g = table.row(group)
    rows = []
    for k, name in enumerate(table.names):
        if not table.answers[g, k]:
            continue
        rows.append([
            name, percentage(table.share[g, k]), str(table.answers[g, k]),
            percentage(table.whole_share[k]), str(table.whole_answers[k]),
        ])  # fmt: skip
    head = ["主题", "本单位得分率", "作答人次", "总体得分率", "总体人次"]
    tight(add_table(document, head, rows, widths=[52, 28, 24, 28, 24], size=10.5))


def _body(document: object, text: str) -> None:
    paragraph = add_line(document, text, font=FANG, size=14, indent=True)
    paragraph.paragraph_format.line_spacing = Pt(22)
