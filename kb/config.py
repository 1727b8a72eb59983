"""Typed settings, read from the environment; every one has a default that works."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal

from environs import Env, validate

API_ROOT = "/api/v1"
"""Under which path the API answers."""

Anonymous = Literal["read", "none"]

_PACKAGED_SEEDS = Path(__file__).parent / "_seeds"
_CHECKOUT_SEEDS = Path(__file__).parent.parent / "seeds"


def _setting(default: object, doc: str) -> object:
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an installation may choose. Each field is read from `KB_<NAME>`."""

    data_dir: Path = _setting(  # type: ignore[assignment]
        Path("kb-data"), "Folder of the database and of the search index. Created when missing."
    )
    database_url: str = _setting(  # type: ignore[assignment]
        "", "SQLAlchemy URL of the database. Empty: SQLite in the data folder."
    )
    anonymous: Anonymous = _setting(  # type: ignore[assignment]
        "read", "What a caller without a token may do: `read` what is published, or `none`."
    )
    max_body_bytes: int = _setting(  # type: ignore[assignment]
        1_000_000, "Largest request body that is read, in bytes. A larger one is refused with 413."
    )
    index_wait_seconds: float = _setting(  # type: ignore[assignment]
        5.0, "How long a write waits for the search index before it answers `Index-Status: pending`."
    )

    @property
    def index_dir(self) -> Path:
        """Where the search index lives; it may be deleted at any time."""
        return self.data_dir / "index"

    @property
    def sqlalchemy_url(self) -> str:
        """The database's URL, with the default filled in and psycopg 3 as the driver of PostgreSQL."""
        if not self.database_url:
            return f"sqlite:///{(self.data_dir / 'kb.sqlite3').resolve()}"
        scheme, separator, rest = self.database_url.partition("://")
        if scheme in ("postgres", "postgresql"):
            scheme = "postgresql+psycopg"
        return scheme + separator + rest

    @classmethod
    def from_environment(cls, **overrides: object) -> Settings:
        """Read `KB_*`; keyword arguments that are not None win.

        Raises environs.EnvError, with the variable's name, for a value that cannot be used.
        """
        with Env().prefixed("KB_") as env:
            values: dict[str, object] = {
                "data_dir": env.path("DATA_DIR", cls.default("data_dir")),
                "database_url": env.str("DATABASE_URL", cls.default("database_url")),
                "anonymous": env.str(
                    "ANONYMOUS", cls.default("anonymous"), validate=validate.OneOf(["read", "none"])
                ),
                "max_body_bytes": env.int(
                    "MAX_BODY_BYTES", cls.default("max_body_bytes"), validate=validate.Range(min=1_000)
                ),
                "index_wait_seconds": env.float(
                    "INDEX_WAIT_SECONDS", cls.default("index_wait_seconds"), validate=validate.Range(min=0)
                ),
            }
        values.update({name: value for name, value in overrides.items() if value is not None})
        return cls(**values)  # type: ignore[arg-type]

    @classmethod
    def default(cls, name: str) -> object:
        """The default of one setting."""
        return next(f.default for f in fields(cls) if f.name == name)


def seeds_dir() -> Path:
    """The folder of the seeds: inside an installed package, or beside it in a checkout."""
    return _PACKAGED_SEEDS if _PACKAGED_SEEDS.is_dir() else _CHECKOUT_SEEDS
