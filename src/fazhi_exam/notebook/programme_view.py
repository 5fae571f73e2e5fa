"""The rules of a programme with their sources, to read (项目规则)."""

from html import escape

from ..delivery.programme import (
    AttemptRule,
    DecisionBasis,
    Exemption,
    Programme,
    ProgrammePaper,
)
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


def programme_html(programme: Programme, rules: ProgrammePaper) -> str:
    """Return the rules of a programme and of one of its papers as HTML."""
    cut = f"{rules.cut.value:f} 分（满分 {rules.blueprint.total_points:f} 分）"
    facts = [
        ("科目", rules.title),
        ("考试时间", f"{rules.minutes} 分钟，{'闭卷' if rules.closed_book else '开卷'}"),
        ("合格线", f"{cut}　{rules.cut.source}"),
        ("良好、优秀", " / ".join(_mark(m) for m in (rules.good_mark, rules.excellent_mark))),
        ("判定依据", _BASIS[programme.decision_basis]),
        ("参考次数", f"{programme.attempts} 次，{_ATTEMPT[programme.attempt_rule]}"),
        ("补考", f"{programme.resits} 次" if programme.resits else "不补考"),
        ("免试", "、".join(_EXEMPT[e] for e in programme.exemptions) or "无"),
        ("有效期", _validity(programme)),
        ("不合格的后果", programme.fail_effect or "—"),
        ("备注", programme.notes or "—"),
    ]
    sections = [
        (s.title, s.items, f"{s.points:f}", f"{s.total_points:f}", s.instruction)
        for s in rules.blueprint.sections
    ]
    sources = [(s.text, s.year, s.confidence) for s in programme.sources]
    heads = ["大题", "题数", "每题分值", "合计", "答题说明"]
    return (
        f"<h3>{escape(programme.title)}</h3>{definition_table(facts)}"
        f"<h3>试卷结构</h3>{plain_table(heads, sections)}"
        f"<h3>依据</h3>{plain_table(['出处', '年份', '可靠程度'], sources)}"
    )


def _mark(value: object) -> str:
    return "—" if value is None else f"{value:f}"


def _validity(programme: Programme) -> str:
    if programme.valid_for_years is not None:
        return f"{programme.valid_for_years} 年"
    return "本届任期" if programme.valid_for_term else "未规定"
