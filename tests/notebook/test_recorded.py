"""Item parameters from the store: every sitting has people of its own."""

from collections.abc import Sequence

import numpy as np
import pytest

from fazhi_exam.errors import NotEnoughData
from fazhi_exam.marking import ResponseMatrix
from fazhi_exam.notebook.examples import ExampleStore
from fazhi_exam.notebook.recorded import calibrate_together, history_calibration, sitting_groups
from fazhi_exam.psychometrics.models import Rasch
from fazhi_exam.scoring import Calibration, calibrate
from fazhi_exam.store import open_store

COMMON, OWN, PEOPLE = 6, 15, 800
NAMES = [f"q{k:02d}" for k in range(COMMON + 2 * OWN)]
TRUE = np.random.default_rng(4).normal(0, 0.8, len(NAMES))
WEAK = [*range(COMMON), *range(COMMON, COMMON + OWN)]
ABLE = [*range(COMMON), *range(COMMON + OWN, COMMON + 2 * OWN)]


def answers(places: list[int], *, level: float, seed: int) -> ResponseMatrix:
    """Answers of people of this mean ability to these questions, by the Rasch model."""
    random = np.random.default_rng(seed)
    ability = random.normal(level, 0.8, PEOPLE)
    chance = 1 / (1 + np.exp(TRUE[places] - ability[:, None]))
    right = random.random(chance.shape) < chance
    count = len(places)
    return ResponseMatrix(
        tuple(f"{seed}-{k}" for k in range(PEOPLE)),
        tuple(NAMES[k] for k in places),
        np.arange(0, PEOPLE * count + 1, count),
        np.tile(np.arange(count, dtype=np.int32), PEOPLE),
        right.ravel().astype(np.uint8),
        ((0, 10_000),) * count,
    )


PARTS = [answers(WEAK, level=-0.8, seed=1), answers(ABLE, level=0.8, seed=2)]


def tilt(found: Calibration) -> float:
    """How much easier than it is a question is taken to be when only the able were asked."""
    off = [found[name].parameters[-1] - true for name, true in zip(NAMES, TRUE, strict=True)]
    return float(np.mean(off[COMMON : COMMON + OWN]) - np.mean(off[COMMON + OWN :]))


def test_able_people_do_not_make_a_question_easy() -> None:
    """Sittings 1.6 apart in ability: as groups they give unbiased difficulties, pooled they do not.

    The link rests on six common questions answered by 800 people twice: its standard error is
    about 0.05.
    """
    grouped = calibrate_together(PARTS)
    pooled = calibrate(PARTS[0].stack(PARTS[1]), Rasch)
    assert abs(tilt(grouped)) < 0.15
    assert tilt(pooled) > 0.4


def test_people_of_the_oldest_sitting_are_the_reference() -> None:
    """The mean of the second sitting comes out 1.6 above that of the first, which is 0."""
    found = calibrate_together(PARTS)
    assert found.fit is not None
    assert found.fit.population.means == pytest.approx((0, 1.6), abs=0.15)


def test_each_sitting_of_a_store_is_a_group(example: ExampleStore) -> None:
    """Four simulated sittings, each a little abler than the one before, are four groups."""
    with open_store(example.url) as store:
        found = history_calibration(store, example.sittings[0].sitting.programme.id)
    assert found.fit is not None
    assert found.fit.population.people.size == 4
    assert found.label == "存档中 4 次考试"


def test_an_empty_store_says_what_is_missing(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Without sittings there is nothing to calibrate."""
    with (
        open_store(f"sqlite:///{tmp_path_factory.mktemp('empty')}/空.db") as empty,
        pytest.raises(NotEnoughData, match="次考试"),
    ):
        history_calibration(empty, "enf_general")


def asked(*names: str) -> ResponseMatrix:
    """One candidate who answered these questions."""
    count = len(names)
    return ResponseMatrix(
        ("c",), names, np.array([0, count]), np.arange(count, dtype=np.int32),
        np.ones(count, np.uint8), ((0, 10_000),) * count,
    )  # fmt: skip


def items(letter: str) -> Sequence[str]:
    return [f"{letter}{k}" for k in range(5)]


def test_sittings_without_common_questions_share_the_reference() -> None:
    """Nothing ties the second to the first until the third has questions of both."""
    first, second, both = asked(*items("a")), asked(*items("b")), asked(*items("a"), *items("b"))
    assert sitting_groups([first, second]) == ["0000", "0000"]
    assert sitting_groups([first, second, both]) == ["0000", "0001", "0002"]
    assert sitting_groups([first, asked("a0", *items("c"))]) == ["0000", "0000"]
    assert sitting_groups([first, first]) == ["0000", "0001"]
