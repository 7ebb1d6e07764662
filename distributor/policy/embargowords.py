"""The words of embargoes in the EU's languages: what opens an embargo line, what says "at once".

It recognises phrases at the start of a line, whatever their case and accents and whatever signs stand
before them; what time they name is read by `policy.embargo`. Words of an embargo elsewhere in a text are
found by `policy.embargotraces`.
"""

from distributor.policy import dates
from distributor.policy.spelling import pattern, plain

_STRICT = (
    r"(?:strict(?:ly)?|strikt\w*|strenge[sr]?|press|media|news|publication|presse|full|under|sous|unter|bajo|sotto"
    r"|sob|onder|sub|pod|faoi|ta[ħh]t|zum|za|v|with|achtung|attention|important)\b[\s:!-]+"
)
_NOUN = (
    r"(?:(?:send(?:e|ungs))?sperrfrist|sperrvermerk|spärrtid|spærrefrist|gesperrt|klausul\w*|embarg\w+|ембарго\w*"
    r"|εμπάργκο|lánchosc\w*|avaldamiskeeld"
    r"|(?:strictly )?not (?:for|to be) (?:use|used|release|released|publication|published|broadcast)"
    r"|(?:please )?do not (?:use|release|publish|broadcast)"
    r"|hold|(?:à )?ne pas (?:publier|diffuser)|no (?:publicar|difundir)|non (?:pubblicare|diffondere)"
    r"|não (?:publicar|divulgar)|niet (?:publiceren|voor publicatie)|nicht (?:zu )?veröffentlichen"
    r"|nie publikować|nezveřejňovat|nezverejňovať)"
)
_FOR = (
    r"(?:\s+(?:for|on|pour|für|para|per|voor|do)\s+"
    r"(?:(?:all )?(?:media|press|newspapers|broadcasters)|release|publication|use|broadcast|publikacji"
    r"|veröffentlichung(?:en)?|publicación|difusión|pubblicazione|publicação|publicatie|diffusion))?"
)
_MORE = (
    r"(?:\s+(?:copy|press release|news release|release|text|material|date|time|ends?|lifts?|is lifted|lifted"
    r"|expires?|applies|in force|is|notice|strict\w*|strikt|total|absolu|ferme|stretto|estricto|fin)\b)*"
)
_UNTIL = (
    r"(?:until|till?|to|before|prior to|up to|after|from|for(?=\s*\d)|on(?=\s+(?:\w+,?\s+)?\d)|at(?=\s*\d)"
    r"|jusqu['’](?:au|à)|avant(?: le)?|bis(?: einschließlich| zum)?|vor(?: dem)?|ab"
    r"|hasta(?: el| las)?|antes del?|fino (?:al?|alle)|prima del?(?:le)?|até(?: às| ao)?|tot(?: en met)?|voor"
    r"|indtil|til|innan|före|asti|saakka|kuni|enne|līdz|iki|do|przed|před|pred|prije|-?ig|előtt"
    r"|până(?: la)?|înainte de|до|преди|έως|μέχρι|πριν|sa|qabel|go dtí|roimh)(?!\w)"
)
_OPENING = pattern(
    rf"(?:{_STRICT})*{_NOUN}{_FOR}{_MORE}(?P<until>[\s:(]*[–—-]?\s*{_UNTIL})?(?!\w)\s*(?P<mark>[:–—=|/([!,-]+|(?=\.?$))?\s*"
)
_RELEASE_AT = pattern(
    r"(?:hold for release|for (?:release|publication|use|broadcast|distribution)"
    r"|(?:release|publication|broadcast|embargo) (?:date and )?time"
    r"|frei(?:gegeben)?(?: (?:für|zur) (?:\w+ )?(?:veröffentlichung|verwendung|publikation))?(?= ab| am)"
    r"|frei zur (?:veröffentlichung|verwendung)|zur veröffentlichung(?: frei| freigegeben)?(?= ab| am)"
    r"|(?:à )?(?:diffuser|publier)(?= à partir| après)|(?:diffusion|publication) (?:autorisée|libre|possible)"
    r"|(?:publicación|difusión) (?:autorizada|libre)|pubblicabile|da pubblicare(?= dopo| dal)|publicável"
    r"|vrij (?:voor publicatie|te publiceren)?(?= ?vanaf| ?na)|publicatie vanaf|fri for publicering"
    r"|til offentliggørelse|får publiceras|julkaisuvapaa|julkaistavissa|vapaa julkaistavaksi"
    r"|avaldamiseks alates|do publikacji|ke zveřejnění|na zverejnenie|közölhető|za objavo|за публикуване"
    r"|προς δημοσίευση)"
    r"(?: only| strictly| erst| nicht| not| no)*"
    r"(?: (?:at|on|ab|am|after|from|before|earlier than|until|à partir d[eu]s?|à partir|après(?: le)?|le"
    r"|dopo(?: le)?|dal(?:le|l)?|a partir del?|vanaf|na|fra|från|efter|od|po|dne|от|след|από|μετά))*"
    r"\s*[:–—-]?\s+"
)
_EVENT = (
    r"(?:(?:the |its |their )?(?:end of (?:the )?)?(?:final |plenary |committee )?(?:vote|delivery|delivered"
    r"|speech|press conference|adoption|announcement|debate|meeting|statement|start of (?:the )?\w+)"
    r"(?: is (?:over|delivered|made|taken|given)| has (?:been )?\w+)?"
    r"|(?:der |dem |zur |zum )?(?:abstimmung|redebeginn|ende der rede|pressekonferenz)"
    r"|(?:le |la |du |de la )?(?:vote|conférence de presse|prononcé)|(?:il |la )?(?:voto|votazione|votación)"
    r"|(?:la )?(?:conferenza stampa|rueda de prensa)|(?:de )?(?:stemming|persconferentie))"
)
_LIFTED = pattern(
    r"(?:until|till)\s+(?:it is\s+)?(?:lifted|further notice)|bis auf weiteres|bis zur (?:freigabe|aufhebung)"
    r"|jusqu['’]à (?:nouvel ordre|(?:la )?levée(?: de l['’]embargo)?)|hasta (?:nuevo aviso|que se levante)"
    r"|fino a (?:nuovo avviso|revoca)|tot nader order"
)
_OPENED_BY = pattern(
    rf"(?:(?:until|till|after|upon|on|bis(?: zu[mr]?)?|nach|après|jusqu['’](?:au|à|après)|au|hasta"
    r"|después de|tras|fino al(?:la)?|dopo|tot(?: na)?|na)\s+)*"
    rf"{_EVENT}(?!\w)"
)
_DELIVERY = pattern(
    r"(?:please )?check(?:ed)? against delivery|es gilt das gesprochene wort"
    r"|seul le (?:texte )?prononcé fait foi|alleen het gesproken woord (?:geldt|telt)"
    r"|det talte ord gælder|det talade ordet gäller"
)
_IMMEDIATE_WORDS = """
for (?:immediate|instant) (?:release|publication|use)
immediate release
for release:? immediately
release immediately
no embargo|not embargoed|embargo:? (?:none|no|nil)
(?:keine|ohne) sperrfrist|sperrfrist:? keine
sans embargo
(?:frei )?zur sofortigen (?:veröffentlichung|verwendung)
(?:ab )?sofort frei
(?:pour )?(?:diffusion|publication|parution) imm[ée]diate
(?:para (?:su )?)?(?:publicación|difusión|divulgación) inmediata
(?:per )?(?:diffusione|pubblicazione) immediata
para (?:divulgação|publicação|difusão) imediata
voor onmiddellijke (?:publicatie|verspreiding)
til umiddelbar (?:offentliggørelse|udsendelse|brug)
för omedelbart? (?:publicering|offentliggörande|spridning)
(?:vapaa )?heti julkaistav\\w+
julkais(?:tav\\w+|uvapaa) heti
(?:koheseks|viivitamatuks) avaldamiseks
tūlītējai publicēšanai
skelbti nedelsiant
do natychmiastowej publikacji
k okamžitému zveřejnění
na okamžité zverejnenie
azonnali közlésre
za takojšnjo objavo
za (?:trenutnu|hitnu|neposrednu) objavu
(?:pentru )?(?:publicare|difuzare) imediată
за незабавно (?:публикуване|разпространение)
για άμεση (?:δημοσίευση|δημοσιοποίηση)
għall-pubblikazzjoni immedjata
(?:le|lena) (?:h?eisiúint|scaoileadh) láithreach
"""
_IMMEDIATE = pattern(rf"(?:{'|'.join(_IMMEDIATE_WORDS.strip().splitlines())})(?!\w)")
_AT_ONCE_WORDS = (
    "immediate immediately none no now instant sofort keine immediat immediate aucun inmediato ninguno"
)
_AT_ONCE = frozenset(_AT_ONCE_WORDS.split())
_SIGNS = " \t\n*[](){}<>«»“”\"'_=#|•·.;:!–—-"
_LAST = ")]}.”’"  # what may end a time
_PAIRS = {"(": ")", "[": "]", "{": "}", "<": ">"}


