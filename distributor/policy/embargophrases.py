"""The phrases by which `embargotraces` knows an embargo on a text from one on arms, oil or trade.

Data only, over `spelling.plain` text, in the EU's languages: alternatives of regular expressions. Where a
language has several phrases, those that press offices write above their texts.
"""

from distributor.policy.spelling import pattern


def _either(alternatives: str) -> str:
    return "|".join(line.strip() for line in alternatives.strip().splitlines())


#: "Not for publication … before", "ne pas diffuser avant": what is forbidden = until when.
_FORBIDDEN_BEFORE = r"""
not (?:for|to be) (?:immediate )?(?:releas|publi|use|broadcast|quot|distribut|circulat|report|shar)\w*
    = before|until|till|prior to|ahead of|earlier than
(?:do not|don't) (?:publish|release|broadcast|quote|circulate|disseminate|distribute|post|share|use|report)
    = before|until|till|prior to|ahead of|earlier than
(?:may|must|can|should|shall) not be (?:published|released|broadcast|quoted|circulated|made public|reported)
    = before|until|till|prior to|earlier than
no (?:publication|release|broadcast|use|reporting)
    = before|until|till|prior to|earlier than
ne (?:pas|peut être) (?:publi|diffus|utilis|divulgu|communiqu)\w+ = avant|jusqu
interdit\w*(?: de| à la)? (?:publication|diffusion|publier|diffuser) = avant|jusqu
(?:publication|diffusion|parution) (?:est |formellement |strictement )*interdite = avant|jusqu
(?:publication|release|broadcast|use) (?:is )?(?:strictly )?(?:forbidden|prohibited|not (?:allow|permitt)ed)
    = before|until|till|prior to|earlier than
(?:veröffentlichung|verwendung|verbreitung) (?:ist )?(?:untersagt|verboten|nicht gestattet) = vor|bis
(?:publicación|difusión|divulgación) prohibida = antes|hasta
(?:pubblicazione|diffusione) vietata = prima|fino
(?:publicação|divulgação|difusão) proibida = antes|até
(?:publicatie|verspreiding) (?:is )?(?:verboden|niet toegestaan) = voor|vóór|tot
nicht (?:für die |zur |zu )?(?:veröffentlich|publizier|verwend|verbreit)\w* = vor|bis
nicht = vor (?:dem )?\d[^\n]{0,50} (?:veröffentlich|verwend)\w+
veröffentlichung(?: erst| nicht)? = erst ab|nicht vor|vor dem \d
(?:no|prohibid[oa](?: su| la)?) (?:publicar|difundir|divulgar|difusión|publicación|publicable) = antes|hasta
non (?:pubblicare|diffondere|divulgare|utilizzare|pubblicabile) = prima|fino
divieto di pubblicazione = prima|fino
não (?:publicar|divulgar|difundir|utilizar) = antes|até
proibida a (?:publicação|divulgação) = antes|até
niet (?:publiceren|gebruiken|verspreiden|voor publicatie|te publiceren) = voor|vóór|tot
må ikke (?:offentliggøres|publiceres|bruges|viderebringes|udsendes) = før|inden
ikke til (?:offentliggørelse|publicering) = før|inden
får (?:ej|inte) (?:publiceras|offentliggöras|spridas|användas) = före|innan
ej för publicering = före|innan
ei (?:saa )?(?:julkaista|julkaistavaksi|julkisuuteen) = ennen
mitte avaldada|avaldamine (?:on )?keelatud = enne|kuni
nepublicēt|nepublicējams|aizliegts publicēt = pirms|līdz
neskelbti|neviešinti|draudžiama skelbti = iki|prieš
nie (?:publikować|rozpowszechniać|do publikacji)|zakaz publikacji = przed|do
nezveřejňovat|nezverejňovať|nepublikovať?|zákaz zveřejnění|zákaz zverejnenia = před|pred|do
nem (?:közölhető|publikálható|hozható nyilvánosságra) = előtt|-ig
ne (?:objavljajte|objavljati|objavi\w*)|prepovedano (?:objav\w+) = pred|do
ne (?:objavljivati|objavljujte|objaviti)|zabranjeno objavljivanje = prije|do
(?:a )?nu (?:se |fi |se va )?(?:public|difuza)\w*|interzis\w* publicarea = înainte|până
не (?:се )?(?:публикува|разпространява)\w*|забранено (?:за )?публикуване\w* = преди|до
μην? (?:δημοσιευ|μεταδοθ)\w+|όχι (?:για|προς) δημοσίευση = πριν|έως|μέχρι
mhux għall-pubblikazzjoni|tippubblikax = qabel|sa
ní lena (?:fhoilsiú|scaoileadh|eisiúint)|ná foilsigh = roimh|go dtí
"""


