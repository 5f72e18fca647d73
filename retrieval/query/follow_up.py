"""Follow-up questions: what is searched for a question that refers to earlier ones.

Without a model, a pronoun is replaced by the subject of the user's last message, or that
message is searched together with the question. More than the last one would hide the
question. Measured in docs/benchmarks/answers.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import reduce

from retrieval.context import sentences
from retrieval.index import lexical
from retrieval.llm.base import Message
from retrieval.search.stop_words import STOP_WORDS

MAX_EARLIER = 3
"""Upper bound on the earlier questions that are searched together with a question."""

MAX_EARLIER_CHARS = 600
"""Upper bound on the characters of an earlier message that are searched."""

MAX_SHORT_WORDS = 2
"""Upper bound on the content words of a question that is too short to be understood."""

MAX_SUBJECT_WORDS = 12
"""Upper bound on the words of a message's subject that replaces a pronoun."""

_PRONOUN = re.compile(
    r"\b(?:(?P<possessive>its|his|their|her(?=\s+\w)(?!\s+(?:in|on|at|to|from|and|or)\b))"
    r"|it|he|him|she|her|they|them)\b"
    r"|[它牠祂他她](?!们|們)",
    re.IGNORECASE,
)
"""Pronouns that a subject replaces."""

_PERSON = re.compile(r"he|she|him|her|his|they|them|their|[他她]", re.IGNORECASE)
_WHO = re.compile(
    r"\s*(?:and\s+)?(?:who|whose|whom)\b(?!\s+(?:is|was)\s+(?-i:[A-Z]))|.*[誰谁]",
    re.IGNORECASE,
)
"""A question whose answer, not its subject, is what a pronoun for a person refers to."""

_EXPLETIVE = re.compile(
    r"\bit(?:['’]s|\s+is|\s+was)?\s+(?:(?:takes?|took|costs?)\b(?=.*\b(?:to|for)\b)"
    r"|(?:true|right|correct|possible|necessary|important|safe|legal|allowed|better|best"
    r"|good|bad|ok|okay|easy|hard|difficult|dangerous|normal|common|likely|cheaper"
    r"|worth)\s+(?:to|that|if|for|when)\b)"
    r"|\bwhat time is it\b",
    re.IGNORECASE,
)
"""An "it" that refers to nothing ("Is it true that …")."""

_BOUND = re.compile(
    r"he|she|they|its|itself|his|himself|hers?|herself|theirs?|there|both|each other",
    re.IGNORECASE,
)
"""References that a name before them in the same question explains ("the Beatles' first
album", "Einstein when he was young")."""

