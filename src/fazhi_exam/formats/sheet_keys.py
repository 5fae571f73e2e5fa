"""Keys in cells: letters, figures, texts of options, ticks, and a reason behind them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..bank.item import LETTERS, ItemKind
from ..bank.text import fold_question
from .sheet_columns import BLANKS
from .text.options import circled_key, split_options
from .words import KeyText, read_key

_LABEL = re.compile(
    r"^\s*[【\[（(]?\s*(?:(?:正确|标准|参考)?答案|答)\s*[】\])）]?\s*[:：为是]\s*(?=\S)"
)
_DIGITS = re.compile(r"[1-8](?:[,，、;；\s]*[1-8])*")
_BETWEEN = re.compile(r"[;；\n|｜/]|(?<![A-Ha-h])[、，,]")
_HEAD = re.compile(
    r"^[（(【]?\s*([A-Ha-h](?:[\s,，、]*[A-Ha-h]){0,7})\s*[)）】]?"
    r"\s*(?:[。．.，,；;：:、\n（(【]|\s(?=[^A-Ha-h]))\s*(.{2,})$",
    re.DOTALL,
)
_NAMED = re.compile(r"^\s*[（(]?([A-Ha-h])\s*[)）.．、:：]\s*(.+)$", re.DOTALL)
_REASON = re.compile(r"^[（(【\[]?(?:答案)?(?:解析|理由|依据|说明)?[】\])）]?\s*[:：]?\s*")
_STEMS = str.maketrans("甲乙丙丁戊己庚辛", LETTERS)
_JOINED = re.compile(r"\s*(?:#{2,}|\$;\$|[┋┇‖])\s*")
_BRACKETS = re.compile(r"(?:\[[^\[\]]+\]|【[^【】]+】|\{[^{}]+\})+")
_FRACTION = re.compile(r"\d+\s*[/／]\s*\d+")


@dataclass(frozen=True, slots=True)
class CellKey:
    """A key as read: what it means, what else the cell says, and what was assumed.

    Parameters
    ----------
    key
        Letters or truth where they could be told.
    reason
        Text behind the key, which belongs to the explanation.
    notes
        Assumptions with the confidence they leave.
    """

    key: KeyText
    reason: str = ""
    notes: tuple[tuple[str, float], ...] = ()


def key_of_options(written: str, texts: Sequence[str]) -> CellKey:
    """Read the key of a question that has options."""
    text = _LABEL.sub("", written)
    key = read_key(text)
    if key.plain or not key.text:
        return CellKey(key)
    letters_of = {fold_question(one): LETTERS[i] for i, one in enumerate(texts) if one}
    same = letters_of.get(fold_question(key.text), "")
    if _DIGITS.fullmatch(key.text):
        counted = "".join(LETTERS[int(d) - 1] for d in sorted(set(re.findall("[1-8]", key.text))))
        if same and same != counted:
            note = f"答案 {key.text} 与选项 {same} 的文字相同，按 {same} 读入（不是第几项），请核对"
            return _letters(key, same, note, 0.5)
        note = f"答案写作数字 {key.text}，按 1 为 A 读入，请核对"
        return _letters(key, counted, note, 0.6)
    if same:
        return _letters(key, same, "答案写的是选项文字，已换成字母", 0.9)
    if (circled := circled_key(key.text)) != key.text and read_key(circled).letters:
        note = f"答案写作 {key.text}，按 ① 为 A 读入，请核对"
        return _letters(key, read_key(circled).letters, note, 0.8)
    if (named := key.text.translate(_STEMS)) != key.text and read_key(named).letters:
        note = f"答案写作 {key.text}，按甲为 A 读入，请核对"
        return _letters(key, read_key(named).letters, note, 0.8)
    pieces = [_piece(one, letters_of) for one in _BETWEEN.split(key.text) if one.strip()]
    if len(pieces) > 1 and all(pieces):
        letters = "".join(sorted(set(pieces)))
        return _letters(key, letters, "答案写的是选项文字，已换成字母", 0.85)
    return _lettered(text, key, texts)


def _piece(text: str, letters_of: Mapping[str, str]) -> str:
    """Return the letter of one piece of a key: ``警告`` or ``A.警告``."""
    found = _NAMED.match(text)
    letter = letters_of.get(fold_question(found[2] if found else text), "")
    return "" if found and found[1].upper() != letter else letter


def _letters(key: KeyText, letters: str, note: str, factor: float) -> CellKey:
    return CellKey(KeyText(letters, None, key.text), notes=((note, factor),))


def _lettered(text: str, key: KeyText, texts: Sequence[str]) -> CellKey:
    """Read ``B.罚款``, ``A.警告 B.罚款`` and ``AB。因为……``."""
    found = split_options(text)
    if len(found.letters) > 1 and not found.stem and len(found.letters) <= len(texts):
        options = dict(zip(LETTERS, texts, strict=False))
        if all(fold_question(options.get(letter, "")) == fold_question(one)
               for letter, one in zip(found.letters, found.texts, strict=True)):  # fmt: skip
            return CellKey(KeyText("".join(sorted(found.letters)), None, key.text))
    head = _HEAD.match(text.strip())
    if not head:
        return CellKey(key)
    letters, rest = read_key(head[1]).letters, _REASON.sub("", head[2].strip()).strip("）)】 ")
    place = LETTERS.find(letters) if len(letters) == 1 else -1
    if 0 <= place < len(texts) and fold_question(texts[place]) == fold_question(head[2]):
        return CellKey(KeyText(letters, None, key.text))
    if not letters:
        return CellKey(key)
    note = f"答案格中字母之后的文字按解析读入：{rest[:20]}"
    return CellKey(KeyText(letters, None, head[1]), rest, ((note, 0.85),))


def key_of_truth(written: str, kind: ItemKind | None) -> CellKey:
    """Read the key of a question without options; figures only where 判断 is declared."""
    text = _LABEL.sub("", written)
    key = read_key(text)
    if key.plain or kind is not ItemKind.TRUE_FALSE or key.text not in ("0", "1", "2"):
        return CellKey(key)
    right = key.text == "1"
    word = "1 为正确、0 为错误" if key.text != "2" else "1 为正确、2 为错误"
    note = f"判断题答案写作 {key.text}，按{word}读入，请核对"
    return CellKey(replace(key, truth=right), notes=((note, 0.7),))


def ticked_key(fields: Mapping[str, str]) -> str:
    """Return the key of a pair of columns 正确 and 错误, one of which has a tick."""
    cells = [fields.get(name, "").strip() for name in ("选对", "选错")]
    meant = [read_key(cell).truth is not False for cell in cells]
    ticked = [word for word, cell, yes in zip(("正确", "错误"), cells, meant, strict=True)
              if cell and yes]  # fmt: skip
    return ticked[0] if len(ticked) == 1 else "／".join(filter(None, cells))


def joined_key(written: str) -> str:
    """Return a key with the signs by which exports join answers (###, ┋, [a][b]) as ；."""
    if _BRACKETS.fullmatch(written.strip()) and len(written) > 2:
        return "；".join(re.findall(r"[^\[\]【】{}]+", written))
    return _JOINED.sub("；", written)


def blank_cells(fields: Mapping[str, str]) -> tuple[str, ...]:
    """Return the columns 空1, 空2 … up to the last that is filled."""
    cells = [fields.get(name, "") for name in BLANKS]
    filled = [place for place, text in enumerate(cells) if text]
    return tuple(cells[: filled[-1] + 1]) if filled else ()


def words_of_blank(text: str) -> tuple[str, ...]:
    """Return the words accepted in one blank: told apart by /, which 1/3 is not."""
    if _FRACTION.fullmatch(text.strip()):
        return (text.strip(),)
    words = (word.strip() for word in re.split(r"\s*(?:/|／|\|\|)\s*", text.strip()))
    return tuple(dict.fromkeys(word for word in words if word))
