"""Minutes of a draw (抽题记录页): what was published, what was drawn, who signs."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from ..assembly import Draw, RevealedDraw
from ..word_style import FANG, HEI
from .word import add_table, add_text, new_document, page_numbers, save

SIGNERS = ("命题负责人", "抽题操作人", "监督人（公证员）", "考生代表", "主考")


def write_commitment(draw: Draw, path: str | Path, *, on: date | None = None) -> Path:
    """Write the page that is published and signed before the public digits are known (抽题承诺书).

    Parameters
    ----------
    on
        Day of the commitment; left blank to be filled in by hand when not given.
    """
    title = "抽题承诺书"
    document = new_document(body=FANG, size=12)
    add_text(document, title, font=HEI, size=18, centre=True)
    page_numbers(document.sections[0])
    for text in (
        _exam(draw),
        f"考生 {len(draw.roster)} 人；可抽试题 {len(draw.manifest.items)} 道；"
        f"抽题规范 {draw.manifest.spec}。",
        "题库、蓝图、名单和抽题规范已经固定，任何改动都会使下列承诺值改变。"
        "操作人另持一份密钥，其哈希一并公布；公开数字产生之前，任何人都无法预知或左右抽题结果。",
    ):
        add_text(document, text, font=FANG, size=12, indent=True)
    rows = [
        ["承诺值", draw.commitment],
        ["题库哈希", draw.manifest.bank],
        ["清单哈希", draw.manifest.hash],
        ["密钥哈希", draw.secret_hash or "（演示抽题，无密钥）"],
    ]
    add_table(document, ["项目", "内容（十六进制）"], rows, widths=[28, 128])
    _signatures(document, on)
    return save(document, path, title=title)


def write_draw_minutes(
    revealed: RevealedDraw,
    path: str | Path,
    *,
    on: date | None = None,
    paper_hashes: Sequence[tuple[str, str]] = (),
) -> Path:
    """Write the signed minutes of a draw (抽题记录页) as Word.

    Parameters
    ----------
    revealed
        The draw with its seed.
    on
        Day of the draw; left blank when not given.
    paper_hashes
        Candidate codes with the hashes of their papers, listed in an annex.
    """
    draw, title = revealed.draw, "公开抽题记录"
    document = new_document(body=FANG, size=12)
    add_text(document, title, font=HEI, size=18, centre=True)
    page_numbers(document.sections[0])
    shown = revealed.digits or "（演示抽题，无公开数字）"
    for text in (
        _exam(draw),
        f"事先公布的承诺值：{draw.commitment}",
        f"当场产生的公开数字：{shown}",
        f"操作人公开的密钥：{revealed.secret.hex() or '（演示抽题，无密钥）'}",
        f"由此得到的种子：{revealed.seed.hex()}",
        f"据此为 {len(draw.roster)} 名考生各确定一份试卷。任何人持抽题记录文件，"
        "用核验程序 verify_draw.py（只需 Python 标准库）即可复核全部或任何一份试卷。",
    ):
        add_text(document, text, font=FANG, size=12, indent=True)
    _signatures(document, on)
    if paper_hashes:
        add_text(document, "附：各卷哈希", font=HEI, size=14)
        rows = [[code, value] for code, value in paper_hashes]
        add_table(document, ["考号", "试卷哈希"], rows, widths=[32, 124], size=8)
    return save(document, path, title=title)


def _exam(draw: Draw) -> str:
    manifest = draw.manifest
    return f"考试名称：{manifest.title}　考次：{manifest.exam}　考试日期：{manifest.date}"


def _signatures(document: object, on: date | None) -> None:
    add_text(document, "", size=12)
    for name in SIGNERS:
        add_text(document, f"{name}（签名）：＿＿＿＿＿＿＿＿＿＿", font=FANG, size=12)
    day = f"{on.year} 年 {on.month} 月 {on.day} 日" if on else "＿＿＿＿年＿＿月＿＿日"
    add_text(document, f"日期：{day}", font=FANG, size=12)
