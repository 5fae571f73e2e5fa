"""The public version of the bulletin: made from the gated table alone, never from people."""

from collections.abc import Sequence
from pathlib import Path

from ..delivery.sitting import Sitting
from ..passrate.publish import PublicRow, PublicTable
from ..scoring.weakness import FacetResult
from ..word_style import FANG, KAI
from . import sentences
from .bulletin import (
    Letterhead,
    add_body,
    add_heading,
    add_line,
    add_seal,
    new_annex,
    official_document,
    tight,
)
from .numbers import chinese_date, percent, points
from .word import add_table, page_numbers, save

_HIDDEN = "按保密规则不公布"


def write_public_bulletin(
    sitting: Sitting,
    published: PublicTable,
    path: str | Path,
    *,
    subjects: Sequence[FacetResult] = (),
    letterhead: Letterhead | None = None,
) -> Path:
    """Write the bulletin for the public.

    Parameters
    ----------
    sitting
        Its title, day, full marks and pass line are printed, nothing else.
    published
        What the publishing gate lets through.
    path
        File to write, ending in ``.docx``.
    subjects
        Share of points by subject over everybody; those with few answers are left out.
    """
    look = letterhead or Letterhead()
    title = f"关于{sitting.title}情况的公告"
    document = official_document(title, look, year=sitting.on.year)
    parts = (
        ("考试组织", organised(sitting)),
        ("总体情况", overall(published.total)),
        ("主题得分情况", subject_lines(subjects)),
    )
    present = [(name, texts) for name, texts in parts if texts]
    for numeral, (name, texts) in zip("一二三", present, strict=False):
        add_heading(document, f"{numeral}、{name}")
        for text in texts:
            add_body(document, text)
    add_line(document, f"附件：各{published.by}考试情况表", font=FANG, size=16, indent=True)
    add_seal(document, look)
    new_annex(document, 1, f"各{published.by}考试情况表（公开）", across=True)
    records = published.records()
    rows = [list(record.values()) for record in records]
    tight(
        add_table(
            document, list(records[0]), rows, widths=[60, *[26] * (len(records[0]) - 1)], size=10
        )
    )
    add_line(document, f"注：{published.note}。按名称排列，不分先后。", font=KAI, size=10.5)
    version = f"合格率＝合格÷实考；数据版本：题库 {sitting.bank.content_hash[:12]}。"
    add_line(document, version, font=KAI, size=10.5)
    page_numbers(document.sections[0])
    return save(document, path, title=title)


def organised(sitting: Sitting) -> tuple[str, ...]:
    """Say what exam this is about."""
    day = chinese_date(sitting.on.year, sitting.on.month, sitting.on.day)
    rules = sitting.rules
    return (
        f"{day}举行了{sitting.title}。试卷满分 {points(rules.blueprint.total_points)} 分，"
        f"合格线 {points(rules.cut.value)} 分。",
    )


def overall(total: PublicRow) -> tuple[str, ...]:
    """Say the counts of everybody that may be shown, and the rate with its counts."""
    out = []
    sat = _HIDDEN if total.sat is None else f" {total.sat} 人"
    if total.due is not None:
        out.append(f"应考 {total.due} 人，实考人数{sat}。")
    elif total.sat is not None:
        out.append(f"实考{sat}。")
    if total.rate is None or total.sat is None or total.passed is None:
        out.append(f"合格率{_HIDDEN}。")
    else:
        k = total.passed
        rate = percent(k, total.sat)
        out.append(f"合格 {k} 人，合格率 {rate}（合格 {k} 人÷实考 {total.sat} 人）。")
    return tuple(out)


def subject_lines(subjects: Sequence[FacetResult]) -> tuple[str, ...]:
    """Say the share of points by subject, with answers; few answers are left out."""
    shown = [one for one in subjects if one.answers >= sentences.FEW_ANSWERS]
    if not shown:
        return ()
    return (f"各主题得分率：{'；'.join(sentences.facet(one) for one in shown)}。",)
