"""A Cypher query taken apart before it is run: what may stand in it, what it returns.

AGE calls any SQL function that a query names with its schema, and some of its own
reach other graphs. So only functions known to be harmless may be called, and AGE is
handed the tokens that were looked at, without comments, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from graph.age.errors import InvalidCypher

MAX_CHARS = 20_000

# As AGE's scanner has them; what matches none of these is refused.
_TOKEN = re.compile(
    r"""
    (?P<space> \s+ | //[^\n]* | /\*.*?\*/ )
  | (?P<string> '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" )
  | (?P<quoted> `(?:[^`]|``)+` )
  | (?P<number> (?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?\b )
  | (?P<word> [^\W\d](?:\$?\w)*\$? )
  | (?P<parameter> (?<!\$)\$[^\W\d]\w* )
  | (?P<sign> [-()\[\]{}<>=+*%^.,:|!~?] | /(?!\*) )  # `/*` without its end is refused
    """,
    re.VERBOSE | re.DOTALL,
)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REFUSED = frozenset(
    re.findall(r"\w+", "CREATE MERGE SET DELETE DETACH REMOVE CALL LOAD EXPLAIN")
)
_AFTER_RETURN = frozenset(("ORDER", "SKIP", "LIMIT", "UNION"))
_BEFORE_BRACKET = frozenset(
    re.findall(
        r"\w+",
        """ALL AND ANY AS ASC BY CASE CONTAINS DESC DISTINCT ELSE END ENDS EXISTS IN IS LIMIT
    MATCH NONE NOT NULL ON OPTIONAL OR ORDER RETURN SINGLE SKIP STARTS THEN UNION UNWIND
    WHEN WHERE WITH XOR""",
    )
)
_FUNCTIONS = frozenset(
    re.findall(
        r"\w+",
        """abs acos asin atan atan2 avg ceil coalesce collect cos cot count degrees e endnode
    end_id exists exp floor head id isempty keys label labels last left length log log10
    ltrim max min nodes percentilecont percentiledisc pi properties radians rand
    relationships replace reverse right round rtrim sign sin size split sqrt startnode
    start_id stdev stdevp substring sum tail tan timestamp toboolean tobooleanlist tofloat
    tofloatlist tointeger tointegerlist tolower tostring tostringlist toupper trim type""",
    )
)


@dataclass(frozen=True, slots=True)
class CheckedQuery:
    """A query that reads only, and the names of the columns it returns."""

    text: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    depth: int

    @property
    def upper(self) -> str:
        return self.text.upper()


def check(query: str) -> CheckedQuery:
    """`query`, looked through. Raises `InvalidCypher` with what is wrong."""
    if len(query) > MAX_CHARS:
        raise InvalidCypher(f"The query is longer than {MAX_CHARS} characters.")
    if _UNSTORABLE.search(query):
        raise InvalidCypher("The query holds characters that are not text.")
    tokens = list(_tokens(query.strip().removesuffix(";")))
    words = [token for token in tokens if token.kind != "space"]
    for place in range(len(words)):
        _refuse_words(words, place)
        _refuse_functions(words, place)
    return CheckedQuery(_joined(tokens), _columns(words))


def _joined(tokens: Sequence[_Token]) -> str:
    """The tokens as text again, every stretch of space and comments one space."""
    runs = groupby(tokens, key=lambda token: token.kind == "space")
    parts = (" " if space else "".join(t.text for t in run) for space, run in runs)
    return "".join(parts).strip()


def _tokens(query: str) -> Iterator[_Token]:
    place, depth = 0, 0
    while place < len(query):
        match = _TOKEN.match(query, place)
        if match is None:
            raise InvalidCypher(f"Unexpected {query[place]!r} in the query.")
        text = match[0]
        depth -= text in (")", "]", "}")
        yield _Token(str(match.lastgroup), text, depth)
        depth += text in ("(", "[", "{")
        place = match.end()


def _text(tokens: Sequence[_Token], place: int) -> str:
    return tokens[place].text if 0 <= place < len(tokens) else ""


def _is_keyword(tokens: Sequence[_Token], place: int) -> bool:
    """Not a property, a label or the key of a map."""
    before, after = _text(tokens, place - 1), _text(tokens, place + 1)
    is_name = before in (".", ":", "|") or after == ":"
    return tokens[place].kind == "word" and not is_name


def _refuse_words(tokens: Sequence[_Token], place: int) -> None:
    word = tokens[place].upper
    if word in _REFUSED and _is_keyword(tokens, place):
        raise InvalidCypher(f"{word} is not allowed: queries only read.")


def _refuse_functions(tokens: Sequence[_Token], place: int) -> None:
    token = tokens[place]
    called = token.kind in ("word", "quoted") and _text(tokens, place + 1) == "("
    if not called:
        return
    name = token.text.strip("`").lower()
    qualified = _text(tokens, place - 1) == "."
    if not qualified and (
        name in _FUNCTIONS or (token.kind == "word" and token.upper in _BEFORE_BRACKET)
    ):
        return
    raise InvalidCypher(f"The function {name} is not allowed.")


def _columns(tokens: Sequence[_Token]) -> tuple[str, ...]:
    """One name for each item after the first RETURN that stands in no brackets."""
    starts = [
        place
        for place, token in enumerate(tokens)
        if token.depth == 0 and token.upper == "RETURN" and _is_keyword(tokens, place)
    ]
    if not starts:
        raise InvalidCypher("The query has to RETURN something.")
    items: list[list[_Token]] = [[]]
    for place in range(starts[0] + 1, len(tokens)):
        token = tokens[place]
        if token.upper in _AFTER_RETURN and _is_keyword(tokens, place):
            break
        if token.text == "," and token.depth == 0:
            items.append([])
        else:
            items[-1].append(token)
    return tuple(_column(item) for item in items)


def _column(item: Sequence[_Token]) -> str:
    words = item[1:] if item and item[0].upper == "DISTINCT" else item
    if not words or words[0].text == "*":
        raise InvalidCypher("RETURN has to name what it returns.")
    if len(words) > 2 and words[-2].upper == "AS":
        return words[-1].text.strip("`")
    return "".join(
        f" {token.text}" if _needs_space(words, place) else token.text
        for place, token in enumerate(words)
    )


def _needs_space(words: Sequence[_Token], place: int) -> bool:
    wordy = ("word", "number", "string", "quoted", "parameter")
    return place > 0 and words[place].kind in wordy and words[place - 1].kind in wordy
