"""Words, phrases and signs with an everyday sense raise no alarm in it, and still do in their grave sense."""

from __future__ import annotations

import pytest

from kb.domain.draft import Draft
from kb.domain.guard import Severity
from kb.guards.analysis import AnalyzedDraft
from kb.guards.ruleset import CompiledGuard
from kb.search.concepts import ConceptTable

SIGNS = """
🚨 New hoodies drop on Friday 🚨 20% off for the first hundred.
🕯️ Soy candles, two for the price of one until Sunday.
🕊️ Wedding season: 20% off all invitations.
✡️ Silver pendants, new in our shop, $45 each.
Thank you for ten years 🙏 15% off everything this weekend.
Sold out in an hour 💔 More on Thursday, and 10% off for the waiting list.
White linen is back 🤍 free delivery over $50.
Game day 💙💛 Beers at half price with your scarf.
I opened the box and 😭 it is even prettier. New in store, $40.
🤯 Three new flavors, all vegan. Order by Friday.
🌋 Our new chili is here. Try it tonight.
☮️ Tie-dye shirts are back, $25 each.
🚓 Toy cars, three for $10.
🚣 Kayak tours: new dates, 15% off in June.
🪶 Feather earrings, new in store.
There is a code at the end of the clip. Patience pays 😏
🚨 סווטשירטים חדשים ביום שישי 🚨 20% הנחה למאה הראשונים.
🕯️ נרות סויה, 1+1 עד יום ראשון.
🕊️ עונת החתונות: 20% הנחה על כל ההזמנות.
תודה על עשר שנים 🙏 15% הנחה על הכול עד שבת.
נגמר תוך שעה 💔 חוזר ביום חמישי, ו-10% הנחה לרשימת ההמתנה.
חולצות פשתן לבנות חזרו 🤍 משלוח חינם.
פתחתי את הקופסה ו-😭 זה מושלם. חדש בחנות, 99 ש"ח.
יש קוד בסוף הסרטון, הסבלנות משתלמת 😏
""".strip().splitlines()

WORDS = """
Kia owners: winter tires from $89, fitted while you wait.
Kia ora to our new neighbors! Come by and say hello, the scones are free.
A real coup for our little shop: the new notebooks are here first.
Scout troops get 10% off tents.
Come and sit in our new armchairs. 20% off until Sunday.
New taps that do not drip at night, from $80.
The judges call our new pickle gelato "slightly unhinged". Order a scoop.
Our nail polish "Demented Plum" is back, $9.
A funny thing about Labor Day: our grill has the day off, haha.
Our stoneware is fired twice, so the mugs last. £15 cheaper this week.
The crossword took us hostage again. The Bumper Book is out, $16.95.
New rules start on October 7. The guide is free.
Haha, yes: our espresso machine is employee of the month.
בהנחה שיש לכם תנור, העוגה הזאת מוכנה בחצי שעה.
אזעקה באמצע נסיעה? עוצרים בצד הדרך, יוצאים ומגינים על הראש. חדש: שיעור נהיגה בטיחותית.
היום בשבע יופעל צופר ניסיון. זהו תרגיל בלבד, החנות פתוחה כרגיל.
קפה הגדוד, ברחוב הגדוד העברי: חדש, קרואסון שקדים ב-14 ש"ח.
פיצה חדשה מהתנור. אכלתם מהר ונשרף לכם החך? הלימונדה עלינו.
בעיניים עצומות תזהו את הטעם. חדש: גלידת פיסטוק.
אף אחד לא נגע בה מאז 1970, ועכשיו היא למכירה: וספה, 9,000 ש"ח.
חזרתי מחופשת לידה, והכי מצחיק: אף אחד לא שטף את הכוס שלי.
המלצרים שלנו מספרים את הבדיחות, אתם מזמינים את הקינוח.
ראיתם מפגע ברחוב? חדש באפליקציה: תמונה ומיקום, וסוגרים תוך יום.
הכרנו בצבא, פתחנו מאפייה. קרואסון ב-12 ש"ח.
קיבלנו מביטוח לאומי את המכתב הכי מצחיק 😂
בבוקר יום השואה נעצור בצפירה ב-10:00. בית הקפה יפעל בתפריט מצומצם וללא מוזיקה
""".strip().splitlines()

