"""Which documents are read, which refused, and how: kind, encoding, size, language; one clear error each."""

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributor import documents
from distributor.documents.language import LANGUAGES, recognise
from distributor.errors import DocumentError

TEXT = (
    "Licences to be made public, ministers say\n\n"
    "The register opens in July – for “everyone”, the Office said.\n"
)


def parsed(data: bytes | str, source: str = "a.txt"):  # type: ignore[no-untyped-def]
    return documents.parse(data.encode() if isinstance(data, str) else data, source=source)


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),  # UTF-8
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),  # Notepad's “Unicode”
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("cp1252"),  # Windows
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.encode("cp1252").decode("latin-1").encode(),  # Windows-1252 that was read as Latin-1
        TEXT.replace("\n\n", "\n\u00a0\n").encode(),  # Word's “empty” line
        TEXT.replace("register", "regi\u00adster").encode(),  # soft hyphen
    ],
)
def test_every_usual_encoding_gives_the_same_text(data: bytes) -> None:
    version = parsed(data).version
    assert version.headline == "Licences to be made public, ministers say"
    assert version.lead == "The register opens in July – for “everyone”, the Office said."


def test_windows_1252_is_said_because_other_code_pages_look_alike() -> None:
    assert "line 3" in parsed(TEXT.encode("cp1252")).warnings[0]
    assert parsed(TEXT).warnings == ()


@pytest.mark.parametrize(
    ("data", "words", "where"),
    [
        (b"", "is empty", "a.txt"),
        (b" \r\n\t\n\xc2\xa0\n", "is empty", "a.txt"),
        (b"Headline\n\nbody \x00\x01\x02", "binary", "a.txt, line 3"),
        (b"Headline\n\n" + bytes(range(1, 32)) * 3, "binary", "a.txt, line 3"),
        ("Grüße\n\nJa".encode("utf-16-le"), "UTF-16 without its mark", "a.txt, line 1"),
        (b"PK\x03\x04rest", "Word", "a.txt"),
        (b"%PDF-1.7", "PDF", "a.txt"),
        ("Überschrift für alle\n\nGrüße an".encode() + b"\xc3", "not valid UTF-8", "a.txt, line 3"),
        (codecs.BOM_UTF16_LE + b"a\x00b", "not valid UTF-16", "a.txt, line 1"),
        (
            b"H\xe9adline of it\n\n\x81\x8d",
            "not valid",
            "a.txt, line 3",
        ),  # no character in Windows-1252 either
        (b"x" * 1_000_001, "too large", "a.txt"),
        (b"17 Jan 2030\n\nPRESS RELEASE\n", "no headline", "a.txt, line 1"),
        # a paragraph is none
        (("word " * 80).encode(), "has 399 characters, a headline at most 300", "a.txt, line 1"),
        (b"\n\n- one\n- two\n", "no headline", "a.txt, line 3"),
    ],
)
def test_refused_with_file_line_and_cure(data: bytes, words: str, where: str) -> None:
    with pytest.raises(DocumentError) as refusal:
        parsed(data)
    assert words in refusal.value.what
    assert refusal.value.where == where
    assert refusal.value.cure
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", ["a.docx", "a.pdf", "a.html", "a.rtf", "folder.d/a.odt"])
def test_other_kinds_are_refused_by_name(name: str) -> None:
    with pytest.raises(
        DocumentError, match=rf"“\.{name.rpartition('.')[2]}” documents cannot be read.*\.txt"
    ):
        parsed(TEXT, name)


@pytest.mark.parametrize("name", ["a.txt", "A.TXT", "a.md", "a.markdown", "pasted text", "v1.0 final/pasted"])
def test_text_and_markdown_are_read(name: str) -> None:
    assert parsed(TEXT, name).version.headline.startswith("Licences")


def test_front_matter_is_markdown_under_any_name() -> None:
    assert parsed(f"---\nreference: 2030-0001\n---\n{TEXT}", "a.txt").reference == "2030-0001"


def test_files_are_read_and_missing_ones_refused(tmp_path: Path) -> None:
    file = tmp_path / "release.fr.txt"
    file.write_text(TEXT, "utf-8")
    draft = documents.read(file)
    assert (draft.source, draft.version.language) == (str(file), "fr")
    assert any("looks like “en”" in warning for warning in draft.warnings)
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(DocumentError, match="cannot be read"):
            documents.read(path)


def test_a_huge_file_is_refused_by_its_size_alone(tmp_path: Path) -> None:
    huge = tmp_path / "huge.txt"
    with huge.open("wb") as file:
        file.truncate(1 << 42)  # sparse: reading it would end in a MemoryError
    with pytest.raises(DocumentError, match="too large"):
        documents.read(huge)
    with pytest.raises(DocumentError, match="too large"):
        documents.read(Path("/dev/zero"))  # without a size, and without an end


def test_no_control_character_reaches_a_headline() -> None:
    version = parsed("A head\x07line\x1b of \u202eit\x9f here\u2028second\x0bthird\n\nBody.").version
    assert version.headline == "A headline of itŸ here"
    assert version.headline.isprintable()


