"""The command line does what the library does, in Chinese, and fails with a sentence."""

import json
from pathlib import Path

import pytest

from fazhi_exam import cli
from fazhi_exam.delivery import Attendance
from fazhi_exam.formats.recipe import SittingRecipe
from fazhi_exam.simulate import (
    simulate_answers,
    synthetic_models,
    synthetic_roster,
    write_answers_workbook,
    write_roster_workbook,
)


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str, str]:
    """Exit status, standard output and error of one call."""
    monkeypatch.setattr("sys.argv", ["fazhi-exam", *arguments])
    status = 0
    try:
        cli.main()
    except SystemExit as stop:
        status = int(stop.code or 0)
    out, err = capsys.readouterr()
    return status, out, err


def test_one_exam_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """papers, mark, report and rates on one recipe; the second marking changes nothing."""
    roster = synthetic_roster(12, ["甲镇", "乙街道"], rng=1)
    write_roster_workbook(roster, tmp_path / "名册.xlsx", title="名册", faults=False)
    recipe, store = tmp_path / "2026-12.toml", f"sqlite:///{(tmp_path / 'e.db').as_posix()}"
    status, out, err = run(
        monkeypatch, capsys, "papers", str(recipe), "--programme", "cadre_50", "--roster",
        str(tmp_path / "名册.xlsx"), "--on", "2026-12-10", "--seed", "7", "--out",
        str(tmp_path / "out"),
    )  # fmt: skip
    assert status == 0, err
    assert "12 名考生" in out
    assert (tmp_path / "out" / "试卷_考场1.pdf").read_bytes().startswith(b"%PDF")
    sitting = SittingRecipe.from_toml(recipe.read_text("utf-8")).build(folder=tmp_path)
    models = synthetic_models(sitting.bank, rng=2)
    abilities = {c.code: 0.5 for c in sitting.roster}
    sheets = simulate_answers(sitting, abilities, models, rng=3, absent=0.2)
    write_answers_workbook(sitting, sheets, tmp_path / "答案.xlsx")
    command = ("mark", str(recipe), str(tmp_path / "答案.xlsx"), "--store", store)
    status, _, err = run(monkeypatch, capsys, *command)
    assert status == 1
    assert "答案应为 A 至" in err
    status, out, err = run(monkeypatch, capsys, *command, "--good-only", "--json")
    assert status == 0, err
    totals = json.loads(out)["totals"]
    absent = {s.candidate for s in sheets if s.attendance is Attendance.ABSENT}
    assert {c for c, t in totals.items() if t["outcome"] == "缺考"} == absent
    status, out, _ = run(monkeypatch, capsys, *command, "--good-only")
    assert "未作改动" in out
    status, out, err = run(
        monkeypatch, capsys, "report", str(recipe), "--store", store, "--out",
        str(tmp_path / "报告"),
    )  # fmt: skip
    assert status == 0, err
    assert {p.suffix for p in (tmp_path / "报告").iterdir()} >= {".docx", ".xlsx", ".html", ".pdf"}
    status, out, _ = run(monkeypatch, capsys, "rates", "--store", store)
    assert "2026-12" in out
    status, out, _ = run(monkeypatch, capsys, "rates", "2026-12", "--store", store, "--json")
    rows = json.loads(out)
    assert [r["单位"] for r in rows] == ["乙街道", "甲镇", "合计"]
    status, out, _ = run(monkeypatch, capsys, "rates", "2026-12", "--store", store, "--due")
    assert "95% 区间" in out


def test_review_lists_and_fails_on_blocking_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A repealed Act in a citation ends the review with status 1 and names the item."""
    text = (
        'subject = "F3"\ntopic = "大气"\n[[item]]\nid = "F3-9001"\nkind = "判断"\nstem = "题干"\n'
        'key = "正确"\nexplanation = "解析"\nlevel = "识记"\nband = "易"\n'
        'citations = ["《大气污染防治法》第九十九条"]\n'
    )
    (tmp_path / "a.toml").write_text(text, "utf-8")
    status, out, _ = run(monkeypatch, capsys, "review", str(tmp_path), "--on", "2026-12-10")
    assert status == 1
    assert "F3-9001" in out
    status, out, _ = run(
        monkeypatch, capsys, "review", str(tmp_path), "--on", "2026-12-10", "--json"
    )
    assert any("F3-9001" in str(f) for f in json.loads(out)["findings"])
    status, _, _ = run(monkeypatch, capsys, "review", str(tmp_path), "--on", "2026-08-14")
    assert status == 0


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("mark", "none.toml", "x.xlsx"), "找不到考次设置文件"),
        (("papers", "none.toml"), "--programme"),
        (("review", "--on", "2026/12/10"), "日期应写成"),
        (("review", "no-such-folder"), "no-such-folder"),
        (("rates", "x", "--store", "exams.db"), "地址有误"),
    ],
)
def test_mistakes_end_with_a_sentence(
    arguments: tuple[str, ...], part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Wrong input gives a status other than 0, a readable message and no traceback."""
    monkeypatch.chdir(tmp_path)
    status, out, err = run(monkeypatch, capsys, *arguments)
    assert status != 0
    assert part in err
    assert "Traceback" not in out + err


def test_import_shows_first_and_writes_when_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a bank nothing is written; with one it is; a second time changes nothing."""
    text = (
        "一、单项选择题\n1. 当场收缴的罚款应当在几日内交至行政机关？（B）\n"
        "A. 一日\nB. 二日\nC. 三日\nD. 五日\n解析：见行政处罚法第七十一条。\n"
    )
    (tmp_path / "题.txt").write_text(text, "gb18030")
    status, out, err = run(monkeypatch, capsys, "import", str(tmp_path / "题.txt"))
    assert status == 0, err
    assert "以上为预览" in out
    command = ("import", str(tmp_path / "题.txt"), "--bank", str(tmp_path / "bank"))
    status, out, err = run(monkeypatch, capsys, *command, "--json")
    assert status == 0, err
    found = json.loads(out)
    assert (found["read"], len(found["added"])) == (1, 1)
    status, out, _ = run(monkeypatch, capsys, *command)
    assert "没有变化" in out


def test_doctor_speaks_of_every_programme(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The doctor counts papers left for each programme and names the thinnest cells."""
    _, out, _ = run(monkeypatch, capsys, "doctor", "--on", "2026-12-10")
    for name in ("enf_general", "cadre_std", "annual_80", "enf_field[F1]", "enf_street"):
        assert f"{name}：还能出" in out
    assert "最薄弱的格" in out
