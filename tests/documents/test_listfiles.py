"""Folders of lists: what is read, what is refused and where, and that what we write reads the same.

Planted bugs that these tests caught: an unclosed quotation mark that swallows the rows below it; a second
row of an address taken; a list name that differs in capitals only.
"""

import csv
import io
import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distributor.documents import listfiles, listrows, listtable, listwriting
from distributor.errors import DistributorError, DocumentError, NotFound
from distributor.model.address import Address
from distributor.model.contact import BadRow, ContactRow, ListFile
from distributor.model.topic import Topic
from distributor.policy.topics import build
from distributor.resources import shipped

TREE = build(
    [Topic("trade"), Topic("trade/export", parent="trade", aliases=("dual use",)), Topic("energy")], where=""
)


def rows(text: str | bytes) -> tuple[tuple[ContactRow, ...], tuple[BadRow, ...]]:
    data = text.encode() if isinstance(text, str) else text
    return listrows.read(listtable.read(data, where="t.csv"), file="t.csv", tree=TREE)


def good(text: str | bytes) -> ContactRow:
    (found,), refused = rows(text)
    assert refused == ()
    return found


def folder(path: Path, **files: str) -> Path:
    for name, text in files.items():
        stem, _, kind = name.rpartition("_")
        (path / f"{stem}.{kind}").write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    "data",
    [
        "email,name,outlet\nana@example.org,Zoë Ødegård,The Quay\n".encode(),  # plain
        "email,name,outlet\r\nana@example.org,Zoë Ødegård,The Quay\r\n".encode("utf-8-sig"),  # Excel, UTF-8
        "email;name;outlet\r\nana@example.org;Zoë Ødegård;The Quay\r\n".encode("cp1252"),  # Excel in Europe
        "email\tname\toutlet\r\nana@example.org\tZoë Ødegård\tThe Quay".encode(
            "utf-16"
        ),  # Excel, Unicode text
        "sep=;\r\nemail;name;outlet\r\nana@example.org;Zoë Ødegård;The Quay\r\n".encode(),  # Excel's own line
        "\n E-Mail ; Name;Outlet\n\n ana@example.org ;Zoë Ødegård; The Quay \n;;\n".encode(),  # by hand
        "outlet,email,name\rThe Quay,ana@example.org,Zoë Ødegård\r".encode(),  # another order; an old Mac
        'email,name,outlet\n"ana@example.org","Zoë Ødegård","The Quay"'.encode(),  # all in quotes
    ],
)
def test_what_spreadsheets_write(data):
    found = good(data)
    assert (found.address.text, found.name, found.outlet) == ("ana@example.org", "Zoë Ødegård", "The Quay")


def test_a_comma_in_the_first_line_of_a_semicolon_file():
    assert good("email;name;last, first\nana@example.org;Ana, Bo;x\n").extra == {"last, first": "x"}


def test_utf8_and_windows_1252_lines_in_one_file():
    data = "email,name\na@example.org,Zoë\n".encode() + "b@example.org,Zoë\n".encode("cp1252")
    assert [row.name for row in rows(data)[0]] == ["Zoë", "Zoë"]


def test_every_column():
    text = (
        "email,first_name,last_name,language,topics,embargo_access,note,desk\n"
        'Ana@Example.org,Ana,Weir,"EN, fr-BE;de",dual use|Trade,Accredited,"two\nlines",EU\n'
    )
    found = good(text)
    assert found.address == Address("Ana@example.org", "ana@example.org")
    assert found.name == "Ana Weir"
    assert found.languages == ("en", "fr", "de")
    assert found.topics == ("trade/export", "trade")
    assert (found.embargo_access, found.note, found.extra) == ("accredited", "two\nlines", {"desk": "EU"})
    assert found.line == 2


HEAD = "email,name,language,topics,embargo_access"


