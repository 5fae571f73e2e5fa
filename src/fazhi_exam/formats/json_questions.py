"""Questions in JSON: a list, lists by kind, or one object a line."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..bank.item import LETTERS, ItemKind
from ..errors import ImportProblem, UnsafeFile
from .clean import clean_line, decode_text
from .draft import Draft
from .sheet_columns import canonical_name, option_letter
from .sheet_options import bare_option
from .sheet_rows import draft_of_fields, is_own, plain_text
from .sheets import Found
from .tables import cell_text
from .text import Progress
from .words import kind_of


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
        is_question = any(canonical_name(str(k)) == "题干" for k in value)
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
    own = is_own({str(k): v for k, v in record.items() if isinstance(v, str)})
    for key, value in record.items():
        column = canonical_name(str(key))
        column = {"选对": "答案", "选错": ""}.get(column, column)
        if not column and (letter := option_letter(str(key))):
            options[LETTERS.find(letter)] = _plain(value)
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
                    options[place] = bare_option(_plain(one), LETTERS[place])
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
