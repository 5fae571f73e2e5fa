"""Questions in tables: Excel, CSV, JSON; any column order, many names for a column."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..bank.item import LETTERS, Band, ItemKind, Level
from ..errors import ImportProblem, UnsafeFile
from .clean import clean_line, decode_text
from .draft import Draft, case_id
from .markup import html_lines
from .spreadsheet import unsafe_cell
from .tables import Cell, Table, cell_text, parse_table_text, parse_workbook
from .text import Progress, read_text
from .text_lines import Section
from .text_options import SplitOptions, split_options, tidy
from .text_question import finish_choice, finish_truth, tidy_text
from .text_stem import (
    count_blanks,
    filled_blanks,
    rule_blanks,
    split_answers,
    take_key,
    take_points,
)
from .words import KeyText, band_of, kind_of, level_of, read_key, subject_code

Found = tuple[tuple[Draft, ...], tuple[ImportProblem, ...]]

COLUMNS: Mapping[str, Sequence[str]] = {
    "编号": ("题目编号", "试题编号", "题库编号", "试题ID", "题目ID", "ID", "identifier", "idnumber"),  # noqa: E501
    "序号": ("题号", "No", "No.", "number", "编码", "行号"),
    "题型": ("类型", "试题类型", "题目类型", "题类", "试题题型", "题目题型", "type", "kind", "question_type",  # noqa: E501
            "questiontype"),
    "题干": ("题目", "试题", "试题内容", "题目内容", "问题", "内容", "题干内容", "试题题干", "题目题干", "试题题目",  # noqa: E501
            "题目名称", "question", "stem", "title", "text", "content", "problem", "题目描述", "q"),
    "选项": ("选项内容", "备选项", "备选答案", "候选项", "试题选项", "全部选项", "题目选项", "options", "choices",  # noqa: E501
            "option", "answers"),
    "答案": ("正确答案", "标准答案", "参考答案", "试题答案", "正确选项", "题目答案", "答 案", "key", "answer",  # noqa: E501
            "correct", "correct_answer", "correctanswer", "ans", "result"),
    "填空答案": ("blanks",),
    "解析": ("答案解析", "试题解析", "题目解析", "解释", "说明", "试题分析", "分析", "详解", "题解", "explanation",  # noqa: E501
            "analysis", "explain", "feedback"),
    "法条引用": ("法律依据", "法条依据", "出处", "依据", "法规依据", "出题依据", "法条", "命题依据", "引用条款",  # noqa: E501
              "对应法条", "citations", "citation"),
    "难度": ("难易度", "难度系数", "难度等级", "难易程度", "试题难度", "difficulty", "band"),
    "难度理由": ("band_reason",),
    "能力层次": ("认知层次", "能力要求", "层次", "level"),
    "分值": ("分数", "得分", "本题分值", "试题分数", "题目分值", "points", "score"),
    "主题": ("一级主题", "科目", "学科", "分类", "题目分类", "一级分类", "所属题库", "subject", "category"),  # noqa: E501
    "二级主题": ("知识点", "考点", "章节", "所属章节", "二级分类", "考查点", "topic", "chapter"),
    "标签": ("关键词", "tags"),
    "来源": ("题目来源", "试题来源", "source"),
    "备注": ("附注", "note", "remark"),
    "案例编号": ("材料编号", "案例", "case"),
    "案例标题": ("case_title",),
    "案例材料": ("材料", "案情", "背景材料", "案例内容", "stimulus", "passage"),
    "评分点": ("评分标准", "采分点", "得分点", "marking_points"),
    "互斥题": ("enemies",), "固定选项": ("pinned",), "否定题": ("negative",), "依据类型": ("basis",),  # noqa: E501
    "领域部分": ("field_part",), "状态": ("status",),
}  # fmt: skip
_SAME = {
    _n: canonical for canonical, names in COLUMNS.items() for _n in
    (re.sub(r"[\s_]", "", name).casefold() for name in (canonical, *names))
}  # fmt: skip
_OPTION = re.compile(
    r"^(?:(?:备选|候选|可选|试题|题目)?(?:选项|项|答案|option|choice|opt|选择)[_\s:：]*)?([A-Ha-h1-8一二三四五六七八])(?:[_\s]*(?:选项|项|option|答案))?$",
    re.IGNORECASE,
)
_HELP = (
    "说明",
    "帮助",
    "字典",
    "代码",
    "填写说明",
    "填表说明",
    "使用说明",
    "下拉选项",
    "数据字典",
    "help",
    "readme",
)
_NUMERALS = "一二三四五六七八"
_CELL_OPTIONS = re.compile(r"\n|\||｜|\$;\$|##|；|;|\^|\t|<br\s*/?>")
Columns = Mapping[str, int]


_HTML = re.compile(
    r"</?(?:p|br|div|span|b|i|u|strong|em|font|td|tr|li|ul|ol)(?:\s[^<>]*)?/?>|&(?:nbsp|lt|gt|amp|quot|#\d+);",
    re.IGNORECASE,
)


def plain_text(value: str) -> str:
    """Turn HTML that a web tool left in a cell into text."""
    if ("<" in value or "&" in value) and _HTML.search(value):
        return "\n".join(html_lines(re.sub(r"\r?\n", "<br>", value)))
    return value


def heading_columns(row: Sequence[Cell]) -> dict[str, int]:
    """Return column index by canonical name; options are named A to H."""
    found: dict[str, int] = {}
    for index, value in enumerate(row):
        text = cell_text(value)
        flat = re.sub(r"[\s_*＊:：]", "", text).replace("（", "(").partition("(")[0].casefold()
        if not flat:
            continue
        name = _SAME.get(flat, "")
        option = _OPTION.match(
            re.sub(r"[\s_*＊:：]", "", text).partition("（")[0].partition("(")[0]
        )
        if not name and option:
            mark = option[1].upper()
            if mark in LETTERS:
                name = mark
            elif not flat.isdigit() and flat not in _NUMERALS:
                place = _NUMERALS.find(mark) if mark in _NUMERALS else int(mark) - 1
                name = LETTERS[place]
        if name and name not in found:
            found[name] = index
    return found


def find_columns(table: Table) -> tuple[int, dict[str, int]] | None:
    """Find the heading row among the first fifteen: it names the stem and something else."""
    for index, row in enumerate(table.rows[:15]):
        columns = heading_columns(row)
        if "题干" in columns and len(columns) >= 2:
            return index, columns
    return None


def read_question_tables(tables: Iterable[Table], *, progress: Progress | None = None) -> Found:
    """Read the questions of worksheets; what is left out is said."""
    drafts: list[Draft] = []
    problems: list[ImportProblem] = []
    for table in tables:
        filled = any(cell is not None and cell != "" for row in table.rows for cell in row)
        if not filled:
            continue
        found = find_columns(table)
        if found is None:
            is_help = any(word in table.sheet.casefold() for word in _HELP)
            reason = "说明页，未读" if is_help else "没有找到含“题干”的表头，整张表未读"
            problems.append(ImportProblem(reason, table.file, table.sheet, blocking=not is_help))
            continue
        heading, columns = found
        problems += _unread_columns(table, heading, columns)
        kind = kind_of(table.sheet) if "题型" not in columns else None
        for number, row in enumerate(table.rows[heading + 1 :], heading + 2):
            if not any(cell is not None and cell != "" for cell in row):
                continue
            draft = _row(table, number, row, columns, kind)
            if draft is None:
                shown = " ".join(filter(None, map(cell_text, row)))
                problems.append(ImportProblem("没有题干，这一行未读", table.file, table.sheet,
                                              number, "题干", shown[:40]))  # fmt: skip
            else:
                drafts.append(draft)
            if progress is not None and number % 1000 == 0:
                progress(number, len(table.rows))
    return tuple(drafts), tuple(problems)


def _unread_columns(table: Table, heading: int, columns: Columns) -> list[ImportProblem]:
    taken = set(columns.values())
    problems = []
    for index, value in enumerate(table.rows[heading]):
        name = cell_text(value)
        if index not in taken and name:
            filled = any(len(row) > index and row[index] not in (None, "")
                         for row in table.rows[heading + 1 :])  # fmt: skip
            if filled:
                problems.append(ImportProblem("不认识的列，未读", table.file, table.sheet,
                                              heading + 1, name, blocking=False))  # fmt: skip
    return problems


def _row(
    table: Table, number: int, row: Sequence[Cell], columns: Columns, kind: ItemKind | None
) -> Draft | None:
    def cell(name: str) -> str:
        index = columns.get(name)
        if index is None or index >= len(row) or row[index] is None:
            return ""
        value = row[index]
        if isinstance(value, str):
            text = plain_text(unsafe_cell(value.strip()))
            return "\n".join(map(clean_line, re.split(r"\r\n|\r|\n|_x000D_", text))).strip()
        return cell_text(value)

    fields = {name: _as_written(row, columns[name]) for name in _OWN if name in columns}
    if _is_own(fields):
        fields = {name: _as_written(row, place) for name, place in columns.items()}
    else:
        fields = {name: cell(name) for name in columns}
    if not fields.get("题干"):
        return None
    index = columns.get("答案", -1)
    raw_key = row[index] if 0 <= index < len(row) else None
    if isinstance(raw_key, bool):
        fields["答案"] = "正确" if raw_key else "错误"
    raw = "\n".join(f"{name}：{value}" for name, value in fields.items() if value)
    options = [fields.get(letter, "") for letter in LETTERS]
    return draft_of_fields(fields, options, file=table.file, sheet=table.sheet, line=number,
                           raw=raw, kind=kind)  # fmt: skip


_OWN = ("编号", "题型", "能力层次", "难度")
_KIND_WORDS, _LEVEL_WORDS, _BAND_WORDS = (
    frozenset(one.value for one in words) for words in (ItemKind, Level, Band)
)


def _as_written(row: Sequence[Cell], place: int) -> str:
    value = row[place] if place < len(row) else None
    return unsafe_cell(value) if isinstance(value, str) else cell_text(value)


def draft_of_fields(
    fields: Mapping[str, str],
    options: Sequence[str],
    *,
    file: str,
    sheet: str = "",
    line: int | None = None,
    raw: str = "",
    kind: ItemKind | None = None,
) -> Draft:
    """Make a draft of cells by canonical column name and option texts by position."""
    get = fields.get
    declared = kind_of(get("题型", "")) or kind
    own = _is_own(fields)
    draft = Draft(
        file, line, sheet, explanation=tidy_text(get("解析", "")), id=get("编号", ""),
        citations=tuple(p.strip() for p in re.split(r"\n|；|;", get("法条引用", "")) if p.strip()),
        points=get("分值", ""), band=band_of(get("难度", "")), level=level_of(get("能力层次", "")),
        subject=subject_code(get("主题", "")), topic=get("二级主题", ""), number=get("序号", ""),
        section=sheet, extra=_extra(fields), raw=raw,
        case=get("案例编号", ""), case_title=get("案例标题", ""), stimulus=get("案例材料", ""),
    )  # fmt: skip
    if get("题型") and declared is None:
        draft = draft.doubt(f"题型“{get('题型', '')[:12]}”不认识，按内容判断", 0.8)
    if get("难度") and draft.band is None:
        draft = draft.doubt(f"难度“{get('难度', '')[:12]}”不认识，未采用", 0.98)
    if draft.stimulus and not draft.case:
        draft = replace(draft, case=case_id(draft.stimulus))
    if own:
        return _exact(draft, ItemKind(get("题型", "")), fields, options)
    stem, texts, draft = _options(get("题干", ""), options, get("选项", ""), draft)
    if not draft.points:
        stem, inline_points = take_points(stem)
        draft = replace(draft, points=inline_points)
    written = get("答案", "") or get("填空答案", "")
    if declared is ItemKind.BLANK:
        return _blank(draft, stem, written)
    if declared is not None and not declared.objective:
        return replace(draft, kind=declared, stem=tidy(stem), answer=written)
    taken = take_key(stem)
    key = read_key(written)
    if not key.text and taken.key is not None:
        key = taken.key
    elif (
        taken.key is not None
        and taken.key.plain
        and key.plain
        and ((taken.key.letters, taken.key.truth) != (key.letters, key.truth))
    ):
        draft = draft.doubt(f"题干中的答案为 {taken.key.text}，答案列为 {key.text}，请核对", 0.4)
        key = KeyText()
    draft = replace(draft, stem=tidy(taken.stem))
    if texts:
        return _with_options(draft, texts, key, declared)
    return _without_options(draft, key, declared, written, stem)


def _is_own(fields: Mapping[str, str]) -> bool:
    """Whether the program itself wrote this row: its texts are then taken to the letter."""
    return (
        bool(fields.get("编号"))
        and fields.get("题型") in _KIND_WORDS
        and fields.get("能力层次") in _LEVEL_WORDS
        and fields.get("难度") in _BAND_WORDS
    )


def _exact(
    draft: Draft, kind: ItemKind, fields: Mapping[str, str], options: Sequence[str]
) -> Draft:
    """Make a draft of a row that the program wrote."""
    key = fields.get("答案", "")
    draft = replace(draft, kind=kind, stem=fields["题干"], explanation=fields.get("解析", ""))
    if kind is ItemKind.BLANK:
        return replace(draft, blanks=tuple(tuple(words.split("/")) for words in key.split("；")))
    if not kind.objective:
        return replace(draft, answer=key)
    filled = [place for place, text in enumerate(options) if text]
    texts = tuple(options[: filled[-1] + 1]) if filled else ()
    if kind is ItemKind.TRUE_FALSE and not texts:
        truth = read_key(key).truth
        key = "" if truth is None else "正确" if truth else "错误"
    else:
        key = read_key(key).letters
    return replace(draft, options=texts, key=key)


def _options(
    stem: str, columns: Sequence[str], cell: str, draft: Draft
) -> tuple[str, tuple[str, ...], Draft]:
    """Return the stem and option texts from option columns, one cell, or the stem itself."""
    filled = [i for i, text in enumerate(columns) if text]
    if filled:
        texts = list(columns[: filled[-1] + 1])
        if gaps := [LETTERS[i] for i, text in enumerate(texts) if not text]:
            draft = draft.doubt(f"选项 {'、'.join(gaps)} 是空的", 0.5)
        texts = [_bare(text, letter) for text, letter in zip(texts, LETTERS, strict=False)]
        for place, text in enumerate(texts):
            following = LETTERS[place + 1 : place + 2]
            glued = (
                re.search(rf"(?<=[\u4e00-\u9fff。；]){following}\s*[.．、:：]\s*\S", text)
                if following
                else None
            )
            if glued and (place + 1 >= len(texts) or not texts[place + 1]):
                draft = draft.doubt(f"选项 {LETTERS[place]} 与 {following} 写在一起，已拆开", 0.8)
                tail = _bare(text[glued.start() :], following)
                texts[place] = text[: glued.start()].strip()
                texts[place + 1 : place + 2] = [tail]
        return stem, tuple(texts), draft
    if cell:
        found = split_options(cell)
        if found.letters and not found.stem:
            for note in found.notes:
                draft = draft.doubt(note, 0.9)
            return stem, found.texts, draft
        parts = [p.strip() for p in _CELL_OPTIONS.split(cell) if p.strip()]
        if len(parts) > 1:
            return stem, tuple(_bare(p, c) for p, c in zip(parts, LETTERS, strict=False)), draft
        return stem, (), draft.doubt(f"选项“{cell[:20]}”分不开", 0.4)
    found = split_options(stem)
    if found.letters:
        for note in found.notes:
            draft = draft.doubt(note, 0.9)
        return found.stem, found.texts, draft
    return stem, (), draft


def _bare(text: str, letter: str) -> str:
    """Drop a letter that repeats the column: ``A.警告`` → ``警告``."""
    found = re.match(rf"^\s*[（(]?{letter}\s*(?:[.．、:：]|[)）])\s*(?=\S)", text)
    return tidy(text[found.end() :] if found else text)


def _with_options(
    draft: Draft, texts: tuple[str, ...], key: KeyText, declared: ItemKind | None
) -> Draft:
    letters = LETTERS[: len(texts)]
    if not key.plain and re.fullmatch(r"[1-8](?:[,，、;；\s]*[1-8])*", key.text or ""):
        digits = sorted(set(re.findall(r"[1-8]", key.text)))
        key = KeyText("".join(LETTERS[int(d) - 1] for d in digits), None, key.text)
        draft = draft.doubt(f"答案写作数字 {key.text}，按 1 为 A 读入，请核对", 0.6)
    return finish_choice(draft, SplitOptions(draft.stem, letters, texts), key, declared)


def _without_options(
    draft: Draft, key: KeyText, declared: ItemKind | None, written: str, stem: str
) -> Draft:
    if key.truth is None and key.text in ("0", "1") and declared is ItemKind.TRUE_FALSE:
        key = replace(key, truth=key.text == "1")
    if declared is ItemKind.TRUE_FALSE or (declared is None and key.truth is not None):
        return finish_truth(draft, key, Section("", declared))
    if declared is not None:
        return replace(draft, kind=declared, key=key.letters.replace("*", "")).doubt(
            "没有选项", 0.4
        )
    if count_blanks(stem) and written:
        return _blank(draft, stem, written)
    if written:
        return replace(draft, kind=ItemKind.SHORT, answer=written).doubt(
            "没有标明题型，按简答题读入", 0.8
        )
    return draft.doubt("没有选项，也没有答案", 0.3)


def _blank(draft: Draft, stem: str, written: str) -> Draft:
    stem, on_rule = (tidy(stem), ()) if written else filled_blanks(tidy(stem))
    count = count_blanks(stem)
    blanks = split_answers(written, count) if written else tuple((text,) for text in on_rule)
    if written and not blanks:
        draft = draft.doubt(f"有 {count} 个空，答案“{written[:20]}”分不成 {count} 个", 0.4)
    return replace(draft, kind=ItemKind.BLANK, stem=rule_blanks(stem), blanks=blanks,
                   answer=written)  # fmt: skip


_POINT = re.compile(r"^(.*?)（(\d+(?:\.\d+)?)\s*分(?:；同义：(.*))?）$", re.DOTALL)


def _extra(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the further item fields of our own workbook."""
    get = fields.get
    extra: dict[str, Any] = {}
    for name, column in (("band_reason", "难度理由"), ("source", "来源"), ("note", "备注"),
                         ("field_part", "领域部分")):  # fmt: skip
        if get(column):
            extra[name] = fields[column]
    for name, column in (("tags", "标签"), ("enemies", "互斥题"), ("pinned", "固定选项")):
        if get(column):
            extra[name] = tuple(t for t in re.split(r"[,，、;；\s]+", fields[column]) if t)
    if get("否定题") in ("是", "√", "Y", "1"):
        extra["negative"] = True
    if get("依据类型") in ("政策", "policy"):
        extra["basis"] = "policy"
    states = {"草稿": "draft", "已审": "reviewed", "试用": "pilot", "在用": "live", "暂停": "suspended",  # noqa: E501
              "停用": "retired"}  # fmt: skip
    if get("状态"):
        extra["status"] = states.get(fields["状态"], fields["状态"])
        if extra["status"] not in states.values():
            del extra["status"]
    if points := read_points(get("评分点", "")):
        extra["marking_points"] = points
    return extra


