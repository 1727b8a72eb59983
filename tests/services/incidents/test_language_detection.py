"""The language of texts that do not say it: detected, or the team's, and never silently English."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kb.domain.language import LanguageSource
from kb.services.incidents.language_detection import detect_language
from tests.support.api import Api
from tests.support.incidents import incident

DETECTED, DEFAULT = LanguageSource.DETECTED, LanguageSource.DEFAULT

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
        assert detect_language(text, default) == (default, DEFAULT)


def test_a_short_text_in_another_script_is_never_in_the_default_language() -> None:
    assert detect_language("Ошибка", "en") == ("ru", DETECTED)
    assert detect_language("Ошибка", "ru") == ("ru", DEFAULT)


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
        (SHORT, "en", "default"),
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
    assert (filed["language"], filed["language_source"]) == ("pt-BR", "default")
    assert dana.patch("/teams/north", {"language": None}, If_Match='"2"').get_json()["language"] is None
    assert dana.post("/incidents", SHORT).get_json()["language"] == "en"


def test_a_repeated_request_says_again_how_the_language_is_known(contributor: Api) -> None:
    body = incident(language=None)
    answers = [contributor.post("/incidents", body, Idempotency_Key="once").get_json() for _ in range(2)]
    assert [answer["language_source"] for answer in answers] == ["detected", "detected"]
