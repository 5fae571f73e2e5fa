"""What can only be seen on several questions together (全库检查)."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from ..law.citation import Citation
from .findings import Finding, FindingKind, Severity
from .item import Item, ItemKind
from .item_checks import fold_option, points_elsewhere
from .question_bank import QuestionBank
from .text import fold_question
from .text_checks import check_text

_B, _W, _N = Severity.BLOCKING, Severity.WARNING, Severity.NOTE
_ENOUGH = 40
_SHORTEST_CUE = 6
_MOST_PARTNERS = 10
_CHOICE = (ItemKind.SINGLE, ItemKind.MULTIPLE, ItemKind.INDEFINITE)


def check_together(bank: QuestionBank, items: Sequence[Item]) -> Iterator[Finding]:
    """Yield what is wrong among items: repetition, contradiction, cueing, enemies, balance."""
    yield from _repetitions(bank, items)
    yield from _option_contradictions(items)
    yield from _cues(bank, items)
    yield from _enemies(bank, items)
    yield from _cases(bank, items)
    yield from _longest(items)
    yield from _balance(items)


def question_text(item: Item) -> str:
    """Stem and options folded to letters and digits; the order of the options does not matter."""
    options = "" if item.kind is ItemKind.TRUE_FALSE else _folded_options(item)
    return fold_question(item.stem) + options


def _folded_options(item: Item) -> str:
    return "".join(sorted(fold_question(option.text) for option in item.options))


def _same_question(item: Item) -> tuple[str, str, tuple[str, ...]]:
    """Return what is asked: its case, its stem, and its options in any order."""
    options = () if item.kind is ItemKind.TRUE_FALSE else item.options
    # Signs and per cent distinguish options of numbers, hence the finer folding.
    return (
        item.case or "",
        fold_option(item.stem),
        tuple(sorted(fold_option(option.text) for option in options)),
    )


def _answers(item: Item) -> frozenset[str]:
    if item.kind is ItemKind.BLANK:
        return frozenset("|".join(sorted(map(fold_option, words))) for words in item.blanks)
    return frozenset(fold_option(o.text) for o in item.options if o.id in item.key)


def _repetitions(bank: QuestionBank, items: Sequence[Item]) -> Iterator[Finding]:
    groups: dict[tuple[str, str, tuple[str, ...]], list[Item]] = defaultdict(list)
    for item in items:
        groups[_same_question(item)].append(item)
    for group in groups.values():
        if len(group) < 2:
            continue
        ids = tuple(sorted(item.id for item in group))
        objective = [item for item in group if item.kind.objective]
        if len({_answers(item) for item in objective}) > 1:
            keys = "；".join(f"{item.id} 为{item.key_text}" for item in group)
            reason = f"题干和选项相同，答案不同（{keys}）"
            yield Finding(_B, FindingKind.CONTRADICTION, ids, "答案", reason, "核对后只留一题")
        elif not _declared(bank, ids):
            reason = "题干和选项相同，会在一张卷上出现两次"
            mend = "只留一题；确需保留的，互相列为 enemies"
            yield Finding(_W, FindingKind.DUPLICATE, ids, "题干", reason, mend)


def _declared(bank: QuestionBank, ids: Sequence[str]) -> bool:
    """Whether each two of the items are declared enemies."""
    return all(
        other in bank.enemies.get(one, frozenset()) for one in ids for other in ids if one != other
    )


def _option_contradictions(items: Sequence[Item]) -> Iterator[Finding]:
    """Yield options that are right in one item and wrong in another of the same stem."""
    judged: dict[tuple[str, str, str], dict[bool, list[Item]]] = {}
    for item in items:
        if item.kind not in _CHOICE:
            continue
        stem = fold_option(item.stem)
        for option in item.options:
            words = fold_option(option.text)
            if len(words) >= 4 and not points_elsewhere(option.text):
                sides = judged.setdefault((item.case or "", stem, words), {True: [], False: []})
                sides[option.id in item.key].append(item)
    reported: set[tuple[str, str]] = set()
    for (_, _, words), sides in judged.items():
        for right in sides[True]:
            for wrong in sides[False]:
                low, high = sorted((right.id, wrong.id))
                same = _same_question(right) == _same_question(wrong)
                if same or (low, high) in reported or right.id == wrong.id:
                    continue
                reported.add((low, high))
                reason = f"题干相同，“{words}”在 {right.id} 是答案，在 {wrong.id} 不是"
                yield Finding(
                    _W, FindingKind.CONTRADICTION, (low, high), "答案", reason, "核对两题的答案"
                )


def near_duplicate_findings(
    bank: QuestionBank, items: Sequence[Item], *, cutoff: float
) -> Iterator[Finding]:
    """Yield pairs of items nearly the same that are not declared enemies."""
    from .similarity import similar_pairs  # numpy and rapidfuzz, only when asked for

    yield from _alike_cases(bank, cutoff)
    texts = [question_text(item) for item in items]
    partners: Counter[str] = Counter()
    pairs = sorted(similar_pairs(texts, cutoff=cutoff), key=lambda pair: -pair.likeness)
    for pair in pairs:
        one, other = items[pair.first], items[pair.second]
        if one.case is not None and one.case == other.case:
            continue
        if other.id in bank.enemies.get(one.id, ()) or _same_question(one) == _same_question(other):
            continue
        if min(partners[one.id], partners[other.id]) >= _MOST_PARTNERS:
            continue  # a template filled in many times: the rest says nothing new
        partners.update((one.id, other.id))
        ids = (min(one.id, other.id), max(one.id, other.id))
        reason = f"题干和选项有 {pair.likeness:.0f}% 相同"
        mend = f'删去其一，或者在 {ids[0]} 写 enemies = ["{ids[1]}"]'
        yield Finding(_W, FindingKind.NEAR_DUPLICATE, ids, "题干", reason, mend)


def _alike_cases(bank: QuestionBank, cutoff: float) -> Iterator[Finding]:
    """Yield pairs of cases that tell nearly the same story."""
    from .similarity import similar_pairs

    cases = list(bank.cases.values())
    for pair in similar_pairs([fold_question(case.stimulus) for case in cases], cutoff=cutoff):
        one, other = cases[pair.first], cases[pair.second]
        known = bank.enemies
        if any(b in known.get(a, ()) for a in one.item_ids for b in other.item_ids):
            continue
        reason = f"案例 {one.id} 与 {other.id} 的案情有 {pair.likeness:.0f}% 相同"
        ids = tuple(sorted((*one.item_ids, *other.item_ids)))
        mend = "删去其一，或者把两案的小题列为互斥"
        yield Finding(_W, FindingKind.NEAR_DUPLICATE, ids, "案情", reason, mend)


def cueing_pairs(items: Sequence[Item]) -> Iterator[tuple[Item, Item, str]]:
    """Yield (item, other, words): `words` are the key of `item` and stand in the stem of `other`.

    A pair counts when no wrong option of `item` stands in that stem too, and the two items cite a
    common article or share a run of six further characters of their stems.
    """
    folded = {item.id: fold_question(item.stem) for item in items}
    wanted: dict[str, list[tuple[str, Item]]] = defaultdict(list)
    for item in items:
        for words in _key_words(item):
            if words not in folded[item.id]:
                wanted[words[:_SHORTEST_CUE]].append((words, item))

    @cache  # a common key is looked for in many stems
    def articles(item_id: str) -> frozenset[tuple[str, int, int]]:
        return articles_of(by_id[item_id])

    @cache
    def wrong(item_id: str) -> tuple[str, ...]:
        item = by_id[item_id]
        return tuple(fold_question(o.text) for o in item.options if o.id not in item.key)

    by_id = {item.id: item for item in items}
    for other in items:
        # A false statement gives nothing away.
        if other.kind is ItemKind.TRUE_FALSE and other.key_text != "正确":
            continue
        stem = folded[other.id]
        seen: set[str] = {other.id}
        for start in range(len(stem) - _SHORTEST_CUE + 1):
            for words, item in wanted.get(stem[start : start + _SHORTEST_CUE], ()):
                if item.id in seen or not stem.startswith(words, start):
                    continue
                related = articles(item.id) & articles(other.id) or _shares_words(
                    folded[item.id], stem.replace(words, "\0")
                )
                if related and not any(text in stem for text in wrong(item.id)):
                    seen.add(item.id)
                    yield item, other, words


def _key_words(item: Item) -> list[str]:
    """Folded texts of the key long enough to be recognised."""
    if item.kind is ItemKind.SINGLE:
        texts = [fold_question(o.text) for o in item.options if o.id in item.key]
    elif item.kind is ItemKind.BLANK:
        texts = [fold_question(word) for words in item.blanks for word in words]
    else:
        return []
    return [text for text in texts if len(text) >= _SHORTEST_CUE]


def _shares_words(one: str, other: str) -> bool:
    """Whether two folded stems have a run of six characters in common."""
    return any(one[k : k + 6] in other for k in range(len(one) - 5))


def shared_articles(one: Item, other: Item) -> frozenset[tuple[str, int, int]]:
    """Articles (title, number, 之N) that both items cite."""
    return articles_of(one) & articles_of(other)


def articles_of(item: Item) -> frozenset[tuple[str, int, int]]:
    """Articles an item cites, without paragraph and item."""
    return frozenset((c.title, c.article, c.sub) for c in item.citations if c.article is not None)


def _cues(bank: QuestionBank, items: Sequence[Item]) -> Iterator[Finding]:
    for item, other, words in cueing_pairs(items):
        if other.id in bank.enemies.get(item.id, ()):
            continue
        inside = item.case is not None and item.case == other.case
        severity = _W if inside or shared_articles(item, other) else _N
        reason = f"{other.id} 的题干写出了 {item.id} 的答案“{words}”"
        mend = "改写其一" if inside else f'在 {item.id} 写 enemies = ["{other.id}"]'
        ids = (min(item.id, other.id), max(item.id, other.id))
        yield Finding(severity, FindingKind.CUE, ids, "题干", reason, mend)


def _enemies(bank: QuestionBank, items: Sequence[Item]) -> Iterator[Finding]:
    for item in items:
        for enemy in sorted(item.enemies):
            if enemy not in bank:
                reason = f"互斥题 {enemy} 不在题库中"
                yield Finding(_W, FindingKind.ENEMY, (item.id,), "互斥题", reason, "更正或删去")
            elif item.case is not None and enemy != item.id and bank[enemy].case == item.case:
                reason = f"与同一案例的小题 {enemy} 互斥：案例整体抽取，这一互斥不起作用"
                yield Finding(_W, FindingKind.ENEMY, (item.id,), "互斥题", reason, "删去")


def _cases(bank: QuestionBank, items: Sequence[Item]) -> Iterator[Finding]:
    present = {item.id for item in items}
    for case in bank.cases.values():
        yield from check_text(case.item_ids, f"案情 {case.id}", case.stimulus)
        places: dict[tuple[str, int, int], list[str]] = defaultdict(list)
        for item_id in case.item_ids:
            if item_id in present:
                for place in articles_of(bank[item_id]):
                    places[place].append(item_id)
        for (title, article, sub), ids in sorted(places.items()):
            if len(ids) > 1:
                shared = Citation(title, article, sub)
                reason = f"同一案例的小题都引用{shared}，答一题可推知另一题"
                same = tuple(sorted(ids))
                yield Finding(_N, FindingKind.CASE, same, "引用", reason, "换一个考点")


def _singles(items: Iterable[Item]) -> list[Item]:
    return [
        item
        for item in items
        if item.kind is ItemKind.SINGLE and len(item.options) >= 3 and len(item.key) == 1
    ]


def _longest(items: Sequence[Item]) -> Iterator[Finding]:
    """How often the one longest option is the key, against chance."""
    chance = hits = 0.0
    variance = 0.0
    count = 0
    for item in _singles(items):
        lengths = sorted((len(option.text) for option in item.options), reverse=True)
        if lengths[0] == lengths[1]:
            continue
        longest = next(o for o in item.options if len(o.text) == lengths[0])
        share = 1 / len(item.options)
        count, chance = count + 1, chance + share
        variance += share * (1 - share)
        hits += longest.id in item.key
    if count < _ENOUGH:
        return
    z = (hits - chance) / math.sqrt(variance)
    if z > 3.29 and hits / count > chance / count + 0.1:
        reason = (
            f"{count} 道单选题有唯一最长的选项，其中 {hits:.0f} 道（{hits / count:.0%}）"
            f"恰是答案，随机应为 {chance / count:.0%}"
        )
        mend = "缩短答案或充实干扰项，先改答案明显较长的题"
        yield Finding(_W, FindingKind.LONGEST_KEY, (), "选项", reason, mend)


def _balance(items: Sequence[Item]) -> Iterator[Finding]:
    """Key letters of single choice, and right against wrong of true/false, against chance."""
    by_size: dict[int, Counter[str]] = defaultdict(Counter)
    for item in _singles(items):
        by_size[len(item.options)][next(iter(item.key))] += 1
    for size, letters in sorted(by_size.items()):
        total = letters.total()
        if total < _ENOUGH:
            continue
        expected = total / size
        shares = [letters.get(letter, 0) for letter in "ABCDEFGH"[:size]]
        statistic = sum((n - expected) ** 2 / expected for n in shares)
        if _beyond_chance(statistic, size - 1) and max(shares) > 1.3 * expected:
            told = "、".join(
                f"{letter} {n / total:.0%}" for letter, n in zip("ABCDEFGH", shares, strict=False)
            )
            reason = f"{total} 道{size}选一的答案为{told}，均匀时各 {1 / size:.0%}"
            yield Finding(_W, FindingKind.KEY_BALANCE, (), "答案", reason, "组卷时打乱选项顺序")
    judged = Counter(item.key_text for item in items if item.kind is ItemKind.TRUE_FALSE)
    total = judged.total()
    share = judged.get("正确", 0) / total if total else 0.5
    if total >= _ENOUGH and abs(share - 0.5) > 0.15 and abs(share - 0.5) * math.sqrt(total) > 1.65:
        reason = f"{total} 道判断题中正确的占 {share:.0%}"
        yield Finding(_W, FindingKind.KEY_BALANCE, (), "答案", reason, "补充较少的一类")


def _beyond_chance(statistic: float, freedom: int) -> bool:
    """Chi-square beyond its 0.1 % point, by the cube-root law (Wilson and Hilferty 1931)."""
    scale = 2 / (9 * freedom)
    return bool(math.cbrt(statistic / freedom) > 1 - scale + 3.09 * math.sqrt(scale))
