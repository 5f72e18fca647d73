from __future__ import annotations

import pytest

from retrieval.search.params import MAX_QUESTION_CHARS, QueryParams, QuestionTooLong


def test_a_question_over_the_limit_names_the_limit() -> None:
    QueryParams("x" * MAX_QUESTION_CHARS)
    with pytest.raises(QuestionTooLong, match=r"65537 characters; the limit is 65536"):
        QueryParams("x" * (MAX_QUESTION_CHARS + 1))
