"""Languages: what counts as a code, and which version somebody gets."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import cache

_ISO_639_1 = """
    aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de
    dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id
    ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu
    lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu
    rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr
    ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
#: All that is in force; mail needs no other.
KNOWN = frozenset(_ISO_639_1.split())


def code(text: str) -> str | None:
    """ "EN", "en-GB" and "en_GB" are "en"; None when it is no ISO 639-1 code."""
    primary = text.strip().replace("_", "-").partition("-")[0].lower()
    return primary if primary in KNOWN else None


def suggestion(text: str) -> str:
    """The cure for what is no code: the nearest languages, by their names in English and their own."""
    named, said = _names(), text.strip().casefold()
    near = [said] if said in named else get_close_matches(said, named, n=3, cutoff=0.65)
    codes = dict.fromkeys(named[name] for name in near)
    if not codes:
        return "Use a two-letter code of ISO 639-1, such as en, fr or de."
    return f"Did you mean {' or '.join(f'“{one}” ({_english(one)})' for one in codes)}?"


def _english(code: str) -> str:
    from babel import Locale  # takes a while, and only a mistake needs it

    return str(Locale("en").languages.get(code, code))


@cache
def _names() -> dict[str, str]:
    """Name in small letters -> code; the EU's languages also by the names they have for themselves."""
    from babel import Locale

    from distributor.policy.dates import LANGUAGES

    own = {(Locale(one).get_language_name() or one).casefold(): one for one in LANGUAGES}
    return {_english(one).casefold(): one for one in sorted(KNOWN)} | own


def choose(wanted: Iterable[str], *, of_lists: Iterable[str | None] = (), available: Sequence[str]) -> str:
    """The version somebody gets: the first of hers that exists, else her lists', else the original.

    `available` names the versions, the original first; it is not empty.
    """
    for language in (*wanted, *of_lists):
        if language in available:
            return str(language)
    return available[0]
