"""Trainers use a browser: the two main notebooks are driven in a real one, with no way out."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
FONTS = ROOT / "src" / "fazhi_exam" / "_data" / "fonts"
BROWSERS = ("chromium", "google-chrome", "chrome", "chromium-browser")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of an installed Chromium or Chrome."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    pytest.skip("没有找到 Chromium 或 Chrome；Debian 系统可执行 apt-get install chromium")


def environment(folder: Path) -> dict[str, str]:
    """Settings of nobody: throw-away Jupyter folders, and the package's fonts alone."""
    config = folder / "jupyter"
    (config / "labconfig").mkdir(parents=True, exist_ok=True)
    off = {"@jupyterlab/apputils-extension:announcements": True}
    (config / "labconfig" / "page_config.json").write_text(json.dumps({"disabledExtensions": off}))
    fonts = folder / "fonts.conf"
    fonts.write_text(
        f'<?xml version="1.0"?><fontconfig><dir>{FONTS}</dir>'
        f"<cachedir>{folder / 'fontcache'}</cachedir></fontconfig>"
    )
    return {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTERLAB_SETTINGS_DIR": str(config / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(config / "workspaces"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "IPYTHONDIR": str(folder / "ipython"),
        "FONTCONFIG_FILE": str(fonts),
        "OPENBLAS_NUM_THREADS": "1",
        "PATH": str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"],
    }


