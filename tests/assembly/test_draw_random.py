"""Two implementations of the draw specification agree on manifests nobody would write."""

import random

import numpy as np
import pytest

from fazhi_exam.assembly import Draw, Manifest, RevealedDraw, RosterRow, deal, verify_draw
from fazhi_exam.assembly.manifest import (
    CommittedBound,
    CommittedCell,
    CommittedItem,
    CommittedSection,
    CommittedTarget,
    CommittedUnit,
)


def manifest(rng: random.Random) -> Manifest:
    """Make a random manifest: odd sizes, dense enemies, fixed units, plans, bounds, a target."""
    names = [f"题{n}" for n in range(rng.randrange(20, 60))]
    rng.shuffle(names)
    cuts = sorted(rng.sample(range(4, len(names) - 4), 4))
    parts = [sorted(names[a:b]) for a, b in zip([0, *cuts], [*cuts, len(names)], strict=True)]
    cells, plan = [], []
    for number, part in enumerate(parts):
        fixed = part[:1] if len(part) > 4 and rng.random() < 0.4 else []
        members = tuple(part[len(fixed) :])
        cells.append(
            CommittedCell(id=str(number), title=f"行{number}", fixed=tuple(fixed), members=members)
        )
        plan.append(len(fixed) + rng.randrange(1, max(2, len(members) // 3)))
    other = [*plan[:3], plan[3], plan[4]]
    if plan[3] > len(cells[3].fixed) and len(cells[4].members) > plan[4] + 2:
        other = [*plan[:3], plan[3] - 1, plan[4] + 1]
    plans = (tuple(plan),) if rng.random() < 0.5 else (tuple(plan), tuple(other), tuple(plan))
    free = [n for n in names if not any(n in cell.fixed for cell in cells)]
    pairs = {tuple(sorted(rng.sample(free, 2))) for _ in range(rng.randrange(0, 25))}
    scores = {name: rng.randrange(2000, 9000) for name in names}
    kinds = rng.choice(["shuffled", "as_drawn", "easy_to_hard", "by_topic"])
    options = tuple("ABCDEF"[: rng.randrange(2, 7)])
    return Manifest(
        exam="随机",
        date="2026-12-01",
        title="卷",
        bank="0" * 64,
        sections=(
            CommittedSection(
                id="1", title="一", points="1", rule='{"code":"net"}', cells=tuple(cells[:3])
            ),
            CommittedSection(
                id="2", title="二", points="2", rule='{"code":"net"}', cells=tuple(cells[3:])
            ),
        ),
        plans=plans,
        units={
            name: CommittedUnit(items=(name,), score=scores[name], topic=f"{scores[name] % 3}")
            for name in names
        },
        items={
            name: CommittedItem(
                kind="单选",
                revision="0",
                options=options if rng.random() < 0.8 else (),
                pinned=tuple(o for o in options if rng.random() < 0.2),
            )
            for name in names
        },
        enemies=tuple(sorted((a, b) for a, b in pairs)),
        bounds=(
            CommittedBound(
                title="限",
                minimum=rng.choice([None, 1]),
                maximum=rng.choice([None, sum(plan) - 1]),
                weights={name: rng.randrange(0, 2) for name in names[::2]},
            ),
        ),
        target=CommittedTarget(
            score=int(np.mean(list(scores.values())) * sum(plan)), tolerance=6000
        )
        if rng.random() < 0.5
        else None,
        score_basis="bands",
        order=kinds,  # type: ignore[arg-type]
        shuffle_options=rng.choice([0, 1]),  # type: ignore[arg-type]
        neighbour_classes=rng.choice([1, 1, 2]),
        max_attempts=60,
    )  # fmt: skip


def people(rng: random.Random, names: list[str]) -> tuple[RosterRow, ...]:
    """Make candidates, some of whom have seen items, in all neighbour classes."""
    return tuple(
        RosterRow(
            code=f"考{n:02d}",
            seen=tuple(sorted(rng.sample(names, 2))) if n % 6 == 0 else (),
            neighbour_class=rng.randrange(3),
        )
        for n in range(24)
    )


def agree(turn: int) -> bool:
    """Compare the papers of one random manifest; False when nobody can have a paper."""
    rng = random.Random(turn)  # noqa: S311
    made = manifest(rng)
    rows = people(rng, sorted(made.units))
    seed = rng.randbytes(32)
    plain = made.model_dump(mode="json")
    expected = {}
    for row in rows:
        try:
            expected[row.code] = verify_draw.paper(plain, seed, row.model_dump(mode="json"))
        except SystemExit:
            continue
    rows = tuple(row for row in rows if row.code in expected)
    if not rows:
        return False
    papers = deal(RevealedDraw(Draw(made, rows, ""), seed))
    for code in papers.codes:
        assert papers[code].to_json() == verify_draw.canon(expected[code])
    return True


@pytest.mark.parametrize("start", range(0, 40, 10))
def test_random_manifests_give_equal_papers(start: int) -> None:
    """Ten random manifests: arrays and checker agree on every paper."""
    assert sum(agree(turn) for turn in range(start, start + 10)) >= 5


@pytest.mark.full
def test_many_random_manifests_give_equal_papers() -> None:
    """A hundred and fifty random manifests: arrays and checker agree on every paper."""
    assert sum(agree(turn) for turn in range(100, 250)) >= 75
