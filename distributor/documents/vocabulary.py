"""The set phrases of press releases in the EU's languages: headings, kinds of text, end marks, speech
verbs.

Data only, as stems and patterns over case-folded text; `furniture` and `speakers` say how they are used.
"""

#: What a line of the kind "Note to the editor" starts with, and whom it then speaks to.
NOTE_NOUNS = """
note nota noten noot noti nóta hinweis anmerkung bemerkung information mitteilung opmerking
bemærkning
oplysning anmärkning huomautu huomio lisätieto taustatieto märkus märked piezīm pastab uwag notatk poznámk
megjegyzés opomb obvestil napomen bilješk notă бележк забележк σημείωσ editor redaktion szerkesztő
a_szerkesztő
background_note further_note avis comment
"""
NOTE_READERS = """
editor éditeur rédact rédaction redakt redaktion redactie redacti redacteur redactor redactores redacción
redattor
redazion redação redações redakc redakci redaktø redaktör redaktor redacți rédactions urednik uredni
toimitt toimitu
toimet toimetus szerkeszt συντάκτ εκδότ αρχισυντάκτ editur eagarth редакт редакц журналист journalist
giornalist
periodist jornalist dziennikarz novinář novinár novinar žurnāl žurnal ġurnalist δημοσιογρ presse press
pers prensa
stampa imprensa media medien médias medios correspondent broadcaster
"""
NOTES_ALONE = """
notes
editor's note
editors' note
editor's notes
editors' notes
notes:
niet voor publicatie
not for publication
anmerkungen
hinweise
megjegyzések
poznámky
poznámka
uwagi
märkused
pastabos
piezīmes
opombe
napomene
σημειώσεις
бележки
"""

#: Headings over whom to call: the whole line, or what stands before a colon.
CONTACT_HEADINGS = r"""
(?:press |media |news |further |general )?(?:and (?:press|media) )?contacts?
(?:press |media |news )?contact (?:details?|persons?|information|us)
contacts? for (?:the )?(?:press|media|journalists|further information)
for (?:more|further|additional) (?:press )?(?:information|details|queries)(?: and interviews)?
for (?:more|further|additional) (?:press )?(?:information|details|queries),? (?:please )?contact
(?:press|media) (?:enquiries|inquiries|queries|office|officer|service)
for (?:press|media) (?:enquiries|inquiries|queries|contact)
(?:presse|medien)?(?:kontakte?|stelle)(?: für (?:die )?(?:presse|medien|rückfragen))?
(?:ihre? )?ansprechpartner(?:in|innen)?(?: für (?:die )?(?:presse|medien))?
(?:presse)?rückfragen(?: an| bitte an)?
contacts?(?: de)? (?:la )?(?:presse|médias?)
pour (?:de )?plus (?:amples )?(?:d['’]informations?|de renseignements|informations|renseignements)
para (?:más|mais) (?:información|informações)
per (?:maggiori|ulteriori) informazioni
(?:service|bureau) de presse
contactos?(?: de| para| con)?(?: la| a| los)? ?(?:prensa|medios|imprensa|comunicación)?
contatt[oi](?: per| con)?(?: la| i)? ?(?:stampa|media)?
ufficio stampa
(?:pers)?contact(?:en|personen|persoon|gegevens)?
(?:voor )?meer informatie
pressekontakt(?:er)?
(?:yderligere|flere) oplysninger
(?:press)?kontakt(?:er|persone?r?|uppgifter)?
(?:för )?mer information
yhteystiedot
lisätieto(?:ja|jen antajat)
lisätiedot
(?:pressi)?kontakt(?:id|isik|andmed)?
lisateave
kontakt(?:i|personas?|informācija)(?: presei| medijiem)?
papildu informācija
kontaktai(?: žiniasklaidai)?
daugiau informacijos
kontakt(?:y)?(?: dla)?(?: prasowy| mediów| prasy| medialny| dla mediów| dla prasy)?
kontakt(?:y)? (?:pro|pre) (?:média|novináře|novinárov)
(?:tiskový|mediální|tlačový) kontakt
(?:sajtó)?kapcsolat(?:tartó)?(?:k)?
további információ(?:k)?
stik(?:i)?(?: za medije| za novinarje)?
kontakt(?:i)?(?: za medije| za novinare)?
(?:persoan[ăe] de )?contact(?:e)?(?: pentru presă| de presă)?
(?:за )?контакти?(?: за (?:медии(?:те)?|журналисти|пресата))?
за (?:повече|допълнителна) информация
(?:στοιχεία )?επικοινωνίας?
(?:περισσότερες )?πληροφορίες
kuntatti?(?: għall-istampa)?
(?:sonraí )?teagmhála(?:í|ithe)?
tuilleadh eolais
"""