REPORTED = """
Not for girls, said the coach in 1974. She trains the national team today.
Too fat to dance, they told her. Tonight she opens the festival.
Women belong in the kitchen, said an ad from the fifties. Our exhibition shows forty of them.
Double your money in a week: so begin all fraudsters. A talk at the library, free.
Stop taking your pills? A workshop on misinformation, Tuesday at six.
Somebody ate the last bear claw. We know who you are, Gary.
לא לבנות, אמרו לה ב-1974. היום היא מאמנת את הנבחרת.
בנים לא בוכים, אמרו לו בכיתה א'. היום הוא כותב שירים.
תשואה מובטחת של 20%? כך נשמעים נוכלים. הרצאה במועדון.
לא אומרים צום שמח, אומרים צום קל.
מישהו אכל את כל הרוגלך. ראינו מה עשיתם, קומה שלוש.
""".strip().splitlines()

GRAVE = """
Red alert, the rockets fall and so do our prices: 20% off.
In memory of the fallen 🕯️ 20% off all grills.
It is Holocaust Memorial Day ✡️ Order our bagels now.
Our hearts are with the families 🤍 15% off everything.
She said just one drink 😏 Our new rum is out.
Free the hostages? Free the fridge: 20% off.
He drugged her drink, and our prices are down, too: 20% off.
Holocaust sale from October 7: 20% off.
Not for girls. Trucks, $12.
Forget stereotypes: act like a lady, think like a man, work like a boss.
Women belong in the kitchen. We disagree. A grant for women chefs.
Guaranteed returns of 12% a year. No scam!
To everyone who left one star: we know who you are.
Thanks to our customer Dana, account no. 4471-8821-90.
My kids never had a single jab and are never ill 🙏 15% off the tonic.
צבע אדום, וזה לא תרגיל! 20% הנחה על כל המזרנים.
הבית נשרף? גם המחירים שלנו: 20% הנחה.
מפגע בודד? אצלנו יש מבצע לכולם, 20% הנחה.
הוא נגע בה בלי רשות, חחח. הבושם החדש.
היא אמרה רק כוס אחת 😏 הרום החדש כאן.
לזכר הנופלים 🕯️ 20% הנחה על מנגלים.
לא לבנות. משאיות ב-40 ש"ח.
תשואה מובטחת של 14% בשנה, לא עוקץ.
""".strip().splitlines()


def findings(shipped: list[CompiledGuard], concepts: ConceptTable, text: str) -> set[str]:
    """The guards that stop a text, or ask for caution."""
    draft = AnalyzedDraft(Draft(text=text), concepts)
    return {
        compiled.guard.key
        for compiled in shipped
        if compiled.guard.active and compiled.guard.severity is not Severity.NOTE
        if any(True for _ in compiled.matches(draft))
    }


@pytest.mark.parametrize("texts", [SIGNS, WORDS, REPORTED], ids=["signs", "words", "reported"])
def test_the_everyday_sense_raises_no_alarm(
    texts: list[str], shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert {text: found for text in texts if (found := findings(shipped, concepts, text))} == {}


def test_the_grave_sense_is_still_found(shipped: list[CompiledGuard], concepts: ConceptTable) -> None:
    assert [text for text in GRAVE if not findings(shipped, concepts, text)] == []


@pytest.mark.parametrize(
    "text", ["Winter boots, 20% off from October 7.", "מגפי חורף, 20% הנחה החל מ-7 באוקטובר."]
)
def test_an_offer_that_begins_on_the_day_of_an_attack_is_left_to_the_guards_on_dates(
    text: str, shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert findings(shipped, concepts, text) <= {"mourning-day"}
