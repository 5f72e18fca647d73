"""Images in mails, and messages of Outlook.

The MSG files were written with the OleWriter of extract-msg 0.57, as [MS-OXMSG] describes:
a Chinese subject, an attachment, and an inline image that is hidden in the list of files.
`unicode` and `big5` have a body in HTML, which is encoded in Big5; the strings of `big5` have
the code page 950. `plain` has a body in plain text.
"""

from __future__ import annotations

import lzma
from email.message import EmailMessage
from pathlib import Path

import pytest

from documents import parsing
from documents.parsing.parsed_document import ParsedDocument
from tests.documents import make_files
from tests.documents.conftest import Put

FILES = Path(__file__).parent / "files"
PICTURE = make_files.picture(200, 100)


def outlook(put: Put, name: str) -> ParsedDocument:
    content = lzma.decompress((FILES / f"{name}.msg.xz").read_bytes())
    return parsing.parse(put("a.msg", content), "a.msg")


HEADERS = (
    "# 關於茶葉價格的報告\n\nFrom: 李明 <liming@tea.example>\n"
    "To: 王芳 <wang@tea.example>; Ann Smith <ann@tea.example>\n"
    "Cc: Bob Jones <bob@tea.example>\nDate: 2024-01-14 10:00 UTC\n"
    "Subject: 關於茶葉價格的報告\n\n"
)


@pytest.mark.parametrize("name", ["unicode", "big5"])
def test_an_outlook_message_with_html_is_read(put: Put, name: str) -> None:
    parsed = outlook(put, name)
    assert parsed.text == HEADERS + (
        "各位好，\n\n烏龍茶的價格是 42 元 & 穩定。\n\n"
        "| 茶 | 價格 |\n| --- | --- |\n| 綠茶 | 17 |"
    )
    [attachment] = parsed.attachments
    assert attachment.name == "價目表.csv"
    assert attachment.content.decode() == "茶,價格\n烏龍,42\n"
    assert [image.content[:4] for image in parsed.images] == [b"\x89PNG"]


def test_a_hidden_image_of_an_outlook_message_is_a_figure(put: Put) -> None:
    parsed = outlook(put, "plain")
    assert parsed.text == HEADERS + "各位好，\n\n烏龍茶的價格是 42 元。"
    assert [attachment.name for attachment in parsed.attachments] == ["價目表.csv"]
    assert len(parsed.images) == 1


@pytest.mark.parametrize("plain", ["The report.", ""])
def test_images_that_the_html_of_a_mail_shows_are_figures(put: Put, plain: str) -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "ann@example.org", "Tea"
    page = '<p>The report.</p><img src="cid:tea@x" alt="A cup"><img>'
    if plain:
        message.set_content(plain)
        message.add_alternative(page, subtype="html")
        body = message.get_payload()[1]  # type: ignore[index]
    else:
        message.set_content(page, subtype="html")
        body = message
    body.add_related(PICTURE, "image", "png", cid="<tea@x>", filename="image001.png")  # type: ignore[union-attr]
    message.make_mixed()
    message.add_attachment(
        PICTURE + b"x", maintype="image", subtype="png", filename="photo.png"
    )
    parsed = parsing.parse(put("a.eml", bytes(message)), "a.eml")
    assert "The report." in parsed.text
    [image] = parsed.images
    assert (image.content, image.caption) == (PICTURE, "A cup")
    assert [attachment.name for attachment in parsed.attachments] == ["photo.png"]


def test_the_images_of_a_saved_web_page_are_figures(put: Put) -> None:
    message = EmailMessage()
    message["Subject"] = "Page"
    message.set_content('<p>Tea.</p><img src="http://x.org/a.png">', subtype="html")
    message.add_related(PICTURE, "image", "png")
    part = message.get_payload()[1]  # type: ignore[index]
    part["Content-Location"] = "http://x.org/a.png"  # type: ignore[index]
    parsed = parsing.parse(put("a.mht", bytes(message)), "a.mht")
    assert [image.content for image in parsed.images] == [PICTURE]
    assert parsed.attachments == ()
