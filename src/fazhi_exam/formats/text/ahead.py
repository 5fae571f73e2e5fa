"""What stands on the next lines of a file, for a reader that decides line by line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from .answers import ORDINAL_ROW, bare_keys, run_answers, table_rows
from .furniture import divider
from .headings import is_round, question_number, section_of
from .labels import find_labels
from .lines import Line
from .options import begins_options, split_options

AN_OPTION = re.compile(r"^\s*[（(【\[〔]?\s*[A-H](?:\s*[)）】\]〕.．、:：]|(?![A-Za-z]))")

_LEFT_OPEN = re.compile(r"[（(][^（()）]*$")
_CLOSED = re.compile(r"[^（()）]*[）)]\s*$")


@dataclass(frozen=True, slots=True)
class Ahead:
    """The lines of a file, to look ahead in."""

    lines: Sequence[Line]

    def is_numbered(self, start: int) -> bool:
        """Whether the questions of this section have numbers."""
        numbers = options = 0
        for line in self.lines[start : start + 400]:
            text = line.text
            if start and numbers + options > 3 and section_of(text):
                break
            stripped = text.lstrip()
            if question_number(text):
                numbers += 1
            elif stripped[:1] == "A" and stripped[1:2] in tuple(".．、:： \t)）"):
                options += 1
        return numbers > 0 and (options == 0 or numbers >= 0.5 * options)

    @staticmethod
    def row_of_answers(lines: Sequence[Line]) -> bool:
        """Whether 一、1A 2B, or 一、 with a row of answers under it, comes first."""
        rest = ORDINAL_ROW.sub("", lines[0].text.strip()) or "".join(ln.text for ln in lines[1:2])
        return len(run_answers(rest, None, 0)) > 1 or bool(bare_keys(rest))

    def answers_at(self, start: int, *, several: bool = False) -> bool:
        """Whether the next filled line is a row of answers, of several, or 1.【答案】C."""
        for index in range(start, min(start + 4, len(self.lines))):
            if self.lines[index].text.strip():
                row = run_answers(self.lines[index].text, None, 0)
                enough = len(row) > 1 if several else bool(row)
                enough = enough or self._labelled_answer(self.lines[index].text)
                return enough or bool(table_rows(self.lines, index, None))
        return False

    @staticmethod
    def _labelled_answer(text: str) -> bool:
        """Whether a line is a number and a labelled key, without a question."""
        number = question_number(text)
        labels = find_labels(number[1].lstrip()) if number else ()
        return bool(labels and labels[0][:2] == ("key", 0))

    def heading_before(self, start: int, index: int) -> int:
        """Return the place of the heading over a line, at most three lines up; else its own."""
        for back in range(index - 1, max(start - 1, index - 4), -1):
            if self.lines[back].text.strip() and section_of(self.lines[back].text.strip()):
                return back
        return index

    def has_options(self, index: int) -> bool:
        """Whether options follow within a few lines, before the next number."""
        for offset, line in enumerate(self.lines[index : index + 6]):
            if offset and question_number(line.text):
                return False
            if begins_options(line.text) or split_options(line.text).letters[:2] == "AB":
                return True
        return False

    def bracket_end(self, index: int) -> str:
        """Return the next line when it closes a bracket that this one leaves open; else nothing."""
        if not _LEFT_OPEN.search(self.lines[index].text) or index + 1 >= len(self.lines):
            return ""
        following = self.lines[index + 1].text.strip()
        return following if _CLOSED.match(following) else ""

    def text_follows(self, index: int) -> bool:
        """Whether words without a number stand on one of the next two lines."""
        return any(
            line.text.strip() and not question_number(line.text)
            for line in self.lines[index + 1 : index + 3]
        )

    def key_follows(self, index: int) -> bool:
        """Whether one of the next two lines begins with 答：, before another number."""
        for line in self.lines[index + 1 : index + 3]:
            if question_number(line.text):
                return False
            labels = find_labels(line.text)
            if labels and labels[0][0] == "key":
                return True
        return False

    def brackets_number(self, index: int) -> bool:
        """Whether bracketed numbers are this file's question numbers: few others are about."""
        following = takewhile(lambda line: not self._parts_here(line.text.strip()),
                              self.lines[index + 1 : index + 40])  # fmt: skip
        numbers = [found for line in following if (found := question_number(line.text))]
        plain = sum(not bracketed for _, _, bracketed in numbers)
        return plain == 0 or (plain <= 1 and len(numbers) >= 4)

    @staticmethod
    def _parts_here(text: str) -> bool:
        """Whether another part of the file begins."""
        return section_of(text) is not None or bool(divider(text)) or is_round(text)

    def part_follows(self, index: int) -> bool:
        """Whether the next filled line is the heading of a section, or question 1."""
        following = next((ln.text for ln in self.lines[index + 1 :] if ln.text.strip()), "")
        number = question_number(following)
        return section_of(following) is not None or bool(number and int(number[0]) == 1)

    def options_next(self, index: int) -> bool:
        """Whether the next filled line is option A."""
        following = next((ln.text for ln in self.lines[index + 1 :] if ln.text.strip()), "")
        return begins_options(following)

    def options_ahead(self, index: int) -> bool:
        """Whether option A begins within three lines, before a number or another option."""
        for line in self.lines[index + 1 : index + 4]:
            if begins_options(line.text):
                return True
            if question_number(line.text) or AN_OPTION.match(line.text):
                return False
        return False