@pytest.mark.parametrize(
    ("line", "value", "reason"),
    [
        ("no address,Ana,,,", "no address", "is not an e-mail address"),
        (",Ana,,,", "", "no address"),
        ("ana@example..org,Ana,,,", "ana@example..org", "is not an e-mail address"),
        ("ana@example.org,Ana,xx,,", "xx", "is no language code"),
        ("ana@example.org,Ana,gr,,", "gr", "is no language code"),
        ("ana@example.org,Ana,,tarde,", "tarde", "is no topic. Did you mean “trade”"),
        ("ana@example.org,Ana,,,very special!", "very special!", "is no name of a tier"),
        ("ana@example.org,Ana,", "ana@example.org,Ana,", "has 3 columns, the first line 5"),
        ("ana@example.org,Ana,,,,x", "ana@example.org,Ana,,,,x", "has 6 columns"),
        ("ana@example.org,A\x00na,,,", "A\\x00na", r"name holds a control character \(U\+0000\)"),
        ("ana@example.org,A\x7fna,,,", "A\\x7fna", "a control character"),
        ("ana@example.org,A\x85na,,,", "A\\x85na", "name holds a line break"),
        ("ana@example.org,A\u2028na,,,", "A\\u2028na", "name holds a line break"),
        ('ana@example.org,"Ana\rBcc: x@example.com",,,', "Ana\\x0dBcc: x@example.com", "a line break"),
        ('ana@example.org,"Ana\nBcc: x@example.com",,,', "Ana\\x0aBcc: x@example.com", "a line break"),
        (
            "ana@example.org,=?utf-8?q?A=0ABcc:x?=,,,",
            "=?utf-8?q?A=0ABcc:x?=",
            "name holds an encoded word with a line break",
        ),
        ("ana@example.org,Ana%0d%0aBcc:x,,,", "Ana%0d%0aBcc:x", "name holds an encoded line break"),
        ("ana@example.org,A\u202ena,,,", "A\\u202ena", r"name holds a hidden mark \(U\+202E\)"),
        ("a\u200fna@example.org,Ana,,,", "a\\u200fna@example.org", r"a hidden mark \(U\+200F\)"),
        (f"{'a' * 65}@example.org,Ana,,,", f"{'a' * 65}@example.org", "longer than 64 bytes"),
        ("=?utf-8?q?a=0Ab?=@example.org,Ana,,,", "=?utf-8?q?a=0Ab?=@example.org", "an encoded word"),
        (
            "ana@example.org%0aBcc:x@example.com,Ana,,,",
            "ana@example.org%0aBcc:x@example.com",
            "email holds an encoded line break",
        ),
        (
            'ana@example.org,"Ana,,,',
            'ana@example.org,"Ana,,,',
            "its quotation marks or line breaks do not fit",
        ),
        ('ana@example.org,"A" na,,,', 'ana@example.org,"A" na,,,', "its quotation marks"),
        ("bo@example.org,Second,,,", "bo@example.org", "this address stands in line 2 already"),
        ("BO@Example.ORG,Second,,,", "BO@example.org", "this address stands in line 2 already"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_the_others_go_on(line, value, reason):
    found, (bad,) = rows(f"{HEAD}\nbo@example.org,Bo,,,\n{line}\ncy@example.org,Cy,,,\n")
    assert [row.name for row in found] == ["Bo", "Cy"]
    assert (bad.file, bad.line, bad.value) == ("t.csv", 3, value)
    assert re.search(reason, bad.reason)
    assert bad.raw


def test_lines_are_counted_over_notes_of_several_lines():
    found, refused = rows('email,note\na@example.org,"one\ntwo\n\nthree"\nnone,x\nb@example.org,"y"\n')
    assert [row.line for row in found] == [2, 7]
    assert [bad.line for bad in refused] == [6]


@pytest.mark.parametrize(
    ("text", "names", "lines"),
    [
        # never closed
        ('a@example.org,"Ana\nb@example.org,Bo\nc@example.org,Cy\n', ["Bo", "Cy"], [2]),
        # closed by an accident further down
        ('a@example.org,"Ana\nb@example.org,Bo\nc@example.org,Cy"\n', ["Bo", 'Cy"'], [2]),
        ('a@example.org,"Ana\nb@example.org,"Bo"\nc@example.org,Cy\n', ["Bo", "Cy"], [2]),
        # a line break in a name: one row, refused whole
        ('a@example.org,"Ana\nBcc: x@example.com"\nb@example.org,Bo\n', ["Bo"], [2]),
        # something after the closing mark
        ('"a@example.org","Ana"x\nb@example.org,Bo\n', ["Bo"], [2]),
    ],
)
def test_a_broken_quotation_mark_spoils_its_own_row_only(text, names, lines):
    found, refused = rows("email,name\n" + text)
    assert [row.name for row in found] == names
    assert [bad.line for bad in refused] == lines


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "t.csv: is empty"),
        (b"\n\n", "is empty"),
        (b"name,outlet\nAna,Quay\n", "t.csv:1: the first line names no column “email”"),
        (b"ana@example.org\nbo@example.org\n", "no column “email”"),
        (b"email,name,E-Mail\n", "two columns are called “email”"),
        (b"email,desk,desk\n", "two columns are called “desk”"),
        (b"PK\x03\x04\x14\x00", "is not a text file"),
        (b"email\x00name", "is not a text file"),
    ],
)
def test_a_file_that_is_no_list_refuses_the_whole(data, message):
    with pytest.raises(DocumentError, match=message):
        listtable.read(data, where="t.csv")