_REFERENCE = re.compile(
    r"\b(?:it|its|itself|he|him|his|himself|she|her|hers|herself|they|them|their|theirs"
    r"|this|these|those|there(?!\s+(?:is|are|was|were|any|a)\b)"
    r"|(?:that|the \w+|which|what) ones?|former|latter"
    r"|(?:compare|are|were|of|do|did) both|each other"
    r"|(?:about|of|in|on|for|from|to|with|after|before|by|do|did|does|is|was|why|how|and"
    r"|at|when|where)\s+that(?=\W|$)|that\W*$"
    # German, French, Spanish, Italian, Portuguese, Russian. The German "es" is a Spanish
    # verb, and the French "il" an Italian article.
    r"|er|sie|ihm|ihn|ihr|ihre[mnrs]?|sein|seine[mnrs]?|diese[mnrs]?|dort|da(?:von|zu"
    r"|für|mit|rüber|rum|nach|bei)"
    r"|(?:ist|war|hat|hatte|wird|wurde|kann|kostet|liegt|steht|heißt|soll|muss|darf) es"
    r"|(?<=-)il|(?<=qu['’])il|elle|ils|elles|lui|leurs?|cela|ça|celui-ci|celle-ci|ceux-ci"
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
_ANTECEDENT = re.compile(r"(?<=\S\s)[^\W\d_a-z]\w")
_ARTICLES = frozenset(("the", "a", "an", "my", "our"))
_LINKS = frozenset(("about", "of", "on", "is", "are", "was", "were", *_ARTICLES))
"""Words after which a noun phrase begins."""

_PUNCTUATION = " .,;:!?。？！"
_REQUEST = """
explain describe discuss question questions interested interesting information info talk
talking speak read reading learn learning look looking find search show hi hello ok okay
thanks thank help please something anything everything details
"""
_REQUEST_WORDS = frozenset(_REQUEST.split())
"""Words around the subject of a message, besides stop words."""
_UNSPACED = re.compile(f"[{lexical.UNSPACED}]")
_MAX_SHORT_UNSPACED = 6
"""Upper bound on the characters of such a question in a script without spaces."""


def is_follow_up(question: str) -> bool:
    """Return True if the question can hardly be understood without the one before it.

    It has a pronoun, continues a sentence ("And in 1901?"), or is very short.
    """
    return bool(
        _refers_back(question) or _CONTINUATION.match(question) or _is_short(question)
    )


def _refers_back(question: str) -> bool:
    return any(_references(_REFERENCE, question))


def _references(pattern: re.Pattern[str], question: str) -> Iterator[re.Match[str]]:
    """Yield the pronouns that neither a name before them nor the grammar explains."""
    text = _EXPLETIVE.sub(lambda match: " " * len(match[0]), question)
    for match in pattern.finditer(text):
        bound = _BOUND.fullmatch(match[0])
        if not (bound and _ANTECEDENT.search(text, 0, match.start())):
            yield match


def _is_short(question: str) -> bool:
    if _UNSPACED.search(question):
        return len(lexical.segment(question).split()) < _MAX_SHORT_UNSPACED
    words = lexical.segment(question).split()
    if _NAME.search(question) or len(set(words) - STOP_WORDS) > MAX_SHORT_WORDS:
        return False
    return len(words) <= MAX_SHORT_WORDS or bool(_ENDS_WITH_THE.search(question))


def with_earlier_questions(question: str, history: Sequence[Message]) -> str:
    """Return the text to search: the question, and what it refers to."""
    texts = [question]
    messages = (message.content for message in history if message.role == "user")
    questions = [text for text in messages if not all(map(_is_function, text.split()))]
    for earlier in reversed(questions[-MAX_EARLIER:]):
        if not is_follow_up(texts[0]):
            break
        texts.insert(0, earlier.strip()[:MAX_EARLIER_CHARS])
    return reduce(_combined, texts)


def _combined(earlier: str, question: str) -> str:
    """Return the question with the subject of the earlier text, or both texts.

    After "Who …?", a pronoun for a person refers to the answer.
    """
    subject = _subject(earlier)
    match = next(_references(_PRONOUN, question), None)
    is_answer = match and _PERSON.fullmatch(match[0]) and _WHO.match(earlier)
    if not match or is_answer or not subject:
        return f"{earlier}\n{question}"
    replacement = f"{subject}'s" if match["possessive"] else subject
    return question[: match.start()] + replacement + question[match.end() :]


def _subject(text: str) -> str:
    """Return the name or noun phrase that the text is about; empty if it says more.

    It is what remains without the function words and requests before it, as in "Tell me
    about the Eddystone lighthouse."
    """
    if len(sentences.split(text)) > 1:
        return ""
    words = text.split()
    start = next((i for i, word in enumerate(words) if not _is_function(word)), 0)
    if start and words[start - 1].lower() in _ARTICLES:
        start -= 1
    while words[start:] and words[-1].lower().strip(_PUNCTUATION) in _REQUEST_WORDS:
        del words[-1]
    subject = " ".join(words[start:]).rstrip(_PUNCTUATION)
    is_name = subject[:1].isupper() or (start and words[start - 1].lower() in _LINKS)
    is_short = len(words) - start <= MAX_SUBJECT_WORDS
    return subject if is_name and is_short else ""


def _is_function(word: str) -> bool:
    parts = lexical.segment(word).split()
    return all(part in STOP_WORDS or part in _REQUEST_WORDS for part in parts)
