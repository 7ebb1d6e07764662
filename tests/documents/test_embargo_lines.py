"""A document's embargo line in each of the EU's languages, with the dates usual there, is one instant."""

import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date

from distributor import documents
from distributor.errors import EmbargoError
from distributor.policy.dates import LANGUAGES
from distributor.policy.embargo import parse

NOW = datetime(2029, 12, 1, tzinfo=UTC)
WHEN = datetime(2030, 3, 6, 10, 0, tzinfo=UTC)  # a Wednesday, 11:00 in Brussels
BRUSSELS = "Europe/Brussels"

#: {language: (what stands before the date, what says 11:00, a whole line as a press office writes it)}
LINES = {
    "bg": ("ЕМБАРГО ДО", "11:00 ч.", "Ембарго до 11:00 часа на 6 март 2030 г."),
    "cs": ("EMBARGO DO", "11:00 hod.", "EMBARGO do středy 6. března 2030 v 11 hodin"),
    "da": ("KLAUSULERET INDTIL", "kl. 11.00", "Klausuleret til onsdag den 6. marts 2030 kl. 11"),
    "de": ("SPERRFRIST:", "11.00 Uhr", "Sperrfrist: Mittwoch, 6. März 2030, 11 Uhr"),
    "el": ("ΕΜΠΑΡΓΚΟ ΕΩΣ", "στις 11:00", "Εμπάργκο μέχρι την Τετάρτη 6 Μαρτίου 2030, ώρα 11:00"),
    "en": ("EMBARGOED UNTIL", "11:00", "Embargoed: not for use before 1100 hrs, Wednesday 6th March 2030"),
    "es": ("EMBARGADO HASTA EL", "a las 11:00 horas", "Embargo hasta las 11.00 h del 6 de marzo de 2030"),
    "et": ("EMBARGO KUNI", "kell 11.00", "Embargo kuni kolmapäevani, 6. märts 2030 kell 11"),
    "fi": ("EMBARGO", "klo 11.00 asti", "Embargo: keskiviikkona 6. maaliskuuta 2030 klo 11 saakka"),
    "fr": ("SOUS EMBARGO JUSQU'AU", "à 11h00", "Sous embargo jusqu'au mercredi 6 mars 2030 à 11 heures"),
    "ga": ("FAOI LÁNCHOSC GO DTÍ", "11:00", "Faoi lánchosc go dtí 11:00 Dé Céadaoin 6 Márta 2030"),
    "hr": ("EMBARGO DO", "u 11:00 sati", "Embargo do srijede, 6. ožujka 2030. u 11 sati"),
    "hu": ("EMBARGÓ:", "11:00 óráig", "Embargó: 2030. március 6., szerda, 11 óráig"),
    "it": ("SOTTO EMBARGO FINO AL", "alle ore 11.00", "Embargo fino alle ore 11 di mercoledì 6 marzo 2030"),
    "lt": ("EMBARGAS IKI", "11.00 val.", "Embargas iki 2030 m. kovo 6 d., trečiadienio, 11 val."),
    "lv": ("EMBARGO LĪDZ", "plkst. 11.00", "Embargo līdz trešdienai, 2030. gada 6. martam, plkst. 11"),
    "mt": ("TAĦT EMBARGO SA", "11:00", "Embargo sa l-Erbgħa, 6 ta’ Marzu 2030, 11:00"),
    "nl": ("ONDER EMBARGO TOT", "11.00 uur", "Embargo tot woensdag 6 maart 2030, 11 uur"),
    "pl": ("EMBARGO DO", "godz. 11.00", "Embargo do środy, 6 marca 2030 r., godz. 11"),
    "pt": ("SOB EMBARGO ATÉ", "às 11h00", "Embargo até às 11 horas de quarta-feira, 6 de março de 2030"),
    "ro": ("SUB EMBARGO PÂNĂ LA", "ora 11:00", "Sub embargo până miercuri, 6 martie 2030, ora 11"),
    "sk": ("EMBARGO DO", "o 11.00 h", "Embargo do stredy 6. marca 2030 o 11. hodine"),
    "sl": ("EMBARGO DO", "ob 11. uri", "Embargo do srede, 6. marca 2030, ob 11. uri"),
    "sv": ("UNDER EMBARGO TILL", "kl. 11.00", "Embargo till onsdagen den 6 mars 2030 kl 11"),
}


def _instant(line: str, language: str, folder) -> datetime | None:
    """The embargo of a document that opens so."""
    file = folder / "release.txt"
    file.write_text(f"{line}\n\nHarbour of Quillhaven opens\n\nThe harbour takes every vessel from today.\n")
    said = documents.read(file).embargo
    return said and parse(said, now=NOW, timezone=BRUSSELS, language=language).embargo.instant


def _capitals(line: str) -> str:
    """Greek capitals have no accents."""
    upper = line.upper()
    greek = any("GREEK" in unicodedata.name(c, "") for c in upper)
    return unicodedata.normalize("NFD", upper).replace("\u0301", "") if greek else upper


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_with_the_dates_usual_there(language, tmp_path):
    label, clock, whole = LINES[language]
    day = WHEN.astimezone(ZoneInfo(BRUSSELS)).date()
    dates = [format_date(day, width, locale=language) for width in ("full", "long", "medium")]
    for line in (*(f"{label} {date}, {clock}" for date in dates), whole):
        assert _instant(line, language, tmp_path) == WHEN, line
        assert _instant(_capitals(line), language, tmp_path) == WHEN, line


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_weekday_that_does_not_fit_is_refused_in_every_language(language, tmp_path):
    label, clock, _ = LINES[language]
    wrong = format_date(datetime(2030, 3, 7, tzinfo=UTC), "EEEE", locale=language)
    right = format_date(datetime(2030, 3, 6, tzinfo=UTC), "long", locale=language)
    with pytest.raises(EmbargoError, match="is a Wednesday"):
        _instant(f"{label} {wrong}, {right}, {clock}", language, tmp_path)
