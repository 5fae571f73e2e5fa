"""Statutes as facts: citations, editions, what an amendment does to citations (法条与版本)."""

from typing import TYPE_CHECKING

from ..lazy import lazy_names
from .citation import (
    PREAMBLE,
    Citation,
    FoundCitation,
    article_label,
    find_citations,
    parse_citations,
)
from .numerals import to_chinese, to_int

if TYPE_CHECKING:
    from .agreement import Disagreement, DisagreementKind, check_agreement
    from .editions import compare_editions
    from .lapse import (
        LapsedUse,
        LapseReport,
        LapseRow,
        Verdict,
        lapsed_uses,
        usable,
    )
    from .propose import ArticleIndex, CitationProposal, propose_citations
    from .statute import Article, ArticleLink, ArticleMap, Edition, Relation, Statute
    from .statute_book import CitationFault, CitationProblem, StatuteBook

_LATER = {
    "agreement": ("Disagreement", "DisagreementKind", "check_agreement"),
    "editions": ("compare_editions",),
    # `lapse` itself is a module too: its function is `law.lapse.lapse`.
    "lapse": ("LapseReport", "LapseRow", "LapsedUse", "Verdict", "lapsed_uses", "usable"),
    "propose": ("ArticleIndex", "CitationProposal", "propose_citations"),
    "statute": ("Article", "ArticleLink", "ArticleMap", "Edition", "Relation", "Statute"),
    "statute_book": ("CitationFault", "CitationProblem", "StatuteBook"),
}
_WHERE = {name: module for module, names in _LATER.items() for name in names}

__all__ = [
    "PREAMBLE",
    "Article",
    "ArticleIndex",
    "ArticleLink",
    "ArticleMap",
    "Citation",
    "CitationFault",
    "CitationProblem",
    "CitationProposal",
    "Disagreement",
    "DisagreementKind",
    "Edition",
    "FoundCitation",
    "LapseReport",
    "LapseRow",
    "LapsedUse",
    "Relation",
    "Statute",
    "StatuteBook",
    "Verdict",
    "article_label",
    "check_agreement",
    "compare_editions",
    "find_citations",
    "lapsed_uses",
    "parse_citations",
    "propose_citations",
    "to_chinese",
    "to_int",
    "usable",
]

__getattr__ = lazy_names(__name__, _WHERE)


def __dir__() -> list[str]:
    return sorted(__all__)
