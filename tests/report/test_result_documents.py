"""Bulletin, score list, web page, letters, public and yearly versions as files."""

import hashlib
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from math import sqrt
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from scipy.stats import binomtest

from fazhi_exam import report
from fazhi_exam.passrate import Denominator, Detail, compare, pass_rates, publish
from fazhi_exam.report.yearly_report import change_sentences, overall, trend_sentences
from fazhi_exam.scoring import Decisions
from tests.report.worlds import World, ordinary, world

FULL_NUMBER = "11010519491231002X"
UNITS = ("甲镇", "乙街道", "丙镇", "丁镇", "戊镇")


def bulletin(one: World, path: Path, **more: object) -> Path:
    return report.write_bulletin(
        one.sitting, one.scores, one.decisions, one.rates, one.analysis, path, **more
    )


def score_list(one: World, path: Path) -> Path:
    return report.write_score_list(
        one.sitting, one.scores, one.decisions, one.analysis, one.rates, path
    )


def web_page(one: World, path: Path) -> Path:
    return report.write_html_report(
        one.sitting, one.scores, one.decisions, one.rates, one.analysis, path
    )


def letters(one: World, path: Path) -> Path:
    folder = path.parent / f"{path.name}_letters"
    return report.write_unit_letters(one.sitting, one.marks, one.decisions, folder)[0]


def public(one: World, path: Path) -> Path:
    subjects = one.summary.subjects
    return report.write_public_bulletin(one.sitting, publish(one.rates), path, subjects=subjects)


def yearly(one: World, path: Path) -> Path:
    figures = report.year_figures(2026, two_sittings(one), title="测试项目")
    return report.write_yearly_report(figures, path)


def public_list(one: World, path: Path) -> Path:
    return report.write_public_list(one.sitting, one.decisions, path)


WRITERS: tuple[Callable[[World, Path], Path], ...] = (
    bulletin, score_list, web_page, letters, public, yearly, public_list,
)  # fmt: skip


def two_sittings(one: World) -> list[Decisions]:
    return [replace(one.decisions, sitting_id=f"2026-{m:02d}", on=date(2026, m, 1)) for m in (3, 9)]


def words(path: Path) -> str:
    """All text of a Word file, tables included."""
    document = Document(str(path))
    cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


@pytest.mark.parametrize("write", WRITERS, ids=lambda f: f.__name__)
def test_same_bytes_twice(write: Callable[[World, Path], Path], tmp_path: Path) -> None:
    """Equal input gives equal bytes."""
    first = write(ordinary(), tmp_path / "a").read_bytes()
    assert write(ordinary(), tmp_path / "b").read_bytes() == first


def test_same_bytes_elsewhere(tmp_path: Path) -> None:
    """Another hash seed, time zone and language change no byte."""
    script = (
        "import hashlib, sys; from pathlib import Path\n"
        "from tests.report.test_result_documents import WRITERS, ordinary\n"
        "for w in WRITERS:\n"
        "    print(hashlib.sha256(w(ordinary(), Path(sys.argv[1]) / w.__name__).read_bytes())"
        ".hexdigest())\n"
    )
    env = {"PYTHONHASHSEED": "7", "TZ": "Asia/Shanghai", "LANG": "C", "OPENBLAS_NUM_THREADS": "1"}
    root = Path(__file__).resolve().parents[2]
    path = os.pathsep.join([str(root), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "there")],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | env | {"PYTHONPATH": path},
    )
    assert done.returncode == 0, done.stderr
    files = [w(ordinary(), tmp_path / w.__name__) for w in WRITERS]
    assert done.stdout.split() == [hashlib.sha256(f.read_bytes()).hexdigest() for f in files]


def test_bulletin_order_and_layout(tmp_path: Path) -> None:
    """Title, number, addressee, parts in order, annexes, seal; no personal name."""
    text = words(bulletin(ordinary(), tmp_path / "通报.docx"))
    marks = (
        "〔2026〕 关于测试项目（科目）情况的通报 各有关单位： 一、考试组织 二、参考和合格情况 "
        "三、成绩分布 四、分单位情况 五、薄弱环节 六、下一步工作 附件：1．各单位考试情况表 "
        "（印章） 附件1 附件2"
    ).split()
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)
    assert "张某" not in text
    assert "内部资料" not in text


