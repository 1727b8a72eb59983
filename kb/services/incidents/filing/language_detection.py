"""Detect the language of a new incident's texts if the input does not have it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from kb.domain.incident import TEXT_FIELDS
from kb.domain.language import LanguageSource, candidate_languages, primary_subtag
from kb.errors import FieldError, InvalidInput
from kb.messages import Message
from kb.services.incidents.filing import language_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from py3langid.langid import LanguageIdentifier

_MIN_PROBABILITY = 0.7
"""The minimum probability for a language to count as detected, relative to others of the same script."""

_MIN_SHARE = 1 / 3
"""The share of letters above which a non-Latin script is the text's, since brands have Latin names."""

_MAX_CHARACTERS = 2_000
"""How many characters are examined; more would not change the result."""

_NAMES = re.compile(r"https?://\S+|[@#]\w+")
"""Addresses, accounts and hashtags, which are not evidence of the language of the surrounding text."""

_MODEL_LABELS = {"nb": ("no",), "zh": ("zh", "yue", "wuu"), "ar": ("ar", "ary", "arz"), "fa": ("fa", "uzs")}
"""The model's labels of languages, if they differ from the tags; varieties count together."""


def with_language(data: Mapping[str, Any], default: str) -> tuple[dict[str, Any], LanguageSource]:
    """Return the input of a new incident with its `language`, and the source of that.

    `default` is the language if the texts are ambiguous. Raises InvalidInput if there is a translation into
    the detected language.
    """
    if "language" in data:
        return {**data}, LanguageSource.GIVEN
    # Title and summary are the best evidence, since later texts may be quotations.
    language, source = detect_language("\n".join(data.get(field, "") for field in TEXT_FIELDS[:2]), default)
    if source is LanguageSource.ASSUMED:
        language, source = detect_language(_text_of(data), default)
    if language in data.get("translations", {}):
        message = Message(
            "The texts seem to be in {language} themselves. Send their `language`.", language=language
        )
        raise InvalidInput([FieldError(f"/translations/{language}", message)])
    return {**data, "language": language}, source


def detect_language(text: str, default: str) -> tuple[str, LanguageSource]:
    """Detect the language of a text, or return the default if uncertain, with the source.

    If the default is a variety of the detected language, it is used: with `en-GB`, English is British. A text
    in another script than the default's, however short, is not in the default language: then the likeliest
    language is used. Names in Latin letters occur in every language.
    """
    text = _NAMES.sub(" ", text[:_MAX_CHARACTERS])
    candidates = candidate_languages(text, _MIN_SHARE)
    if not candidates:
        return default, LanguageSource.ASSUMED
    language, probability = _likeliest(text, candidates)
    if probability < _MIN_PROBABILITY:
        is_latin = "en" in candidates
        if is_latin or primary_subtag(default) in candidates:
            return default, LanguageSource.ASSUMED
        if probability < 1 / 2:
            language = candidates[0]  # the most common language of the script: Russian, Arabic, Hindi
    return default if primary_subtag(default) == language else language, LanguageSource.DETECTED


def _text_of(data: Mapping[str, Any]) -> str:
    texts = [data.get(field) or "" for field in TEXT_FIELDS]
    return "\n".join([*texts, *(lesson["text"] for lesson in data.get("lessons", ()))])


def _likeliest(text: str, candidates: Sequence[str]) -> tuple[str, float]:
    """The likeliest of some languages, and its probability if it is one of them."""
    if len(candidates) == 1:
        return candidates[0], 1.0
    ranking = dict(_identifier().rank(text))
    probabilities = {
        tag: sum(ranking.get(label, 0.0) for label in _MODEL_LABELS[tag])
        if tag in _MODEL_LABELS
        else ranking.get(tag, 0.0)
        for tag in candidates
    }
    best = max(candidates, key=lambda tag: probabilities[tag])
    return best, probabilities[best] / (sum(probabilities.values()) or 1.0)


@cache
def _identifier() -> LanguageIdentifier:
    """The model, loaded when a process first needs it."""
    return language_model.load()
