"""Which items should not stand on one paper (互斥题建议): proposed here, confirmed by a person."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from rapidfuzz import fuzz

from ..law.citation import Citation
from .bank_checks import articles_of, cueing_pairs, question_text
from .item import Status
from .question_bank import QuestionBank
from .similarity import similar_pairs


class EnemyReason(StrEnum):
    """Why two items should be enemies (互斥理由), strongest first."""

    NEAR_DUPLICATE = "near_duplicate"
    CUE = "cue"
    SAME_ARTICLE = "same_article"

    @property
    def chinese(self) -> str:
        """The word printed in reports."""
        words = {"near_duplicate": "近似题", "cue": "题干提示答案", "same_article": "同一法条"}
        return words[self.value]


@dataclass(frozen=True, slots=True)
class EnemyProposal:
    """Two items that should perhaps be enemies.

    Parameters
    ----------
    first, second
        Item ids in order.
    reasons
        Strongest first.
    evidence
        What was seen, in Chinese, in the order of the reasons.
    likeness
        How much of stem and options is the same, in percent.
    """

    first: str
    second: str
    reasons: tuple[EnemyReason, ...]
    evidence: tuple[str, ...]
    likeness: float

    def __str__(self) -> str:
        why = "；".join(self.evidence)
        return f"{self.first} 与 {self.second}：{why}"


def propose_enemies(
    bank: QuestionBank, *, near: float = 85.0, same_article: float = 40.0
) -> tuple[EnemyProposal, ...]:
    """Propose pairs that are not enemies yet; nothing is applied (`with_enemies` applies).

    Parameters
    ----------
    bank
        The bank; retired items and pairs inside one case are passed over.
    near
        From how many percent alike two questions are near duplicates, in [50, 100].
    same_article
        From how many percent alike two questions on one article are proposed; 0 proposes every
        pair on one article, above 100 none.

    Returns
    -------
    tuple of EnemyProposal
        Strongest first: by the strongest reason, then by likeness.
    """
    items = {item.id: item for item in bank if item.status is not Status.RETIRED}
    texts = {name: question_text(item) for name, item in items.items()}
    seen: dict[tuple[str, str], dict[EnemyReason, str]] = defaultdict(dict)
    names = list(items)
    for pair in similar_pairs(list(texts.values()), cutoff=near):
        ids = names[pair.first], names[pair.second]
        seen[ids][EnemyReason.NEAR_DUPLICATE] = f"{pair.likeness:.0f}% 相同"
    for item, other, words in cueing_pairs(list(items.values())):
        ids = min(item.id, other.id), max(item.id, other.id)
        seen[ids].setdefault(EnemyReason.CUE, f"{other.id} 的题干写出 {item.id} 的答案“{words}”")
    for article, ids_on in _by_article(bank, names).items():
        for ids in combinations(ids_on, 2):
            if ids in seen or fuzz.ratio(texts[ids[0]], texts[ids[1]]) >= same_article:
                seen[ids].setdefault(EnemyReason.SAME_ARTICLE, f"都引用{Citation(*article)}")
    proposals = [
        _proposal(ids, why, fuzz.ratio(texts[ids[0]], texts[ids[1]]))
        for ids, why in seen.items()
        if _apart(bank, *ids)
    ]
    rank = {reason: k for k, reason in enumerate(EnemyReason)}
    proposals.sort(key=lambda p: (rank[p.reasons[0]], -p.likeness, p.first, p.second))
    return tuple(proposals)


def with_enemies(bank: QuestionBank, pairs: Iterable[tuple[str, str]]) -> QuestionBank:
    """Return the bank with pairs a person confirmed written as enemies, on the first of each pair.

    Raises
    ------
    ItemError
        If an item does not exist.
    """
    more: dict[str, set[str]] = defaultdict(set)
    for first, second in pairs:
        more[bank[first].id].add(bank[second].id)
    items = tuple(
        item.model_copy(update={"enemies": item.enemies | more[item.id]})
        if item.id in more
        else item
        for item in bank
    )
    return QuestionBank(items, bank.cases)


def _by_article(
    bank: QuestionBank, names: list[str]
) -> Mapping[tuple[str, int, int], tuple[str, ...]]:
    table: dict[tuple[str, int, int], list[str]] = defaultdict(list)
    for name in names:
        for article in articles_of(bank[name]):
            table[article].append(name)
    return {article: tuple(sorted(ids)) for article, ids in sorted(table.items())}


def _apart(bank: QuestionBank, first: str, second: str) -> bool:
    """Whether the two are neither enemies yet nor parts of one case."""
    case = bank[first].case
    inside = case is not None and case == bank[second].case
    return not inside and second not in bank.enemies.get(first, ())


def _proposal(
    ids: tuple[str, str], why: Mapping[EnemyReason, str], likeness: float
) -> EnemyProposal:
    reasons = tuple(reason for reason in EnemyReason if reason in why)
    return EnemyProposal(*ids, reasons, tuple(why[r] for r in reasons), round(likeness, 1))
