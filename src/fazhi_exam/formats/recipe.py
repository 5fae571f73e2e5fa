"""A sitting written down so that anybody can set it up again (考次设置)."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..assembly import deal, seed_draw
from ..assembly.blueprint import Blueprint
from ..bank.question_bank import QuestionBank
from ..delivery.programme import Programme, programme
from ..delivery.seating import Room, assign_seats
from ..delivery.sitting import Sitting
from ..errors import DrawError, ProgrammeError
from ..roster.candidate import Roster
from .registry import read_bank, shipped_bank_folder
from .roster import preview_roster


class SittingRecipe(BaseModel):
    """Everything that determines a sitting; the same recipe makes the same papers (考次设置).

    Parameters
    ----------
    id, on, title
        Name, day and printed heading; an empty heading is made from the programme.
    programme, field, paper_id
        Preset name or path of a programme, its enforcement field, and which paper is sat.
    bank
        Folder of the bank; empty for the shipped one.
    bank_hash
        Content hash of the bank at the draw; a bank that changed since is refused.
    roster
        Path of the roster workbook.
    good_rows_only
        Whether rows with blocking faults are knowingly left out.
    seed
        Of the draw.
    room_seats
        Seats per room; rooms are numbered from 1.
    blueprint
        A blueprint that replaces the programme's; None for the programme's own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    on: date
    programme: str
    roster: str
    seed: int = Field(ge=0)
    title: str = ""
    field: str | None = None
    paper_id: str | None = None
    bank: str = ""
    bank_hash: str = ""
    good_rows_only: bool = False
    room_seats: int = Field(default=30, ge=1)
    blueprint: Blueprint | None = None

    @model_validator(mode="after")
    def _named(self) -> Self:
        if any(c in self.id for c in '/\\:*?"<>|'):
            raise ValueError('考次编号不能含有 / \\ : * ? " < > |')
        return self

    def rules(self) -> Programme:
        """Return the programme, with the recipe's own blueprint if it has one."""
        found = programme(self.programme, field=self.field)
        if self.blueprint is None:
            return found
        own = found.paper(self.paper_id)
        papers = tuple(
            p.model_copy(update={"blueprint": self.blueprint}) if p.id == own.id else p
            for p in found.papers
        )
        return Programme.model_validate({**dict(found), "papers": papers})

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
        """
        base = folder or Path()
        if bank is None:
            bank = read_bank(base / self.bank if self.bank else shipped_bank_folder())
        if self.bank_hash and bank.content_hash != self.bank_hash:
            raise DrawError("题库", "与首次抽题时的题库不同，无法重建同样的试卷")
        if roster is None:
            reading = preview_roster(base / self.roster, code_prefix=f"{self.on:%y%m}")
            roster = reading.accept_good() if self.good_rows_only else reading.accept()
        rules = self.rules()
        blueprint = rules.paper(self.paper_id).blueprint
        revealed = seed_draw(bank, blueprint, roster, seed=self.seed, exam_id=self.id, on=self.on)
        people = sum(not candidate.exempt for candidate in roster)
        rooms = [Room(str(k + 1), self.room_seats) for k in range(-(-people // self.room_seats))]
        return Sitting(
            self.id,
            rules,
            bank,
            roster,
            deal(revealed),
            self.on,
            paper_id=self.paper_id,
            seats=assign_seats(roster, rooms),
            title=self.title,
        )

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
        for name, value in self.model_dump(exclude_none=True, exclude={"blueprint"}).items():
            if isinstance(value, bool):
                text = str(value).lower()
            elif isinstance(value, int | date):
                text = str(value)
            else:
                text = '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
            lines.append(f"{name} = {text}")
        return "\n".join(lines) + "\n"

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
