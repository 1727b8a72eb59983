"""Typed settings, read from the environment. Each has a working default."""

from __future__ import annotations

import importlib
import os
import re
import sys
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from environs import Env, EnvValidationError, ValidationError, validate

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from sqlalchemy import URL

API_ROOT = "/api/v1"
"""Path prefix of the API."""

Anonymous = Literal["read", "none"]
ANONYMOUS: tuple[str, ...] = get_args(Anonymous)

AccessLog = Literal["on", "off"]
ACCESS_LOG: tuple[str, ...] = get_args(AccessLog)

LogFormat = Literal["json", "text"]
LOG_FORMATS: tuple[str, ...] = get_args(LogFormat)

_PACKAGED_SEEDS = Path(__file__).parent / "_seeds"
_CHECKOUT_SEEDS = Path(__file__).parent.parent / "seeds"


_SQLITE = "sqlite"
_POSTGRES = "postgresql+psycopg"
_DRIVERS = {
    "sqlite": _SQLITE,
    "sqlite+pysqlite": _SQLITE,
    "postgres": _POSTGRES,
    "postgresql": _POSTGRES,
    _POSTGRES: _POSTGRES,
}
"""Maps the scheme of a database URL to SQLAlchemy's name for it, with the driver."""

_URL_HELP = "Write postgresql://user:password@host/name, or leave it empty for SQLite in the data folder."


_MAX_CONTACT = 200


class SettingsError(ValueError):
    """A setting has an invalid value. The one-line message names the setting and never repeats a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of an installation, each read from `KB_<NAME>`. See docs/configuration.md."""

    data_dir: Path = Path("kb-data")
    cache_dir: Path | None = None
    database_url: str = ""
    database_read_url: str = ""
    anonymous: Anonymous = "read"
    max_body_bytes: int = 1_000_000
    max_collection_bytes: int = 8_000_000
    max_import_bytes: int = 8_000_000
    body_seconds: float = 30.0
    index_wait_seconds: float = 5.0
    dashboard_origins: tuple[str, ...] = ()
    four_eyes: bool = False
    resolved_comments: bool = False
    proxies: int = 0
    access_log: AccessLog = "on"
    log_format: LogFormat | Literal[""] = ""
    check_retention_days: int = 365
    secret_key: str = ""
    contact: str = ""

    @property
    def index_dir(self) -> Path:
        """Folder of the search index. It can be deleted at any time."""
        return self.data_dir / "index"

    @property
    def derived_dir(self) -> Path:
        """Folder of derived data. It can be deleted at any time."""
        return self.cache_dir or self.data_dir / "cache"

    @property
    def sqlite_path(self) -> Path:
        """Database file, unless `database_url` is set."""
        return self.data_dir / "kb.sqlite3"

    @property
    def sqlalchemy_url(self) -> str:
        """Database URL, SQLite by default, with psycopg 3 as the driver for PostgreSQL."""
        if not self.database_url:
            return f"sqlite:///{self.sqlite_path.resolve()}"
        return _with_driver(self.database_url)

    @property
    def sqlalchemy_read_url(self) -> str:
        """URL of the replica, with its driver; empty without one."""
        return _with_driver(self.database_read_url)

    @property
    def database_file(self) -> Path | None:
        """The file of an SQLite database; None for PostgreSQL."""
        if not self.database_url:
            return self.sqlite_path
        url = _parse_url(self.sqlalchemy_url)
        return Path(url.database) if url.drivername == _SQLITE and url.database else None

    @property
    def location(self) -> str:
        """Where incidents are stored, for messages: the data folder, or the URL without its password."""
        if not self.database_url:
            return str(self.data_dir.resolve())
        # Parameters may hold a password as well.
        url = _parse_url(self.database_url).set(query={})
        return url.render_as_string(hide_password=True)

    def with_database(self, url: str) -> Settings:
        """These settings with another database and no replica. Raises SettingsError for an invalid URL."""
        try:
            _check_database_url(url)
        except ValidationError as error:
            raise SettingsError(" ".join(map(str, error.messages))) from error
        return replace(self, database_url=url, database_read_url="")

    @classmethod
    def from_environment(cls, **overrides: object) -> Settings:
        """Read the `KB_*` variables. Keyword arguments that are not None take precedence.

        Raises SettingsError, naming the variable, for an invalid value or a misspelled variable name.
        """
        _check_names(os.environ, [field.name for field in fields(cls)])
        try:
            values = _read_environment()
        except EnvValidationError as error:
            name = re.findall(r"KB_[A-Z_]+", str(error))[0]
            reasons = ["Write on or off." if "boolean" in text else text for text in error.error_messages]
            raise SettingsError(f"Setting {name}: {' '.join(reasons)}") from error
        values.update({name: value for name, value in overrides.items() if value is not None})
        settings = cls(**values)  # type: ignore[arg-type]
        if settings.database_read_url and settings.database_file is not None:
            raise SettingsError(
                "Setting KB_DATABASE_READ_URL: SQLite has no replicas. Set KB_DATABASE_URL to the PostgreSQL "
                "server that the replica follows, or leave this empty."
            )
        return settings


def _check_names(environment: Iterable[str], settings: Collection[str]) -> None:
    """Raise SettingsError for a variable that looks like a misspelled setting: a typo must not silently turn
    off a rule that somebody believes to be on."""
    names = [f"KB_{name.upper()}" for name in settings]
    for variable in environment:
        if not variable.startswith("KB_") or variable in names:
            continue
        if similar := get_close_matches(variable, names, n=1, cutoff=0.85):
            raise SettingsError(f"{variable} is not a setting. Did you mean {similar[0]}?")


