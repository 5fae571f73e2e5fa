"""The rules of a local exam as data (考核项目); nothing about an exam is decided in code."""

import tomllib
from datetime import date
from decimal import Decimal
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..assembly.blueprint import Blueprint
from ..bank.subjects import SUBJECTS
from ..errors import ProgrammeError
from ..points import Points
from .validity import last_valid_day


class DecisionBasis(StrEnum):
    """Which score decides (判定依据)."""

    RAW_TOTAL = "raw_total"
    EQUATED = "equated"


class AttemptRule(StrEnum):
    """Which of several attempts counts (多次参考取分)."""

    BEST = "best"
    LAST = "last"
    FIRST_PASS = "first_pass"  # noqa: S105


class Route(StrEnum):
    """On whose behalf the exam is held (组织渠道)."""

    ORGANISATION = "org_dept"
    CONGRESS = "congress"
    UNIT_WINDOW = "unit_window"
    ENFORCEMENT = "enforcement"


class Exemption(StrEnum):
    """Grounds of exemption (免试情形)."""

    LEGAL_QUALIFICATION = "legal_qualification"
    VALID_CERTIFICATE = "valid_certificate"
    SAME_TERM_PASS = "same_term_pass"  # noqa: S105
    LONG_LEAVE = "long_leave"
    RETIRING = "retiring"


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Data):
    """Where a rule comes from (依据): the text of the source, its year, how sure it is."""

    text: str = Field(min_length=1)
    year: int
    confidence: str = "A"


class CutScore(_Data):
    """A pass line (合格线) and how it was set."""

    value: Points = Field(ge=0)
    method: str = "fixed"
    source: str = ""


class ProgrammePaper(_Data):
    """One paper of a programme (科目): what is drawn, how long, what passes."""

    id: str
    title: str
    blueprint: Blueprint
    minutes: int = Field(ge=10, le=480)
    cut: CutScore
    good_mark: Points | None = None
    excellent_mark: Points | None = None
    closed_book: bool = True
    must_pass: bool = True
    weight: Points = Decimal(1)

    @model_validator(mode="after")
    def _within_total(self) -> Self:
        total = self.blueprint.total_points
        for name, mark in (
            ("合格线", self.cut.value),
            ("良好线", self.good_mark),
            ("优秀线", self.excellent_mark),
        ):
            if mark is not None and mark > total:
                raise ValueError(f"科目 {self.id} 的{name} {mark} 高于满分 {total}")
        return self


class Programme(_Data):
    """All rules of one exam (考核项目), each with its source.

    A candidate passes the programme when every paper with ``must_pass`` is passed; attempts and
    resits count by `attempt_rule`.
    """

    id: str
    title: str
    route: Route
    papers: tuple[ProgrammePaper, ...] = Field(min_length=1)
    sources: tuple[Source, ...] = Field(min_length=1)
    decision_basis: DecisionBasis = DecisionBasis.RAW_TOTAL
    attempts: int = Field(default=1, ge=1, le=5)
    attempt_rule: AttemptRule = AttemptRule.BEST
    resits: int = Field(default=1, ge=0, le=2)
    resit_within_days: int | None = Field(default=None, ge=1)
    exemptions: tuple[Exemption, ...] = ()
    valid_for_years: int | None = Field(default=None, ge=1)
    valid_for_term: bool = False
    draw: str = Field(default="per_candidate", pattern="^(fixed|ab|per_candidate)$")
    exposure_cap: Points = Field(default=Decimal("0.25"), gt=0, le=1)
    late_entry_minutes: int = Field(default=30, ge=0)
    earliest_hand_in_minutes: int = Field(default=30, ge=0)
    result_days: int = Field(default=5, ge=1)
    review_days: int = Field(default=15, ge=1)
    archive_years: int = Field(default=2, ge=1)
    fail_effect: str = ""
    approval_chain: tuple[str, ...] = ()
    notes: str = ""

    def paper(self, paper_id: str | None = None) -> ProgrammePaper:
        """Return one paper by id, or the only one.

        Raises
        ------
        ProgrammeError
            If there is no such paper, or several and none was named.
        """
        if paper_id is None and len(self.papers) == 1:
            return self.papers[0]
        for paper in self.papers:
            if paper.id == paper_id:
                return paper
        ids = "、".join(paper.id for paper in self.papers)
        raise ProgrammeError(self.id, "科目", f"请在 {ids} 中指定一个科目")

    @property
    def blueprint(self) -> Blueprint:
        """Blueprint of the only paper."""
        return self.paper().blueprint

    @property
    def cut(self) -> CutScore:
        """Pass line of the only paper."""
        return self.paper().cut

    def expires(self, passed_on: date) -> date | None:
        """Return the last day on which a pass is valid, or None when it has no end by years."""
        if self.valid_for_years is None:
            return None
        return last_valid_day(passed_on, self.valid_for_years)


def programme_names() -> tuple[str, ...]:
    """Names of the presets that come with the library, in order."""
    folder = files("fazhi_exam") / "_data" / "programmes"
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


def programme(name: str | Path, *, field: str | None = None) -> Programme:
    """Read a preset by name, or a programme from a TOML file.

    Parameters
    ----------
    name
        One of `programme_names`, or a path ending in ``.toml``.
    field
        Enforcement field ``F1`` to ``F12`` for a programme that is written once for all fields
        (its text holds ``{field}`` and ``{field_name}``).

    Raises
    ------
    ProgrammeError
        If there is none of that name, or the file does not describe a programme; the message
        names the table and field at fault.
    """
    if isinstance(name, Path) or str(name).endswith(".toml"):
        label, text = Path(name).stem, Path(name).read_text("utf-8")
    elif str(name) in programme_names():
        label = str(name)
        text = (files("fazhi_exam") / "_data" / "programmes" / f"{name}.toml").read_text("utf-8")
    else:
        raise ProgrammeError(
            str(name), "名称", f"没有这个预设；可用：{'、'.join(programme_names())}"
        )
    return parse_programme(_for_field(text, field, label), label=label)


def _for_field(text: str, field: str | None, label: str) -> str:
    if "{field}" not in text:
        if field is not None:
            raise ProgrammeError(label, "领域", "这个项目不分执法领域，不要指定 field")
        return text
    fields = {code: name for code, name in SUBJECTS.items() if code.startswith("F")}
    if field not in fields:
        known = "、".join(f"{code} {name}" for code, name in fields.items())
        raise ProgrammeError(label, "领域", f"请用 field 指定执法领域：{known}")
    return text.replace("{field}", field).replace("{field_name}", fields[field])


def parse_programme(text: str, *, label: str = "") -> Programme:
    """Read a programme from TOML text.

    Raises
    ------
    ProgrammeError
        Naming the first table and field at fault, in Chinese.
    """
    try:
        return Programme.model_validate(tomllib.loads(text, parse_float=Decimal))
    except tomllib.TOMLDecodeError as error:
        raise ProgrammeError(label, "文件", f"TOML 语法有误：{error}") from error
    except ValidationError as error:
        fault = error.errors()[0]
        place = " › ".join(str(part) for part in fault["loc"]) or "整体"
        raise ProgrammeError(label, place, fault["msg"].removeprefix("Value error, ")) from error