@given(st.text(min_size=1, max_size=120))
def test_headlines_are_one_printable_line_whatever_comes(text: str) -> None:
    draft = None
    try:
        draft = parsed(f"A headline with {text}\n\nBody of it.".encode("utf-8", errors="ignore"))
    except DocumentError:
        return
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u2028\u2029" for c in draft.version.headline)


def test_no_break_spaces_stay() -> None:
    assert (
        parsed("Licences for 10\u00a0million users\n\nBody.").version.headline
        == "Licences for 10\u00a0million users"
    )


def test_a_headline_alone_is_taken_with_a_warning() -> None:
    assert parsed("Ministers publish every licence").warnings == ("there is no text below the headline",)


SENTENCES = {
    "bg": "Съветът прие днес нови правила за износа на стоки, които се прилагат от януари.",
    "cs": "Rada dnes přijala nová pravidla pro vývoz zboží, která se budou uplatňovat od ledna.",
    "da": "Rådet vedtog i dag nye regler for udførsel af varer, som skal gælde fra januar.",
    "de": "Der Rat hat heute neue Regeln für die Ausfuhr von Gütern angenommen, die ab Januar gelten.",
    "el": "Το Συμβούλιο ενέκρινε σήμερα νέους κανόνες για την εξαγωγή προϊόντων.",
    "en": "The Council today adopted new rules on the export of goods, which will apply from January.",
    "es": "El Consejo ha adoptado hoy nuevas normas sobre la exportación de bienes, que se aplicarán "
    "desde enero.",
    "et": "Nõukogu võttis täna vastu uued eeskirjad kaupade ekspordi kohta ja need on olulised ka "
    "siis, kui neid ei ole.",
    "fi": "Neuvosto hyväksyi tänään uudet säännöt, ja niitä sovelletaan myös palveluihin, jotka ovat "
    "voimassa.",
    "fr": "Le Conseil a adopté aujourd’hui de nouvelles règles sur les exportations de biens, qui "
    "sont dans le texte.",
    "ga": "Ghlac an Chomhairle rialacha nua inniu agus beidh siad i bhfeidhm ar na hearraí ó mhí Eanáir.",
    "hr": "Vijeće je danas usvojilo nova pravila o izvozu robe koja će se primjenjivati od siječnja.",
    "hu": "A Tanács ma új szabályokat fogadott el az áruk kiviteléről, és ezeket januártól kell alkalmazni.",
    "it": "Il Consiglio ha adottato oggi nuove norme sulle esportazioni di beni, che si applicano "
    "anche alle imprese.",
    "lt": "Taryba šiandien priėmė naujas taisykles dėl prekių eksporto, kurios bus taikomos nuo sausio.",
    "lv": "Padome šodien pieņēma jaunus noteikumus par preču eksportu, un tos piemēros no janvāra, "
    "kā arī pēc tam.",
    "mt": "Il-Kunsill adotta llum regoli ġodda dwar l-esportazzjoni tal-prodotti li japplikaw "
    "għall-Istati kollha.",
    "nl": "De Raad heeft vandaag nieuwe regels aangenomen over de uitvoer van goederen, die vanaf "
    "januari gelden.",
    "pl": "Rada przyjęła dziś nowe przepisy w sprawie wywozu towarów, które będą stosowane od stycznia.",
    "pt": "O Conselho adotou hoje novas regras sobre a exportação de bens, que são aplicáveis a "
    "partir de janeiro.",
    "ro": "Consiliul a adoptat astăzi norme noi privind exportul de produse, care se vor aplica din "
    "ianuarie.",
    "sk": "Rada dnes prijala nové pravidlá pre vývoz tovaru, ktoré sa budú uplatňovať od januára.",
    "sl": "Svet je danes sprejel nova pravila za izvoz blaga, ki bodo veljala od januarja, in pri "
    "tem ostaja.",
    "sv": "Rådet antog i dag nya regler för export av varor, som ska gälla från januari.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_of_the_union_is_recognised(language: str) -> None:
    assert recognise(SENTENCES[language]) == language
    assert parsed(f"2030 / 17\n\n{SENTENCES[language]}", f"a.{language}.txt").version.language == language


@pytest.mark.parametrize(
    "text", ["", "Press release", "12 34", "xkcd qwrt zzz", "本日は晴天なり", "Москва сегодня"]
)
def test_language_is_unknown_rather_than_guessed(text: str) -> None:
    assert recognise(text) is None


def test_front_matter_wins_over_the_name_and_the_name_over_the_text() -> None:
    assert parsed(f"---\nlanguage: de\n---\n# H\n\n{TEXT}", "a.fr.md").version.language == "de"
    assert parsed(TEXT, "a.fr.md").version.language == "fr"
    assert parsed(TEXT, "a.md").version.language == "en"
    assert parsed("Headline\n\nXyz.", "a.md").version.language == ""
