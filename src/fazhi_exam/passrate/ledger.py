"""What was published so far, so that two releases cannot be subtracted (发布台账)."""

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from .attempts import Which
from .publish import MERGED, THRESHOLD, Detail, PublicTable, PublishingRefused

_PARTS = {
    "优秀": {"优秀"},
    "合格（不含优秀）": {"合格"},
    "合格": {"优秀", "合格"},
    "不合格": {"不合格"},
    "缺考违纪": {"缺考违纪"},
    "实考": {"优秀", "合格", "不合格"},
    "应考": {"优秀", "合格", "不合格", "缺考违纪"},
}
"""Which results a column counts."""
COLUMNS = frozenset(_PARTS)
_WIDER = {
    Which.FIRST: {Which.FIRST, Which.BEST, Which.ALL},
    Which.BEST: {Which.BEST, Which.ALL},
    Which.ALL: {Which.ALL},
}
"""Which attempts are among which others."""
_MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which attempts a release speaks of (统计范围).

    Parameters
    ----------
    by
        What the groups are, such as 单位.
    sittings
        Ids of the sittings, at least one; a period is given as the sittings in it.
    which
        All attempts, or one per person.

    Raises
    ------
    ValueError
        If there is no sitting.
    """

    by: str
    sittings: frozenset[str]
    which: Which = Which.ALL

    def __post_init__(self) -> None:
        if not self.sittings:
            raise ValueError("need the sittings that a release speaks of")

    def within(self, other: "Coverage") -> bool:
        """Tell whether these attempts are among those of another release."""
        return self.sittings <= other.sittings and other.which in _WIDER[self.which]


@dataclass(frozen=True, slots=True)
class Statement:
    """One published count: a column, the groups it is the sum of, and their number."""

    column: str
    groups: frozenset[str]
    whole: bool
    value: int

    @property
    def who(self) -> str:
        """Whom it counts, in a message."""
        names = sorted(self.groups)
        if self.whole or not names:
            return "合计"
        more = f"等 {len(names)} 个" if len(names) > _MOST_NAMES else ""
        return "、".join(names[:_MOST_NAMES]) + more


@dataclass(frozen=True, slots=True)
class Release:
    """What was published once (发布记录); `rounded_to` is 1 for exact counts."""

    title: str
    on: date
    coverage: Coverage
    statements: tuple[Statement, ...]
    rounded_to: int = 1

    @property
    def left_open(self) -> int:
        """Within how many people rounding leaves a count open."""
        return 2 * (self.rounded_to - 1)

    def counts_part_of(self, own: Statement, other: "Release", larger: Statement) -> bool:
        """Tell whether a statement counts some of those that another release's counts."""
        same = self.coverage.by == other.coverage.by and own.groups <= larger.groups
        return (
            (larger.whole or same)
            and _PARTS[own.column] <= _PARTS[larger.column]
            and self.coverage.within(other.coverage)
        )

    def says_as(self, other: "Release") -> bool:
        """Tell whether both say the same, whatever they are called and whenever that was."""
        return (self.coverage, self.rounded_to) == (other.coverage, other.rounded_to) and (
            self.statements == other.statements
        )

    def small_gaps(
        self, earlier: "Release", threshold: int
    ) -> Iterator[tuple[Statement, Statement]]:
        """Yield pairs of an own and an earlier statement that tell a few people by subtraction."""
        # A difference that rounding leaves open widely enough tells nothing.
        if self.left_open + earlier.left_open >= threshold:
            return
        if not (self.coverage.within(earlier.coverage) or earlier.coverage.within(self.coverage)):
            return
        for place, other in _near(self, earlier, threshold):
            one, two = self.statements[place], earlier.statements[other]
            if self._only_rounded(one, earlier, two):
                continue
            if self.counts_part_of(one, earlier, two) or earlier.counts_part_of(two, self, one):
                yield one, two

    def _only_rounded(self, one: Statement, earlier: "Release", two: Statement) -> bool:
        """Tell whether two statements of the same people differ by no more than rounding does."""
        mine, theirs = self.coverage, earlier.coverage
        return (
            (mine.sittings, mine.which) == (theirs.sittings, theirs.which)
            and _counted(one, self) == _counted(two, earlier)
            and 2 * abs(one.value - two.value) <= self.left_open + earlier.left_open
        )


def _near(one: Release, two: Release, threshold: int) -> list[list[int]]:
    """Return places of statements that are close and speak of one group or of several."""
    # Comparing the sets of all pairs would take seconds once there are some dozen releases.
    (value, group, several), (value2, group2, several2) = (
        (
            np.array([s.value for s in release.statements], np.int64),
            np.array([hash(s.groups) for s in release.statements], np.int64),
            np.array([len(s.groups) != 1 or s.whole for s in release.statements], np.bool_),
        )
        for release in (one, two)
    )
    gap = np.abs(np.subtract.outer(value, value2))
    related = np.equal.outer(group, group2) | np.logical_or.outer(several, several2)
    found: list[list[int]] = np.argwhere((gap > 0) & (gap < threshold) & related).tolist()
    return found


