"""Results of exams held elsewhere: Moodle reports, QTI results, tables with a row per answer."""

import csv
import json
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from ..bank.item import Item, ItemKind
from ..bank.text import fold_question
from ..delivery.answers import AnswerSheet, Attendance
from ..delivery.sitting import Sitting
from ..errors import ImportProblem, UnknownFormat, UnsafeFile
from .clean import decode_text
from .markup import html_lines, parse_xml
from .qti2 import every
from .qti_results import ItemResult, candidate_names, item_results
from .reading import Reading
from .safety import BROKEN, read_file
from .tables import Cell, cell_text, parse_workbook
from .words import FALSE_WORDS, TRUE_WORDS

_CODES = (
    "考号", "准考证号", "考生编号", "candidate", "candidateid", "candidate_id", "idnumber",
    "id number", "学号", "编号", "id号码", "身份编号", "username", "用户名", "user", "userid",
    "user_id",
)  # fmt: skip
_ITEMS = (
    "题目编号",
    "试题编号",
    "题目",
    "题号",
    "item",
    "itemid",
    "item_id",
    "question",
    "questionid",
    "identifier",
)
_ANSWERS = (
    "作答", "答案", "选择", "考生答案", "response", "answer", "chosen", "option", "options",
    "optionids", "option_ids", "value",
)  # fmt: skip
_ATTEMPTS = ("次数", "第几次", "attempt", "attempts", "尝试", "尝试次数")
_STATES = ("状态", "state", "status")
_RESPONSE = re.compile(r"^(?:response|回答|答案|作答|响应)\s*(\d{1,3})$", re.IGNORECASE)
_QUESTION = re.compile(r"^(?:question|试题|问题|题目)\s*(\d{1,3})$", re.IGNORECASE)
_UNFINISHED = (
    "in progress", "never submitted", "not started", "进行中", "从未提交", "未开始",
    "inprogress", "abandoned", "notstarted",
)  # fmt: skip
_SUFFIXES = (".csv", ".tsv", ".xlsx", ".xls", ".ods", ".json", ".jsonl", ".xml", ".zip")
_OMITTED = ("", "-", "—", "no answer", "未作答", "尚未回答", "没有回答")


@dataclass(frozen=True, slots=True)
class _Given:
    """One answer as found: candidate, item, what was chosen, attempt and place."""

    candidate: str
    item: str
    values: tuple[str, ...]
    attempt: int
    line: int | None


@dataclass
class _Results:
    sitting: Sitting
    file: str
    problems: list[ImportProblem] = field(default_factory=list)
    given: list[_Given] = field(default_factory=list)
    present: dict[str, int] = field(default_factory=dict)

    def note(self, reason: str, line: int | None = None, column: str = "", value: str = "",
             *, blocking: bool = True) -> None:  # fmt: skip
        self.problems.append(ImportProblem(reason, self.file, "", line, column, value, blocking))

    def known(self, candidate: str, line: int | None) -> bool:
        """Whether a code has a paper; a code without one is reported once per line."""
        if candidate in self.sitting.papers:
            return True
        self.note("名册中没有这个考号", line, "考号", candidate)
        return False


def preview_results(source: str | Path, sitting: Sitting) -> Reading[tuple[AnswerSheet, ...]]:
    """Read results that another program produced and show what fits.

    Parameters
    ----------
    source
        A Moodle responses report (CSV, Excel or JSON, also with question texts), QTI result XML or
        a zip of such files, or a table or JSON Lines with a row for each answer: candidate, item
        id, option ids, and optionally attempt.
    sitting
        Its bank and papers give answers their meaning. Option texts and option ids both serve.

    Returns
    -------
    Reading
        `good` holds one sheet for each candidate found. An answer that cannot be read is blocking.
        Of several attempts the last counts, and it is said.

    Raises
    ------
    UnknownFormat, UnsafeFile
        If the file is of no known kind, or refused.
    """
    path = Path(source)
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise UnknownFormat(path.name, _SUFFIXES)
    return results_of(read_file(path), path.name, sitting)


