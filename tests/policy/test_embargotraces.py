"""Words of an embargo anywhere: what must be asked about, and what is about an embargo on arms or trade.

Planted by hand and caught: capitals without accents not folded, "sin embargo" taken for an embargo, the word
of trade in the line above counted ("ARMS" over "EMBARGOED UNTIL"), only the first word of a text looked at.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributor.policy.embargotraces import traces
from distributor.policy.spelling import plain

ASKED = [
    "This material may be used from 2 December 2026, 11:00 onwards.",
    "It may be published after 11:00 on Monday.",
    "[EMBARGOED UNTIL 17 January 2030, 11:00 CET]",  # in brackets
    "(EMBARGOED until Tuesday)",  # no clock time
    "PRESS RELEASE - EMBARGOED UNTIL 17 January 2030",  # behind something else
    "Press release | Embargo: 17 January 2030 11:00",  # behind a bar
    "A headline (EMBARGOED UNTIL 11:00)",  # behind the headline
    "17 January 2030 EMBARGO until 11:00",  # behind a date
    "| EMBARGO | 17 January 2030 |",  # in a table
    "> EMBARGOED until 11:00",  # quoted
    "**EMBARGOED** until the vote",  # marked up
    "⚠ EMBARGO ⚠",  # between pictures
    "E M B A R G O E D until Tuesday",  # spaced out
    "Embargo",  # alone
    "embargo:",  # a key without a value
    "EMBARGO 11:00",  # nothing between
    "EMBARGO MONDAY",  # a weekday
    "EMBARGO !",  # a sign
    "EMBARGOED: Ministers agree",  # before the headline
    "EMBARGO: Commission proposes new arms export rules",  # about arms, and embargoed
    "EMBARGOED – new sanctions on oil",  # the same
    "ARMS\nEMBARGOED UNTIL 11:00",  # the word above is another line's
    "STRICT EMBARGO",
    "Strictly embargoed",
    "embargoed copy",
    "Embargoed for release at 00:01",
    "Embargo to 00.01",
    "Embargo time: 11:00",
    "Embargo date 17/01/2030",
    "Embargo ends 17 January, 11:00",
    "The embargo lifts at 11:00.",  # in a sentence
    "We lift the embargo at 11:00.",  # lifted, at a clock time
    "This text is under embargo until Tuesday noon.",
    "This text is under embargo.",
    "This text has been placed under embargo until Tuesday.",
    "The figures are embargoed until Tuesday.",
    "The embargo on this text ends on Tuesday",  # "on", but on the text
    "News under embargo until 00.01",
    "press embargo applies",
    "Embargo policy: see below",
    "Please respect the embargo.",
    "Notes and EMBARGOED UNTIL Tuesday",
    "EMBARGO LIFTED: 11:00",  # lifted when?
    "For use after 11:00 on Tuesday",  # without the word
    "For immediate release after 11:00",
    "NOT FOR IMMEDIATE RELEASE until 11:00",
    "Not for release before 11:00",
    "NOT FOR PUBLICATION, BROADCAST OR USE BEFORE 11.00",
    "Do not publish before Tuesday.",
    "Please do not quote or publish until 17 January.",
    "May not be published before 11:00",
    "not to be published prior to 17 January",
    "No use before 11:00",
    "Publication is strictly prohibited before 11:00",
    "Release time: 11:00",
    "Hold for release",
    "HOLD UNTIL 11:00",
    "Confidential until 11:00 on Tuesday",
    "Check against delivery",  # a speech that is not held yet
    "ЕМБАРГО ДО 11:00",  # bg
    "Да не се публикува преди 11 часа",
    "Embargo do 17. ledna",  # cs
    "Nezveřejňovat před 11. hodinou",
    "Embargo indtil kl. 11",  # da
    "Må ikke offentliggøres før tirsdag",
    "SPERRFRIST 17. Januar",  # de
    "Sperrfrist bis Redebeginn",
    "Es gilt das gesprochene Wort!",
    "Frei ab 11 Uhr",
    "Frei ab 17. Januar 2030, 11:00 Uhr",
    "Gesperrt bis 11 Uhr",
    "Bitte nicht vor dem 17. Januar 2030, 11 Uhr veröffentlichen",
    "Veröffentlichung vor 11 Uhr untersagt",
    "Veröffentlichung untersagt bis 11 Uhr",
    "ΕΜΠΑΡΓΚΟ ΕΩΣ 17 ΙΑΝΟΥΑΡΙΟΥ 2030",  # el: capitals have no accents
    "ΥΠΟ ΕΜΠΑΡΓΚΟ",
    "Να μη δημοσιευθεί πριν τις 11",
    "Bajo embargo hasta las 11:00",  # es
    "EMBARGADO HASTA EL MARTES",
    "No difundir antes de las 11:00",
    "Publicación prohibida hasta las 11:00",
    "Embargo kuni 11.00",  # et
    "Mitte avaldada enne kella 11",
    "Embargo klo 11 asti",  # fi
    "Julkaisuvapaa 17.1.2030 klo 11",
    "Ei saa julkaista ennen tiistaita",
    "SOUS EMBARGO JUSQU'AU 17 JANVIER",  # fr
    "Embargo jusqu’à 11h",
    "Merci de respecter l’embargo.",
    "À ne pas diffuser avant 11h00",
    "Diffusion autorisée à partir de 11h00",
    "Publication interdite avant le 17 mars à 11h",  # what is forbidden stands first
    "Diffusion strictement interdite jusqu’à 11h00",
    "Faoi lánchosc go dtí 11",  # ga
    "Ní lena fhoilsiú roimh 11",
    "Embargo do 11 sati",  # hr
    "Ne objavljivati prije 11 sati",
    "Embargó: január 17. 11:00-ig",  # hu
    "Nem közölhető 11 óra előtt",
    "Sotto embargo fino alle 11",  # it
    "Da non diffondere prima delle 11.00",
    "Pubblicazione vietata prima delle 11.00",
    "Embargas iki 11 val.",  # lt
    "Neskelbti iki 11 val.",
    "Embargo līdz 11.00",  # lv
    "Nepublicēt pirms 11.00",
    "Embargo sa nofsinhar",  # mt
    "Mhux għall-pubblikazzjoni qabel 11",
    "Onder embargo tot 11.00 uur",  # nl
    "Embargo op dinsdag 11.00 uur",
    "Niet publiceren vóór 11.00 uur",
    "Publicatie verboden voor 11.00 uur",
    "Embargo do 17 stycznia",  # pl
    "Nie publikować przed godz. 11",
    "SOB EMBARGO ATÉ ÀS 11H",  # pt
    "Embargado até 17 de janeiro",
    "Publicação proibida até às 11h",
    "Sub embargo până la ora 11",  # ro
    "A nu se publica înainte de ora 11",
    "Nezverejňovať do 11.00",  # sk
    "Embargo do 17. januarja",  # sl
    "Ne objavljajte pred 11. uro",
    "Embargo till kl. 11.00",  # sv
    "Får ej publiceras före 11.00",
]
NOT_ASKED = [
    "The grant may be used from Monday 2 December for repairs.",
    "The arms embargo against Belarus stays.",  # arms
    "an embargo on exports of surveillance tools",  # exports
    "EMBARGO ON ARMS EXPORTS MUST STAY, MEMBERS SAY",  # a headline in capitals
    "Council prolonged the arms embargo until 31 July 2027.",  # with a date, as the Council writes it
    "The Council today prolonged the arms\nembargo until 31 July 2027.",  # the same over two lines
    "The Council extended the embargo until 31 July.",  # extended
    "The arms embargo, until now voluntary, becomes law.",
    "The US embargo against Cuba has been in force since 1962.",
    "The EU embargo on Russian oil entered into force on 5 December 2022.",  # a date far behind
    "Member states lifted the oil embargo in 2019.",
    "The 1973 oil embargo",
    "the embargo of 1973",  # a year
    "Iran has been under embargo since 1979.",  # under, since
    "Countries under embargo include three neighbours",  # countries
    "Goods under embargo are listed in annex B.",  # goods
    "embargoed goods may not cross the border",
    "embargoed countries",
    "Exporters must not evade the embargo.",
    "The sanctions and the embargo have effects.",
    "The embargo was a mistake, said the minister.",  # nothing but the word
    "An embargo is no answer.",
    "The embargo hurts farmers, and they say so.",
    "Sin embargo, los ministros no votaron.",  # es: however
    "sin embargo hasta el martes no hubo voto",
    "Los ministros, sin embargo, votaron el 17 de enero de 2030.",
    "El embargo de bienes del deudor",  # es: a seizure
    "El embargo petrolero hasta 2030",
    "L'embargo sur les armes a été prolongé jusqu'au 31 juillet.",  # fr
    "L'embargo contre Cuba",
    "Les pays sous embargo",
    "Das Waffenembargo gegen Syrien",  # de
    "Das Embargo auf Öl gilt bis 2030",
    "het wapenembargo tegen het land",  # nl
    "embargo na broń",  # pl
    "Embargo na dovoz ropy",  # cs
    "embargo σε ρωσικό πετρέλαιο",  # el
    "Embargo: none",  # said that there is none
    "embargo: immediate",
    "No embargo",
    "There is no embargo on this text.",
    "Ohne Sperrfrist",
    "Sperrfrist: keine",
    "FOR IMMEDIATE RELEASE",
    "Not for publication",  # a heading over notes to editors
    "Eintritt frei",  # free entry
    "The report will be published on 17 January.",  # about publishing, not about this text
]


@pytest.mark.parametrize("text", ASKED)
@pytest.mark.parametrize("form", ["{}", "A headline\n\n{}\n\nMore text.", "A line\n{}\nand the rest of it"])
def test_asked_about(text, form):
    found = traces(form.format(text))
    assert found
    if form.startswith("A headline"):
        assert found[0].line in (3, 4)


@pytest.mark.parametrize("text", NOT_ASKED)
@pytest.mark.parametrize("form", ["{}", "A headline\n\n{}\n\nMore text."])
def test_not_asked_about(text, form):
    assert traces(form.format(text)) == ()


def test_a_trace_names_its_line_and_its_words():
    assert [str(trace) for trace in traces("One\n\nTwo.\nThis is **under strict  embargo**.\n")] == [
        "line 4 (“embargo”)"
    ]
    assert str(traces("EMBARGOED UNTIL 11:00")[0]) == "line 1 (“EMBARGOED UNTIL”)"


@given(st.text(max_size=200))
def test_plain_letters_are_as_many_as_before(text):
    assert len(plain(text)) == len(text)
    assert plain(plain(text)) == plain(text)


@given(st.text(st.sampled_from("embargoEMBARGO \n()[]:-–.0123until*\0ΕΜΠΑΡΓΚΟ"), max_size=120))
def test_junk_is_looked_through(text):
    for trace in traces(text):
        assert 1 <= trace.line <= text.count("\n") + 1