def test_internal_annex_only_when_asked(tmp_path: Path) -> None:
    """Names of absent, voided and failed stand only in the internal version."""
    text = words(bulletin(ordinary(), tmp_path / "通报.docx", internal=True))
    assert "内部资料" in text
    table = Document(str(tmp_path / "通报.docx")).tables[-1]
    kinds = [row.cells[-1].text for row in table.rows][1:]
    assert kinds == ["缺考"] * 2 + ["违纪"] + ["不合格"] * 18
    assert FULL_NUMBER not in text


def test_internal_annex_without_anybody(tmp_path: Path) -> None:
    """With nobody to name the annex says so."""
    one = world({"甲镇": (12, 0, 0, 0), "乙镇": (12, 0, 0, 0)})
    assert "无。" in words(bulletin(one, tmp_path / "x.docx", internal=True))


def test_letterhead_is_printed(tmp_path: Path) -> None:
    """Issuer, number, addressee and day come from the office."""
    look = report.Letterhead(
        "某区司法局", "某司通〔{year}〕12号", "各镇街", "全区", date(2026, 12, 20)
    )
    text = words(bulletin(ordinary(), tmp_path / "x.docx", letterhead=look))
    for mark in (
        "某区司法局（印章）",
        "某司通〔2026〕12号",
        "各镇街：",
        "2026年12月20日",
        "与全区水平",
    ):
        assert mark in text


def test_unit_annex_has_counts_and_interval(tmp_path: Path) -> None:
    """Each unit has its counts, its rate and the Wilson interval that scipy gives."""
    bulletin(ordinary(), tmp_path / "通报.docx")
    table = Document(str(tmp_path / "通报.docx")).tables[0]
    rows = {row.cells[0].text: [c.text for c in row.cells] for row in table.rows}
    wilson = binomtest(20, 28).proportion_ci(method="wilson")
    assert rows["甲镇"][1:9] == ["31", "29", "28", "20", "1", "0", "2", "20"]
    assert rows["甲镇"][10:12] == ["71.4%", f"{wilson.low:.1%}–{wilson.high:.1%}"]
    assert rows["戊镇"][12] == "人数少，不评价"
    assert list(rows)[1:-1] == sorted(UNITS)
    assert rows["合计"][1:6] == ["74", "72", "69", "51", "2"]


EVIL = "=cmd|'/c calc'!A1"
EVIL_NAME = "@SUM(1+1)<b>"


def evil_world() -> World:
    return world({EVIL: (12, 3, 1, 0), "＋乙镇": (11, 4, 0, 0)}, names=EVIL_NAME)


def test_no_text_becomes_a_formula(tmp_path: Path) -> None:
    """Names and units that look like formulas stay texts and are marked as such."""
    book = openpyxl.load_workbook(score_list(evil_world(), tmp_path / "x.xlsx"))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    formulas = [cell.value for cell in cells if cell.data_type == "f"]
    assert formulas
    assert all(re.match(r"=(IF|SUM)\(", formula) for formula in formulas)
    risky = [cell for cell in cells if cell.value in (EVIL, "＋乙镇", EVIL_NAME)]
    assert len(risky) > 30
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in risky)


def test_score_list_has_no_link_macro_or_full_number(tmp_path: Path) -> None:
    """Nothing in the file reaches out, and identity numbers are masked."""
    with zipfile.ZipFile(score_list(evil_world(), tmp_path / "x.xlsx")) as archive:
        names = archive.namelist()
        text = b"".join(archive.read(name) for name in names).decode("utf-8", "ignore")
    assert not [n for n in names if "externalLink" in n or "vba" in n.lower()]
    assert "hyperlink" not in text
    assert FULL_NUMBER not in text
    assert "110105********002X" in text


def evaluated(formula: str, cells: dict[str, int]) -> float:
    """Work a formula of the unit sheet out by itself."""
    text = formula.removeprefix("=").replace("^", "**").replace("SQRT", "sqrt")
    text = re.sub(r'^IF\((\w+)=0,"",(.*)\)$', r"\2", text)
    text = text.replace("MAX(", "max(").replace("MIN(", "min(")
    allowed = {"sqrt": sqrt, "max": max, "min": min, "__builtins__": {}}
    return float(eval(text, allowed, cells))  # noqa: S307  (a formula that this project wrote)


