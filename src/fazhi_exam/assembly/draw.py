"""Draws that can be proved (公证抽题): commit, reveal, and the transcript an outsider checks."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import ValidationError

from ..bank.item import Item, ItemKind
from ..bank.question_bank import QuestionBank
from ..errors import DrawError
from ..roster.candidate import Roster
from .blueprint import Blueprint
from .borderline import ParityTarget, borderline_ability, tolerance_for, unit_scores
from .feasibility import feasibility_of
from .manifest import (
    CommittedBound,
    CommittedCell,
    CommittedItem,
    CommittedSection,
    CommittedTarget,
    CommittedUnit,
    Manifest,
    RosterRow,
    roster_hash,
)
from .plans import Stratum, balanced_plans
from .pool import SCALE, Pool, Usage, drawable
from .stream import (
    SPEC,
    canonical,
    commitment,
    digest,
    plain_seed,
    public_digits,
    secret_hash,
    seed_of,
)


@dataclass(frozen=True)
class Draw:
    """A committed draw: nothing in it can change once its `commitment` is published (抽题承诺).

    Parameters
    ----------
    manifest
        Bank, blueprint and rules of the draw, as integers and texts.
    roster
        Candidates with what the draw knows of them, in order of code.
    secret_hash
        Hash of the operator's secret; empty for a demonstration draw from a plain seed.
    """

    manifest: Manifest
    roster: tuple[RosterRow, ...]
    secret_hash: str

    def __post_init__(self) -> None:
        codes = [row.code for row in self.roster]
        if codes != sorted(set(codes)):
            raise DrawError("考生名单", "考号重复或没有按考号排列")

    @cached_property
    def commitment(self) -> str:
        """The hash to publish before the public digits are known, 64 hex digits."""
        return commitment(self.manifest.hash, roster_hash(self.roster), self.secret_hash)

    def reveal(self, *, secret: bytes, digits: str) -> "RevealedDraw":
        """Combine the secret with the public digits into the seed.

        Raises
        ------
        DrawError
            If the secret is not the committed one, or the digits are not digits.
        """
        if secret_hash(secret) != self.secret_hash:
            raise DrawError("密钥", "与承诺时公布的密钥哈希不一致")
        shown = public_digits(digits)
        return RevealedDraw(self, seed_of(self.commitment, secret, shown), secret, shown)

    def check(self, bank: QuestionBank, roster: Roster | None = None) -> None:
        """Refuse a bank or roster that is no longer the committed one.

        Raises
        ------
        DrawError
            Saying what has changed since the commitment.
        """
        if bank.content_hash != self.manifest.bank:
            raise DrawError("题库", "承诺之后题库内容有变化，不能用于本次抽题")
        if roster is not None and roster_rows(roster) != self.roster:
            raise DrawError("考生名单", "承诺之后名单有变化，请重新承诺并说明理由")

    def supplement(self, roster: Roster, *, secret: bytes) -> "Draw":
        """Commit a draw of the same manifest for candidates who came onto the list later.

        It has a commitment and a reveal of its own; papers already drawn stay as they are.

        Raises
        ------
        DrawError
            If one of them is in this draw already, or the roster is empty.
        """
        rows = roster_rows(roster)
        known = {row.code for row in self.roster}
        if not rows:
            raise DrawError("补充抽题", "名单为空")
        if again := [row.code for row in rows if row.code in known]:
            raise DrawError("补充抽题", f"考生 {again[0]} 已在原抽题名单中")
        return Draw(self.manifest, rows, secret_hash(secret))

    def document(self) -> dict[str, Any]:
        """Return the draw as plain JSON values."""
        return {
            "spec": SPEC,
            "manifest": self.manifest.model_dump(mode="json"),
            "roster": [row.model_dump(mode="json") for row in self.roster],
            "secret_hash": self.secret_hash,
            "commitment": self.commitment,
        }

    def to_json(self) -> bytes:
        """Return the canonical JSON, to keep until the draw and to give to the notary."""
        return canonical(self.document())

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read a stored draw.

        Raises
        ------
        DrawError
            If the file is damaged or its commitment does not belong to its content.
        """
        draw, found = cls._parse(data)
        if found.get("commitment") != draw.commitment:
            raise DrawError("抽题承诺", "承诺值与内容不一致，文件已被改动")
        return draw

    @classmethod
    def _parse(cls, data: bytes) -> tuple[Self, dict[str, Any]]:
        try:
            found = json.loads(data)
            manifest = Manifest.model_validate_json(json.dumps(found["manifest"]))
            rows = tuple(RosterRow.model_validate_json(json.dumps(r)) for r in found["roster"])
            return cls(manifest, rows, str(found["secret_hash"])), found
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            raise DrawError("抽题文件", "内容损坏，无法读取") from error

    def __repr__(self) -> str:
        return f"Draw({self.manifest.exam}, {len(self.roster)} 名考生, {self.commitment[:12]})"