def immediate(text: str) -> str | None:
    """The words at the start of `text` that say it may be used at once ("FOR IMMEDIATE RELEASE"), or None."""
    bare = from_first_word(text)
    match = _IMMEDIATE.match(plain(bare))
    return bare[: match.end()] if match else None


def at_once(text: str) -> bool:
    """True when the whole text says: no embargo."""
    bare = plain(text).strip(_SIGNS)
    return bare in _AT_ONCE or plain(immediate(bare) or "") == bare != ""


def lifted(text: str) -> str | None:
    """What follows "until lifted" at the start of `text` ("expected 12:30 …" or ""); None without it.

    An event ("after the vote") has no instant either: only an officer's word opens such an embargo.
    """
    found = plain(text)
    match = _LIFTED.match(found) or _DELIVERY.match(found) or _OPENED_BY.match(found)
    return text[match.end() :].strip(" .,;()[]") if match else None


def event(text: str) -> bool:
    """True when `text` opens with an event instead of a time or "until lifted"."""
    return _LIFTED.match(plain(text)) is None and _OPENED_BY.match(plain(text)) is not None


def delivery(text: str) -> bool:
    """True for "Check against delivery" and the like alone: the text is for after the speech."""
    return _DELIVERY.fullmatch(plain(text).strip(_SIGNS)) is not None


