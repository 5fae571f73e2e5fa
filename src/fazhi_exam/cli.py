"""The command line (命令行): a thin face over the public verbs."""

import json
import logging
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from .errors import FazhiExamError

app = typer.Typer(
    help="法治考试：题库、组卷、阅卷、成绩、合格率",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取")]
OnDate = Annotated[str, typer.Option("--on", help="考试日期，如 2026-12-10")]
StoreUrl = Annotated[str, typer.Option("--store", help="存档库，如 sqlite:///exams.db")]
GoodOnly = Annotated[bool, typer.Option("--good-only", help="已看过问题清单，只用没有问题的行继续")]


def main() -> None:
    """Run the command line; a mistake in the data ends with status 1 and a sentence."""
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        app()
    except FazhiExamError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo("已中断；没有留下未完成的文件", err=True)
        sys.exit(130)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"日期应写成 2026-12-10 的样子，现为 {text}") from None


def _print(value: Any, *, as_json: bool, lines: Callable[[], list[str]]) -> None:
    """Print for a machine or for a person."""
    if as_json:
        typer.echo(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str))
    else:
        for line in lines():
            typer.echo(line)


def _bar(label: str, total: int) -> Callable[[int, int], None]:
    """Return a progress function that draws a bar on a terminal and nothing in a pipe."""
    from tqdm.auto import tqdm

    bar = tqdm(total=total, desc=label, disable=None, leave=False)

    def step(done: int, _: int) -> None:
        bar.update(done - bar.n)
        if done >= total:
            bar.close()

    return step


@app.command()
def review(
    bank: Annotated[str, typer.Argument(help="题库文件夹；不写则用随库题库")] = "",
    on: OnDate = "",
    as_json: AsJson = False,
) -> None:
    """题库体检：列出所有问题，有必须处理的问题时退出码为 1。"""
    from .bank import review as review_bank
    from .formats import preview_bank, shipped_bank_folder

    reading = preview_bank(bank or shipped_bank_folder())
    found = review_bank(reading.good, on=_day(on) if on else date.today())  # noqa: DTZ011
    problems = [str(problem) for problem in reading.problems]
    _print(
        {"reading": problems, "findings": [vars_of(f) for f in found.findings]},
        as_json=as_json,
        lines=lambda: [*problems, *(str(f) for f in found.findings), str(found)],
    )
    if reading.blocking or found.blocking:
        raise typer.Exit(1)


def vars_of(value: Any) -> dict[str, str]:
    """Return the public fields of a frozen value as texts."""
    names = getattr(value, "__slots__", None) or vars(value)
    return {name: str(getattr(value, name)) for name in names if not name.startswith("_")}


@app.command("import")
def import_bank(
    source: Annotated[
        Path, typer.Argument(help="题目文件（Word、Excel、文本、PDF、GIFT、Moodle、QTI …）")
    ],
    bank: Annotated[Path, typer.Option(help="写入哪个题库文件夹；不写则只预览")] = Path(),
    good_only: GoodOnly = False,
    as_json: AsJson = False,
) -> None:
    """读入题目：先列出读到的题和每处问题，指定 --bank 后才写入；重复导入不会改动题库。"""
    from .formats import confirm, preview_bank

    reading = preview_bank(source)
    write = bank != Path()
    done = confirm(reading, bank, good_only=good_only) if write else None

    def lines() -> list[str]:
        shown = [repr(reading), *(str(problem) for problem in reading.problems)]
        if done is None:
            return [*shown, "以上为预览，没有写入；确认后加 --bank 文件夹 写入"]
        return [*shown, *(str(conflict) for conflict in done.conflicts), str(done)]

    _print(
        {
            "read": len(reading.drafts),
            "usable": len(reading.good),
            "counts": dict(reading.counts),
            "problems": [str(problem) for problem in reading.problems],
            "added": list(done.added) if done else [],
            "conflicts": [str(conflict) for conflict in done.conflicts] if done else [],
        },
        as_json=as_json,
        lines=lines,
    )


