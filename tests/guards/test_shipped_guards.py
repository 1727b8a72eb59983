"""The shipped guards, and those on the lessons of the six cases, hold on their examples and on traps."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from kb.config import seeds_dir
from kb.domain.draft import Draft
from kb.domain.guard import Guard, Severity
from kb.guards.analysis import AnalyzedDraft
from kb.guards.definition import expand_shorthand, to_guard
from kb.guards.examples import failed_examples
from kb.guards.ruleset import CompiledGuard, compile_guard
from kb.search.concepts import ConceptTable
from kb.yaml_text import read_yaml

CASES = sorted((seeds_dir() / "incidents").glob("*.yaml"))


def case_guards(path: Path) -> list[Guard]:
    """The guards on the lessons of a case, in the order of the lessons."""
    lessons: list[dict[str, Any]] = read_yaml(path.read_text("utf-8"))["lessons"]
    return [
        to_guard(path.stem, expand_shorthand(lesson["guard"])) for lesson in lessons if lesson.get("guard")
    ]


def failures(guards: list[CompiledGuard], concepts: ConceptTable) -> list[tuple[str, str, str]]:
    return [
        (compiled.guard.key, failed.draft.text, failed.message)
        for compiled in guards
        for failed in failed_examples(compiled, concepts)
    ]


def findings(
    guards: list[CompiledGuard], concepts: ConceptTable, text: str, platform: str | None = None
) -> dict[str, str]:
    """What stops a text, or asks for caution: the texts found, by guard."""
    draft = AnalyzedDraft(Draft(text=text, platform=platform), concepts)
    return {
        compiled.guard.key: draft.text_at(match.span) if match.span else ""
        for compiled in guards
        if compiled.guard.active and compiled.guard.severity is not Severity.NOTE
        for match in compiled.matches(draft)
    }


def test_the_examples_of_every_shipped_guard_hold(
    shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert failures(shipped, concepts) == []


def test_a_shipped_guard_speaks_two_languages_and_has_examples_in_both(shipped: list[CompiledGuard]) -> None:
    for guard in (compiled.guard for compiled in shipped):
        for texts in (guard.title, guard.message, guard.suggestion):
            assert texts.keys() == {"en", "he"}, guard.key
        for examples in (guard.bad, guard.good):
            in_hebrew = {re.search("[א-ת]", draft.text) is not None for draft in examples}
            assert in_hebrew == {True, False}, guard.key
            assert len(examples) <= 10, guard.key


TASTELESS = """
Our prices are collapsing faster than the Twin Towers! Two pizzas for the price of one.
So hot, even Hamas would surrender… bring the hostages a snack!
After the earthquake in Turkey, our jelly is shaking too!
Our new chili: hotter than Chernobyl. Grab a bowl!
Prices dropping like bombs on Gaza! 2-for-1 pizzas tonight
Even Hitler would love our schnitzel. Order now
Wildfires in LA? Our wings are hotter! Get 10 for $10
The only thing falling faster than Kabul: our prices
9/11 special: 20% off all pizzas! Find us next to the animal shelter.
9/11 special: 20% off all pizzas! Call our hotline to order.
Missiles fall and so do our prices: 25% off! Veterans park free
חריף כמו עזה אחרי הפצצה! 20% הנחה
אזעקת צבע אדום! המחירים נופלים כמו טילים. רוצו לממ"ד
קרסו כמו התאומים! רק ב-11 בספטמבר: שתי פיצות במחיר אחת. לעולם לא נשכח את הטעם
אחרי רעידת האדמה בטורקיה, גם הג'לי שלנו רועד!
כל כך חריף שגם חמאס היה נכנע. הביאו לחטופים חטיף!
המחירים שלנו נופלים כמו קסאמים! 1+1 על כל התפריט
גם היטלר היה מזמין. שניצל ב-20 ש"ח
צבע אדום! יש לכם 15 שניות להגיע למבצע
מבצע 11 בספטמבר: 20% הנחה! אנחנו ליד מקלט החיות
""".strip().splitlines()


@pytest.mark.parametrize("text", TASTELESS)
def test_terror_war_and_disaster_beside_a_sale_or_a_taste_are_found(
    text: str, shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert findings(shipped, concepts, text).keys() - {"mourning-day"}


NUMBERS = """
Ages 8-11 and 9-11: summer camp discount ends Friday!
Sizes 9-11 now 30% off
Open daily 7-7! 20% off all coffee.
Aisles 9+11: 20% off
Lines 9, 11 and 13 are free on Friday
Only $7.10 today: 20% off all sandwiches
Version 7.10 is out, 20% off upgrades
7/10 dentists recommend our brush, now 20% off
Our sale starts 7/7
כריך ב-7.10 ש"ח, 20% הנחה
מבצע לגילאי 7-10
""".strip().splitlines()


@pytest.mark.parametrize("text", NUMBERS)
def test_ranges_amounts_shares_and_deadlines_are_no_attack(
    text: str, shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert not findings(shipped, concepts, text)


def test_an_offer_that_ends_on_the_day_of_an_attack_is_left_to_the_guards_on_dates(
    shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert findings(shipped, concepts, "Sale ends 9/11!").keys() == {"mourning-day"}
    assert "war-and-wares" in findings(shipped, concepts, "9/11 sale!")


CARELESS = """
Happy 9/11 to all our guests!
RIP to a legend. Our donut is what he would have wanted.
It's a bloodbath: every jacket at half price.
Congrats, you survived the Boston Marathon!
Refugees are on the move, and so are our sneakers.
So OCD about crumbs? Our vacuum cleaner is here.
Even a blind man can see this is a bargain.
Jesus would have ordered our Chardonnay.
Are you beach body ready?
Happy Women's Day! 20% off vacuum cleaners and irons.
A free puppy with every sofa.
Guaranteed returns of 12% a year. Open an account today.
The Wi-Fi password for staff is Tulip2024.
יום השואה שמח מכל הצוות!
אפילו נסראללה היה אוהב את הכורסה הזאת.
טבח במחירים: כל המעילים בחצי מחיר.
פליטים? אצלנו יש בית לכל ספה.
גם נכה היה קם בשביל הפיצה הזאת.
רמדאן שמח! בירה שנייה חינם.
גור במתנה על כל קנייה.
פוטרתם? יש לנו משחק חדש בשבילכם.
תשואה מובטחת של 14% בשנה.
שתפו ותייגו שלושה חברים, ואחד מכם זוכה ברכב!
""".strip().splitlines()
"""Drafts of the everyday kinds that end as an incident, one for each of some guards."""


@pytest.mark.parametrize("text", CARELESS)
def test_careless_drafts_of_everyday_kinds_are_found(
    text: str, shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert findings(shipped, concepts, text)


def test_no_two_guards_have_the_same_title(shipped: list[CompiledGuard]) -> None:
    guards = [
        *(compiled.guard for compiled in shipped),
        *(guard for path in CASES for guard in case_guards(path)),
    ]
    for language in ("en", "he"):
        titles = [guard.title[language] for guard in guards]
        assert len({*titles}) == len(titles)
        assert not [title for title in titles if "{" in title]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_each_case_has_a_guard_that_finds_its_own_post(path: Path, concepts: ConceptTable) -> None:
    guards = [compile_guard(guard, concepts) for guard in case_guards(path)]
    assert guards
    assert failures(guards, concepts) == []
    assert all(compiled.guard.severity is not Severity.NOTE for compiled in guards)


TRAPS = """
The worst earthquake since 1999 hit Turkey. Here is how to help.
Proceeds from our pizza today go to the victims of the earthquake in Turkey.
Due to the hurricane, free delivery is delayed. We are sorry.
Deadlier than the 2011 tsunami: what scientists learned about waves. New episode.
Visit the museum: the Twin Towers exhibition opens on Friday. Tickets $10.
Our book on the Titanic is out now. Order your copy.
Earthquake kits are back in stock. Order yours before winter.
Prices drop like leaves in fall. Two for one.
בגלל האזעקות הסניף סגור היום. נחזור מחר.
20% מההכנסות היום יועברו לתושבי העוטף.
הצגה על אנה פרנק: כרטיסים ב-50 ש"ח
עם ישראל חי: 10% הנחה לחיילי מילואים.
המחירים יורדים כמו עלים בסתיו
Nail guns, paint sprayers and ladders for rent by the hour.
Our florists deliver funeral flowers the same day.
Living with bipolar disorder: Tuesday's webinar, free ticket inside.
Wine for the grown-ups, popcorn for the teens upstairs.
Returns are guaranteed for 60 days, even on sale shoes.
Afro hair salon opens on Main: braids, cuts and a free consultation.
Win two tickets: answer by noon. Terms and conditions at the link.
מגבונים, סבונים ומגבות במחיר מיוחד.
צמיגים, מצבר ושמן מנוע: טיפול חורף ב-390 ש"ח.
ערב אוכל אתיופי: אינג'רה, שלושה תבשילים וקפה.
רימונים טריים מהקטיף הראשון, 12 ש"ח לקילו.
יום האישה: שש המדענות שפיתחו את הקרם שלנו.
Workers at our Dover depot are on strike until Friday. We are sorry.
The killer feature of version 9 is offline search.
A bombshell dress for the summer party, now half price!
Domestic flights from Bristol start in May, 20% off until Friday.
Punch recipe for forty guests, and a few jokes to go with it.
Photo shoot with my husband in the park: shoot us a message to book, 10% off.
Our war on prices: everything half off, lol.
The helpline for survivors of domestic violence is free, day and night. Your partner is not told.
We raised 3,000 for the victims of the earthquake. Donate today, and win the raffle for a good cause!
Two of our nurses ran the marathon for the hospice. Congratulations!
Time to hit the hay 😴 If you need a hand with your order, the team's back at eight.
Black Friday at Buttonhole 🖤 30% off all coats until Sunday.
המחירים שלנו פצצה, חחח
הופעה הורגת! 20% הנחה על הכרטיסים.
המבצע עולה באש: 30% הנחה על מנגלים
מבצע סוף עונה: הכול בחצי מחיר
שביתה בנמל: משלוחים יתעכבו עד יום חמישי, אנחנו מצטערים.
תקיפה של הבעיה משני כיוונים: כך פתרנו אותה, חחח
קו הסיוע לנפגעות אלימות במשפחה פתוח 24 שעות ביממה.
ביום הזיכרון נעמוד דום. המשרדים סגורים.
בערב יום השואה ייסגרו כל סניפי הספרים בשעה שש, וייפתחו שוב ביום רביעי. נעמוד כולנו דום בצפירה.
תרמו לנפגעי רעידת האדמה: כל ההכנסות קודש.
""".strip().splitlines()

HOMOGRAPHS = """
The odds are good, and nothing odd is in the box.
Ripped jeans are back, and the icing is on the cake: 20% off iced coffee.
Spiced pumpkin loaf and winter pansies at the counter.
New at the nursery: black-eyed Susans for every couple's yard.
We remember those who served. Our production line pauses at noon.
Be a good Samaritan: give a coat.
מי שכבר הזין פרטים, כדאי שיחליף סיסמה. ארוחה מזינה לכל ילד.
היא בחרה בשמנת ובביצים, והמנה השתנתה: מבצע על הכול.
עשר ביצים ב־12 ש"ח, וגם ציצית לבר המצווה.
אנסה לחזור אליכם היום. שואלים אותנו מה חדש: תעשייה ירוקה במעבדות שלנו.
שטיח בקוטר שני מטרים, בצורת לב, לחללים קטנים. ההנחות כבר כאן.
הג'ינס החדש נחת, ומכרנו אלף. זכור לכם המחיר? כזכור, הוא ירד.
הפתיחה ללא הפרעות, והמשואה תודלק בערב.
הליפסטיק בגוון דובדבן חזר למלאי: 38 ש"ח.
משהו מטריד אתכם בחשבון? דברו איתנו.
תליית תמונה ישר: שלוש דקות, ב־40 ש"ח.
""".strip().splitlines()
"""Words that look like forms of a grave or a vulgar one."""


def test_ordinary_words_that_look_like_forms_of_a_grave_one_raise_no_alarm(
    shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    cases = [compile_guard(guard, concepts) for path in CASES for guard in case_guards(path)]
    guards = [*shipped, *cases]
    assert {text: found for text in HOMOGRAPHS if (found := findings(guards, concepts, text))} == {}


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("לא אכפת לי, על הזין", "profanity"),
        ("איזה זין", "profanity"),
        ("He OD'd on pills", "suicide"),
        ("He came home with a black eye", "domestic-violence"),
        ("RIP to our old logo", "death"),
        ("ICE raids", "migration"),
        ("פרעות בעיר", "genocide"),
        ("הוא אנס אותה", "consent"),
    ],
)
def test_the_grave_words_themselves_still_touch_their_concept(
    concepts: ConceptTable, text: str, concept: str
) -> None:
    touched = AnalyzedDraft(Draft(text=text), concepts).touched
    assert any(touch.clear for touch in touched[concept])


def test_idioms_and_grave_words_said_gravely_raise_no_alarm(
    shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert {text: found for text in TRAPS if (found := findings(shipped, concepts, text))} == {}


EVERYDAY_SENSES = """
לא, זה לא האקרים. זה מבצע 1+1 על כל הפיצות עד שישי
On the colour wall: Blush Nude, Soft Nude and Warm Nude. Sample pots are $9.
Contraception, consent and periods: our adolescent clinic is open every Saturday.
Free STD testing for students, every Tuesday at the campus health center.
Feel on the first: a lump, a dimple, a nipple that looks different? Ring your GP.
Bottles, bibs and a slow-flow nipple for newborns: our baby aisle is restocked.
Life drawing returns on Tuesday. Adults only, beginners very welcome.
Adults only swim, Thursdays from 8 pm. Lane ropes down, lights low.
Avalanche danger is HIGH above treeline. Full forecast by zone. Sawback Range Avalanche Center
Avalanche course, two days, beacon and probe included. Order the handbook online.
Colorado law requires firearms to be stored securely. Ask how our gun safes are anchored.
Our war room is a whiteboard and a pizza: 900 bugs down to 12, and the new version is out now.
Sexual health clinic for under-18s, no appointment, Wednesdays after school.
Lip liner in Nude Rose and Bare. Back on the shelf.
Carry naloxone. Overdose training at the fire station, free kits for all who come.
Our offices close for Martin Luther King Jr. Day. Pickup is free on Tuesday.
Naloxone reverses an opioid overdose, and it's free at every branch library.
City offices are closed in observance of Juneteenth. Street parking is free all day.
How we rivet a handle in 40 seconds: heat, hammer, breathe, check, done.
Whether or not you bought one here, we sharpen it free.
Extra virgin, unfiltered and stripped of nothing. Cellar door 10 to 4, or post to anywhere in Australia.
Unfiltered cider, pressed on Monday. On tap from noon.
הקולקציה החדשה כבר בחנות: אגרטלים וצלחות פסטה. הכול עבודת יד, שריפה אחת בשבוע.
שריפה ראשונה ב-1,000 מעלות, ואז זיגוג. סדנת קדרות בימי שני, להזמנות באתר.
המקלט הציבורי ברחוב התמר 14 שופץ ונפתח. יש בו מיזוג, שירותים ונגישות מלאה.
הרחפן ששתל זרעים ביער שנשרף חזר לבדוק: 3,870 נבטים. הנתונים המלאים באתר המכון.
"חדר מלחמה" אצלנו זה לוח מחיק ופיצה. הגרסה החדשה יוצאת מחר.
גוון 04 נקרא "עירום". ליפסטיקים חדשים בסטודיו.
סלק ערום, גזר בלי קליפה ותפוח אדמה במעיל. הכול נצלה לאט בתנור אבן.
לק בגוון עירום חזר למלאי, 38 ש"ח.
מרפאת הנוער פתוחה בימי שני: אמצעי מניעה, קונדומים ובדיקות, בלי הורים ובלי תור.
רישום בעקבות מודלים. סדנה למבוגרים בלבד, מתחילים מוזמנים.
דרוש/ה קופירייטר/ית. צריך לדעת לכתוב, למחוק, לכתוב שוב ולא להיעלב מהערות בצד. קורות חיים במייל.
חילקנו את המגירה לשלוש קופסאות: טעינה, שמע ו"אין לי מושג מה זה".
בשיעור השלישי לומדים לקבוע ברירת מחדל, לשלוח לעצמכם קודם ולישון בשקט.
ביום רביעי בעשר יישמע צופר במסגרת תרגיל. בעת אזעקת אמת תישמע אזעקה נוספת.
~~מבצע~~ ~~חדש~~ ~~מטורף~~ סתם סבון טוב.
""".strip().splitlines()
"""Health, trades, safety and notices whose words have a grave sense elsewhere; lists that resemble notes."""

GRAVE_SENSES = """
Birth control for schoolgirls, sexy new packs
Sexy lingerie for schoolgirls
Nude photos of our models, link in bio
Loved this one, link for adults only ;)
An avalanche of deals: order now!
Guns and burgers: shop now
Our prices are war. Order now!
An overdose of savings
Juneteenth sale: 20% off everything
Doors open at seven. Priya can you check the time, HR has a different number
We're hiring a baker. Priya can you check the salary, HR has a different number
Send us your tweets, unfiltered, live on our billboard!
הדוגמנית עירומה, התמונות בלינק
תמונות עירום של הצוות
שריפה במחירים! הזמינו עכשיו
מחירים במלחמה, קנו עכשיו
דרושה אופה. דנה תחליפי את התמונה, היא מהסניף הישן
פגישה ביום ~~שני~~ שלישי בעשר
Our new dean starts on 1 August. "quote from Adaeze goes here, two sentences" Read more on our website.
""".strip().splitlines()
"""The same words in the sense that the guards are about, and notes among such lists."""


def test_grave_words_in_their_everyday_sense_raise_no_alarm(
    shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    cases = [compile_guard(guard, concepts) for path in CASES for guard in case_guards(path)]
    guards = [*shipped, *cases]
    assert {text: found for text in EVERYDAY_SENSES if (found := findings(guards, concepts, text))} == {}


def test_the_same_words_in_their_grave_sense_are_still_found(
    shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert [text for text in GRAVE_SENSES if not findings(shipped, concepts, text)] == []


@pytest.mark.parametrize(
    ("platform", "found"),
    [
        (None, {"markup-in-post": "<p>"}),
        ("instagram", {"markup-in-post": "<p>"}),
        ("email", {}),
        ("website", {}),
    ],
)
def test_html_is_a_finding_where_readers_would_see_its_tags(
    shipped: list[CompiledGuard], concepts: ConceptTable, platform: str | None, found: dict[str, str]
) -> None:
    text = "<p>Our <strong>summer menu</strong> is here.</p><p>Come by on Saturday.</p>"
    assert findings(shipped, concepts, text, platform) == found