def _read_environment() -> dict[str, object]:
    """The values of the settings that are set; an empty variable counts as not set. Raises EnvError."""
    with Env().prefixed("KB_") as env:
        readers: dict[str, Callable[[], object]] = {
            "data_dir": lambda: env.path("DATA_DIR"),
            "cache_dir": lambda: env.path("CACHE_DIR"),
            "database_url": lambda: env.str("DATABASE_URL", validate=_check_database_url),
            "database_read_url": lambda: env.str("DATABASE_READ_URL", validate=_check_replica_url),
            "anonymous": lambda: env.str("ANONYMOUS", validate=validate.OneOf(ANONYMOUS)),
            "max_body_bytes": lambda: env.int("MAX_BODY_BYTES", validate=validate.Range(min=1_000)),
            "max_collection_bytes": lambda: env.int(
                "MAX_COLLECTION_BYTES", validate=validate.Range(min=1_000)
            ),
            "max_import_bytes": lambda: env.int("MAX_IMPORT_BYTES", validate=validate.Range(min=1_000)),
            "body_seconds": lambda: env.float("BODY_SECONDS", validate=validate.Range(1, 3_600)),
            "index_wait_seconds": lambda: env.float("INDEX_WAIT_SECONDS", validate=validate.Range(min=0)),
            "four_eyes": lambda: env.bool("FOUR_EYES"),
            "resolved_comments": lambda: env.bool("RESOLVED_COMMENTS"),
            "proxies": lambda: env.int("PROXIES", validate=validate.Range(0, 10)),
            "dashboard_origins": lambda: tuple(env.list("DASHBOARD_ORIGINS", validate=_check_origins)),
            "secret_key": lambda: env.str("SECRET_KEY", validate=validate.Length(min=32)),
            "contact": lambda: env.str("CONTACT", validate=validate.Length(max=_MAX_CONTACT)),
            "access_log": lambda: env.str("ACCESS_LOG", validate=validate.OneOf(ACCESS_LOG)),
            "log_format": lambda: env.str("LOG_FORMAT", validate=validate.OneOf(LOG_FORMATS)),
            "check_retention_days": lambda: env.int(
                "CHECK_RETENTION_DAYS", validate=validate.Range(0, 36_500)
            ),
        }
        return {name: read() for name, read in readers.items() if os.environ.get(f"KB_{name.upper()}")}


def _check_database_url(text: str) -> None:
    """Raise ValidationError for a URL that cannot be used to connect. The message does not repeat the URL."""
    scheme = text.partition("://")[0]
    try:
        url = _parse_url(text)
    except ValueError as error:
        raise ValidationError(f"This is not a database URL. {_URL_HELP}") from error
    if scheme not in _DRIVERS:
        raise ValidationError(f"Databases of the kind {url.drivername!r} are not supported. {_URL_HELP}")
    if "@" in (url.host or "") or "@" in (url.database or ""):
        raise ValidationError("Percent-encode special characters in the password: %40 for @, %2F for /.")
    if _DRIVERS[scheme] == _SQLITE and url.database in (None, "", ":memory:"):
        raise ValidationError(f"A database in memory is lost when the process ends. {_URL_HELP}")
    if _DRIVERS[scheme] == _POSTGRES:
        try:
            importlib.import_module("psycopg")
        except ImportError as error:
            raise ValidationError(
                "The driver of PostgreSQL is missing. Run: pip install 'psycopg[binary]'"
            ) from error


def _parse_url(text: str) -> URL:
    """The parts of a database URL. Raises ValueError."""
    # Imported where a setting names a database: a client of a service has none.
    from sqlalchemy import make_url  # noqa: PLC0415
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    try:
        return make_url(text)
    except ArgumentError as error:
        raise ValueError(*error.args) from error


def _check_replica_url(text: str) -> None:
    """Raise ValidationError unless the URL is a PostgreSQL one."""
    _check_database_url(text)
    if _DRIVERS[text.partition("://")[0]] != _POSTGRES:
        raise ValidationError("Write postgresql://user:password@replica/name, or leave it empty.")


def _with_driver(url: str) -> str:
    """The URL with SQLAlchemy's name for the database and its driver as the scheme."""
    scheme, separator, rest = url.partition("://")
    return _DRIVERS.get(scheme, scheme) + separator + rest


def _check_origins(origins: list[str]) -> None:
    """Raise ValidationError for anything but plain origins, such as a pattern, which could match too much."""
    for origin in origins:
        if re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", origin) is None:
            raise ValidationError(
                f"{origin!r} is not an origin. Write, for example, https://dashboards.example.com"
            )


def log_format() -> LogFormat:
    """The log format: KB_LOG_FORMAT if set, else text on a terminal and JSON elsewhere.

    Read separately from the other settings, because the log reports an invalid one.
    """
    if (name := os.environ.get("KB_LOG_FORMAT")) in LOG_FORMATS:
        return "json" if name == "json" else "text"
    return "text" if sys.__stderr__ is not None and sys.__stderr__.isatty() else "json"


def seeds_dir() -> Path:
    """The folder of the seed files: inside an installed package, or beside it in a checkout."""
    return _PACKAGED_SEEDS if _PACKAGED_SEEDS.is_dir() else _CHECKOUT_SEEDS