def read_points(text: str) -> list[dict[str, Any]]:
    """Read a marking scheme, one point a line: ``要点（2分；同义：甲／乙）``; empty when it is none."""  # noqa: E501
    found = [_POINT.match(line.strip()) for line in text.split("\n") if line.strip()]
    if not all(found):
        return []
    return [
        {"points": p[2], "text": p[1], "accept": tuple(filter(None, (p[3] or "").split("／")))}
        for p in found if p
    ]  # fmt: skip


def parse_excel(data: bytes, name: str, *, progress: Progress | None = None) -> Found:
    """Read a workbook of questions (.xlsx, .xls, .ods), or a web page that is named like one."""
    if data.lstrip()[:1] == b"<":
        return parse_html(data, name, progress=progress)
    return read_question_tables(parse_workbook(name, data), progress=progress)


def parse_csv(data: bytes, name: str, *, progress: Progress | None = None) -> Found:
    """Read a CSV or TSV file of questions."""
    decoded = decode_text(name, data)
    drafts, problems = read_question_tables(
        (parse_table_text(name, decoded.text),), progress=progress
    )
    notes = tuple(ImportProblem(note, name, blocking=False) for note in decoded.notes)
    return drafts, (*notes, *problems)


def parse_html(data: bytes, name: str, *, progress: Progress | None = None) -> Found:
    """Read a web page: its tables of questions, else its text; nothing of it is run or fetched."""
    html = decode_text(name, data).text
    tables = [
        Table(name, f"表 {number}", tuple(
            tuple("\n".join(html_lines(c)) for c in _TD.findall(row)) for row in _TR.findall(body)
        ))
        for number, body in enumerate(_TABLE.findall(html), 1)
    ]  # fmt: skip
    if any(find_columns(table) for table in tables):
        return read_question_tables(tables, progress=progress)
    return read_text("\n".join(html_lines(html)), name, progress=progress)


