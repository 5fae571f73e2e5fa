"""Numbers, bodies, duties and quotes of an item against the articles it cites."""

from decimal import Decimal

import pytest

from fazhi_exam.law.agreement import DisagreementKind, bodies, check_agreement, quantities

ARTICLE = (
    "县级以上人民政府卫生健康主管部门应当自收到申请之日起二十个工作日内作出决定；情况复杂的，可以延长十日。\n"
    "逾期不缴纳的，每日按罚款数额的百分之三加处罚款，处三千元以上三万元以下罚款，执法人员不得少于两人。"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("二十个工作日", [(20, "工作日")]),
        ("20个工作日内", [(20, "工作日")]),
        ("五日以上十日以下", [(5, "日"), (10, "日")]),
        ("三至五人", [(3, "人"), (5, "人")]),
        ("两名执法人员", [(2, "人")]),
        ("3万元", [(30000, "元")]),
        ("三万元", [(30000, "元")]),
        ("1,200元", [(1200, "元")]),
        ("百分之三", [(3, "%")]),
        ("3%", [(3, "%")]),
        ("满十四周岁", [(14, "周岁")]),
        ("六个月", [(6, "个月")]),
        ("半年", [(6, "个月")]),
        ("2021年7月15日起", []),
        ("第九条第二款", []),
        ("三分之二以上", [(Decimal(2) / Decimal(3), "分")]),
        ("四十余人", []),
    ],
)
def test_quantities_are_read_in_either_numeral(
    text: str, expected: list[tuple[Decimal | int, str]]
) -> None:
    """Chinese and Arabic numerals give the same quantity; dates and article numbers give none."""
    assert [one.key for one in quantities(text)] == [(Decimal(v), u) for v, u in expected]


@pytest.mark.parametrize(
    "statement",
    [
        "应当自收到申请之日起20个工作日内作出决定",
        "可以延长10天",
        "每日按罚款数额的3%加处罚款",
        "处3000元以上3万元以下罚款",
        "执法人员不得少于二名",
        "由县级以上人民政府卫生健康主管部门决定",
        "条文中的“情况复杂的，可以延长十日”",
        "",
    ],
)
def test_what_the_article_says_is_not_reported(statement: str) -> None:
    """A statement that repeats the article in other numerals raises nothing."""
    assert check_agreement([statement], [ARTICLE]) == ()


@pytest.mark.parametrize(
    ("statement", "kind", "found"),
    [
        ("应当在15个工作日内作出决定", DisagreementKind.NUMBER, "15个工作日"),
        ("处二千元以上三万元以下罚款", DisagreementKind.NUMBER, "二千元"),
        ("每日按百分之五加处罚款", DisagreementKind.NUMBER, "百分之五"),
        (
            "由省级以上人民政府卫生健康主管部门决定",
            DisagreementKind.BODY,
            "省、自治区、直辖市以上人民政府",
        ),
        ("由应急管理部门决定", DisagreementKind.BODY, "应急管理部门"),
        (
            "条文中的“情况特别复杂的，可以延长十日”",
            DisagreementKind.QUOTE,
            "情况特别复杂的，可以延长十日",
        ),
        ("情况复杂的，应当延长十日内", DisagreementKind.DUTY, "应当延长十日"),
    ],
)
def test_what_the_article_does_not_say_is_reported(
    statement: str, kind: DisagreementKind, found: str
) -> None:
    """A wrong number, body, quotation or duty is found, with what the article says instead."""
    article = ARTICLE.replace("可以延长十日", "可以延长十日内")
    hits = [one for one in check_agreement(["无关", statement], [article]) if one.kind is kind]
    assert hits
    assert hits[0].statement == 1
    assert found.startswith(hits[0].found) or hits[0].found.startswith(found)
    assert hits[0].likely
    assert hits[0].articles_say[0] in str(hits[0])


def test_without_article_text_nothing_is_said() -> None:
    """No text at hand, no finding."""
    assert check_agreement(["应当在15日内作出"], [""]) == ()


def test_bodies_are_read_with_their_level() -> None:
    """Abbreviations are written out and levels kept apart from the body."""
    assert bodies("由省人大常委会批准，报国务院备案") == (
        ("", "人民代表大会常务委员会"),
        ("", "国务院"),
    )
    assert bodies("县级以上地方人民政府") == (("县级以上地方", "人民政府"),)
