"""One candidate's paper (考生卷): items and options in the order in which they are shown."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..errors import DrawError
from ..typing import Ints
from .form import FormItem
from .stream import canonical, digest


@dataclass(frozen=True)
class Paper:
    """Appearance of one paper; answers are kept under item and option ids, never under positions.

    Parameters
    ----------
    candidate
        Candidate code.
    sections
        Pairs of section id and item ids in the order shown; sub-questions of a case stand together.
    option_order
        Option ids in the order shown, for every item with options. The first is printed as A.
    """

    candidate: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    option_order: Mapping[str, tuple[str, ...]]

    @property
    def item_ids(self) -> tuple[str, ...]:
        """All item ids in the order shown."""
        return tuple(name for _, names in self.sections for name in names)

    def document(self) -> dict[str, object]:
        """Return the paper as plain JSON values; its canonical form is what is hashed."""
        return {
            "candidate": self.candidate,
            "sections": [[section, list(names)] for section, names in self.sections],
            "options": {name: list(order) for name, order in self.option_order.items()},
        }

    def to_json(self) -> bytes:
        """Return the canonical JSON."""
        return canonical(self.document())

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, 64 hex digits."""
        return digest(self.document())

    @property
    def code(self) -> str:
        """Short code to print on the paper (试卷识别码): eight digits of its hash."""
        return self.digest[:8].upper()

    def letter(self, item_id: str, option_id: str) -> str:
        """Return the letter under which an option is shown."""
        return "ABCDEFGH"[self.option_order[item_id].index(option_id)]

    def option(self, item_id: str, letter: str) -> str:
        """Return the option id behind a letter as shown.

        Raises
        ------
        DrawError
            If the item is not on this paper or has no such letter.
        """
        order = self.option_order.get(item_id, ())
        place = "ABCDEFGH".find(letter.upper()) if len(letter) == 1 else -1
        if not 0 <= place < len(order):
            raise DrawError(f"题目 {item_id}", f"没有选项“{letter}”")
        return order[place]

    def __repr__(self) -> str:
        return f"Paper({self.candidate}, {len(self.item_ids)} 题, {self.code})"


class Papers(ABC):
    """The papers of a sitting, by candidate code in the order of the roster."""

    @property
    @abstractmethod
    def codes(self) -> tuple[str, ...]:
        """Candidate codes."""

    @property
    @abstractmethod
    def worth(self) -> Mapping[str, FormItem]:
        """Points, revision and marking rule of every item that may be on a paper."""

    @property
    @abstractmethod
    def item_ids(self) -> tuple[str, ...]:
        """Ids of the items that `matrix` refers to."""

    @property
    @abstractmethod
    def matrix(self) -> Ints:
        """Which items each candidate has: positions in `item_ids`, shape ``(papers, items)``.

        Within a row items stand by section, in the order drawn, not in the order shown.
        """

    @abstractmethod
    def __getitem__(self, code: str) -> Paper:
        """Return one paper; raises ``DrawError`` for a code without one."""

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Paper]:
        return (self[code] for code in self.codes)

    def __contains__(self, code: object) -> bool:
        return code in self._places

    @cached_property
    def _places(self) -> dict[str, int]:
        return {code: place for place, code in enumerate(self.codes)}

    def items_of(self, code: str) -> tuple[str, ...]:
        """Return the item ids of one paper in the order drawn, without deriving what is shown."""
        if code not in self._places:
            raise DrawError(f"考生 {code}", "不在抽题名单中")
        row = self.matrix[self._places[code]]
        return tuple(self.item_ids[place] for place in row)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} 份, 每份 {self.matrix.shape[1]} 题)"


class JoinedPapers(Papers):
    """Papers of several draws as one, such as those of forms A and B.

    Raises
    ------
    DrawError
        If a candidate has a paper in two of the parts.
    """

    def __init__(self, parts: Sequence[Papers]) -> None:
        self.parts = tuple(parts)
        self._home: dict[str, Papers] = {}
        for part in self.parts:
            for code in part.codes:
                if code in self._home:
                    raise DrawError(f"考生 {code}", "有两份试卷")
                self._home[code] = part

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Candidate codes in order."""
        return tuple(sorted(self._home))

    @cached_property
    def worth(self) -> Mapping[str, FormItem]:
        """What every item counts; the same in each part that holds it."""
        return {name: item for part in self.parts for name, item in part.worth.items()}

    @cached_property
    def item_ids(self) -> tuple[str, ...]:
        """Ids of all items."""
        return tuple(sorted({name for part in self.parts for name in part.item_ids}))

    @cached_property
    def matrix(self) -> Ints:
        """Which items each candidate has."""
        place = {name: i for i, name in enumerate(self.item_ids)}
        rows = {
            code: np.array([place[n] for n in part.item_ids], dtype=np.int64)[row]
            for part in self.parts
            for code, row in zip(part.codes, part.matrix, strict=True)
        }
        return np.array([rows[code] for code in self.codes], dtype=np.int64)

    def __getitem__(self, code: str) -> Paper:
        if code not in self._home:
            raise DrawError(f"考生 {code}", "不在抽题名单中")
        return self._home[code][code]
