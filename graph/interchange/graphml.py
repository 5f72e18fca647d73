"""GraphML format, as written by networkx, Gephi and LightRAG.

The id of a node is its name. The keys are LightRAG's (`entity_type`, `description`,
`keywords`, `weight`), `label` for Gephi, and `aliases`; others are ignored. A document type
is refused, because its entities could expand without limit or read local files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO
from xml.parsers import expat

from graph.interchange import rows
from graph.interchange.rows import Edge, InvalidGraphFile, Node

BLOCK = 64 * 1024
MAX_TAG_BYTES = 1024 * 1024
"""Upper bound on a tag: expat reads an incomplete one again with each block."""
NODE_KEYS = ("label", "entity_type", "description", "aliases")
EDGE_KEYS = ("weight", "description", "keywords")
_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}
)


def write(file: BinaryIO, nodes: Iterable[Node], edges: Iterable[Edge]) -> None:
    """Write nodes before edges, so that the file can be read in one pass."""
    file.write(_HEAD.encode())
    for owner, keys in (("node", NODE_KEYS), ("edge", EDGE_KEYS)):
        for key in keys:
            kind = "double" if key == "weight" else "string"
            file.write(
                f'  <key id="{owner}_{key}" for="{owner}" attr.name="{key}" '
                f'attr.type="{kind}"/>\n'.encode()
            )
    file.write(b'  <graph edgedefault="undirected">\n')
    for node in nodes:
        file.write(_node(node).encode())
    for edge in edges:
        file.write(_edge(edge).encode())
    file.write(b"  </graph>\n</graphml>\n")


def _node(node: Node) -> str:
    aliases = json.dumps(node.aliases, ensure_ascii=False) if node.aliases else ""
    values = (node.name, node.entity_type, node.description, aliases)
    data = _data("node", zip(NODE_KEYS, values, strict=True))
    return f'    <node id="{_escaped(node.name)}">{data}</node>\n'


def _edge(edge: Edge) -> str:
    values = (repr(edge.weight), edge.description, edge.keywords)
    data = _data("edge", zip(EDGE_KEYS, values, strict=True))
    ends = f'source="{_escaped(edge.source)}" target="{_escaped(edge.target)}"'
    return f"    <edge {ends}>{data}</edge>\n"


def _data(owner: str, pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(
        f'<data key="{owner}_{key}">{_escaped(value)}</data>'
        for key, value in pairs
        if value
    )


def _escaped(value: str) -> str:
    return _NOT_XML.sub("", value).translate(_MARKUP)


def read(file: BinaryIO) -> Iterator[Node | Edge]:
    """Yield nodes and edges in constant memory. Raises InvalidGraphFile."""
    reader = _Reader()
    ended = False
    while not ended:
        block = file.read(BLOCK)
        ended = not block
        reader.feed(block, final=ended)
        yield from reader.take()


class _Reader:
    """Handlers of expat that collect complete nodes and edges."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.keys: dict[str, str] = {}
        self.complete: list[Node | Edge] = []
        self.values: dict[str, Any] | None = None
        self.field = ""
        self.parts: list[str] = []
        self.length = 0
        """The texts of the current field, and the number of their characters."""
        self.position = ""
        self.bytes_fed = 0

    def feed(self, block: bytes, *, final: bool) -> None:
        self.bytes_fed += len(block)
        try:
            self.parser.Parse(block, final)
        except expat.ExpatError as error:
            problem = f"invalid XML: {expat.ErrorString(error.code)}"
            raise InvalidGraphFile(f"Line {error.lineno}", "", problem) from error
        except (LookupError, ValueError) as error:  # an encoding that expat can't read
            raise InvalidGraphFile("Line 1", "", f"invalid XML: {error}") from error
        if self.bytes_fed - self.parser.CurrentByteIndex > MAX_TAG_BYTES:
            line = f"Line {self.parser.CurrentLineNumber}"
            raise InvalidGraphFile(
                line, "", f"a tag of more than {MAX_TAG_BYTES} bytes"
            )

    def take(self) -> list[Node | Edge]:
        complete, self.complete = self.complete, []
        return complete

    def refuse(self, *_: Any) -> None:
        line = f"Line {self.parser.CurrentLineNumber}"
        raise InvalidGraphFile(line, "", "a DOCTYPE declaration is not allowed")

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        tag = tag.rpartition(" ")[2]
        if tag == "key":
            name = attributes.get("attr.name", "")
            self.keys[attributes.get("id", "")] = name
        elif tag in ("node", "edge"):
            self.position = f"Line {self.parser.CurrentLineNumber}"
            self.values = dict(attributes)
        elif tag == "data" and self.values is not None:
            self.field = self.keys.get(attributes.get("key", ""), "")
            self.values[self.field] = ""
            self.parts, self.length = [], 0

    def text(self, data: str) -> None:
        if self.field and self.values is not None:
            self.length += len(data)
            if self.length > rows.MAX_TEXT_CHARS:
                raise InvalidGraphFile(self.position, self.field, rows.TOO_LONG)
            self.parts.append(data)

    def end(self, tag: str) -> None:
        tag = tag.rpartition(" ")[2]
        if tag == "data":
            if self.field and self.values is not None:
                self.values[self.field] = "".join(self.parts)
            self.field = ""
        elif tag in ("node", "edge") and self.values is not None:
            make = self.node if tag == "node" else rows.edge
            self.complete.append(make(self.position, self.values))
            self.values = None

    @staticmethod
    def node(position: str, values: Mapping[str, Any]) -> Node:
        try:
            aliases = json.loads(values.get("aliases") or "[]")
        except (ValueError, RecursionError) as error:
            raise InvalidGraphFile(
                position, "aliases", "not a list of names"
            ) from error
        named = {**values, "name": values.get("id", ""), "aliases": aliases}
        return rows.node(position, named)
