"""The lines of one question, and of a shared stimulus, as they are cut out of a file."""

import re
from dataclasses import dataclass, field, replace

from ...bank.item import ItemKind
from ..words import read_key
from .headings import Section
from .labels import find_labels
from .lines import Line
from .options import SplitOptions, split_options
from .stem import take_key

_ANNOUNCED = re.compile(
    r"(?:^|\n|(?<=[。！？”]))\s*(?:[【\[（(]?(?:问题|请问|试问|问|思考题|小题)[】\])）]?"
    r"\s*(?:[（(][^（()）\n]{0,40}[)）])?|"
    r"(?:请)?(?:根据|结合|阅读|依据|针对)?(?:以上|上述|下列|以下|本)?(?:材料|案例|案情|资料|情形|内容|事实)?[一二三四五]?"
    r"[,，]?(?:请)?(?:回答|完成|分析|解答)(?:下列|以下|下面|如下|上述)?(?:各|小)?(?:问题|题目|题)"
    r"(?:[（(][^（()）\n]{0,40}[)）])?)\s*[:：。]?\s*$|\n\s*请(?:回答|作答|问)\s*[:：]?\s*$"
)


@dataclass
class Stimulus:
    """A shared text and the questions under it."""

    id: str
    title: str
    lines: list[Line]
    span: tuple[int, int] | None
    own_number: bool = False
    used: bool = False

    @property
    def heading(self) -> Section:
        """What stands over its answers: 案例三."""
        return Section(self.title or self.id, cases=True)

    @property
    def text(self) -> str:
        """The text of all lines, without the word that announces the questions."""
        whole = "\n".join(line.text.strip() for line in self.lines).strip()
        return _ANNOUNCED.sub("", whole).strip()


_OPTION_MARK = re.compile(r"^[（(【\[]?[A-H][)）】\].．、:：]?|[;；。]$")


@dataclass
class Block:
    """The lines of one question."""

    lines: list[Line]
    number: str
    section: Section
    section_index: int
    stimulus: Stimulus | None = None
    bracketed: bool = False
    gap: bool = False
    pending: int = 0
    _seen: int = field(default=-1, repr=False)
    _labelled: int = field(default=-1, repr=False)
    _labels: tuple[tuple[str, int, int], ...] = field(default=(), repr=False)
    _state: tuple[bool, bool, bool] = field(default=(False, False, False), repr=False)

    @classmethod
    def of(
        cls,
        line: Line,
        number: tuple[str, str, bool],
        section: Section,
        section_index: int,
        stimulus: Stimulus | None = None,
    ) -> "Block":
        """Begin a block with its first line, the number taken off."""
        first = replace(line, text=number[1])
        return cls([first], number[0], section, section_index, stimulus, number[2])

    @property
    def value(self) -> int:
        """The number, or 0."""
        return int(self.number) if self.number else 0

    @property
    def ruled(self) -> tuple[str, ...]:
        """Underlined words."""
        return tuple(word for line in self.lines for word in line.ruled)

    def standing_out(self, found: SplitOptions) -> str:
        """Letters of the options that stand out by colour, shade or weight; not if all do."""
        pieces = {_OPTION_MARK.sub("", "".join(piece.split()))
                  for line in self.lines for piece in line.marked}  # fmt: skip
        right = [letter for letter, text in zip(found.letters, found.texts, strict=True)
                 if "".join(text.split()) in pieces]  # fmt: skip
        several = self.section.kind in (ItemKind.MULTIPLE, ItemKind.INDEFINITE)
        return "".join(right) if several or len(right) < len(found.letters) else ""

    @property
    def text(self) -> str:
        """All lines, without the number."""
        return "\n".join(line.text for line in self.lines)

    @property
    def raw(self) -> str:
        """The lines as they stand in the file."""
        return "\n".join(line.raw for line in self.lines).rstrip()

    def _look(self) -> tuple[bool, bool, bool]:
        """Whether there are options, a key, and an answer or explanation that may go on."""
        if self._seen != len(self.lines):
            text, labels = self.text, self.labels
            end = next((s for n, s, _ in labels if n in ("key", "explanation")), len(text))
            behind = text[end:]
            if self.plain_key():  # 答案：A B C D is a key, not four options
                behind = behind.partition("\n")[2]
            options = bool(split_options(text[:end]).letters or split_options(behind).letters)
            keyed = any(name == "key" for name, _, _ in labels)
            if not keyed:
                keyed = take_key(split_options(text[:end]).stem).key is not None
            self._state = (options, keyed, bool(labels) and labels[-1][0] in _OPEN)
            self._seen = len(self.lines)
        return self._state

    @property
    def labels(self) -> tuple[tuple[str, int, int], ...]:
        """Labels in the text; found once for each number of lines."""
        if self._labelled != len(self.lines):
            self._labels, self._labelled = find_labels(self.text), len(self.lines)
        return self._labels

    def has_options(self) -> bool:
        """Whether options have been seen."""
        return self._look()[0]

    def keyed(self) -> bool:
        """Whether a key has been seen."""
        return self._look()[1]

    def plain_key(self) -> bool:
        """Whether a key line holds letters or a truth value, so that no list can follow it."""
        text = self.text
        for name, _, end in self.labels:
            if name == "key":
                return read_key(text[end:].strip().partition("\n")[0]).plain
        return False

    def after_plain_key(self) -> bool:
        """Whether the last thing seen is a key line of letters or a truth value."""
        labels = self.labels
        return bool(labels) and labels[-1][0] == "key" and self.plain_key()

    def in_answer(self) -> bool:
        """Whether the last label opens a text that may go on: an answer or an explanation."""
        return self._look()[2]

    def judges(self) -> bool:
        """Whether it stands among true/false questions."""
        return self.section.kind is ItemKind.TRUE_FALSE

    def essay(self) -> bool:
        """Whether it is answered in words."""
        kind = self.section.kind
        return not self.has_options() and (kind is None or not kind.has_options)

    def complete(self) -> bool:
        """Whether a question could end here."""
        return self.has_options() or self.keyed()

    def stem_open(self) -> bool:
        """Whether the stem announces a list, such as 下列：."""
        return self.text.rstrip()[-1:] in ("：", ":", "；", ";")

    @property
    def list_value(self) -> int:
        """The last number of a list inside the block, or 0."""
        numbers = [int(m[1]) for m in _LISTED.finditer(self.text)]
        return numbers[-1] if numbers else 0


_LISTED = re.compile(r"(?:^|[:：】])\s*(\d{1,2})[.．、]", re.MULTILINE)
_OPEN = ("key", "explanation", "citation")
