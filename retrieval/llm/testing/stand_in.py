"""What the stand-in models answer: rules instead of understanding, always the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from retrieval.llm.base import ChatRequest, Tool, ToolCall

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


def words(text: str) -> list[str]:
    """Lower-case words; of Chinese each character."""
    return _WORD.findall(text.lower())


def pieces(text: str) -> list[str]:
    """Words with the space after them: what a stream consists of."""
    return _PIECE.findall(text)


def sentences(text: str) -> list[str]:
    """The sentences of `text`, in order."""
    return [found for part in _SENTENCE.findall(text) if (found := part.strip())]


def question(request: ChatRequest) -> str:
    """The last user message; of a prompt with marked data, the data."""
    asked = next(
        (m.content for m in reversed(request.messages) if m.role == "user"), ""
    )
    marked = [match[1] for match in _TAGGED.findall(asked)]
    marked += [match[1] for match in _FENCED.findall(asked)]
    return max(marked, key=len, default=asked)


def extraction(text: str) -> str:
    """Capitalised words as entities, neighbours in a sentence as relations (JSON)."""
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


def keywords(asked: str) -> str:
    """The question's telling words, names and long words first as low-level (JSON)."""
    telling = [*dict.fromkeys(word for word in words(asked) if word not in _COMMON)]
    found: dict[str, Any] = {
        "high_level_keywords": [" ".join(telling)] if telling else [],
        "low_level_keywords": telling[:10],
    }
    return json.dumps(found, ensure_ascii=False)


def quotation(request: ChatRequest) -> str:
    """The sentence of all that was sent which shares most words with the question."""
    asked = question(request)
    sent = (m.content for m in request.messages if not m.content.endswith(asked))
    candidates = (s for text in sent for line in _texts(text) for s in sentences(line))
    best = _nearest(asked, candidates)
    if not best:
        best = next(iter(sentences(asked)), "nothing was asked")
    return f"According to the context: {best}"


def summary(statements: Iterable[str]) -> str:
    """The first sentence of each statement."""
    firsts = (next(iter(sentences(text)), "") for text in statements)
    return " ".join(dict.fromkeys(filter(None, firsts)))


def _statements(text: str) -> list[str]:
    """The lines of a prompt that are JSON strings."""
    return [v for v in map(_value, text.splitlines()) if isinstance(v, str)]


def _texts(prompt: str) -> Iterator[str]:
    """A prompt's lines; of one that is a JSON object what it says."""
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


def _nearest(asked: str, candidates: Iterable[str]) -> str:
    wanted = set(words(asked)) - _COMMON
    best, most = "", 0
    for candidate in candidates:
        shared = len(wanted.intersection(words(candidate)))
        if shared > most:
            best, most = candidate, shared
    return best


def tool_calls(request: ChatRequest) -> tuple[ToolCall, ...]:
    """The first tool whose name's words are all in the question, once per question.

    Its arguments are the question, in every string parameter.
    """
    if not request.tools or request.messages[-1].role == "tool":
        return ()
    asked = question(request)
    if request.options.get("tool_choice") == "required":
        return (_call(request.tools[0], asked),)
    said = set(words(asked))
    wanted = (tool for tool in request.tools if said.issuperset(_name_words(tool)))
    return tuple(_call(tool, asked) for tool in list(wanted)[:1])


def _name_words(tool: Tool) -> list[str]:
    return words(tool.name.replace("_", " "))


def _call(tool: Tool, asked: str) -> ToolCall:
    named: dict[str, dict[str, Any]] = tool.parameters.get("properties", {})
    texts = [name for name, kind in named.items() if kind.get("type") == "string"]
    arguments = json.dumps(dict.fromkeys(texts, asked), ensure_ascii=False)
    return ToolCall(f"call_{tool.name}", tool.name, arguments)


def answer(request: ChatRequest) -> str:
    """What a stand-in says to `request`, by the name of the shape it asks for."""
    shape = request.json_schema.name if request.json_schema else ""
    if shape == "extraction":
        return extraction(question(request))
    if shape == "keywords":
        return keywords(question(request))
    statements = _statements(request.messages[-1].content) if request.messages else []
    return summary(statements) if statements else quotation(request)
