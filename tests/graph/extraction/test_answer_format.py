"""Tests of parsing a model's answer."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.extraction import answer_format, collect
from graph.extraction.records import EntityRecord, Extraction, RelationRecord
from graph.models import UNKNOWN_TYPE
from retrieval.llm.errors import BadAnswer

CURIE = EntityRecord("Marie Curie", "person", "A physicist.")
RADIUM = EntityRecord("Radium", "naturalobject", "An element.")
DISCOVERED = RelationRecord(
    "Marie Curie", "Radium", "discovery,chemistry", "She found it."
)
ANSWER = {
    "entities": [
        {"name": "Marie Curie", "type": "Person", "description": "A physicist."},
        {"name": '"Radium"', "type": "Natural Object", "description": "An element."},
    ],
    "relationships": [
        {
            "source": "Marie Curie",
            "target": "Radium",
            "keywords": "discovery, chemistry",
            "description": "She found it.",
        }
    ],
}
DELIMITED = """\
entity<|#|>Marie Curie<|#|>Person<|#|>A physicist.
entity<|#|>Radium<|#|>Natural Object<|#|>An element.
relation<|#|>Marie Curie<|#|>Radium<|#|>discovery, chemistry<|#|>She found it.
<|COMPLETE|>"""


@pytest.mark.parametrize(
    "answer",
    [
        json.dumps(ANSWER),
        f"Here you are:\n```json\n{json.dumps(ANSWER, indent=1)}\n```",
        json.dumps(ANSWER)[:-2],
        json.dumps(
            {"entities": ANSWER["entities"], "relations": ANSWER["relationships"]}
        ),
        DELIMITED,
        DELIMITED.replace("relation<", "entity<").replace("<|COMPLETE|>", ""),
    ],
    ids=["json", "fenced", "cut off", "other names", "delimited", "astray"],
)
def test_answers_in_several_formats_are_parsed(answer: str) -> None:
    assert answer_format.read(answer) == Extraction((CURIE, RADIUM), (DISCOVERED,))


@pytest.mark.parametrize(
    "value",
    [
        {"result": ANSWER},
        {"Entities": ANSWER["entities"], "Relationships": ANSWER["relationships"]},
        [*ANSWER["entities"], *ANSWER["relationships"]],
        {
            "nodes": [
                {"entity": "Marie Curie", "category": "Person", "desc": "A physicist."},
                {
                    "entity": "Radium",
                    "category": "NaturalObject",
                    "desc": "An element.",
                },
            ],
            "edges": [
                {
                    "from": "Marie Curie",
                    "to": "Radium",
                    "predicate": "discovery, chemistry",
                    "description": "She found it.",
                }
            ],
        },
        {
            "entities": {
                "Marie Curie": {"type": "Person", "description": "A physicist."},
                "Radium": {"type": "NaturalObject", "description": "An element."},
            },
            "relations": ANSWER["relationships"],
        },
    ],
)
def test_other_shapes_and_names_are_parsed(value: object) -> None:
    for prefix in ("", "<thinking>{}</thinking>"):
        extraction = answer_format.read(prefix + json.dumps(value))
        assert extraction == Extraction((CURIE, RADIUM), (DISCOVERED,))


def test_records_without_readable_fields_are_a_bad_answer() -> None:
    with pytest.raises(BadAnswer, match="fields are: foo"):
        answer_format.read('{"entities": [{"foo": "x"}]}')


@pytest.mark.parametrize("mark", ["<|#|>", "</think>", "<|COMPLETE|>", "```", "##"])
def test_a_mark_in_a_description_is_data(mark: str) -> None:
    entity = {"name": "A", "type": "Other", "description": f"It uses {mark} as a mark."}
    extraction = answer_format.read(
        json.dumps({"entities": [entity], "relationships": []})
    )
    assert extraction.entities[0].description == f"It uses {mark} as a mark."


def test_the_record_in_which_an_answer_was_cut_off_is_left_out() -> None:
    whole = json.dumps(ANSWER)
    assert answer_format.read(whole, truncated=True) == answer_format.read(whole)
    extraction = answer_format.read(whole[: whole.index("She found")], truncated=True)
    assert extraction == Extraction((CURIE, RADIUM))
    extraction = answer_format.read(whole[: whole.index("An elem")], truncated=True)
    assert extraction == Extraction((CURIE,))


@pytest.mark.parametrize(
    ("strength", "weight"),
    [(10, 2.0), ("5", 1.0), (None, 1.0), ("high", 1.0), (99, 2.0)],
)
def test_the_strength_of_a_relation_is_its_weight(
    strength: object, weight: float
) -> None:
    relation = {
        "source": "A",
        "target": "B",
        "description": "So.",
        "strength": strength,
    }
    (record,) = answer_format.read(json.dumps({"relations": [relation]})).relations
    assert record.weight == weight


def test_an_exact_name_has_precedence_over_another_case() -> None:
    entities = [
        {"name": name, "type": "Other", "description": "It."}
        for name in ("US", "us", "Oven")
    ]
    relation = {"source": "us", "target": "oven", "description": "So."}
    extraction = answer_format.read(
        json.dumps({"entities": entities, "relationships": [relation]})
    )
    assert (extraction.relations[0].source, extraction.relations[0].target) == (
        "us",
        "Oven",
    )


@pytest.mark.parametrize("answer", ["", "I cannot do that.", "[1, 2]", '{"a": 1}'])
def test_an_answer_in_another_format_is_a_bad_answer(answer: str) -> None:
    with pytest.raises(BadAnswer):
        answer_format.read(answer)


def test_an_empty_extraction_is_valid() -> None:
    answer = '{"entities": [], "relationships": []}'
    assert answer_format.read(answer) == Extraction()


def test_invalid_records_are_skipped() -> None:
    answer = {
        "entities": [
            "Marie Curie",
            {"name": "Marie Curie", "type": None, "description": "A physicist."},
            {"name": "Silent", "type": "Person", "description": "  "},
            {"name": "", "type": "Person", "description": "Nobody."},
        ],
        "relationships": [
            {"source": "A", "target": "A", "description": "Itself."},
            {"source": "A", "target": "", "description": "Nobody."},
            {"source": "A", "target": "B"},
            {"source": "A", "target": "B", "keywords": ["x", 1], "description": "So."},
        ],
    }
    assert answer_format.read(json.dumps(answer)) == Extraction(
        (EntityRecord("Marie Curie", UNKNOWN_TYPE, "A physicist."),),
        (RelationRecord("A", "B", "x,1", "So."),),
    )


def test_records_of_one_name_or_pair_are_combined() -> None:
    extraction = collect.collect(
        [CURIE, EntityRecord("Marie Curie", "person", "Born in Warsaw.")],
        [
            RelationRecord("Radium", "MARIE CURIE", "element", "Named by her."),
            RelationRecord("Marie Curie", "Radium", "element,ray", "Named by her."),
        ],
    )
    assert extraction == Extraction(
        (EntityRecord("Marie Curie", "person", "A physicist. Born in Warsaw."),),
        (RelationRecord("Radium", "Marie Curie", "element,ray", "Named by her.", 2.0),),
    )


def test_gleaning_adds_names_and_keeps_the_longer_description() -> None:
    longer = EntityRecord("Radium", "naturalobject", "A radioactive element.")
    first = Extraction((CURIE, RADIUM), (DISCOVERED,))
    second = Extraction((longer, EntityRecord("Paris", "location", "A city.")))
    assert collect.gleaned(first, second) == Extraction(
        (CURIE, longer, EntityRecord("Paris", "location", "A city.")), (DISCOVERED,)
    )


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    st.lists(st.builds(collect.entity, texts, texts, texts)),
    st.lists(st.builds(collect.relation, texts, texts, texts, texts)),
)
def test_extractions_are_stored_without_loss_or_duplicates(
    entities: list[EntityRecord], relations: list[RelationRecord]
) -> None:
    extraction = collect.collect(entities, relations)
    stored = json.loads(json.dumps(answer_format.to_json(extraction)))
    assert answer_format.from_json(stored) == extraction
    assert len({e.name for e in extraction.entities}) == len(extraction.entities)
    pairs = {frozenset((r.source, r.target)) for r in extraction.relations}
    assert len(pairs) == len(extraction.relations)
    assert all(len(pair) == 2 for pair in pairs)


@given(st.text() | st.from_regex(r'\{"entities":.*', fullmatch=True))
def test_any_text_is_an_extraction_or_a_bad_answer(answer: str) -> None:
    try:
        extraction = answer_format.read(answer)
    except BadAnswer:
        return
    assert isinstance(extraction, Extraction)