@pytest.mark.parametrize("denominator", list(Denominator))
def test_unit_formulas_give_the_printed_numbers(denominator: Denominator, tmp_path: Path) -> None:
    """Live formulas and the values stored beside them agree, and follow Wilson."""
    one = replace(ordinary(), rates=pass_rates(ordinary().decisions, denominator=denominator))
    path = score_list(one, tmp_path / "x.xlsx")
    live, kept = (openpyxl.load_workbook(path, data_only=d)["单位"] for d in (False, True))
    for row in range(4, 10):
        cells = {c.coordinate: c.value for c in kept[row] if isinstance(c.value, int)}
        for column in "IJKLM":
            found = evaluated(live[f"{column}{row}"].value, cells)
            assert found == pytest.approx(kept[f"{column}{row}"].value, abs=1e-8)
        n = cells[f"C{row}"] if denominator is Denominator.SAT else cells[f"B{row}"]
        wilson = binomtest(cells[f"D{row}"], n).proportion_ci(method="wilson")
        assert kept[f"K{row}"].value == pytest.approx(wilson.low, abs=1e-9)
        assert kept[f"L{row}"].value == pytest.approx(wilson.high, abs=1e-9)
    assert live.max_row == 9
    assert live["B9"].value == "=SUM(B4:B8)"
    assert kept["B9"].value == 72


def test_unit_without_anybody_has_no_rate(tmp_path: Path) -> None:
    """A unit in which nobody sat has an empty rate, not 0 %."""
    one = world({"甲镇": (12, 3, 0, 0), "乙镇": (0, 0, 4, 0)})
    sheet = openpyxl.load_workbook(score_list(one, tmp_path / "x.xlsx"), data_only=True)["单位"]
    row = next(row for row in sheet.iter_rows(min_row=4, values_only=True) if row[0] == "乙镇")
    assert row[8] == 0
    assert row[9] in (None, "")
    assert row[13] == "无人参考"


def test_score_list_keeps_absent_apart_from_zero(tmp_path: Path) -> None:
    """Who did not sit has no score, and the remark says why; a zero stays a zero."""
    sheet = openpyxl.load_workbook(score_list(ordinary(), tmp_path / "x.xlsx"))["成绩汇总表"]
    head = {cell.value: k for k, cell in enumerate(sheet[3])}
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4, max_row=77)]

    def found(kind: str, column: str) -> set[object]:
        return {r[head[column]] for r in rows if r[head["结论"]] == kind}

    assert found("缺考", "成绩") == found("违纪", "成绩") == found("免试", "成绩") == {None}
    assert found("不合格", "成绩") == {0}
    assert found("缺考", "备注") == {"缺考，没有成绩"}
    assert found("违纪", "备注") == {"违纪，本次成绩无效"}
    assert found("免试", "备注") == {"免试：在孕期"}
    assert found("不合格", "备注") == {None}


def test_public_list_names_only_those_who_passed(tmp_path: Path) -> None:
    """The public list has name and unit of those who passed, and a score only when asked."""
    one = ordinary()
    plain = report.write_public_list(one.sitting, one.decisions, tmp_path / "p.xlsx")
    sheet = openpyxl.load_workbook(plain).active
    assert [c.value for c in sheet[3]] == ["序号", "姓名", "单位"]
    assert sheet.max_row == 3 + 51
    scored = report.write_public_list(
        one.sitting, one.decisions, tmp_path / "q.xlsx", with_scores=True
    )
    assert openpyxl.load_workbook(scored).active["D4"].value == 16


class Page(HTMLParser):
    """Collects tags, and checks that every element that is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that has to be closed."""
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that closes itself."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost open tag."""
        assert self.open.pop() == tag


def test_web_page_stands_alone(tmp_path: Path) -> None:
    """The page is well formed, runs no script, fetches nothing, names nobody."""
    text = web_page(evil_world(), tmp_path / "r.html").read_text("utf-8")
    page = Page(text)
    assert page.open == []
    assert not {t for t, _ in page.tags} & {"script", "link", "img", "iframe", "object"}
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")]
        links = {attributes.get(name) for name in ("src", "href", "xlink:href")} - {None}
        assert all(str(link).startswith("#") for link in links)
    assert "@SUM" not in text
    assert FULL_NUMBER not in text
    ids = [a["id"] for _, a in page.tags if a.get("id")]
    assert len(ids) == len(set(ids))


