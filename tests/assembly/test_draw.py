"""Draws: exactly on blueprint, the same for everyone who derives them, and honest about failure."""

import hashlib
import importlib
import json
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from fazhi_exam.assembly import (
    Blueprint,
    DealtPapers,
    Draw,
    Manifest,
    ParityTarget,
    RevealedDraw,
    RosterRow,
    commit_draw,
    deal,
    derive_paper,
    rehearse,
    seed_draw,
    verify_draw,
)
from fazhi_exam.assembly.draw_one import draw_units
from fazhi_exam.assembly.draw_tables import DrawTables
from fazhi_exam.bank import ItemKind, QuestionBank
from fazhi_exam.errors import DrawError, ImportFailed, InfeasibleBlueprint
from fazhi_exam.roster import Candidate, Roster

from .banks import bank, blueprint, item, models, roster

ON = date(2026, 12, 1)
KNOWN = json.loads((Path(__file__).parents[1] / "reference/draw_v1.json").read_text("utf-8"))
SECRET = bytes(range(32))
BANK = bank()


def dealt(
    options: str = "", bounds: str = "", people: Roster | None = None, **given: object
) -> DealtPapers:
    """Papers for 60 candidates from a plain seed."""
    revealed = seed_draw(
        BANK,
        blueprint(options, bounds),
        roster(60) if people is None else people,
        seed=7,
        exam_id="试",
        on=ON,
        **given,  # type: ignore[arg-type]
    )
    return deal(revealed)


def known_draw() -> RevealedDraw:
    """Return the draw of the known answers."""
    manifest = Manifest.model_validate_json(json.dumps(KNOWN["manifest"]))
    rows = tuple(RosterRow.model_validate_json(json.dumps(row)) for row in KNOWN["roster"])
    draw = Draw(manifest, rows, KNOWN["secret_hash"])
    return draw.reveal(secret=SECRET, digits="３８５ 902")


def test_known_answers() -> None:
    """Hashes, seed and every paper of the frozen draw are the frozen ones."""
    revealed = known_draw()
    assert revealed.draw.manifest.hash == KNOWN["manifest_hash"]
    assert revealed.draw.commitment == KNOWN["commitment"]
    assert revealed.seed.hex() == KNOWN["draw_seed"]
    papers = deal(revealed)
    assert {paper.candidate: paper.digest for paper in papers} == KNOWN["papers"]
    assert json.loads(papers["考生甲"].to_json()) == KNOWN["paper"]


SETTINGS = [
    ("", "", False),
    ('order = "easy_to_hard"\nbalance = ["band"]', "", False),
    ('order = "by_topic"\nneighbour_classes = 2', "", False),
    ('order = "as_drawn"\nshuffle_options = false', "", True),
    ('include = ["07-0000", "07-C01"]', '[[bounds]]\ntitle="条"\nper="article"\nmaximum=6', True),
]


@pytest.mark.parametrize(("options", "bounds", "with_models"), SETTINGS)
def test_dealing_deriving_and_the_checker_agree(
    options: str, bounds: str, with_models: bool
) -> None:
    """All at once, one alone, and the stand-alone checker give the same paper, byte for byte."""
    people = Roster(
        tuple(
            Candidate(f"考{n:03d}", neighbour_class=n % 3, seen=seen)
            for n in range(40)
            for seen in [frozenset(["08-0001", "07-C02-3", "未知"]) if n % 8 == 0 else frozenset()]
        )
    )
    parity = ParityTarget(models(BANK), Decimal(26), Decimal("0.5")) if with_models else None
    papers = dealt(options, bounds, people, parity=parity)
    found = json.loads(papers.transcript())
    for row in found["roster"]:
        again = verify_draw.paper(found["manifest"], papers.revealed.seed, row)
        paper = papers[row["code"]]
        assert paper.to_json() == verify_draw.canon(again)
        assert paper == derive_paper(papers.revealed, row["code"])
        assert sorted(paper.item_ids) == sorted(papers.items_of(row["code"]))


