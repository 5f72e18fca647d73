from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from documents.errors import InvalidHint, InvalidName, MissingName, UnsafeName
from documents.files import file_names
from documents.parse_process.services.config import DoclingConfig


@pytest.mark.parametrize(
    "raw",
    ["../evil.txt", "/etc/passwd", "a/b.txt", "a\\b.txt", "C:x.txt", ".", ".."],
)
def test_a_name_with_a_path_is_unsafe(raw: str) -> None:
    with pytest.raises(UnsafeName, match="Unsafe filename detected"):
        file_names.parse(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " a.txt",
        "a.txt ",
        "a\x00.txt",
        "a\n.txt",
        "a\ud800.txt",
        "a\x9f.txt",
        "a\u2028b.txt",
        "exe.\u202etxt.pdf",
    ],
)
def test_a_name_with_control_characters_or_outer_spaces_is_invalid(raw: str) -> None:
    with pytest.raises(InvalidName, match="Invalid filename"):
        file_names.parse(raw)


def test_a_name_that_is_too_long_for_file_systems_is_invalid() -> None:
    with pytest.raises(InvalidName, match="255 bytes"):
        file_names.parse("長" * 90 + ".txt")


def test_a_hint_is_removed_from_the_name_and_parsed() -> None:
    parsed = file_names.parse("report.[native-P(chunk_ts=800)].docx")
    assert (parsed.name, parsed.suffix, parsed.options) == ("report.docx", ".docx", "P")
    assert parsed.chunking == {
        "strategy": "paragraph_semantic",
        "params": {"chunk_token_size": 800},
    }


def test_a_hint_may_contain_only_options() -> None:
    parsed = file_names.parse("a.[-R!].txt")
    assert (parsed.name, parsed.options) == ("a.txt", "R!")
    assert parsed.chunking == {"strategy": "recursive_character", "params": {}}


@pytest.mark.parametrize("hint", ["bogus-P", "mineru", "native-Z", "-F(foo=1)", ""])
def test_an_invalid_hint_is_rejected(hint: str) -> None:
    with pytest.raises(InvalidHint, match=r"Invalid filename parser hint in 'x\.\["):
        file_names.parse(f"x.[{hint}].txt")


@pytest.mark.parametrize(
    ("hint", "reason"),
    [
        ("-Ri", "option 'i' .*VLM_PROCESS_ENABLE.*Remove 'i'"),
        ("native-t!", "option 't' .*tables are always read as text"),
        ("-Pe", "option 'e' .*equations are always read as text"),
        ("mineru-R", "needs MINERU_LOCAL_ENDPOINT"),
        ("docling", "needs DOCLING_ENDPOINT"),
    ],
)
def test_an_option_without_effect_is_rejected_with_its_reason(
    hint: str, reason: str
) -> None:
    with pytest.raises(InvalidHint, match=reason):
        file_names.parse(f"x.[{hint}].pdf")


def test_a_hint_selects_a_service_that_is_configured(settings: Settings) -> None:
    settings.LIGHTRAG = replace(
        settings.LIGHTRAG, docling=DoclingConfig("http://localhost:5001")
    )
    assert file_names.parse("x.[docling-R].pdf").engine == "docling"
    with pytest.raises(InvalidHint, match=r"does not parse '\.csv', only: bmp, docx"):
        file_names.parse("x.[docling].csv")


def test_a_rule_completes_a_hint(settings: Settings) -> None:
    config = settings.LIGHTRAG
    ingest = replace(config.ingest, parser_rules="pdf:docling-iR(chunk_ts=300)")
    docling = DoclingConfig("http://localhost:5001")
    settings.LIGHTRAG = replace(config, ingest=ingest, docling=docling)
    by_rule = file_names.parse("x.pdf")
    assert (by_rule.engine, by_rule.options) == ("docling", "iR")
    assert by_rule.chunking["params"] == {"chunk_token_size": 300}
    hinted = file_names.parse("x.[native-!].pdf")
    assert (hinted.engine, hinted.options) == ("native", "!")


def test_images_can_be_selected_with_a_vision_model(settings: Settings) -> None:
    config = settings.LIGHTRAG
    settings.LIGHTRAG = replace(config, ingest=replace(config.ingest, vlm=True))
    assert file_names.parse("x.[-iR].pdf").options == "iR"


def test_the_name_of_a_text_does_not_contain_options_without_effect() -> None:
    assert file_names.text_name("Tea.[-Ri].md") == "Tea.md"


@pytest.mark.parametrize("name", ["paper.[2020].txt", "a.[v2-final].md", "a.[x].txt"])
def test_brackets_without_a_hint_are_part_of_the_name(name: str) -> None:
    assert file_names.parse(name).name == name


def test_names_that_differ_only_in_their_normalization_are_the_same() -> None:
    assert file_names.parse("Cafe\u0301.txt").name == "Caf\u00e9.txt"
    assert file_names.text_name("Cafe\u0301.txt") == "Caf\u00e9.txt"


def test_a_path_keeps_its_folders() -> None:
    parsed = file_names.parse_path("a/b/x.[-R].txt")
    assert (parsed.name, parsed.options) == ("a/b/x.txt", "R")
    for raw in ("../x.txt", "a//x.txt", "/x.txt"):
        with pytest.raises(InvalidName):
            file_names.parse_path(raw)


def test_the_name_of_a_text_is_the_last_part_of_its_source() -> None:
    assert file_names.text_name("https://site.org/wiki/Tea.[native].md") == "Tea.md"
    assert file_names.text_name("C:\\notes\\tea") == "tea"


def test_brackets_without_a_hint_stay_in_the_name_of_a_text() -> None:
    assert file_names.text_name("Notes.[draft].txt") == "Notes.[draft].txt"


@pytest.mark.parametrize(
    "raw", [None, "", "  ", "no-file-path", "unknown_source", "a/", ".."]
)
def test_a_text_without_a_usable_source_has_no_name(raw: str | None) -> None:
    with pytest.raises(MissingName):
        file_names.text_name(raw)


@given(st.text(max_size=300))
def test_an_accepted_name_is_a_single_safe_path_component(raw: str) -> None:
    try:
        name = file_names.parse(raw).name
    except InvalidName:
        return
    assert name
    assert not set(name) & set("/\\:\x00")
    assert name not in {".", ".."}
    assert len(name.encode()) <= file_names.MAX_BYTES
