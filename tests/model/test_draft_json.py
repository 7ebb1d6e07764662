"""A version survives JSON and back without loss, and has the keys of the JSON contract (design §8.1)."""

import json
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from distributor.model.draft import Block, Dateline, Mark, PressContact, Version
from distributor.model.draft_json import version_from_json, version_to_json

texts = st.text(max_size=20)
maybe = st.none() | texts
many = st.lists(texts, max_size=3).map(tuple)
marks = st.lists(
    st.builds(
        Mark, st.integers(0, 9), st.integers(0, 9), st.sampled_from(["strong", "emphasis", "link"]), maybe
    ),
    max_size=2,
).map(tuple)
kinds = st.sampled_from(["paragraph", "heading", "list", "quote", "table", "image"])
versions = st.builds(
    Version,
    language=texts,
    headline=texts,
    site_line=maybe,
    release_line=maybe,
    date_line=maybe,
    subhead=maybe,
    dateline=st.none() | st.builds(Dateline, maybe, st.none() | st.dates(), texts),
    lead=texts,
    marks=marks,
    blocks=st.lists(
        st.builds(Block, kinds, texts, maybe, maybe, maybe, st.booleans(), maybe, marks), max_size=3
    ).map(tuple),
    notes_heading=maybe,
    notes_to_editors=many,
    contacts_heading=maybe,
    contacts=st.lists(st.builds(PressContact, maybe, maybe, maybe, maybe, texts), max_size=2).map(tuple),
    boilerplate_heading=maybe,
    boilerplate=many,
    end_mark=maybe,
)


@given(versions)
def test_json_and_back(version: Version) -> None:
    assert version_from_json(json.loads(json.dumps(version_to_json(version)))) == version


def test_the_contract() -> None:
    document = version_to_json(
        Version(
            "en",
            "Headline",
            dateline=Dateline("Brussels", date(2030, 3, 3), "Brussels, 3 March 2030"),
            blocks=(Block("paragraph", "Text"),),
            contacts=(PressContact("Ann", email="ann@example.org"),),
        )
    )
    assert {"language", "site_line", "headline", "subhead", "dateline", "lead", "blocks"} <= document.keys()
    assert {"notes_to_editors", "contacts", "boilerplate"} <= document.keys()
    assert {"place": "Brussels", "date": "2030-03-03"}.items() <= document["dateline"].items()
    assert {"kind": "paragraph", "text": "Text", "speaker": None, "role": None}.items() <= document["blocks"][
        0
    ].items()
    assert {"name", "role", "phone", "email"} <= document["contacts"][0].keys()


def test_documents_of_an_older_release_lack_newer_keys() -> None:
    assert version_from_json({"language": "en", "headline": "H"}) == Version("en", "H")