def test_rejected_words_are_redrawn_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a word is rejected the arrays hand over to the single draw.

    A stream that starts with the highest word is made up for half of the candidates.
    """
    module = importlib.import_module("fazhi_exam.assembly.draw_many")
    single = importlib.import_module("fazhi_exam.assembly.stream")
    real = hashlib.shake_256

    class Shake:
        def __init__(self, data: bytes) -> None:
            self._inner = real(data)

        def digest(self, size: int) -> bytes:
            out = self._inner.digest(size)
            return b"\xff" * 8 + out[8:] if self._inner.digest(1)[0] % 2 else out

    class Fake:
        shake_256 = Shake

    monkeypatch.setattr(module, "hashlib", Fake)
    monkeypatch.setattr(single, "hashlib", Fake)
    tables = DrawTables(known_draw_manifest())
    rows = tuple(RosterRow(code=f"K{n}") for n in range(10, 74))
    papers = deal(RevealedDraw(Draw(tables.manifest, rows, ""), SECRET))
    for place, row in enumerate(papers.revealed.draw.roster):
        units, _ = draw_units(tables, SECRET, row)
        assert papers.units[place].tolist() == units


def known_draw_manifest() -> Manifest:
    """Return the manifest of the known answers."""
    return Manifest.model_validate_json(json.dumps(KNOWN["manifest"]))


def test_every_quota_is_met_exactly() -> None:
    """Each row of each section gives exactly its count, no item twice, no enemy pair."""
    papers = dealt()
    wanted = blueprint()
    for paper in papers:
        assert len(set(paper.item_ids)) == wanted.items_per_paper
        chosen = [BANK[name] for name in paper.item_ids]
        alone = [one for one in chosen if one.case is None]
        kinds = Counter((one.kind, one.subject) for one in alone)
        assert kinds[ItemKind.SINGLE, "07"] == 5
        assert kinds[ItemKind.SINGLE, "08"] == 4
        assert kinds[ItemKind.SINGLE, "09"] + kinds[ItemKind.SINGLE, "10"] == 6
        assert kinds[ItemKind.MULTIPLE, "07"] + kinds[ItemKind.MULTIPLE, "08"] == 4
        assert sum(one.kind is ItemKind.TRUE_FALSE for one in alone) == 8
        for one in chosen:
            assert not BANK.enemies.get(one.id, frozenset()) & set(paper.item_ids)


def test_cases_stay_whole_and_in_order() -> None:
    """The five sub-questions of a case stand together in their written order."""
    for paper in dealt():
        (shown,) = (names for section, names in paper.sections if section == "4")
        assert shown in {case.item_ids for case in BANK.cases.values()}


def test_options_that_must_stay_stay() -> None:
    """Pinned options and those of true/false items keep their places; the others move."""
    moved = 0
    for paper in dealt():
        for name, order in paper.option_order.items():
            options = BANK[name].options
            assert sorted(order) == [option.id for option in options]
            if BANK[name].kind is ItemKind.TRUE_FALSE:
                assert order == ("A", "B")
            for place, option in enumerate(options):
                assert not option.pinned or order[place] == option.id
            moved += order != tuple(sorted(order))
    assert moved > 500


def test_letters_and_options_translate_both_ways() -> None:
    """What a candidate marks as the n-th letter is the option shown there."""
    paper = dealt()["K0001"]
    name = next(n for n in paper.item_ids if len(paper.option_order.get(n, ())) == 4)
    for letter in "ABCD":
        assert paper.letter(name, paper.option(name, letter)) == letter
    for wrong in ("E", "", "AB", "1"):
        with pytest.raises(DrawError, match="没有选项"):
            paper.option(name, wrong)


def test_what_a_person_has_seen_is_not_drawn_again() -> None:
    """A resit holds no item seen before, also when a sub-question of a case was seen."""
    first = dealt()
    people = Roster(
        tuple(Candidate(c, seen=frozenset(first[c].item_ids)) for c in first.codes[:20])
    )
    second = dealt(people=people)
    for code in second.codes:
        assert not set(first[code].item_ids) & set(second[code].item_ids)


def test_neighbours_share_nothing() -> None:
    """Papers of different neighbour classes have no item in common."""
    people = Roster(tuple(Candidate(f"K{n:02d}", neighbour_class=n % 2) for n in range(20)))
    papers = dealt("neighbour_classes = 2", people=people)
    even = {n for code in papers.codes[0::2] for n in papers[code].item_ids}
    odd = {n for code in papers.codes[1::2] for n in papers[code].item_ids}
    assert not even & odd


def test_a_paper_does_not_depend_on_the_others() -> None:
    """With the same manifest and seed, one candidate alone gets the same paper."""
    papers = dealt()
    draw = papers.revealed.draw
    row = next(r for r in draw.roster if r.code == "K0017")
    alone = RevealedDraw(Draw(draw.manifest, (row,), ""), papers.revealed.seed)
    assert deal(alone)["K0017"] == papers["K0017"]


def test_order_policies() -> None:
    """Easy items come first, or topics stand together, within each section."""
    easy = dealt('order = "easy_to_hard"')
    for names in (names for section, names in easy["K0002"].sections if section != "4"):
        shares = [BANK[name].band.share_right for name in names]
        assert shares == sorted(shares, reverse=True)
    topics = dealt('order = "by_topic"')["K0002"]
    subjects = [BANK[name].subject for name in topics.sections[0][1]]
    assert subjects == sorted(subjects)


def test_bands_are_balanced_exactly() -> None:
    """With balanced bands every paper has the same count of every band, and no stratum idles."""
    papers = dealt('balance = ["band"]')
    counts = {
        tuple(
            sorted(
                Counter(BANK[n].band.value for n in paper.item_ids if BANK[n].case is None).items()
            )
        )
        for paper in papers
    }
    assert len(counts) == 1
    need = np.array(papers.manifest.plans).mean(axis=0)
    assert all(need[i] > 0 for i, cell in enumerate(papers.manifest.cells) if cell.members)


def test_bounds_hold_on_every_paper() -> None:
    """No paper breaks an upper or lower limit."""
    bounds = (
        '[[bounds]]\ntitle="难题"\nbands=["难"]\nmaximum=1\n'
        '[[bounds]]\ntitle="识记"\nlevels=["识记"]\nminimum=9'
    )
    for paper in dealt(bounds=bounds):
        chosen = [BANK[name] for name in paper.item_ids]
        assert sum(one.band.value == "难" for one in chosen) <= 1
        assert sum(one.level.value == "识记" for one in chosen) >= 9


def test_expected_marks_stay_within_the_tolerance() -> None:
    """With parameters the expected marks of every paper lie within the tolerance of the target."""
    target = ParityTarget(models(BANK), Decimal(26), Decimal("0.25"))
    papers = dealt(parity=target)
    manifest = papers.manifest
    assert manifest.target is not None
    for row in papers.units:
        score = sum(manifest.units[papers.unit_ids[u]].score for u in row)
        assert abs(score - manifest.target.score) <= 2500


def test_items_without_parameters_are_named() -> None:
    """Parity is refused while items have no models, and the message says what else to do."""
    known = dict(models(BANK))
    del known["07-0000"]
    with pytest.raises(DrawError, match=r"1 道题没有参数（如 07-0000）.*不称等值"):
        dealt(parity=ParityTarget(known, Decimal(26)))


def test_an_unreachable_pass_mark_is_refused() -> None:
    """A pass mark above the points of the paper has no borderline candidate."""
    with pytest.raises(DrawError, match="达不到合格线"):
        dealt(parity=ParityTarget(models(BANK), Decimal(48)))


def test_commit_and_reveal() -> None:
    """The right secret and digits give a seed; a wrong secret is refused; digits matter."""
    draw = commit_draw(BANK, blueprint(), roster(3), secret=SECRET, exam_id="试", on=ON)
    one = draw.reveal(secret=SECRET, digits="385902")
    assert one.seed == draw.reveal(secret=SECRET, digits="３８５９０２").seed
    assert one.seed != draw.reveal(secret=SECRET, digits="385903").seed
    with pytest.raises(DrawError, match="密钥"):
        draw.reveal(secret=bytes(32), digits="385902")
    with pytest.raises(DrawError, match="公开数字"):
        draw.reveal(secret=SECRET, digits="三八五")


def test_everything_is_committed() -> None:
    """Another bank, blueprint, roster, secret, day or exam gives another commitment."""

    def promise(**given: object) -> str:
        wanted = {"secret": SECRET, "exam_id": "试", "on": ON} | given
        held = wanted.pop("bank", BANK)
        table = wanted.pop("blueprint", blueprint())
        people = wanted.pop("roster", roster(3))
        return commit_draw(held, table, people, **wanted).commitment  # type: ignore[arg-type]

    changed = QuestionBank(
        tuple(
            item("07-0000", stem="改过的题干", pinned=["D"]) if one.id == "07-0000" else one
            for one in BANK
        ),
        BANK.cases,
    )
    promises = [
        promise(),
        promise(bank=changed),
        promise(blueprint=blueprint('order = "as_drawn"')),
        promise(roster=roster(4)),
        promise(roster=Roster((*roster(2), Candidate("K0003", seen=frozenset(["07-0000"]))))),
        promise(secret=bytes(32)),
        promise(exam_id="另"),
        promise(on=date(2026, 12, 2)),
    ]
    assert len(set(promises)) == len(promises)
    assert promise() == promises[0]


def test_a_bank_changed_after_the_commitment_is_found() -> None:
    """Bank and roster are checked against the commitment before papers are made."""
    draw = commit_draw(BANK, blueprint(), roster(3), secret=SECRET, exam_id="试", on=ON)
    draw.check(BANK, roster(3))
    with pytest.raises(DrawError, match="题库内容有变化"):
        draw.check(bank(196))
    with pytest.raises(DrawError, match="名单有变化"):
        draw.check(BANK, roster(4))


def test_a_draw_can_be_kept_between_commit_and_reveal() -> None:
    """Stored and read again a draw is the same; a damaged file is refused."""
    draw = commit_draw(BANK, blueprint(), roster(3), secret=SECRET, exam_id="试", on=ON)
    data = draw.to_json()
    assert Draw.from_json(data) == draw
    for broken in (data[:-9], b"", b"[]", data.replace(b"K0001", b"K0009")):
        with pytest.raises(DrawError):
            Draw.from_json(broken)


def test_a_transcript_can_be_read_again() -> None:
    """From the transcript alone the same papers follow; a changed one is refused."""
    draw = commit_draw(BANK, blueprint(), roster(3), secret=SECRET, exam_id="试", on=ON)
    papers = deal(draw.reveal(secret=SECRET, digits="12"))
    data = papers.transcript()
    again = deal(RevealedDraw.from_transcript(data))
    assert [paper.digest for paper in again] == [paper.digest for paper in papers]
    for broken in (data.replace(b'"12"', b'"13"'), data + b" ", data[:-2], b"{}"):
        with pytest.raises(DrawError):
            RevealedDraw.from_transcript(broken)


def test_exempt_candidates_get_no_paper() -> None:
    """An exempt candidate is not on the committed roster."""
    people = Roster((Candidate("K1"), Candidate("K2", exempt="法律职业资格")))
    papers = dealt(people=people)
    assert papers.codes == ("K1",)
    with pytest.raises(DrawError, match="不在抽题名单"):
        papers["K2"]
    with pytest.raises(DrawError, match="不在抽题名单"):
        derive_paper(papers.revealed, "K2")


def test_bad_input_is_answered_in_chinese() -> None:
    """Empty roster, empty bank and one code for two candidates: a clear message each."""
    with pytest.raises(DrawError, match="名单为空"):
        dealt(people=Roster(()))
    with pytest.raises(InfeasibleBlueprint):
        seed_draw(QuestionBank(()), blueprint(), roster(3), seed=1, exam_id="试", on=ON)
    with pytest.raises(ImportFailed, match="两名考生使用同一个考号"):
        Roster((Candidate("K1"), Candidate("K1")))
    row = RosterRow(code="K1")
    with pytest.raises(DrawError, match="考号重复"):
        Draw(known_draw_manifest(), (row, row), "")


def test_a_draw_that_cannot_succeed_says_why() -> None:
    """When no attempt passes, the candidate and the commonest reason are named."""
    foes = ["07-1", "07-2"]
    held = QuestionBank(tuple(item(n, enemies=[m for m in foes if m != n]) for n in foes))
    text = 'title="卷"\n[[sections]]\nid="1"\ntitle="单选题"\nkind="单选"\npoints=1\n'
    wanted = Blueprint.from_toml(text + 'rows=[{title="全部",count=1}]')
    two = Blueprint.from_toml(text + 'rows=[{title="全部",count=2}]')
    revealed = seed_draw(held, wanted, roster(2), seed=1, exam_id="试", on=ON)
    manifest = revealed.draw.manifest.model_copy(
        update={"plans": ((two.sections[0].rows[0].count,),), "max_attempts": 9}
    )
    with pytest.raises(DrawError, match=r"考生 K0001：抽取 9 次都不合格，其中 9 次因为：互斥题"):
        deal(RevealedDraw(Draw(manifest, revealed.draw.roster, ""), revealed.seed))


def test_a_person_who_has_seen_too_much_is_named() -> None:
    """When too few unseen items are left, the candidate and the cell are named."""
    people = Roster((Candidate("K9", seen=frozenset(one.id for one in BANK)),))
    with pytest.raises(DrawError, match=r"考生 K9：“单项选择题·处罚”需要 5 题.*只有 0 题"):
        dealt(people=people)


def test_progress_reaches_the_end() -> None:
    """Progress is reported up to the number of papers."""
    steps: list[tuple[int, int]] = []
    revealed = seed_draw(BANK, blueprint(), roster(10), seed=7, exam_id="试", on=ON)
    deal(revealed, progress=lambda done, total: steps.append((done, total)))
    assert steps[-1] == (10, 10)
    assert steps == sorted(steps)


def test_inclusion_is_even() -> None:
    """Over 4,000 papers every item of a cell is drawn about equally often (1 alarm in 10,000)."""
    held = QuestionBank(tuple(item(f"07-{n:02d}") for n in range(20)))
    text = 'title="卷"\n[[sections]]\nid="1"\ntitle="单选题"\nkind="单选"\npoints=1\n'
    wanted = Blueprint.from_toml(text + 'rows=[{title="全部",count=5}]')
    papers = deal(seed_draw(held, wanted, roster(4000), seed=3, exam_id="试", on=ON))
    counts = np.bincount(papers.units.ravel(), minlength=20)
    # Var of one count is N p (1 - p); the counts sum to a constant, so 19 degrees of freedom.
    statistic = ((counts - 1000) ** 2).sum() / (4000 * 0.25 * 0.75) * 19 / 20
    assert statistic < 50.8
    pairs = np.zeros((20, 20))
    for row in papers.units:
        pairs[np.ix_(row, row)] += 1
    together = pairs[np.triu_indices(20, 1)]
    assert abs(together.mean() - 4000 * 5 * 4 / (20 * 19)) < 1e-9
    assert together.min() > 210 - 5 * 14.2
    assert together.max() < 210 + 5 * 14.2


def test_a_rehearsal_shows_trouble_before_the_day() -> None:
    """A committed draw can be rehearsed; the rehearsal's papers are not those of the draw."""
    draw = commit_draw(BANK, blueprint(), roster(5), secret=SECRET, exam_id="试", on=ON)
    trial = rehearse(draw)
    real = deal(draw.reveal(secret=SECRET, digits="1"))
    assert trial.codes == real.codes
    assert [p.digest for p in trial] != [p.digest for p in real]


