"""Geometry of the answer card (答题卡): where every bubble stands, in millimetres."""

from collections.abc import Iterable, Sequence
from typing import Any

from ..bank.item import ItemKind
from ..delivery.sitting import Sitting

MAX_ITEMS = 150
MAX_DIGITS = 11
_WIDTH, _HEIGHT = 4.4, 2.6
_TOP, _BOTTOM, _LEFT, _RIGHT = 98.0, 284.0, 16.0, 196.0
_ROW, _STEP, _NUMBER, _GAP = 4.6, _WIDTH + 1.4, 9.0, 3.0
_LETTERS = "ABCDEFGH"


def answer_card(sitting: Sitting, *, number_digits: int | None = None) -> dict[str, Any]:
    """Lay out the card of a sitting; items are numbered as on the papers.

    The questions of a section all have as many bubbles as its items have options at most, so one
    card serves every paper of the sitting and tells nothing about any of them.

    Parameters
    ----------
    number_digits
        Places of the candidate number, 1 to 11; by default those of the longest candidate code,
        and at least eight.

    Returns
    -------
    dict
        ``page`` (width and height), ``marks`` (corner squares for alignment), ``number_boxes``,
        ``bubbles`` (centre, size, label and either ``digit``/``place`` of the candidate number or
        ``item``/``option``), ``flags`` (boxes for the invigilator: 缺考, 违纪) and ``numbers``; all
        lengths in millimetres from the top left corner of an A4 sheet.

    Raises
    ------
    ValueError
        If there are more than 150 choice items on a paper, or a candidate code has more places
        than the card.
    """
    options = _options_by_number(sitting)
    if len(options) > MAX_ITEMS:
        raise ValueError(f"答题卡最多 {MAX_ITEMS} 题，本卷有 {len(options)} 道客观题")
    bubbles, boxes = _number_bubbles(_digits(sitting, number_digits))
    columns = _columns(list(options.items()))
    rows = max((len(column) for column in columns), default=0)
    # Blocks of five rows with a gap, as every such card has, so that lines are not confused.
    pitch = min(_ROW, (_BOTTOM - _TOP) / max(1, rows + (rows - 1) // 5 * 0.5))
    spare = _RIGHT - _LEFT - sum(map(_width, columns))
    x, numbers = _LEFT, []
    for column in columns:
        for row, (number, count) in enumerate(column):
            y = round(_TOP + row * pitch + (row // 5) * pitch * 0.5, 3)
            numbers.append({"x": round(x, 3), "y": round(y - 1.4, 3), "label": str(number)})
            for letter, k in zip(_LETTERS, range(count), strict=False):
                place = round(x + _NUMBER + k * _STEP + _WIDTH / 2, 3)
                bubbles.append(_box(place, y, label=letter) | {"item": number, "option": letter})
        x += _width(column) + spare / len(columns)
    return {
        "page": {"width": 210, "height": 297},
        "marks": [{"x": x, "y": y, "w": 6, "h": 4} for x in (6, 198) for y in (6, 287)],
        "number_boxes": boxes,
        "bubbles": bubbles,
        "flags": [
            {**_box(x, 83.6, label=label), "w": 5.0, "h": 3.0}
            for x, label in ((30.0, "缺考"), (68.0, "违纪"))
        ],
        "numbers": numbers,
    }


def _box(x: float, y: float, *, label: str) -> dict[str, Any]:
    return {"x": round(x, 3), "y": round(y, 3), "w": _WIDTH, "h": _HEIGHT, "label": label}


def _width(column: Iterable[tuple[int, int]]) -> float:
    return _NUMBER + max(count for _, count in column) * _STEP + _GAP


def _columns(questions: Sequence[tuple[int, int]]) -> list[Sequence[tuple[int, int]]]:
    """Break the questions into columns of 25 rows, or the next multiple of five that fits."""
    rows = 20
    while True:
        rows += 5
        columns = [questions[i : i + rows] for i in range(0, len(questions), rows)]
        if sum(map(_width, columns)) <= _RIGHT - _LEFT:
            return columns


def _digits(sitting: Sitting, asked: int | None) -> int:
    longest = max((len(c.code) for c in sitting.roster if not c.exempt), default=0)
    digits = max(8, longest) if asked is None else asked
    if not longest <= digits <= MAX_DIGITS:
        raise ValueError(
            f"准考证号最长 {longest} 位，答题卡的考号栏为 {digits} 位，"
            f"应不少于考号位数且不超过 {MAX_DIGITS} 位"
        )
    return digits


def _options_by_number(sitting: Sitting) -> dict[int, int]:
    """Largest number of options under each question number over all papers that can be drawn."""
    items = [sitting.bank[name] for name in sitting.papers.worth]
    by_kind: dict[ItemKind, int] = {}
    in_case: dict[int, int] = {}
    for item in items:
        shown = 2 if item.kind is ItemKind.TRUE_FALSE else len(item.options)
        if item.case is None:
            by_kind[item.kind] = max(by_kind.get(item.kind, 0), shown)
        else:
            place = sitting.bank.cases[item.case].item_ids.index(item.id)
            in_case[place] = max(in_case.get(place, 0), shown)
    out: dict[int, int] = {}
    number = 0
    for section in sitting.rules.blueprint.sections:
        for place in range(section.items):
            number += 1
            if section.kind is None:
                count = in_case.get(place % section.items_per_case, 0)
            else:
                count = by_kind.get(section.kind, 0)
            if count:
                out[number] = count
    return out


def _number_bubbles(digits: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    left = _RIGHT - digits * 9.0
    bubbles: list[dict[str, Any]] = []
    boxes = []
    for place in range(digits):
        x = left + place * 9.0
        boxes.append({"x": round(x, 3), "y": 32.0})
        for digit in range(10):
            box = _box(x, 43.0 + digit * 4.6, label=str(digit))
            bubbles.append(box | {"place": place + 1, "digit": digit})
    return bubbles, boxes
