"""One file that sets the project up and runs it; needs Python 3.11 or newer and nothing else.

    python dev.py demo              one whole exam into demo_output/
    python dev.py test              format, lint, types and all tests (reduced counts)
    python dev.py test --full       the stated figures; writes benchmarks/results/*.json
    python dev.py test --browser    drives the notebooks in an installed Chromium or Chrome
    python dev.py lab               JupyterLab on the notebooks
    python dev.py app               the exam-setup notebook as a web page
    python dev.py check             format, lint and types only
    python dev.py bench [NAME]      benchmarks
    python dev.py docs              the documentation as HTML

It makes .venv beside this file once (again when pyproject.toml changes), through the user's own pip
settings; uv is used when it is on the PATH. No lock file is written.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENV = HERE / ".venv"
PYTHON = ENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
SOURCES = ("src", "tests", "benchmarks", "tools", "dev.py")


def install(*groups: str) -> None:
    """Install the project and the named dependency groups, unless they already are."""
    for group in ("", *groups):
        stamp = ENV / f".ready{'-' + group if group else ''}"
        content = (HERE / "pyproject.toml").read_bytes() + sys.version.encode()
        wanted = hashlib.sha256(content).hexdigest()
        if stamp.exists() and stamp.read_text() == wanted:
            continue
        if not PYTHON.exists():
            print("正在准备运行环境（首次约需一至数分钟）…", flush=True)
            try:
                venv.create(ENV, with_pip=True)
            except subprocess.CalledProcessError:
                sys.exit("无法建立虚拟环境；Debian 系统请先安装 python3-venv")
        what = ["--group", group] if group else ["-e", "."]
        if uv := shutil.which("uv"):
            run([uv, "pip", "install", "-q", "-p", str(PYTHON), *what])
        else:
            pip = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
            if not group:
                run([*pip, "-U", "pip>=25.1"])
            run([*pip, *what])
        stamp.write_text(wanted)


def run(command: Sequence[str], **extra: str) -> None:
    """Run a command in the project folder; stop with its status when it fails."""
    done = subprocess.run(list(command), cwd=HERE, env={**os.environ, **extra}, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def python(*arguments: str, **extra: str) -> None:
    """Run the environment's Python."""
    run([str(PYTHON), *arguments], **extra)


def demo(arguments: Sequence[str]) -> None:
    """Run the main job."""
    install()
    python("-m", "fazhi_exam.cli", "demo", *arguments)


def check(_: Sequence[str]) -> None:
    """Look at format, lint and types."""
    install("dev")
    present = [source for source in SOURCES if (HERE / source).exists()]
    python("-m", "ruff", "format", "--check", "-q", *present)
    python("-m", "ruff", "check", "-q", *present)
    python("-m", "mypy", "--no-error-summary")


def test(arguments: Sequence[str]) -> None:
    """Check, then run the tests; one BLAS thread, because the machine has few cores."""
    wanted = [a for a in arguments if a not in ("--browser", "--full")]
    browser = "--browser" in arguments
    check(())
    if browser:
        install("dev", "browser")
        if not any(
            shutil.which(name)
            for name in ("chromium", "chromium-browser", "google-chrome", "chrome")
        ):
            sys.exit("没有找到 Chromium 或 Chrome；Debian 系统可执行 apt-get install chromium")
    flags = [a for a in arguments if a in ("--browser", "--full")]
    python("-m", "pytest", *flags, *wanted, OPENBLAS_NUM_THREADS="1", MPLBACKEND="agg")
    if "--full" in arguments:
        bench(())
    if not browser:
        print("未运行：浏览器测试（python dev.py test --browser）")


def lab(arguments: Sequence[str]) -> None:
    """Open JupyterLab on the notebooks."""
    install()
    python("-m", "jupyterlab", "--notebook-dir", str(HERE / "notebooks"), *arguments)


def app(arguments: Sequence[str]) -> None:
    """Serve the exam-setup notebook as a web page."""
    install("browser")
    notebook = HERE / "notebooks" / "02_组卷.ipynb"
    python("-m", "voila", str(notebook), "--Voila.ip=127.0.0.1", *arguments)


def bench(arguments: Sequence[str]) -> None:
    """Run the benchmarks whose file name holds one of the words given, or all."""
    install("dev", "bench")
    for script in sorted((HERE / "benchmarks").glob("*.py")):
        if script.stem != "__init__" and (
            not arguments or any(word in script.stem for word in arguments)
        ):
            print(f"== {script.stem}", flush=True)
            python(str(script), OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")


def docs(_: Sequence[str]) -> None:
    """Build the documentation."""
    install("docs")
    python("-m", "sphinx", "-q", "-b", "html", "docs", "docs/_build/html")
    print("已生成 docs/_build/html/index.html")


JOBS: dict[str, Callable[[Sequence[str]], None]] = {
    job.__name__: job for job in (demo, test, check, lab, app, bench, docs)
}


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036  (an older Python is what this line is for)
        sys.exit("需要 Python 3.11 或更新的版本")
    if len(sys.argv) < 2 or sys.argv[1] not in JOBS:
        sys.exit(__doc__)
    JOBS[sys.argv[1]](sys.argv[2:])
