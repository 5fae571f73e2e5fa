"""What differs between two banks, and joining two lines of work on one bank (比较与合并)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from ..errors import ItemError
from .item import Case, Item
from .question_bank import QuestionBank

_FIELDS: Mapping[str, str] = {
    "kind": "题型",
    "subject": "主题",
    "topic": "二级主题",
    "stem": "题干",
    "options": "选项",
    "key": "答案",
    "blanks": "填空答案",
    "points": "分值",
    "marking_points": "评分点",
    "explanation": "解析",
    "citations": "法条引用",
    "level": "能力层次",
    "band": "难度",
    "band_reason": "难度理由",
    "basis": "依据类型",
    "source": "来源",
    "field_part": "领域部分",
    "tags": "标签",
    "enemies": "互斥题",
    "negative": "否定题",
    "status": "状态",
    "note": "备注",
    "case": "案例",
}
_CONTENT = frozenset({"kind", "stem", "options", "key", "blanks", "points", "marking_points"})
_CASE_FIELDS = {"title": "标题", "stimulus": "案情", "item_ids": "小题"}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of an item or a case before and after, as printed."""

    field: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.field}：{self.before or '（空）'} → {self.after or '（空）'}"


@dataclass(frozen=True, slots=True)
class ItemChange:
    """What changed in one item or case; `new_revision` when what is asked or right changed."""

    id: str
    changes: tuple[FieldChange, ...]
    new_revision: bool

    def __str__(self) -> str:
        return f"{self.id}　" + "；".join(map(str, self.changes))


