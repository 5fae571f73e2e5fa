"""Papers, key books, lists and cards as PDF (试卷与考务文书)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from ..delivery.seating import Room
from ..delivery.sitting import Sitting
from ..delivery.slots import Slot
from ..files import write_bytes
from ..points import tidy
from ..scoring.decisions import Decisions
from ..typing import Progress
from .answer_card import answer_card
from .paper_content import PrintedPaper, printed_paper
from .typeset import write_pdf, write_pdfs


class Sheet(StrEnum):
    """Paper a form is printed on (纸型)."""

    A4 = "a4"
    A3_TWO_COLUMN = "a3"


@dataclass(frozen=True, slots=True)
class PrintOptions:
    """How papers are printed (印制选项).

    Parameters
    ----------
    sheet
        A4, or A3 across with two columns.
    large
        Large print for candidates who need it.
    duplex
        Start every paper on a front side, so that two-sided printing keeps papers apart.
    """

    sheet: Sheet = Sheet.A4
    large: bool = False
    duplex: bool = True


def write_papers(
    sitting: Sitting,
    folder: str | Path,
    *,
    options: PrintOptions | None = None,
    rooms: Sequence[str] | None = None,
    workers: int = 2,
    progress: Progress | None = None,
) -> tuple[Path, ...]:
    """Write the papers of every candidate as PDF, one file per room in seat order.

    Parameters
    ----------
    folder
        Receives ``试卷_考场<room>.pdf``.
    options
        Sheet, print size, duplex.
    rooms
        Only these rooms; all by default.
    workers
        Processes at a time, each of up to some hundred megabytes; one when a room has more than
        30 papers, or 15 in large print, so that all together stay below 1 GB.
    progress
        Called as (files done, files) after each file.

    Raises
    ------
    TypesettingFailed
        If a document cannot be set; the files written before stay whole.
    """
    look = options or PrintOptions()
    parts = [
        (f"试卷_考场{room}" + (f"_{part}" if len(codes) > _AT_ONCE else ""), some)
        for room, codes in sitting.rooms.items()
        if rooms is None or room in rooms
        for part, some in enumerate(_parts(codes), 1)
    ]
    jobs = (
        ("papers", papers_data(sitting, some, look), Path(folder) / f"{name}.pdf")
        for name, some in parts
    )
    if any(len(some) > _SIDE_BY_SIDE // (2 if look.large else 1) for _, some in parts):
        workers = 1
    return write_pdfs(jobs, count=len(parts), workers=workers, progress=progress)


_AT_ONCE = 60
"""Papers in one document; more take more than 1 GB."""
_SIDE_BY_SIDE = 30
"""Papers in one document, about 400 MB, up to which several are set at a time."""


def _parts(codes: Sequence[str]) -> list[Sequence[str]]:
    return [codes[i : i + _AT_ONCE] for i in range(0, len(codes), _AT_ONCE)]


def papers_data(sitting: Sitting, codes: Sequence[str], look: PrintOptions) -> dict[str, Any]:
    """Return what the template needs to set the papers of some candidates."""
    rules = sitting.rules
    a3 = look.sheet is Sheet.A3_TWO_COLUMN
    return {
        "title": f"{sitting.title}试卷",
        "book": "闭卷" if rules.closed_book else "开卷",
        "minutes": rules.minutes,
        "total": f"{tidy(rules.blueprint.total_points):f}",
        "sections": len(rules.blueprint.sections),
        "paper": look.sheet.value,
        "flipped": a3,
        "columns": 2 if a3 else 1,
        "wide": not look.large,
        "duplex": look.duplex,
        "point_size": 16 if look.large else 10.5,
        "papers": [
            _paper_data(printed_paper(sitting, code), 200 if look.large else 600) for code in codes
        ],
    }


def _paper_data(paper: PrintedPaper, breakable: int) -> dict[str, Any]:
    """Return a paper as plain values; questions of more characters may break across pages."""
    data = asdict(paper)
    for section in data["sections"]:
        for group in section["groups"]:
            for question in group["questions"]:
                # What may fill a page has to be allowed to break; what leaves it half empty, too.
                read = sum(map(len, question["options"]))
                read += sum(len(span["text"]) for span in question["stem"])
                question["long"] = question["lines"] > 8 or read > breakable
    return data


def write_key_book(sitting: Sitting, path: str | Path) -> Path:
    """Write every item that may be on a paper with key, explanation and citation."""
    used = sorted(sitting.papers.worth)
    by_section = []
    for section in sitting.rules.blueprint.sections:
        if section.cases:
            chosen = [i for i in used if sitting.bank[i].case is not None]
        else:
            chosen = [i for i in used if sitting.bank[i].kind is section.kind]
            chosen = [i for i in chosen if sitting.bank[i].case is None]
        if chosen:
            by_section.append({"title": section.title, "items": [_key(sitting, i) for i in chosen]})
    data = {
        "title": f"{sitting.title}答案与解析",
        "subtitle": f"考试日期 {sitting.on:%Y-%m-%d}　共 {len(used)} 题　题库 "
        f"{sitting.bank.content_hash[:12]}　内部资料　考后启封",
        "note": "内部资料",
        "sections": by_section,
    }
    return write_pdf("key_book", data, Path(path))


def _key(sitting: Sitting, item_id: str) -> dict[str, Any]:
    item = sitting.bank[item_id]
    return {
        "id": item.id,
        "stem": item.stem,
        "options": [
            {"letter": o.id, "text": o.text, "right": o.id in item.key}
            for o in item.options
            if item.kind.value != "判断"
        ],
        "key": item.key_text,
        "citation": "、".join(map(str, item.citations)) or item.source,
        "explanation": item.explanation,
    }


def write_lists(sitting: Sitting, path: str | Path, *, slot: Slot | None = None) -> Path:
    """Write the seating and sign-in list of every room; identity numbers are masked.

    Parameters
    ----------
    slot
        The batch that sits, for the time at the head.
    """
    rooms = []
    for room, codes in sitting.rooms.items():
        people = []
        for place, code in enumerate(codes, 1):
            person = sitting.roster.persons.get(code)
            seat = sitting.seats.get(code)
            people.append(
                {
                    "seat": str(seat.number if seat else place),
                    "code": code,
                    "name": person.name if person else "",
                    "unit": sitting.roster[code].unit,
                    "identity": person.masked if person else "",
                }
            )
        rooms.append({"id": room, "people": people})
    data = {
        "title": sitting.title,
        "date": _when(sitting, slot),
        "minutes": sitting.rules.minutes,
        "rooms": rooms,
    }
    return write_pdf("lists", data, Path(path))


def write_room_records(sitting: Sitting, path: str | Path, *, slot: Slot | None = None) -> Path:
    """Write the record form of every room (考场情况登记表), to be filled in by hand.

    Parameters
    ----------
    slot
        The batch that sits, for the time at the head.
    """
    rooms = [
        {"id": room, "due": len(codes), "codes": _range(sitting, codes)}
        for room, codes in sitting.rooms.items()
    ]
    data = {
        "title": sitting.title,
        "date": _when(sitting, slot),
        "minutes": sitting.rules.minutes,
        "rooms": rooms,
    }
    return write_pdf("room_record", data, Path(path))


def _range(sitting: Sitting, codes: Sequence[str]) -> str:
    """First to last code of a room, or nothing when other rooms have codes in between."""
    first, last = min(codes), max(codes)
    between = [c.code for c in sitting.roster if not c.exempt and first <= c.code <= last]
    return f"{first} 至 {last}" if len(between) == len(codes) else ""


def write_tickets(
    sitting: Sitting,
    path: str | Path,
    *,
    batches: Mapping[str, Slot] | None = None,
    rooms: Sequence[Room] = (),
) -> Path:
    """Write an admission ticket (准考证) for every candidate.

    Parameters
    ----------
    batches
        Batch by candidate code, for the time on the ticket; the day of the sitting without.
    rooms
        Rooms whose place is printed.
    """
    programme = sitting.programme
    rules = (
        f"凭本证和身份证入场；开考 {programme.late_entry_minutes} 分钟后不得入场，"
        f"开考后 {programme.earliest_hand_in_minutes} 分钟内不得交卷。"
    )
    places = {room.id: room.place for room in rooms if room.place}
    slips = []
    for codes in sitting.rooms.values():
        for code in codes:
            seat = sitting.seats.get(code)
            rows = [
                ("姓　　名", sitting.roster.name(code)),
                ("准考证号", code),
                ("单　　位", sitting.roster[code].unit),
                ("考试时间", _when(sitting, (batches or {}).get(code))),
                ("考场座位", f"第 {seat.room} 考场　{seat.number} 号" if seat else "见现场公告"),
            ]
            if seat and seat.room in places:
                rows.append(("考试地点", places[seat.room]))
            slips.append({"rows": rows, "note": rules, "photo": True})
    data = {"title": sitting.title, "kind": "准　考　证", "slips": slips}
    return write_pdf("slips", data, Path(path))


def _when(sitting: Sitting, slot: Slot | None) -> str:
    """Return day and, when the batch is known, start and end: 2026年12月10日 9:00—10:30."""
    if slot is None:
        return _day(sitting.on)
    end = slot.starts + timedelta(minutes=slot.minutes)
    return f"{_day(slot.starts)} {slot.starts:%H:%M}—{end:%H:%M}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def write_answer_card(
    sitting: Sitting, path: str | Path, *, number_digits: int | None = None
) -> tuple[Path, Path]:
    """Write the answer card as PDF and its geometry as JSON beside it.

    Returns
    -------
    pdf, json
        The JSON names every bubble with its place in millimetres from the top left corner.

    Raises
    ------
    ValueError
        If the paper has more than 150 items, or a candidate code has more places than the card.
    """
    card = answer_card(sitting, number_digits=number_digits)
    pdf = write_pdf("answer_card", {"title": sitting.title, **card}, Path(path))
    text = json.dumps(card, ensure_ascii=False, indent=1, default=_plain) + "\n"
    geometry = write_bytes(text.encode(), Path(path).with_suffix(".json"))
    return pdf, geometry


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"cannot write {type(value).__name__}")


def write_result_slips(
    sitting: Sitting, decisions: Decisions, path: str | Path, *, candidates: Sequence[str] = ()
) -> Path:
    """Write a sealed result slip (成绩单) per candidate: score, line, decision and its reason.

    Parameters
    ----------
    candidates
        Whose slips; everybody's by default.
    """
    wanted = candidates or [decision.candidate for decision in decisions.decisions]
    slips = []
    for code in wanted:
        decision = decisions[code]
        rows = [
            ("姓　　名", sitting.roster.name(code)),
            ("准考证号", code),
            ("单　　位", sitting.roster[code].unit),
            ("考试日期", _day(sitting.on)),
            ("卷面成绩", "—" if decision.raw is None else f"{decision.raw:f}"),
            ("合 格 线", f"{decisions.cut:f}（满分 {decisions.full_marks:f}）"),
            ("结　　论", str(decision.outcome)),
            ("理　　由", decision.reason),
        ]
        note = (
            f"对成绩有异议的，自公布之日起 {sitting.programme.review_days} 个工作日内书面申请复核。"
        )
        slips.append({"rows": rows, "note": note, "photo": False})
    data = {"title": sitting.title, "kind": "成　绩　通　知　单", "slips": slips}
    return write_pdf("slips", data, Path(path))
