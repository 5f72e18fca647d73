"""Follow-up questions: what is searched for a question that refers to earlier ones. Pure.

Without a model, the user's last message is searched together with the question. More
than the last one would hide the question: measured in docs/benchmarks/answers.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.index import lexical
from retrieval.llm.base import Message
from retrieval.search.stop_words import STOP_WORDS

MAX_EARLIER = 3
"""Upper bound on the earlier questions that are searched together with a question."""

MAX_EARLIER_CHARS = 600
"""Upper bound on the characters of an earlier message that are searched."""

MAX_SHORT_WORDS = 2
"""Upper bound on the content words of a question that is too short to be understood."""

_REFERENCE = re.compile(
    r"\b(?:it|its|itself|he|him|his|himself|she|her|hers|herself|they|them|their|theirs"
    r"|this|these|those|there|(?:that|the \w+|which|what) ones?|former|latter"
    r"|(?:compare|are|were|of|do|did) both|each other"
    r"|(?:about|of|in|on|for|from|to|with|after|before|by|do|did|does|is|was|why|how|and"
    r"|at|when|where)\s+that(?=\W|$)|that\W*$"
    # German, French, Spanish, Italian, Portuguese, Russian
    r"|er|sie|es|ihm|ihn|ihr|ihre[mnrs]?|sein|seine[mnrs]?|diese[mnrs]?|dort|da(?:von|zu"
    r"|für|mit|rüber|rum|nach|bei)"
    r"|il|elle|ils|elles|lui|leurs?|cela|ça|celui-ci|celle-ci|ceux-ci"
    r"|él|ella|ellos|ellas|eso|esto|es[ea]|su|sus|allí"
    r"|lui|lei|loro|questo|quello|suo|sua|ele|ela|eles|elas|isso|dele|dela"
    r"|он|она|оно|они|его|её|ее|им|их|ему|ней|нём|нем|это|этот|эта|там)\b"
    # Chinese, Japanese, Korean
    r"|[它他她牠祂這这](?!地)|那(?=個|个|些|裡|里|邊|边|麼|么|時|时|年|位|次|他|她|它|是|有)"
    r"|其(?![他中實实餘余次])|前者|後者|后者|上述|該|该"
    r"|それ|これ|あれ|その|この|彼|そこ|ここ"
    r"|그것|그는|그가|그의|그녀|이것|거기|그들",
    re.IGNORECASE,
)
_CONTINUATION = re.compile(
    r"\s*(?:and|but|or|so|also|then|what about|how about|what else|anything else"
    r"|more|tell me more|go on|continue|explain|elaborate|und|aber|mehr|et|mais|y|pero|e"
    r"|ma|а|и|но)\b"
    r"|\s*(?:why|why not|how so|how come|warum|wieso|pourquoi|почему)\W*$"
    r"|\s*(?:那|還有|还有|另外|為什麼|为什么|為何|为何|然後|然后|繼續|继续|なぜ|どうして|왜)"
    r"|.{0,40}呢[？?]?\s*$",
    re.IGNORECASE,
)
_ENDS_WITH_THE = re.compile(r"\bthe(?:\s\w+){1,2}\W*$", re.IGNORECASE)
_NAME = re.compile(r"(?<=\S\s)[^\W\d_a-z]\w|\d")
_UNSPACED = re.compile(f"[{lexical.UNSPACED}]")
_MAX_SHORT_UNSPACED = 6
"""Upper bound on the characters of such a question in a script without spaces."""


def is_follow_up(question: str) -> bool:
    """Return True if the question can hardly be understood without the one before it.

    It has a pronoun, continues a sentence ("And in 1901?"), or is very short.
    """
    return bool(
        _REFERENCE.search(question)
        or _CONTINUATION.match(question)
        or _is_short(question)
    )


def _is_short(question: str) -> bool:
    if _UNSPACED.search(question):
        return len(lexical.segment(question).split()) < _MAX_SHORT_UNSPACED
    words = lexical.segment(question).split()
    if _NAME.search(question) or len(set(words) - STOP_WORDS) > MAX_SHORT_WORDS:
        return False
    return len(words) <= MAX_SHORT_WORDS or bool(_ENDS_WITH_THE.search(question))


def with_earlier_questions(question: str, history: Sequence[Message]) -> str:
    """Return the text to search: earlier questions that it refers to, and the question."""
    texts = [question]
    questions = [message.content for message in history if message.role == "user"]
    for earlier in reversed(questions[-MAX_EARLIER:]):
        if not is_follow_up(texts[0]):
            break
        texts.insert(0, earlier.strip()[:MAX_EARLIER_CHARS])
    return "\n".join(text for text in texts if text)
