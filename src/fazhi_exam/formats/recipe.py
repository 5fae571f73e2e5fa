"""A sitting written down so that anybody can set it up again (考次设置、组卷方案)."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..assembly.blueprint import Blueprint, Facet, Mode, OrderPolicy, Row, Section
from ..assembly.deal import deal
from ..assembly.draw import RevealedDraw, seed_draw
from ..assembly.form import ExamForm
from ..assembly.forms import deal_forms, draw_forms
from ..assembly.paper import Papers
from ..assembly.pool import Pool, drawable
from ..assembly.swap import swapped
from ..bank.lapse import not_in_force
from ..bank.question_bank import QuestionBank
from ..delivery.programme import Programme, ProgrammePaper, programme
from ..delivery.seating import Room, assign_seats
from ..delivery.sitting import Sitting
from ..errors import DrawError, ProgrammeError
from ..files import write_bytes
from ..law.statute_book import StatuteBook
from ..points import exact
from ..roster.candidate import Roster
from ..typing import Progress
from .registry import read_bank, shipped_bank_folder
from .roster import preview_roster

_TABLES = ("quotas", "points")


class SittingRecipe(BaseModel):
    """Everything that determines a sitting; the same recipe makes the same papers (考次设置).

    Parameters
    ----------
    id, on, title
        Name, day and printed heading; an empty heading is made from the programme.
    programme, field, paper_id
        Preset name or path of a programme, its enforcement field, and which paper is sat.
    bank, subjects
        Folder of the bank, empty for the shipped one; subjects to draw from, empty for all.
    bank_hash
        Content hash of the bank at the draw; a bank that changed since is refused.
    roster
        Path of the roster workbook; empty when the roster is handed to `build`.
    good_rows_only
        Whether rows with blocking faults are knowingly left out.
    seed
        Of the draw.
    transcript
        Record of a draw that was committed and revealed; its papers stand, whatever the seed.
    room_seats
        Seats per room; rooms are numbered from 1.
    exclude
        Items and cases that are not drawn, such as those whose law is not in force on the day (see
        `as_of`). Written down, so that a later statute book makes the same papers.
    mode, order
        Who gets which items, and their order; None for the programme's own.
    balance
        Facets whose counts are made the same on every paper, beside those of the programme.
    quotas, points
        Changed counts by ``section.row`` (rows from 1; 0 leaves the row out) and changed points
        per item by section id.
    swaps
        Exchanges made by hand on a form: code of the form, item taken out, item put in.
    blueprint
        A blueprint that replaces the programme's; None for the programme's own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    on: date
    programme: str
    roster: str = ""
    seed: int = Field(ge=0)
    title: str = ""
    field: str | None = None
    paper_id: str | None = None
    bank: str = ""
    bank_hash: str = ""
    subjects: tuple[str, ...] = ()
    good_rows_only: bool = False
    transcript: str = ""
    room_seats: int = Field(default=30, ge=1)
    exclude: tuple[str, ...] = ()
    mode: Mode | None = None
    order: OrderPolicy | None = None
    balance: tuple[Facet, ...] = ()
    swaps: tuple[tuple[str, str, str], ...] = ()
    quotas: dict[str, int] = Field(default_factory=dict)
    points: dict[str, str] = Field(default_factory=dict)
    blueprint: Blueprint | None = None

    @model_validator(mode="after")
    def _named(self) -> Self:
        if any(c in self.id for c in '/\\:*?"<>|'):
            raise ValueError('考次编号不能含有 / \\ : * ? " < > |')
        return self

    # ---- rules ----

    def read_programme(self) -> Programme:
        """Return the programme as written; raises ``ProgrammeError`` as `delivery.programme`."""
        return programme(self.programme, field=self.field)

    def changed_blueprint(self, whole: Programme) -> Blueprint:
        """Return the blueprint of the chosen paper with what the recipe changes.

        Raises
        ------
        ValueError
            If the changed counts or points make no blueprint, in Chinese.
        """
        own = self.blueprint or whole.paper(self.paper_id).blueprint
        found = changed(own, self.quotas, self.points)
        facets = tuple(dict.fromkeys((*found.balance, *self.balance)))
        exclude = found.exclude | frozenset(self.exclude)
        update = {"balance": facets, "mode": self.mode, "order": self.order, "exclude": exclude}
        return found.model_copy(update={k: v for k, v in update.items() if v is not None})

    def rules(self, whole: Programme | None = None) -> Programme:
        """Return the programme with the changes in the chosen paper.

        Raises
        ------
        ValueError
            As `changed_blueprint`, and if the full marks fall below a mark of the rules.
        """
        found = whole or self.read_programme()
        own = found.paper(self.paper_id)
        rules = ProgrammePaper.model_validate(
            {**dict(own), "blueprint": self.changed_blueprint(found)}
        )
        papers = tuple(rules if paper.id == own.id else paper for paper in found.papers)
        return Programme.model_validate({**dict(found), "papers": papers})

    # ---- bank, papers, sitting ----

    def as_of(self, bank: QuestionBank) -> Self:
        """Return the recipe that draws only items whose citations are in force on its day."""
        barred = not_in_force(bank, StatuteBook.shipped(), on=self.on)
        return self.model_copy(update={"exclude": tuple(sorted(barred))})

    def read_bank(self, *, folder: Path | None = None) -> QuestionBank:
        """Return the part of the bank that is drawn from; a relative path starts at `folder`."""
        base = folder or Path()
        return self.part_of(read_bank(base / self.bank if self.bank else shipped_bank_folder()))

    def part_of(self, bank: QuestionBank) -> QuestionBank:
        """Return the subjects of a bank that are drawn from."""
        return bank.where(subject=self.subjects) if self.subjects else bank

    def forms(self, bank: QuestionBank, blueprint: Blueprint) -> tuple[ExamForm, ...]:
        """Draw form A, or A and B without a common item, and make the exchanges.

        Raises
        ------
        InfeasibleBlueprint, DrawError
            As `assembly.draw_forms` and `assembly.swapped`.
        """
        forms = list(draw_forms(bank, blueprint, seed=self.seed, exam_id=self.id, on=self.on))
        for code, old, new in self.swaps:
            place = "AB".index(code)
            pool = self.exchange_pool(bank, blueprint, forms, place)
            forms[place] = swapped(pool, forms[place], old, new)
        return tuple(forms)

    def exchange_pool(
        self, bank: QuestionBank, blueprint: Blueprint, forms: Sequence[ExamForm], place: int
    ) -> Pool:
        """Return what an item of the form at `place` may be exchanged from; no other form's."""
        taken = frozenset(
            item.case or item.id for k, form in enumerate(forms) if k != place for item in form
        )
        wanted = blueprint.model_copy(update={"exclude": blueprint.exclude | taken})
        return drawable(wanted, bank, on=self.on)

    def draw(
        self,
        bank: QuestionBank,
        blueprint: Blueprint,
        roster: Roster,
        *,
        folder: Path | None = None,
        progress: Progress | None = None,
    ) -> Papers:
        """Draw the papers: from the record of a committed draw if there is one, else the seed.

        Raises
        ------
        InfeasibleBlueprint, DrawError
            As `assembly.seed_draw`; or if bank or roster are not those of the record.
        """
        if self.transcript:
            data = ((folder or Path()) / self.transcript).read_bytes()
            revealed = RevealedDraw.from_transcript(data)
            revealed.draw.check(bank, roster)
            return deal(revealed, progress=progress)
        if blueprint.mode is Mode.PER_CANDIDATE:
            drawn = seed_draw(bank, blueprint, roster, seed=self.seed, exam_id=self.id, on=self.on)
            return deal(drawn, progress=progress)
        forms = self.forms(bank, blueprint)
        return deal_forms(
            bank, blueprint, forms, roster, seed=self.seed, exam_id=self.id, on=self.on
        )

    def sitting(
        self, rules: Programme, bank: QuestionBank, roster: Roster, papers: Papers
    ) -> Sitting:
        """Join programme, people and papers, and seat the people."""
        people = sum(not candidate.exempt for candidate in roster)
        rooms = [Room(str(k + 1), self.room_seats) for k in range(-(-people // self.room_seats))]
        return Sitting(
            self.id, rules, bank, roster, papers, self.on, paper_id=self.paper_id,
            seats=assign_seats(roster, rooms), title=self.title,
        )  # fmt: skip

    def build(
        self,
        *,
        folder: Path | None = None,
        bank: QuestionBank | None = None,
        roster: Roster | None = None,
    ) -> Sitting:
        """Set the sitting up: read bank and roster, draw, seat.

        Parameters
        ----------
        folder
            Paths in the recipe are relative to this; the current folder by default.
        bank, roster
            Use these instead of reading them.

        Raises
        ------
        FazhiExamError
            Whatever reading and drawing raise.
        DrawError
            If the bank is not the one of the first draw.
        ProgrammeError
            If no roster is named or given.
        """
        base = folder or Path()
        found = self.read_bank(folder=base) if bank is None else self.part_of(bank)
        if self.bank_hash and found.content_hash != self.bank_hash:
            raise DrawError("题库", "与首次抽题时的题库不同，无法重建同样的试卷")
        if roster is None:
            if not self.roster:
                raise ProgrammeError("考次设置", "roster", "没有写明名册文件")
            reading = preview_roster(base / self.roster, code_prefix=f"{self.on:%y%m}")
            roster = reading.accept_good() if self.good_rows_only else reading.accept()
        rules = self.rules()
        blueprint = rules.paper(self.paper_id).blueprint
        papers = self.draw(found, blueprint, roster, folder=base)
        return self.sitting(rules, found, roster, papers)

    # ---- as a file ----

    def to_toml(self) -> str:
        """Write the recipe; a replaced blueprint stays in its own file, so it is refused here.

        Raises
        ------
        ValueError
            If the recipe has its own blueprint.
        """
        if self.blueprint is not None:
            raise ValueError("save the programme with its changed blueprint and name that file")
        lines = ["# 考次设置：用 fazhi-exam papers/mark/report 或 SittingRecipe 重建"]
        held = self.model_dump(mode="json", exclude_none=True, exclude={"blueprint", *_TABLES})
        # Strings, whole numbers, truth values and arrays of strings look alike in JSON and TOML.
        lines += [
            f"{name} = {self.on if name == 'on' else json.dumps(value, ensure_ascii=False)}"
            for name, value in held.items()
        ]
        for name in _TABLES:
            if table := getattr(self, name):
                lines.append(f"\n[{name}]")
                texts = ([json.dumps(part, ensure_ascii=False) for part in row] for row in
                         table.items())  # fmt: skip
                lines += [" = ".join(pair) for pair in texts]
        return "\n".join(lines) + "\n"

    def save(self, path: str | Path) -> Path:
        """Write the recipe into a file."""
        return write_bytes(self.to_toml().encode(), path)

    @classmethod
    def from_toml(cls, text: str, *, label: str = "考次设置") -> Self:
        """Read a recipe.

        Raises
        ------
        ProgrammeError
            Naming the field at fault.
        """
        try:
            return cls.model_validate(tomllib.loads(text, parse_float=Decimal))
        except tomllib.TOMLDecodeError as error:
            raise ProgrammeError(label, "文件", f"TOML 语法有误：{error}") from error
        except ValidationError as error:
            fault = error.errors()[0]
            place = " › ".join(map(str, fault["loc"])) or "整体"
            raise ProgrammeError(
                label, place, fault["msg"].removeprefix("Value error, ")
            ) from error


def changed(
    blueprint: Blueprint, quotas: Mapping[str, int], points: Mapping[str, str]
) -> Blueprint:
    """Return the blueprint with other counts by ``section.row`` (from 1) and other points.

    A count of 0 leaves the row out.

    Raises
    ------
    ValueError
        Naming the section or row at fault, in Chinese.
    """
    if not quotas and not points:
        return blueprint
    sections = []
    for section in blueprint.sections:
        rows = []
        for number, row in enumerate(section.rows, 1):
            count = quotas.get(f"{section.id}.{number}", row.count)
            if count:
                rows.append(Row.model_validate({**dict(row), "count": count}))
        if rows:
            worth = exact(points.get(section.id, section.points))
            sections.append(
                Section.model_validate({**dict(section), "points": worth, "rows": tuple(rows)})
            )
    return Blueprint.model_validate({**dict(blueprint), "sections": tuple(sections)})
