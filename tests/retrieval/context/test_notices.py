from __future__ import annotations

import pytest

from retrieval.context import notices


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Who was it?", "en"),
        ("Wer war es?", "en"),
        ("誰發現了鐳？", "zh-Hant"),
        ("谁发现了镭？", "zh-Hans"),
        ("ラジウムを発見したのは誰ですか？", "ja"),
        ("라듐을 누가 발견했나요?", "ko"),
        ("Кто открыл радий?", "ru"),
    ],
)
def test_the_language_follows_the_script(question: str, language: str) -> None:
    assert notices.language(question) == language


def test_every_text_exists_in_every_language() -> None:
    assert notices.QUOTED.keys() == notices.NOTHING_FOUND.keys()