def read_results(source: str | Path, sitting: Sitting) -> tuple[AnswerSheet, ...]:
    """Read results of which every answer can be used; see `preview_results` to look first.

    Raises
    ------
    ImportFailed
        With every problem found.
    """
    return preview_results(source, sitting).accept()


def results_of(data: bytes, name: str, sitting: Sitting) -> Reading[tuple[AnswerSheet, ...]]:
    """Read results held in memory; the name tells their kind."""
    found = _Results(sitting, name)
    suffix = Path(name).suffix.lower()
    if suffix == ".xml":
        _qti(found, [data])
    elif suffix == ".zip":
        _qti_zip(found, data)
    else:
        for rows in _tables(data, name, suffix):
            _table(found, rows)
    return Reading(name, _sheets(found), tuple(found.problems))


def _tables(data: bytes, name: str, suffix: str) -> Iterable[list[dict[str, Cell]]]:
    """Rows as mappings from folded heading to cell."""
    if suffix in (".xlsx", ".xls", ".ods"):
        for table in parse_workbook(name, data):
            yield _records([list(row) for row in table.rows])
        return
    text = decode_text(name, data).text
    if suffix in (".json", ".jsonl"):
        try:
            if suffix == ".jsonl":
                records: Any = [json.loads(line) for line in text.split("\n") if line.strip()]
            else:
                records = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UnsafeFile(name, f"JSON 有误：{str(error)[:80]}") from error
        # Moodle wraps the rows of its JSON export in one more list.
        while isinstance(records, list) and len(records) == 1 and isinstance(records[0], list):
            records = records[0]
        if not isinstance(records, list) or not all(isinstance(r, Mapping) for r in records):
            raise UnsafeFile(name, "JSON 应为一组对象")
        yield [{_head(str(k)): _cell(v) for k, v in record.items()} for record in records]
        return
    try:
        delimiter = "\t" if suffix == ".tsv" or "\t" in text.partition("\n")[0] else ","
        yield _records([list(row) for row in csv.reader(StringIO(text), delimiter=delimiter)])
    except csv.Error as error:
        raise UnsafeFile(name, f"表格文本有误：{error}") from error


def _cell(value: Any) -> Cell:
    if isinstance(value, list | tuple):
        return ";".join(str(one) for one in value)
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _records(rows: list[list[Any]]) -> list[dict[str, Cell]]:
    filled = [row for row in rows if any(cell not in (None, "") for cell in row)]
    if not filled:
        return []
    heads = [_head(cell_text(cell)) for cell in filled[0]]
    return [dict(zip(heads, row, strict=False)) for row in filled[1:]]


def _head(text: str) -> str:
    return re.sub(r"\s+", " ", text.strip().strip("*＊:：\ufeff")).casefold()


def _column(row: Mapping[str, Cell], names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in row), None)


def _table(found: _Results, rows: list[dict[str, Cell]]) -> None:
    if not rows:
        return
    heads: dict[str, None] = {}
    for row in rows:
        heads.update(dict.fromkeys(row))
    sample: dict[str, Cell] = dict.fromkeys(heads)
    code = _column(sample, _CODES)
    responses = {head: int(m[1]) for head in heads if (m := _RESPONSE.match(head))}
    if code is None:
        found.note("没有找到考号列（考号、学号、ID number、username …），整张表未读")
        return
    if responses:
        _wide(found, rows, code, responses, heads)
        return
    item, answer = _column(sample, _ITEMS), _column(sample, _ANSWERS)
    if item is None or answer is None:
        found.note("没有找到题目和作答两列，整张表未读")
        return
    attempt = _column(sample, _ATTEMPTS)
    for number, row in enumerate(rows, 2):
        candidate = cell_text(row.get(code)).strip()
        if not candidate or not found.known(candidate, number):
            continue
        text = cell_text(row.get(answer)).strip()
        times = cell_text(row.get(attempt)) if attempt else "1"
        found.present.setdefault(candidate, number)
        found.given.append(
            _Given(candidate, cell_text(row.get(item)).strip(), (text,),
                   int(times) if times.isdigit() else 1, number)
        )  # fmt: skip


