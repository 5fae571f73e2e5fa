"""The one family of errors. Facts are fields: a program can use them, a person can act on them."""

from collections.abc import Sequence
from dataclasses import dataclass


class FazhiExamError(Exception):
    """Root of every error that data can cause; programming mistakes stay built-in errors."""


class CitationError(FazhiExamError):
    """A citation of a statute cannot be read or does not exist (法条引用有误)."""

    def __init__(self, citation: str, problem: str) -> None:
        super().__init__(citation, problem)
        self.citation, self.problem = citation, problem

    def __str__(self) -> str:
        return f"法条引用“{self.citation}”：{self.problem}"


class ItemError(FazhiExamError):
    """A question cannot be used as written (试题有误)."""

    def __init__(self, item_id: str, field: str, problem: str) -> None:
        super().__init__(item_id, field, problem)
        self.item_id, self.field, self.problem = item_id, field, problem

    def __str__(self) -> str:
        return f"题目 {self.item_id} 的{self.field}：{self.problem}"


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """One thing found wrong in a file, with its place (导入问题); collected, never raised alone.

    Parameters
    ----------
    reason
        What is wrong and what was expected, in Chinese.
    file, sheet, line, column
        Where: file name, worksheet, line or row counted from 1, column heading or letter.
    value
        What stood there, masked when it may identify a person.
    blocking
        Whether the row or item cannot be used; otherwise it was used and should be looked at.
    """

    reason: str
    file: str = ""
    sheet: str = ""
    line: int | None = None
    column: str = ""
    value: str = ""
    blocking: bool = True

    def __str__(self) -> str:
        place = "，".join(
            part
            for part in (
                self.file,
                f"工作表“{self.sheet}”" if self.sheet else "",
                f"第 {self.line} 行" if self.line is not None else "",
                f"“{self.column}”列" if self.column else "",
            )
            if part
        )
        found = f"（内容：{self.value}）" if self.value else ""
        return f"{place}：{self.reason}{found}" if place else f"{self.reason}{found}"


class ImportFailed(FazhiExamError):  # noqa: N818  (reads as a sentence: raise ImportFailed)
    """A file was read, but not all of it can be used (导入未完成); carries every problem."""

    def __init__(self, problems: Sequence[ImportProblem]) -> None:
        super().__init__(tuple(problems))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        lines = [f"共发现 {len(self.problems)} 处问题："]
        return "\n".join(lines + [f"  {i}. {p}" for i, p in enumerate(self.problems, 1)])


class BlockedReview(FazhiExamError):  # noqa: N818
    """The bank has problems that must be mended before an exam (题库体检未通过)."""

    def __init__(self, findings: Sequence[str]) -> None:
        super().__init__(tuple(findings))
        self.findings = tuple(findings)

    def __str__(self) -> str:
        shown = "\n".join(f"  {i}. {text}" for i, text in enumerate(self.findings[:20], 1))
        more = f"\n  …… 另有 {len(self.findings) - 20} 处" if len(self.findings) > 20 else ""
        return f"题库有 {len(self.findings)} 处必须先处理的问题：\n{shown}{more}"


class InfeasibleBlueprint(FazhiExamError):  # noqa: N818
    """The bank cannot fill the blueprint (蓝图无法满足).

    Parameters
    ----------
    rows
        The smallest set of blueprint rows found to be in conflict, as they are titled.
    short_by
        How many items are missing over those rows; 0 when the rows contradict each other.
    relaxation
        The cheapest change that would help, in Chinese.
    """

    def __init__(self, rows: Sequence[str], short_by: int, relaxation: str) -> None:
        super().__init__(tuple(rows), short_by, relaxation)
        self.rows, self.short_by, self.relaxation = tuple(rows), short_by, relaxation

    def __str__(self) -> str:
        lack = f"，共缺 {self.short_by} 题" if self.short_by else ""
        return f"蓝图无法满足：{'；'.join(self.rows)}{lack}。建议：{self.relaxation}"


