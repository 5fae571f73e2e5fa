"""One question with key, explanation and citation, to read (题目)."""

from html import escape

from ..bank.item import Item
from ..bank.question_bank import QuestionBank
from ..bank.subjects import subject_name


def item_html(item: Item, bank: QuestionBank) -> str:
    """Return an item as HTML: as printed, then what only staff may see."""
    stimulus = ""
    if item.case is not None:
        stimulus = f'<div class="stimulus">{escape(bank.cases[item.case].stimulus)}</div>'
    options = "".join(
        f"<br>　{'<b>' if o.id in item.key else ''}{o.id}．{escape(o.text)}"
        f"{'　√</b>' if o.id in item.key else ''}"
        for o in item.options
    )
    cited = "、".join(map(str, item.citations)) or item.source or "—"
    where = f"{subject_name(item.subject)}·{item.topic}"
    return (
        f'<div class="paper">{stimulus}<p><b>{escape(item.id)}</b>（{item.kind}）'
        f"{escape(item.stem)}{options}</p><p>答案：{escape(item.key_text)}<br>"
        f"解析：{escape(item.explanation) or '—'}<br>依据：{escape(cited)}<br>"
        f"主题：{escape(where)}　层次：{item.level}　难度：{item.band}</p></div>"
    )