def _wide(
    found: _Results,
    rows: list[dict[str, Cell]],
    code: str,
    responses: Mapping[str, int],
    heads: Iterable[str],
) -> None:
    """Read a Moodle responses report: a row for each attempt, columns Response 1, 2 and on."""
    questions = {int(m[1]): head for head in heads if (m := _QUESTION.match(head))}
    stems = _stems(found.sitting)
    tries: dict[str, int] = {}
    for number, row in enumerate(rows, 2):
        candidate = cell_text(row.get(code)).strip()
        if not candidate or candidate.casefold() in ("overall average", "总平均分"):
            continue
        if not found.known(candidate, number):
            continue
        state_column = _column(row, _STATES)
        state = cell_text(row.get(state_column)).strip().casefold() if state_column else ""
        if state.replace(" ", "") in {s.replace(" ", "") for s in _UNFINISHED}:
            found.note("这次作答没有交卷，未采用", number, "状态", state, blocking=False)
            continue
        tries[candidate] = tries.get(candidate, 0) + 1
        found.present.setdefault(candidate, number)
        order = found.sitting.paper(candidate).item_ids
        for head, place in responses.items():
            text = _unmarked(cell_text(row.get(head)))
            asked = _unmarked(cell_text(row.get(questions[place]))) if place in questions else ""
            item = _asked(asked, stems, order) if asked else ""
            if not item:
                if asked or place > len(order):
                    if text.casefold() not in _OMITTED:
                        found.note("不知道这一列是哪道题", number, head, asked[:30] or text[:30])
                    continue
                item = order[place - 1]
            found.given.append(_Given(candidate, item, (text,), tries[candidate], number))


def _unmarked(text: str) -> str:
    return "\n".join(html_lines(text)) if "<" in text and ">" in text else text.strip()


def _stems(sitting: Sitting) -> dict[str, list[str]]:
    stems: dict[str, list[str]] = {}
    for item in sitting.bank:
        stems.setdefault(fold_question(item.stem), []).append(item.id)
    return stems


def _asked(text: str, stems: Mapping[str, list[str]], order: tuple[str, ...]) -> str:
    """Find the item a question text belongs to; Moodle appends the options to it."""
    flat = fold_question(re.split(r"[{:]\s*(?=[^{}]*;)", text)[0])
    whole = fold_question(text)
    for key in (whole, flat):
        ids = [i for i in stems.get(key, ()) if i in order]
        if len(ids) == 1:
            return ids[0]
    starts = [
        i
        for stem, ids in stems.items()
        if stem and whole.startswith(stem)
        for i in ids
        if i in order
    ]
    return max(starts, key=len) if len(starts) == 1 else ""


