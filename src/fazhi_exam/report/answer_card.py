"""Geometry of the answer card (答题卡): where every bubble stands, in millimetres."""

from typing import Any

from ..bank.item import ItemKind
from ..delivery.sitting import Sitting

MAX_ITEMS = 150
_WIDTH, _HEIGHT = 4.4, 2.6
_TOP, _BOTTOM, _LEFT = 98.0, 286.0, 16.0
_ROW = 4.6


def answer_card(sitting: Sitting, *, number_digits: int = 8) -> dict[str, Any]:
    """Lay out the card of a sitting; items are numbered as on the papers.

    Returns
    -------
    dict
        ``marks`` (corner squares for alignment), ``number_boxes``, ``bubbles`` (centre, size, label
        and either ``digit``/``place`` of the candidate number or ``item``/``option``) and
        ``numbers``; all lengths in millimetres from the top left corner of an A4 sheet.

    Raises
    ------
    ValueError
        If there are more than 150 choice items on a paper.
    """
    options = _options_by_number(sitting)
    if len(options) > MAX_ITEMS:
        raise ValueError(f"an answer card holds {MAX_ITEMS} items, the paper has {len(options)}")
    bubbles, boxes = _number_bubbles(number_digits)
    widest = max(options.values(), default=4)
    column_width = 9.0 + widest * (_WIDTH + 1.4) + 3.0
    columns = int((210 - 2 * _LEFT) // column_width)
    rows = -(-len(options) // columns) if options else 0
    # Blocks of five rows with a gap, as every such card has, so that lines are not confused.
    pitch = min(_ROW, (_BOTTOM - _TOP) / max(1, rows + rows // 5 * 0.5))
    numbers = []
    for place, (number, count) in enumerate(options.items()):
        column, row = divmod(place, rows)
        x = _LEFT + column * column_width
        y = _TOP + row * pitch + (row // 5) * pitch * 0.5
        numbers.append({"x": round(x, 3), "y": round(y - 1.4, 3), "label": str(number)})
        for k in range(count):
            bubbles.append(
                {
                    "x": round(x + 9.0 + k * (_WIDTH + 1.4) + _WIDTH / 2, 3),
                    "y": round(y, 3),
                    "w": _WIDTH,
                    "h": _HEIGHT,
                    "label": "ABCDEFGH"[k],
                    "item": number,
                    "option": "ABCDEFGH"[k],
                }
            )
    marks = [{"x": x, "y": y, "w": 6, "h": 4} for x in (6, 198) for y in (6, 287)]
    return {"marks": marks, "number_boxes": boxes, "bubbles": bubbles, "numbers": numbers}


def _options_by_number(sitting: Sitting) -> dict[int, int]:
    """Largest number of options under each question number over all papers."""
    out: dict[int, int] = {}
    number = 0
    for section in sitting.rules.blueprint.sections:
        kinds = {section.kind}
        for _ in range(section.items):
            number += 1
            if kinds == {ItemKind.TRUE_FALSE}:
                out[number] = 2
            elif section.cases or (section.kind is not None and section.kind.has_options):
                out[number] = 4
    if any(len(item.options) > 4 for item in sitting.bank if item.kind.has_options):
        for paper in sitting.papers:
            for place, item_id in enumerate(paper.item_ids, 1):
                if place in out:
                    out[place] = max(out[place], len(paper.option_order.get(item_id, ())))
    return out


def _number_bubbles(digits: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    left = 196.0 - digits * 9.0
    bubbles: list[dict[str, Any]] = []
    boxes = []
    for place in range(digits):
        x = left + place * 9.0
        boxes.append({"x": round(x, 3), "y": 32.0})
        bubbles += [
            {
                "x": round(x, 3),
                "y": round(43.0 + digit * 4.6, 3),
                "w": _WIDTH,
                "h": _HEIGHT,
                "label": str(digit),
                "place": place + 1,
                "digit": digit,
            }
            for digit in range(10)
        ]
    return bubbles, boxes
