"""Why somebody gets a mail, as one sentence in her language.

It words the reasons that matching found; it does not look for any.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from distributor.mail.catalogue import catalogue, locale
from distributor.model.audience import Reason, Recipient
from distributor.model.topic import TopicTree

_EVERYTHING = "*"  # the topic of a list that follows all of them


def sentence(
    reasons: Sequence[Reason], *, language: str, lists: Mapping[str, str], topics: Mapping[str, str]
) -> str:
    """ "You receive this because you follow Trade, list Trade correspondents, in English."

    `language` is the version's, both of the sentence and named in it. `lists` gives titles by name,
    `topics` labels by id; what they lack is called by its name or id. Each reason is said once.
    """
    clauses = list(
        dict.fromkeys(_clause(reason, language=language, lists=lists, topics=topics) for reason in reasons)
    )
    text = catalogue(language).fill(
        "You receive this because {reasons}, in {language}.",
        reasons="; ".join(clauses) or catalogue(language)("the press office added your address"),
        language=_language_name(language),
    )
    return " ".join(text.split())


def wording(*, lists: Mapping[str, str], tree: TopicTree) -> Callable[[Recipient], str]:
    """Words why somebody gets it, once for all who share reasons and language."""

    @cache
    def labels(language: str) -> dict[str, str]:
        return {id: topic.label(language) for id, topic in tree.topics.items()}

    @cache
    def worded(reasons: tuple[Reason, ...], language: str) -> str:
        return sentence(reasons, language=language, lists=lists, topics=labels(language))

    return lambda person: worded(person.reasons, person.language)


def holds(language: str) -> str:
    """The sentence of a notice: she gets it because she had the text."""
    return catalogue(language)("You receive this because we sent you the release that it is about.")


def _clause(reason: Reason, *, language: str, lists: Mapping[str, str], topics: Mapping[str, str]) -> str:
    words = catalogue(language)
    title = lists.get(reason.list, reason.list) if reason.list else ""
    topic = topics.get(reason.topic, reason.topic) if reason.topic not in (None, _EVERYTHING) else ""
    if topic and title:
        return words.fill("you follow {topic}, list {list}", topic=topic, list=title)
    if topic:
        return words.fill("you follow {topic}", topic=topic)
    if title:
        return words.fill("you are on the list {list}", list=title)
    return words("the press office added your address")


def _language_name(language: str) -> str:
    spoken_in = locale(catalogue(language).language)
    return locale(language.partition("-")[0]).get_language_name(spoken_in) or language
