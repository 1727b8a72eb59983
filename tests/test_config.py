"""The settings, read from the environment."""

from __future__ import annotations

import sys
from dataclasses import fields

import pytest

from kb.config import Settings, SettingsError

NONSENSE = {
    "anonymous": ["write"],
    "max_body_bytes": ["many", "1", "1e9"],
    "max_collection_bytes": ["many", "1", "1e9"],
    "max_import_bytes": ["many", "1", "1e9"],
    "body_seconds": ["soon", "0", "nan", "1e9"],
    "index_wait_seconds": ["soon", "-1", "nan", "inf"],
    "four_eyes": ["perhaps"],
    "resolved_comments": ["2"],
    "proxies": ["-1", "99", "one"],
    "dashboard_origins": ["*", "https://a.example/path", "https://a.example,b"],
    "access_log": ["/var/log/kb.log"],
    "log_format": ["yaml"],
    "check_retention_days": ["-1", "a year", "1e9"],
    "secret_key": ["short"],
    "contact": ["x" * 201],
    "database_read_url": [
        "://",
        "sqlite:///kb.sqlite3",
        "mysql://root:hunter2@localhost/kb",
        "postgresql://root:hunter2@localhost/kb",  # the database itself is SQLite
    ],
    "database_url": [
        "kb.sqlite3",
        "://",
        "mysql://root:hunter2@localhost/kb",
        "postgresql+psycopg2://root:hunter2@localhost/kb",
        "oracle+nothing://root:hunter2@localhost/kb",
        "postgresql://root:hunter2@localhost:port/kb",
        "postgresql://root:hunter2@3@localhost/kb",
        "sqlite://",
        "sqlite:///:memory:",
    ],
}
"""Values that are refused. A folder may have any name."""

SETTINGS = [field.name for field in fields(Settings)]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("KB_FOUREYES", "KB_FOUR_EYES"),
        ("KB_DATADIR", "KB_DATA_DIR"),
        ("KB_RESOLVED_COMMENT", "KB_RESOLVED_COMMENTS"),
    ],
)
def test_a_misspelled_setting_is_not_ignored(name: str, meant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "on")
    with pytest.raises(SettingsError, match=f"{name} is not a setting. Did you mean {meant}?"):
        Settings.from_environment()


def test_variables_of_other_programs_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KB_TEST_POSTGRES", "KB_LAYOUT", "KBD", "KB_"):
        monkeypatch.setenv(name, "on")
    assert Settings.from_environment() == Settings()


@pytest.mark.parametrize("name", [name for name in SETTINGS if name not in {"data_dir", "cache_dir"}])
def test_an_invalid_value_is_refused_in_one_line_that_names_the_setting(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in NONSENSE[name]:
        monkeypatch.setenv(f"KB_{name.upper()}", value)
        with pytest.raises(SettingsError) as caught:
            Settings.from_environment()
        message = str(caught.value)
        assert message.startswith(f"Setting KB_{name.upper()}: ")
        assert "\n" not in message
        assert "hunter2" not in message


@pytest.mark.parametrize("name", SETTINGS)
def test_an_empty_variable_is_not_a_setting(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"KB_{name.upper()}", "")
    assert Settings.from_environment() == Settings()


def test_a_missing_driver_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_DATABASE_URL", "postgresql://kb@localhost/kb")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SettingsError, match=r"Run: pip install 'psycopg\[binary\]'"):
        Settings.from_environment()


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("postgresql://kb:hunter2@db.example:5433/kb", "postgresql://kb:***@db.example:5433/kb"),
        ("postgres://kb@db.example/kb?password=hunter2&sslmode=require", "postgres://kb@db.example/kb"),
        ("postgresql://kb:hun/ter#2@db.example/kb", "postgresql://kb:***@db.example/kb"),
        ("sqlite:////srv/kb.db", "sqlite:////srv/kb.db"),
    ],
)
def test_the_location_of_a_database_has_no_password(url: str, location: str) -> None:
    assert Settings(database_url=url).location == location