@dataclass(frozen=True)
class RevealedDraw:
    """A draw with its seed: from here every paper is a pure function of the candidate code.

    `secret` and `digits` are empty for a demonstration draw.
    """

    draw: Draw
    seed: bytes
    secret: bytes = b""
    digits: str = ""

    def transcript(self, papers: Iterable[tuple[str, str]] = ()) -> bytes:
        """Return the transcript (抽题记录) as canonical JSON, for ``verify_draw.py``.

        Parameters
        ----------
        papers
            Candidate codes with the hashes of their papers; none may be given, and each paper can
            be derived all the same.
        """
        found = self.draw.document() | {
            "secret": self.secret.hex(),
            "digits": self.digits,
            "seed": self.seed.hex(),
            "papers": dict(papers),
        }
        return canonical(found | {"check": digest(found)})

    @classmethod
    def from_transcript(cls, data: bytes) -> "RevealedDraw":
        """Read a transcript and check that it agrees with itself.

        Raises
        ------
        DrawError
            If it was changed or its seed does not follow from commitment, secret and digits.
        """
        draw, found = Draw._parse(data)
        try:
            rest = {key: value for key, value in found.items() if key != "check"}
            secret, seed = bytes.fromhex(found["secret"]), bytes.fromhex(found["seed"])
            whole = canonical(found) == data and found["check"] == digest(rest)
            out = cls(draw, seed, secret, found["digits"])
        except (KeyError, TypeError, ValueError) as error:
            raise DrawError("抽题记录", "内容损坏，无法读取") from error
        if not whole or found["commitment"] != draw.commitment:
            raise DrawError("抽题记录", "内容被改动过")
        if secret and draw.reveal(secret=secret, digits=out.digits).seed != seed:
            raise DrawError("抽题记录", "种子与承诺、密钥和公开数字不一致")
        return out

    def __repr__(self) -> str:
        return f"RevealedDraw({self.draw.manifest.exam}, {len(self.draw.roster)} 名考生)"


def commit_draw(
    bank: QuestionBank,
    blueprint: Blueprint,
    roster: Roster,
    *,
    secret: bytes,
    exam_id: str,
    on: date,
    parity: ParityTarget | None = None,
    usage: Usage | None = None,
    max_attempts: int = 2000,
) -> Draw:
    """Fix everything a draw depends on; publish the `commitment` of what is returned.

    Parameters
    ----------
    bank, blueprint, roster
        What is drawn, how, and for whom; exempt candidates get no paper.
    secret
        32 random bytes that the operator keeps until the public digits are known.
    exam_id, on
        Name and day of the exam.
    parity
        Item models and pass mark; without them no parity is promised and `blueprint.balance` is the
        way to like papers.
    usage
        When items were last used, and what is barred on that day.
    max_attempts
        Attempts after which a candidate's draw fails.

    Raises
    ------
    InfeasibleBlueprint
        If the bank cannot fill the blueprint.
    DrawError
        If items lack models for parity.
    """
    draw = _uncommitted(bank, blueprint, roster, exam_id, on, parity, usage, max_attempts)
    return replace(draw, secret_hash=secret_hash(secret))


def seed_draw(
    bank: QuestionBank,
    blueprint: Blueprint,
    roster: Roster,
    *,
    seed: int | bytes,
    exam_id: str,
    on: date,
    parity: ParityTarget | None = None,
    usage: Usage | None = None,
    max_attempts: int = 2000,
) -> RevealedDraw:
    """Draw from a plain seed, for demonstrations and teaching; the same stream, nothing proved.

    Parameters are those of `commit_draw`; `seed` is an integer or 32 bytes.
    """
    draw = _uncommitted(bank, blueprint, roster, exam_id, on, parity, usage, max_attempts)
    return RevealedDraw(draw, plain_seed(seed))


