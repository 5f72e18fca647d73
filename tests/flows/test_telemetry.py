"""Spans of ingestion and of a question, as a collector receives them."""

from __future__ import annotations

import time

from tests import live_server
from tests.flows import collector as collectors
from tests.flows.test_document_to_answer import STAND_INS

QUESTION = {"keywords", "embedding", "search", "context", "chat fake"}
INGESTION = {"extract", "embed", "merge", "finish", "embeddings hash"}
TEXT = "Marie Curie discovered Radium in Paris. Pierre Curie worked with Marie Curie."


def test_each_step_of_ingestion_and_of_a_question_is_a_span() -> None:
    with collectors.listening() as collector:
        observing = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.address,
            "OTEL_EXPORTER_OTLP_HEADERS": "X-Key=secret",
        }
        with live_server.running({**STAND_INS, **observing}) as client:
            client.post(
                "/documents/text", json={"text": TEXT, "file_source": "curie.txt"}
            )
            live_server.settle(client, 1)
            body = {"query": "Who discovered Radium?", "mode": "mix"}
            answer = client.post("/query", json=body)
            assert answer.status_code == 200, answer.text
            expected = QUESTION | INGESTION
            end = time.monotonic() + 30
            while not expected <= collector.names() and time.monotonic() < end:
                time.sleep(0.2)
    assert expected <= collector.names()
    (request_span,) = [span for span in collector.spans if span.name == "POST /query"]
    (search,) = [span for span in collector.spans if span.name == "search"]
    assert search.trace == request_span.trace
    read = [span for span in collector.spans if span.name == "extract"]
    assert read[0].attributes["lightrag.document"].startswith("doc-")
    answers = [span.attributes for span in collector.spans if span.name == "chat fake"]
    assert {"query"} <= {attributes["lightrag.role"] for attributes in answers}
    assert any(int(a.get("gen_ai.usage.output_tokens", 0)) > 0 for a in answers)
    assert collector.keys == {"secret"}
    assert not any(TEXT in str(span.attributes) for span in collector.spans)
