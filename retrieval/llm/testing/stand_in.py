"""Deterministic answers of the stand-in models, made by rules."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import PIL.Image

from retrieval.llm.base import ChatRequest, MessageImage, Tool, ToolCall

_TAGGED = re.compile(r"<(\w+)>\n?(.*?)\n?</\1>", re.DOTALL)
_FENCED = re.compile(r"^(`{3,})\w*\n(.*?)\n\1", re.DOTALL | re.MULTILINE)
_SENTENCE = re.compile(r"[^.!?。！？\n]+(?:[.!?](?=\S)[^.!?。！？\n]+)*[.!?。！？]?")
_NAME = re.compile(
    r"[A-Z][\w-]*(?: [A-Z][\w-]*)*|[《「『]([^》」』]{1,20})[》」』]|[\u3400-\u9fff]{2,6}"
)
_WORD = re.compile(r"[^\W\u3400-\u9fff]+|[\u3400-\u9fff]")
_COMMON = frozenset(
    re.findall(
        r"\w+",
        """a an and are as at be by can did do does for from had has have he her his how i
        if in is it its may no not of on or she so some such that the their them then there
        these they this those to was we were what when where which who why will with you
        your question answer context text""",
    )
)
_PIECE = re.compile(r"\S*\s+|\S+")
_MAX_ENTITIES = 40
_COLOURS = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "grey": (128, 128, 128),
    "red": (220, 30, 30),
    "green": (30, 160, 60),
    "blue": (30, 60, 220),
    "yellow": (240, 220, 40),
    "orange": (240, 140, 30),
    "purple": (130, 40, 160),
}
_MAX_QUESTION_CHARS = 4_000
"""Characters of a question that the stand-in reads: it runs in the event loop, and a real
model in another process."""


def words(text: str) -> list[str]:
    """Return the words in lower case; in Chinese, each character."""
    return _WORD.findall(text.lower())


def pieces(text: str) -> list[str]:
    """Return the words with the space after them: the pieces of a stream."""
    return _PIECE.findall(text)


def sentences(text: str) -> list[str]:
    """Return the sentences of `text`, in order."""
    return [text for part in _SENTENCE.findall(text) if (text := part.strip())]


def question(request: ChatRequest) -> str:
    """Return the last user message, or the marked data in it."""
    message = next(
        (m.content for m in reversed(request.messages) if m.role == "user"), ""
    )
    marked = [match[1] for match in _TAGGED.findall(message)]
    marked += [match[1] for match in _FENCED.findall(message)]
    return shortened(max(marked, key=len, default=message))


def shortened(text: str) -> str:
    """Return the start of a question that the stand-ins read."""
    return text[:_MAX_QUESTION_CHARS]


def extraction(text: str) -> str:
    """Return JSON: capitalised words as entities, neighbours in a sentence as relations."""
    described: dict[str, str] = {}
    related: dict[tuple[str, str], str] = {}
    for sentence in sentences(text):
        names = [name for name in _names(sentence) if _has_room(described, name)]
        for name in names:
            described.setdefault(name, sentence)
        for pair in pairwise(names):
            related.setdefault(pair, sentence)
    return json.dumps(
        {
            "entities": [_entity(*item) for item in described.items()],
            "relationships": [_relation(*item) for item in related.items()],
        },
        ensure_ascii=False,
    )


def _has_room(described: dict[str, str], name: str) -> bool:
    return name in described or len(described) < _MAX_ENTITIES


def _names(sentence: str) -> Iterator[str]:
    seen = set()
    for match in _NAME.finditer(sentence):
        name = match[1] or match[0]
        if name.lower() not in _COMMON and name not in seen:
            seen.add(name)
            yield name


def _entity(name: str, sentence: str) -> dict[str, str]:
    return {"name": name, "type": "Concept", "description": sentence}


def _relation(pair: tuple[str, str], sentence: str) -> dict[str, str]:
    return {
        "source": pair[0],
        "target": pair[1],
        "keywords": "mentioned together",
        "description": sentence,
    }


def keywords(text: str) -> str:
    """Return JSON: the question's uncommon words as keywords."""
    uncommon = [*dict.fromkeys(word for word in words(text) if word not in _COMMON)]
    result: dict[str, Any] = {
        "high_level_keywords": [" ".join(uncommon)] if uncommon else [],
        "low_level_keywords": uncommon[:10],
    }
    return json.dumps(result, ensure_ascii=False)


