"""Results of exams held elsewhere come back as answer sheets, or with the place of every fault."""

import json
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZipFile

from fazhi_exam.delivery import AnswerSheet
from fazhi_exam.formats import csv_bytes, preview_results, read_results
from fazhi_exam.formats.markup import parse_xml
from fazhi_exam.formats.qti_results import item_results
from fazhi_exam.formats.xml_names import xml_name

from ..examples import sitting

HELD = sitting()
CODES = [candidate.code for candidate in HELD.roster if not candidate.exempt]


def expected() -> dict[str, dict[str, frozenset[str]]]:
    """For each candidate the first option of every question, as shown on the paper."""
    out = {}
    for code in CODES:
        paper = HELD.paper(code)
        out[code] = {name: frozenset(order[:1]) for name, order in paper.option_order.items()}
    return out


def chosen(sheets: tuple[AnswerSheet, ...]) -> dict[str, dict[str, frozenset[str]]]:
    return {sheet.candidate: dict(sheet.chosen) for sheet in sheets}


def test_rows_of_answers(tmp_path: Path) -> None:
    """A CSV row or JSON line per answer gives the sheets, whatever the order of rows."""
    rows = [{"考号": code, "题目编号": name, "作答": "".join(ids)}
            for code, answers in expected().items() for name, ids in answers.items()]  # fmt: skip
    (tmp_path / "a.jsonl").write_text(
        "\n".join(json.dumps(row, ensure_ascii=False) for row in reversed(rows)), "utf-8"
    )
    table = [tuple(rows[0]), *(tuple(row.values()) for row in rows)]
    (tmp_path / "a.csv").write_bytes(csv_bytes(table))
    for name in ("a.jsonl", "a.csv"):
        assert chosen(read_results(tmp_path / name, HELD)) == expected()


def test_moodle_report(tmp_path: Path) -> None:
    """A Moodle responses report is read by question text and option text; the last attempt counts."""  # noqa: E501
    size = len(HELD.paper(CODES[0]).item_ids)
    heads = ["Surname", "ID number", "State"]
    heads += [h for n in range(1, size + 1) for h in (f"Question {n}", f"Response {n}")]
    table: list[list[str]] = [heads]
    for attempt in (0, 1):
        for code in CODES:
            row = ["某某", code, "Finished"]
            for name in HELD.paper(code).item_ids:
                item = HELD.bank[name]
                ids = expected()[code].get(name, frozenset()) if attempt else frozenset()
                texts = [option.text for option in item.options if option.id in ids]
                row += [item.stem, "; ".join(texts) or "-"]
            table.append(row)
    table.append(["某某", CODES[0], "In progress", *["-"] * 2 * size])
    (tmp_path / "m.csv").write_bytes(csv_bytes(table))
    reading = preview_results(tmp_path / "m.csv", HELD)
    assert not reading.blocking
    assert chosen(reading.good) == expected()
    assert any("最后一次" in problem.reason for problem in reading.problems)
    assert any("没有交卷" in problem.reason for problem in reading.problems)


def test_qti_results(tmp_path: Path) -> None:
    """QTI result reports of both versions give the sheets."""
    for name, prefix in (("a.xml", ""), ("b.xml", "qti-")):

        def tag(word: str, kebab: str, p: str = prefix) -> str:
            return f"{p}{kebab}" if p else word

        result, item = (
            tag("assessmentResult", "assessment-result"),
            tag("itemResult", "item-result"),
        )
        variable = tag("responseVariable", "response-variable")
        response, value = tag("candidateResponse", "candidate-response"), tag("value", "value")
        source = "sourced-id" if prefix else "sourcedId"
        parts = []
        for code, answers in expected().items():
            rows = "".join(
                f'<{item} identifier="{escape(q)}"><{variable} identifier="RESPONSE"><{response}>'
                + "".join(f"<{value}>{i}</{value}>" for i in sorted(ids))
                + f"</{response}></{variable}></{item}>"
                for q, ids in answers.items()
            )
            parts.append(
                f'<{result}><{tag("context", "context")} {source}="{code}"/>{rows}</{result}>'
            )
        (tmp_path / name).write_text(f"<results>{''.join(parts)}</results>", "utf-8")
        assert chosen(read_results(tmp_path / name, HELD)) == expected()