def _qti_zip(found: _Results, data: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = [m for m in archive.namelist() if m.lower().endswith(".xml")]
            _qti(found, (archive.read(member) for member in sorted(members)))
            if not members:
                found.note("压缩包内没有 XML 结果文件")
    except BROKEN as error:
        raise UnsafeFile(found.file, "压缩包已损坏，请重新导出") from error


def _qti(found: _Results, files: Iterable[bytes]) -> None:
    """Read ``assessmentResult`` documents of QTI 2.x and 3.0; of each item the last result."""
    last: dict[tuple[str, str], ItemResult] = {}
    again: set[str] = set()
    for data in files:
        results = every(parse_xml(data, found.file), "assessmentResult")
        if not results:
            found.note("不是 QTI 结果文件（没有 assessmentResult）")
        for result in results:
            candidate = _candidate(found, result)
            for one in item_results(result) if candidate else ():
                key = candidate, next((n for n in one.names if n in found.sitting.bank),
                                      one.names[0])  # fmt: skip
                before = last.get(key)
                if before is not None:
                    again.add(candidate)
                if before is None or one.standing >= before.standing:
                    last[key] = one
    if again:
        found.note(f"有 {len(again)} 人对同一题作答多次，以最后一次提交的为准", blocking=False)
    for (candidate, name), one in last.items():
        found.given.append(_Given(candidate, name, one.values, 1, one.line))


def _candidate(found: _Results, result: Any) -> str:
    """Code on the roster that a report names; empty, and said, when there is none."""
    names = candidate_names(result)
    code = next((name for name in names if name in found.sitting.papers), names[0] if names else "")
    if not found.known(code, result.sourceline):
        return ""
    found.present.setdefault(code, result.sourceline)
    return code


def _sheets(found: _Results) -> tuple[AnswerSheet, ...]:
    """Turn what was found into sheets, in the order of the roster."""
    last: dict[str, int] = {}
    for one in found.given:
        last[one.candidate] = max(last.get(one.candidate, 1), one.attempt)
    several = [code for code, attempt in last.items() if attempt > 1]
    if several:
        found.note(f"有 {len(several)} 人作答多次，以最后一次为准", blocking=False)
    chosen: dict[str, dict[str, frozenset[str]]] = {code: {} for code in found.present}
    written: dict[str, dict[str, tuple[str, ...]]] = {code: {} for code in found.present}
    for one in found.given:
        if one.attempt == last[one.candidate]:
            _place(found, one, chosen[one.candidate], written[one.candidate])
    for candidate in found.sitting.roster:
        if not candidate.exempt and candidate.code not in found.present:
            found.note(
                "没有这名考生的结果，将记为缺考", None, "考号", candidate.code, blocking=False
            )
    return tuple(
        AnswerSheet(c.code, Attendance.PRESENT, chosen[c.code], written[c.code])
        for c in found.sitting.roster
        if c.code in found.present
    )


def _place(
    found: _Results,
    one: _Given,
    chosen: dict[str, frozenset[str]],
    written: dict[str, tuple[str, ...]],
) -> None:
    """Put one answer on the sheet, or say why not."""
    name = one.item
    order = found.sitting.paper(one.candidate).item_ids
    if name not in order:
        found.note("这道题不在该考生的试卷上", one.line, "题目", name)
        return
    item = found.sitting.bank[name]
    values = tuple(v for v in one.values if v.strip().casefold() not in _OMITTED)
    if not values:
        return
    if name in chosen or name in written:
        found.note("同一题有两个作答，以前一个为准", one.line, "题目", name)
        return
    if item.kind is ItemKind.BLANK:
        # A blank left empty keeps its place among the others.
        parts = one.values if len(one.values) > 1 else tuple(re.split(r"[；;|]", values[0]))
        given = (part.strip() for part in parts)
        written[name] = tuple("" if part.casefold() in _OMITTED else part for part in given)
    elif not item.kind.objective:
        written[name] = ("\n".join(values),)
    else:
        ids = option_ids(values, item)
        if ids is None:
            found.note("作答不是这道题的选项", one.line, name, values[0][:30])
        else:
            chosen[name] = ids


def option_ids(values: tuple[str, ...], item: Item) -> frozenset[str] | None:
    """Return the option ids behind ids, letters or option texts; None when any does not fit."""
    ids = [option.id for option in item.options]
    if item.kind is ItemKind.TRUE_FALSE and len(values) == 1:
        word = values[0].strip().upper()
        if word in TRUE_WORDS | FALSE_WORDS:
            wanted = "正确" if word in TRUE_WORDS else "错误"
            right = frozenset(o.id for o in item.options if o.text == wanted)
            return right or None
    letters = [c for v in values for c in re.sub(r"[\s,，;；、.]", "", v).upper()]
    if letters and all(letter in ids for letter in letters):
        return frozenset(letters) if len(set(letters)) == len(letters) else None
    texts = {fold_question(option.text): option.id for option in item.options}
    chosen: set[str] = set()
    for value in values:
        whole = fold_question(value)
        if whole in texts:
            chosen.add(texts[whole])
            continue
        parts = [fold_question(part) for part in re.split(r"[;；]\s*|\n", value) if part.strip()]
        if not all(part in texts for part in parts):
            # An option may hold the sign that separates options: take the longest texts away.
            left = whole
            for text in sorted(texts, key=len, reverse=True):
                if text and text in left:
                    left = left.replace(text, "", 1)
                    chosen.add(texts[text])
            if left:
                return None
            continue
        chosen |= {texts[part] for part in parts}
    return frozenset(chosen)