def test_a_folder(tmp_path):
    folder(
        tmp_path,
        topics_toml='[trade]\nlabel.en = "Trade"\n',
        b_toml='title = "Bees"\ntopics = ["Trade", "*"]\nlanguage = "FR"\nembargo_access = "Early"\n',
        b_csv="email\na@example.org\n",
        Alone_csv="email\na@example.org\n",
        empty_toml="",
        README_md="not a list",
    )
    (tmp_path / ".hidden.csv").write_text("x")
    (tmp_path / "old.xlsx").write_bytes(b"PK")
    found = listfiles.read_folder(tmp_path)
    assert [one.name for one in found.lists] == ["Alone", "b", "empty"]
    alone, bees, empty = found.lists
    assert (bees.title, bees.topics, bees.language, bees.embargo_access) == (
        "Bees",
        ("trade", "*"),
        "fr",
        "early",
    )
    assert (alone.title, alone.topics, alone.language, len(alone.rows)) == ("Alone", (), None, 1)
    assert (empty.title, empty.rows) == ("empty", ())
    assert found.notes == ("old.xlsx is not read: save it as CSV",)


@pytest.mark.parametrize(
    ("files", "error", "message"),
    [
        (
            {"a_toml": 'topics = ["tarde"]'},
            NotFound,
            "a.toml topics: there is no topic “tarde”. Did you mean “trade”",
        ),
        ({"a_toml": "titel = 'x'"}, DocumentError, "a.toml: unknown key “titel”"),
        ({"a_toml": "title = 3"}, DocumentError, "a.toml title: must be a string"),
        ({"a_toml": "topics = 'trade'"}, DocumentError, "a.toml topics: must be a list"),
        ({"a_toml": "language = 'xx'"}, DocumentError, "a.toml language: “xx” is no language code"),
        ({"a_toml": 'title = "a\\nb"'}, DocumentError, "a.toml title: holds a line break"),
        ({"a_toml": 'title = "=?utf-8?q?a=0Ab?="'}, DocumentError, "a.toml title: holds an encoded word"),
        (
            {"a_toml": "embargo_access = 'a b'"},
            DocumentError,
            "a.toml embargo_access: “a b” is no name of a tier",
        ),
        ({"a_toml": "title = x"}, DocumentError, "a.toml: is not TOML: .*line 1"),
        ({"trade_csv": "email\n", "Trade_csv": "email\n"}, DocumentError, "the list “trade” is there twice"),
        (
            {"trade_csv": "email\n", "Trade_toml": ""},
            DocumentError,
            "is there twice: Trade.toml and trade.csv",
        ),
        ({"a_csv": "email\n", "a_CSV": "email\n"}, DocumentError, "the list “a” is there twice"),
        ({"topics_csv": "email\n"}, DocumentError, "“topics” cannot be a list's name"),
        ({"a,b_csv": "email\n"}, DocumentError, "“a,b” cannot be a list's name"),
        ({"a_csv": "name\n"}, DocumentError, "a.csv:1: the first line names no column"),
    ],
)
def test_what_refuses_the_folder(tmp_path, files, error, message):
    with pytest.raises(error, match=message):
        listfiles.read_folder(folder(tmp_path, topics_toml="[trade]", **files))


