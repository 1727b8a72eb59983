"""The shipped sentence models: notes to colleagues, and invitations to the public.

`bench/drafts/sentence_training.py` trains them.
"""

from __future__ import annotations

from functools import cache

import orjson

from kb.config import seeds_dir
from kb.guards.sentence_model import SentenceModel, WordClasses
from kb.yaml_text import read_yaml


@cache
def shipped_model(name: str) -> SentenceModel:
    """The model `notes` or `invitations`, loaded once."""
    folder = seeds_dir() / "sentence_models"
    classes = WordClasses(read_yaml((folder / f"{name}.yaml").read_text("utf-8")))
    return SentenceModel(classes, orjson.loads((folder / f"{name}.json").read_bytes()))
