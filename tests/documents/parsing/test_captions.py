"""Captions: labelled lines beside an image."""

from __future__ import annotations

import pytest

from documents.parsing import captions
from documents.parsing.parsed_document import Image, ParsedDocument


@pytest.mark.parametrize(
    "text",
    [
        *("Figure 1: Growth", "Fig. 2a Growth", "FIG 3", "Figure S1. Yield"),
        *("Figure A.1", "Figure IV", "Abbildung 3: Wachstum", "Abb. 4", "Рис. 5. Рост"),
        *("圖 1：成長", "圖一 成長", "图2-1 增长", "图表 3", "図5", "Figura 7"),
    ],
)
def test_a_label_with_a_number_begins_a_caption(text: str) -> None:
    assert captions.is_caption(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Figures of speech",
        "Figment 1",
        "As Figure 1 shows",
        "Imagine",
        "圖書館",
        "1",
    ],
)
def test_other_texts_are_no_captions(text: str) -> None:
    assert not captions.is_caption(text)


def with_images(text: str, *places: str, alternative: str = "") -> ParsedDocument:
    """Return a document with an image before each of the texts."""
    images = tuple(
        Image(b"", "image/png", alternative, position=text.index(marker))
        for marker in places
    )
    return ParsedDocument(text, images=images)


def captions_of(parsed: ParsedDocument) -> list[str]:
    return [image.caption for image in captions.add(parsed).images]


def test_captions_below_images() -> None:
    text = "One.\n\nFigure 1: Tea\n\nFigure 2: Rice\n\nTwo."
    assert captions_of(with_images(text, "\n\nFigure 1", "\n\nFigure 2")) == [
        "Figure 1: Tea",
        "Figure 2: Rice",
    ]


def test_captions_above_images() -> None:
    text = "One.\n\nFigure 1: Tea\n\nFigure 2: Rice\n\nTwo."
    assert captions_of(with_images(text, "\n\nFigure 2", "\n\nTwo")) == [
        "Figure 1: Tea",
        "Figure 2: Rice",
    ]


def test_a_caption_is_preferred_to_the_alternative_text() -> None:
    parsed = with_images("A cup\n\nFigure 1: Tea", "A cup", alternative="A cup")
    assert captions_of(parsed) == ["Figure 1: Tea"]


def test_an_image_without_caption_keeps_its_alternative_text() -> None:
    parsed = with_images("A cup\n\nAs Figure 1 shows", "A cup", alternative="A cup")
    assert captions_of(parsed) == ["A cup"]


def test_the_position_is_that_of_the_caption() -> None:
    text = "One.\n\nText in the image.\n\nFigure 1:  Tea"
    [image] = captions.add(with_images("One.\n\nFigure 1: Tea", "\n\nFig")).images
    assert captions.position("One.\n\nText in the image.\n\nFigure 1: Tea", image) == 27
    assert captions.position(text, image) == image.position == 4
