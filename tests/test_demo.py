"""The main job runs from the bank to the bulletin, the same every time."""

import json
import os
import sqlite3
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

WORLDS = (
    {"PYTHONHASHSEED": "1", "TZ": "UTC", "LANG": "C.UTF-8"},
    {"PYTHONHASHSEED": "77", "TZ": "Asia/Shanghai", "LANG": "zh_CN.UTF-8", "LC_ALL": "C"},
)


def start(folder: Path, world: dict[str, str]) -> "subprocess.Popen[str]":
    env = {**os.environ, **world, "OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}
    command = [sys.executable, "-W", "error", "-m", "fazhi_exam.cli", "demo", "--out", str(folder)]
    return subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        encoding="utf-8",
    )  # fmt: skip


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], list[str]]:
    """Two runs at once, in different worlds."""
    folders = [tmp_path_factory.mktemp(f"demo{k}") for k in range(2)]
    processes = [start(f, w) for f, w in zip(folders, WORLDS, strict=True)]
    texts = [process.communicate(timeout=900)[0] for process in processes]
    for process, text in zip(processes, texts, strict=True):
        assert process.returncode == 0, text
    return folders, texts


def dump(path: Path) -> list[str]:
    with sqlite3.connect(path) as db:
        return list(db.iterdump())


def test_same_bytes_in_another_world(runs: tuple[list[Path], list[str]]) -> None:
    """Every file is equal under another hash seed, time zone, language; the store by its dump."""
    (one, two), texts = runs
    names = sorted(p.relative_to(one).as_posix() for p in one.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(two).as_posix() for p in two.rglob("*") if p.is_file())
    for name in names:
        if name.endswith(".db"):
            assert dump(one / name) == dump(two / name)
        else:
            same = sha256((one / name).read_bytes()).digest()
            assert same == sha256((two / name).read_bytes()).digest(), name
    assert texts[0].replace(str(one), "") == texts[1].replace(str(two), "")


def test_what_was_promised_is_there(runs: tuple[list[Path], list[str]]) -> None:
    """Papers for every room, Word for three, lists, card with geometry, reports, store, summary."""
    folder = runs[0][0]
    summary = json.loads((folder / "summary.json").read_text("utf-8"))
    assert len(list((folder / "试卷").glob("*.pdf"))) == 8
    assert len(list((folder / "试卷_Word").glob("*.docx"))) == 3
    for name in (
        "通报.docx 成绩汇总表.xlsx 报告.html 答案与解析.pdf 答题卡.pdf 答题卡.json 签到表.pdf "
        "准考证.pdf 成绩通知单.pdf 抽题记录.json exams.db"
    ).split():
        assert (folder / name).stat().st_size > 500, name
    assert summary["应考"] == summary["实考"] + summary["缺考"] + summary["违纪"] == 240
    assert summary["违纪"] == 1
    assert summary["缺考"] > 0
    assert summary["历次考生"] >= 3000
    assert summary["及格机会差_百分点"] <= 5
    units = summary["单位"]
    assert units[-1]["应考"] == 240 == sum(u["应考"] for u in units[:-1])
    text = runs[1][0]
    for part in ("同一人", "科学计数法", "答案应为 A 至 D", "数据不足", "达到等值要求"):
        assert part in text


def test_the_checker_accepts_the_transcript(runs: tuple[list[Path], list[str]]) -> None:
    """The stand-alone checker, isolated from the package, re-derives the papers of the demo."""
    import fazhi_exam

    checker = Path(fazhi_exam.__file__).parent / "assembly" / "verify_draw.py"
    done = subprocess.run(
        [sys.executable, "-I", str(checker), str(runs[0][0] / "抽题记录.json"), "--demo"],
        capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-500:]


def test_running_again_changes_nothing(runs: tuple[list[Path], list[str]]) -> None:
    """A second run on the same folder finds everything recorded and says so."""
    folder = runs[0][0]
    before = dump(folder / "exams.db")
    process = start(folder, WORLDS[0])
    text = process.communicate(timeout=900)[0]
    assert process.returncode == 0, text
    assert "存档中已有相同的结果，未作改动" in text
    assert dump(folder / "exams.db") == before
