"""The stand-alone checker: right transcripts pass, changed ones do not."""

import json
import random
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from fazhi_exam.assembly import bank_manifest, commit_draw, deal, seed_draw, verify_draw
from fazhi_exam.assembly.stream import canonical, digest

from .banks import bank, blueprint, roster

ON = date(2026, 12, 1)
BANK = bank(120, cases=2)
SCRIPT = Path(verify_draw.__file__)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a transcript of six candidates, the bank's manifest and one paper."""
    folder = tmp_path_factory.mktemp("draw")
    secret = bytes(range(32))
    draw = commit_draw(BANK, blueprint(), roster(6), secret=secret, exam_id="试", on=ON)
    papers = deal(draw.reveal(secret=secret, digits="385902"))
    (folder / "transcript.json").write_bytes(papers.transcript())
    (folder / "bank.json").write_bytes(bank_manifest(BANK))
    (folder / "paper.json").write_bytes(papers["K0003"].to_json())
    (folder / "commitment").write_text(draw.commitment)
    return folder


def isolated(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the checker in an interpreter that sees neither this library nor any other."""
    command = [sys.executable, "-I", "-S", str(SCRIPT), *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", env={"PYTHONIOENCODING": "utf-8"}
    )


def refused(monkeypatch: pytest.MonkeyPatch, arguments: Sequence[str | Path]) -> str:
    """Run the checker here and return its complaint; empty when all is well."""
    monkeypatch.setattr(sys, "argv", ["verify_draw.py", *map(str, arguments)])
    try:
        verify_draw.main()
    except SystemExit as end:
        return str(end.code)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        # The script turns these into one sentence where it starts.
        return repr(error)
    return ""


def test_the_checker_is_short_and_stands_alone() -> None:
    """Under 150 lines, and nothing but the standard library is imported."""
    text = SCRIPT.read_text("utf-8")
    assert len(text.splitlines()) < 150
    found = {line.split()[1] for line in text.splitlines() if line.startswith(("import", "from"))}
    assert found == {"argparse", "hashlib", "json", "struct", "sys", "pathlib", "typing"}


def test_a_right_transcript_passes(files: Path) -> None:
    """Transcript, published commitment and bank agree in an isolated interpreter."""
    ran = isolated(
        files / "transcript.json",
        "--commitment",
        (files / "commitment").read_text(),
        "--bank",
        files / "bank.json",
    )
    assert (ran.returncode, ran.stdout) == (0, "")
    assert "核验通过：名单 6 人，试卷 6 份" in ran.stderr


def test_one_paper_is_derived_and_compared(files: Path) -> None:
    """One candidate's paper is printed as it was dealt."""
    ran = isolated(files / "transcript.json", "--code", "K0003", "--paper", files / "paper.json")
    assert ran.returncode == 0
    assert ran.stdout.rstrip("\n").encode() == (files / "paper.json").read_bytes()
    other = isolated(files / "transcript.json", "--code", "K0004", "--paper", files / "paper.json")
    assert other.returncode != 0
    assert "不符" in other.stderr


def test_a_transcript_of_another_process_passes(tmp_path: Path) -> None:
    """Secret and transcript of another process, started with another hash seed, are checked."""
    program = (
        "import secrets, sys; from datetime import date;"
        "from tests.assembly.banks import bank, blueprint, roster;"
        "from fazhi_exam.assembly import commit_draw, deal;"
        "s = secrets.token_bytes(32);"
        "d = commit_draw(bank(120), blueprint(), roster(4), secret=s, exam_id='x',"
        " on=date(2026, 12, 1));"
        "sys.stdout.buffer.write(deal(d.reveal(secret=s, digits='0417')).transcript())"
    )
    folders = [str(SCRIPT.parents[2]), str(Path(__file__).parents[2])]
    made = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {folders!r}; " + program],
        capture_output=True,
        check=True,
        env={"PYTHONHASHSEED": "77"},
    )
    (tmp_path / "t.json").write_bytes(made.stdout)
    assert isolated(tmp_path / "t.json").returncode == 0


