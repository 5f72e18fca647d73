"""Tests that an invalid file is refused with line and field, and nothing is written."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import pytest

from documents.models import Workspace
from graph.interchange import import_graph
from graph.interchange.formats import FORMATS
from graph.interchange.rows import InvalidGraphFile
from graph.models import Entity, EntityAlias, Relation
from tests import library
from tests.documents import make_files

GRAPHML = (
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    '<key id="w" for="edge" attr.name="weight" attr.type="double"/>\n<graph>\n'
)
BOMB = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10)
)


def refused(
    workspace: Workspace, kind: str, data: bytes, *, replace: bool = False
) -> str:
    before = (
        Entity.objects.count(),
        Relation.objects.count(),
        EntityAlias.objects.count(),
    )
    with pytest.raises(InvalidGraphFile) as error:
        graph = FORMATS[kind].read(io.BytesIO(data))
        import_graph.run(workspace.pk, graph, replace=replace)
    assert before == (
        Entity.objects.count(),
        Relation.objects.count(),
        EntityAlias.objects.count(),
    )
    return str(error.value)


def of_lines(*values: Any) -> bytes:
    return "\n".join(json.dumps(value) for value in values).encode()


GOOD = {"node": "Good"}
EDGE = {"source": "Good", "target": "Other"}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([GOOD, {"node": ""}], "Line 2, field 'name': '' is not a name"),
        ([GOOD, {"node": 3}], "Line 2, field 'name': not a text"),
        ([GOOD, 3], "Line 2: neither a node nor an edge"),
        ([GOOD, GOOD], "Line 2, field 'name': 'Good' is a duplicate"),
        ([GOOD, {"node": "\uff27ood"}], "Line 2, field 'name': 'Good' is a duplicate"),
        ([GOOD, EDGE], "Line 2, field 'target': there is no entity 'Other'"),
        (
            [GOOD, EDGE | {"target": "Good"}],
            "Line 2, field 'target': a relation needs two entities",
        ),
        (
            [GOOD, {"node": "Other"}, EDGE, {"source": "Other", "target": "Good"}],
            "Line 4, field 'target': the relation to 'Good' is a duplicate",
        ),
        (
            [EDGE | {"weight": "heavy"}],
            "Line 1, field 'weight': 'heavy' is not a non-negative number",
        ),
        (
            [EDGE | {"weight": -1}],
            "Line 1, field 'weight': '-1' is not a non-negative number",
        ),
        (
            [EDGE | {"weight": True}],
            "Line 1, field 'weight': 'True' is not a non-negative number",
        ),
        ([GOOD | {"aliases": "A"}], "Line 1, field 'aliases': not a list of names"),
        (
            [GOOD, {"node": "B", "aliases": ["Good"]}],
            "Line 2, field 'aliases': 'Good' is the name of another node",
        ),
        (
            [GOOD | {"aliases": ["X"]}, {"node": "B", "aliases": ["X"]}],
            "Line 2, field 'aliases': 'X' is a duplicate",
        ),
        (
            [GOOD | {"entity_type": "x" * 129}],
            "Line 1, field 'entity_type': longer than 128 characters",
        ),
    ],
)
def test_a_bad_line_is_named(workspace: Workspace, lines: Any, message: str) -> None:
    assert refused(workspace, "jsonl", of_lines(*lines)) == message


def test_invalid_json_is_named(workspace: Workspace) -> None:
    assert refused(workspace, "jsonl", b'{"node": "A"}\n\n{').startswith(
        "Line 3: invalid JSON"
    )
    assert refused(workspace, "jsonl", b"[" * 100_000).startswith(
        "Line 1: invalid JSON"
    )
    assert refused(workspace, "jsonl", b"\xff\xfe").startswith("Line 1: invalid JSON")


def test_an_imported_weight_below_the_number_of_chunks_is_refused(
    workspace: Workspace,
) -> None:
    library.make_library(workspace)
    line = {"source": "Babbage", "target": "Ada", "weight": 0.5}
    assert refused(workspace, "jsonl", of_lines(line), replace=True) == (
        "Line 1, field 'weight': less than the number of chunks that mention the relation (1)"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"<!DOCTYPE x [{BOMB}]><x>&l9;</x>",
            "Line 1: a DOCTYPE declaration is not allowed",
        ),
        (
            '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
            "Line 1: a DOCTYPE declaration is not allowed",
        ),
        ("<x>&e;</x>", "Line 1: invalid XML: undefined entity"),
        (f"{GRAPHML}<node id='A'>", "Line 4: invalid XML: no element found"),
        (
            f"{GRAPHML}<node/></graph></graphml>",
            "Line 4, field 'name': '' is not a name",
        ),
        (
            f"{GRAPHML}<node id='A'/><node id='B'/>\n<edge source='A' target='B'>"
            "<data key='w'>much</data></edge></graph></graphml>",
            "Line 5, field 'weight': 'much' is not a non-negative number",
        ),
    ],
)
def test_bad_graphml_is_named(workspace: Workspace, text: str, message: str) -> None:
    assert refused(workspace, "graphml", text.encode()) == message


def archive(**members: bytes) -> bytes:
    return make_files.archive({f"{name}.csv": data for name, data in members.items()})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"no archive", "The archive: damaged"),
        (archive(nodes=b"Id\n"), "The archive: edges.csv is missing"),
        (
            archive(nodes=b"Id,description\nA\n", edges=b"Source,Target\n"),
            "nodes.csv, line 2: the line has more or fewer fields than the table has headings",
        ),
        (
            archive(nodes=b"Id\nA\n", edges=b"Source,Target\nA,B\n"),
            "edges.csv, line 2, field 'target': there is no entity 'B'",
        ),
        (archive(nodes=b"Id\n\xff\n", edges=b""), "nodes.csv, line "),
        (
            archive(nodes=b"Id\n" + b"\n" * (64 * 1024 * 1024), edges=b""),
            "The archive: the unpacked size exceeds the limit",
        ),
    ],
)
def test_bad_tables_are_named(workspace: Workspace, data: bytes, message: str) -> None:
    assert refused(workspace, "zip", data).startswith(message)


def test_a_text_of_many_megabytes_is_refused_at_its_limit(workspace: Workspace) -> None:
    """Ten megabytes in one field took 17 s, forty more than 300 s."""
    huge = "x" * 40_000_000
    key = '<key id="d" for="node" attr.name="description"/>'
    start = f'<graphml>{key}<graph><node id="A"><data key="d">'
    end = "</data></node></graph></graphml>"
    cases = {
        "graphml": f"{start}{huge}{end}",
        "jsonl": json.dumps({"node": "A", "description": huge}),
    }
    started = time.process_time()
    for kind, text in cases.items():
        assert "longer than" in refused(workspace, kind, text.encode())
    tag = f'<graphml><graph><node id="{huge}"/></graph></graphml>'
    assert "a tag of more than" in refused(workspace, "graphml", tag.encode())
    assert time.process_time() - started < 5


def test_long_descriptions_and_many_aliases_are_refused(workspace: Workspace) -> None:
    long = {"node": "A", "description": "x" * 100_001}
    message = refused(workspace, "jsonl", of_lines(long))
    assert message == "Line 1, field 'description': longer than 100000 characters"
    many = {"node": "A", "aliases": [f"A{n}" for n in range(1001)]}
    message = refused(workspace, "jsonl", of_lines(many))
    assert message == "Line 1, field 'aliases': more than 1000 names"


def test_a_graphml_file_of_an_unknown_encoding_is_refused(workspace: Workspace) -> None:
    data = b'<?xml version="1.0" encoding="utf-7"?><graphml/>'
    assert "invalid XML" in refused(workspace, "graphml", data)
