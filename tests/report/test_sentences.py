"""Every generated sentence stands where it is true and only there."""

import re
from datetime import date

import numpy as np
import pytest

from fazhi_exam.delivery import Programme
from fazhi_exam.passrate import Counts, indicators, rate_table
from fazhi_exam.report import sentences
from fazhi_exam.report.bulletin import Letterhead, sections
from fazhi_exam.report.certainty import Certainty
from fazhi_exam.report.summary import SittingSummary, compare_units
from fazhi_exam.scoring.weakness import FacetResult
from tests import examples
from tests.report.worlds import Outcomes, ordinary, world

ALIKE = {f"{c}镇": (16, 4, 0, 0) for c in "甲乙丙丁戊己"}
EXTREME = {"甲镇": (2, 38, 0, 0), "乙镇": (39, 1, 0, 0), "丙镇": (20, 20, 0, 0)}
SMALL = {f"{c}镇": (3, 2, 0, 0) for c in "甲乙丙丁"}


def text_of(summary: SittingSummary, programme: Programme | None = None) -> str:
    """The whole body of a bulletin."""
    rules = programme or examples.rules()
    parts = (
        *sentences.scope(summary),
        *sentences.attendance(summary.counts, summary.attendance),
        *sentences.passing(summary),
        *sentences.bands(summary.bands),
        *sentences.units(summary.units),
        *sentences.luck(summary.units),
        *sentences.weak_points(summary),
        *sentences.sureness(summary.certainty),
        *sentences.next_steps(summary, rules),
    )
    return "".join(parts)


def of(units: dict[str, Outcomes], **more: object) -> str:
    """Body text of a world."""
    return text_of(world(units, **more).summary)  # type: ignore[arg-type]


def test_alike_units_are_said_to_be_alike() -> None:
    """Where no unit differs by more than luck, that is said and nobody is called high or low."""
    text = of(ALIKE)
    assert "6 个实考 10 人及以上的单位与总体水平无统计差异" in text
    assert "本次单位之间的差别没有超出偶然波动" in text
    assert "高于" not in text
    assert "低于总体" not in text


def test_extreme_units_are_named_with_their_counts() -> None:
    """Units far from the whole are named with counts; the others keep 无统计差异."""
    text = of(EXTREME)
    assert "乙镇 97.5%（39/40 人）的合格率高于总体水平" in text
    assert "甲镇 5.0%（2/40 人）的合格率低于总体水平" in text
    assert "其余 1 个实考 10 人及以上的单位与总体水平无统计差异" in text
    assert "差别没有超出偶然波动" not in text


def test_small_units_are_not_judged() -> None:
    """Units under ten people are never compared, however far they are."""
    text = of(SMALL | {"戊镇": (0, 9, 0, 0)})
    assert "5 个单位实考不足 10 人，只列人数和区间，不作评价" in text
    assert "无统计差异" not in text
    assert not re.search("戊镇.*低于", text)


def test_no_small_unit_no_small_sentence() -> None:
    """Where every unit has ten people, nothing is said of small ones."""
    assert "不作评价" not in of(ALIKE)


def test_all_passed_is_a_tie() -> None:
    """If everybody passed, units tie; luck, failures, resits are not spoken of."""
    text = of({"甲镇": (12, 0, 0, 0), "乙镇": (15, 0, 0, 0)})
    assert "2 个单位全部合格（27 人），并列，不分先后" in text
    for absent in ("偶然", "补考", "缺考", "违纪", "不合格", "无统计差异", "薄弱的主题："):
        assert absent not in text


def test_all_failed() -> None:
    """If nobody passed, that is said once and units tie."""
    text = of({"甲镇": (0, 12, 0, 0), "乙镇": (0, 15, 0, 0)})
    assert "2 个单位均无人合格（27 人），并列" in text
    assert "全部合格" not in text
    assert "合格率 0%" in text


def test_ties_at_the_top_are_counted() -> None:
    """Several units at 100 % are counted as ties; a single one is not called a tie."""
    assert "合格率为 100% 的单位有 2 个，并列" in of(
        ALIKE | {"庚镇": (9, 0, 0, 0), "辛镇": (8, 0, 0, 0)}
    )
    assert "并列" not in of(ALIKE | {"庚镇": (9, 0, 0, 0)})


