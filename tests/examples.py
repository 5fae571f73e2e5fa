"""Small things that many tests need: a bank, a blueprint, a sitting."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from fazhi_exam.assembly import Blueprint, deal, seed_draw
from fazhi_exam.bank import Case, Item, QuestionBank
from fazhi_exam.delivery import CutScore, Programme, ProgrammePaper, Route, Sitting, Source
from fazhi_exam.roster import Candidate, Person, Roster

DAY = date(2026, 12, 10)
BANDS = ("易", "较易", "中", "较难")


def item(item_id: str = "07-0001", kind: str = "单选", **fields: object) -> Item:
    """One valid item; any field can be given."""
    written: dict[str, object] = {
        "id": item_id,
        "kind": kind,
        "subject": item_id[:2],
        "topic": "适用",
        "stem": f"第 {item_id} 题的题干",
        "explanation": "解析",
        "citations": ["《行政处罚法》第五十一条"],
        "level": "识记",
        "band": "中",
        "band_reason": "理由",
    }
    if kind in ("单选", "多选", "不定项"):
        written |= {"options": [f"{item_id} 的选项{c}" for c in "甲乙丙丁"]}
        written |= {"key": "B" if kind == "单选" else "ABD"}
    elif kind == "判断":
        written |= {"key": "错误"}
    elif kind == "填空":
        written |= {
            "stem": f"{item_id} 期限为＿＿，罚款＿＿。",
            "blanks": [["二年", "2年"], ["五百元"]],
        }
    else:
        written |= {"points": "6", "marking_points": [{"points": "3", "text": t} for t in "甲乙"]}
    return Item.model_validate(written | fields)


def bank(size: int = 12) -> QuestionBank:
    """`size` items each of 单选, 多选 and 判断 in subjects 07 and 10, and two cases of three."""
    items = []
    number = 0
    for kind in ("单选", "多选", "判断"):
        for k in range(size):
            number += 1
            items.append(item(f"{'07' if k % 2 else '10'}-{number:04d}", kind, band=BANDS[k % 4]))
    cases = {}
    for k in (1, 2):
        parts = [item(f"07-C00{k}-{j}", kind, case=f"07-C00{k}")
                 for j, kind in enumerate(("单选", "多选", "判断"), 1)]  # fmt: skip
        items += parts
        names = tuple(part.id for part in parts)
        cases[f"07-C00{k}"] = Case(id=f"07-C00{k}", stimulus=f"案情{k}", item_ids=names)
    return QuestionBank(tuple(items), cases)


def blueprint(**changes: object) -> Blueprint:
    """Four 单选, two 多选 by half marks, two 判断 and one case: 4 + 4 + 2 + 6 = 16 points."""
    both = ({"title": "处罚", "count": 2, "subjects": ["07"]},
            {"title": "规范", "count": 2, "subjects": ["10"]})  # fmt: skip
    data: dict[str, object] = {
        "title": "小卷",
        "sections": [
            {"id": "1", "title": "单项选择题", "kind": "单选", "points": "1", "rows": list(both)},
            {"id": "2", "title": "多项选择题", "kind": "多选", "points": "2",
             "rule": "half_subset", "rows": [{"title": "不限", "count": 2}]},
            {"id": "3", "title": "判断题", "kind": "判断", "points": "1",
             "rows": [{"title": "不限", "count": 2}]},
            {"id": "4", "title": "案例分析题", "cases": True, "items_per_case": 3, "points": "2",
             "rows": [{"title": "案例", "count": 1}]},
        ],
    }  # fmt: skip
    return Blueprint.model_validate(data | changes)


def rules(cut: str = "10", **changes: object) -> Programme:
    """A programme with one paper of `blueprint`."""
    paper = ProgrammePaper(
        id="p",
        title="科目",
        blueprint=blueprint(),
        minutes=60,
        cut=CutScore(value=Decimal(cut)),
        good_mark=Decimal(13),
        excellent_mark=Decimal(15),
    )
    fields: dict[str, object] = {
        "id": "t",
        "title": "测试项目",
        "route": Route.ENFORCEMENT,
        "papers": (paper,),
        "sources": (Source(text="测试", year=2026),),
    }
    return Programme.model_validate(fields | changes)


def roster(people: int = 6, groups: Mapping[str, str] | None = None) -> Roster:
    """People of two units with synthetic names."""
    candidates = [
        Candidate(f"K{k:03d}", groups or {"单位": "甲镇" if k % 2 else "乙街道"})
        for k in range(people)
    ]
    return Roster(tuple(candidates), {c.code: Person("张某") for c in candidates})


def sitting(people: int = 6, *, seed: int = 1, programme: Programme | None = None) -> Sitting:
    """A sitting of `rules` with papers dealt from a seed."""
    what = programme or rules()
    who, pool = roster(people), bank()
    drawn = deal(seed_draw(pool, what.blueprint, who, seed=seed, exam_id="t", on=DAY))
    return Sitting("t-1", what, pool, who, drawn, DAY)