@dataclass(frozen=True, slots=True)
class BankDifference:
    """What differs between two banks (题库差异): ids added and removed, items and cases changed."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[ItemChange, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def __str__(self) -> str:
        revised = sum(change.new_revision for change in self.changed)
        return (
            f"新增 {len(self.added)}，删除 {len(self.removed)}，"
            f"修改 {len(self.changed)}（其中题目内容有变 {revised}）"
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(one.id)}</td><td>{escape(c.field)}</td>"
            f"<td>{escape(c.before)}</td><td>{escape(c.after)}</td></tr>"
            for one in self.changed[:200]
            for c in one.changes
        )
        head = "<tr><th>编号</th><th>字段</th><th>原来</th><th>现在</th></tr>"
        return f"<p>{escape(str(self))}</p><table>{head}{rows}</table>"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something both sides changed in different ways (合并冲突); the merged bank keeps ours."""

    id: str
    field: str
    base: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        return (
            f"{self.id} 的{self.field}：原为“{self.base}”，我方“{self.ours}”，对方“{self.theirs}”"
        )


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged bank (合并结果) with what a person must decide; ours stands in its place."""

    bank: QuestionBank
    conflicts: tuple[Conflict, ...]


def difference(old: QuestionBank, new: QuestionBank) -> BankDifference:
    """Say what changed from one bank to another, by id."""
    before, after = _everything(old), _everything(new)
    changed = []
    for name in sorted(before.keys() & after.keys()):
        fields = tuple(_changes(before[name], after[name]))
        if fields:
            touched = {change.field for change in fields}
            content = {_FIELDS[field] for field in _CONTENT} | {"案情"}
            changed.append(ItemChange(name, fields, bool(touched & content)))
    return BankDifference(
        tuple(sorted(after.keys() - before.keys())),
        tuple(sorted(before.keys() - after.keys())),
        tuple(changed),
    )


def merge(base: QuestionBank, ours: QuestionBank, theirs: QuestionBank) -> Merge:
    """Join two lines of work that began from one bank.

    What one side alone changed is taken. Where both changed one item, changes to different fields
    are joined unless both touch what is asked or what is right; then, and where one deleted what
    the other changed, it is a conflict and ours is kept (a changed item before a deleted one). A
    case and its sub-questions are taken together from one side when either changed which
    sub-questions it has.

    Raises
    ------
    ItemError
        If the two sides put one id into different places.
    """
    sides = [_units(bank) for bank in (base, ours, theirs)]
    conflicts: list[Conflict] = []
    items: dict[str, Item] = {}
    cases: dict[str, Case] = {}
    for name in sorted(set().union(*sides)):
        before, mine, other = (side.get(name) for side in sides)
        unit = _merge_unit(name, before, mine, other, conflicts)
        if unit is not None:
            case, parts = unit
            items |= {item.id: item for item in parts}
            if case is not None:
                cases[case.id] = case
    clash = _shared_parts(cases, items)
    if clash is not None:
        raise ItemError(clash, "案例", "两方把同一编号放进了不同的案例，须先改编号")
    return Merge(QuestionBank(tuple(items.values()), cases), tuple(conflicts))


_Unit = tuple[Case | None, tuple[Item, ...]]


def _units(bank: QuestionBank) -> dict[str, _Unit]:
    """Independent items by id, cases with their sub-questions by case id."""
    alone: dict[str, _Unit] = {item.id: (None, (item,)) for item in bank if item.case is None}
    for case in bank.cases.values():
        alone[case.id] = (case, tuple(bank[item_id] for item_id in case.item_ids))
    return alone


def _merge_unit(
    name: str,
    base: _Unit | None,
    ours: _Unit | None,
    theirs: _Unit | None,
    conflicts: list[Conflict],
) -> _Unit | None:
    if ours == theirs or theirs == base:
        return ours
    if ours == base:
        return theirs
    if ours is None or theirs is None:
        told = ["（已删除）" if side is None else "（已修改）" for side in (ours, theirs)]
        conflicts.append(Conflict(name, "整题", "（原题）", *told))
        return ours or theirs
    if base is None or not _same_parts(base, ours, theirs):
        conflicts.append(Conflict(name, "整题", "", _shown(ours), _shown(theirs)))
        return ours
    parts = tuple(
        _merge_item(b, o, t, conflicts) for b, o, t in zip(base[1], ours[1], theirs[1], strict=True)
    )
    if base[0] is None or ours[0] is None or theirs[0] is None:
        return None, parts
    return _merge_case(base[0], ours[0], theirs[0], conflicts), parts


def _same_parts(*units: _Unit) -> bool:
    return len({tuple(item.id for item in parts) for _, parts in units}) == 1


def _merge_item(base: Item, ours: Item, theirs: Item, conflicts: list[Conflict]) -> Item:
    mine = {field for field in _FIELDS if getattr(base, field) != getattr(ours, field)}
    other = {field for field in _FIELDS if getattr(base, field) != getattr(theirs, field)}
    taken = other - mine
    content_clash = bool(mine & _CONTENT) and bool(other & _CONTENT)
    for field in sorted(other, key=list(_FIELDS).index):
        differs = getattr(ours, field) != getattr(theirs, field)
        if differs and (field in mine or (content_clash and field in _CONTENT)):
            texts = (_text(side, field) for side in (base, ours, theirs))
            conflicts.append(Conflict(base.id, _FIELDS[field], *texts))
            taken.discard(field)
    return ours.model_copy(update={field: getattr(theirs, field) for field in taken})


def _merge_case(base: Case, ours: Case, theirs: Case, conflicts: list[Conflict]) -> Case:
    update = {}
    for field in ("title", "stimulus"):
        before, mine, other = (getattr(side, field) for side in (base, ours, theirs))
        if mine == before:
            update[field] = other
        elif other not in (before, mine):
            conflicts.append(Conflict(base.id, _CASE_FIELDS[field], before, mine, other))
    return ours.model_copy(update=update)


def _shared_parts(cases: Mapping[str, Case], items: Mapping[str, Item]) -> str | None:
    """Return an id that stands in two places after a merge, if there is one."""
    owner: dict[str, str] = {}
    for case in cases.values():
        for item_id in case.item_ids:
            if owner.setdefault(item_id, case.id) != case.id or items[item_id].case != case.id:
                return item_id
    return next((name for name, item in items.items() if item.case and name not in owner), None)


def _everything(bank: QuestionBank) -> dict[str, Item | Case]:
    return {item.id: item for item in bank} | dict(bank.cases)


def _changes(before: Item | Case, after: Item | Case) -> Iterator[FieldChange]:
    if type(before) is not type(after):
        yield FieldChange("种类", type(before).__name__, type(after).__name__)
        return
    for field, name in (_FIELDS if isinstance(before, Item) else _CASE_FIELDS).items():
        if getattr(before, field) != getattr(after, field):
            yield FieldChange(name, _text(before, field), _text(after, field))


def _text(one: Item | Case, field: str) -> str:
    """Print a field as an exam officer reads it."""
    if isinstance(one, Item) and field == "options":
        return " ".join(f"{o.id}.{o.text}{'（固定）' if o.pinned else ''}" for o in one.options)
    if isinstance(one, Item) and field in ("key", "blanks", "marking_points"):
        has = one.key if field == "key" else getattr(one, field)
        return one.key_text if has else ""
    value = getattr(one, field)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, frozenset):
        return "、".join(sorted(value))
    return "、".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _shown(unit: _Unit) -> str:
    case, parts = unit
    return case.stimulus[:40] if case is not None else parts[0].stem[:40]
