"""One form for everyone, or A/B forms, through the same provable draw (固定卷、A/B 卷)."""

from collections.abc import Iterable, Sequence
from datetime import date

from ..bank.question_bank import QuestionBank
from ..errors import DrawError
from ..roster.candidate import Candidate, Roster
from .blueprint import Blueprint, Mode
from .borderline import ParityTarget
from .deal import deal, derive_paper
from .draw import Draw, commit_draw, seed_draw
from .form import ExamForm, FormItem, FormSection
from .paper import JoinedPapers, Papers
from .pool import Pool, Usage, drawable

_MOTHER = "母卷"


def form_of(
    bank: QuestionBank, blueprint: Blueprint, names: Iterable[str], *, code: str, on: date
) -> ExamForm:
    """Make a form of given items and cases, in the order given within each section.

    Raises
    ------
    DrawError
        If they do not fill the blueprint exactly.
    """
    listed = list(names)
    wanted = blueprint.model_copy(update={"include": frozenset(), "rest_days": 0})
    pool = drawable(wanted, bank, on=on, only=frozenset(listed))
    for cell in pool.cells:
        if cell.have != cell.need:
            raise DrawError(
                f"试卷 {code}", f"“{cell.title}”应有 {cell.need} 题，选了 {cell.have} 题"
            )
    place = {name: i for i, name in enumerate(listed)}
    # A case may be named itself or by its sub-questions.
    order = {u: place.get(u, place.get(pool.units[u].items[0].id, 0)) for u in pool.units}
    return form_from_units(pool, sorted(pool.units, key=order.__getitem__), code=code)


def form_from_units(pool: Pool, units: Iterable[str], *, code: str) -> ExamForm:
    """Make a form of units of a pool, in the order given within each section."""
    home = {name: c.section for c in pool.cells for name in (*c.fixed, *c.members)}
    held: dict[str, list[FormItem]] = {section.id: [] for section in pool.blueprint.sections}
    for name in units:
        section = home[name]
        held[section.id] += [
            FormItem(
                item.id,
                item.revision,
                section.points,
                section.rule_for(item.kind),
                name if name != item.id else None,
            )
            for item in pool.units[name].items
        ]
    sections = tuple(
        FormSection(section.id, section.title, section.instruction, tuple(held[section.id]))
        for section in pool.blueprint.sections
    )
    return ExamForm(code, pool.blueprint.title, pool.bank_hash, sections)


def draw_form(
    bank: QuestionBank,
    blueprint: Blueprint,
    *,
    seed: int | bytes,
    exam_id: str,
    on: date,
    code: str = "A",
    parity: ParityTarget | None = None,
    usage: Usage | None = None,
) -> ExamForm:
    """Draw one form by the draw specification, as if for a candidate called 母卷.

    Raises
    ------
    InfeasibleBlueprint, DrawError
        As `commit_draw`.
    """
    mother = Roster((Candidate(f"{_MOTHER}{code}"),))
    revealed = seed_draw(
        bank, blueprint, mother, seed=seed, exam_id=exam_id, on=on, parity=parity, usage=usage
    )
    paper = derive_paper(revealed, f"{_MOTHER}{code}")
    return form_of(bank, blueprint, paper.item_ids, code=code, on=on)


def form_blueprint(blueprint: Blueprint, form: ExamForm, bank: QuestionBank) -> Blueprint:
    """Return the blueprint that yields exactly this form; only orders remain to be drawn."""
    units = frozenset(item.case or item.id for item in form)
    every = {item.case or item.id for item in bank}
    return blueprint.model_copy(
        update={
            "include": units,
            "exclude": frozenset(every - units),
            "balance": (),
            "bounds": (),
            "rest_days": 0,
            "neighbour_classes": 1,
        }
    )