@dataclass(frozen=True)
class ReleaseLedger:
    """Everything published so far (发布台账)."""

    releases: tuple[Release, ...] = ()

    def check(self, release: Release, *, threshold: int = THRESHOLD) -> None:
        """Refuse a release that differs from an earlier one by a few people.

        A count is set against every earlier one that speaks of some of the same people or of more:
        the same groups or all together, the same or more sittings, first attempts, best ones or
        all, those who sat or those due; and against the sum of separate sittings. Groups are known
        by name; units that were renamed in between must be given under one name. What follows from
        three or more releases of which none is part of another is not searched for here; see
        `statistics.releases.implied_range`.

        Raises
        ------
        PublishingRefused
            Naming the earlier release and what can be worked out.
        """
        for earlier in self.releases:
            for own, old in release.small_gaps(earlier, threshold):
                raise PublishingRefused(release.title, (
                    f"{own.who}的“{own.column}”与 {earlier.on:%Y-%m-%d} 的“{earlier.title}”中的"
                    f"“{old.column}”相减，可以推出不足 {threshold} 人的人数"
                    f"{_difference(release.coverage, earlier.coverage)}"
                ))  # fmt: skip
        # The best of several sittings is one attempt a person: its counts do not add up.
        if release.coverage.which is not Which.BEST:
            self._check_sums(release, threshold)

    def _check_sums(self, release: Release, threshold: int) -> None:
        """Refuse a count that differs by a few people from the sum over some of its sittings."""
        earlier = self._by_sittings(release)
        for own in release.statements:
            said = earlier[_counted(own, release)]
            for whole, (value, open_) in said.items():
                parts = _disjoint_parts(whole, said)
                gap = abs(value - sum(said[part][0] for part in parts))
                room = open_ + sum(said[part][1] for part in parts)
                if (
                    parts
                    and release.coverage.sittings in (whole, *parts)
                    and 0 < gap < threshold
                    and room < threshold
                ):
                    raise PublishingRefused(release.title, (
                        f"{own.who}的“{own.column}”：从 {len(whole)} 个考次的合计中"
                        f"减去分别公布的各次，可以推出不足 {threshold} 人的人数"
                    ))  # fmt: skip

    def _by_sittings(
        self, release: Release
    ) -> dict[Hashable, dict[frozenset[str], tuple[int, int]]]:
        """Return counts of the attempts of a release, and what rounding leaves open of them.

        By what is counted, then by sittings.
        """
        found: dict[Hashable, dict[frozenset[str], tuple[int, int]]] = {}
        for one in (*self.releases, release):
            if one.coverage.which is release.coverage.which:
                for said in one.statements:
                    held = found.setdefault(_counted(said, one), {})
                    held[one.coverage.sittings] = said.value, one.left_open
        return found

    def add(self, release: Release, *, threshold: int = THRESHOLD) -> "ReleaseLedger":
        """Return the ledger with a release that passed `check`; what was said before is not added.

        Raises
        ------
        PublishingRefused
            As `check`.
        """
        if self.said_before(release) is not None:
            return self
        self.check(release, threshold=threshold)
        return ReleaseLedger((*self.releases, release))

    def said_before(self, release: Release) -> Release | None:
        """Return the earlier release that said the same, if there is one."""
        return next((one for one in self.releases if release.says_as(one)), None)


def _counted(said: Statement, release: Release) -> Hashable:
    """Name whom a statement counts within its sittings; the total is one by any grouping."""
    return said.column if said.whole else (release.coverage.by, said.groups, said.column)


def _disjoint_parts(
    whole: frozenset[str], among: Collection[frozenset[str]]
) -> tuple[frozenset[str], ...]:
    """Return sets inside `whole` that do not overlap, large ones first."""
    left, parts = whole, []
    for part in sorted(among, key=lambda one: (-len(one), sorted(one))):
        if part < whole and part <= left:
            parts.append(part)
            left -= part
    return tuple(parts)


def _difference(one: Coverage, two: Coverage) -> str:
    """Say in what two coverages differ."""
    parts = [
        f"口径一为“{one.which}”，一为“{two.which}”" if one.which is not two.which else "",
        "所含考次不同而有重叠" if one.sittings != two.sittings else "",
    ]
    said = "，".join(filter(None, parts))
    return f"（{said}）" if said else ""


def release_of(
    table: PublicTable,
    *,
    on: date,
    groups: Sequence[str],
    sittings: Collection[str],
    which: Which = Which.ALL,
) -> Release:
    """Return what a public table states, for the ledger.

    Parameters
    ----------
    groups
        All groups of the internal table: the total speaks of them, a merged row of those merged.
    sittings, which
        What the table counts, as `Coverage`.

    Raises
    ------
    ValueError
        If there is no sitting.
    """
    statements = []
    for row in (*table.rows, table.total):
        whole = row is table.total
        few = table.merged if row.group == MERGED else (row.group,)
        people = ("实考", row.sat) if table.detail is Detail.SAT else ("应考", row.due)
        for column, value in (*zip(table.detail.value, row.counts, strict=True), people):
            if value is not None:
                members = frozenset(groups if whole else few)
                statements.append(Statement(column, members, whole, value))
    coverage = Coverage(table.by, frozenset(sittings), which)
    return Release(table.title, on, coverage, tuple(statements), table.rounded_to)
