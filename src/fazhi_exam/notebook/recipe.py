"""An exam setup as data (组卷方案): what was chosen on the panel, to keep and to run again."""

import json
import tomllib
from datetime import date
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..assembly.blueprint import Blueprint, Facet, Mode, Row, Section
from ..assembly.deal import deal
from ..assembly.draw import seed_draw
from ..assembly.forms import deal_forms, draw_form
from ..assembly.paper import Papers
from ..bank.question_bank import QuestionBank
from ..delivery.programme import Programme, ProgrammePaper, programme
from ..delivery.seating import Room, assign_seats
from ..delivery.sitting import Sitting
from ..errors import ProgrammeError
from ..formats import read_bank, shipped_bank_folder
from ..points import exact
from ..roster.candidate import Roster
from ..typing import Progress


class Recipe(BaseModel):
    """Everything chosen for one sitting except the people (组卷方案).

    Parameters
    ----------
    programme, field, paper
        Preset name or path of a TOML file; enforcement field; paper of a programme with several.
    bank_folder, subjects
        Folder of the bank, empty for the shipped one; subjects to draw from, empty for all.
    exam_id, on
        Short name and day of the sitting.
    quotas, points
        Changed counts by ``section.row`` and changed points per item by section id.
    mode, seed
        Who gets which items; seed of a demonstration draw.
    balance
        Facets whose counts are made the same on every paper, beside those of the programme.
    rooms
        Seats of each room.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    programme: str = "enf_general"
    field: str = ""
    paper: str = ""
    bank_folder: str = ""
    subjects: tuple[str, ...] = ()
    exam_id: str = Field(default="示例考次", min_length=1)
    on: date = date(2026, 12, 10)
    quotas: dict[str, int] = Field(default_factory=dict)
    points: dict[str, str] = Field(default_factory=dict)
    mode: Mode = Mode.PER_CANDIDATE
    seed: int = Field(default=1, ge=0)
    balance: tuple[Facet, ...] = ()
    rooms: tuple[int, ...] = (30,)

    def read_programme(self) -> Programme:
        """Return the programme; raises ``ProgrammeError`` as `delivery.programme` does."""
        return programme(self.programme, field=self.field or None)

    def read_bank(self) -> QuestionBank:
        """Return the part of the bank that is drawn from."""
        bank = read_bank(self.bank_folder or shipped_bank_folder())
        return bank.where(subject=self.subjects) if self.subjects else bank

    def blueprint(self, whole: Programme) -> Blueprint:
        """Return the blueprint of the chosen paper with the changes.

        Raises
        ------
        ValueError
            If the changed counts or points make no blueprint, in Chinese.
        """
        found = changed(whole.paper(self.paper or None).blueprint, self.quotas, self.points)
        facets = tuple(dict.fromkeys((*found.balance, *self.balance)))
        return found.model_copy(update={"balance": facets})

    def rules(self, whole: Programme) -> ProgrammePaper:
        """Return the rules of the chosen paper with the changes.

        Raises
        ------
        ValueError
            As `blueprint`, and if the full marks fall below a mark of the rules.
        """
        rules = whole.paper(self.paper or None)
        return ProgrammePaper.model_validate({**dict(rules), "blueprint": self.blueprint(whole)})

    def applied(self, whole: Programme) -> Programme:
        """Return the programme with the changes in the chosen paper."""
        rules = self.rules(whole)
        papers = tuple(rules if paper.id == rules.id else paper for paper in whole.papers)
        return Programme.model_validate({**dict(whole), "papers": papers})

    def deal(
        self, blueprint: Blueprint, bank: QuestionBank, roster: Roster,
        *, progress: Progress | None = None,
    ) -> Papers:  # fmt: skip
        """Draw the papers from the seed, in the chosen mode.

        Raises
        ------
        InfeasibleBlueprint, DrawError
            As `assembly.seed_draw`.
        """
        if self.mode is Mode.PER_CANDIDATE:
            drawn = seed_draw(
                bank, blueprint, roster, seed=self.seed, exam_id=self.exam_id, on=self.on
            )
            return deal(drawn, progress=progress)
        codes = "AB" if self.mode is Mode.AB else "A"
        forms = [
            draw_form(bank, blueprint, seed=self.seed, exam_id=self.exam_id, on=self.on, code=code)
            for code in codes
        ]
        return deal_forms(
            bank, blueprint, forms, roster, seed=self.seed, exam_id=self.exam_id, on=self.on
        )

    def sitting(
        self, whole: Programme, bank: QuestionBank, roster: Roster, papers: Papers
    ) -> Sitting:
        """Join programme, people, papers and seats; rooms are added until everybody has a seat."""
        people = sum(not candidate.exempt for candidate in roster)
        sizes = list(self.rooms)
        while sum(sizes) < people:
            sizes.append(sizes[-1])
        rooms = [Room(str(number), size) for number, size in enumerate(sizes, 1)]
        seats = assign_seats(roster, rooms)
        return Sitting(
            self.exam_id, self.applied(whole), bank, roster, papers, self.on,
            paper_id=self.paper or None, seats=seats,
        )  # fmt: skip

    def to_toml(self) -> str:
        """Return the recipe as TOML; `from_toml` reads it back."""
        lines = ["# 组卷方案：可再次载入，也可由脚本运行"]
        for name, value in self.model_dump(mode="json", exclude={"quotas", "points"}).items():
            if name == "on":
                lines.append(f"on = {value}")
            else:
                lines.append(f"{name} = {json.dumps(value, ensure_ascii=False)}")
        for table in ("quotas", "points"):
            lines.append(f"\n[{table}]")
            for key, value in getattr(self, table).items():
                texts = (json.dumps(part, ensure_ascii=False) for part in (key, value))
                lines.append(" = ".join(texts))
        return "\n".join(lines) + "\n"

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """Read a recipe.

        Raises
        ------
        ProgrammeError
            Naming the field at fault.
        """
        try:
            return cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise ProgrammeError("组卷方案", "文件", f"TOML 语法有误：{error}") from error
        except ValidationError as error:
            place = ".".join(str(part) for part in error.errors()[0]["loc"])
            raise ProgrammeError("组卷方案", place, "缺少、多余或不符合要求") from error

    def save(self, path: str | Path) -> Path:
        """Write the recipe."""
        target = Path(path)
        target.write_text(self.to_toml(), "utf-8")
        return target


def changed(blueprint: Blueprint, quotas: dict[str, int], points: dict[str, str]) -> Blueprint:
    """Return the blueprint with other counts by ``section.row`` (from 1) and other points.

    A count of 0 leaves the row out.

    Raises
    ------
    ValueError
        Naming the section or row at fault, in Chinese.
    """
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
