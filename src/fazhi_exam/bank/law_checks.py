"""Citations of a bank on a day (引用检查)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache

from ..law.agreement import Disagreement, DisagreementKind, check_agreement, quantities
from ..law.citation import Citation
from ..law.statute import bare_text
from ..law.statute_book import CitationFault, CitationProblem, StatuteBook
from .findings import Finding, FindingKind, Severity
from .item import Item, ItemKind, Level
from .item_checks import negative_word
from .question_bank import QuestionBank


def check_citations(items: Iterable[Item], book: StatuteBook, on: date) -> Iterator[Finding]:
    """Yield what is wrong with the citations of items on a day."""

    @cache  # many items cite the same article
    def look(citation: Citation) -> CitationProblem | None:
        return book.check(citation, on)

    @cache
    def doubts(citation: Citation) -> str:
        return "；".join(book.to_verify([citation]).values())

    for item in items:
        for citation in item.citations:
            problem = look(citation)
            if problem is not None:
                yield _problem(item, problem)
            elif citation.article is None:
                text = f"{citation}没有写明条文，法律修改时无法判断影响"
                yield Finding(
                    Severity.NOTE, FindingKind.CITATION, (item.id,), "引用", text, "写明第几条"
                )
            elif not item.note and (reason := doubts(citation)):
                text = f"{citation}的文本待核（{reason}），题目没有说明"
                mend = "核对后在 note 中写明此点为何稳定"
                yield Finding(Severity.NOTE, FindingKind.TO_VERIFY, (item.id,), "引用", text, mend)


def _problem(item: Item, problem: CitationProblem) -> Finding:
    severity, mend = Severity.WARNING, "核对所引条款"
    if problem.blocking:
        severity = Severity.BLOCKING
    elif problem.fault is CitationFault.ARTICLES_UNKNOWN:
        severity, mend = Severity.NOTE, "对照原文核对"
    elif problem.fault is CitationFault.UNKNOWN_STATUTE:
        mend = "更正名称；法规库没有的法规，先用 with_statute 登记"
    if problem.fault in (CitationFault.REPEALED, CitationFault.OTHER_EDITION):
        mend = "用 lapse 查看对应的新条文，复核后更新或者停用"
    return Finding(severity, FindingKind.CITATION, (item.id,), "引用", str(problem), mend)


def statements_of(item: Item) -> tuple[tuple[str, str], ...]:
    """Return what an item says is the law, as (field, text).

    That is keyed options, blanks, marking points and explanation; the stem counts only where
    it states the law itself: in a true statement.
    """
    said: list[tuple[str, str]] = []
    plain = not (item.negative or negative_word(item.stem)) and item.case is None
    if item.kind is ItemKind.TRUE_FALSE:
        if plain and item.key_text == "正确":
            said.append(("题干", item.stem))
    elif item.kind.has_options and plain:
        said += [(f"选项{o.id}", o.text) for o in item.options if o.id in item.key]
    elif item.kind is ItemKind.BLANK:
        said += [("答案", words[0]) for words in item.blanks if words]
    said += [("评分点", point.text) for point in item.marking_points]
    if item.explanation:
        said.append(("解析", item.explanation))
    return tuple(said)


def check_statements(
    items: Iterable[Item], book_with_texts: StatuteBook, *, on: date
) -> Iterator[Finding]:
    """Yield where keys and explanations say something the cited articles do not say.

    Numbers with units, bodies, quoted phrases and 应当/可以/不得 are compared with the full texts
    on that day; items whose articles' texts are not at hand are passed over. An explanation may
    repeat the facts of the question and the numbers of its wrong options. A person reads both: this
    finds what is likely wrong and proves nothing.

    Parameters
    ----------
    items
        A bank, or any items.
    book_with_texts
        A book after `StatuteBook.with_texts`.
    on
        The day whose editions count.
    """
    cases = items.cases if isinstance(items, QuestionBank) else {}
    for item in items:
        texts = _texts(item.citations, book_with_texts, on)
        if not texts:
            continue
        said = statements_of(item)
        facts = _facts(item, cases[item.case].stimulus if item.case and item.case in cases else "")
        for one in check_agreement([text for _, text in said], texts):
            field = said[one.statement][0]
            if field != "解析" or not _excused(one, facts):
                yield _disagreement(item, field, one)


def _facts(item: Item, stimulus: str) -> str:
    """Join what an explanation may repeat although the law does not say it."""
    wrong = (option.text for option in item.options if option.id not in item.key)
    false = item.kind is ItemKind.TRUE_FALSE and item.key_text != "正确"
    apart = item.kind.has_options and item.kind is not ItemKind.TRUE_FALSE
    stem = item.stem if apart or false or item.case else ""
    return "\n".join([stimulus, stem, *wrong])


def _excused(one: Disagreement, facts: str) -> bool:
    """Whether an explanation only speaks of the facts or of the wrong options."""
    if one.kind is DisagreementKind.NUMBER:
        known = {quantity.key for quantity in quantities(facts)}
        return {quantity.key for quantity in quantities(one.found)} <= known
    return bare_text(one.found) in bare_text(facts)


def _texts(citations: Sequence[Citation], book: StatuteBook, on: date) -> tuple[str, ...]:
    """Full texts of the cited articles; empty unless every one of them is at hand."""
    texts = []
    for citation in citations:
        if book.check(citation, on) is not None:
            return ()
        article = book.article(citation, on)
        if article is None or not article.text:
            return ()
        texts.append(article.text)
    return tuple(texts)


def _disagreement(item: Item, field: str, one: Disagreement) -> Finding:
    # Options of applied questions tell what happened: 罚款一百八十元 need not stand in the law.
    applied = field.startswith("选项") and item.level in (Level.APPLY, Level.ANALYSE)
    severity = Severity.WARNING if one.likely and not applied else Severity.NOTE
    mend = "对照条文核对" + (f"：{'、'.join(one.articles_say)}" if one.articles_say else "")
    return Finding(severity, FindingKind.AGREEMENT, (item.id,), field, str(one), mend)
