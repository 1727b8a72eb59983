from tests.support.api import Api
from tests.support.pages import Browser, visitor


def test_the_front_page_says_how_many_incidents_there_are(browser: Browser, admin: Api) -> None:
    listed = browser.follow(browser.open("/"), "6 incidents on file, 2017\N{EN DASH}2018")
    assert len(listed.texts(".hit")) == 6
    admin.file(status="published", occurred_on="2019")
    assert "7 incidents on file, 2017\N{EN DASH}2019" in visitor(admin).open("/").text
