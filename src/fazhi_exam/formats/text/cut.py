"""Cutting the lines of a file into questions, shared stimuli and answer tables."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ...bank.item import LETTERS, ItemKind
from ...errors import ImportProblem
from ..draft import STRAY
from ..words import kind_of, read_key
from .ahead import AN_OPTION, Ahead
from .answers import (
    ORDINAL_ROW,
    Answer,
    bare_keys,
    entries_of,
    read_answers_part,
    run_answers,
    table_rows,
)
from .block import Block, Stimulus
from .furniture import (
    divider,
    is_furniture,
    is_rule,
    is_title,
    opens_notice,
    running_heads,
    signature_start,
)
from .headings import (
    ORDINALS,
    Section,
    after_case_range,
    case_heading,
    case_ordinal,
    case_range,
    is_answers_heading,
    is_round,
    is_statutes,
    is_subheading,
    question_number,
    section_of,
    truth_map,
)
from .kinds import begins_with_kind, inline_kind
from .labels import KEY_SIGNS, find_labels
from .lines import Line, is_taken, opens_taken
from .options import begins_options, split_options
from .question import read_block
from .stem import count_blanks

MAX_LINE = 20_000
MAX_LINES = 300
_OF_PART = re.compile(r"[题分节][^:：]*答案")
_JUDGED_START = re.compile(r"^\s*[（(]\s*(?:√|✓|×|✗|对|错|正确|错误)\s*[)）]\s*\S{4}")
_AFTER_LETTER = tuple(".．、:：)）")
_BLANK_END = re.compile(r"[（(]\s*(?:[A-H][A-H\s,，、]*|[√✓×✗]|对|错|正确|错误)?\s*[)）]$")
_JUDGED_END = re.compile(r"[^（(]{12,}[（(]\s*(?:√|✓|×|✗|对|错|正确|错误)\s*[)）]\s*$")
_KIND_KEYS = re.compile(r"^(.{0,16}?题[^:：]{0,8}?)\s*[:：】]\s*(.+)$")
_PREFIX = re.compile(r"^[^A-H√×]{0,24}?(?:答案|题)[^A-H√×:：\d]{0,8}[:：】\]]\s*(?=\D{0,3}\d)")


@dataclass(frozen=True, slots=True)
class Here:
    """A line being put: its place, and the question number it begins with."""

    index: int
    line: Line
    text: str
    number: tuple[str, str, bool] | None


@dataclass
class Cutter:
    """Cuts lines into blocks; see `cut`."""

    lines: Sequence[Line]
    name: str
    blocks: list[Block] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    given: dict[int, Answer] = field(default_factory=dict)
    problems: list[ImportProblem] = field(default_factory=list)
    section: Section = field(default_factory=Section)
    section_index: int = 0
    stimulus: Stimulus | None = None
    block: Block | None = None
    pending: list[Line] = field(default_factory=list)
    numbered: bool = True
    notice: bool = False
    taken: bool = False
    unnumbered: bool = False
    tabled: bool = False
    stimuli: int = 0
    skip_to: int = 0
    running: frozenset[str] = frozenset()
    ahead: Ahead = field(default_factory=lambda: Ahead(()))

    def stray(self, line: Line, reason: str = "") -> None:
        """List a line that belongs to no question."""
        shown = line.raw.strip()
        self.problems.append(
            ImportProblem(
                f"{STRAY}{reason}，已略去",
                self.name,
                line=line.number,
                value=shown[:60],
                blocking=False,
            )
        )

    def cut(self) -> None:
        """Go through the lines once."""
        self.lines = [self._readable(line) for line in self.lines]
        end = signature_start(self.lines)
        self.lines, signature = self.lines[:end], self.lines[end:]
        self.ahead = Ahead(self.lines)
        self.numbered = self.ahead.is_numbered(0)
        self.running = running_heads(self.lines)
        for index, line in enumerate(self.lines):
            if index < self.skip_to:
                continue
            self._take(index, line)
        self._close_all()
        for line in signature:
            if line.text.strip():
                self.stray(line, "（落款）")

    def _readable(self, line: Line) -> Line:
        """Return the line, emptied with a problem when it is too long to be looked at."""
        if len(line.text) <= MAX_LINE:
            return line
        reason = f"这一行有 {len(line.text)} 字，过长，未读；请检查文件是否缺少换行"
        self.problems.append(
            ImportProblem(reason, self.name, line=line.number, value=line.raw[:40])
        )
        return replace(line, text="")

    def _take(self, index: int, line: Line) -> None:
        """Put a line where the first rule that knows it puts it."""
        text = line.text.strip()
        if self.block is not None and text[:1] in LETTERS and text[1:2] in _AFTER_LETTER:
            self._continue(index, line, text)  # an option, and nothing else
            return
        if not text or is_rule(text):
            if self.block is not None:
                self.block.gap = True
            return
        here = Here(index, line, text, question_number(line.text))
        for rule in (
            self._somebodys_answer,
            self._answers_heading,
            self._repeated_or_notice,
            self._row_of_keys,
            self._section_heading,
            self._subheading,
            self._table_of_keys,
            self._furniture,
            self._stimulus_heading,
            self._numbered_answer,
            self._question,
        ):
            if rule(here):
                return
        self._continue(index, line, text)

    def _somebodys_answer(self, here: Here) -> bool:
        """Leave out 我的答案：…; the right answer behind it belongs to the open question."""
        if is_taken(here.text):
            self.stray(here.line, "（别人的作答）")
            return True
        if opens_taken(here.text) or (self.taken and not self._official(here.text)):
            self.taken = True
            self.stray(here.line, "（别人的作答）")
            return True
        ended, self.taken = self.taken, False
        if ended and self.block is not None and section_of(here.text) is None:
            self.block.lines.append(here.line)
            return True
        return False

    @property
    def _begun(self) -> bool:
        """Whether a question has been seen."""
        return bool(self.blocks) or self.block is not None

    def _answers_heading(self, here: Here) -> bool:
        """Read the answers under 参考答案."""
        if not self._begun or not is_answers_heading(here.text):
            return False
        if not self._answers_follow(here.index):
            return False
        self._take_answers(here.index, here.index + 1)
        return True

    def _repeated_or_notice(self, here: Here) -> bool:
        """Leave out heads of pages, dividers with words, and notices to candidates."""
        if here.text in self.running:
            self.stray(here.line, "（页眉）")
            return True
        if divider(here.text):
            self._close()
            self.stray(here.line, "（分隔）")
            return True
        if not self._begun and self._in_notice(here):
            self.stray(here.line, "（须知）")
            return True
        return False

    def _row_of_keys(self, here: Here) -> bool:
        """Take keys or words for several questions behind 答案： on one line."""
        prefix = _PREFIX.match(here.text)
        if prefix is None:
            return False
        rest = here.text[prefix.end() :]
        many = run_answers(rest, None, here.line.number)
        if len(many) > 1:
            self._table(many, prefix[0])
            return True
        return self._words_in_row(here.line, prefix[0], rest)

    def _section_heading(self, here: Here) -> bool:
        """Begin a section, or the answers that stand under a repeated heading."""
        opened, length = section_of(here.text), 1
        if (
            opened is None
            and here.text[0] in ORDINALS
            and (tail := self.ahead.bracket_end(here.index))
        ):
            opened, length = section_of(here.text + tail), 2
        if opened is None:
            return False
        if self._given_in_order(here.text):
            return True
        if self._begun and self.ahead.answers_at(here.index + length, several=True):
            self._take_answers(here.index, here.index)
            return True
        if here.number and self._is_question(here.index, here.number):
            return False
        self._close_all()
        self.section, self.section_index = opened, self.section_index + 1
        self.skip_to = here.index + length
        self.numbered = self.ahead.is_numbered(self.skip_to)
        return True

    def _subheading(self, here: Here) -> bool:
        """End question and stimulus at a heading that says nothing of kinds."""
        text = here.text
        heads = is_statutes(text) and self.ahead.part_follows(here.index)
        if not heads and (not is_subheading(text) or self.ahead.options_next(here.index)):
            return False
        self._close()
        if self._open_stimulus() is None or text.startswith("附"):
            self._close_all()
        other = is_round(text) or (text[:1] in "【[" and "题" in text)
        if other or "案例" in text or self.section.cases:
            self.section = Section(text, cases="案例" in text)
            self.section_index += 1
        self.stray(here.line, "（小标题）")
        return True

    def _table_of_keys(self, here: Here) -> bool:
        """Take a row of numbers with a row of answers under it, or both in one row."""
        if rows := table_rows(self.lines, here.index, None):
            self._table(rows)
            self.skip_to = here.index + 2
            return True
        if not self._is_table(here.text):
            return False
        many = run_answers(here.text, None, here.line.number)
        if many:
            self._table(many)
        return bool(many)

    def _furniture(self, here: Here) -> bool:
        """Leave out what belongs to the web page or the sheet."""
        if not is_furniture(here.text) or here.number or find_labels(here.text):
            return False
        self.stray(here.line, "（网页或试卷上的附加文字）")
        return True

    def _stimulus_heading(self, here: Here) -> bool:
        """Begin a shared stimulus, or say which questions stand under the one that has begun."""
        line, text = here.line, here.text
        span = case_range(text)
        if span is not None and not (here.number and "（" in text[-8:]):
            kept = replace(line, text=after_case_range(text))
            if not kept.text and (waiting := self._open_stimulus()) is not None:
                waiting.span = span
                return True
            self._begin_stimulus("", kept, span)
            return True
        heading = case_heading(line.text)
        if heading is not None and not (here.number and self.ahead.has_options(here.index)):
            title, rest = heading
            waiting = self._open_stimulus()
            if waiting is None or waiting.lines:
                waiting = self._begin_stimulus(title)
            if rest:
                waiting.lines.append(replace(line, text=rest))
            return True
        told = case_ordinal(text) if self.section.cases else None
        if told is not None:
            self._begin_stimulus(told[0], replace(line, text=told[1]))
        return told is not None

    def _begin_stimulus(
        self, title: str, line: Line | None = None, span: tuple[int, int] | None = None
    ) -> Stimulus:
        """End what is open and begin a shared stimulus."""
        self._close_all()
        self.stimuli += 1
        self.stimulus = Stimulus(f"材料{self.stimuli}", title, [line] if line else [], span)
        return self.stimulus

    def _numbered_answer(self, here: Here) -> bool:
        """Take ``（4）…`` after a row of answers as that of the question that has none yet."""
        if here.number is None or not self.tabled or self.block is not None:
            return False
        place = self._waiting().get(int(here.number[0]))
        entries = entries_of(here.line.text, here.line)
        if place is None or not entries:
            return False
        self.given[place] = entries[0]
        return True

    def _question(self, here: Here) -> bool:
        """Open a question at its number."""
        if here.number is None or not self._opens(here.index, here.number):
            return False
        self._open(here.line, here.number)
        return True

    def _official(self, text: str) -> bool:
        """Whether what somebody answered ends here: at the right answer or a heading."""
        labels = find_labels(text)
        return bool(labels and labels[0][1] == 0) or section_of(text) is not None

    def _in_notice(self, here: Here) -> bool:
        """Whether a line before the first question belongs to notices to candidates."""
        self.notice = opens_notice(here.text) or (self.notice and section_of(here.text) is None)
        listed = here.number is not None and not self.ahead.has_options(here.index)
        return self.notice and (listed or opens_notice(here.text))

    def _open_stimulus(self) -> Stimulus | None:
        """Return the stimulus that has begun when there is no question under it yet."""
        unused = self.stimulus is not None and not self.stimulus.used and self.block is None
        return self.stimulus if unused else None

    def _own_blocks(self) -> list[Block]:
        """Return the questions of the open stimulus."""
        blocks = self.blocks if self.block is None else [*self.blocks, self.block]
        return [b for b in blocks if self.stimulus is not None and b.stimulus is self.stimulus]

    def _take_answers(self, index: int, start: int) -> None:
        """Read the answers from a line on; its heading stands at `index`."""
        own = self._answers_of_case(index)
        self._close() if own is not None else self._close_all()
        end = max(self._end_of_answers(start, own), start + 1)
        answers, strays = read_answers_part(self.lines[start:end], own)
        if own is not None or not self._give_waiting(answers):
            self.answers += answers
        for one in strays:
            self.stray(one, "（答案部分）")
        self.skip_to = end

    def _given_in_order(self, text: str) -> bool:
        """Take ``单选题答案：ABCDA BC``, keys without numbers, as many as there are questions."""
        found = _KIND_KEYS.match(text)
        ways = bare_keys(found[2]) if found else []
        kind = kind_of(found[1]) if found else None
        blocks = self.blocks if self.block is None else [*self.blocks, self.block]
        places = [
            place for place, block in enumerate(blocks)
            if block.section.kind is kind and place not in self.given and not block.keyed()
        ]  # fmt: skip
        keys = next((way for way in ways if len(way) == len(places)), None)
        if kind is None or keys is None:
            return False
        self._close()
        self.given |= {
            place: Answer(blocks[place].value, read_key(key), None, blocks[place].lines[0].number)
            for place, key in zip(places, keys, strict=True)
        }
        return True

    def _answers_of_case(self, index: int) -> Section | None:
        """Return the heading of the open stimulus when its answers follow all its questions."""
        own = self._own_blocks()
        following = next((ln.text for ln in self.lines[index + 1 :] if ln.text.strip()), "")
        first = question_number(following)
        if len(own) < 2 or first is None or any(block.keyed() for block in own):
            return None
        same = int(first[0]) == own[0].value and not self.ahead.has_options(index + 1)
        return own[0].stimulus.heading if same and own[0].stimulus is not None else None

    def _answers_follow(self, index: int) -> bool:
        """Whether 答案： alone on its line opens a part, not the key of one question."""
        if self._answers_of_case(index) is not None:
            return True
        if self.block is not None and self._asks_words(self.block, index):
            return False
        if self.block is not None and self._bare_answer(self.block, index):
            return False
        if self.block is None or len(self.lines[index].text.strip().strip("【】:：")) > 3:
            return True
        following = [line for line in self.lines[index + 1 : index + 6] if line.text.strip()]
        if not following:
            return False
        text = following[0].text
        return bool(
            len(run_answers(text, None, 0)) > 1
            or (ORDINAL_ROW.match(text) and self.ahead.row_of_answers(following))
            or table_rows(following, 0, None)
            or section_of(text)
            or (question_number(text) and not self.ahead.has_options(index + 1))
        )

    def _bare_answer(self, block: Block, index: int) -> bool:
        """Whether 参考答案 alone on its line stands over the words that answer one question."""
        if block.keyed() or not block.essay() or len(self.lines[index].text.strip()) > 4:
            return False
        following = next((ln.text for ln in self.lines[index + 1 :] if ln.text.strip()), "")
        counted = question_number(following) or run_answers(following, None, 0)
        return not counted and section_of(following.strip()) is None and not bare_keys(following)

    def _asks_words(self, block: Block, index: int) -> bool:
        """Whether an open question in words lacks its answer while those before it have theirs."""
        kind = kind_of(inline_kind(block.text)[0]) or block.section.kind
        words = kind in (ItemKind.SHORT, ItemKind.ESSAY) or (kind is None and block.essay())
        if not words or block.keyed() or self.answers:
            return False
        following = next((ln.text for ln in self.lines[index + 1 :] if ln.text.strip()), "")
        if not self.blocks or section_of(following.strip()) is not None:
            return False
        own = [one for one in self.blocks if one.section_index == block.section_index]
        if own:
            return all(one.keyed() for one in own)
        return sum(one.keyed() for one in self.blocks) >= 0.75 * len(self.blocks)

    def _end_of_answers(self, start: int, own: Section | None) -> int:
        """Return where the answers end: at a new kind of section, or at a question with options.

        Answers of one stimulus, `own`, end at any heading.
        """
        kinds = {block.section.kind for block in self.blocks if block.section.title}
        for index in range(start, len(self.lines)):
            text = self.lines[index].text
            opened = section_of(text.strip()) if len(text) < 160 else None
            heads = opened or case_heading(text) or divider(text) or is_subheading(text)
            if own is not None and heads:
                return index
            if opened is not None and self.section.title:
                known = opened.kind in kinds
                if (
                    not known
                    and not self.ahead.answers_at(index + 1)
                    and not run_answers(text, None, 0)
                ):
                    return index
            if _JUDGED_END.search(text) and question_number(text):
                return self.ahead.heading_before(start, index)
            if begins_options(text):
                for back in range(index, max(start - 1, index - 4), -1):
                    if question_number(self.lines[back].text):
                        if run_answers(self.lines[back].text, None, 0):
                            break
                        return self.ahead.heading_before(start, back)
        return len(self.lines)

    def _is_table(self, text: str) -> bool:
        keyed = text.lstrip("【[〔")[:1] in KEY_SIGNS
        labels = find_labels(text) if keyed else ()
        if labels and labels[0][0] == "key" and labels[0][1] == 0:
            return len(run_answers(text[labels[0][2] :], None, 0)) > 1
        return (text[:1].isdigit() and len(run_answers(text, None, 0)) > 1) or text[:1] == "第"

    def _table(self, rows: Sequence[Answer], prefix: str = "") -> None:
        """Keep the answers of the questions just before them, or of the section that they name."""
        self._close()
        self.tabled = True
        kind = kind_of(prefix)
        section = self.section
        if kind is not None and kind is not section.kind:
            section = Section(prefix, kind)
        elif self._give_waiting(rows):
            return
        self.answers += [replace(row, section=section) for row in rows]

    def _words_in_row(self, line: Line, prefix: str, text: str) -> bool:
        """Take ``第四部分答案：1.生产劳动 2.六``, words for the questions before.

        A mere 答案： is taken so only when it has words for every one of them.
        """
        entries = entries_of(text, line)
        every = {entry.number for entry in entries} == set(self._waiting())
        if len(entries) < 2 or not (every or _OF_PART.search(prefix)):
            return False
        self._close()
        return self._give_waiting(entries)

    def _give_waiting(self, rows: Sequence[Answer]) -> bool:
        """Give answers under no heading to the questions just before them, when all fit."""
        waiting = self._waiting()
        numbers = {row.number for row in rows}
        if len(numbers) < len(rows) or not numbers or not numbers <= set(waiting):
            return False
        if any(row.section is not None and row.section.title for row in rows):
            return False
        self.given |= {waiting[row.number]: row for row in rows}
        return True

    def _waiting(self) -> dict[int, int]:
        """Places by number of the last questions that have no key, back to where numbers began."""
        places: dict[int, int] = {}
        blocks = self.blocks if self.block is None else [*self.blocks, self.block]
        for place in range(len(blocks) - 1, -1, -1):
            block = blocks[place]
            after = min(places, default=block.value + 1)
            if not 0 < block.value < after or place in self.given or block.keyed():
                break
            places[block.value] = place
        return places

    def _is_question(self, index: int, number: tuple[str, str, bool]) -> bool:
        """Whether a numbered line that looks like a heading is a question of its own."""
        return self.ahead.has_options(index) or len(number[1]) > 40

    def _opens(self, index: int, number: tuple[str, str, bool]) -> bool:
        """Whether a number begins a question, not a list inside one."""
        value, rest, bracketed = int(number[0]), number[1], number[2]
        block = self.block
        if not rest.strip() and not self.ahead.text_follows(index):
            return False
        if block is None:
            return not bracketed or self.stimulus is not None or self.ahead.brackets_number(index)
        if bracketed:
            if value == block.value + 1 and (block.plain_key() or self._asks(index, rest, block)):
                return True
            if block.bracketed or self.stimulus is not None:
                return not block.in_answer() or self.ahead.has_options(index) or not block.essay()
            if self.section.cases and value == 1 and not block.has_options() and not block.keyed():
                return True  # the block turns into a stimulus
            return self.ahead.has_options(index) and not block.bracketed and block.complete()
        if block.bracketed and self.stimulus is None:
            return value == block.value + 1 and self.ahead.has_options(index)
        if block.bracketed and self.stimulus is not None and self.stimulus.own_number:
            return value == int(self.stimulus.title or 0) + 1 or self.ahead.has_options(index)
        expected = block.value + 1
        weak = self.lines[index].text.lstrip()[len(number[0]) :][:1]
        if "\u4e00" <= weak <= "\u9fff" and value != expected:
            return False
        if block.after_plain_key():
            return True
        if self.section.kind is ItemKind.BLANK and value > block.value and count_blanks(rest):
            return True
        if value != expected and block.in_answer() and not self.ahead.has_options(index):
            if block.value <= value <= block.value + 3 and self.ahead.key_follows(index):
                return True
            return value == 1 and self._looks_keyed(index)
        if value != expected and block.essay() and block.in_answer():
            return self.ahead.has_options(index)
        if value != expected and not block.complete() and not self._looks_keyed(index):
            return self.ahead.has_options(index) and (not block.stem_open() or value > 1)
        if value <= block.list_value + 1 and block.essay() and block.in_answer():
            return self.ahead.has_options(index) or self._looks_keyed(index)
        return True

    def _asks(self, index: int, rest: str, block: Block) -> bool:
        """Whether a line in brackets after one that is answered has blanks, or a key of its own."""
        if not block.bracketed or not block.keyed():
            return False
        keyed = any(name == "key" for name, _, _ in find_labels(rest))
        return bool(count_blanks(rest)) or keyed or self.ahead.key_follows(index)

    def _looks_keyed(self, index: int) -> bool:
        """Whether the question beginning here has options, a key bracket or a key line."""
        if self.ahead.has_options(index):
            return True
        text = self.lines[index].text
        if read_block(Block.of(self.lines[index], ("1", text, False), self.section, 0), "").key:
            return True
        if self.ahead.key_follows(index):
            return True
        if any(question_number(line.text) for line in self.lines[index + 1 : index + 3]):
            return False
        return self.section.kind is not None and not (self.block and self.block.in_answer())

    def _open(self, line: Line, number: tuple[str, str, bool]) -> None:
        pending, bracketed = self.pending, number[2]
        self.pending = []
        block = self.block
        if bracketed and block is not None and not block.bracketed and self.section.cases:  # noqa: SIM102
            if not block.has_options() and not block.keyed() and self.stimulus is None:
                # 1. 案情 … （1）… （2）…: the numbered text was a stimulus.
                self.stimulus = Stimulus(
                    f"材料{block.lines[0].number}", block.number, block.lines, None
                )
                self.stimulus.own_number = True
                self.block = None
        self._close()
        value = int(number[0])
        if self.stimulus is not None:
            span = self.stimulus.span
            left = (span and not span[0] <= value <= span[1]) or (
                self.stimulus.own_number and not bracketed
            )
            if left:
                self.stimulus = None
        if self.blocks and not self.blocks[-1].number and len(self.blocks) > 1:
            self._number_between(value)
        self.tabled = False
        self.block = Block.of(line, number, self.section, self.section_index, self.stimulus)
        self.block.lines[:0] = pending
        self.block.pending = len(pending)

    def _number_between(self, value: int) -> None:
        """Give a question without number the one that is missing around it."""
        before, lacking = self.blocks[-2:]
        if before.value == value - 2 and before.section_index == lacking.section_index:
            lacking.number = str(value - 1)

    def _continue(self, index: int, line: Line, text: str) -> None:
        """Put a line where it belongs: to the question, the stimulus, or a new question."""
        labels = find_labels(line.text)
        first = labels[0][0] if labels and labels[0][1] == 0 else ""
        block = self.block
        if block is not None and len(block.lines) >= MAX_LINES:
            self.stray(line, "（前一题已过长）")
            return
        if block is not None and first == "key" and block.pending and block.plain_key():  # noqa: SIM102
            if index + 1 < len(self.lines):
                self._close()
                self.pending.append(line)
                return
        if block is not None and not self.numbered and self._begins(index, block, text, first):
            self._close()
            block = None
        if block is not None and not first and self._lacks_number(index, block, text):
            self._close()
            block = None
            self.unnumbered = True
        if block is not None:
            if line.marked and line.all_marked and not first and self._stands_out(block, text):
                line = replace(line, text=f"答：{line.text}")
            if block.gap and is_title(text) and block.essay() and not self._starts(index, text):
                self.stray(line, "（标题）")
                return
            block.lines.append(line)
            return
        if self.stimulus is not None and not self.stimulus.used and not self._starts(index, text):
            self.stimulus.lines.append(line)
            return
        if first in ("key", "kind", "points", "band", "id", "topic", "level"):
            if first == "key" and self.blocks and not self.blocks[-1].pending:
                self.stray(line, "（答案前没有题目）")  # waiting, it would pass for the next one's
            else:
                self.pending.append(line)
            return
        if self.section.title and truth_map(text) is not None and not self.blocks:
            self.section = replace(self.section, a_is_true=truth_map(text))
        tells = self.section.cases and len(text) > 20 and not begins_with_kind(text)
        if tells and not self._starts(index, text):
            self._begin_stimulus("", line)
            return
        unnumbered = not self.numbered and not is_title(text) and self._unnumbered(index, text)
        tagged = unnumbered or self.unnumbered or begins_with_kind(text)
        if tagged or self._starts(index, text):
            self.unnumbered = False
            self.block = Block.of(line, ("", line.text, False), self.section, self.section_index,
                                  self.stimulus)  # fmt: skip
            self.block.lines[:0] = self.pending
            self.block.pending = len(self.pending)
            self.pending = []
            return
        self.stray(line)

    def _stands_out(self, block: Block, text: str) -> bool:
        """Whether a line in another colour is the answer of a question that is not in it."""
        other = AN_OPTION.match(text) or any(line.all_marked for line in block.lines)
        return not other and block.essay() and not block.keyed()

    def _lacks_number(self, index: int, block: Block, text: str) -> bool:
        """Whether a question without its number begins: one with options or a key of its own."""
        if len(text) <= 4 or not self.numbered or AN_OPTION.match(text):
            return False
        if begins_with_kind(text) or (block.judges() and _JUDGED_START.match(text)):
            return block.keyed()
        if self.ahead.options_ahead(index):
            return block.has_options()
        if not block.after_plain_key():
            return False
        return self.ahead.key_follows(index) or (block.gap and self._starts(index, text))

    def _starts(self, index: int, text: str) -> bool:
        """Whether an unnumbered line is a stem: it ends in a blank or options follow at once."""
        if len(text) > 6 and _BLANK_END.search(text):
            return not self.numbered or self.ahead.has_options(index)
        following = next(
            (ln.text for ln in self.lines[index + 1 : index + 4] if ln.text.strip()), ""
        )
        ahead = split_options(following)
        return (bool(ahead.letters[:1] == "A") and not ahead.stem) or (
            split_options(text).letters[:3] == "ABC" and len(split_options(text).stem) > 4
        )

    def _unnumbered(self, index: int, text: str) -> bool:
        return (bool(self.section.title) and len(text) > 4) or self._looks_keyed(index)

    def _begins(self, index: int, block: Block, text: str, label: str) -> bool:
        """Whether a line begins the next question where questions have no numbers."""
        if not label and begins_with_kind(text):
            return bool(block.text.strip())
        if label or not block.complete():
            return bool(label == "stem" and block.complete())
        if split_options(text).letters[:1] in tuple("ABCDEFGH") and not split_options(text).stem:
            return False
        if block.in_answer() and not block.gap and not self._starts(index, text):
            return False
        return block.gap or self._starts(index, text) or not block.has_options()

    def _close(self) -> None:
        """End the open question."""
        if self.block is not None:
            self.blocks.append(self.block)
            if self.stimulus is not None:
                self.stimulus.used = True
        self.block = None

    def _close_all(self) -> None:
        """End the open question and its stimulus; a stimulus without questions is kept as one."""
        self._close()
        lone = self.stimulus
        if lone is not None and not lone.used and lone.lines:
            self.blocks.append(Block(lone.lines, "", self.section, self.section_index, lone))
        self.stimulus = None