def after_label(text: str) -> str | None:
    """What follows "EMBARGOED UNTIL", "Sperrfrist:" and the like; None when no such words open `text`.

    "Embargo on arms exports" is not such an opening: the words must end there, or go on with a colon,
    a dash, "until", or a time.
    """
    bare = from_first_word(text)
    found = plain(bare)
    match = _RELEASE_AT.match(found)
    if match and any(c.isdigit() for c in bare):
        return _unwrapped(bare[match.end() :])
    match = _OPENING.match(found)
    if not match:
        return None
    rest = _unwrapped(bare[match.end() :])
    until = bare[match.start("until") :].strip(" :–—-(") if match["until"] else ""
    if until and lifted(until) is not None:
        return _unwrapped(until)
    opened = match["until"] or match["mark"] is not None or lifted(rest) is not None
    return rest if opened or _begins_with_time(rest) else None


def from_first_word(text: str) -> str:
    """`text` without the brackets, stars and other signs before its first word."""
    start = next((place for place, character in enumerate(text) if character.isalnum()), len(text))
    return text[start:].rstrip()


def _begins_with_time(text: str) -> bool:
    first = text.split(maxsplit=1)[0].strip(",.") if text else ""
    if text[:1].isdigit() or dates.weekdays(first):
        return True
    found = dates.find(text[:60])
    return found is not None and found.start == 0


def _unwrapped(text: str) -> str:
    """Without stars and other signs around it, and without brackets that have lost their other half."""
    text = from_first_word(text) if text[:1] not in _PAIRS else text
    text = text.rstrip().rstrip("".join({c for c in text[-8:] if not (c.isalnum() or c in _LAST)}))
    for opening, closing in _PAIRS.items():
        if text.count(closing) > text.count(opening):
            text = text.rstrip("*_ .") if text.rstrip("*_ .").endswith(closing) else text
            text = text.removesuffix(closing).strip("*_ ")
        elif text.startswith(opening) and text.endswith(closing):
            text = text[1:-1].strip("*_ ")
    return text
