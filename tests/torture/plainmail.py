"""A small office for many releases: few people, and templates of its own that cost little to fill."""

from dataclasses import replace
from functools import cache
from hashlib import sha256

from distributor.documents import parse
from distributor.model.draft import Draft
from tests.house import House

TIERS = ("agencies", "accredited")
_PEOPLE = {
    "north": ("a", "", [f"n{number}@example.org" for number in range(2)]),
    "south": ("b", "", ["s0@example.com"]),
    "agencies": ("*", "agencies", [f"wire{number}@example.eu" for number in range(2)]),
    "accredited": ("*", "accredited", [f"pen{number}@example.org" for number in range(2)]),
}
TOPICS = ("a", "b", "c")
_TOPICS_TOML = "".join(f'[{topic}]\nlabel.en = "Topic {topic}"\n' for topic in TOPICS)
_DOCUMENT = "---\nlanguage: en\n---\n# A quay opens\n\nThe quay opens. That is all.\n"
_FOOT = "{{ fields.reason }} {{ page.unsubscribe }}{{ fields.token }}"
_WORD = "{% if page.notice %}{{ page.notice.word }}{% endif %}"
_UNTIL = "{% if page.embargo %}{{ page.embargo.day }}{% endif %}"
_TEXT = f"{_WORD}\n{_UNTIL}\n{{{{ page.headline }}}}\n{_FOOT}\n"
_HTML = (
    '<!DOCTYPE html>\n<html lang="en"><head><title>{{ page.subject }}</title></head><body>'
    f"<p>{_WORD} {_UNTIL} {{{{ page.headline }}}}</p><p>{_FOOT}</p></body></html>\n"
)


def furnish(house: House, *, zone: str) -> None:
    """Its folder, with topics, lists, config and templates; times that name no zone are in `zone`."""
    (house.folder / "lists").mkdir(parents=True)
    (house.folder / "templates" / "email").mkdir(parents=True)
    house.configure(schedule=f'timezone = "{zone}"\nshow_zones = ["{zone}", "UTC"]\n')
    for name in ("release", "notice"):
        (house.folder / "templates" / "email" / f"{name}.txt.j2").write_text(_TEXT)
        (house.folder / "templates" / "email" / f"{name}.html.j2").write_text(_HTML)
    (house.folder / "lists" / "topics.toml").write_text(_TOPICS_TOML)
    for name, (topic, tier, people) in _PEOPLE.items():
        settings = f'title = "{name}"\ntopics = ["{topic}"]\nembargo_access = "{tier}"\n'
        (house.folder / "lists" / f"{name}.toml").write_text(settings)
        rows = "".join(f"{address}\n" for address in people)
        (house.folder / "lists" / f"{name}.csv").write_text(f"email\n{rows}")


def audience(topic: str) -> dict[str, str]:
    """Who follows it: {address: tier, or ""}."""
    fitting = [found for found in _PEOPLE.values() if found[0] in (topic, "*")]
    return {address: tier for _, tier, people in fitting for address in people}


def document(reference: str, topic: str, text: int) -> Draft:
    """A release whose headline says which text of it this is."""
    draft = _read()
    version = replace(draft.version, headline=f"A quay opens: text {text}")
    name = f"{reference} {text}"
    return replace(
        draft,
        version=version,
        reference=reference,
        topics=(topic,),
        source=name,
        sha256=sha256(name.encode()).hexdigest(),
    )


@cache
def _read() -> Draft:
    return parse(_DOCUMENT.encode(), source="quay.md")