@app.command()
def papers(
    recipe: Annotated[Path, typer.Argument(help="考次设置文件（.toml），没有时用下列选项新建")],
    programme: Annotated[str, typer.Option(help="考核项目，如 enf_general")] = "",
    roster: Annotated[str, typer.Option(help="名册文件")] = "",
    on: OnDate = "",
    seed: Annotated[int, typer.Option(help="抽题种子")] = 0,
    field: Annotated[str, typer.Option(help="执法领域，如 F1（仅专业科目）")] = "",
    out: Annotated[Path, typer.Option(help="输出文件夹")] = Path("试卷"),
    word: Annotated[bool, typer.Option(help="同时输出 Word 试卷")] = False,
    good_only: GoodOnly = False,
    as_json: AsJson = False,
) -> None:
    """组卷并输出试卷、答案册、签到表、准考证、答题卡。"""
    from . import report
    from .formats.recipe import SittingRecipe

    if not recipe.exists():
        if not (programme and roster and on):
            raise typer.BadParameter("新建考次需要 --programme、--roster 和 --on")
        made = SittingRecipe(
            id=recipe.stem,
            on=_day(on),
            programme=programme,
            roster=str(Path(roster).resolve()),
            seed=seed,
            field=field or None,
            good_rows_only=good_only,
        )
        made = made.as_of(made.read_bank())
        made = made.model_copy(update={"bank_hash": made.build().bank.content_hash})
        recipe.parent.mkdir(parents=True, exist_ok=True)
        made.save(recipe)
    sitting = _sitting(recipe)
    bar = _bar("试卷", len(sitting.rooms))
    files = [
        *report.write_papers(sitting, out, progress=bar),
        report.write_key_book(sitting, out / "答案与解析.pdf"),
        report.write_lists(sitting, out / "签到表.pdf"),
        report.write_tickets(sitting, out / "准考证.pdf"),
        *report.write_answer_card(sitting, out / "答题卡.pdf"),
    ]
    if word:
        everybody = sum(map(len, sitting.rooms.values()))
        step = _bar("Word 试卷", everybody)
        files += report.write_papers_word(sitting, out / "Word", progress=step)
    _print(
        {"sitting": sitting.id, "candidates": len(sitting.roster), "files": files},
        as_json=as_json,
        lines=lambda: [repr(sitting), *(f"已写 {file}" for file in files)],
    )


def _sitting(recipe: Path) -> Any:
    from .formats.recipe import SittingRecipe

    if not recipe.is_file():
        raise typer.BadParameter(f"找不到考次设置文件 {recipe}")
    text = recipe.read_text("utf-8")
    return SittingRecipe.from_toml(text, label=recipe.name).build(folder=recipe.parent)


@app.command()
def mark(
    recipe: Annotated[Path, typer.Argument(help="考次设置文件（.toml）")],
    answers: Annotated[Path, typer.Argument(help="答案文件（Excel、CSV、JSON）")],
    store: StoreUrl = "sqlite:///exams.db",
    good_only: GoodOnly = False,
    as_json: AsJson = False,
) -> None:
    """阅卷、判定并存档。"""
    from . import formats, marking, scoring
    from .store import open_store

    sitting = _sitting(recipe)
    reading = formats.preview_answers(answers, sitting)
    if not as_json:
        for problem in reading.problems:
            typer.echo(str(problem))
    marks = marking.mark(sitting, reading.accept_good() if good_only else reading.accept())
    scores = scoring.score(marks, sitting)
    decisions = scoring.decide(scores, sitting)
    with open_store(store) as kept:
        recorded = kept.record(sitting, marks, decisions, scores)
    _print(
        {
            "sitting": sitting.id,
            "version": recorded.version,
            "added": recorded.added,
            "problems": [str(problem) for problem in reading.problems],
            "totals": {
                d.candidate: {"total": d.raw, "outcome": str(d.outcome)}
                for d in decisions.decisions
            },
        },
        as_json=as_json,
        lines=lambda: [repr(decisions), recorded.message],
    )