def form_rosters(forms: Sequence[ExamForm], roster: Roster) -> tuple[tuple[ExamForm, Roster], ...]:
    """Say who gets which form: by neighbour class, or in turn when no classes are given.

    What candidates have seen is left out, since a form is the same for all who get it.
    """
    classes = {person.neighbour_class for person in roster}
    held: list[list[Candidate]] = [[] for _ in forms]
    for rank, person in enumerate(roster):
        which = person.neighbour_class if len(classes) > 1 else rank
        plain = Candidate(person.code, dict(person.groups), exempt=person.exempt)
        held[which % len(forms)].append(plain)
    return tuple(
        (form, Roster(tuple(people)))
        for form, people in zip(forms, held, strict=True)
        if any(not person.exempt for person in people)
    )


def commit_forms(
    bank: QuestionBank,
    blueprint: Blueprint,
    forms: Sequence[ExamForm],
    roster: Roster,
    *,
    secret: bytes,
    exam_id: str,
    on: date,
) -> tuple[Draw, ...]:
    """Commit who gets which form, one draw per form; deal each and join the papers.

    Raises
    ------
    DrawError
        If the bank no longer holds a form as it was made.
    """
    draws = []
    for form, people in form_rosters(forms, roster):
        form.check(bank)
        wanted = form_blueprint(blueprint, form, bank)
        name = f"{exam_id}-{form.code}"
        draws.append(commit_draw(bank, wanted, people, secret=secret, exam_id=name, on=on))
    return tuple(draws)


def draw_forms(
    bank: QuestionBank,
    blueprint: Blueprint,
    *,
    seed: int | bytes,
    exam_id: str,
    on: date,
    parity: ParityTarget | None = None,
    usage: Usage | None = None,
) -> tuple[ExamForm, ...]:
    """Draw form A, or forms A and B without a common item where the blueprint says so.

    Raises
    ------
    InfeasibleBlueprint, DrawError
        As `draw_form`.
    """
    forms: list[ExamForm] = []
    for code in "AB" if blueprint.mode is Mode.AB else "A":
        drawn = frozenset(item.case or item.id for form in forms for item in form)
        rest = blueprint.model_copy(update={"exclude": blueprint.exclude | drawn})
        forms.append(
            draw_form(
                bank, rest, seed=seed, exam_id=exam_id, on=on, code=code, parity=parity, usage=usage
            )
        )
    return tuple(forms)


def draw_papers(
    bank: QuestionBank,
    blueprint: Blueprint,
    roster: Roster,
    *,
    seed: int | bytes,
    exam_id: str,
    on: date,
    parity: ParityTarget | None = None,
    usage: Usage | None = None,
) -> Papers:
    """Give everybody a paper in the mode the blueprint names, from a plain seed.

    One form for everyone, forms A and B without a common item, or one paper each.

    Raises
    ------
    InfeasibleBlueprint, DrawError
        As `commit_draw` and `assemble`.
    """
    if blueprint.mode is Mode.PER_CANDIDATE:
        return deal(
            seed_draw(
                bank, blueprint, roster, seed=seed, exam_id=exam_id, on=on, parity=parity,
                usage=usage,
            )
        )  # fmt: skip
    forms = draw_forms(
        bank, blueprint, seed=seed, exam_id=exam_id, on=on, parity=parity, usage=usage
    )
    return deal_forms(bank, blueprint, forms, roster, seed=seed, exam_id=exam_id, on=on)


def deal_forms(
    bank: QuestionBank,
    blueprint: Blueprint,
    forms: Sequence[ExamForm],
    roster: Roster,
    *,
    seed: int | bytes,
    exam_id: str,
    on: date,
) -> Papers:
    """Give every candidate one of the forms, with an order of items and options of their own.

    Raises
    ------
    DrawError
        If the bank no longer holds a form as it was made.
    """
    parts = []
    for form, people in form_rosters(forms, roster):
        form.check(bank)
        wanted = form_blueprint(blueprint, form, bank)
        revealed = seed_draw(
            bank, wanted, people, seed=seed, exam_id=f"{exam_id}-{form.code}", on=on
        )
        parts.append(deal(revealed))
    return parts[0] if len(parts) == 1 else JoinedPapers(parts)
