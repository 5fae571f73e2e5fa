"""Any id can be an XML name, and comes back from it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fazhi_exam.formats.xml_names import from_xml_name, xml_name

NAME = re.compile(r"[A-Za-z_一-龥][A-Za-z_一-龥0-9.\-]*")
SIGNS = st.sampled_from("a_xX0Fé甲 /:-.0041😀\n")


@given(st.text(min_size=1) | st.text(SIGNS, min_size=1))
def test_every_text_comes_back(text: str) -> None:
    """A text of any signs gives a name, and the name gives the text."""
    assert NAME.fullmatch(xml_name(text))
    assert from_xml_name(xml_name(text)) == text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("07-0901", "_x0030_7-0901"),
        ("XZCF-0117", "XZCF-0117"),
        ("案例_1.a", "案例_1.a"),
        ("a b:c", "a_x0020_b_x003A_c"),
        ("_x0041_", "_x005F_x0041_"),
    ],
)
def test_names_are_those_of_the_standard(text: str, name: str) -> None:
    """Signs that no name has are escaped as SQL/XML and Excel do; the others stay."""
    assert xml_name(text) == name


@pytest.mark.parametrize("name", ["RESPONSE", "_x00g1_", "_xFFFFFF_", "x0041_"])
def test_other_names_are_left_alone(name: str) -> None:
    """What is no escape is not read as one."""
    assert from_xml_name(name) == name