def report(context: str, *results: str) -> str:
    """A QTI 2.1 report as its schema has it."""
    space = "http://www.imsglobal.org/xsd/imsqti_result_v2p1"
    return f'<assessmentResult xmlns="{space}">{context}{"".join(results)}</assessmentResult>'


def result(item: str, *answers: str | None, day: int = 1, status: str = "final") -> str:
    """One result of an item; None is a response that was left empty."""
    variables = [
        f'<responseVariable identifier="RESPONSE{k}" cardinality="single" baseType="string">'
        "<correctResponse><value>Z</value></correctResponse>"
        f"<candidateResponse>{'' if text is None else f'<value>{text}</value>'}"
        "</candidateResponse></responseVariable>"
        for k, text in enumerate(answers, 1)
    ]
    return (
        f'<itemResult identifier="{item}" datestamp="2026-03-{day:02d}T09:00:00" '
        f'sessionStatus="{status}">'
        '<responseVariable identifier="numAttempts" cardinality="single" baseType="integer">'
        f"<candidateResponse><value>{day}</value></candidateResponse></responseVariable>"
        f"{''.join(reversed(variables))}</itemResult>"
    )


def choices(place: int = 0) -> list[str]:
    """Two questions of a candidate whose options have letters."""
    return [name for name in HELD.paper(CODES[place]).item_ids if HELD.bank[name].options][:2]


def test_the_last_submitted_result_counts(tmp_path: Path) -> None:
    """Attempts are counted by item: changing one answer never costs the others."""
    first, second = choices()
    parts = (
        result(first, "B", day=3),
        result(first, "A", day=2),
        result(first, "C", day=4, status="pendingSubmission"),
        result(second, "B"),
    )
    (tmp_path / "a.xml").write_text(report(f'<context sourcedId="{CODES[0]}"/>', *parts), "utf-8")
    reading = preview_results(tmp_path / "a.xml", HELD)
    assert not reading.blocking
    assert chosen(reading.good) == {CODES[0]: {first: frozenset("B"), second: frozenset("B")}}
    assert any("多次" in problem.reason for problem in reading.problems)


def test_codes_and_ids_as_names(tmp_path: Path) -> None:
    """A code may be escaped or name the session; an item is known by the escape of its id."""
    first, second = choices()[0], choices(1)[0]
    session = f'<sessionIdentifier sourceID="urn:x" identifier="{CODES[1]}"/>'
    files = (
        report(f'<context sourcedId="{xml_name("#" + CODES[0])}"/>'),
        report(f'<context sourcedId="{xml_name(CODES[0])}"/>', result(xml_name(first), "A")),
        report(f"<context>{session}</context>", result(second, "A")),
    )
    with ZipFile(tmp_path / "a.zip", "w") as archive:
        for k, text in enumerate(files):
            archive.writestr(f"{k}.xml", text)
    reading = preview_results(tmp_path / "a.zip", HELD)
    assert [problem.reason for problem in reading.blocking] == ["名册中没有这个考号"]
    assert chosen(reading.good)[CODES[0]] == {first: frozenset("A")}
    assert chosen(reading.good)[CODES[1]] == {second: frozenset("A")}


def test_empty_blanks_keep_their_place() -> None:
    """Blanks come in the order of their variables; one left empty moves none of the others."""
    root = parse_xml(report("<context/>", result("x", None, "乙", "丙")).encode(), "a.xml")
    (one,) = item_results(root)
    assert one.values == ("", "乙", "丙")


def test_faults_are_named(tmp_path: Path) -> None:
    """Unknown people, questions and options are blocking, with their row; nobody is dropped silently."""  # noqa: E501
    name = HELD.paper(CODES[0]).item_ids[0]
    rows = [
        ("考号", "题目编号", "作答"),
        ("没有这人", name, "A"),
        (CODES[0], "没有这题", "A"),
        (CODES[0], name, "Z"),
    ]
    (tmp_path / "a.csv").write_bytes(csv_bytes(rows))
    reading = preview_results(tmp_path / "a.csv", HELD)
    assert [problem.line for problem in reading.blocking] == [2, 3, 4]
    absent = [p for p in reading.problems if "将记为缺考" in p.reason]
    assert len(absent) == len(CODES) - 1