def test_one_unit_is_not_compared() -> None:
    """A single unit has nobody to be compared with."""
    text = of({"甲镇": (20, 10, 0, 0)})
    for absent in ("个单位", "偶然", "排名", "统计差异"):
        assert absent not in text


def test_nobody_sat() -> None:
    """With nobody there is no rate, no mean, no weak subject."""
    text = of({"甲镇": (0, 0, 12, 0), "乙镇": (0, 0, 3, 0)})
    assert "没有人实考，不计合格率和平均分" in text
    assert "实考 0 人，缺考 15 人" in text
    for absent in ("平均分 ", "优秀率", "nan", "薄弱", "成绩分布", "统计差异", "合格率 0"):
        assert absent not in text


def test_nobody_due() -> None:
    """With everybody exempt there is no rate of attendance either."""
    counts = Counts(3, 3, 0, 0, 0, 0, 0)
    assert sentences.attendance(counts, indicators(counts, date(2026, 5, 1))[0]) == (
        "应考 0 人（另有免试、缓考 3 人），实考 0 人。参考率不计（应考 0 人）。",
    )


def test_absent_and_voided_stay_apart() -> None:
    """Absent and voided have their own words, and only where there are such people."""
    both = of({"甲镇": (10, 2, 3, 1), "乙镇": (10, 2, 0, 0)})
    assert "缺考 3 人，违纪、成绩无效 1 人" in both
    assert "违纪 1 人的成绩无效" in both
    none = of(ALIKE)
    assert "缺考" not in none
    assert "违纪" not in none


def test_exempt_only_where_there_are_some() -> None:
    """The exempt are mentioned beside those due, and never otherwise."""
    assert "免试" in of(ALIKE, exempt=1)
    assert "免试" not in of(ALIKE)


def test_luck_speaks_of_the_units_sizes() -> None:
    """Six units of twenty at 80 %: 0.8 ** 20 * 6 = 0.07 units at 100 %, so hardly any."""
    assert "几乎不会有单位合格率达到 100%" in of(ALIKE)


def test_luck_of_many_small_units() -> None:
    """Twelve units of five at 80 %: 0.8 ** 5 * 12 = 3.9 units at 100 % by luck alone."""
    text = of({f"{k}镇": (4, 1, 0, 0) for k in range(12)})
    assert "预计也会有约 4 个单位合格率达到 100%" in text
    assert "因此不按合格率给单位排名" in text


def facets(*shares: float, answers: int = 100) -> tuple[FacetResult, ...]:
    return tuple(FacetResult(f"主题{k}", 5, answers, s) for k, s in enumerate(shares))


def test_weak_subject_needs_a_clear_gap() -> None:
    """A subject is weak only well under the paper, and only with enough answers."""
    assert [f.name for f in sentences.weak_subjects(facets(0.6, 0.8, 0.72), 0.75)] == ["主题0"]
    assert sentences.weak_subjects(facets(0.72, 0.8), 0.75) == ()
    assert sentences.weak_subjects(facets(0.2, 0.8, answers=29), 0.75) == ()
    assert sentences.weak_subjects(facets(0.2), float("nan")) == ()


def test_weak_article_needs_answers() -> None:
    """An article with few answers or most points won is never named."""
    assert [f.name for f in sentences.weak_articles(facets(0.5, 0.3, 0.61))] == ["主题1", "主题0"]
    assert sentences.weak_articles(facets(0.1, answers=29)) == ()


def test_even_subjects_are_said_to_be_even() -> None:
    """Everybody right or wrong on everything: subjects are even, no article is spared."""
    text = "".join(sentences.weak_points(world(ALIKE).summary))
    assert "没有明显薄弱的主题" in text
    assert "的主题：" not in text
    assert "失分较多" not in text  # 80 % of the points were won everywhere


