"""Every word people see on the pages is there in every language."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
LOCALE = ROOT / "lightrag_site" / "locale"
LANGUAGES = ("zh_Hant", "zh_Hans")
APPS = ("lightrag_site", "compat_api", "retrieval", "documents", "graph")
CALLED = re.compile(r"\b_?(?:n?p?gettext(?:_lazy|_noop)?|_)\(")


def catalogue(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.mo"


def translated(language: str) -> dict[str, str]:
    """What the compiled catalogue holds, plurals by their singular."""
    with catalogue(language).open("rb") as file:
        held = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {
        key[0] if isinstance(key, tuple) else key: text for key, text in held.items()
    }


def in_python(source: str) -> Iterator[str]:
    """The first text of each call of gettext."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            first = node.args[0]
            if (
                CALLED.match(f"{name}(")
                and isinstance(first, ast.Constant)
                and isinstance(first.value, str)
            ):
                yield first.value


def in_template(source: str) -> Iterator[str]:
    """The texts that Django's own reader of templates hands to gettext."""
    for line in templatize(source).splitlines():
        for call in re.findall(
            r"_\(u?((?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"))\)|gettext\(u?('(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")",
            line,
        ):
            yield str(ast.literal_eval(call[0] or call[1]))


def asked_for() -> set[str]:
    found = set()
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            found |= set(in_python(path.read_text("utf-8")))
        for path in (ROOT / app).rglob("templates/**/*.html"):
            found |= set(in_template(path.read_text("utf-8")))
    for path in (ROOT / "templates").rglob("*.html"):
        found |= set(in_template(path.read_text("utf-8")))
    return {" ".join(text.split()) if "\n" in text else text for text in found}


def test_the_sources_are_read_at_all() -> None:
    assert {"Documents", "Stopped", "Drop files or a folder here"} <= asked_for()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    held = translated(language)
    missing = sorted(text for text in asked_for() if not held.get(text))
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_words_are_those_of_the_source(language: str) -> None:
    source = catalogue(language).with_suffix(".po").read_text("utf-8")
    written = re.findall(r'^msgstr(?:\[0\])? (".+")$', source, re.MULTILINE)
    held = set(translated(language).values())
    assert {str(ast.literal_eval(text)) for text in written if text != '""'} <= held


def test_a_page_speaks_the_browsers_language(db: None, client: Client) -> None:
    answer = client.get("/webui/login/", headers={"Accept-Language": "zh-TW,zh;q=0.9"})
    assert 'lang="zh-hant"' in answer.content.decode()
    assert "密碼" in answer.content.decode()


def test_a_chosen_language_wins_and_is_remembered(db: None, client: Client) -> None:
    client.post("/webui/language", {"language": "zh-hans", "next": "/webui/login/"})
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
    answer = client.get("/webui/login/", headers={"Accept-Language": "en"})
    assert "密码" in answer.content.decode()