def _uncommitted(
    bank: QuestionBank,
    blueprint: Blueprint,
    roster: Roster,
    exam_id: str,
    on: date,
    parity: ParityTarget | None,
    usage: Usage | None,
    max_attempts: int,
) -> Draw:
    rows = roster_rows(roster)
    if not rows:
        raise DrawError("考生名单", "名单为空，没有需要试卷的考生")
    if not exam_id:
        raise ValueError("exam_id must not be empty")
    pool = drawable(blueprint, bank, on=on, usage=usage)
    feasibility_of(pool).raise_if_infeasible()
    manifest = manifest_of(pool, exam_id=exam_id, parity=parity, max_attempts=max_attempts)
    return Draw(manifest, rows, "")


def roster_rows(roster: Roster) -> tuple[RosterRow, ...]:
    """Return what a draw knows of the candidates who sit, in order of code."""
    return tuple(
        RosterRow(
            code=person.code,
            seen=tuple(sorted(person.seen)),
            neighbour_class=person.neighbour_class,
        )
        for person in roster
        if not person.exempt
    )


def manifest_of(
    pool: Pool, *, exam_id: str, parity: ParityTarget | None = None, max_attempts: int = 2000
) -> Manifest:
    """Freeze a pool into the integers and texts that a draw compares."""
    blueprint = pool.blueprint
    theta = 0.0 if parity is None else borderline_ability(pool, parity)
    scores = unit_scores(pool, None if parity is None else parity.models, theta)
    strata, plans = balanced_plans(pool, blueprint.balance)
    basis: Literal["parameters", "bands"] = "bands" if parity is None else "parameters"
    return Manifest(
        exam=exam_id,
        date=pool.on.isoformat(),
        title=blueprint.title,
        bank=pool.bank_hash,
        sections=_sections(blueprint, strata),
        plans=plans,
        units={
            name: CommittedUnit(
                items=tuple(item.id for item in unit.items),
                score=scores[name],
                topic=f"{unit.items[0].subject} {unit.items[0].topic}",
            )
            for name, unit in pool.units.items()
        },
        items={
            item.id: _committed_item(item) for unit in pool.units.values() for item in unit.items
        },
        enemies=pool.enemies,
        bounds=tuple(
            CommittedBound(
                title=limit.title,
                minimum=limit.minimum,
                maximum=limit.maximum,
                weights=dict(limit.weights),
            )
            for limit in pool.limits
        ),
        target=None if parity is None else _target(pool, scores, parity, theta),
        score_basis=basis,
        order=blueprint.order.value,
        shuffle_options=1 if blueprint.shuffle_options else 0,
        neighbour_classes=blueprint.neighbour_classes,
        max_attempts=max_attempts,
    )


def _sections(blueprint: Blueprint, strata: Iterable[Stratum]) -> tuple[CommittedSection, ...]:
    cells: dict[str, list[CommittedCell]] = {}
    for stratum in strata:
        cells.setdefault(stratum.cell.section.id, []).append(
            CommittedCell(
                id=stratum.id, title=stratum.title, fixed=stratum.fixed, members=stratum.members
            )
        )
    return tuple(
        CommittedSection(
            id=section.id,
            title=section.title,
            points=str(section.points),
            rule=canonical(section.rule.model_dump(mode="json")).decode(),
            cells=tuple(cells[section.id]),
        )
        for section in blueprint.sections
    )


def _committed_item(item: Item) -> CommittedItem:
    ids = tuple(option.id for option in item.options)
    still = item.kind is ItemKind.TRUE_FALSE
    pinned = ids if still else tuple(option.id for option in item.options if option.pinned)
    return CommittedItem(kind=item.kind.value, revision=item.revision, options=ids, pinned=pinned)


def _target(
    pool: Pool, scores: dict[str, int], parity: ParityTarget, theta: float
) -> CommittedTarget:
    """Return the bank's expected marks, so that what is asked for is what most papers are near."""
    total = 0.0
    for cell in pool.cells:
        total += sum(scores[name] for name in cell.fixed)
        if cell.members:
            mean = sum(scores[name] for name in cell.members) / len(cell.members)
            total += (cell.need - len(cell.fixed)) * mean
    given = parity.tolerance
    width = tolerance_for(pool, parity.models, theta) if given is None else given
    return CommittedTarget(score=round(total), tolerance=int(width * SCALE))


def bank_manifest(bank: QuestionBank) -> bytes:
    """Return the bank's list of ids and hashes, whose SHA-256 is the bank hash of a draw."""
    return canonical(bank.manifest)
