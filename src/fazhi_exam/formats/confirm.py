"""Confirming an import (确认导入): drafts become TOML blocks of a bank folder, once."""

import os
import re
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..bank.item import Item
from ..bank.question_bank import QuestionBank
from ..bank.subjects import SUBJECTS
from ..bank.text import fold_question
from ..errors import ImportFailed, UnsafeFile
from .bank_toml import bank_to_toml
from .draft import BankReading, Draft, ImportDefaults, reading_of

_RESERVED = re.compile(r"^(?:con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A question that the bank holds in another wording (冲突); nothing was written for it.

    Parameters
    ----------
    item_id
        Of the question in the bank.
    draft
        As imported.
    fields
        What differs, in Chinese.
    """

    item_id: str
    draft: Draft
    fields: tuple[str, ...]

    def __str__(self) -> str:
        place = f"第 {self.draft.line} 行" if self.draft.line else self.draft.file
        return f"{place}与题库中的 {self.item_id} 不同：{'、'.join(self.fields)}；未写入"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What an import did (导入结果).

    Parameters
    ----------
    added, unchanged
        Ids written, and ids that the bank held already.
    conflicts
        Questions for a person to decide.
    files
        Files written.
    """

    added: tuple[str, ...]
    unchanged: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    files: tuple[Path, ...]

    def __str__(self) -> str:
        if not self.added and not self.conflicts:
            return f"没有变化：{len(self.unchanged)} 题都已在题库中"
        return (
            f"写入 {len(self.added)} 题，已有 {len(self.unchanged)} 题未变，"
            f"{len(self.conflicts)} 题与题库冲突"
        )


def confirm(
    drafts: BankReading | Sequence[Draft],
    folder: str | Path,
    *,
    defaults: ImportDefaults | None = None,
    good_only: bool = False,
) -> Confirmed:
    """Write confirmed drafts into a bank folder.

    Importing the same drafts again changes nothing and says so. A question that the bank holds in
    another wording is a conflict: it is listed and not written. Existing files of the bank are
    never rewritten, except those that earlier imports made.

    Parameters
    ----------
    drafts
        A reading, or the drafts a person has looked through.
    folder
        Of the bank; made when missing.
    defaults
        For fields that no draft gives; those of the reading by default.
    good_only
        Leave out drafts that cannot be used, instead of refusing.

    Raises
    ------
    ImportFailed
        If a draft cannot be used, or the bank in the folder itself has blocking problems.
    UnsafeFile
        If a file cannot be written.
    """
    from .registry import preview_bank

    if isinstance(drafts, BankReading):
        defaults = defaults or drafts.defaults
        reading = reading_of(drafts.source, drafts.drafts, drafts.strays, defaults=defaults)
    else:
        defaults = defaults or ImportDefaults()
        reading = reading_of("导入", drafts, defaults=defaults)
    if reading.blocking and not good_only:
        raise ImportFailed(reading.problems)
    root = Path(folder)
    has_files = root.is_dir() and any(root.rglob("*.toml"))
    bank = preview_bank(root).accept() if has_files else QuestionBank(())
    by_id = {draft.item_id(defaults): draft for draft in reversed(reading.drafts)}
    added, unchanged, conflicts = _compare(reading.good, by_id, bank)
    new = _addition(reading.good, added, bank)
    files = _write(root, new, bank) if len(new) else ()
    return Confirmed(tuple(item.id for item in new), unchanged, conflicts, files)


def _compare(
    imported: QuestionBank, drafts: dict[str, Draft], bank: QuestionBank
) -> tuple[list[Item], tuple[str, ...], tuple[Conflict, ...]]:
    same: dict[tuple[str, ...], Item] = {}
    stems: dict[str, list[Item]] = defaultdict(list)
    choices: dict[tuple[str, ...], Item] = {}
    for item in bank:
        stimulus = bank.cases[item.case].stimulus if item.case else ""
        same.setdefault(_identity(item, stimulus), item)
        stems[_stem(item, stimulus)].append(item)
        if len(item.options) > 2:
            choices.setdefault(_texts(item), item)
    added: list[Item] = []
    unchanged: list[str] = []
    conflicts: list[Conflict] = []
    for item in imported:
        draft = drafts[item.id]
        stimulus = imported.cases[item.case].stimulus if item.case else ""
        old = bank[item.id] if item.id in bank else same.get(_identity(item, stimulus))
        if old is None:
            old = _likely(item, stems[_stem(item, stimulus)], choices)
            if old is not None:
                fields = _differences(old, item, draft)
                if not fields:
                    unchanged.append(old.id)
                else:
                    conflicts.append(Conflict(old.id, draft, ("疑为同一题的修改", *fields)))
                continue
            added.append(item)
        elif fields := _differences(old, item, draft):
            conflicts.append(Conflict(old.id, draft, fields))
        else:
            unchanged.append(old.id)
    return added, tuple(unchanged), tuple(conflicts)


def _identity(item: Item, stimulus: str) -> tuple[str, ...]:
    extra = () if item.options else (item.kind.value,)
    return (_stem(item, stimulus), *_texts(item), *extra)


def _stem(item: Item, stimulus: str) -> str:
    return fold_question(item.stem) + "\x1f" + fold_question(stimulus)[:200]


def _texts(item: Item) -> tuple[str, ...]:
    texts = [option.text for option in item.options]
    return () if texts == ["正确", "错误"] else tuple(sorted(map(fold_question, texts)))


def _likely(item: Item, same_stem: list[Item], choices: dict[tuple[str, ...], Item]) -> Item | None:
    """Return the question this one seems to be a new wording of: same stem and half the options,
    or the same three or more options of some length.
    """  # noqa: D205
    mine = set(_texts(item))
    for old in same_stem:
        theirs = set(_texts(old))
        if not mine and not theirs and item.kind is old.kind:
            return old
        if mine and theirs and 2 * len(mine & theirs) >= max(len(mine), len(theirs)):
            return old
    texts = _texts(item)
    if len(texts) > 2 and sum(map(len, texts)) >= 24:
        old_choice = choices.get(texts)
        if old_choice is not None and _alike(item.stem, old_choice.stem):
            return old_choice
    return None


def _alike(a: str, b: str) -> bool:
    from rapidfuzz import fuzz

    return fuzz.ratio(fold_question(a), fold_question(b)) >= 80


def _differences(old: Item, new: Item, draft: Draft) -> tuple[str, ...]:
    """Name what differs among the fields that the file states."""
    found = []
    if old.kind is not new.kind:
        found.append("题型")
    if fold_question(old.stem) != fold_question(new.stem):
        found.append("题干")
    if _texts(old) != _texts(new):
        found.append("选项")
    elif {o.text for o in old.options if o.id in old.key} != {
        o.text for o in new.options if o.id in new.key
    } or old.blanks != new.blanks:
        found.append("答案")
    if draft.points and not new.kind.objective and old.points != new.points:
        found.append("分值")
    if (draft.answer or draft.extra.get("marking_points")) and not new.kind.objective:  # noqa: SIM102
        if [p.text for p in old.marking_points] != [p.text for p in new.marking_points]:
            found.append("评分点")
    stated = (
        ("解析", draft.explanation, old.explanation, new.explanation),
        ("法条引用", draft.citations, old.citations, new.citations),
        ("能力层次", draft.level, old.level, new.level),
        ("难度", draft.band, old.band, new.band),
    )
    found += [name for name, given, a, b in stated if given and a != b]
    return tuple(found)


def _addition(imported: QuestionBank, added: list[Item], bank: QuestionBank) -> QuestionBank:
    """Return the new items with their cases; a case joins only as a whole."""
    ids = {item.id for item in added}
    cases = {}
    for case in imported.cases.values():
        inside = [i for i in case.item_ids if i in ids]
        if inside and len(inside) == len(case.item_ids) and case.id not in bank.cases:
            cases[case.id] = case
    kept = tuple(item for item in added if item.case is None or item.case in cases)
    return QuestionBank(kept, cases)


def _write(root: Path, new: QuestionBank, bank: QuestionBank) -> tuple[Path, ...]:
    """Write one file per subject and topic; all texts are ready before any name changes."""
    homes: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in new:
        home = item if item.case is None else new[new.cases[item.case].item_ids[0]]
        homes[home.subject, home.topic].append(item)
    ready: list[tuple[str, Path]] = []
    try:
        for (subject, topic), items in sorted(homes.items()):
            path = root / _folder(root, subject) / f"{slug(topic)}·导入.toml"
            whole = _with_earlier(path, tuple(items), new)
            text = bank_to_toml(whole, subject=subject, topic=topic)
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=".导入", delete=False
            ) as out:
                ready.append((out.name, path))
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
        for name, path in ready:
            Path(name).replace(path)
    except OSError as error:
        raise UnsafeFile(str(root.name), f"无法写入（{error.strerror}）") from error
    finally:
        for name, _ in ready:
            Path(name).unlink(missing_ok=True)
    del bank
    return tuple(path for _, path in ready)


def _with_earlier(path: Path, items: tuple[Item, ...], new: QuestionBank) -> QuestionBank:
    from .registry import preview_bank

    cases = {item.case: new.cases[item.case] for item in items if item.case}
    if not path.exists():
        return QuestionBank(items, cases)
    earlier = preview_bank(path).accept()
    return QuestionBank((*earlier.items, *items), {**earlier.cases, **cases})


def _folder(root: Path, subject: str) -> str:
    """Return the folder of a subject, as it is named already or as the shipped bank names it."""
    if root.is_dir():
        for folder in sorted(root.iterdir()):
            if folder.is_dir() and folder.name.split("_")[0] == subject:
                return folder.name
    return slug(f"{subject}_{SUBJECTS[subject]}" if subject in SUBJECTS else subject)


def slug(name: str) -> str:
    """Turn any text into a file name that every system accepts."""
    text = re.sub(r'[\x00-\x1f<>:"/\\|?*\u200b-\u200f\u202a-\u202e]+', "_", name).strip(" .")[:60]
    return f"_{text}" if not text or _RESERVED.match(text) or text.startswith(".") else text