#: What opens a heading over the paragraph that describes the publisher.
ABOUT = """
about over om über sobre despre par apie dwar faoi относно за_нас tietoa meist meistä rólunk
à_propos_de à_propos_du à_propos_des à_propos_d acerca_de acerca_del informazioni_su a_proposito_di
chi_siamo who_we_are vilka_är_vi hvem_er_vi wie_zijn_wij kik_vagyunk kim_jesteśmy kdo_jsme
quiénes_somos quem_somos qui_sommes-nous wer_wir_sind o_nas o_nás o_nama o_društvu o_firmie o_společnosti
o_spoločnosti o_agenciji o_instytucji σχετικά_με ποιοι_είμαστε maidir_le boilerplate hintergrund_zu
informacje_o informace_o
"""

#: How a line names the kind of text, and the type it then is.
KINDS = {
    "release": """
        press releases?|news releases?|media releases?|pressemitteilung|presseinformation|presseaussendung
        |medienmitteilung|communiqué de presse|communiqué|nota de prensa|comunicado de prensa|comunicado
        |comunicato stampa|comunicado de imprensa
        |nota de imprensa|nota à imprensa|persbericht|pressemeddelelse
        |pressmeddelande|lehdistötiedote|mediatiedote|tiedote|pressiteade|preses relīze|paziņojums presei
        |pranešimas spaudai|pranešimas žiniasklaidai|komunikat prasowy|informacja prasowa|tisková zpráva
        |tlačová správa|sajtóközlemény|sporočilo za javnost|sporočilo za medije|priopćenje za javnost
        |priopćenje za medije|priopćenje|comunicat de presă|прессъобщение|съобщение за медиите|δελτίο τύπου
        |stqarrija għall-istampa|stqarrija|preaseisiúint|preasráiteas""",
    "statement": """
        press statement|statement|presseerklärung
        |déclaration à la presse|déclaration|declaración|dichiarazione
        |declaração|verklaring|udtalelse|uttalande|lausunto|avaldus|pareiškimas|oświadczenie|prohlášení
        |vyhlásenie|nyilatkozat|izjava|declarație|изявление|δήλωση|ráiteas""",
    "advisory": """
        media advisory|press advisory|media alert|press invitation|media invitation|presseeinladung
        |avis aux médias|invitation presse|invitation à la presse|convocatoria de prensa|invito stampa
        |convite à imprensa|persuitnodiging|presseinvitation|pressinbjudan|kutsu medialle""",
    "speech": """
        speech|remarks|rede|discours|discurso|discorso|toespraak|tale
        |tal|puhe|kõne|przemówienie|projev|beszéd""",
    "q&a": """
        q&a|q & a|questions and answers|questions & answers|fragen und antworten|questions et réponses
        |preguntas y respuestas|domande e risposte|perguntas e respostas|vragen en antwoorden""",
}

#: What stands at the end of a release.
END_WORDS = """
    ends end ende fin fine fim einde slut loppu lõpp beigas pabaiga koniec konec vége kraj sfârșit край
    τέλος tmiem críoch
"""

#: Parts of the names of those who publish.
ORGANISATIONS = """
parlam parlem parlia consil consej conseil consigl conselh council rada rady raad råd neuvosto nõukogu
padome taryb
tanács vijeće svet съвет συμβούλ kunsill comhairle commiss kommiss comis komis komisj minist agenc agence
agentur
agentsch agency office büro bureau oficina ufficio grupp group grupo gruppo fraktion fraction fracti
presse press prensa
stampa imprensa news portal newsroom media service union unión unione institut federa associa verband
alliance allianz
foundation fondation stiftung fundac authority behörde amt bank court committee ausschuss comité comitato
bundes
regierung government gouvernement gobierno governo party partei partij network
"""