@app.command()
def report(
    recipe: Annotated[Path, typer.Argument(help="考次设置文件（.toml）")],
    store: StoreUrl = "sqlite:///exams.db",
    out: Annotated[Path, typer.Option(help="输出文件夹")] = Path("报告"),
    as_json: AsJson = False,
) -> None:
    """写通报（Word）、成绩汇总表（Excel）、分析报告（HTML）和成绩通知单（PDF）。"""
    from . import passrate, scoring
    from . import report as writers
    from .store import open_store

    sitting = _sitting(recipe)
    with open_store(store) as kept:
        marks, decisions = kept.marks(sitting.id), kept.decisions(sitting.id)
    scores = scoring.score(marks, sitting)
    rates = passrate.pass_rates(decisions, by="单位")
    analysis = scoring.item_analysis(marks, sitting)
    files = [
        writers.write_bulletin(sitting, scores, decisions, rates, analysis, out / "通报.docx"),
        writers.write_score_list(
            sitting, scores, decisions, analysis, rates, out / "成绩汇总表.xlsx"
        ),
        writers.write_html_report(sitting, scores, decisions, rates, analysis, out / "报告.html"),
        writers.write_result_slips(sitting, decisions, out / "成绩通知单.pdf"),
    ]
    _print(
        {"sitting": sitting.id, "files": files},
        as_json=as_json,
        lines=lambda: [repr(rates), *(f"已写 {file}" for file in files)],
    )


@app.command()
def rates(
    sitting: Annotated[str, typer.Argument(help="考次编号；不写则列出存档中的考次")] = "",
    by: Annotated[str, typer.Option(help="分组，如 单位、岗位")] = "单位",
    due: Annotated[bool, typer.Option("--due", help="以应考人数为分母")] = False,
    store: StoreUrl = "sqlite:///exams.db",
    as_json: AsJson = False,
) -> None:
    """合格率表：人数、分母和区间一并给出。"""
    from .passrate import Denominator, pass_rates
    from .store import open_store

    with open_store(store) as kept:
        if not sitting:
            found = kept.sittings()
            _print(
                [vars_of(summary) for summary in found],
                as_json=as_json,
                lines=lambda: (
                    [
                        f"{s.id}　{s.title}　{s.on}　名册 {s.candidates}　实考 {s.sat}　"
                        f"合格 {s.passed}"
                        for s in found
                    ]
                    or ["存档中还没有考次"]
                ),
            )
            return
        decisions = kept.decisions(sitting)
    table = pass_rates(decisions, by=by, denominator=Denominator.DUE if due else Denominator.SAT)

    def shown() -> list[str]:
        return [
            f"{row.group}　应考 {row.counts.due}　实考 {row.counts.sat}　合格 {row.counts.passed}　"
            + (
                "无人，不计合格率"
                if row.rate is None
                else f"合格率 {row.rate:.1%}（95% 区间 {row.low:.1%}–{row.high:.1%}）"
            )
            for row in (*table.rows, table.total)
        ]

    _print(table.records(), as_json=as_json, lines=shown)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="输出文件夹")] = Path("demo_output"),
) -> None:
    """用模拟数据办一次完整的考试，从题库到通报。"""
    from .demo import run_demo

    result = run_demo(out, echo=typer.echo, bar=_bar)
    typer.echo(f"全部文件在 {result.folder.as_posix()}/ ，数字见 summary.json")


@app.command()
def doctor(
    bank: Annotated[str, typer.Argument(help="题库文件夹；不写则用随库题库")] = "",
    on: OnDate = "",
    as_json: AsJson = False,
) -> None:
    """检查安装和题库：各考核项目还能出多少套不重复的卷，最薄弱的是哪些格。"""
    from .doctor import examine
    from .formats import read_bank, shipped_bank_folder

    found = examine(
        read_bank(bank or shipped_bank_folder()),
        on=_day(on) if on else date.today(),  # noqa: DTZ011
    )
    _print(found.records(), as_json=as_json, lines=lambda: [str(line) for line in found.lines()])
    if not found.healthy:
        raise typer.Exit(1)


if __name__ == "__main__":
    main()
