"""Which images are figures, and in which formats and sizes they are stored."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence

import PIL.Image
import pytest

from documents.parsing import figures
from documents.parsing.figures import MAX_BYTES, MAX_SIDE, FigureDraft
from documents.parsing.parsed_document import Box, Image, ParsedDocument
from tests.documents.make_files import picture


def image(content: bytes, caption: str = "", position: int = 0) -> Image:
    return Image(content, "image/png", caption, position=position)


def drafts(images: Sequence[Image]) -> tuple[list[FigureDraft], list[str]]:
    return figures.drafts(ParsedDocument("A text", images=tuple(images)))


def opened(content: bytes) -> PIL.Image.Image:
    return PIL.Image.open(io.BytesIO(content))


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "GIF", "WEBP"])
def test_images_for_browsers_are_stored_unchanged(image_format: str) -> None:
    content = picture(120, 90, image_format=image_format)
    original = Image(content, "image/x", "Figure 1", 3, Box(1, 2, 3, 4), position=7)
    [figure], warnings = drafts([original])
    assert figure.content == content
    assert figure.media_type == f"image/{image_format.lower()}"
    assert (figure.width, figure.height) == (120, 90)
    assert (figure.caption, figure.page, figure.box) == (
        "Figure 1",
        3,
        Box(1, 2, 3, 4),
    )
    assert figure.position == 7
    assert warnings == []


@pytest.mark.parametrize("image_format", ["BMP", "TIFF", "PPM"])
def test_images_of_other_formats_become_png(image_format: str) -> None:
    content = picture(120, 90, image_format=image_format)
    [figure], _ = drafts([image(content)])
    assert figure.media_type == "image/png"
    assert opened(figure.content).format == "PNG"
    assert opened(figure.content).tobytes() == opened(content).tobytes()


def test_large_images_are_made_smaller() -> None:
    [figure], _ = drafts([image(picture(4000, 1000))])
    assert (figure.width, figure.height) == (MAX_SIDE, 500)
    assert opened(figure.content).size == (MAX_SIDE, 500)


def test_an_image_with_many_bytes_becomes_a_jpeg() -> None:
    noise = PIL.Image.effect_noise((1900, 1900), 90).convert("RGB")
    buffer = io.BytesIO()
    noise.save(buffer, "PNG", compress_level=0)
    assert len(buffer.getvalue()) > MAX_BYTES
    [figure], _ = drafts([image(buffer.getvalue())])
    assert figure.media_type == "image/jpeg"
    assert len(figure.content) < MAX_BYTES


def test_transparency_is_kept() -> None:
    buffer = io.BytesIO()
    PIL.Image.new("RGBA", (100, 100), (255, 0, 0, 0)).save(buffer, "TIFF")
    [figure], _ = drafts([image(buffer.getvalue())])
    assert opened(figure.content).convert("RGBA").getpixel((5, 5)) == (255, 0, 0, 0)


def test_icons_and_damaged_images_are_left_out() -> None:
    whole = picture(300, 300)
    unusable = [b"", b"no image", whole[:200], picture(63, 500), picture(500, 63)]
    assert drafts(list(map(image, unusable))) == ([], [])


def test_an_image_of_too_many_pixels_is_not_decoded() -> None:
    def part(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 9000, 9000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IEND", b"")
    assert drafts([image(bomb)]) == ([], [])


def test_a_repeated_image_is_one_figure_and_an_ornament_is_none() -> None:
    photo, ornament = picture(100, 100, seed=1), picture(100, 100, seed=2)
    images = [image(ornament), image(photo), image(ornament), image(photo, position=9)]
    drafted, _ = drafts([*images, image(ornament)])
    assert [(item.content, item.position) for item in drafted] == [(photo, 0)]


def test_figures_over_the_limit_are_counted_in_a_warning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(figures, "MAX_FIGURES", 2)
    images = [image(picture(100, 100, seed=seed)) for seed in range(5)]
    drafted, warnings = drafts(images)
    assert [item.content for item in drafted] == [images[0].content, images[1].content]
    assert warnings == ["The document has too many figures: 3 were left out."]
