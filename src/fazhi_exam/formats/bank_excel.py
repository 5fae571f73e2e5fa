"""The library's own workbook: a template to fill in, and a bank written into it."""

from ..bank.item import LETTERS, Band, Item, ItemKind, Level, Status
from ..bank.question_bank import QuestionBank
from ..bank.subjects import SUBJECTS
from .labels import points_text
from .spreadsheet import DropDown, Sheet, csv_bytes, workbook_bytes
from .tables import Cell
from .written import Written

_STATES = ("草稿", "已审", "试用", "在用", "暂停", "停用")
HEADING: tuple[str, ...] = (
    "编号", "题型", "主题", "二级主题", "题干", *(f"选项{letter}" for letter in LETTERS), "答案",
    "解析", "法条引用", "能力层次", "难度", "难度理由", "分值", "评分点", "案例编号", "案例标题",
    "案例材料", "标签", "互斥题", "固定选项", "否定题", "依据类型", "来源", "领域部分", "状态",
    "备注",
)  # fmt: skip
_WIDTHS = (
    12, 8, 8, 14, 60, *(22,) * len(LETTERS), 10, 50, 36, 9, 7, 20, 7, 40, 12, 16, 40, 14, 14, 9, 8,
    9, 24, 9, 8, 30,
)  # fmt: skip
_NOTES = {
    "编号": "可不填；已有编号的请保留，再次导入时以它为准",
    "题型": "从列表选择",
    "主题": "主题代码，如 07；可不填",
    "题干": "不写题号；句末的括号可以不写。填空题每个空写两个全角下划线 ＿＿",
    "答案": "单选 B；多选 ABD；判断写 正确 或 错误；填空各空用；分开，同义答案用 / 分开",
    "法条引用": "如 《行政处罚法》第三十六条第一款；多条用；分开",
    "评分点": "简答、论述用，每行一点：要点（2分；同义：甲／乙）",
    "案例材料": "同一案例的各小题填同一个案例编号，材料写在第一小题即可",
    "固定选项": "不参加乱序的选项字母，如 D（以上都是）",
}
_HELP = (
    ("怎样填写", ""),
    ("1", "每行一道题。只有“题型”“题干”“答案”必填，选择题还要填选项；其余可以留空。"),
    ("2", "列的顺序可以改，列可以删去；表头文字请不要改。"),
    ("3", "单选题填一个字母；多选题填两个以上字母，如 ABD；不定项题一个以上。"),
    ("4", "判断题的答案填 正确 或 错误（√、×、对、错 也认识），不填选项。"),
    ("5", "填空题在题干中写 ＿＿ 表示空，答案按顺序用；分开；同一空的几种写法用 / 分开。"),
    ("6", "简答、论述题填分值；评分点每行写一点，如：事实清楚（2分）。"),
    ("7", "案例：同一案例的小题填同一个案例编号；案例材料写在第一小题。"),
    ("8", "导入时先预览：缺答案、答案与选项不符等问题会按行列出，改好再确认。"),
    ("9", "同一文件导入两次不会重复；题库中已有而内容不同的题列为冲突，不会覆盖。"),
)


def excel_template() -> bytes:
    """Return an empty workbook with drop-downs, hints and a help sheet (导入模板)."""
    return _workbook(())


def write_excel(bank: QuestionBank) -> Written:
    """Write a bank into the template; reading it back gives an equal bank."""
    rows = tuple(_row(item, bank) for item in bank)
    long = sum(any(isinstance(c, str) and len(c) > 32_767 for c in row) for row in rows)
    lost = (f"超过 32767 字的单元格被截断（{long} 题）",) if long else ()
    return Written(_workbook(rows), lost)


def write_csv(bank: QuestionBank) -> Written:
    """Write a bank as CSV with the columns of the template; formula-like texts get a quote."""
    return Written(csv_bytes((HEADING, *(_row(item, bank) for item in bank))))


def _workbook(rows: tuple[tuple[Cell, ...], ...]) -> bytes:
    place = {name: column for column, name in enumerate(HEADING)}
    lists = (
        DropDown(place["题型"], tuple(kind.value for kind in ItemKind)),
        DropDown(place["主题"], tuple(SUBJECTS), strict=False),
        DropDown(place["能力层次"], tuple(level.value for level in Level)),
        DropDown(place["难度"], tuple(band.value for band in Band)),
        DropDown(place["否定题"], ("是", "否")),
        DropDown(place["依据类型"], ("法律", "政策")),
        DropDown(place["状态"], _STATES),
    )
    notes = tuple(_NOTES.get(name, "") for name in HEADING)
    return workbook_bytes([
        Sheet("题库", HEADING, rows, _WIDTHS, lists, notes),
        Sheet("填写说明", _HELP[0], _HELP[1:], (8, 100)),
        Sheet("主题代码", ("代码", "名称"), tuple(SUBJECTS.items()), (8, 30)),
    ])  # fmt: skip


def _row(item: Item, bank: QuestionBank) -> tuple[Cell, ...]:
    case = bank.cases[item.case] if item.case else None
    first = case is not None and case.item_ids[0] == item.id
    plain = [option.text for option in item.options] == ["正确", "错误"]
    options: list[Cell] = [None] * len(LETTERS)
    if not (item.kind is ItemKind.TRUE_FALSE and plain):
        options[: len(item.options)] = [option.text for option in item.options]
    if item.kind is ItemKind.BLANK:
        key = "；".join("/".join(words) for words in item.blanks)
    elif item.kind is ItemKind.TRUE_FALSE and plain:
        key = item.key_text
    else:
        key = "".join(sorted(item.key))
    states = dict(zip(Status, _STATES, strict=True))
    return (
        item.id, item.kind.value, item.subject, item.topic, item.stem, *options, key,
        item.explanation, "；".join(map(str, item.citations)), item.level.value, item.band.value,
        item.band_reason, None if item.points is None else str(item.points),
        points_text(item.marking_points), item.case, case.title if case and first else None,
        case.stimulus if case and first else None, "、".join(item.tags),
        "、".join(sorted(item.enemies)), "、".join(o.id for o in item.options if o.pinned),
        "是" if item.negative else None, "政策" if item.basis.value == "policy" else None,
        item.source, item.field_part, None if item.status is Status.DRAFT else states[item.status],
        item.note,
    )  # fmt: skip