def test_sureness_only_with_abilities() -> None:
    """Without item parameters nothing is said about right and wrong decisions."""
    assert sentences.sureness(None) == ()
    found = Certainty(200, 0.9, 30, 12.4, 7.0, 5.4, 4.0, "模拟数据")
    text = "".join(sentences.sureness(found))
    assert "信度为 0.90（200 人）" in text
    assert "200 人中有 30 人（15.0%）" in text
    assert "200 个结论中约有 12 个" in text


def test_sureness_of_near_certain_decisions() -> None:
    """Fewer than half a wrong decision is not called zero."""
    found = Certainty(20, float("nan"), 0, 0.2, 0.1, 0.1, None, "")
    text = "".join(sentences.sureness(found))
    assert "不足 1 个" in text
    assert "信度" not in text
    assert "nan" not in text


def test_next_steps_follow_the_rules() -> None:
    """A resit is announced only where the programme has one and somebody needs it."""
    summary = world(EXTREME).summary
    assert "不合格 59 人按规定参加补考" in "".join(sentences.next_steps(summary, examples.rules()))
    none = examples.rules(resits=0)
    assert "补考" not in "".join(sentences.next_steps(summary, none))
    within = examples.rules(resit_within_days=30, fail_effect="限期补考。")
    text = "".join(sentences.next_steps(summary, within))
    assert "在 30 日内进行" in text
    assert "落实结果运用。限期补考。" in text
    passed = world({"甲镇": (12, 0, 0, 0)}).summary
    assert "落实结果运用" not in "".join(sentences.next_steps(passed, within))


def test_both_denominators_are_named() -> None:
    """The pass rate is given over those who sat and over those due, each named."""
    text = "".join(sentences.passing(ordinary().summary))
    assert "以实考人数为分母，合格率 73.9%（合格 51 人÷实考 69 人" in text
    assert "以应考人数为分母，合格率 70.8%（合格 51 人÷应考 72 人" in text


WORLDS = (ALIKE, EXTREME, SMALL, {"甲镇": (1, 0, 0, 0)}, {"甲镇": (0, 1, 0, 0)})


@pytest.mark.parametrize("units", WORLDS, ids=range(len(WORLDS)))
def test_no_rate_without_its_count(units: dict[str, Outcomes]) -> None:
    """Every 率 followed by a percentage has people beside it in brackets."""
    text = of(units)
    rates = re.findall(r"[参合优].率 (?:\d[\d.]*%)(.{0,60})", text)
    assert rates
    for after in rates:
        assert re.match(r"（[^）]*\d+ 人", after), after


def test_sections_are_numbered_in_order() -> None:
    """Parts come in the order of official bulletins; an empty part takes no number."""
    one = ordinary()
    heads = [h for h, _ in sections(one.summary, one.sitting, Letterhead())]
    assert heads == [
        "一、考试组织",
        "二、参考和合格情况",
        "三、成绩分布",
        "四、分单位情况",
        "五、薄弱环节",
        "六、下一步工作",
    ]
    single = world({"甲镇": (0, 0, 2, 0)})
    heads = [h for h, _ in sections(single.summary, single.sitting, Letterhead())]
    assert heads == ["一、考试组织", "二、参考和合格情况", "三、下一步工作"]


@pytest.mark.parametrize("worlds", [40, pytest.param(400, marks=pytest.mark.full)])
def test_no_unit_is_named_where_none_truly_differs(worlds: int) -> None:
    """With one true rate everywhere, at most one world in twenty names a unit."""
    random = np.random.default_rng(12)
    sizes = random.integers(10, 60, 30)
    named = 0
    for _ in range(worlds):
        passed = random.binomial(sizes, 0.85)
        counts = {
            f"{k:02d}镇": Counts(n, 0, n, n, p, 0, 0)
            for k, (n, p) in enumerate(zip(sizes.tolist(), passed.tolist(), strict=True))
        }
        text = "".join(sentences.units(compare_units(rate_table(counts, by="单位"))))
        named += "差别超出偶然波动" in text
    # Three standard errors above 5 %.
    assert named <= 0.05 * worlds + 3 * (worlds * 0.05 * 0.95) ** 0.5


def test_whole_can_be_named() -> None:
    """The office says what the whole is called."""
    assert "与全市水平无统计差异" in "".join(
        sentences.units(world(ALIKE).summary.units, whole="全市")
    )
