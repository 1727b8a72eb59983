"""Forms, and files that are sent with them: calendars, collections, imports, and guards in YAML."""

from __future__ import annotations

import zlib
from base64 import b64encode
from random import getrandbits
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from bench.worst import collection_cases, nasty
from bench.worst.cases import Calls, Generate, calendars
from bench.worst.site import Call, Site

if TYPE_CHECKING:
    import random

FORM = "application/x-www-form-urlencoded"

_BOUNDARY = "kb0123456789"
_MULTIPART = f"multipart/form-data; boundary={_BOUNDARY}"
_FILE = 'name="file"; filename="a.csv"'
_COLLECTION_FILE = 'name="file"; filename="a.yaml"'
_COLLECTION_LINES = 'name="file"; filename="a.json"'
_IMPORT_FILE = 'name="file"; filename="a.csv"'


def forms(site: Site, path: str, rng: random.Random, fields: dict[str, str]) -> Calls:
    """A form, valid, and with a nasty value in each field in turn."""

    def call(label: str, values: Any) -> Call:
        body = urlencode(values, errors="replace").encode()
        return Call(label, "POST", path, body, content_type=FORM, headers={"Origin": "http://localhost"})

    sent = {**fields, "csrf_token": site.form_token}
    yield call("valid", sent)
    for field in fields:
        for label, text in nasty.texts(rng, 100_000):
            yield call(f"{field}: {label}", {**sent, field: text})
    yield call("60,000 fields", [*sent.items(), *((f"x{number}", "1") for number in range(60_000))])
    yield call("900 fields", [*sent.items(), *((f"x{number}", "1") for number in range(900))])
    yield call("900 times a field", [*sent.items(), *[("suppress", '["a","b",null]')] * 900])
    yield call("a name of 400 kB", [*sent.items(), ("x" * 400_000, "1")])
    yield call("no token", fields)
    yield call("a token of 400 kB", {**sent, "csrf_token": "a." * 200_000})


def _multipart(*parts: tuple[str, str]) -> bytes:
    """A form with a file: the attributes of each part, and its content."""
    body = "".join(
        f"--{_BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n" for head, text in parts
    )
    return f"{body}--{_BOUNDARY}--\r\n".encode()


def files(site: Site, rng: random.Random) -> Calls:
    """Calendars as files, and forms with too many parts."""
    bodies = [(label, _multipart(_token(site), (_FILE, text))) for label, text in calendars(rng)]
    bodies.append(("12,000 parts", _multipart(*[('name="x"', "1")] * 12_000)))
    bodies.append(("dashes", b"\r\n--" * 240_000))
    for label, body in bodies:
        yield Call(label, "POST", "/check/calendar", body, content_type=_MULTIPART)
    fields = {"content": "", "country": "", "column_text": "", "date_order": "dmy"}
    yield from forms(site, "/check/calendar", rng, fields)


def _token(site: Site) -> tuple[str, str]:
    return 'name="csrf_token"', site.form_token


def _guard_texts(rng: random.Random) -> list[tuple[str, str]]:
    aliases = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    return [
        ("aliases of aliases", aliases),
        ("nested lists", "[" * 50_000),
        ("nested mappings", "\n".join(" " * number + "a:" for number in range(1_000))),
        ("100,000 keys", "\n".join(f"k{number}: 1" for number in range(100_000))),
        ("a long list", "phrases: [" + "a, " * 200_000 + "a]"),
        ("colons", ": " * 200_000),
        ("dashes", "- " * 200_000),
        ("quotes", '"' * 200_000),
        ("anchors", "&a " * 100_000),
        ("tags", "!!python/object " * 20_000),
        ("a number", "type: " + "9" * 500_000),
        ("a base", "type: 0x" + "f" * 500_000),
        ("a sexagesimal number", "type: " + "1:" * 100_000 + "1"),
        (
            "merged keys",
            "a0: &a0 {k: 1}\n"
            + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 90)),
        ),
    ]


GUARD = """\
key: cheap
type: phrase
severity: caution
message: We do not say this.
parameters:
  phrases: [dirt cheap]
examples:
  bad: [Dirt cheap boots]
  good: [Boots]
"""
"""A guard that works."""


def guards(site: Site, rng: random.Random) -> Calls:
    """Guards in YAML, as the page for a new one sends them."""
    for label, text in (*_guard_texts(rng), *nasty.texts(rng, 300_000)):
        body = urlencode({"guard": text, "csrf_token": site.form_token}, errors="replace").encode()
        if len(body) < 1_000_000:
            yield Call(label, "POST", "/guards/new", body, content_type=FORM)
    for label, parameter in (("pattern", "patterns: ['(\\w+\\s?)*x']"), ("phrase", "phrases: ['a x']")):
        head = f"key: a\ntype: {label}\nseverity: caution\nmessage: x\nparameters:\n  {parameter}\n"
        text = f"{head}examples:\n  bad: ['a x']\n  good: ['b']\n"
        body = urlencode({"guard": text, "csrf_token": site.form_token}).encode()
        yield Call(f"a {label}", "POST", "/guards/new", body, content_type=FORM)


def collection_files(path: str) -> Generate:
    """A file of a collection, as it is chosen, and as the page of its trial hands it on."""

    def generate(site: Site, rng: random.Random) -> Calls:
        own = collection_cases.files(rng)
        for label, text in (*_guard_texts(rng), *nasty.texts(rng, 300_000), *_large_files(), *own):
            chosen = _multipart(_token(site), (_COLLECTION_FILE, text))
            yield Call(label, "POST", path, chosen, content_type=_MULTIPART)
            content = b64encode(zlib.compress(text.encode(errors="replace"))).decode()
            fields = _token(site), ('name="name"', "a.yaml"), ('name="content"', content)
            yield Call(f"{label}, again", "POST", path, _multipart(*fields), content_type=_MULTIPART)
        for label, text in _large_lines():
            yield Call(
                label,
                "POST",
                path,
                _multipart(_token(site), (_COLLECTION_LINES, text)),
                content_type=_MULTIPART,
            )
        yield from forms(site, path, rng, {"name": "a.yaml", "content": ""})

    return generate


def import_files(site: Site, rng: random.Random) -> Calls:
    """Files to try an import of, with nasty mappings."""
    for label, text in (*nasty.texts(rng, 300_000), *_large_files()):
        for name, value in (("file", text), ("mapping", text)):
            others = [('name="mapping"', "")] if name == "file" else [(_IMPORT_FILE, "a,b\n1,2\n")]
            field = (_IMPORT_FILE, value) if name == "file" else ('name="mapping"', value)
            body = _multipart(_token(site), *others, field)
            yield Call(f"{label} as {name}", "POST", "/imports", body, content_type=_MULTIPART)


def _large_files() -> list[tuple[str, str]]:
    """Files that are nearly as large as a collection may be."""
    return [
        ("7 MB of small documents", "---\na: 1\n" * 780_000),
        ("7 MB of one text", f"a: {'x' * 7_000_000}"),
        ("7 MB of a list", "- 1\n" * 1_750_000),
        ("7 MB of two letters", f"a: {bin(getrandbits(7_000_000))}"),
    ]


def _large_lines() -> list[tuple[str, str]]:
    """The same in JSON."""
    keys = ",".join(f'"k{number}":1' for number in range(500_000))
    return [
        ("7 MB of an array", f"[{'{},' * 2_300_000}{{}}]"),
        ("7 MB of one object", f'[{{"key":"a"}},{{{keys}}}]'),
        ("7 MB of one list", f'[{{"key":"a"}},{{"title":[{"1," * 3_400_000}1]}}]'),
    ]
