"""Validation of Cypher queries, and the names of their columns.

AGE calls any SQL function that a query names with its schema, and some functions of AGE
read other graphs. So only listed functions are allowed, and the query that AGE gets is
built from the checked tokens, without comments.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from graph.age.errors import InvalidCypher

MAX_CHARS = 20_000
MAX_GROWTH = 10_000
"""Upper bound on how often a chain of WITH clauses may repeat an expression.

PostgreSQL's planner copies what a name stands for to each use of the name, so
`WITH x + x AS x` twenty times would be a million copies, which it does not interrupt.
"""

# The tokens of AGE's scanner; everything else is refused.
_TOKEN = re.compile(
    r"""
    (?P<space> \s+ | //[^\n]* | /\*.*?\*/ )
  | (?P<string> '[^'\\]*+(?:\\.[^'\\]*+)*+' | "[^"\\]*+(?:\\.[^"\\]*+)*+" )
  | (?P<quoted> `(?:[^`]|``)+` )
  | (?P<number> (?:\d++(?:\.\d++|\.(?!\.))?|\.\d++)(?:(?:[eE][+-]?\d++)?\b|(?<=\.)) )
  | (?P<word> [^\W\d](?:\$?\w)*\$? )
  | (?P<parameter> (?<!\$)\$[^\W\d]\w* )
  | (?P<sign> [-()\[\]{}<>=+*%^.,:|!~?] | /(?!\*) )  # an unclosed `/*` is refused
    """,
    re.VERBOSE | re.DOTALL,
)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REFUSED_KEYWORDS = frozenset(
    re.findall(r"\w+", "CREATE MERGE SET DELETE DETACH REMOVE CALL LOAD EXPLAIN")
)
_AFTER_RETURN = frozenset(("ORDER", "SKIP", "LIMIT", "UNION"))
_ALLOWED_BEFORE_BRACKET = frozenset(
    re.findall(
        r"\w+",
        """ALL AND ANY AS ASC BY CASE CONTAINS DESC DISTINCT ELSE END ENDS EXISTS IN IS LIMIT
    MATCH NONE NOT NULL ON OPTIONAL OR ORDER RETURN SINGLE SKIP STARTS THEN UNION UNWIND
    WHEN WHERE WITH XOR""",
    )
)
_ALLOWED_FUNCTIONS = frozenset(
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
    """A read-only query and the names of its columns."""

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
    """Return the checked query. Raises `InvalidCypher`."""
    if len(query) > MAX_CHARS:
        raise InvalidCypher(f"The query is longer than {MAX_CHARS} characters.")
    if _UNSTORABLE.search(query):
        raise InvalidCypher("The query contains invalid characters.")
    tokens = list(_tokens(query.strip().removesuffix(";")))
    words = [token for token in tokens if token.kind != "space"]
    for i in range(len(words)):
        _refuse_words(words, i)
        _refuse_functions(words, i)
    _refuse_growth(words)
    return CheckedQuery(_joined(tokens), _columns(words))


def _joined(tokens: Sequence[_Token]) -> str:
    """Return the tokens as text; each run of spaces and comments becomes one space."""
    runs = groupby(tokens, key=lambda token: token.kind == "space")
    parts = (" " if space else "".join(t.text for t in run) for space, run in runs)
    return "".join(parts).strip()


def _tokens(query: str) -> Iterator[_Token]:
    position, depth = 0, 0
    while position < len(query):
        match = _TOKEN.match(query, position)
        if match is None:
            raise InvalidCypher(f"Unexpected {query[position]!r} in the query.")
        text = match[0]
        depth -= text in (")", "]", "}")
        yield _Token(str(match.lastgroup), text, depth)
        depth += text in ("(", "[", "{")
        position = match.end()


def _text(tokens: Sequence[_Token], position: int) -> str:
    return tokens[position].text if 0 <= position < len(tokens) else ""


def _is_keyword(tokens: Sequence[_Token], position: int) -> bool:
    """Return whether the word is not a property, a label or the key of a map."""
    before, after = _text(tokens, position - 1), _text(tokens, position + 1)
    is_name = before in (".", ":", "|") or after == ":"
    return tokens[position].kind == "word" and not is_name


def _refuse_words(tokens: Sequence[_Token], position: int) -> None:
    word = tokens[position].upper
    if word in _REFUSED_KEYWORDS and _is_keyword(tokens, position):
        raise InvalidCypher(f"{word} is not allowed. Queries are read-only.")


def _refuse_growth(tokens: Sequence[_Token]) -> None:
    starts = [
        position
        for position, token in enumerate(tokens)
        if token.upper in ("WITH", "RETURN")
        and _is_keyword(tokens, position)
        and _text(tokens, position - 1).upper() not in ("STARTS", "ENDS")
    ]
    growth = 1
    for start, end in pairwise([*starts, len(tokens)]):
        names = Counter(
            tokens[position].text.strip("`")
            for position in range(start + 1, end)
            if tokens[position].kind in ("word", "quoted")
            and tokens[position].upper not in _ALLOWED_BEFORE_BRACKET
            and _text(tokens, position - 1) not in (".", ":")
            and _text(tokens, position - 1).upper() != "AS"
        )
        growth *= max(names.values(), default=1)
        if growth > MAX_GROWTH:
            raise InvalidCypher("The query is too complex: use names less often.")


def _refuse_functions(tokens: Sequence[_Token], position: int) -> None:
    token = tokens[position]
    called = token.kind in ("word", "quoted") and _text(tokens, position + 1) == "("
    if not called:
        return
    name = token.text.strip("`").lower()
    qualified = _text(tokens, position - 1) == "."
    if not qualified and (
        name in _ALLOWED_FUNCTIONS
        or (token.kind == "word" and token.upper in _ALLOWED_BEFORE_BRACKET)
    ):
        return
    raise InvalidCypher(f"The function '{name}' is not allowed.")


def _columns(tokens: Sequence[_Token]) -> tuple[str, ...]:
    """Return a name for each item after the first RETURN outside brackets."""
    starts = [
        position
        for position, token in enumerate(tokens)
        if token.depth == 0
        and token.upper == "RETURN"
        and _is_keyword(tokens, position)
    ]
    if not starts:
        raise InvalidCypher("The query must have a RETURN clause.")
    items: list[list[_Token]] = [[]]
    for position in range(starts[0] + 1, len(tokens)):
        token = tokens[position]
        if token.upper in _AFTER_RETURN and _is_keyword(tokens, position):
            break
        if token.text == "," and token.depth == 0:
            items.append([])
        else:
            items[-1].append(token)
    return tuple(_column(item) for item in items)


def _column(item: Sequence[_Token]) -> str:
    words = item[1:] if item and item[0].upper == "DISTINCT" else item
    if not words or words[0].text == "*":
        raise InvalidCypher("RETURN must name its columns.")
    if len(words) > 2 and words[-2].upper == "AS":
        return words[-1].text.strip("`")
    return "".join(
        f" {token.text}" if _needs_space(words, position) else token.text
        for position, token in enumerate(words)
    )


def _needs_space(words: Sequence[_Token], position: int) -> bool:
    wordy = ("word", "number", "string", "quoted", "parameter")
    return (
        position > 0
        and words[position].kind in wordy
        and words[position - 1].kind in wordy
    )