def test_a_demonstration_proves_nothing(tmp_path: Path) -> None:
    """A transcript from a plain seed passes only when asked for as a demonstration."""
    papers = deal(seed_draw(BANK, blueprint(), roster(2), seed=5, exam_id="演示", on=ON))
    (tmp_path / "t.json").write_bytes(papers.transcript())
    assert "演示抽题，不能证明公正" in isolated(tmp_path / "t.json").stderr
    assert isolated(tmp_path / "t.json", "--demo").returncode == 0


def test_missing_and_damaged_files_are_sentences(files: Path, tmp_path: Path) -> None:
    """No file, no JSON, or JSON of something else: one sentence and status 1, no traceback."""
    for data in (b"", b"\xff\xfe", b"[]", b"{}", b'{"check":1}'):
        (tmp_path / "t.json").write_bytes(data)
        ran = isolated(tmp_path / "t.json")
        assert ran.returncode == 1
        assert "核验未通过" in ran.stderr
        assert "Traceback" not in ran.stderr
    assert "核验未通过" in isolated(tmp_path / "none.json").stderr
    assert "没有这名考生" in isolated(files / "transcript.json", "--code", "K9999").stderr


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("digits",), "385903"),
        (("secret",), "00" * 32),
        (("seed",), "00" * 32),
        (("roster", 0, "neighbour_class"), 1),
        (("roster", 0, "seen"), ["07-0000"]),
        (("roster", 0, "code"), "K0000"),
        (("manifest", "max_attempts"), 1999),
        (("manifest", "bank"), "0" * 64),
        (("manifest", "order"), "as_drawn"),
        (("manifest", "plans", 0, 0), 4),
        (("papers", "K0001"), "0" * 64),
        (("secret_hash",), "0" * 64),
        (("commitment",), "0" * 64),
    ],
)
def test_careful_tampering_is_found(
    files: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: tuple[str | int, ...],
    value: object,
) -> None:
    """A change is found even when its author has made the record's own check value right again."""
    found = json.loads((files / "transcript.json").read_bytes())
    spot = found
    for key in place[:-1]:
        spot = spot[key]
    spot[place[-1]] = value
    del found["check"]
    (tmp_path / "t.json").write_bytes(canonical(found | {"check": digest(found)}))
    assert refused(monkeypatch, [tmp_path / "t.json"])


def test_a_consistent_forgery_is_found_by_the_published_commitment(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole new draw with another secret agrees with itself, not with what was published."""
    secret = bytes(32)
    draw = commit_draw(BANK, blueprint(), roster(6), secret=secret, exam_id="试", on=ON)
    papers = deal(draw.reveal(secret=secret, digits="385902"))
    (tmp_path / "t.json").write_bytes(papers.transcript())
    assert not refused(monkeypatch, [tmp_path / "t.json"])
    published = ["--commitment", (files / "commitment").read_text()]
    assert "与事先公布的不同" in refused(monkeypatch, [tmp_path / "t.json", *published])


def edits(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int) -> list[str]:
    """Change single bytes of the three files at random; return the changes that passed."""
    rng = random.Random(20261201)  # noqa: S311
    command: list[str | Path] = [tmp_path / "transcript.json", "--bank", tmp_path / "bank.json"]
    command += ["--code", "K0003", "--paper", tmp_path / "paper.json"]
    passed = []
    for turn in range(times):
        for name in ("transcript.json", "bank.json", "paper.json"):
            (tmp_path / name).write_bytes((files / name).read_bytes())
        name = ("transcript.json", "bank.json", "paper.json")[turn % 3]
        data = bytearray((tmp_path / name).read_bytes())
        at = rng.randrange(len(data))
        match turn % 4:
            case 0:
                del data[at]
            case 1:
                data.insert(at, rng.choice(b" 0a,\n"))
            case _:
                data[at] ^= rng.randrange(1, 256)
        (tmp_path / name).write_bytes(data)
        if not refused(monkeypatch, command):
            passed.append(f"{name} {at}")
    return passed


def test_single_byte_edits_are_found(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixty single-byte edits of transcript, bank or paper are all found."""
    assert edits(files, tmp_path, monkeypatch, 60) == []


@pytest.mark.full
def test_a_thousand_single_byte_edits_are_found(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand single-byte edits of transcript, bank or paper are all found."""
    assert edits(files, tmp_path, monkeypatch, 1000) == []
