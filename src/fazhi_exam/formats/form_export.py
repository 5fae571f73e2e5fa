"""Handing a form to another program: the same writers, with the points of the form."""

from collections.abc import Callable

from ..assembly.form import ExamForm, FormItem
from ..assembly.paper import Papers
from ..bank.question_bank import QuestionBank
from .written import Written

BankWriter = Callable[[QuestionBank], Written]
"""`write_gift`, `write_moodle_xml`, `write_qti`, `write_word` …"""


def write_form(form: ExamForm, bank: QuestionBank, write: BankWriter) -> Written:
    """Write the questions of a form with its points.

    Parameters
    ----------
    form
        What is to be sat.
    bank
        Holds the same wordings.
    write
        The writer of the target format. For QTI, `write_qti` with ``form=`` adds the test itself.

    Raises
    ------
    DrawError
        If an item is gone or was changed since the form was made.
    """
    form.check(bank)
    written = write(bank_of({item.id: item for item in form}, bank))
    lost = ("大题的划分、题目顺序和评分规则（请在目标系统中设置）",)
    return Written(written.data, (*written.not_carried, *lost), written.left_out)


def write_papers_bank(papers: Papers, bank: QuestionBank, write: BankWriter) -> Written:
    """Write every question that stands on any of the papers, with its points.

    Who gets which question, and in which order, is not carried: other programs draw by themselves.
    """
    used = {name: papers.worth[name] for name in papers.item_ids if name in papers.worth}
    written = write(bank_of(used, bank))
    lost = ("每名考生的抽题结果和乱序",)
    return Written(written.data, (*written.not_carried, *lost), written.left_out)


def bank_of(worth: dict[str, FormItem], bank: QuestionBank) -> QuestionBank:
    """Return the items, each with the points it counts; cases keep the sub-questions used."""
    items = []
    for item in bank:
        if item.id not in worth:
            continue
        # Essays keep their own scale: their marking points add up to it.
        points = worth[item.id].points if item.kind.objective else item.points
        items.append(item.model_copy(update={"points": points}))
    ids = {item.id for item in items}
    cases = {}
    for case in bank.cases.values():
        inside = tuple(i for i in case.item_ids if i in ids)
        if inside:
            cases[case.id] = case.model_copy(update={"item_ids": inside})
    return QuestionBank(tuple(items), cases)
