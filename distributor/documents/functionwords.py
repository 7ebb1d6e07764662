"""The commonest small words of the 24 official languages of the EU, by which a text shows its language."""

WORDS: dict[str, str] = {
    "bg": """
        и на от за да се в с по при че са ще не до към като което които който след между както или
        също""",
    "cs": """
        a v na se že je pro s z do o které který která jsou od by také podle jako ale po jeho byl
        bylo aby mezi při však jsme není ze uvedl nové""",
    "da": """
        og i at det er en til på af for med den der de ikke som har et om fra ved vil blev også skal
        efter kan eller sig være vi men siger nye mellem bliver""",
    "de": """
        und der die das in den von zu mit des auf für ist im dem nicht eine ein als auch es an
        werden aus er hat dass sie nach bei einer um am sind noch wie einem über einen so zum war
        haben nur oder""",
    "el": """
        και το της την του η ο να των για με που στην από στο τα τη τον είναι θα οι στη δεν σε ότι
        τους""",
    "en": """
        the of and to in that is for on with as by be are was at from this it an which not have has
        will or its were their they we our said who would new more than also""",
    "es": """
        de la que el en y los se del las un por con para una su al es lo como más pero sus ha este
        esta entre sobre también han desde cuando hay fue son según muy sin""",
    "et": """
        ja on ei et see ka kui oma mis või ning ta ole selle seda aga tema olla nii mida kes järgi
        välja veel oli peab kuid uue poolt vahel eest nende sellest""",
    "fi": """
        ja on ei että se oli hän myös mutta joka ovat kun niin kuin tai sekä ole sen jotka mukaan
        sitä vain vuoden voi nyt jo kanssa mitä uusi tämä olla joita tänään sanoo mihin jokainen
        kaikki jossa sillä siitä kuten jonka haluamme noin vielä uuden koko ollut""",
    "fr": """
        de la le et les des en un une du est que dans qui pour par sur au avec plus ce ne se sont
        pas il aux ont cette été leur nous mais également entre ces""",
    "ga": """
        agus an na ar go is i le sin a do ag ó bhí leis mar sé tá chun níos idir nach cuid faoi gach
        den bheith seo sa ach atá""",
    "hr": """
        i u je na se da za su od s će koji koja koje kao iz što ali bi po o do biti nije te ili
        svoje može zbog nakon kako prema između također rekao""",
    "hu": """
        a az és hogy nem is egy ez meg de volt van el csak már még szerint vagy kell azt amely lesz
        után minden mint által között új valamint pedig""",
    "it": """
        di che e la il un a per in una è del le della si i nel con non da alla dei più sono al come
        gli anche ha delle lo dal nella questo ma tra suo""",
    "lt": """
        ir kad yra į iš su tai bus kaip apie dėl nuo buvo jau taip pat ne bet už po prie pagal tarp
        savo būti kurie arba šį nauja turi""",
    "lv": """
        un ir ka no ar par uz kas arī lai pēc bet tas pie to vai nav tika tiek būs jau savu kā gan
        starp ļoti kuru līdz jauna nozīmē""",
    "mt": """
        li ta u il fil ma biex din dan għal minn huwa tal kien bħala kif jew dwar hija kienu lill
        mill aktar wara dawn fuq għall dawk ukoll hemm""",
    "nl": """
        de het een van en in is dat op te zijn met voor niet die aan er door als ook worden om bij
        uit naar heeft maar dan wordt over deze nog hebben nieuwe tussen zei""",
    "pl": """
        i w na z do się nie że jest to o od przez po jak dla oraz za co są tym ma być które który
        która także ale już tego będzie jego między przy został""",
    "pt": """
        de a o que e do da em um para com uma os no se na por mais as dos como mas ao das foi à são
        também seu sua ou pela pelo entre não é nos já está""",
    "ro": """
        de și în a la cu pe care din pentru o nu este un mai au sunt ca sau al se prin că fost dar
        fi ale lui între după să acest această europene privind vor astăzi către""",
    "sk": """
        a v na sa je že s z do o pre ktoré ktorý ktorá sú aj ako od by alebo podľa ale po jeho bol
        bolo aby medzi pri však sme nie zo uviedol nové""",
    "sl": """
        in je v na se da za so ki z pa bi po s kot od tudi o ne do iz pri še več ali med ter bo kjer
        ta vendar že lahko zaradi dejal svoje danes bodo bila pravila""",
    "sv": """
        och i att det som en på är av för med till den har de inte om ett men från var sig vid också
        ska kan eller efter mot under när vi säger nya mellan""",
}

#: Letters that only one of these languages writes.
LETTERS: dict[str, str] = {
    "cs": "řěů",
    "sk": "ľĺŕ",
    "hu": "őű",
    "mt": "ħġċ",
    "ro": "țșşţ",
    "pl": "łśź",
    "de": "ß",
    "pt": "ã",
    "es": "ñ¿",
    "hr": "đ",
    "lt": "ėįų",
    "lv": "ģķļņā",
}
