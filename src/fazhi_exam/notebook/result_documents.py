"""The documents of a sitting, for inside and outside the house (成绩文件)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from .. import report
from ..passrate import enter, publish, release_of
from .recorded import Result

LEDGER = "发布台账.json"
"""Where releases are remembered unless another file is named."""
PUBLIC = "公告（公开）"


def write_public(result: Result, folder: Path, ledger: str | Path, *, on: date) -> Path:
    """Enter the public table in the ledger and write the bulletin that shows it.

    Parameters
    ----------
    ledger
        File of the ledger.
    on
        Day of the release.

    Raises
    ------
    PublishingRefused
        If the table, alone or beside an earlier release, would let readers work out a few people;
        nothing is written then.
    LedgerError
        As `fazhi_exam.passrate.enter`.
    """
    sitting, public = result.sitting, publish(result.rates)
    release = release_of(
        public, on=on, groups=[row.group for row in result.rates],
        sittings=[f"{result.decisions.programme_id} {sitting.id}"],
    )  # fmt: skip
    title = f"{result.decisions.programme_id} {sitting.title}，按{public.by}"
    enter(replace(release, title=title), ledger)
    return report.write_public_bulletin(  # type: ignore[no-any-return]
        sitting, public, folder / f"{PUBLIC}.docx", subjects=result.summary.subjects
    )


def _bulletin(result: Result, path: Path, *, names: bool) -> Path:
    return report.write_bulletin(  # type: ignore[no-any-return]
        result.sitting, result.scores, result.decisions, result.rates, result.analysis,
        path, internal=names,
    )  # fmt: skip


def _page(result: Result, folder: Path) -> Path:
    return report.write_html_report(  # type: ignore[no-any-return]
        result.sitting, result.scores, result.decisions, result.rates, result.analysis,
        folder / "成绩报告.html",
    )  # fmt: skip


def _list(result: Result, folder: Path) -> Path:
    return report.write_score_list(  # type: ignore[no-any-return]
        result.sitting, result.scores, result.decisions, result.analysis, result.rates,
        folder / "成绩汇总表.xlsx",
    )  # fmt: skip


def _slips(result: Result, folder: Path) -> Path:
    path = folder / "成绩通知单.pdf"
    return report.write_result_slips(  # type: ignore[no-any-return]
        result.sitting, result.decisions, path
    )


INTERNAL: dict[str, Callable[[Result, Path], Path]] = {
    "通报（印发各单位）": lambda r, to: _bulletin(r, to / "通报.docx", names=False),
    "通报（内部，含名单）": lambda r, to: _bulletin(r, to / "通报（内部）.docx", names=True),
    "成绩报告（网页）": _page,
    "成绩汇总表（Excel，含个人成绩）": _list,
    "成绩通知单（个人，密封）": _slips,
}
"""How each document that stays inside is written into a folder."""
