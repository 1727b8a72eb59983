"""Typed settings, read from the environment. Each has a working default."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from environs import Env, ValidationError, validate

API_ROOT = "/api/v1"
"""Path prefix of the API."""

Anonymous = Literal["read", "none"]
ANONYMOUS: tuple[str, ...] = get_args(Anonymous)

_PACKAGED_SEEDS = Path(__file__).parent / "_seeds"
_CHECKOUT_SEEDS = Path(__file__).parent.parent / "seeds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of an installation, each read from `KB_<NAME>`. See docs/operating.md."""

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
        """Folder of the search index. It can be deleted at any time."""
        return self.data_dir / "index"

    @property
    def synonyms_path(self) -> Path:
        """File with the installation's own synonyms."""
        return self.data_dir / "synonyms.yaml"

    @property
    def sqlite_path(self) -> Path:
        """Database file, unless `database_url` is set."""
        return self.data_dir / "kb.sqlite3"

    @property
    def sqlalchemy_url(self) -> str:
        """Database URL, SQLite by default, with psycopg 3 as the driver for PostgreSQL."""
        if not self.database_url:
            return f"sqlite:///{self.sqlite_path.resolve()}"
        scheme, separator, rest = self.database_url.partition("://")
        if scheme in ("postgres", "postgresql"):
            scheme = "postgresql+psycopg"
        return scheme + separator + rest

    @classmethod
    def from_environment(cls, **overrides: object) -> Settings:
        """Read the `KB_*` variables. Keyword arguments that are not None take precedence.

        Raises environs.EnvError, which names the variable, for an invalid value.
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
    """Raise ValidationError for anything but plain origins, such as a pattern, which could match too much."""
    for origin in origins:
        if re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", origin) is None:
            raise ValidationError(
                f"{origin!r} is not an origin. Write, for example, https://dashboards.example.com"
            )


def seeds_dir() -> Path:
    """The folder of the seed files: inside an installed package, or beside it in a checkout."""
    return _PACKAGED_SEEDS if _PACKAGED_SEEDS.is_dir() else _CHECKOUT_SEEDS