def test_web_page_escapes_html(tmp_path: Path) -> None:
    """A unit that is written as markup is shown as text."""
    one = world({"<script>alert(1)</script>": (12, 3, 0, 0), "乙镇": (11, 4, 0, 0)})
    text = web_page(one, tmp_path / "r.html").read_text("utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_web_page_figures_have_words_with_n(tmp_path: Path) -> None:
    """Every picture carries words for those who cannot see it, and they give n."""
    text = web_page(ordinary(), tmp_path / "r.html").read_text("utf-8")
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", text)
    assert len(captions) == 3
    assert all("69 人" in caption for caption in captions)
    assert "本次成绩没有题目参数可用" in text


def test_web_page_draws_weak_points_with_marks(tmp_path: Path) -> None:
    """Given the marks, the page also shows where each unit lost points."""
    one = ordinary()
    path = report.write_html_report(
        one.sitting, one.scores, one.decisions, one.rates, one.analysis, tmp_path / "r.html",
        marks=one.marks,
    )  # fmt: skip
    assert "各单位分主题得分率（实考 69 人）" in path.read_text("utf-8")


@pytest.mark.parametrize(
    "units",
    [{"甲镇": (1, 0, 0, 0)}, {"甲镇": (0, 1, 0, 0)}, {"甲镇": (0, 0, 3, 0)},
     {"甲镇": (0, 0, 0, 0), "乙镇": (3, 1, 0, 0)}, {"甲镇": (9, 0, 0, 0), "乙镇": (12, 0, 0, 0)}],
)  # fmt: skip
def test_extreme_sittings_have_their_documents(
    units: dict[str, tuple[int, int, int, int]], tmp_path: Path
) -> None:
    """One person, nobody present, a unit with nobody due, all passed: no document says nan."""
    one = world(units, exempt=1)
    assert "nan" not in words(bulletin(one, tmp_path / "a.docx", internal=True))
    assert ">nan" not in web_page(one, tmp_path / "a.html").read_text("utf-8")
    score_list(one, tmp_path / "a.xlsx")
    letters(one, tmp_path / "a")


def test_letters_speak_of_one_unit(tmp_path: Path) -> None:
    """Each unit gets one letter with its own counts; no other unit and nobody is named."""
    one = ordinary()
    paths = report.write_unit_letters(one.sitting, one.marks, one.decisions, tmp_path)
    assert [p.name for p in paths] == [f"反馈函_{unit}.docx" for unit in sorted(UNITS)]
    for path in paths:
        own, text = path.stem.removeprefix("反馈函_"), words(path)
        assert "张某" not in text
        assert not [unit for unit in UNITS if unit != own and unit in text]
    text = words(tmp_path / "反馈函_甲镇.docx")
    assert "应考 29 人，实考 28 人，缺考 1 人，免试、缓考 2 人；合格 20 人" in text
    assert "合格率 71.4%（÷实考人数 28 人" in text
    assert "你单位与总体水平无统计差异" in text
    small = words(tmp_path / "反馈函_戊镇.docx")
    assert "你单位不足 10 人，不作比较" in small
    assert "无统计差异" not in small


def test_letter_of_a_unit_that_did_not_come(tmp_path: Path) -> None:
    """A unit without anybody present gets a letter without rates or subjects."""
    one = world({"甲镇": (12, 3, 0, 0), "乙镇": (0, 0, 4, 0)})
    [path] = report.write_unit_letters(
        one.sitting, one.marks, one.decisions, tmp_path, groups=["乙镇"]
    )
    text = words(path)
    assert "实考 0 人，缺考 4 人；无人实考，不计合格率" in text
    assert "%" not in text
    assert not Document(str(path)).tables


def test_letter_of_an_unknown_unit(tmp_path: Path) -> None:
    """A unit that is not there is a mistake, not an empty letter."""
    one = ordinary()
    with pytest.raises(KeyError):
        report.write_unit_letters(one.sitting, one.marks, one.decisions, tmp_path, groups=["无镇"])


def test_letter_names_weak_subjects_only_beyond_luck(tmp_path: Path) -> None:
    """A unit that lost everything is told so; one that did well is not."""
    one = world({"甲镇": (1, 24, 0, 0), "乙镇": (24, 1, 0, 0), "丙镇": (25, 0, 0, 0)})
    report.write_unit_letters(one.sitting, one.marks, one.decisions, tmp_path)
    low = words(tmp_path / "反馈函_甲镇.docx")
    assert "明显低于其他单位的主题：" in low
    assert "你单位低于总体水平，差别超出偶然波动" in low
    high = words(tmp_path / "反馈函_丙镇.docx")
    assert "明显低于" not in high
    assert "失分较多" not in high
    assert "你单位高于总体水平" in high


def test_public_bulletin_shows_only_what_the_gate_lets_through(tmp_path: Path) -> None:
    """Hidden counts do not come back in words; nobody is named."""
    one = ordinary()
    table = publish(one.rates, detail=Detail.GRADES)
    text = words(report.write_public_bulletin(one.sitting, table, tmp_path / "p.docx"))
    assert table.total.sat is None  # two absent, one voided: too few to show
    assert "69" not in text
    assert "合格率按保密规则不公布" in text
    assert "丁镇" not in text
    assert "张某" not in text
    assert table.note in text


def test_public_bulletin_gives_the_rate_where_it_may(tmp_path: Path) -> None:
    """With counts large enough the rate stands with its counts."""
    one = world({"甲镇": (60, 20, 0, 0), "乙镇": (50, 30, 0, 0)})
    table, subjects = publish(one.rates), one.summary.subjects
    path = tmp_path / "p.docx"
    text = words(report.write_public_bulletin(one.sitting, table, path, subjects=subjects))
    assert "合格 110 人，合格率 68.8%（合格 110 人÷实考 160 人）" in text
    assert "不公布。" not in text
    assert "人次）" in text


def test_yearly_report(tmp_path: Path) -> None:
    """Sittings are added up by attendances; a steady rate is said to be steady."""
    figures = report.year_figures(2026, two_sittings(ordinary()), title="测试项目")
    assert (figures.total.counts.sat, figures.total.counts.passed) == (138, 102)
    text = words(report.write_yearly_report(figures, tmp_path / "y.docx"))
    assert "共举行测试项目 2 次，应考 144 人次，实考 138 人次" in text
    assert "合格率 73.9%（合格 102 人次÷实考 138 人次" in text
    assert "各次合格率的起伏没有超出偶然波动" in text
    assert "与上年比较" not in text
    assert len(Document(str(tmp_path / "y.docx")).inline_shapes) == 1


def test_yearly_report_refuses_other_years() -> None:
    """A sitting of another year, or none, is a mistake."""
    with pytest.raises(ValueError, match="all in the year"):
        report.year_figures(2025, [ordinary().decisions], title="x")
    with pytest.raises(ValueError, match="at least one"):
        report.year_figures(2025, [], title="x")


def test_change_is_explained_only_beyond_luck() -> None:
    """A change within luck is not explained; a large one is split into parts."""
    low = world({"甲镇": (30, 70, 0, 0), "乙镇": (20, 30, 0, 0)}, sitting_id="2025-12")
    high = world({"甲镇": (90, 10, 0, 0), "乙镇": (45, 5, 0, 0)}, sitting_id="2026-12")
    same = "".join(change_sentences(compare(low.decisions, low.decisions)))
    assert "没有超出偶然波动" in same
    assert "其中" not in same
    big = "".join(change_sentences(compare(low.decisions, high.decisions)))
    assert "由 33.3%（50/150 人）变为 90.0%（135/150 人）" in big
    assert "没有超出偶然波动" not in big
    assert "其中各单位内部变化" in big
    assert change_sentences(None) == ()


def test_year_without_anybody() -> None:
    """A year in which nobody sat has no rate and no trend."""
    one = world({"甲镇": (0, 0, 5, 0)})
    figures = report.year_figures(2026, [one.decisions], title="测试项目")
    assert overall(figures)[1] == "没有人实考，不计合格率。"
    assert trend_sentences(figures.trend) == ()


def test_trend_names_the_odd_sitting() -> None:
    """A sitting far from the others is named, and the year is not called steady."""
    usual, odd = world({"甲镇": (80, 20, 0, 0)}), world({"甲镇": (40, 60, 0, 0)})
    days = [(usual, 3), (usual, 5), (odd, 7), (usual, 9), (usual, 11)]
    sittings = [
        replace(one.decisions, sitting_id=f"2026-{m:02d}", on=date(2026, m, 1)) for one, m in days
    ]
    text = "".join(trend_sentences(report.year_figures(2026, sittings, title="测试").trend))
    assert "2026-07" in text
    assert "没有超出" not in text
