"""Chinese sentences as pure functions of finished numbers (通报用语).

A sentence that does not hold for the numbers is not written: each function returns the sentences
that hold, possibly none. No rate stands without its count.
"""

import math
from collections.abc import Sequence

from ..delivery.programme import Programme
from ..passrate.counts import Counts
from ..passrate.indicators import Indicator
from ..passrate.rates import PassRateRow
from ..scoring.weakness import FacetResult
from .certainty import Certainty
from .numbers import chinese_date, interval, percent, percentage, points
from .summary import SMALL, Band, SittingSummary, UnitComparison

WEAK_BY = 0.05
"""A subject is called weak when its share of points lies this much under that of the paper."""
WEAK_ARTICLE = 0.6
"""An article is called weak when under this share of the points were won."""
FEW_ANSWERS = 30
"""Under this many answers nothing is called weak."""
MOST_NAMED = 8


def rate(value: Indicator) -> str:
    """Write a rate with its counts, denominator and interval; no people, no rate."""
    if value.whole == 0 or value.low is None or value.high is None:
        return f"{value.name}不计（{value.whole_name} 0 人）"
    return (
        f"{value.name} {percent(value.part, value.whole)}（{value.part_name} {value.part} 人÷"
        f"{value.whole_name} {value.whole} 人，95% 区间 {interval(value.low, value.high)}）"
    )


def row_rate(row: PassRateRow) -> str:
    """Write a group's pass rate with its counts."""
    if row.n == 0:
        return f"{row.group}无人实考，不计合格率"
    return f"{row.group} {percent(row.counts.passed, row.n)}（{row.counts.passed}/{row.n} 人）"


def scope(summary: SittingSummary) -> tuple[str, ...]:
    """Say what exam this is about, on which day and of how many units."""
    day = chinese_date(summary.on.year, summary.on.month, summary.on.day)
    units = len(summary.units.rows) + len(summary.units.empty)
    many = f"，涉及 {units} 个{summary.units.by}" if units > 1 else ""
    return (
        f"{day}，组织开展了{summary.title}{many}。试卷满分 {points(summary.full_marks)} 分，"
        f"合格线 {points(summary.cut)} 分。",
    )


def attendance(counts: Counts, value: Indicator) -> tuple[str, ...]:
    """Say how many were due, excused, sat, absent and voided."""
    excused = f"（另有免试、缓考 {counts.excused} 人）" if counts.excused else ""
    missing = [
        f"{name} {people} 人"
        for name, people in (("缺考", counts.absent), ("违纪、成绩无效", counts.voided))
        if people
    ]
    apart = f"，{'，'.join(missing)}" if missing else ""
    return (f"应考 {counts.due} 人{excused}，实考 {counts.sat} 人{apart}。{rate(value)}。",)


def passing(summary: SittingSummary) -> tuple[str, ...]:
    """Say the pass rate over both denominators, and the excellent and mean where there are any."""
    if summary.counts.sat == 0:
        return ("没有人实考，不计合格率和平均分。",)
    out = [
        f"以实考人数为分母，{rate(summary.passing)}；"
        f"以应考人数为分母，{rate(summary.passing_due)}。"
    ]
    if summary.excellent_mark is not None:
        out.append(f"{points(summary.excellent_mark)} 分及以上为优秀，{rate(summary.excellence)}。")
    spread = "" if math.isnan(summary.deviation) else f"，标准差 {summary.deviation:.2f} 分"
    out.append(
        f"实考 {summary.counts.sat} 人的平均分 {summary.mean:.2f} 分{spread}，"
        f"最高 {points(summary.highest)} 分，最低 {points(summary.lowest)} 分。"
    )
    return tuple(out)


def band_name(band: Band) -> str:
    """Name a band of scores."""
    if band.high is None:
        return f"{points(band.low)} 分及以上"
    if band.low == 0:
        return f"不满 {points(band.high)} 分"
    return f"{points(band.low)} 分至不满 {points(band.high)} 分"


def bands(found: Sequence[Band]) -> tuple[str, ...]:
    """Say how many people are in each band of scores."""
    people = sum(band.people for band in found)
    if people == 0:
        return ()
    parts = "；".join(f"{band_name(b)} {b.people} 人（{percent(b.people, people)}）" for b in found)
    return (f"实考 {people} 人的成绩分布：{parts}。",)