_TABLE = re.compile(r"<table\b[^>]{0,2000}>(.*?)</table\s*>", re.IGNORECASE | re.DOTALL)
_TR = re.compile(r"<tr\b[^>]{0,2000}>(.*?)(?=</tr\s*>|<tr\b|\Z)", re.IGNORECASE | re.DOTALL)
_TD = re.compile(
    r"<t[dh]\b[^>]{0,2000}>(.*?)(?=</t[dh]\s*>|<t[dh]\b|\Z)", re.IGNORECASE | re.DOTALL
)


def parse_json(data: bytes, name: str, *, progress: Progress | None = None) -> Found:
    """Read JSON (a list of questions, or an object holding one) or JSON Lines."""
    text = decode_text(name, data).text
    try:
        if name.lower().endswith(".jsonl"):
            records: Any = [json.loads(line) for line in text.split("\n") if line.strip()]
        else:
            records = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnsafeFile(name, f"JSON 有误：{str(error)[:80]}") from error
    drafts: list[Draft] = []
    problems: list[ImportProblem] = []
    for number, (record, kind) in enumerate(_records(records, None), 1):
        draft = _of_record(record, kind, name, number) if isinstance(record, Mapping) else None
        if draft is None:
            shown = json.dumps(record, ensure_ascii=False)[:60]
            problems.append(ImportProblem("没有题干，这一条未读", name, line=number, value=shown))
        else:
            drafts.append(draft)
        if progress is not None and number % 1000 == 0:
            progress(number, len(records))
    return tuple(drafts), tuple(problems)