def quotation(request: ChatRequest) -> str:
    """Quote the sentence of the prompt that shares most words with the question."""
    text = question(request)
    others = (m.content for m in request.messages if not m.content.endswith(text))
    candidates = (
        sentence
        for other in others
        for line in _texts(other)
        for sentence in sentences(line)
    )
    best = _most_similar(text, candidates)
    if not best:
        best = next(iter(sentences(text)), "the question is empty")
    return f"According to the context: {best}"


def summary(statements: Iterable[str]) -> str:
    """Return the first sentence of each statement."""
    firsts = (next(iter(sentences(text)), "") for text in statements)
    return " ".join(dict.fromkeys(filter(None, firsts)))


def _looks(image: MessageImage) -> str:
    """Describe an image by its size and its most frequent colour."""
    with PIL.Image.open(io.BytesIO(image.content)) as file:
        pixels = file.convert("RGB").resize((32, 32)).tobytes()
        colours = Counter(zip(*[iter(pixels)] * 3, strict=True))
        colour, _ = colours.most_common(1)[0]
        nearest = min(_COLOURS, key=lambda name: _distance(_COLOURS[name], colour))
        return f"An image of {file.width} by {file.height} pixels, mostly {nearest}."


def _distance(first: Sequence[int], second: Sequence[int]) -> int:
    return sum((a - b) ** 2 for a, b in zip(first, second, strict=True))


def _statements(text: str) -> list[str]:
    """Return the lines of a prompt that are JSON strings."""
    return [v for v in map(_value, text.splitlines()) if isinstance(v, str)]


def _texts(prompt: str) -> Iterator[str]:
    """Yield the lines of a prompt; of a JSON object, its content or description."""
    for line in prompt.splitlines():
        value = _value(line)
        if isinstance(value, dict):
            yield str(value.get("content") or value.get("description") or "")
        else:
            yield line


def _value(line: str) -> Any:
    if not line.startswith(("{", '"')):
        return None
    try:
        return json.loads(line)
    except ValueError:
        return None


def _most_similar(text: str, candidates: Iterable[str]) -> str:
    uncommon = set(words(text)) - _COMMON
    best, most = "", 0
    for candidate in candidates:
        shared = len(uncommon.intersection(words(candidate)))
        if shared > most:
            best, most = candidate, shared
    return best


def tool_calls(request: ChatRequest) -> tuple[ToolCall, ...]:
    """Call the first tool whose name's words are all in the question, once per question.

    The question is passed in every string parameter.
    """
    if not request.tools or request.messages[-1].role == "tool":
        return ()
    text = question(request)
    if request.options.get("tool_choice") == "required":
        return (_call(request.tools[0], text),)
    present = set(words(text))
    matches = [tool for tool in request.tools if present.issuperset(_name_words(tool))]
    return tuple(_call(tool, text) for tool in matches[:1])


def _name_words(tool: Tool) -> list[str]:
    return words(tool.name.replace("_", " "))


def _call(tool: Tool, text: str) -> ToolCall:
    properties: dict[str, dict[str, Any]] = tool.parameters.get("properties", {})
    strings = [name for name, p in properties.items() if p.get("type") == "string"]
    arguments = json.dumps(dict.fromkeys(strings, text), ensure_ascii=False)
    return ToolCall(f"call_{tool.name}", tool.name, arguments)


def answer(request: ChatRequest) -> str:
    """Return the answer to `request`, by the name of its JSON schema."""
    schema = request.json_schema.name if request.json_schema else ""
    images = [image for message in request.messages for image in message.images]
    if images:
        return " ".join(map(_looks, images))
    if schema == "extraction":
        return extraction(question(request))
    if schema == "keywords":
        return keywords(question(request))
    statements = _statements(request.messages[-1].content) if request.messages else []
    return summary(statements) if statements else quotation(request)
