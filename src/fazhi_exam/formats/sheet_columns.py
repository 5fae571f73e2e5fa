"""Headings of question tables: which column holds what, under the many names people use."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ..bank.item import LETTERS, ItemKind
from .tables import Cell, Table, cell_text
from .words import KIND_WORDS, kind_of, read_key

Columns = Mapping[str, int]
COLUMNS: Mapping[str, Sequence[str]] = {
    "编号": ("题目编号", "试题编号", "题库编号", "试题ID", "题目ID", "ID", "identifier", "idnumber"),  # noqa: E501
    "序号": ("题号", "No", "No.", "number", "编码", "行号", "序", "题序", "试题序号", "题目序号", "#"),  # noqa: E501
    "题型": ("类型", "试题类型", "题目类型", "题类", "试题题型", "题目题型", "题型名称", "题目类别", "试题类别",  # noqa: E501
            "题型类别", "考题类型", "type", "kind", "question_type", "questiontype"),
    "题干": ("题目", "试题", "试题内容", "题目内容", "问题", "内容", "题干内容", "试题题干", "题目题干", "试题题目",  # noqa: E501
            "题目名称", "题面", "考题", "考题内容", "题目正文", "试题正文", "问题描述", "试题描述", "试题名称",  # noqa: E501
            "题目及选项", "题干及选项", "试题及选项", "题目与选项", "题干与选项", "题目和选项", "题干和选项",  # noqa: E501
            "问题内容", "名词", "术语", "词条", "论题", "考题题干",
            "question", "stem", "title", "text", "content", "problem", "题目描述", "q"),
    "选项": ("选项内容", "备选项", "备选答案", "候选项", "试题选项", "全部选项", "题目选项", "答案选项", "可选项",  # noqa: E501
            "供选答案", "选择项", "options", "choices", "option", "answers"),
    "答案": ("正确答案", "标准答案", "参考答案", "试题答案", "正确选项", "题目答案", "答 案", "标答", "正解",  # noqa: E501
            "答案要点", "参考要点", "答题要点", "参考答案要点", "答案内容", "正误", "对错", "对/错", "对或错",  # noqa: E501
            "正/误", "是非", "判断结果", "判断答案", "判断正误", "判断对错", "判断", "是否正确", "正确与否",  # noqa: E501
            "答案及解析", "答案与解析", "答案和解析", "答案解析及依据", "参考答案及解析", "正确答案及解析",  # noqa: E501
            "释义", "含义", "定义", "解答", "回答", "要点", "解题要点", "答案列",
            "key", "answer", "correct", "correct_answer", "correctanswer", "ans", "result"),
    "填空答案": ("blanks",),
    "解析": ("答案解析", "试题解析", "题目解析", "解释", "说明", "试题分析", "分析", "详解", "题解", "理由",  # noqa: E501
            "判断理由", "讲解", "点评", "评析", "解读", "答案说明", "题目分析", "解析说明", "详细解析",  # noqa: E501
            "explanation", "analysis", "explain", "feedback"),
    "法条引用": ("法律依据", "法条依据", "出处", "依据", "法规依据", "出题依据", "法条", "命题依据", "引用条款",  # noqa: E501
              "对应法条", "法律条文", "依据条文", "条文依据", "法律条款", "依据条款", "法规条款", "相关法条", "参考法条", "参考依据",  # noqa: E501
              "政策依据", "法律法规依据", "答案依据", "答案出处", "题目出处", "试题出处", "法条出处", "条款",  # noqa: E501
              "citations", "citation"),
    "难度": ("难易度", "难度系数", "难度等级", "难易程度", "难易", "试题难度", "题目难度", "difficulty", "band"),  # noqa: E501
    "难度理由": ("band_reason",),
    "能力层次": ("认知层次", "能力要求", "层次", "level"),
    "分值": ("分数", "得分", "本题分值", "试题分数", "题目分值", "每题分值", "题分", "points", "score"),  # noqa: E501
    "主题": ("一级主题", "科目", "学科", "分类", "题目分类", "一级分类", "所属题库", "subject", "category"),  # noqa: E501
    "二级主题": ("知识点", "考点", "章节", "所属章节", "二级分类", "考查点", "topic", "chapter"),
    "标签": ("关键词", "tags"),
    "来源": ("题目来源", "试题来源", "报送单位", "出题单位", "命题单位", "供题单位", "填报单位", "提供单位",  # noqa: E501
            "报送部门", "出题部门", "命题部门", "source"),
    "备注": ("附注", "note", "remark"),
    "案例编号": ("材料编号", "案例", "case"),
    "案例标题": ("case_title",),
    "案例材料": ("材料", "案情", "背景材料", "案例内容", "材料内容", "案情简介", "基本案情", "题干材料",  # noqa: E501
              "stimulus", "passage"),
    "评分点": ("评分标准", "采分点", "得分点", "marking_points"),
    "互斥题": ("enemies",), "固定选项": ("pinned",), "否定题": ("negative",), "依据类型": ("basis",),  # noqa: E501
    "领域部分": ("field_part",), "状态": ("status",),
    "选对": ("正确", "对", "√"), "选错": ("错误", "错", "×"),
}  # fmt: skip
BLANKS = tuple(f"空{number}" for number in range(1, 9))
"""Names of the columns that hold the words of one blank each: 第一空, 填空2, 答案3."""
_NUMERALS = "一二三四五六七八"
_BARE = ("12345678", "①②③④⑤⑥⑦⑧", _NUMERALS, "甲乙丙丁戊己庚辛")
_OPTION = re.compile(
    r"^(?:(?:备选|候选|可选|供选|试题|题目)?(?:选项|项|答案|option|choice|opt|选择)[_\s:：]*)?([A-Ha-h1-8一二三四五六七八])(?:[_\s]*(?:选项|项|option|答案))?$",
    re.IGNORECASE,
)
_BLANK = re.compile(
    r"^(?:(?:答案)?第?([1-8一二三四五六七八])个?空(?:格|答案|的答案)?|"
    r"(?:填空|空格?|答案空|填空答案)([1-8一二三四五六七八])(?:答案)?)$"
)
_ANSWER = re.compile(r"^(?:参考|正确|标准)?答案([1-8一二三四五六七八])$")
_ASKED = re.compile(rf"^({KIND_WORDS})题?(?:题目|题干|试题|内容|问题)?$")
_LEADING_KEY = re.compile(
    r"^\s*(?:[【\[]?(?:正确)?答案[】\]]?[:：]?\s*)?(?:[A-H]{1,8}|正确|错误|对|错|[√×])(?![\u4e00-\u9fffA-Za-z])"
)
_TAKEN_BY = re.compile(r"我|你|考生|学员|学生|用户|本人|作答")
_SPACES = re.compile(r"[\s_*＊:：、]")
_WRAPPED = re.compile(r"^[【\[（(<]([^】\])）>]+)[】\])）>]$")
_BEFORE = re.compile(r"^[【\[（(][^】\])）]*[】\])）](?=.)")
_BEHIND = re.compile(r"(?<=.)[（(【\[<{].*")


def flat_name(text: str) -> str:
    """Return a heading without spaces, marks and what stands in brackets beside it."""
    flat = _BEHIND.sub("", _SPACES.sub("", text))
    return _BEFORE.sub("", _WRAPPED.sub(r"\1", flat)).casefold()


_SAME = {
    flat_name(name): canonical
    for canonical, names in COLUMNS.items() for name in (canonical, *names)
}  # fmt: skip


def canonical_name(text: str) -> str:
    """Return the name of `COLUMNS` that a heading stands for, or an empty text."""
    return _SAME.get(flat_name(text), "")


def _place(mark: str) -> int:
    return _NUMERALS.find(mark) if mark in _NUMERALS else int(mark) - 1


def option_letter(text: str) -> str:
    """Return the letter of an option heading (选项A, 备选项2, 选项三), or an empty text."""
    flat = flat_name(text)
    found = _OPTION.match(flat)
    if not found:
        return ""
    mark = found[1].upper()
    if mark in LETTERS:
        return mark
    return "" if flat.isdigit() or flat in _NUMERALS else LETTERS[_place(mark)]


def heading_columns(row: Sequence[Cell]) -> dict[str, int]:
    """Return column index by canonical name; options are named A to H, blanks 空1 to 空8."""
    found: dict[str, int] = {}
    answers: dict[str, int] = {}
    for index, value in enumerate(row):
        flat = flat_name(cell_text(value))
        if not flat or len(flat) > 24:
            continue
        blank, answer = _BLANK.match(flat), _ANSWER.match(flat)
        if blank:
            name = BLANKS[_place(blank[1] or blank[2])]
        elif answer and flat not in _SAME:
            answers.setdefault(answer[1], index)
            continue
        else:
            name = _SAME.get(flat, "") or option_letter(flat)
        if name and name not in found:
            found[name] = index
    found |= _bare_options(row, found)
    # 答案1, 答案2 … are options beside a key; where there is none, they are blanks or parts of it.
    keyed = "答案" in found and not any(letter in found for letter in LETTERS)
    if keyed or ("答案" not in found and not any(name in found for name in BLANKS)):
        for mark, index in answers.items():
            found.setdefault((LETTERS if keyed else BLANKS)[_place(mark)], index)
    return _truth_columns(found)


def _bare_options(row: Sequence[Cell], found: Columns) -> dict[str, int]:
    """Return option columns headed by mere figures, ①②③ or 甲乙丙, side by side."""
    if any(letter in found for letter in (*LETTERS, "选项")):
        return {}
    marks = [str(value).strip() if type(value) in (str, int) else cell_text(value) for value in row]
    for series in _BARE:
        first = next((i for i, mark in enumerate(marks) if mark == series[0]), None)
        if first is None:
            continue
        run = [
            first + n for n, sign in enumerate(series) if marks[first + n : first + n + 1] == [sign]
        ]
        if len(run) > 1 and run[-1] - first == len(run) - 1:
            return dict(zip(LETTERS, run, strict=False))
    return {}


def _truth_columns(found: dict[str, int]) -> dict[str, int]:
    """Keep 正确 and 错误 as a pair of columns to be ticked; 正确 alone is the key."""
    if "选对" in found and "选错" in found and "答案" not in found:
        return found
    right = found.pop("选对", None)
    found.pop("选错", None)
    if right is not None:
        found.setdefault("答案", right)
    return found


@dataclass(frozen=True, slots=True)
class Layout:
    """What the heading of a table says.

    Parameters
    ----------
    first, last
        Heading rows, counted from 0; a heading may take two.
    parts
        Columns of each block; more than one where tables stand side by side.
    kind
        When the heading says it: 判断题 over the stems.
    notes
        What was assumed, for every question of the table.
    """

    first: int
    last: int
    parts: tuple[Columns, ...]
    kind: ItemKind | None = None
    notes: tuple[str, ...] = ()

    @property
    def taken(self) -> set[int]:
        """Columns that are read."""
        return {index for part in self.parts for index in part.values()}


def find_layout(table: Table) -> Layout | None:
    """Find the heading among the first fifteen rows: it names the stem and something else."""
    for index, row in enumerate(table.rows[:15]):
        if layout := layout_at(table, index, row):
            below = table.rows[layout.last + 1 : layout.last + 2]
            finer = layout_at(table, layout.last + 1, below[0]) if below else None
            if finer is not None and len(finer.taken) > len(layout.taken):
                layout = finer  # 试题 over 序号, 题型, 题干
            return _by_content(table, layout)
    return None


def layout_at(table: Table, index: int, row: Sequence[Cell]) -> Layout | None:
    """Read one row as a heading; None when it is none."""
    below = table.rows[index + 1] if index + 1 < len(table.rows) else ()
    starts = [i for i, value in enumerate(row) if canonical_name(cell_text(value)) == "题干"]
    kind = None
    if not starts and (asked := _asked(row)):
        place, kind = asked
        row = (*row[:place], "题干", *row[place + 1 :])
        starts = [place]
    if not starts:
        return None
    parts = [heading_columns(part) for part in _side_by_side(row, starts)]
    last = index
    under = heading_columns(below)
    asked_below = starts[0] < len(below) and cell_text(below[starts[0]])
    if not asked_below and sum(letter in under for letter in LETTERS) > 1:
        # 选项 over A, B, C, D: the second line of the heading.
        kept = {name: i for name, i in parts[0].items() if name != "选项"}
        parts, last = [{**under, **kept}], index + 1
    parts = [part for part in parts if len(part) > 1]
    return Layout(index, last, tuple(parts), kind) if parts else None


def _asked(row: Sequence[Cell]) -> tuple[int, ItemKind | None] | None:
    """Return the place and kind of a heading such as 判断题, which stands over the stems."""
    named = [(i, m) for i, v in enumerate(row) if (m := _ASKED.match(flat_name(cell_text(v))))]
    if len(named) != 1:
        return None  # a table of how many questions there are of each kind
    place, found = named[0]
    others = heading_columns((*row[:place], None, *row[place + 1 :]))
    keyed = {"答案", "选对", BLANKS[0]} & others.keys() or {"A", "B"} <= others.keys()
    return (place, kind_of(found[1])) if keyed else None


def _side_by_side(row: Sequence[Cell], starts: Sequence[int]) -> Iterator[list[Cell]]:
    """Yield the row once for each stem in it, with the cells of the others emptied."""
    names = [canonical_name(cell_text(v)) or option_letter(cell_text(v)) for v in row]
    edges = [0]
    for before, start in pairwise(starts):
        known = set(names[edges[-1] : before + 1]) - {""}
        edges.append(next((i for i in range(before + 1, start) if names[i] in known), start))
    if not all(_has_key(names[a:b]) for a, b in zip(edges, [*edges[1:], None], strict=True)):
        edges = [0]  # 试题 and 题干 in one table: the first is taken
    for first, end in zip(edges, [*edges[1:], None], strict=True):
        yield [value if first <= i and (end is None or i < end) else None
               for i, value in enumerate(row)]  # fmt: skip


def _has_key(names: Sequence[str]) -> bool:
    return "答案" in names


def _by_content(table: Table, layout: Layout) -> Layout:
    """Find kind and key in columns whose names do not tell, by what stands in them."""
    if len(layout.parts) > 1:
        return layout
    columns = dict(layout.parts[0])
    notes: list[str] = []
    rows = table.rows[layout.last + 1 : layout.last + 200]
    names = [cell_text(value) for value in table.rows[layout.first]]
    loose = ("主题", "二级主题", "标签", "来源")
    free = [i for i in range(len(names)) if i not in columns.values()
            or any(columns.get(name) == i for name in loose)]  # fmt: skip
    if "题型" not in columns and layout.kind is None:
        place = next((i for i in free if _mostly(rows, i, _is_kind, share=0.99)), None)
        if place is not None:
            columns = {name: i for name, i in columns.items() if i != place}
            columns["题型"] = place
            free.remove(place)
    if not {"答案", "填空答案", "选对", *BLANKS} & columns.keys():
        place = next((i for i in free if not _TAKEN_BY.search(names[i])
                      and _mostly(rows, i, _is_key, share=0.9)), None)  # fmt: skip
        if place is not None:
            columns["答案"] = place
            notes.append(f"没有名为“答案”的列，取“{names[place] or '无名'}”一列为答案")
        elif "解析" in columns and _mostly(rows, columns["解析"], _begins_with_key, share=0.9):
            columns["答案"] = columns.pop("解析")
            notes.append(f"没有名为“答案”的列，答案取自“{names[columns['答案']]}”一列的开头")
    return replace(layout, parts=(columns,), notes=tuple(notes))


def guess_layout(table: Table) -> Layout | None:
    """Guess the columns of a sheet that has no heading: long stems, short keys, options between."""
    rows = [row for row in table.rows[:200] if sum(bool(cell_text(v)) for v in row) > 1]
    if len(rows) < 3:
        return None
    width = max(map(len, rows))
    columns = [[cell_text(row[i]) if i < len(row) else "" for row in rows] for i in range(width)]
    lengths = [sum(map(len, column)) / len(rows) for column in columns]
    stem = lengths.index(max(lengths))
    key = next((i for i in range(width) if i != stem and all(columns[i])
                and _mostly(rows, i, _is_key, share=0.95)), None)  # fmt: skip
    if key is None or lengths[stem] < 10 or not all(columns[stem]):
        return None
    options = []
    for place in range(stem + 1, width):
        if place == key or _mostly(rows, place, _is_kind, share=0.99) or not any(columns[place]):
            break
        options.append(place)
    found = {"题干": stem, "答案": key, **dict(zip(LETTERS, options, strict=False))}
    lettered = sum(bool(read_key(text).letters) for text in columns[key])
    if len(options) < 2 and lettered > len(rows) // 2:
        return None
    kind = next((i for i in range(width) if i not in found.values()
                 and _mostly(rows, i, _is_kind, share=0.99)), None)  # fmt: skip
    if kind is not None:
        found["题型"] = kind
    first = next(i for i, row in enumerate(table.rows) if row is rows[0])
    note = f"工作表没有表头，按内容认列：第 {stem + 1} 列为题干，第 {key + 1} 列为答案，请核对"
    left = [str(i + 1) for i in range(width) if i not in found.values() and any(columns[i])]
    note += f"（第 {'、'.join(left)} 列未读）" if left else ""
    return Layout(first, first - 1, (found,), notes=(note,))


def _is_kind(text: str) -> bool:
    return len(text) <= 6 and kind_of(text) is not None


def _is_key(text: str) -> bool:
    return len(text) <= 12 and read_key(text).plain


def _begins_with_key(text: str) -> bool:
    return bool(_LEADING_KEY.match(text))


def _mostly(
    rows: Sequence[Sequence[Cell]], place: int, holds: Callable[[str], bool], *, share: float
) -> bool:
    texts = [cell_text(row[place]) for row in rows if place < len(row)]
    filled = [text for text in texts if text]
    return len(filled) >= 2 and sum(map(holds, filled)) >= share * len(filled)