class DrawError(FazhiExamError):
    """A draw cannot be made or does not agree with what was committed (抽题有误)."""

    def __init__(self, what: str, problem: str) -> None:
        super().__init__(what, problem)
        self.what, self.problem = what, problem

    def __str__(self) -> str:
        return f"抽题·{self.what}：{self.problem}"


class AnswerError(FazhiExamError):
    """An answer sheet does not fit the paper it belongs to (答卷有误)."""

    def __init__(self, candidate: str, item_id: str, problem: str) -> None:
        super().__init__(candidate, item_id, problem)
        self.candidate, self.item_id, self.problem = candidate, item_id, problem

    def __str__(self) -> str:
        return f"考生 {self.candidate}，题目 {self.item_id}：{self.problem}"


class ProgrammeError(FazhiExamError):
    """A programme's rules are incomplete or contradict each other (考核项目有误)."""

    def __init__(self, programme: str, field: str, problem: str) -> None:
        super().__init__(programme, field, problem)
        self.programme, self.field, self.problem = programme, field, problem

    def __str__(self) -> str:
        return f"考核项目 {self.programme} 的{self.field}：{self.problem}"


class CountsDoNotReconcile(FazhiExamError):  # noqa: N818
    """Counts that must add up do not (人数对不上)."""

    def __init__(self, where: str, expected: int, found: int) -> None:
        super().__init__(where, expected, found)
        self.where, self.expected, self.found = where, expected, found

    def __str__(self) -> str:
        return f"{self.where}：应为 {self.expected}，实为 {self.found}"


class NotEnoughData(FazhiExamError):  # noqa: N818
    """There are too few answers for what was asked (数据不足).

    Parameters
    ----------
    what
        What was asked for.
    have, need
        How much there is and how much would do, in `unit`.
    unit
        What is counted, such as ``"人"``.
    advice
        What to do instead, in Chinese.
    """

    def __init__(self, what: str, have: int, need: int, unit: str = "人", advice: str = "") -> None:
        super().__init__(what, have, need, unit, advice)
        self.what, self.have, self.need, self.unit, self.advice = what, have, need, unit, advice

    def __str__(self) -> str:
        text = (
            f"{self.what}：数据不足，现有 {self.have} {self.unit}，至少需要 {self.need} {self.unit}"
        )
        return f"{text}。{self.advice}" if self.advice else text


class DidNotConverge(FazhiExamError):  # noqa: N818
    """An iterative estimate was not reached (未收敛)."""

    def __init__(self, what: str, iterations: int, distance: float) -> None:
        super().__init__(what, iterations, distance)
        self.what, self.iterations, self.distance = what, iterations, distance

    def __str__(self) -> str:
        return f"{self.what}：迭代 {self.iterations} 次仍未收敛（估计距最大值 {self.distance:.3g}）"


class UnknownFormat(FazhiExamError):  # noqa: N818
    """No reader or writer for this kind of file (不支持的文件格式)."""

    def __init__(self, name: str, known: Sequence[str], advice: str = "") -> None:
        super().__init__(name, tuple(known), advice)
        self.name, self.known, self.advice = name, tuple(known), advice

    def __str__(self) -> str:
        text = f"不支持文件 {self.name} 的格式；可用：{'、'.join(self.known)}"
        return f"{text}。{self.advice}" if self.advice else text


class UnsafeFile(FazhiExamError):  # noqa: N818
    """A file was refused before it was read (文件不安全)."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(name, problem)
        self.name, self.problem = name, problem

    def __str__(self) -> str:
        return f"文件 {self.name} 未读取：{self.problem}"


class StoreError(FazhiExamError):
    """The store refused an operation; nothing was changed (存储有误)."""

    def __init__(self, what: str, problem: str) -> None:
        super().__init__(what, problem)
        self.what, self.problem = what, problem

    def __str__(self) -> str:
        return f"存储·{self.what}：{self.problem}"


class MissingExtra(FazhiExamError):  # noqa: N818
    """An optional part of the installation is needed here (缺少可选组件)."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(feature, extra)
        self.feature, self.extra = feature, extra

    def __str__(self) -> str:
        return f"{self.feature}需要可选组件：pip install 'fazhi-exam[{self.extra}]'"
