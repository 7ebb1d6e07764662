"""List files edited row by row, and what people paste.

Planted once by hand and caught: a refused row that is left out; a formula that is not guarded.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributor.documents import listrows, listtable, pastedlist
from distributor.documents.listediting import edited
from distributor.model.topic import TopicTree

TREE = TopicTree(topics={})
FILE = (
    'sep=;\nE-Mail;who\nada@example.org;"two\nlines"\n\nbroken\n"bea@example.org;Bea\ncem@example.org;Cem\n'
)


def text(data: bytes) -> str:
    return data.decode("utf-8-sig").replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("put", "drop", "written"),
    [
        ({}, [], FILE),
        ({}, ["cem@example.org"], FILE.replace("cem@example.org;Cem\n", "")),
        ({"cem@example.org": {"who": "C;m"}}, [], FILE.replace(";Cem", ';"C;m"')),
        ({"new@example.eu": {"email": "new@example.eu", "who": "=N"}}, [], f"{FILE}new@example.eu;'=N\n"),
        # a column that the file does not have: rows that can be read get it, the others stay
        (
            {"ada@example.org": {"outlet": "Quay"}},
            [],
            FILE.replace("who", "who;outlet").replace('lines"', 'lines";Quay').replace(";Cem", ";Cem;"),
        ),
    ],
)
def test_other_lines_stay_as_they_stand(put: dict, drop: list[str], written: str) -> None:
    assert text(edited(FILE.encode(), where="x.csv", put=put, drop=drop)) == written


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=8)


@given(NAMES, NAMES)
def test_what_is_written_is_read(name: str, outlet: str) -> None:
    said = {"email": "ada@example.org", "name": name, "outlet": outlet}
    again = listtable.read(edited(None, where="x.csv", put={"ada@example.org": said}), where="x.csv")
    rows, refused = listrows.read(again, file="x.csv", tree=TREE)
    assert [(row.name, row.outlet) for row in rows] == [(name, outlet)]
    assert refused == ()


@pytest.mark.parametrize(
    ("pasted", "people"),
    [
        ("ada@example.org", [("ada@example.org", "")]),
        ("Bcc: Li, Ada <a@example.eu>; b@example.eu", [("a@example.eu", "Li, Ada"), ("b@example.eu", "")]),
        ('b@example.eu, "Bo" <c@example.eu>,\n', [("b@example.eu", ""), ("c@example.eu", "Bo")]),
        ("email\tname\nada@example.org\tAda", [("ada@example.org", "Ada")]),
    ],
)
def test_people_are_read_as_they_are_pasted(pasted: str, people: list[tuple[str, str]]) -> None:
    rows, refused = pastedlist.read(pasted.encode(), tree=TREE)
    assert [(row.address.text, row.name) for row in rows] == people
    assert refused == ()


def test_what_is_no_address_is_refused_with_its_line() -> None:
    pasted = b"ada@example.org\n\nnobody\nada@@x\nAda@example.org\nBo; bo@example.eu"
    rows, refused = pastedlist.read(pasted, tree=TREE)
    assert [row.line for row in rows] == [1, 6]
    assert [bad.line for bad in refused] == [3, 4, 5, 6]
