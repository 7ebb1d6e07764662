"""topics.toml: what it may say, and the one error for what it may not."""

import pytest

from distributor.documents.topicsfile import read
from distributor.errors import DocumentError


def parsed(tmp_path, text: str):
    path = tmp_path / "topics.toml"
    path.write_text(text, "utf-8")
    return read(path)


def test_everything_a_topic_may_say(tmp_path):
    tree = parsed(
        tmp_path,
        """
        ["trade/export-control"]
        label.en = "Export control"
        label.fr = "Contrôle des exportations"
        keywords.en = ["dual-use", "licence"]
        eurovoc = 100194
        iptc = "medtop:20000366"
        ep = "6.20.02"
        aliases = ["dual-use"]
        [trade]
        label.en = "Trade"
        [energy]
        """,
    )
    topic = tree.topics["trade/export-control"]
    assert topic.parent == "trade"
    assert (topic.label("fr"), topic.label("el")) == ("Contrôle des exportations", "Export control")
    assert topic.keywords == {"en": ("dual-use", "licence")}
    assert (topic.eurovoc, topic.iptc, topic.ep) == ("100194", "medtop:20000366", "6.20.02")
    assert topic.aliases == ("dual-use",)
    assert tree.topics["energy"].label("en") == "energy"


@pytest.mark.parametrize(
    ("text", "parents"),
    [
        ('[a]\n["a/b"]', {"a": None, "a/b": "a"}),  # its prefix
        ('["a/b"]', {"a/b": None}),  # there is no such topic
        ('[a]\n["a/b/c"]', {"a": None, "a/b/c": "a"}),  # the nearest that is there
        ('[a]\n[z]\n["a/b"]\nparent = "z"', {"a": None, "z": None, "a/b": "z"}),  # named
        ('[a]\n["a/b"]\nparent = ""', {"a": None, "a/b": None}),  # none, on purpose
    ],
)
def test_parents(tmp_path, text, parents):
    assert {topic.id: topic.parent for topic in parsed(tmp_path, text).topics.values()} == parents


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[a]\nparent = "b"', r"topics.toml \[a\] parent: parent “b” of “a” is not a topic"),
        ('[a]\nparent = "b"\n[b]\nparent = "a"', r"\[a\] parent: “a” is its own ancestor"),
        ("[a]\nlabels.en = 'x'", r"topics.toml \[a\]: unknown key “labels”"),
        ("[trade]\n[trade.export]", r"unknown key “export”.*\[\"trade/export\"\]"),
        ("[a]\nlabel = 'x'", r"\[a\] label: needs a language. Write label.en"),
        ("[a]\nlabel.xx = 'x'", r"\[a\] label: “xx” is no language code"),
        ("[a]\nlabel.en = 3", r"\[a\] label.en: must be a string"),
        ("[a]\nkeywords.en = 'x'", r"\[a\] keywords.en: must be a list"),
        ("[a]\naliases = 'x'", r"\[a\] aliases: must be a list"),
        ("[a]\naliases = ['q']\n[b]\naliases = ['Q']", r"\[b\] aliases: the alias “Q” already names “a”"),
        ("[a]\n[b]\naliases = ['a']", r"\[b\] aliases: the alias “a” already names “a”"),
        ("[a]\nparent = 3", r"\[a\] parent: must be a string"),
        ("[a]\neurovoc = true", r"\[a\] eurovoc: must be a string"),
        ('[a]\nlabel.en = "x\\ny"', r"\[a\] label.en: holds a line break"),
        ("a = 1", r"\[a\]: is not a table"),
        ('["A b"]', "“A b” cannot be a topic's id"),
        ("[a]\n[a]", "is not TOML: .*line 2"),
        ("[a", "is not TOML"),
    ],
)
def test_one_clear_error(tmp_path, text, message):
    with pytest.raises(DocumentError, match=message) as caught:
        parsed(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_not_there(tmp_path):
    with pytest.raises(DocumentError, match=r"topics\.toml: cannot be read"):
        read(tmp_path / "topics.toml")
