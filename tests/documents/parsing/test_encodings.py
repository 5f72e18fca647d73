from __future__ import annotations

import pytest

from documents.parsing import encodings

TEXTS = {
    "Não há informação sobre a situação econômica das regiões.\n": "cp1252 latin_1",
    "Perché la città è così bella? Però non c'è più tempo.\n": "cp1252 iso8859_15",
    "Vi åker till Malmö på lördag för att köpa kött och smör.\n": "cp1252",
    "På lørdag kommer der flere gæster på besøg i København.\n": "cp1252 iso8859_10",
    "Der Bär läuft über die Straße und grüßt die Mädchen.\n": "cp1252 cp850",
    "Zażółć gęślą jaźń. Wszyscy ludzie rodzą się wolni.\n": "cp1250 iso8859_2",
    "Bütün insanlar hür, haysiyet bakımından eşit doğarlar.\n": "cp1254 iso8859_9",
    "Все люди рождаются свободными и равными.\n": "cp1251 koi8_r iso8859_5 cp866",
    "Усі люди народжуються вільними і рівними у гідності.\n": "koi8_u",
    "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι.\n": "cp1253 iso8859_7",
    "כל בני האדם נולדו בני חורין ושווים בערכם.\n": "cp1255 iso8859_8",
    "يولد جميع الناس متساوين في الكرامة والحقوق.\n": "cp1256 iso8859_6",
    "Visi cilvēki piedzimst brīvi un vienlīdzīgi savā pašcieņā.\n": "cp1257",
    "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกัน\n": "cp874",
    "我們每天早上都喝一杯綠茶。這是一段文字。\n": "big5 gb18030 utf_16_le utf_16_be",
    "我们每天早上都喝一杯绿茶。\n": "gbk",
    "すべての人間は、生まれながらにして自由であり。\n": "shift_jis euc_jp iso2022_jp",
    "모든 인간은 태어날 때부터 자유로우며 동등하다.\n": "euc_kr utf_16_le",
    "Plain words, nothing else of note.\n": "utf_16_le utf_16_be utf_8",
    "Zoë and José went to the café.\n": "cp1252",
}


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(text, encoding) for text, names in TEXTS.items() for encoding in names.split()],
)
def test_the_encoding_of_a_short_text_is_found(text: str, encoding: str) -> None:
    assert encodings.decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["iso8859_4", "koi8-r", "windows-1250", "gb2312"])
def test_a_declared_encoding_is_used_if_the_text_can_be_decoded(encoding: str) -> None:
    word = {"koi8-r": "Чай", "gb2312": "茶"}.get(encoding, "ä")
    page = f'<html><meta charset="{encoding}"><p>{word}</p></html>'
    assert encodings.decode(page.encode(encoding), declared=True) == page
    xml = f'<?xml version="1.0" encoding="{encoding}"?><a>{word}</a>'
    assert encodings.decode(xml.encode(encoding), declared=True) == xml


def test_a_wrong_declaration_is_ignored() -> None:
    page = '<meta charset="ascii"><p>Grüße aus Köln</p>'
    assert encodings.decode(page.encode(), declared=True) == page
    unknown = '<meta charset="no-such-charset"><p>Grüße</p>'
    assert encodings.decode(unknown.encode(), declared=True) == unknown
    utf16 = '<meta charset="utf-16"><p>Plain</p>'
    assert encodings.decode(utf16.encode(), declared=True) == utf16
