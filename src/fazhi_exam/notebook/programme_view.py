"""The rules of a programme with their sources, to read (项目规则)."""

from functools import cache
from html import escape
from pathlib import Path

from ..delivery.programme import (
    AttemptRule,
    DecisionBasis,
    Exemption,
    Programme,
    ProgrammePaper,
    programme,
)
from ..errors import ProgrammeError
from .style import definition_table, plain_table

_BASIS = {DecisionBasis.RAW_TOTAL: "卷面分", DecisionBasis.EQUATED: "等值分"}
_ATTEMPT = {
    AttemptRule.BEST: "取最好成绩",
    AttemptRule.LAST: "取最后一次",
    AttemptRule.FIRST_PASS: "取首次合格",
}
_EXEMPT = {
    Exemption.LEGAL_QUALIFICATION: "已取得法律职业资格",
    Exemption.VALID_CERTIFICATE: "持有有效证件",
    Exemption.SAME_TERM_PASS: "同一任期内已合格",
    Exemption.LONG_LEAVE: "长期病休、产假等",
    Exemption.RETIRING: "临近退休",
}


def programme_html(whole: Programme, rules: ProgrammePaper) -> str:
    """Return the rules of a programme and of one of its papers as HTML."""
    cut = f"{rules.cut.value:f} 分（满分 {rules.blueprint.total_points:f} 分）"
    facts = [
        ("科目", rules.title),
        ("考试时间", f"{rules.minutes} 分钟，{'闭卷' if rules.closed_book else '开卷'}"),
        ("合格线", f"{cut}　{rules.cut.source}"),
        ("良好、优秀", " / ".join(_mark(m) for m in (rules.good_mark, rules.excellent_mark))),
        ("判定依据", _BASIS[whole.decision_basis]),
        ("参考次数", f"{whole.attempts} 次，{_ATTEMPT[whole.attempt_rule]}"),
        ("补考", f"{whole.resits} 次" if whole.resits else "不补考"),
        ("免试", "、".join(_EXEMPT[e] for e in whole.exemptions) or "无"),
        ("有效期", _validity(whole)),
        ("不合格的后果", whole.fail_effect or "—"),
        ("备注", whole.notes or "—"),
    ]
    sections = [
        (s.title, s.items, f"{s.points:f}", f"{s.total_points:f}", s.instruction)
        for s in rules.blueprint.sections
    ]
    sources = [(s.text, s.year, s.confidence) for s in whole.sources]
    heads = ["大题", "题数", "每题分值", "合计", "答题说明"]
    return (
        f"<h3>{escape(whole.title)}</h3>{definition_table(facts)}"
        f"<h3>试卷结构</h3>{plain_table(heads, sections)}"
        f"<h3>依据</h3>{plain_table(['出处', '年份', '可靠程度'], sources)}"
    )


def _mark(value: object) -> str:
    return "—" if value is None else f"{value:f}"


def _validity(whole: Programme) -> str:
    if whole.valid_for_years is not None:
        return f"{whole.valid_for_years} 年"
    return "本届任期" if whole.valid_for_term else "未规定"


@cache
def needs_field(name: str) -> bool:
    """Whether a programme is written once for all enforcement fields."""
    try:
        programme(name)
    except ProgrammeError as error:
        return error.field == "领域"
    return False


@cache
def title_of(name: str) -> str:
    """Return the title of a programme with its name, for a list to choose from."""
    whole = programme(name, field="F7" if needs_field(name) else None)
    papers = "、".join(paper.title for paper in whole.papers)
    field = "，分执法领域" if needs_field(name) else ""
    return f"{whole.title}·{papers}{field}（{Path(name).stem}）"
