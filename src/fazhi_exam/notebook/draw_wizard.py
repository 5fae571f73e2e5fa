"""Drawing papers on a panel: from a seed, or by commitment and reveal (抽题)."""

import secrets
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path

import ipywidgets as widgets

from ..assembly import verify_draw
from ..assembly.blueprint import Blueprint, Facet, Mode, OrderPolicy
from ..assembly.deal import DealtPapers, deal
from ..assembly.draw import Draw, bank_manifest, commit_draw
from ..assembly.paper import Papers
from ..bank.question_bank import QuestionBank
from ..errors import DrawError
from ..files import write_bytes
from ..formats.recipe import SittingRecipe
from ..roster.candidate import Roster
from ..typing import Progress
from .boundary import Boundary
from .style import definition_table, note
from .work import Work

_MODES = {
    "一人一卷": Mode.PER_CANDIDATE,
    "A、B 两卷": Mode.AB,
    "全场一卷": Mode.FIXED,
}
_ORDERS = {
    "每名考生各自打乱": OrderPolicy.SHUFFLED,
    "按抽题次序": OrderPolicy.AS_DRAWN,
    "由易到难": OrderPolicy.EASY_TO_HARD,
    "按主题": OrderPolicy.BY_TOPIC,
}
_PROMISE, _SECRET, _RECORD = "抽题承诺.json", "抽题密钥.txt", "抽题记录.json"
_WAYS = {"凭种子抽题（演示、教学）": False, "公证抽题（先承诺、后揭示）": True}


@dataclass(frozen=True)
class Ready:
    """All that a draw needs."""

    recipe: SittingRecipe
    bank: QuestionBank
    blueprint: Blueprint
    roster: Roster


