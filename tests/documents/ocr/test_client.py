"""Real OCR: a process with the models reads images that the test draws."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from documents.errors import ParserFailed
from documents.ocr.client import OcrCall, OcrOptions
from documents.ocr.messages import Scan

TEXT = ("Green tea is harvested in spring.", "Black tea ferments for 24 hours.")


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """Return the image of two lines of text."""
    image = Image.new("RGB", (1100, 400), "white")
    font = ImageFont.load_default(size=44)
    for number, line in enumerate(TEXT):
        ImageDraw.Draw(image).text((60, 80 + 110 * number), line, "black", font)
    path = tmp_path / "scan.png"
    image.save(path)
    return path


def test_scans_are_read_in_any_direction_and_a_damaged_one_is_named(
    scan: Path, tmp_path: Path
) -> None:
    scans = [Scan(scan)]
    for turn in (90, 180):
        path = tmp_path / f"{turn}.png"
        Image.open(scan).rotate(turn, expand=True).save(path)
        scans.append(Scan(path))
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(scan.read_bytes()[:300])
    reported = list[tuple[int, int]]()
    call = OcrCall(OcrOptions(), lambda *pages: reported.append(pages))
    first, *pages = call.run([Scan(damaged), *scans])
    assert first.error
    assert [[line.text for line in page.lines] for page in pages] == [list(TEXT)] * 3
    assert [page.angle for page in pages] == [0, 270, 180]
    assert reported == [(1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (OcrOptions(enabled=False), "disabled by the setting OCR"),
        (
            OcrOptions(language="arabic"),
            "arabic_PP-OCRv5_rec_mobile.onnx in OCR_MODEL_DIR",
        ),
    ],
)
def test_an_option_that_prevents_ocr_is_the_error_of_the_page(
    scan: Path, options: OcrOptions, reason: str
) -> None:
    [page] = OcrCall(options).run([Scan(scan)])
    assert reason in page.error


def test_a_page_that_takes_too_long_is_given_up(
    scan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("documents.ocr.client.PROGRAM", "import time; time.sleep(60)")
    monkeypatch.setattr("documents.ocr.client.START_SECONDS", 0.2)
    pages = OcrCall(OcrOptions(page_timeout=0)).run([Scan(scan)] * 2)
    assert ["took too long" in page.error for page in pages] == [True, True]


def test_pages_beyond_the_limit_name_the_setting(
    scan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("documents.ocr.client.PROGRAM", "")
    pages = OcrCall(OcrOptions(max_pages=1)).run([Scan(scan)] * 3)
    assert ["OCR_MAX_PAGES" in page.error for page in pages] == [False, True, True]


def test_a_stopped_call_ends_its_process(
    scan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("documents.ocr.client.PROGRAM", "import time; time.sleep(60)")
    call = OcrCall(OcrOptions())
    threading.Timer(0.5, call.stop).start()
    started = time.monotonic()
    with pytest.raises(ParserFailed):
        call.run([Scan(scan)])
    assert time.monotonic() - started < 20