def test_what_has_a_lists_name_and_is_no_file_refuses_the_folder(tmp_path):
    """Planted: it was an empty list, and its people were gone."""
    (tmp_path / "agencies.csv").symlink_to(tmp_path / "away.csv")
    with pytest.raises(DocumentError, match=r"agencies\.csv: leads to a file that is not there"):
        listfiles.read_folder(tmp_path)
    (tmp_path / "agencies.csv").unlink()
    (tmp_path / "agencies.csv").mkdir()
    with pytest.raises(DocumentError, match=r"agencies\.csv: is no file"):
        listfiles.read_folder(tmp_path)


def test_no_such_folder(tmp_path):
    with pytest.raises(DocumentError, match="there is no such folder"):
        listfiles.read_folder(tmp_path / "none")


def test_without_topics_toml_the_known_topics_count(tmp_path):
    found = listfiles.read_folder(folder(tmp_path, a_toml='topics = ["energy"]'), known=TREE)
    assert found.topics is None
    assert found.lists[0].topics == ("energy",)


def test_the_shipped_lists_are_good():
    found = listfiles.read_folder(shipped("lists"))
    assert len(found.lists) == 6
    assert not any(one.refused for one in found.lists)
    people = {row.address.key: row for one in found.lists for row in one.rows}
    assert 55 <= len(people) <= 65
    assert len([row for one in found.lists for row in one.rows]) > len(people), "no overlap"
    assert {key.partition("@")[2] for key in people} == {"example.org", "example.com", "example.eu"}
    assert {"en", "fr", "de", "es", "it", "pl", "nl", "el"} <= {row.languages[0] for row in people.values()}
    tiers = {one.embargo_access for one in found.lists}
    assert {"accredited", "agencies"} <= tiers


# what we write reads the same

WORD = st.text(st.characters(exclude_categories=("C", "Z")), max_size=8).filter(
    lambda t: "=?" not in t and "%" not in t
)
TEXT = (
    st.lists(WORD, max_size=3)
    .map(lambda words: " ".join(word for word in words if word))
    .filter(lambda t: "&#" not in t)
)
CONTACT = st.builds(
    ContactRow,
    address=st.from_regex(r"[a-z]{1,6}(\.[a-z]{1,6})?@example\.(org|com|eu)", fullmatch=True).map(
        Address.parse
    ),
    line=st.just(0),
    **dict.fromkeys(
        ("first_name", "last_name", "outlet", "medium", "role", "country", "phone", "source"), TEXT
    ),
    name=TEXT.filter(bool),
    note=st.lists(TEXT.filter(bool), max_size=3).map("\n".join),
    languages=st.lists(st.sampled_from(["en", "fr", "el"]), unique=True).map(tuple),
    topics=st.lists(st.sampled_from(["trade", "trade/export", "*"]), unique=True).map(tuple),
    embargo_access=st.sampled_from([None, "early"]),
    extra=st.dictionaries(st.sampled_from(["desk", "Büro", "x,y"]), TEXT.filter(bool)),
)
LIST = st.builds(
    ListFile,
    name=st.just("list"),
    title=TEXT.filter(bool),
    topics=st.lists(st.sampled_from(["trade", "energy", "*"]), unique=True).map(tuple),
    language=st.sampled_from([None, "en", "el"]),
    embargo_access=st.sampled_from([None, "early"]),
    rows=st.lists(CONTACT, max_size=4, unique_by=lambda row: row.address.key).map(tuple),
    refused=st.just(()),
)


