"""Made-up banks, blueprints and rosters for the tests of assembly."""

from collections.abc import Mapping

import numpy as np

from fazhi_exam.assembly import Blueprint
from fazhi_exam.bank import Case, Item, QuestionBank
from fazhi_exam.psychometrics.models import ItemModel, TwoPL
from fazhi_exam.roster import Candidate, Roster

BANDS = ("易", "较易", "中", "较难", "难")
LEVELS = ("识记", "理解", "应用", "分析")


def item(name: str, kind: str = "单选", **given: object) -> Item:
    """One item with four options, unless something else is given."""
    fields: dict[str, object] = {
        "id": name,
        "kind": kind,
        "subject": "07",
        "topic": "适用",
        "stem": f"关于题目 {name} 的说法",
        "key": {"单选": "A", "判断": "正确"}.get(kind, "AB"),
        "level": "识记",
        "band": "中",
    }
    if kind != "判断":
        fields["options"] = [f"{name} 选项 {n}" for n in range(4)]
    return Item.model_validate(fields | given)


def bank(size: int = 200, *, cases: int = 6, enemies: float = 0.04, seed: int = 1) -> QuestionBank:
    """Make a bank of three kinds in four subjects, with enemies, pinned options and cases."""
    rng = np.random.default_rng(seed)
    names = [f"{n % 4 + 7:02d}-{n:04d}" for n in range(size)]
    foes = {}
    chosen = rng.permutation(size)[: int(size * enemies) // 2 * 2]
    for a, b in zip(chosen[::2], chosen[1::2], strict=True):
        foes[names[a]] = [names[b]]
    items = [
        item(
            name,
            ("单选", "单选", "多选", "判断")[n // 4 % 4],
            subject=name[:2],
            level=LEVELS[int(rng.choice(4, p=[0.35, 0.35, 0.2, 0.1]))],
            band=BANDS[int(rng.choice(5, p=[0.15, 0.3, 0.35, 0.15, 0.05]))],
            enemies=foes.get(name, []),
            citations=[f"《行政处罚法》第{'一二三四五六七八九'[n % 9]}条"],
            **({"pinned": ["D"]} if n % 16 == 0 else {}),
        )
        for n, name in enumerate(names)
    ]
    held = {}
    for n in range(cases):
        subs = [f"07-C{n:02d}-{k}" for k in range(1, 6)]
        held[f"07-C{n:02d}"] = Case(id=f"07-C{n:02d}", stimulus=f"案情 {n}", item_ids=tuple(subs))
        items += [item(s, "多选" if s.endswith("3") else "单选", case=s[:-2]) for s in subs]
    return QuestionBank(tuple(items), held)


TOML = """
title = "测试卷"
{options}
[[sections]]
id = "1"
title = "单项选择题"
kind = "单选"
points = 1
rows = [
  {{ title = "处罚", subjects = ["07"], count = 5 }},
  {{ title = "许可", subjects = ["08"], count = 4 }},
  {{ title = "其他", count = 6 }},
]
[[sections]]
id = "2"
title = "多项选择题"
kind = "多选"
points = 2
rule = "half_subset"
rows = [
  {{ title = "处罚许可", subjects = ["07", "08"], count = 4 }},
  {{ title = "其他", count = 3 }},
]
[[sections]]
id = "3"
title = "判断题"
kind = "判断"
points = 1
rows = [{{ title = "全部", count = 8 }}]
[[sections]]
id = "4"
title = "案例分析题"
cases = true
points = 2
rows = [{{ title = "案例", count = 1 }}]
{bounds}
"""


def blueprint(options: str = "", bounds: str = "") -> Blueprint:
    """Make a blueprint of 35 items in seven rows that `bank` can fill."""
    return Blueprint.from_toml(TOML.format(options=options, bounds=bounds))


def roster(size: int = 40, **given: object) -> Roster:
    """Make candidates K0001, K0002 and so on."""
    people = [Candidate(f"K{n:04d}", {"单位": f"单位{n % 5}"}) for n in range(1, size + 1)]
    return Roster(tuple(people), **given)  # type: ignore[arg-type]


def models(held: QuestionBank, seed: int = 3) -> Mapping[str, ItemModel]:
    """Two-parameter models whose difficulty follows the band."""
    rng = np.random.default_rng(seed)
    middle = dict(zip(BANDS, (-2.2, -1.2, -0.4, 0.4, 1.3), strict=True))
    return {
        one.id: TwoPL(
            float(rng.lognormal(0.0, 0.25)), middle[one.band.value] + float(rng.normal(0, 0.4))
        )
        for one in held
    }