def units(found: UnitComparison, *, whole: str = "总体") -> tuple[str, ...]:
    """Say which units differ by more than luck, and that the others do not.

    Where units differ among one another by more than luck, each is compared with their usual
    spread; a unit within that spread is then not "without statistical difference".

    Parameters
    ----------
    whole
        What the total is called, such as 全市.
    """
    if len(found.rows) < 2:
        return ()
    by, out = found.by, []
    if found.uniform:
        what = "全部合格" if found.total.counts.passed else "均无人合格"
        n = found.total.n
        return (f"{len(found.rows)} 个{by}{what}（{n} 人），并列，不分先后。",)
    adjusted = found.funnel is not None and found.funnel.adjusted
    if found.funnel is not None and adjusted:
        out.append(
            f"各{by}之间的差别总体上超出偶然波动（方差约为偶然波动的 "
            f"{found.funnel.dispersion.phi:.1f} 倍，{found.total.n} 人），"
            f"所以逐个比较时用的是各{by}之间通常的差别，而不只是偶然波动。"
        )
    beyond = f"各{by}之间通常的差别" if adjusted else "偶然波动"
    for rows, word in ((found.above, "高于"), (found.below, "低于")):
        if rows:
            named = "、".join(row_rate(row) for row in rows[:MOST_NAMED])
            more = f"等 {len(rows)} 个{by}" if len(rows) > MOST_NAMED else ""
            out.append(
                f"{named}{more}的合格率{word}{whole}水平，差别超出{beyond}"
                f"（已按 {len(found.rows)} 个{by}同时比较作调整）。"
            )
    base = found.denominator.value.removesuffix("人数")
    judged = len(found.rows) - len(found.small)
    rest = judged - len(found.above) - len(found.below)
    if rest:
        other = "其余 " if rest < judged else ""
        people = f"{other}{rest} 个{base} {SMALL} 人及以上的{by}"
        if adjusted:
            out.append(f"{people}没有偏离各{by}之间通常的差别。")
        else:
            out.append(f"{people}与{whole}水平无统计差异。")
    if found.small:
        out.append(f"{len(found.small)} 个{by}{base}不足 {SMALL} 人，只列人数和区间，不作评价。")
    if len(found.full) > 1:
        out.append(f"合格率为 100% 的{by}有 {len(found.full)} 个，并列，不分先后。")
    return tuple(out)


def luck(found: UnitComparison) -> tuple[str, ...]:
    """Say what units of these sizes would show if all were truly alike."""
    if found.luck is None or found.uniform:
        return ()
    one, by = found.luck, found.by
    out = [
        f"即使 {one.units} 个{by}的真实水平完全相同（均为 {percentage(one.rate)}，"
        f"共 {found.total.n} 人），仅凭偶然，{_expected(one.all_passed, by)}合格率达到 100%，"
        f"最低的{by}合格率也会在 {percentage(one.worst, 0)} 上下。因此不按合格率给{by}排名。"
    ]
    if found.shrunken is not None and found.shrunken.luck_only and not _flags(found):
        out.append(f"本次{by}之间的差别没有超出偶然波动。")
    return tuple(out)


def _flags(found: UnitComparison) -> bool:
    return found.funnel is not None and bool(found.funnel.flagged.any())


def _expected(number: float, by: str) -> str:
    if number < 0.5:
        return f"几乎不会有{by}"
    return f"预计也会有约 {number:.0f} 个{by}"


def weak_subjects(
    found: Sequence[FacetResult], share: float, *, most: int = 3
) -> tuple[FacetResult, ...]:
    """Return the weakest subjects that lie clearly under the paper as a whole."""
    if math.isnan(share):
        return ()
    weak = [f for f in found if f.answers >= FEW_ANSWERS and f.share < share - WEAK_BY]
    return tuple(sorted(weak, key=lambda f: (f.share, f.name))[:most])


def weak_articles(found: Sequence[FacetResult], *, most: int = 5) -> tuple[FacetResult, ...]:
    """Return the articles on which the fewest points were won."""
    weak = [f for f in found if f.answers >= FEW_ANSWERS and f.share < WEAK_ARTICLE]
    return tuple(sorted(weak, key=lambda f: (f.share, f.name))[:most])


def facet(result: FacetResult) -> str:
    """Write a share of points with the answers it rests on."""
    basis = f"{result.items} 题 {result.answers} 人次"
    return f"{result.name}（得分率 {percentage(result.share)}，{basis}）"


