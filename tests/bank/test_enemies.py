"""Enemy pairs are proposed with their reason and applied only on confirmation."""

import pytest

from fazhi_exam.bank import Case, QuestionBank
from fazhi_exam.bank.enemies import EnemyReason, propose_enemies, with_enemies
from fazhi_exam.errors import ItemError

from .worlds import plain

OTHER = ["撤销登记", "延续许可", "重新申请", "补正材料"]


def reasons(*items: object, **how: float) -> dict[tuple[str, str], tuple[EnemyReason, ...]]:
    """Proposed pairs with their reasons."""
    found = propose_enemies(QuestionBank(items), **how)  # type: ignore[arg-type]
    return {(one.first, one.second): one.reasons for one in found}


def test_same_article() -> None:
    """Two questions on one article are proposed when alike enough, and always at 0."""
    one, two = plain(1), plain(2, options=OTHER)
    assert reasons(one, two, same_article=0.0) == {
        ("07-0001", "07-0002"): (EnemyReason.SAME_ARTICLE,)
    }
    assert reasons(one, two, same_article=101.0) == {}
    elsewhere = plain(2, options=OTHER, citations=["《行政处罚法》第五十二条"])
    assert reasons(one, elsewhere, same_article=0.0) == {}


def test_near_duplicate_comes_first() -> None:
    """A near duplicate on another article is proposed, and before what only shares an article."""
    one = plain(1, citations=["《行政处罚法》第九条"])
    near = plain(2, stem=one.stem + "什么", options=[o.text for o in one.options])
    third = plain(3, options=OTHER)
    found = propose_enemies(QuestionBank((one, near, third)), same_article=0.0)
    assert [(p.first, p.second) for p in found] == [("07-0001", "07-0002"), ("07-0002", "07-0003")]
    assert found[0].reasons == (EnemyReason.NEAR_DUPLICATE,)
    assert "%" in found[0].evidence[0]


def test_cue() -> None:
    """A stem that holds the other's key is proposed with the words."""
    options = ["五百元以下罚款", "吊销许可证件", "行政拘留", "没收违法所得"]
    asked = plain(stem="对轻微乱停放行为可以作出的处罚是", options=options, key="A")
    tells = plain(2, stem="执法人员当场作出五百元以下罚款后，应当交付的文书是")
    found = propose_enemies(QuestionBank((asked, tells)))
    assert EnemyReason.CUE in found[0].reasons
    assert "五百元以下罚款" in str(found[0])


def test_declared_pairs_cases_and_retired_items_are_passed_over() -> None:
    """Nothing is proposed twice, inside a case, or for what is never drawn."""
    one, two = plain(1), plain(2, options=OTHER)
    assert not reasons(one, plain(2, options=OTHER, enemies=["07-0001"]), same_article=0.0)
    assert not reasons(one, plain(2, options=OTHER, status="retired"), same_article=0.0)
    parts = tuple(item.model_copy(update={"case": "c"}) for item in (one, two))
    case = Case(id="c", stimulus="案情", item_ids=("07-0001", "07-0002"))
    assert not propose_enemies(QuestionBank(parts, {"c": case}), same_article=0.0)


def test_confirmed_pairs() -> None:
    """A confirmed pair makes enemies of both; the bank before stays as it was."""
    bank = QuestionBank((plain(1), plain(2)))
    after = with_enemies(bank, [("07-0001", "07-0002")])
    assert after.enemies["07-0002"] == frozenset({"07-0001"})
    assert not bank.enemies
    with pytest.raises(ItemError, match="07-9999"):
        with_enemies(bank, [("07-0001", "07-9999")])
