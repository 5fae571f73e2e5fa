"""Every problem of a bank on a day (题库体检)."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from html import escape
from itertools import chain
from typing import TYPE_CHECKING

from ..errors import BlockedReview
from .bank_checks import check_together, near_duplicate_findings
from .findings import Finding, FindingKind, Severity
from .item import Item, Status
from .item_checks import check_item
from .question_bank import QuestionBank
from .text_checks import masked

if TYPE_CHECKING:
    from ..law.statute_book import StatuteBook
    from ..typing import Progress

_ORDER = {severity: rank for rank, severity in enumerate(Severity)}
_KIND_ORDER = {kind: rank for rank, kind in enumerate(FindingKind)}
_MOST_ROWS = 300
_HEADINGS = ("严重程度", "类别", "题号", "位置", "问题", "建议")


@dataclass(frozen=True)
class Review:
    """What a review found (审题结果).

    Parameters
    ----------
    on
        The day of the exam.
    findings
        Worst first, then by kind and item.
    checked
        How many items were looked at; retired items are not.
    """

    on: date
    findings: tuple[Finding, ...]
    checked: int

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """What must be dealt with before the exam."""
        return self.of(Severity.BLOCKING)

    def of(self, *wanted: Severity | FindingKind) -> tuple[Finding, ...]:
        """Return the findings of these severities or kinds."""
        return tuple(f for f in self.findings if f.severity in wanted or f.kind in wanted)

    @cached_property
    def by_item(self) -> Mapping[str, tuple[Finding, ...]]:
        """Findings of each item concerned, by item id; findings on the whole bank are left out."""
        table: dict[str, list[Finding]] = {}
        for finding in self.findings:
            for item_id in finding.item_ids:
                table.setdefault(item_id, []).append(finding)
        return {item_id: tuple(found) for item_id, found in sorted(table.items())}

    @property
    def counts(self) -> Mapping[FindingKind, Mapping[Severity, int]]:
        """Number of findings of each kind and severity; kinds without any are absent."""
        tally = Counter((finding.kind, finding.severity) for finding in self.findings)
        kinds = dict.fromkeys(finding.kind for finding in self.findings)
        return {kind: {s: tally[kind, s] for s in Severity} for kind in kinds}

    def raise_if_blocking(self) -> None:
        """Do nothing when no finding is blocking.

        Raises
        ------
        BlockedReview
            With every blocking finding, in Chinese.
        """
        if self.blocking:
            raise BlockedReview([str(finding) for finding in self.blocking])

    def records(self) -> tuple[Mapping[str, str], ...]:
        """Return one row per finding under Chinese headings, for a worksheet or a dataframe."""
        return tuple(dict(zip(_HEADINGS, _cells(f), strict=True)) for f in self.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __str__(self) -> str:
        tally = Counter(finding.severity for finding in self.findings)
        if not self.findings:
            return f"检查了 {self.checked} 道题，没有发现问题。"
        parts = "，".join(f"{s.chinese} {tally[s]} 处" for s in Severity)
        return f"检查了 {self.checked} 道题，发现 {len(self.findings)} 处问题：{parts}。"

    def __repr__(self) -> str:
        return f"Review({self.on}, {self})"

    def _repr_html_(self) -> str:
        severities = tuple(Severity)
        head = "".join(f"<th>{s.chinese}</th>" for s in severities)
        table = "".join(
            f"<tr><td>{escape(kind.value)}</td>"
            + "".join(f"<td>{row[s] or ''}</td>" for s in severities)
            + "</tr>"
            for kind, row in self.counts.items()
        )
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in _cells(finding)) + "</tr>"
            for finding in self.findings[:_MOST_ROWS]
        )
        left = len(self.findings) - _MOST_ROWS
        more = f"<p>…… 另有 {left} 处，见导出的表格。</p>" if left > 0 else ""
        titles = "".join(f"<th>{name}</th>" for name in _HEADINGS)
        return (
            f"<p>{self.on:%Y-%m-%d} 题库体检：{escape(str(self))}</p>"
            f"<table><tr><th>类别</th>{head}</tr>{table}</table>"
            f"<table><tr>{titles}</tr>{rows}</table>{more}"
        )


def review(
    bank: QuestionBank,
    *,
    on: date,
    book: "StatuteBook | None" = None,
    texts: "StatuteBook | None" = None,
    near: float | None = 90.0,
    progress: "Progress | None" = None,
) -> Review:
    """Find every problem of a bank for an exam on a day (题库体检).

    Parameters
    ----------
    bank
        The bank; retired items are passed over.
    on
        Day of the exam: citations must be in force then.
    book
        The statute book; by default the shipped one.
    texts
        A book with full texts (`StatuteBook.with_texts`): keys and explanations are then compared
        with the cited articles as well.
    near
        From how many percent alike two questions are near duplicates; None leaves them out.
    progress
        Called as ``progress(items done, items)``.

    Raises
    ------
    ValueError
        If `near` is not a percentage from 50 to 100.
    """
    from ..law.statute_book import StatuteBook
    from .law_checks import check_citations, check_statements

    items = tuple(item for item in bank if item.status is not Status.RETIRED)
    found: list[Finding] = []
    for done, item in enumerate(items, 1):
        found += check_item(item)
        if progress is not None and (done % 500 == 0 or done == len(items)):
            progress(done, len(items))
    law = texts if book is None and texts is not None else book or StatuteBook.shipped()
    found += check_citations(items, law, on)
    found += check_together(bank, items)
    if near is not None:
        found += near_duplicate_findings(bank, items, cutoff=near)
    if texts is not None:
        kept = {item.id for item in items}
        said = check_statements(bank, texts, on=on)
        found += (finding for finding in said if kept.issuperset(finding.item_ids))
    return Review(on, _in_order(found), len(items))


def check_one(item: Item, *, on: date, book: "StatuteBook | None" = None) -> tuple[Finding, ...]:
    """Find what is wrong with one item alone, while it is being written."""
    from ..law.statute_book import StatuteBook
    from .law_checks import check_citations

    law = book or StatuteBook.shipped()
    return _in_order(chain(check_item(item), check_citations((item,), law, on)))


def _in_order(found: "chain[Finding] | list[Finding]") -> tuple[Finding, ...]:
    safe = (replace(f, reason=masked(f.reason), mend=masked(f.mend)) for f in found)
    return tuple(
        sorted(
            dict.fromkeys(safe),
            key=lambda f: (_ORDER[f.severity], _KIND_ORDER[f.kind], f.item_ids, f.field),
        )
    )


def _cells(finding: Finding) -> tuple[str, str, str, str, str, str]:
    return (
        finding.severity.chinese,
        finding.kind.value,
        "、".join(finding.item_ids),
        finding.field,
        finding.reason,
        finding.mend,
    )