def _forbidden() -> str:
    """Up to some words may stand between "do not publish" and "before"."""
    rows = _FORBIDDEN_BEFORE.replace("\n    =", " =").strip().splitlines()
    pairs = (row.split(" = ") for row in rows)
    return "|".join(rf"(?:{said})\W+(?:[^\n.;]{{0,60}}?\s)??(?:{until})(?!\w)" for said, until in pairs)


_PRESS_WORDS = r"""
(?<!ohne )(?<!keine )\w*sperrfrist\w*(?!\W+keine)
(?:press|media|news) embargo
under wraps until|geblokkeerd tot
sperrvermerk|publikationssperre|gesperrt bis|spärrtid|spærrefrist|klausulere\w*|avaldamiskeeld
check(?:ed)? against delivery|es gilt das gesprochene wort|seul le (?:texte )?prononcé fait foi
alleen het gesproken woord (?:geldt|telt)|det talte ord gælder|det talade ordet gäller
hold for (?:release|publication)|julkaisuvapaa (?!heti)
confidential (?:until|till)|vertraulich bis|confidentiel jusqu|confidencial (?:hasta|até)
riservato fino|poufne do
"""
_OPENS_LINE = r"""
for (?:use|release|publication|broadcast) (?:only )?(?:after|from|not before|no earlier)
hold until
not before
"""
#: What only press offices write: a trace wherever it stands.
ALWAYS = pattern(
    rf"(?<!\w)(?:{_forbidden()}|{_either(_PRESS_WORDS)})|(?:^|(?<=\n))[^\w\n]*(?:{_either(_OPENS_LINE)})(?!\w)"
)

_COMMON_WORDS = r"""
(?:not public|restricted|embargoed) until|publish(?:ed)? after|release date|bitte erst ab|nicht vor|frühestens
(?:release|publication)(?: date)?\s?:|release on|à publier|pour publication
for (?:immediate )?(?:release|publication|use|broadcast|distribution)\W+(?:only )?(?:after|from|on|at|by)
for (?:release|publication|use|broadcast|distribution)\W+(?:strictly|not before|no earlier than)
(?:material|text|article|content) may (?:only )?be (?:used|reported) (?:only )?(?:from|after|on|at)
may (?:only )?be (?:published|broadcast|quoted|released) (?:only )?(?:from|after)
hold (?:this )?until|not before|(?:release|publication|broadcast) (?:date and )?time\W
(?:release|publication) (?:is )?(?:scheduled|authori[sz]ed|permitted|allowed) (?:for|from|at|on)
frei(?:gegeben)?(?: (?:für|zur) [^\n]{0,40}?)?(?: ab| am|:)|zur veröffentlichung (?:frei )?(?:ab|am)
(?:veröffentlichung|verwendung|verbreitung) (?:erst |nicht |frühestens )?(?:ab|vor|am)
(?:diffusion|publication|parution) (?:autorisée |possible |libre )?(?:à partir d\w*|après|pas avant)
à (?:diffuser|publier) (?:à partir d\w*|après|le)
(?:publicar|difundir|difusión|publicación|divulgar|divulgação)[^\n]{0,20} a partir
(?:pubblicabile|pubblicare|diffondere|diffusione)[^\n]{0,20} (?:dopo|dal|a partire)
(?:publicatie|publiceren|vrij)[^\n]{0,20} (?:vanaf|na)
(?:publicering|offentliggørelse)[^\n]{0,15} (?:efter|från|fra|tidigast|tidligst)
(?:publiceras|offentliggöras|offentliggøres)[^\n]{0,12} (?:tidigast|tidligst|efter|först)
julkaistavissa|julkaisu\w*|julkistus\w*|közölhető
avaldada (?:alates|pärast)|publicēt (?:ne agrāk|tikai pēc|no)|skelbti (?:ne anksčiau|nuo|tik po)
(?:do )?publikacj\w (?:od|po|nie wcześniej)
(?:ke zveřejnění|na zverejnenie|zveřejnit|zverejniť) (?:od|po|až|nejdříve|najskôr)
(?:za objavo|objaviti|objava) (?:od|po|šele|tek|nakon)
(?:publicare|publicabil\w?)[^\n]{0,12} (?:după|începând)
публикуване (?:след|от)|δημοσίευση (?:μετά|από)
"""
#: A trace when a time follows: without one they are common words.
WITH_TIME = pattern(rf"(?<!\w)(?:{_either(_COMMON_WORDS)})(?!\w)")