class DrawWizard(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Choose who gets which items, draw, and prove it.

    Parameters
    ----------
    boundary, work
        Of the panel.
    folder
        Returns where promise and secret are kept between the two steps.
    ready
        Returns what is chosen so far; raises when something is missing.
    drawn
        Receives the papers.
    changed
        Called with changed fields of the recipe.
    revealed
        Called with the record of a committed draw, once its papers are there.
    """

    def __init__(
        self,
        boundary: Boundary,
        work: Work,
        *,
        recipe: SittingRecipe,
        folder: Callable[[], Path],
        ready: Callable[[], Ready],
        drawn: Callable[[Papers], None],
        changed: Callable[[dict[str, object]], None],
        revealed: Callable[[Path], None],
    ) -> None:
        self.boundary, self.work = boundary, work
        self._ready, self._drawn, self._changed = ready, drawn, changed
        self._folder, self._revealed = folder, revealed
        self.draw: Draw | None = None
        self.papers: Papers | None = None
        self._secret = b""
        self._origin = ""
        self._build(recipe)
        inputs = widgets.VBox([
            widgets.HTML("<h3>怎样出卷</h3>"), self.mode, self.order, self.exam_id,
            self.room_size, *self.balance.values(), self.way,
        ])  # fmt: skip
        self.by_seed = widgets.VBox([self.seed, self.go])
        self.by_proof = widgets.VBox([
            widgets.HTML(note(
                "第一步：作出承诺，公布承诺值。第二步：等公开的号码开出（如约定期号的彩票），填入后揭示。"
                "承诺之后，题库、名单和蓝图都不能再改。承诺和密钥各存一个文件，密钥在揭示前由专人保管；"
                "隔日再揭示时，选好同样的设置后按“继续上次的承诺”。"
            )),
            widgets.HBox([self.commit, self.resume]), self.promise, self.digits, self.reveal,
        ])  # fmt: skip
        super().__init__(
            [inputs, self.by_seed, self.by_proof, self.outcome, self.check, self.proof]
        )
        self._arrange()

    def _build(self, recipe: SittingRecipe) -> None:
        long = {"description_width": "120px"}
        wide = {"width": "420px"}
        self.mode = widgets.Dropdown(
            options=list(_MODES.items()), description="出卷方式", style=long, layout=wide
        )
        self.order = widgets.Dropdown(
            options=list(_ORDERS.items()), description="大题内题序", style=long, layout=wide
        )
        self.exam_id = widgets.Text(
            recipe.id, description="考次编号", style=long, continuous_update=False
        )
        self.room_size = widgets.BoundedIntText(
            recipe.room_seats, min=1, max=500, description="每考场座位", style=long
        )
        self.balance = {
            facet: widgets.Checkbox(
                facet in recipe.balance, description=f"各份试卷的{words}构成相同", indent=False
            )
            for facet, words in {Facet.BAND: "难度等级", Facet.LEVEL: "能力层次"}.items()
        }
        self.way = widgets.RadioButtons(options=list(_WAYS.items()), value=False, layout=wide)
        self.seed = widgets.BoundedIntText(
            recipe.seed, min=0, max=2**31 - 1, description="种子", style=long
        )
        self.go = widgets.Button(description="开始抽题", button_style="primary")
        self.commit = widgets.Button(description="作出承诺", button_style="primary")
        self.resume = widgets.Button(description="继续上次的承诺", layout={"width": "max-content"})
        self.promise = widgets.HTML()
        self.digits = widgets.Text(
            placeholder="例如 385902", description="公开号码", style=long, disabled=True
        )
        self.reveal = widgets.Button(
            description="揭示并抽题", button_style="primary", disabled=True
        )
        self.check = widgets.Button(description="独立核验", layout={"display": "none"})
        self.outcome, self.proof = widgets.HTML(), widgets.HTML()
        for control in (
            self.mode, self.order, self.exam_id, self.room_size, self.seed, *self.balance.values()
        ):  # fmt: skip
            control.observe(lambda _: self._tell(), names="value")
        self.way.observe(lambda _: self._arrange(), names="value")
        self.go.on_click(lambda _: self.start())
        self.commit.on_click(lambda _: self.make_promise())
        self.resume.on_click(lambda _: self.resume_promise())
        self.reveal.on_click(lambda _: self.open_promise())
        self.check.on_click(lambda _: self.verify())

    def show(self, recipe: SittingRecipe) -> None:
        """Fill in what a recipe says."""
        self.exam_id.value = recipe.id
        self.room_size.value, self.seed.value = recipe.room_seats, recipe.seed
        for facet, box in self.balance.items():
            box.value = facet in recipe.balance

    def show_rules(self, blueprint: Blueprint) -> None:
        """Fill in who gets which items and their order, as the blueprint in force has it."""
        self.mode.value, self.order.value = blueprint.mode, blueprint.order

    def forget(self) -> None:
        """Drop papers and promise, because something they rest on was changed."""
        had = self.draw is not None or self.papers is not None
        self.draw = self.papers = None
        self._secret = b""
        self.promise.value = self.proof.value = ""
        self.digits.disabled = self.reveal.disabled = True
        self.check.layout.display = "none"
        self.outcome.value = note("设置有改动，原来抽的卷已作废，请重新抽题") if had else ""

    def start(self) -> None:
        """Draw from the seed."""
        with self.boundary.guard("抽题"):
            ready = self._ready()

            def job(progress: Progress) -> Papers:
                return ready.recipe.draw(
                    ready.bank, ready.blueprint, ready.roster, progress=progress
                )

            self._origin = "（按抽题记录还原，与种子无关）" if ready.recipe.transcript else ""
            self.work.start("抽题", job, self.take)

    def make_promise(self) -> None:
        """Fix everything and show the hash to publish; the secret stays in this process."""
        with self.boundary.guard("作出承诺"):
            ready = self._ready()
            if ready.blueprint.mode is not Mode.PER_CANDIDATE:
                raise DrawError("承诺", "公证抽题只用于一人一卷")
            self.forget()
            self._secret = secrets.token_bytes(32)
            self.draw = commit_draw(
                ready.bank, ready.blueprint, ready.roster, secret=self._secret,
                exam_id=ready.recipe.id, on=ready.recipe.on,
            )  # fmt: skip
            folder = self._folder()
            folder.mkdir(parents=True, exist_ok=True)
            secret = folder / _SECRET  # first: a promise without it could never be revealed
            secret.touch(mode=0o600)
            secret.write_text(self._secret.hex() + "\n", "ascii")
            write_bytes(self.draw.to_json(), folder / _PROMISE)
            self._show_promise(ready, f"{folder / _SECRET}（揭示前不得公开）")

    def resume_promise(self) -> None:
        """Take up a promise that was made earlier, from its two files."""
        with self.boundary.guard("继续上次的承诺"):
            ready, folder = self._ready(), self._folder()
            draw = Draw.from_json((folder / _PROMISE).read_bytes())
            draw.check(ready.bank, ready.roster)
            self.forget()
            self._secret = bytes.fromhex((folder / _SECRET).read_text("ascii").strip())
            self.draw = draw
            self._show_promise(ready, str(folder / _SECRET))

    def _show_promise(self, ready: Ready, secret: str) -> None:
        if self.draw is None:
            return
        self.promise.value = "<h3>抽题纪要（请打印、签字并公布承诺值）</h3>" + definition_table([
            ("考次", self.draw.manifest.exam),
            ("考试日期", self.draw.manifest.date),
            ("参加抽题", f"{len(self.draw.roster)} 人"),
            ("题库指纹", ready.bank.content_hash),
            ("承诺值", self.draw.commitment),
            ("密钥的哈希", self.draw.secret_hash),
            ("密钥文件", secret),
        ])  # fmt: skip
        self.digits.disabled = self.reveal.disabled = False
        self.outcome.value = ""

    def open_promise(self) -> None:
        """Reveal with the public digits and deal the papers."""
        with self.boundary.guard("揭示"):
            if self.draw is None:
                raise DrawError("揭示", "还没有作出承诺")
            ready = self._ready()
            self.draw.check(ready.bank, ready.roster)
            revealed = self.draw.reveal(secret=self._secret, digits=self.digits.value)
            record = self._folder() / _RECORD
            self._origin = ""

            def job(progress: Progress) -> Papers:
                papers = deal(revealed, progress=progress)
                write_bytes(papers.transcript(), record)
                return papers

            def then(papers: Papers) -> None:
                self.take(papers)
                self._revealed(record)

            self.work.start("抽题", job, then)

    def verify(self) -> None:
        """Run the stand-alone checker in an interpreter of its own on the transcript."""
        with self.boundary.guard("核验"):
            papers = self.papers
            if not isinstance(papers, DealtPapers):
                raise DrawError("核验", "还没有可以核验的抽题")
            bank = self._ready().bank

            def job(_: Progress) -> str:
                return run_checker(papers, bank)

            self.work.start("核验", job, self._show_proof)

    def take(self, papers: Papers) -> None:
        """Show that papers were drawn and hand them on."""
        self.papers = papers
        self._drawn(papers)
        size = papers.matrix.shape[1]
        self.outcome.value = (
            f'<div class="done">已抽题：{len(papers)} 份试卷，每份 {size} 题，'
            f"共用到 {len(papers.worth)} 道题{self._origin}</div>"
        )
        self.proof.value = ""
        self.check.layout.display = "" if isinstance(papers, DealtPapers) else "none"

    def _show_proof(self, text: str) -> None:
        self.proof.value = f'<div class="done">{escape(text)}</div>'

    def _arrange(self) -> None:
        self.by_seed.layout.display = "none" if self.way.value else ""
        self.by_proof.layout.display = "" if self.way.value else "none"

    def _tell(self) -> None:
        self._changed({
            "mode": self.mode.value, "order": self.order.value,
            "id": self.exam_id.value.strip(), "room_seats": self.room_size.value,
            "seed": self.seed.value,
            "balance": tuple(facet for facet, box in self.balance.items() if box.value),
        })  # fmt: skip


def run_checker(papers: DealtPapers, bank: QuestionBank) -> str:
    """Check the papers with ``verify_draw.py``, which shares no code with the library.

    Returns
    -------
    str
        What the checker said.

    Raises
    ------
    DrawError
        If it found a difference.
    """
    import tempfile

    with tempfile.TemporaryDirectory(prefix="fazhi_exam_") as folder:
        record, manifest = Path(folder, "record.json"), Path(folder, "bank.json")
        record.write_bytes(papers.transcript())
        manifest.write_bytes(bank_manifest(bank))
        command = [sys.executable, "-I", "-X", "utf8", str(verify_draw.__file__), str(record)]
        command += ["--bank", str(manifest)]
        if not papers.revealed.secret:
            command.append("--demo")
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
    said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
    if done.returncode:
        raise DrawError("独立核验", said)
    return said
