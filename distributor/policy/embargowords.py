"""The words of embargoes in the EU's languages: what opens an embargo line, what says "at once".

It recognises phrases at the start of a line; what time they name is read by `policy.embargo`.
"""

import re

_STRICT = r"(?:strict(?:ly)?|strikt|strenges?|under|sous|unter|bajo|sotto|sob|onder|sub|pod|faoi|zum|za|v)\s+"
_NOUN = (
    r"(?:sperrfrist|sendesperrfrist|gesperrt|klausul\w*|embarg\w+|embargó\w*|ембарго|εμπάργκο|lánchosc\w*"
    r"|(?:strictly )?not for (?:use|release|publication|broadcast)"
    r"|hold|ne pas (?:publier|diffuser)|no publicar|nicht zu veröffentlichen)"
)
_FOR = r"(?:\s+(?:for|on)\s+(?:release|publication|use|broadcast))?"
_UNTIL = (
    r"(?:until|till?|to|before|up to|jusqu['’](?:au|à)|avant(?: le)?|bis(?: zum)?|vor(?: dem)?|ab"
    r"|hasta(?: el| las)?|antes del?|fino (?:al?|alle)|prima del?|até(?: às| ao)?|tot(?: en met)?|indtil|til"
    r"|till|asti|saakka|kuni|līdz|iki|do|-?ig|până la|до|έως|μέχρι|sa|go dtí)(?!\w)"
)
_OPENING = re.compile(
    rf"(?:{_STRICT})*{_NOUN}{_FOR}(?P<until>\s*[:–—-]?\s*{_UNTIL})?(?!\w)\s*(?P<colon>[:–—-]|(?=$))?\s*",
    re.IGNORECASE,
)
_RELEASE_AT = re.compile(
    r"(?:for|frei zur) (?:release|publication|veröffentlichung)(?: (?:at|on|ab|am|after))?:?\s+"
)
_LIFTED = re.compile(
    r"(?:until|till)\s+(?:it is\s+)?(?:lifted|further notice)|bis auf weiteres|bis zur (?:freigabe|aufhebung)"
    r"|jusqu['’]à (?:nouvel ordre|(?:la )?levée(?: de l['’]embargo)?)|hasta (?:nuevo aviso|que se levante)"
    r"|fino a (?:nuovo avviso|revoca)|tot nader order",
    re.IGNORECASE,
)
_IMMEDIATE_WORDS = """
for (?:immediate|instant) (?:release|publication|use)
immediate release
for release:? immediately
release immediately
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
_IMMEDIATE = re.compile(rf"(?:{'|'.join(_IMMEDIATE_WORDS.strip().splitlines())})(?!\w)", re.IGNORECASE)
_AT_ONCE_WORDS = (
    "immediate immediately none no now instant sofort keine immédiat immédiate aucun inmediato ninguno"
)
_AT_ONCE = frozenset(_AT_ONCE_WORDS.split())


def immediate(text: str) -> str | None:
    """The words at the start of `text` that say it may be used at once ("FOR IMMEDIATE RELEASE"), or None."""
    match = _IMMEDIATE.match(text.strip().lstrip("*-–—•> "))
    return match[0] if match else None


def at_once(text: str) -> bool:
    """True when the whole text says: no embargo."""
    bare = text.strip().strip(".!*-–— ").casefold()
    return bare in _AT_ONCE or (immediate(bare) or "").casefold() == bare != ""


def lifted(text: str) -> str | None:
    """What follows "until lifted" at the start of `text` ("expected 12:30 …" or ""); None without it."""
    match = _LIFTED.match(text)
    return text[match.end() :].strip(" .,;()") if match else None


def after_label(text: str) -> str | None:
    """What follows "EMBARGOED UNTIL", "Sperrfrist:" and the like; None when no such words open `text`.

    "Embargo on arms exports" is not such an opening: the words must end there, or go on with a colon,
    a dash, "until", or a number.
    """
    bare = text.strip().lstrip("*-–—•> ")
    match = _RELEASE_AT.match(bare.casefold())
    if match and any(c.isdigit() for c in bare):
        return bare[match.end() :]
    match = _OPENING.match(bare)
    if not match:
        return None
    rest = bare[match.end() :].strip("*[]() ")
    if lifted(bare[match.start("until") :].strip(" :–—-")) is not None and match["until"]:
        return bare[match.start("until") :].strip(" :–—-*[]()")
    opened = match["until"] or match["colon"] is not None or rest[:1].isdigit() or lifted(rest) is not None
    return rest if opened else None