_ENDINGS = "o|os|oed|oes|ó|óval|as|ą|ado|ados|ada|o's|ou|oul|oid|oitu|ota|om|u|a|em|iem|ot"
#: Nouns and participles for embargo; Spanish "sin embargo" (however) and seizures are none.
NOUN = pattern(
    rf"(?<!\w)(?<!sin )(?<!\w-)(?:embarg(?:{_ENDINGS})|ембарго\w*|εμπάργκο|lánchosc\w*|nembargo)"
    r"(?!\w)(?! de bienes)(?!s? de declara)"
)

#: "No embargo", before the noun.
NONE_BEFORE = pattern(
    r"(?<!\w)(?:no|not|without|sans|ohne|kein\w?|senza|nessun|sem|bez|brez|geen|zonder|ingen|uden|utan|ei|fără"
    r"|χωρίς|без)\s+$"
)

_GOODS = r"""
arms?|weapons?|military|oil|gas|crude|trade|export\w*|import\w*|economic|financial|goods|grain|food|fish|beef
meat|milk|dairy|steel|coal|lng|diamond\w*|technology|chip\w*|travel|sugar|wheat|fuel|energy
russian?|us|american|cuban?|chinese|iran\w*|syria\w*|libya\w*|belarus\w*|british|european|eu|opec|turkish|arab
waffen\w*|handels\w*|öl|wirtschafts\w*|wapen\w*|olie\w*|vapen\w*|våben\w*|fegyver\w*|broni|zbrojn\w*
commercial\w*|pétrol\w*|petrolífer\w*|the \d{4}|sanctions?(?: and| or)?
"""
_DOES = r"extend\w*|prolong\w*|renew\w*|maintain\w*|lift\w*|impos\w*|eas(?:e|es|ed|ing)|tighten\w*|against"
_COUNTRIES = r"countr\w*|states?|nations?|pays|staaten|länder|países|paesi|goods|products?|items?|regimes?"
_UNDER = r"under|unter|sous|bajo|sotto|sob|onder|sub|pod|под|υπό|alatt|faoi"
#: What stands before an embargo on trade: "arms", "extended the", "goods under".
TRADE_BEFORE = pattern(
    rf"(?<!\w)(?:(?:{_either(_GOODS)})[\s-]+"
    rf"|(?:{_DOES})\s+(?:(?:the|its|an|a|this|their|any)\s+)?(?:\w+\s+)?"
    rf"|(?:{_COUNTRIES})\s+(?:(?:still|long)\s+)?(?:{_UNDER})\s+(?:an?\s+|the\s+)?)$"
)

