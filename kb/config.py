"""Typed settings, read from the environment; every one has a default that works."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from environs import Env, ValidationError, validate

API_ROOT = "/api/v1"
"""Under which path the API answers."""

Anonymous = Literal["read", "none"]
ANONYMOUS: tuple[str, ...] = get_args(Anonymous)

_PACKAGED_SEEDS = Path(__file__).parent / "_seeds"
_CHECKOUT_SEEDS = Path(__file__).parent.parent / "seeds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an installation may choose, each from `KB_<NAME>`; docs/operating.md explains them."""

    data_dir: Path = Path("kb-data")
    database_url: str = ""
    anonymous: Anonymous = "read"
    max_body_bytes: int = 1_000_000
    index_wait_seconds: float = 5.0
    dashboard_origins: tuple[str, ...] = ()
    four_eyes: bool = False
    resolved_comments: bool = False
    proxies: int = 0

    @property
    def index_dir(self) -> Path:
        """Where the search index lives; it may be deleted at any time."""
        return self.data_dir / "index"

    @property
    def synonyms_path(self) -> Path:
        """Where a team keeps synonyms of its own."""
        return self.data_dir / "synonyms.yaml"

    @property
    def sqlite_path(self) -> Path:
        """Where the database is, unless a URL says otherwise."""
        return self.data_dir / "kb.sqlite3"

    @property
    def sqlalchemy_url(self) -> str:
        """The database's URL, with the default filled in and psycopg 3 as the driver of PostgreSQL."""
        if not self.database_url:
            return f"sqlite:///{self.sqlite_path.resolve()}"
        scheme, separator, rest = self.database_url.partition("://")
        if scheme in ("postgres", "postgresql"):
            scheme = "postgresql+psycopg"
        return scheme + separator + rest

    @classmethod
    def from_environment(cls, **overrides: object) -> Settings:
        """Read `KB_*`; keyword arguments that are not None win.

        Raises environs.EnvError, with the variable's name, for a value that cannot be used.
        """
        default = cls()
        with Env().prefixed("KB_") as env:
            values: dict[str, object] = {
                "data_dir": env.path("DATA_DIR", default.data_dir),
                "database_url": env.str("DATABASE_URL", default.database_url),
                "anonymous": env.str("ANONYMOUS", default.anonymous, validate=validate.OneOf(ANONYMOUS)),
                "max_body_bytes": env.int(
                    "MAX_BODY_BYTES", default.max_body_bytes, validate=validate.Range(min=1_000)
                ),
                "index_wait_seconds": env.float(
                    "INDEX_WAIT_SECONDS", default.index_wait_seconds, validate=validate.Range(min=0)
                ),
                "four_eyes": env.bool("FOUR_EYES", default.four_eyes),
                "resolved_comments": env.bool("RESOLVED_COMMENTS", default.resolved_comments),
                "proxies": env.int("PROXIES", default.proxies, validate=validate.Range(0, 10)),
                "dashboard_origins": tuple(
                    env.list("DASHBOARD_ORIGINS", [*default.dashboard_origins], validate=_check_origins)
                ),
            }
        values.update({name: value for name, value in overrides.items() if value is not None})
        return cls(**values)  # type: ignore[arg-type]


def _check_origins(origins: list[str]) -> None:
    """Refuse what is no origin: a pattern would let others in than one thinks."""
    for origin in origins:
        if re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", origin) is None:
            raise ValidationError(f"{origin!r} is no origin. Write https://dashboards.example.com")


def seeds_dir() -> Path:
    """The folder of the seeds: inside an installed package, or beside it in a checkout."""
    return _PACKAGED_SEEDS if _PACKAGED_SEEDS.is_dir() else _CHECKOUT_SEEDS
