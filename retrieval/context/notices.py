"""Sentences of the server itself in an answer, in the language of the question's script."""

from __future__ import annotations

import re
from functools import cache

from opencc import OpenCC

_SCRIPTS = {
    "ja": re.compile("[\u3041-\u30ff]"),
    "ko": re.compile("[\uac00-\ud7a3]"),
    "han": re.compile("[\u3400-\u9fff]"),
    "ru": re.compile("[\u0400-\u04ff]"),
    "ar": re.compile("[\u0600-\u06ff]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "el": re.compile("[\u0370-\u03ff]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "hi": re.compile("[\u0900-\u097f]"),
}

QUOTED = {
    "en": "No language model is configured. "
    "These excerpts come closest to the question:",
    "zh-Hant": "未設定語言模型。以下是與問題最相關的原文：",
    "zh-Hans": "未设置语言模型。以下是与问题最相关的原文：",
    "ja": "言語モデルが設定されていません。質問に最も近い抜粋です：",
    "ko": "언어 모델이 설정되지 않았습니다. 질문과 가장 가까운 발췌문입니다:",
    "ru": "Языковая модель не настроена. Ближайшие к вопросу отрывки:",
    "ar": "لم يُضبط أي نموذج لغوي. هذه أقرب المقتطفات إلى السؤال:",
    "he": "לא הוגדר מודל שפה. אלה הקטעים הקרובים ביותר לשאלה:",
    "el": "Δεν έχει ρυθμιστεί γλωσσικό μοντέλο. Τα πλησιέστερα αποσπάσματα:",
    "th": "ยังไม่ได้ตั้งค่าโมเดลภาษา ข้อความที่ใกล้เคียงกับคำถามที่สุด:",
    "hi": "कोई भाषा मॉडल सेट नहीं है। प्रश्न के सबसे निकट के अंश:",
}
"""Precedes the quotations of an answer without a language model."""

NOTHING_FOUND = {
    "en": "The documents contain nothing that answers this question.",
    "zh-Hant": "文件中沒有能回答這個問題的內容。",
    "zh-Hans": "文档中没有能回答这个问题的内容。",
    "ja": "文書の中に、この質問に答える内容は見つかりませんでした。",
    "ko": "문서에서 이 질문에 답하는 내용을 찾지 못했습니다.",
    "ru": "В документах нет ответа на этот вопрос.",
    "ar": "لا تحتوي المستندات على إجابة عن هذا السؤال.",
    "he": "אין במסמכים תשובה לשאלה הזאת.",
    "el": "Τα έγγραφα δεν περιέχουν απάντηση σε αυτή την ερώτηση.",
    "th": "ไม่พบข้อมูลที่ตอบคำถามนี้ในเอกสาร",
    "hi": "दस्तावेज़ों में इस प्रश्न का उत्तर नहीं मिला।",
}


def language(question: str) -> str:
    """Return the language of the notices for the question's script; `en` by default."""
    for name, letters in _SCRIPTS.items():
        if letters.search(question):
            return _chinese(question) if name == "han" else name
    return "en"


def _chinese(text: str) -> str:
    """Return `zh-Hans` if a character of the text exists only in the simplified form."""
    return "zh-Hans" if _traditional().convert(text) != text else "zh-Hant"


@cache
def _traditional() -> OpenCC:
    return OpenCC("s2t")