def weak_points(summary: SittingSummary) -> tuple[str, ...]:
    """Say where points were lost, with the number of answers."""
    if summary.counts.sat == 0:
        return ()
    out = []
    weak = weak_subjects(summary.subjects, summary.share)
    sat = summary.counts.sat
    if weak:
        named = "、".join(facet(one) for one in weak)
        out.append(
            f"得分率明显低于全卷平均（{percentage(summary.share)}，{sat} 人）的主题：{named}。"
        )
    elif len(summary.subjects) > 1:
        out.append(
            f"各主题得分率与全卷平均（{percentage(summary.share)}，{sat} 人）接近，"
            "没有明显薄弱的主题。"
        )
    articles = weak_articles(summary.articles)
    if articles:
        named = "、".join(facet(one) for one in articles)
        out.append(f"涉及下列法条的题目失分较多：{named}。")
    return tuple(out)


def sureness(found: Certainty | None) -> tuple[str, ...]:
    """Say how many decisions are close calls and how many may be wrong."""
    if found is None:
        return ()
    basis = f"（题目参数：{found.label}）" if found.label else ""
    out = []
    if not math.isnan(found.reliability):
        out.append(
            f"本次考试能力估计的信度为 {found.reliability:.2f}（{found.people} 人）{basis}。"
        )
    out.append(
        f"{found.people} 人中有 {found.near} 人（{percent(found.near, found.people)}）的水平"
        "与合格线相差不到一个标准误，属于临界。"
    )
    wrong = f"{found.expected_wrong:.0f}" if found.expected_wrong >= 0.5 else "不足 1"
    out.append(
        f"按测量误差估计，{found.people} 个结论中约有 {wrong} 个与考生真实水平不符"
        f"（误判合格约 {found.wrongly_passed:.1f} 人，误判不合格约 {found.wrongly_failed:.1f} "
        "人）；这是任何一次考试都有的误差，不改变已作出的结论。"
    )
    if found.repeat is not None:
        changed = (1 - found.repeat) * found.people
        out.append(
            f"假如用同类试卷再考一次，预计 {found.people} 人中约有 {changed:.0f} 人"
            f"（{percentage(1 - found.repeat)}）的结论会不同。"
        )
    return tuple(out)


def next_steps(summary: SittingSummary, programme: Programme) -> tuple[str, ...]:
    """Say what follows for those who failed or were absent, for weak subjects, for review."""
    out = []
    weak = weak_subjects(summary.subjects, summary.share)
    if weak:
        names = "、".join(one.name for one in weak)
        out.append(f"加强薄弱环节学习。各单位应当围绕{names}组织专题学习。")
    counts = summary.counts
    if programme.resits and counts.failed + counts.absent:
        when = f"，在 {programme.resit_within_days} 日内进行" if programme.resit_within_days else ""
        who = [
            f"{name} {people} 人"
            for name, people in (("不合格", counts.failed), ("缺考", counts.absent))
            if people
        ]
        out.append(f"做好补考工作。{'、'.join(who)}按规定参加补考{when}。")
    if programme.fail_effect and counts.failed:
        out.append(f"落实结果运用。{programme.fail_effect.rstrip('。')}。")
    if counts.voided:
        out.append(f"严肃考风考纪。违纪 {counts.voided} 人的成绩无效，按有关规定另行处理。")
    if counts.due:
        out.append(
            "受理成绩复核。对成绩有异议的，可以自公布之日起 "
            f"{programme.review_days} 个工作日内书面申请复核。"
        )
    return tuple(out)


def method(summary: SittingSummary) -> tuple[str, ...]:
    """Say how the figures were reached: method, denominators, date, data version."""
    return (
        f"统计日期：{chinese_date(summary.on.year, summary.on.month, summary.on.day)}考试；"
        f"数据版本：{summary.version}。",
        "应考人数为名册人数减去经批准的免试、缓考人数；实考人数为到考且试卷有效的人数；"
        "应考人数＝实考人数＋缺考人数＋违纪人数。",
        "参考率＝实考÷应考；合格率的分母在表中写明；优秀率＝优秀÷实考。分母为 0 时不计比率。",
        "比率的 95% 区间按 Wilson 法计算：人数越少，区间越宽。",
        "单位比较用精确二项漏斗图（mid-p），并按 Benjamini–Hochberg 法对同时比较多个单位作调整；"
        f"人数不足 {SMALL} 人的单位不作评价，不对单位排名。",
        "得分率＝得分÷满分，按作答人次计，漏答计 0 分；一道题引用几条法条的，各条分别计入。",
    )