def test_resits_and_neighbours_with_balanced_bands() -> None:
    """Exclusions, neighbour classes and balanced bands hold together."""
    first = dealt()
    people = Roster(
        tuple(
            Candidate(code, seen=frozenset(first[code].item_ids), neighbour_class=n % 2)
            for n, code in enumerate(first.codes[:12])
        )
    )
    big = bank(600, cases=14)
    wanted = blueprint('balance = ["band"]\nneighbour_classes = 2')
    papers = deal(seed_draw(big, wanted, people, seed=1, exam_id="补", on=ON))
    for code in papers.codes:
        assert not set(first[code].item_ids) & set(papers[code].item_ids)
    counts = {
        tuple(sorted(Counter(big[n].band for n in p.item_ids if big[n].case is None).items()))
        for p in papers
    }
    assert len(counts) == 1


def test_a_hopeless_draw_ends_soon() -> None:
    """When nobody gets a paper in 100 attempts, one candidate is tried to the end and named."""
    target = ParityTarget(models(BANK), Decimal(26), Decimal("0.25"))
    revealed = seed_draw(
        BANK, blueprint(), roster(500), seed=1, exam_id="试", on=ON, parity=target,
        max_attempts=300,
    )  # fmt: skip
    manifest = revealed.draw.manifest
    assert manifest.target is not None
    beyond = manifest.target.model_copy(update={"score": 10**7})
    hopeless = manifest.model_copy(update={"target": beyond})
    with pytest.raises(DrawError, match="300 次都不合格，其中 300 次因为：期望分"):
        deal(RevealedDraw(Draw(hopeless, revealed.draw.roster, ""), revealed.seed))


