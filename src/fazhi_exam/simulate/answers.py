"""Answers of synthetic candidates with known abilities and item models."""

from collections.abc import Mapping

import numpy as np

from ..bank.item import Band, Item, ItemKind
from ..bank.question_bank import QuestionBank
from ..delivery.answers import AnswerSheet, Attendance
from ..delivery.sitting import Sitting
from ..psychometrics.models import ItemModel, TwoPL
from ..typing import Rng, generator

_LOGIT = {
    Band.EASY: 2.3,
    Band.FAIRLY_EASY: 1.25,
    Band.MIDDLE: 0.4,
    Band.FAIRLY_HARD: -0.4,
    Band.HARD: -1.25,
}


def synthetic_models(bank: QuestionBank, *, rng: Rng, within_band: float = 0.5) -> dict[str, TwoPL]:
    """Make a true two-parameter model for every objective item, easier where its band says so.

    Parameters
    ----------
    within_band
        Standard deviation of the logit of an item around the middle of its band.
    """
    random = generator(rng)
    models = {}
    for item in bank:
        if item.kind.objective:
            slope = float(np.exp(random.normal(-0.05, 0.25)))
            logit = _LOGIT[item.band] + float(random.normal(0, within_band))
            models[item.id] = TwoPL(slope, -logit / slope)
    return models


def simulate_answers(
    sitting: Sitting,
    abilities: Mapping[str, float],
    models: Mapping[str, ItemModel],
    *,
    rng: Rng,
    omitted: float = 0.01,
    absent: float = 0.0,
) -> tuple[AnswerSheet, ...]:
    """Let every candidate answer the own paper.

    A right answer is the key; a wrong one is a wrong option, or for several right options a set
    that lacks some or has one too many, as people do. Short answers and essays are left blank.

    Parameters
    ----------
    abilities, models
        True ability by candidate and true item model by item id.
    omitted
        Chance that a wrong answer is left blank instead.
    absent
        Chance that a candidate does not come.
    """
    random = generator(rng)
    people = [candidate.code for candidate in sitting.roster if not candidate.exempt]
    theta = np.array([abilities[code] for code in people])
    # One curve per item over all candidates: a call per answer would take a hundred times longer.
    chance = {
        item_id: models[item_id].probabilities(theta)[:, -1]
        for item_id in sitting.papers.item_ids
        if sitting.bank[item_id].kind.objective
    }
    sheets = []
    for row, code in enumerate(people):
        if absent and random.random() < absent:
            sheets.append(AnswerSheet(code, Attendance.ABSENT))
            continue
        chosen: dict[str, frozenset[str]] = {}
        written: dict[str, tuple[str, ...]] = {}
        item_ids = [item_id for item_id in sitting.papers.items_of(code) if item_id in chance]
        luck = random.random((len(item_ids), 2))
        for item_id, (draw, leave) in zip(item_ids, luck.tolist(), strict=True):
            item = sitting.bank[item_id]
            right = draw < chance[item_id][row]
            if item.kind is ItemKind.BLANK:
                written[item_id] = tuple(words[0] if right else "不清楚" for words in item.blanks)
            elif right:
                chosen[item_id] = item.key
            elif leave >= omitted:
                chosen[item_id] = _wrong(item, random)
        sheets.append(AnswerSheet(code, chosen=chosen, written=written))
    return tuple(sheets)


def _pick(options: list[str], random: np.random.Generator) -> str:
    return options[int(random.random() * len(options))]


def _wrong(item: Item, random: np.random.Generator) -> frozenset[str]:
    others = [option.id for option in item.options if option.id not in item.key]
    if len(item.key) == 1 and item.kind is not ItemKind.INDEFINITE:
        return frozenset({_pick(others, random)})
    key = sorted(item.key)
    if others and random.random() < 0.5:
        return item.key | {_pick(others, random)}
    lacking = _pick(key, random)
    kept = item.key - {lacking}
    return kept or frozenset({_pick(others, random)})