@settings(deadline=None)
@given(LIST)
def test_written_and_read_again(tmp_path_factory, written):
    path = tmp_path_factory.mktemp("lists")
    listwriting.write([written], tree=TREE, folder=path)
    found = listfiles.read_folder(path)
    (read,) = found.lists
    assert read.refused == ()
    lineless = [
        ContactRow(**{name: getattr(row, name) for name in row.__slots__ if name != "line"}, line=0)
        for row in read.rows
    ]
    assert (tuple(lineless), read.title, read.topics, read.language, read.embargo_access) == (
        written.rows,
        written.title,
        written.topics,
        written.language,
        written.embargo_access,
    )
    assert found.topics == TREE


def test_the_shipped_topics_written_and_read_again(tmp_path):
    found = listfiles.read_folder(shipped("lists"))
    listwriting.write(found.lists, tree=found.topics, folder=tmp_path)
    assert listfiles.read_folder(tmp_path).topics == found.topics


@settings(deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_rows_or_one_clear_error(text):
    """Never a traceback, and never a value with a control character in a row that is taken."""
    try:
        found, _ = rows("email,name\n" + text)
    except DistributorError:
        return
    for row in found:
        assert row.name == row.name.strip()
        assert all(ord(c) >= 32 and ord(c) != 127 for c in row.name + row.address.text)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["a@example.org", "b@example.org", '"x', 'c"d', "none", "", '"q"', ","]), max_size=12
    )
)
def test_no_row_is_lost(cells):
    """Every line that is not blank is a good row or a refused one, whatever the quotation marks."""
    lines = [f"{cell},n" for cell in cells]
    found, refused = rows("email,name\n" + "\n".join(lines))
    spoken = sum(bad.raw.count("\n") + 1 for bad in refused)
    assert len(found) + spoken == len(lines)
    good_lines = [line for line in lines if line.startswith(("a@", "b@"))]
    assert {row.address.key for row in found} == {line.partition(",")[0] for line in good_lines}


def test_csv_is_what_a_plain_reader_reads():
    one = ListFile("l", "L", (), None, None, (good('email,name,note\na@example.org,"Ö, x","1\n2"\n'),), ())
    table = list(csv.DictReader(io.StringIO(listwriting.list_csv(one), newline="")))
    assert (table[0]["email"], table[0]["name"], table[0]["note"]) == ("a@example.org", "Ö, x", "1\n2")


@pytest.mark.parametrize(
    "cell", ["=1+1", "+32 2 555", "-x", "@SUM(A1)", "＝1+1", "'=x", "''+x", "'quoted'", "O'Hara"]
)
def test_no_cell_is_a_formula_and_each_reads_back(cell):
    row = ContactRow(Address.parse("ana@example.org"), line=2, phone=cell, extra={"=cmd": cell})
    text = listwriting.list_csv(ListFile("t", "T", (), None, None, rows=(row,), refused=()))
    for written in itertools.chain.from_iterable(csv.reader(io.StringIO(text))):
        assert written[:1] not in tuple("=+-@＝")
    (read,), refused = listrows.read(listtable.read(text.encode(), where="t"), file="t.csv", tree=TREE)
    assert (read.phone, read.extra, refused) == (cell, {"=cmd": cell}, ())


def test_a_column_that_looks_misspelt_is_told(tmp_path):
    """It is kept as any column that we do not know, and one that is like none of ours is not spoken of."""
    (tmp_path / "sea.csv").write_text("email,nmae,lanugage,beat,company\na@example.org,A,fr,ports,Gazette\n")
    found = listfiles.read_folder(tmp_path)
    assert [note.partition(": ")[2] for note in found.notes] == [
        "the column “nmae” is kept and not understood: is “name” meant?",
        "the column “lanugage” is kept and not understood: is “language” meant?",
    ]
    assert found.lists[0].rows[0].extra["nmae"] == "A"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_has_a_cure(encoding):
    with pytest.raises(DocumentError, match=r"UTF-16 without its mark.*CSV UTF-8"):
        listtable.decode("email,name\nzoe@example.org,Zoë Ж\n".encode(encoding), where="t.csv")