def test_dense_enemies_are_passed_over_alike() -> None:
    """Where most papers meet enemies, arrays and single draws still agree, and no pair is drawn."""
    dense = bank(160, enemies=0.9)
    papers = deal(seed_draw(dense, blueprint(), roster(80), seed=4, exam_id="试", on=ON))
    for code in papers.codes:
        paper = papers[code]
        assert paper == derive_paper(papers.revealed, code)
        for name in paper.item_ids:
            assert not dense.enemies.get(name, frozenset()) & set(paper.item_ids)


def test_limits_on_balanced_facets_hold_in_every_plan() -> None:
    """Where the blueprint limits a band itself, the limit replaces the bank's share."""
    bounds = (
        '[[bounds]]\ntitle="难题"\nbands=["难"]\nkinds=["单选","多选","判断"]\nminimum=3\nmaximum=4'
    )
    papers = dealt('balance = ["band", "level"]', bounds)
    for paper in papers:
        hard = [n for n in paper.item_ids if BANK[n].band.value == "难" and not BANK[n].case]
        assert 3 <= len(hard) <= 4
    levels = {
        tuple(sorted(Counter(BANK[n].level for n in p.item_ids if not BANK[n].case).items()))
        for p in papers
    }
    assert len(levels) == 1


def test_balance_that_cannot_be_had_is_refused() -> None:
    """A limit on a band beyond what the rows can give is infeasible, balanced or not."""
    bounds = '[[bounds]]\ntitle="难题"\nbands=["难"]\nkinds=["判断"]\nminimum=8'
    with pytest.raises(InfeasibleBlueprint, match="难题"):
        dealt('balance = ["band"]', bounds)