@contextmanager
def served(form: str, notebook: Path, folder: Path) -> Iterator[str]:
    """Serve a notebook by JupyterLab or as a web page on a free loopback port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    if form == "lab":
        command = [
            "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}",
            f"--ServerApp.root_dir={notebook.parent}", "--IdentityProvider.token=",
            "--ServerApp.password=", "--LabApp.expose_app_in_browser=True",
            "--LabApp.news_url=None", "--ServerApp.allow_root=True",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            "--LabApp.extension_manager=readonly",
        ]  # fmt: skip
        ready, page = "/api/status", f"{base}/lab/tree/{notebook.name}?reset"
    else:
        command = ["voila", str(notebook), "--no-browser", f"--port={port}"]
        command += ["--Voila.ip=127.0.0.1"]
        ready, page = "/static/", base
    log = (folder / "server.log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", *command], env=environment(folder), cwd=notebook.parent,
        stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        wait_for(base + ready, server, folder / "server.log")
        yield page
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def wait_for(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(url, timeout=2)  # noqa: S310
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            assert server.poll() is None, log.read_text()[-2000:]
            time.sleep(0.2)
    raise AssertionError("the server did not start: " + log.read_text()[-2000:])


class Visit:
    """A page in the browser, what it tried to fetch from outside, and its script errors."""

    def __init__(self, chromium: str, form: str, url: str, folder: Path) -> None:
        from playwright.sync_api import sync_playwright

        self.form, self.folder = form, folder
        self.refused: list[str] = []
        self.faults: list[str] = []
        self._driver = sync_playwright().start()
        flags = ["--disable-gpu", "--disable-background-networking", "--disable-sync",
                 "--disable-component-update"]  # fmt: skip
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            flags.append("--no-sandbox")
        self.browser = self._driver.chromium.launch(
            executable_path=chromium, args=flags, env=environment(folder)
        )
        self.page = self.browser.new_page(viewport={"width": 1280, "height": 1000}, locale="zh-CN")
        base = url.split("/lab")[0]
        self.page.route(
            lambda u: not u.startswith((base, "data:", "blob:", "ws:" + base[5:])), self._refuse
        )
        self.page.on("pageerror", lambda error: self.faults.append(str(error)[:300]))
        self.page.set_default_timeout(60_000)
        self.page.goto(url, wait_until="domcontentloaded")
        if form == "lab":
            self._run_all()

    def _refuse(self, route: object) -> None:
        self.refused.append(route.request.url)  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    def _run_all(self) -> None:
        """Wait for the kernel itself: a run-all sent earlier is dropped without a word."""
        self.page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
        self.page.evaluate(
            "async () => { const app = window.jupyterapp, p = app.shell.currentWidget;"
            "await app.restored; await p.context.ready; await p.sessionContext.ready;"
            "await p.sessionContext.session.kernel.info;"
            "await app.commands.execute('notebook:run-all-cells'); }"
        )

    def press(self, name: str) -> None:
        """Press the button of this name."""
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def sees(self, text: str) -> None:
        """Wait until a text stands on the page."""
        self.page.get_by_text(text).first.wait_for()

    def shoot(self, name: str) -> Path:
        """Take a picture and refuse a blank one."""
        import numpy as np
        from matplotlib.image import imread

        path = self.folder / f"{name}.png"
        self.page.screenshot(path=path)
        grey = imread(path)[..., :3].mean(axis=2)
        assert np.unique(grey.round(2)).size > 20, "the picture is blank"
        assert 0.005 < float((grey < 0.5).mean()) < 0.6, "the picture holds no text"
        return path

    def close(self) -> None:
        """Close the browser."""
        self.browser.close()
        self._driver.stop()


@pytest.fixture
def visit(chromium: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Visit]:
    form, name = request.param
    book = tmp_path / "notebooks" / name
    book.parent.mkdir()
    shutil.copy(ROOT / "notebooks" / name, book)
    pytest.importorskip("voila" if form == "page" else "jupyterlab")
    with served(form, book, tmp_path) as url:
        found = Visit(chromium, form, url, tmp_path)
        try:
            yield found
        finally:
            found.close()


def outside(visit: Visit) -> list[str]:
    """Requests that left the machine; the web form of voila asks for an icon font it can miss."""
    return [url for url in visit.refused if "fontawesome" not in url.lower()]


@pytest.mark.parametrize(
    "visit", [("lab", "02_组卷.ipynb"), ("page", "02_组卷.ipynb")], indirect=True
)
def test_exam_is_set_up(visit: Visit) -> None:
    """An officer takes the example roster, mends the blueprint, draws and reads a paper."""
    visit.sees("依据")
    visit.shoot("1_programme")
    visit.press("3 名册")
    visit.press("没有名册？用示例名册（240 人，模拟）")
    visit.sees("可用 240 人，24 个单位")
    visit.shoot("3_roster")
    visit.press("4 蓝图")
    visit.sees("可以组卷")
    box = visit.page.get_by_role("spinbutton").first
    box.fill("400")
    box.press("Enter")
    visit.sees("不足 需 400")
    visit.shoot("4_blueprint")
    visit.press("恢复项目原有的题数和分值")
    visit.sees("可以组卷")
    visit.press("5 抽题")
    visit.press("开始抽题")
    visit.sees("已抽题：240 份试卷")
    visit.shoot("5_draw")
    visit.press("6 看卷")
    visit.sees("一、单项选择题")
    visit.shoot("6_paper")
    visit.press("换一道题看看")
    visit.sees("现用在几份试卷上")
    visit.shoot("6_exchange")
    visit.press("7 输出")
    visit.sees("还没有写出文件")
    visit.shoot("7_export")
    assert not visit.faults
    assert not outside(visit)


@pytest.mark.parametrize(
    "visit", [("lab", "05_成绩报告.ipynb"), ("page", "05_成绩报告.ipynb")], indirect=True
)
def test_result_is_read(visit: Visit) -> None:
    """A trainer reads cards, distribution, units and items, and switches to the public version."""
    visit.sees("以实考人数为分母")
    visit.shoot("1_overview")
    visit.press("2 分布")
    visit.page.locator("img[alt]:visible").first.wait_for()
    visit.shoot("2_distribution")
    visit.press("3 单位")
    visit.sees("因此不按合格率给单位排名")
    visit.shoot("3_units")
    visit.press("4 试题")
    visit.sees("解析：")
    visit.shoot("4_items")
    visit.press("5 临界考生")
    visit.sees("结论把握不足")
    visit.shoot("5_near")
    visit.press("公开版")
    visit.sees("公开版不列个人")
    visit.press("7 输出")
    visit.press("写出文件")
    visit.sees("已写出 1 个文件")
    visit.shoot("7_export")
    assert not visit.faults
    assert not outside(visit)


@pytest.mark.parametrize("visit", [("page", "03_考务与阅卷.ipynb")], indirect=True)
def test_short_answers_are_marked(visit: Visit) -> None:
    """Two answers lack a mark and one is in dispute: three marks later the exam is marked."""
    visit.sees("到考情况")
    visit.press("只用无误的答卷评分")
    visit.sees("主观题还有 2 份没有评，1 份有争议")
    visit.press("2 主观题")
    visit.sees("已有分数 1138 份")
    for marked in (1139, 1140):
        visit.page.locator(".widget-toggle-buttons:visible").nth(1).locator("button").first.click()
        visit.press("记分，看下一份")
        visit.sees(f"已有分数 {marked} 份")
    visit.shoot("2_marked")
    rater = visit.page.get_by_label("评卷人代码").locator("visible=true").first
    rater.fill("丙")
    rater.press("Enter")
    visit.page.locator("option", has_text="26120001（有争议）").first.wait_for(state="attached")
    visit.shoot("2_dispute")
    visit.press("记分，看下一份")
    visit.sees("争议 0 份")
    visit.press("1 答案")
    visit.press("只用无误的答卷评分")
    visit.sees("评分完成")
    visit.press("3 评分")
    visit.sees("满分 100")
    visit.shoot("3_totals")
    assert not visit.faults
    assert not outside(visit)


MESSY = """单位内部资料 第 1 页
一、单选题
1．公民对行政处罚不服申请行政复议的一般期限是（　Ｂ　）
A.三十日 B.六十日 C.九十日 D.一年
2、行政处罚的一般追责时效是（ ）
A、一年    B、二年
C、三年    D、五年
"""


def offer(visit: Visit, path: Path) -> None:
    """Choose a question file, as a person does."""
    with visit.page.expect_file_chooser() as chooser:
        visit.page.get_by_role("button", name="选择题目文件").first.click()
    chooser.value.set_files(path)


@pytest.mark.parametrize("visit", [("page", "01_题库.ipynb")], indirect=True)
def test_bank_is_looked_at_and_added_to(visit: Visit, tmp_path: Path) -> None:
    """A newcomer changes the day, imports a messy file twice, and then a changed one."""
    visit.sees("题库指纹")
    visit.press("覆盖")
    visit.sees("不足三份")
    visit.page.locator("input[type=date]:visible").first.fill("2023-01-01")
    visit.sees("没有计入")
    visit.shoot("2_coverage")
    visit.press("导入")
    first, second = tmp_path / "题目.txt", tmp_path / "题目改.txt"
    first.write_text(MESSY, "utf-8")
    second.write_text(MESSY.replace("Ｂ", "Ｃ"), "utf-8")
    offer(visit, first)
    visit.sees("须处理 1 处")
    visit.press("确认导入")
    visit.sees("还有 1 处须处理，什么也没有写入")
    visit.page.get_by_label("答案").locator("visible=true").first.fill("B")
    visit.press("改好这一题")
    visit.sees("须处理 0 处")
    visit.shoot("5_mended")
    visit.press("确认导入")
    visit.sees("写入 2 题")
    visit.press("确认导入")
    visit.sees("没有变化：2 题都已在题库中")
    offer(visit, second)
    visit.sees("题目改.txt")
    visit.page.get_by_text("不能用的题先不导入").first.click()
    visit.press("确认导入")
    visit.sees("1 题与题库冲突")
    visit.shoot("5_conflict")
    assert not visit.faults
    assert not outside(visit)


@pytest.mark.parametrize("visit", [("page", "04_试题分析.ipynb")], indirect=True)
def test_questions_are_judged(visit: Visit) -> None:
    """The cards of the whole test come up, and its plots."""
    visit.sees("再考一次结论相同")
    visit.press("整卷")
    visit.page.locator("img[alt]:visible").first.wait_for()
    visit.shoot("whole")
    assert not visit.faults
    assert not outside(visit)
