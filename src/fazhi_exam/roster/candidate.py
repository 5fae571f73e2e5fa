"""Candidates as the exam knows them: an opaque code and groups."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from ..errors import ImportFailed, ImportProblem
from .identity import Person


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate (考生); nothing here says who it is.

    Parameters
    ----------
    code
        Candidate number (准考证号), unique in a roster.
    groups
        Group values by name: 单位, 岗位, 地区 …; the unit is the one at exam time.
    seen
        Ids of items this person has answered before; a resit draws none of them.
    neighbour_class
        0, 1, … when neighbouring seats must draw from separate parts of the bank.
    exempt
        The ground of an approved exemption (免试), or empty.
    """

    code: str
    groups: Mapping[str, str] = field(default_factory=dict)
    seen: frozenset[str] = frozenset()
    neighbour_class: int = 0
    exempt: str = ""

    def __post_init__(self) -> None:
        if not self.code or self.code != self.code.strip():
            raise ValueError("candidate code must be non-empty without surrounding space")
        object.__setattr__(self, "groups", MappingProxyType(dict(sorted(self.groups.items()))))

    @property
    def unit(self) -> str:
        """The unit (单位), or an empty string."""
        return self.groups.get("单位", "")

    def __reduce__(self) -> tuple[object, ...]:
        args = (self.code, dict(self.groups), self.seen, self.neighbour_class, self.exempt)
        return (Candidate, args)


@dataclass(frozen=True)
class Roster:
    """The candidates of a sitting in the order of their codes, and apart from them the persons.

    Parameters
    ----------
    candidates
        Any order; kept sorted by code.
    persons
        Person by candidate code; may be empty when another system keeps the names.

    Raises
    ------
    ImportFailed
        If two candidates have one code.
    """

    candidates: tuple[Candidate, ...]
    persons: Mapping[str, Person] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.candidates, key=lambda candidate: candidate.code))
        object.__setattr__(self, "candidates", ordered)
        object.__setattr__(self, "persons", MappingProxyType(dict(sorted(self.persons.items()))))
        twice = [code for code, n in Counter(c.code for c in ordered).items() if n > 1]
        if twice:
            raise ImportFailed(
                [
                    ImportProblem("两名考生使用同一个考号", value=code, column="考号")
                    for code in twice
                ]
            )

    def __len__(self) -> int:
        return len(self.candidates)

    def __iter__(self) -> Iterator[Candidate]:
        return iter(self.candidates)

    def __getitem__(self, code: str) -> Candidate:
        return self._by_code[code]

    @cached_property
    def _by_code(self) -> dict[str, Candidate]:
        return {candidate.code: candidate for candidate in self.candidates}

    @property
    def units(self) -> tuple[str, ...]:
        """Units in order of name, each once."""
        return tuple(sorted({candidate.unit for candidate in self.candidates}))

    def name(self, code: str) -> str:
        """Return the name to print, or an empty string when names are kept elsewhere."""
        person = self.persons.get(code)
        return person.name if person else ""

    def __repr__(self) -> str:
        return f"Roster({len(self)} 名考生, {len(self.units)} 个单位)"
