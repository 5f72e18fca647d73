"""A conversation as Markdown or JSON, with the names of its sources."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from compat_api.conversations import store
from compat_api.models import Conversation

Values = dict[str, Any]


def as_json(conversation: Conversation) -> str:
    """Return the title, questions, answers and sources as JSON."""
    turns = [_turn(turn) for turn in store.contents(conversation)]
    values = {"title": conversation.title, "turns": turns}
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def as_markdown(conversation: Conversation) -> str:
    """Return the conversation as one Markdown document."""
    lines = [f"# {conversation.title}", ""]
    for turn in map(_turn, store.contents(conversation)):
        lines += [f"## {turn['question']}", ""]
        for answer in turn["answers"]:
            lines += _answer_lines(answer, named=len(turn["answers"]) > 1)
    return "\n".join(lines)


def _turn(turn: Values) -> Values:
    return {
        "question": turn["question"],
        "scope": turn["scope"],
        "answers": [_answer(answer) for answer in turn["answers"]],
    }


def _answer(answer: Values) -> Values:
    line = answer["line"]
    return {
        "mode": answer["mode"],
        "state": answer["state"],
        "text": line.get("done", {}).get("text", ""),
        "sources": [
            {"id": reference["id"], "name": reference["name"]}
            for reference in line["references"]
        ],
    }


def _answer_lines(answer: Values, *, named: bool) -> Iterator[str]:
    if named:
        yield from (f"### {answer['mode']}", "")
    yield from (answer["text"] or f"({answer['state']})", "")
    yield from _source_lines(answer["sources"])


def _source_lines(sources: Sequence[Values]) -> Iterator[str]:
    if sources:
        yield from (f"[{source['id']}] {source['name']}  " for source in sources)
        yield ""
