"""The language of texts that do not say it: detected, or the team's, and never silently English."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from kb.domain.language import LanguageSource
from kb.services.incidents.filing.language_detection import detect_language
from tests.support.api import Api
from tests.support.incidents import incident

DETECTED, ASSUMED = LanguageSource.DETECTED, LanguageSource.ASSUMED

TEXTS = {
    "fr": "La marque a présenté ses excuses après la diffusion d'une publicité jugée sexiste.",
    "ru": "Компания удалила рекламный ролик, который многие зрители сочли оскорбительным, и извинилась.",
    "ar": "حذفت الشركة الإعلان بعد ساعات من نشره واعتذرت لعملائها عن الإساءة.",
    "ja": "同社は不適切な投稿を削除し、公式アカウントで謝罪した。",
    "de": "Das Unternehmen zog die Anzeige zurück, nachdem sich viele Kunden beschwert hatten.",
    "es": "La empresa retiró el anuncio después de las quejas de muchos clientes en las redes.",
    "he": "החברה הסירה את הפרסומת אחרי שלקוחות רבים התלוננו, והתנצלה.",
    "en": "The company withdrew the advertisement after many customers had complained about it.",
    "pt": "A empresa retirou o anúncio depois que muitos clientes reclamaram nas redes sociais.",
    "it": "L'azienda ha ritirato la pubblicità dopo le proteste di molti clienti.",
    "nl": "Het bedrijf trok de advertentie in nadat veel klanten hadden geklaagd.",
    "pl": "Firma wycofała reklamę po tym, jak wielu klientów złożyło skargi.",
    "tr": "Şirket, birçok müşterinin şikâyetinden sonra reklamı geri çekti.",
    "nb": "Selskapet trakk annonsen etter at mange kunder hadde klaget på den.",
    "uk": "Компанія прибрала рекламу після того, як багато клієнтів поскаржилися.",
    "fa": "این شرکت پس از شکایت بسیاری از مشتریان آگهی را حذف کرد و عذر خواست.",
    "zh": "该公司在许多顾客投诉之后撤下了广告，并公开道歉。",
    "ko": "회사는 많은 고객이 항의하자 광고를 철회하고 사과했다.",
    "el": "Η εταιρεία απέσυρε τη διαφήμιση και ζήτησε συγγνώμη.",
    "hi": "कंपनी ने ग्राहकों की शिकायतों के बाद विज्ञापन हटा लिया और माफ़ी माँगी।",
    "th": "บริษัทถอนโฆษณาหลังจากลูกค้าจำนวนมากร้องเรียน",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_sentence_is_detected_whatever_the_default(language: str) -> None:
    for default in ("en", "he", language):
        assert detect_language(TEXTS[language], default) == (language, DETECTED)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("המותג Balenciaga הסיר את הקמפיין מ-Instagram", "he"),
        ("Sony は Twitter の投稿を削除した", "ja"),
        ("Der Shitstorm gegen H&M: „Coolest Monkey“ war kein guter Einfall der Werbeabteilung", "de"),
        ("McDonald's Black Friday : la maquette a été publiée par erreur sur le compte officiel", "fr"),
        ("https://example.com/the-company-withdrew-it La empresa retiró el anuncio #TheBrandIsSorry", "es"),
    ],
)
def test_foreign_names_in_a_text_do_not_change_its_language(text: str, language: str) -> None:
    assert detect_language(text, "en") == (language, DETECTED)


@pytest.mark.parametrize(
    "text", ["", "!!! 100 %", "Balenciaga", "Pepsi", "iPhone 4", "https://example.com/a"]
)
def test_what_may_be_in_any_language_is_in_the_default_one(text: str) -> None:
    for default in ("en", "he", "fr-CA", "tr"):
        assert detect_language(text, default) == (default, ASSUMED)


TITLES = """\
en|A reply went out from the wrong account
en|Placeholder tweet
en|KFC runs out of chicken
en|Pepsi ad
en|Dove apologizes for racist ad
en|Ad pulled after backlash
en|The airline's hashtag was hijacked within minutes, and the campaign was pulled the same afternoon.
en|Burger King UK tweets "Women belong in the kitchen"
en|Starbucks #RaceTogether
en|Test post published
en|Café Nestlé résumé
en|Volkswagen Dieselgate
en|Balenciaga
en|Shitstorm bei H&M
de|Die Kampagne wurde nach heftiger Kritik zurückgezogen
de|Falscher Account
de|Werbung gestoppt
de|Der Tweet ging versehentlich vom Firmenkonto aus; die Redaktion löschte ihn nach zehn Minuten.
fr|Un message privé a été publié sur le compte de la marque
fr|Mauvais compte
fr|Publicité retirée après un tollé
fr|La marque s'est excusée après la diffusion d'une publicité jugée sexiste.
fr|McDonald's Black Friday : la maquette publiée par erreur
es|La campaña se retiró tras las críticas
es|Tuit por error
es|La empresa pidió disculpas después de publicar un chiste sobre el terremoto.
pt|A campanha foi retirada depois das críticas nas redes sociais
pt|Anúncio retirado
it|La pubblicità è stata ritirata dopo le polemiche
it|Account sbagliato
nl|De campagne werd ingetrokken na kritiek
nl|Verkeerd account
sv|Kampanjen drogs tillbaka efter kritik
da|Kampagnen blev trukket tilbage efter kritik
nb|Kampanjen ble trukket etter kritikk i sosiale medier
fi|Kampanja vedettiin pois kritiikin jälkeen
pl|Kampania została wycofana po krytyce
cs|Kampaň byla stažena po kritice
tr|Kampanya eleştirilerden sonra geri çekildi
hu|A kampányt a kritikák után visszavonták
ro|Campania a fost retrasă după critici
id|Kampanye ditarik setelah dikritik warganet
vi|Chiến dịch bị rút lại sau những lời chỉ trích
ru|Компания отозвала рекламу после критики
ru|Ошибка
uk|Компанія відкликала рекламу після критики
bg|Компанията оттегли рекламата след критики
sr|Компанија је повукла рекламу након критика
mk|Компанијата ја повлече рекламата по критиките
be|Кампанія адклікала рэкламу пасля крытыкі
ar|اعتذرت الشركة عن الإعلان المسيء
ar|إعلان مسيء
fa|شرکت از تبلیغ توهین آمیز عذرخواهی کرد
ur|کمپنی نے توہین آمیز اشتہار پر معافی مانگ لی
zh|公司就冒犯性广告道歉
zh|廣告引發爭議，公司道歉
ja|企業が不適切な広告を謝罪
ja|広告撤回
hi|कंपनी ने विज्ञापन वापस लिया
mr|कंपनीने जाहिरात मागे घेतली
ne|कम्पनीले विज्ञापन फिर्ता लियो
am|ኩባንያው ይቅርታ ጠየቀ
"""
"""Titles as people type them, most of them short, with their languages."""


def test_a_title_is_detected_or_left_open_and_hardly_ever_wrong() -> None:
    outcomes: Counter[str] = Counter()
    for line in TITLES.splitlines():
        language, _, title = line.partition("|")
        found, source = detect_language(title, "en")
        outcomes["open" if source is ASSUMED else "right" if found == language else "wrong"] += 1
    assert outcomes == {"right": 49, "open": 12, "wrong": 1}  # of a Japanese title without kana


def test_a_short_text_in_another_script_is_never_in_the_default_language() -> None:
    assert detect_language("Ошибка", "en") == ("ru", DETECTED)
    assert detect_language("Ошибка", "ru") == ("ru", ASSUMED)


def test_a_language_that_is_detected_is_the_variety_that_the_team_writes() -> None:
    assert detect_language(TEXTS["en"], "en-GB") == ("en-GB", DETECTED)
    assert detect_language(TEXTS["fr"], "en-GB") == ("fr", DETECTED)


SHORT = incident(language=None, title="Balenciaga", summary="", cause="", outcome="", lessons=[])


def test_the_answer_says_how_the_language_is_known(any_role: Callable[..., Api]) -> None:
    api = any_role("contributor")
    for body, language, source in (
        (incident(language="fr"), "fr", "given"),
        (incident(language=None), "en", "detected"),
        ({**SHORT, "summary": TEXTS["fr"]}, "fr", "detected"),
        (SHORT, "en", "assumed"),
    ):
        filed = api.post("/incidents", body).get_json()
        assert (filed["language"], filed["language_source"]) == (language, source)
        assert "language_source" not in api.get(f"/incidents/{filed['id']}").get_json()


def test_an_uncertain_text_is_in_the_language_of_its_team(any_person: Callable[..., Api]) -> None:
    dana = any_person("Dana", north="admin")
    assert dana.get("/teams/north").get_json()["language"] is None
    changed = dana.patch("/teams/north", {"language": "pt-br"}, If_Match='"1"')
    assert (changed.get_json()["language"], changed.get_json()["version"]) == ("pt-BR", 2)
    filed = dana.post("/incidents", SHORT).get_json()
    assert (filed["language"], filed["language_source"]) == ("pt-BR", "assumed")
    assert dana.patch("/teams/north", {"language": None}, If_Match='"2"').get_json()["language"] is None
    assert dana.post("/incidents", SHORT).get_json()["language"] == "en"


def test_a_repeated_request_says_again_how_the_language_is_known(contributor: Api) -> None:
    body = incident(language=None)
    answers = [contributor.post("/incidents", body, Idempotency_Key="once").get_json() for _ in range(2)]
    assert [answer["language_source"] for answer in answers] == ["detected", "detected"]
