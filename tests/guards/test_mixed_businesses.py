"""Posts that were copied from another client, whose name or trade is left in them."""

import pytest

from kb.guards.placeholders.mixed_businesses import another_business


def second_speakers(text: str) -> list[str]:
    return [text[start:end] for start, end in another_business(text)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "Tyres, brakes, gears: a full service for $59.\nBook today.\n#HillStreetFlorist #BikeService",
            "#BikeService",
        ),
        ("At Harbor Bank, we listen.\nThe whole Maple Grove team can't wait to see you.", "Maple Grove"),
        ("Everyone at Northgate Books wishes you a calm week. We at Elm Toys will be open.", "Elm Toys"),
        ("Whitening for half the price in May.\nHanley's Butchers\noakdental.example", "oakdental"),
        ("Tulips are in, £9 a bunch. Swing by, and one of our physios will see you.", "our physios"),
        ('הלבנת שיניים ב-690 ש"ח. כל הבצקים שלנו נאפים בתנור אבן.', "הבצקים שלנו"),
        ("חג שמח מכל הצוות של מאפיית רותם! נתראה בטיפול הבא, תמיד שלכם, מוסך האחים אלון 🍯", "שלכם, מוסך"),
        ("אנחנו פותחות קבוצת פילאטיס חדשה בימי שני.\nלהתראות, צוות מרפאת השיניים גלעד", "צוות מרפאת השיניים"),
        ("במרפאת השיניים שלנו מחכה לכם ייעוץ חינם.\nצוות מוסך הצפון", "צוות מוסך הצפון"),
    ],
)
def test_a_second_business_that_speaks_is_found(text: str, name: str) -> None:
    assert second_speakers(text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "At Harbor Bank, we listen. The whole Harbor team can't wait to see you.",
        "Here at the Royal Botanic Society, we plant. Everyone at RBS says thank you.",
        "Free lilies from our neighbours for each service.\n#HillStreetFlorist #BikeService",
        "Pies and rolls from one oven.\n#MillLaneBakery #MillLaneButchers",
        "Our croissants and our pizzas come out at noon.",
        "At Maple Grove, we had dinner in a bistro, and then a walk past the florist.",
        "בשיתוף מוסך הצפון: במרפאת השיניים שלנו מחכה לכם קפה.\nצוות מוסך הצפון",
        "At Harbor Bank, we listen. The whole Maple Grove team speaks. " + "A long article goes on. " * 80,
    ],
)
def test_a_business_that_speaks_alone_or_with_a_partner_is_left_alone(text: str) -> None:
    assert second_speakers(text) == []