_TEXT = r"""
text|release|publication|report|reporting|story|news|study|contents?|speech|article|paper|information|material
use|broadcast|coverage|media|press|results|figures|data|announcement
"""
_OF_THE_TEXT = rf"(?:this\b|(?:the |all |any )?(?:{_either(_TEXT)})\b)"
_AGAINST = r"""
sur|contre|à l'(?:encontre|égard)|gegen|auf|gegenüber|sobre|contra|al|a la|a las|a los|contro|su|sul|sulle
nei confronti|tegen|op|mod|mot|na|nałożone|wobec|przeciw|proti|vůči|voči|ellen|protiv|împotriva|asupra|срещу
върху|κατά|σε|στα
"""
_ON_GOODS = r"""
goods|countr\w+|products?|items?|oil|arms|weapons?|nations?|states?|destinations?|regimes?|trade|exports?
technolog\w+|equipment|crude|d'armes|sur|sull\w*|de armas|commercial|comercial|pétrolier|petrolero
"""
#: What stands behind one: "on exports", "gegen Syrien", "of 1973".
TRADE_AFTER = pattern(
    rf"\s*(?:(?:on|over|against|towards?|imposed)\s+(?!{_OF_THE_TEXT}|\d|\w+day\b)\w"
    rf"|(?:{_either(_AGAINST)})\s+(?!\d)\w|(?:{_either(_ON_GOODS)})(?!\w)"
    r"|(?:since|from|in|of|de|von|seit|depuis|desde|dal|od)\s+(?:the\s+)?\d{4}"
    r"(?!\s*(?:hrs|h|hours|uhr)|\s?[-:.]\d)(?!\w))"
)

_UNTIL = r"""
until|till|up to|ends?|ended at|lifts?|is lifted|lifted|expires?|applies|in force|in place|time|date|period
policy|notice|jusqu'?|bis|hasta|fino|até|tot|indtil|til|t\.o\.m|asti|saakka|kuni|līdz|iki|do|-ig|până|до|έως|μέχρι
sa|go dtí
for release|for publication|before|prior to
"""
_NOUN = r"\0[^\0]+\0"
_CONTEXTS = (
    # "embargo until", "embargo (strict) bis"
    rf"{_NOUN}[\s(:–—-]*(?:\w+\s+){{0,2}}(?:{_either(_UNTIL)})(?!\w)",
    # a label: the first word of its line or behind a sign, and then a sign or the end of the line
    r"(?:^|[\n|:;(\[{<>/•·#!–—-]|\d\.)[^\w\n]*(?:strict\w*\s+|press\s+|media\s+|news\s+)*"
    rf"{_NOUN}[^\S\n]*(?:[:;!|)\]}}>/=–—-]|[^\w\n]*(?:\n|$))",
    # "under embargo", in every language
    rf"(?<!\w)(?:{_UNDER}|v)\s+(?:an?\s+|strict\w*\s+|strenge[mn]\s+|stricte?\s+|estricto\s+|stretto\s+|press\s+"
    rf"|media\s+|full\s+)*{_NOUN}",
    rf"{_NOUN}\s+(?:alatt|strict\w*|absolu|total|ferme|strikt)",
    # a press, media, news or publication embargo; strictly embargoed; "please respect the embargo"
    r"(?<!\w)(?:strict\w*|strikt\w*|strenges|press|media|news|publication|presse|respect|honour|honor|observe"
    rf"|respecter|beachten)\s+(?:this\s+|the\s+|our\s+|an?\s+|l')*{_NOUN}",
    # the participle: nothing else is embargoed but a text, unless it says what
    r"\0embargoed\0",
    rf"{_NOUN}\s+(?:on|over)\s+{_OF_THE_TEXT}",
    # in brackets: "(embargo Tuesday)"
    rf"[(\[{{<]\s*{_NOUN}",
)
#: Around the noun, which stands between two NUL: what makes it an embargo on the text.
PRESS = tuple(pattern(context) for context in _CONTEXTS)