#: Verbs that introduce what somebody says.
SAID = r"""
said|says|say|added|adds|commented|comments
stated|states|declared|declares|explained|explains|concluded|concludes
continued|continues|noted|notes|stressed|stresses
underlined|underlines|emphasised|emphasized|remarked|argued|warned
told\s\w+|pointed out|commenting|affirmed|announced|insisted|recalled|welcomed|reacted|highlighted|observed
sagte|sagt|erklärte|erklärt|betonte|betont|ergänzte
ergänzt|kommentierte|kommentiert|fügte|fügt|hinzu|meinte|meint
unterstrich|unterstreicht|äußerte|so|führte|aus|hob|hervor
a dit|dit|déclare|a déclaré|a ajouté|ajoute
a expliqué|explique|a souligné|souligne|a commenté|commente|a précisé
précise|affirme|a affirmé|conclut|a conclu|poursuit
a poursuivi|a estimé|estime|a réagi|réagit|a rappelé|rappelle
dijo|ha dicho|declaró|ha declarado|declara|añadió|ha añadido
añade|afirmó|ha afirmado|afirma|señaló|ha señalado|señala
explicó|ha explicado|explica|destacó|ha destacado|destaca
subrayó|ha subrayado|subraya|concluyó|comentó|manifestó
ha detto|ha dichiarato|dichiara|ha aggiunto|aggiunge
ha affermato|afferma|ha spiegato|spiega|ha sottolineato|sottolinea
ha commentato|commenta|conclude|ha concluso|disse|afirmou
declarou|acrescentou|sublinhou|explicou|salientou|concluiu
zei|zegt|verklaarde|verklaart|voegde|toe|voegt|benadrukte
aldus|stelt|reageert|siger|sagde|udtaler|udtalte|tilføjer
säger|sade|sa|tillade|tillägger|kommenterar|uppger|sanoi|sanoo|toteaa|totesi|lisäsi|lisää|kommentoi|korosti
ütles|lisas|rõhutas|märkis|sõnas|teica|sacīja|uzsvēra|piebilda|norādīja|sakė|teigė|pabrėžė|pridūrė|pareiškė
powiedział|powiedziała|dodał|dodała|podkreślił
podkreśliła|oświadczył|oświadczyła|stwierdził|stwierdziła|mówi
řekl|řekla|uvedl|uvedla|dodal|dodala|prohlásil
prohlásila|zdůraznil|zdůraznila|povedal|povedala|uviedol|uviedla
vyhlásil|vyhlásila|zdôraznil|zdôraznila|mondta|hozzátette
kijelentette|hangsúlyozta|közölte|dejal|dejala|povedal
poudaril|poudarila|rekao|rekla|izjavio|izjavila
istaknuo|istaknula|dodao|naglasio|naglasila|a declarat|a spus
a adăugat|a afirmat|a subliniat|a precizat|каза|заяви|добави
подчерта|коментира|δήλωσε|είπε|πρόσθεσε|τόνισε|ανέφερε
qal|qalet|żied|żiedet|stqarr|dúirt|arsa
"""

#: Parts of words that name an office somebody holds, not the person.
OFFICES = """
minist presid präsid prezid předsed predsed przewod puheenjoht elnök πρόεδρ chair vorsitz vice vize
vicepr commiss
kommiss comis komis комис kanzler chancel spokes sprecher speaker porte-par portavo portavoc woordvo
talsm talesm
director direkt direct direct diret rektor secret sekret segret secrét general mep abgeordn eurodep
europarl deput député
diput deputat poslan poseł posłan képvis rapport berichterst ponent relator relatric mitglied member
membre miembro
ambassad botschaft head leiter leader négocia negotia coordinat koordinat expert analyst professor
manager officer
adviser advisor mayor bürgermeister governor judge commander chief executive founder owner host editor
journalist
delegat delegierte president parliament council committee commission group union office ministry board
"""