def test_large_cells_are_drawn_alike() -> None:
    """A cell of which most is drawn gives the same in arrays and alone."""
    held = QuestionBank(tuple(item(f"07-{n:02d}") for n in range(40)))
    text = 'title="卷"\n[[sections]]\nid="1"\ntitle="单选题"\nkind="单选"\npoints=1\n'
    wanted = Blueprint.from_toml(text + 'rows=[{title="全部",count=30}]')
    papers = deal(seed_draw(held, wanted, roster(50), seed=3, exam_id="试", on=ON))
    for code in papers.codes:
        assert papers[code] == derive_paper(papers.revealed, code)


def test_late_candidates_get_a_draw_of_their_own() -> None:
    """A supplement has the same manifest and another commitment; nobody is drawn for twice."""
    draw = commit_draw(BANK, blueprint(), roster(3), secret=SECRET, exam_id="试", on=ON)
    late = draw.supplement(Roster((Candidate("K9999"),)), secret=bytes(32))
    assert late.manifest == draw.manifest
    assert late.commitment != draw.commitment
    assert deal(late.reveal(secret=bytes(32), digits="4")).codes == ("K9999",)
    with pytest.raises(DrawError, match="K0002 已在原抽题名单"):
        draw.supplement(Roster((Candidate("K0002"),)), secret=SECRET)
    with pytest.raises(DrawError, match="名单为空"):
        draw.supplement(Roster(()), secret=SECRET)
