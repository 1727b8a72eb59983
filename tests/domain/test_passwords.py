import pytest

from kb.domain.passwords import is_easy_to_guess


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "Password12345",
        "p@ssw0rd-p@ssw0rd",
        "qwertyuiop123",
        "abcdefghijkl",
        "987654321012",
        "hunterhunter",
        "hunter2hunter2hun",
        "adminadmin2026",
        "סיסמהסיסמה1234",
    ],
)
def test_what_repeats_itself_or_is_what_many_type_is_easy_to_guess(password: str) -> None:
    assert is_easy_to_guess(password)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "a good password",
        "a password of Dana's",
        "three gray lamps",
        "wmzqtkbxhvjp",
        "מנורה כחולה בחצר",
        "sunshine over 1234 roofs",
    ],
)
def test_several_words_are_not_though_one_of_them_is_obvious(password: str) -> None:
    assert not is_easy_to_guess(password)