def _records(
    value: Any, kind: ItemKind | None, depth: int = 0
) -> Iterable[tuple[Any, ItemKind | None]]:
    """Find the questions in lists, in lists under a name, and in lists by kind."""
    if isinstance(value, list):
        for one in value:
            if isinstance(one, list) and depth < 3:
                yield from _records(one, kind, depth + 1)
            else:
                yield one, kind
    elif isinstance(value, Mapping):
        lists = [k for k, v in value.items() if isinstance(v, list | Mapping)]
        is_question = any(
            _SAME.get(re.sub(r"[\s_]", "", str(k)).casefold()) == "题干" for k in value
        )
        if is_question or not lists or depth > 3:
            yield value, kind
        else:
            for key in lists:
                yield from _records(value[key], kind_of(str(key)) or kind, depth + 1)


def _of_record(
    record: Mapping[Any, Any], kind: ItemKind | None, name: str, number: int
) -> Draft | None:
    fields: dict[str, str] = {}
    options = [""] * len(LETTERS)
    sizes: list[Any] = []
    unread: list[str] = []
    own = _is_own({str(k): v for k, v in record.items() if isinstance(v, str)})
    for key, value in record.items():
        flat = re.sub(r"[\s_*]", "", str(key)).casefold()
        column = _SAME.get(flat, "")
        if not column and (found := _OPTION.match(flat)) and not flat.isdigit():
            mark = found[1].upper()
            place = (
                LETTERS.find(mark) if mark in LETTERS else int(mark) - 1 if mark.isdigit() else 0
            )
            options[place] = _plain(value)
        elif column == "选项" and own and isinstance(value, list):
            options[: len(value)] = [str(one) for one in value][: len(LETTERS)]
        elif column == "选项" and isinstance(value, list | Mapping):
            sizes = list(value.items()) if isinstance(value, Mapping) else list(value)
            for place, one in enumerate(sizes[: len(LETTERS)]):
                if isinstance(one, tuple):
                    letter = str(one[0]).strip().upper()[:1]
                    spot = LETTERS.find(letter) if letter else -1
                    options[spot if spot >= 0 else place] = _plain(one[1])
                elif isinstance(one, Mapping):
                    word = next((one[k] for k in ("text", "content", "value", "label", "内容", "选项")  # noqa: E501
                                 if k in one), "")  # fmt: skip
                    options[place] = _plain(word)
                    if one.get("correct") is True or one.get("isCorrect") is True:
                        fields["答案"] = fields.get("答案", "") + LETTERS[place]
                else:
                    options[place] = _bare(_plain(one), LETTERS[place])
        elif column:
            fields.setdefault(column, value if own and isinstance(value, str)
                              else _joined(value, column))  # fmt: skip
        elif value not in (None, "", []):
            unread.append(str(key))
    if not fields.get("题干"):
        return None
    answer = record.get("answer", record.get("答案"))
    if isinstance(answer, bool):
        fields["答案"] = "正确" if answer else "错误"
    elif isinstance(answer, int) and sizes:
        # Programs count options from 0.
        fields["答案"] = LETTERS[answer] if 0 <= answer < len(LETTERS) else str(answer)
    elif isinstance(answer, list) and sizes and all(type(a) is int for a in answer):
        fields["答案"] = "".join(LETTERS[a] for a in answer if 0 <= a < len(LETTERS))
    draft = draft_of_fields(fields, options, file=name, line=number, kind=kind,
                            raw=json.dumps(record, ensure_ascii=False)[:4000])  # fmt: skip
    if (
        isinstance(answer, int | list)
        and sizes
        and not isinstance(answer, bool)
        and (isinstance(answer, int) or all(type(a) is int for a in answer))
    ):
        draft = draft.doubt("答案写作序号，按 0 为 A 读入，请核对", 0.7)
    if unread:
        draft = draft.doubt(f"不认识的内容未读：{'、'.join(unread)[:40]}", 0.99)
    return draft


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return "\n".join(map(clean_line, plain_text(value).splitlines())).strip()
    if isinstance(value, bool):
        return "正确" if value else "错误"
    if isinstance(value, int | float):
        return cell_text(value)
    return json.dumps(value, ensure_ascii=False)


def _joined(value: Any, column: str) -> str:
    if isinstance(value, list):
        sign = "" if column == "答案" and all(len(str(v)) == 1 for v in value) else "；"
        return sign.join(_plain(one) for one in value)
    return _plain(value)
