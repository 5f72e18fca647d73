"""Every message is translated in every language."""

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
    """Return the compiled catalogue; plurals are stored under their singular."""
    with catalogue(language).open("rb") as file:
        catalog = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {
        key[0] if isinstance(key, tuple) else key: text for key, text in catalog.items()
    }


def in_python(source: str) -> Iterator[str]:
    """Yield the first argument of each call of gettext."""
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
    """Yield the messages that Django extracts from a template."""
    for line in templatize(source).splitlines():
        for call in re.findall(
            r"_\(u?((?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"))\)|gettext\(u?('(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")",
            line,
        ):
            yield str(ast.literal_eval(call[0] or call[1]))


def messages() -> set[str]:
    texts = set()
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            texts |= set(in_python(path.read_text("utf-8")))
        for path in (ROOT / app).rglob("templates/**/*.html"):
            texts |= set(in_template(path.read_text("utf-8")))
    for path in (ROOT / "templates").rglob("*.html"):
        texts |= set(in_template(path.read_text("utf-8")))
    return {" ".join(text.split()) if "\n" in text else text for text in texts}


def test_messages_are_found_in_the_sources() -> None:
    assert {"Documents", "Stopped", "Drop files or a folder here"} <= messages()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated(language: str) -> None:
    catalog = translated(language)
    missing = sorted(text for text in messages() if not catalog.get(text))
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_up_to_date(language: str) -> None:
    source = catalogue(language).with_suffix(".po").read_text("utf-8")
    written = re.findall(r'^msgstr(?:\[0\])? (".+")$', source, re.MULTILINE)
    catalog = set(translated(language).values())
    assert {str(ast.literal_eval(text)) for text in written if text != '""'} <= catalog


def test_a_page_uses_the_language_of_the_browser(db: None, client: Client) -> None:
    response = client.get(
        "/webui/login/", headers={"Accept-Language": "zh-TW,zh;q=0.9"}
    )
    assert 'lang="zh-hant"' in response.content.decode()
    assert "密碼" in response.content.decode()


def test_a_selected_language_is_remembered(db: None, client: Client) -> None:
    client.post("/webui/language", {"language": "zh-hans", "next": "/webui/login/"})
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
    response = client.get("/webui/login/", headers={"Accept-Language": "en"})
    assert "密码" in response.content.decode()
