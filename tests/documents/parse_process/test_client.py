from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from documents import parse_process
from documents.chunking import ChunkOptions
from documents.errors import (
    EmptyDocument,
    EncryptedFile,
    ParserFailed,
    TooManyChunks,
    TooMuchText,
)
from documents.ocr.messages import Scan, ScannedPage
from documents.parse_process import client
from documents.parse_process.client import ParseCall
from documents.parse_process.messages import Limits, Request, Result
from tests.documents import make_files
from tests.documents.conftest import Put

LIMITS = Limits(characters=10**6, chunks=1000, memory_bytes=2**30, seconds=60)
REQUEST = Request("a.txt", ChunkOptions(), LIMITS)
REPLACED = "documents.parsing.text_file.parse"


def no_vectors(_: Sequence[str]) -> Sequence[Sequence[float]]:
    raise AssertionError


def no_ocr(_: Sequence[Scan]) -> Sequence[ScannedPage]:
    raise AssertionError


def run(request: Request) -> Result:
    return ParseCall(request, no_vectors, no_ocr).run()


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """End the fork server before and after the test, so that PROGRAM can be changed."""
    client.server_of(os.getpid()).stop()
    yield monkeypatch
    client.server_of(os.getpid()).stop()


def replace_parser(program: pytest.MonkeyPatch, body: str) -> None:
    """Execute `body` instead of the parser of text files."""
    text = (
        f"import sys; sys.path.insert(0, sys.argv[1])\n"
        f"from documents.parsing import parsers\n"
        f"def parse(path, name, *, password, ocr):\n    {body}\n"
        f"parsers.parser_of = lambda suffix: parse\n"
        f"from documents.parse_process import server; server.main(0)\n"
    )
    program.setattr(parse_process, "PROGRAM", text)


def test_a_text_is_parsed_and_split_in_one_call() -> None:
    result = run(replace(REQUEST, text="  one\r\ntwo\x00 "))
    assert result.parsed.text == "one\ntwo"
    assert [draft.content for draft in result.drafts] == ["one\ntwo"]


def test_a_file_keeps_its_pages_and_its_engine(put: Put) -> None:
    pages = [("First", "alpha " * 50), ("Second", "omega " * 50)]
    path = put("a.pdf", make_files.pdf(pages))
    result = run(replace(REQUEST, name="a.pdf", path=path))
    assert result.parsed.engine == "pdfium"
    assert [page.number for page in result.parsed.pages] == [1, 2]
    assert result.drafts[0].page_first == 1


def test_figures_are_bytes_and_too_large_attachments_are_left_out(
    program: pytest.MonkeyPatch, put: Put
) -> None:
    picture = make_files.picture(80, 70)
    replace_parser(
        program,
        "from documents.parsing import parsed_document as p; "
        f"return p.ParsedDocument('x', images=(p.Image({picture!r}, 'image/png'),),"
        " attachments=(p.Attachment('a', bytes(65 * 2**20)),))",
    )
    result = run(replace(REQUEST, path=put("a.txt", b"x")))
    [figure] = result.figures
    assert (figure.content, figure.width, figure.height) == (picture, 80, 70)
    assert result.parsed.images == ()
    assert result.parsed.attachments == ()
    assert result.parsed.warnings == ("65 MiB of attachments were ignored.",)


def test_the_error_of_a_parser_keeps_its_class_and_message(put: Put) -> None:
    with pytest.raises(EmptyDocument, match=r"'a\.txt' is empty"):
        run(replace(REQUEST, path=put("a.txt", b"")))
    locked = put("a.pdf", make_files.pdf([("One", "alpha")], password="x"))
    with pytest.raises(EncryptedFile, match="encrypted"):
        run(replace(REQUEST, name="a.pdf", path=locked))


def test_a_text_over_the_limit_of_characters_fails() -> None:
    limits = replace(LIMITS, characters=9)
    with pytest.raises(TooMuchText, match=r"10 characters.*MAX_DOCUMENT_CHARACTERS"):
        run(replace(REQUEST, text="x" * 10, limits=limits))


def test_a_document_over_the_limit_of_chunks_fails() -> None:
    options = ChunkOptions(size=1, overlap=0)
    request = replace(REQUEST, text="a b c", options=options)
    assert len(run(replace(request, limits=replace(LIMITS, chunks=3))).drafts) == 3
    with pytest.raises(TooManyChunks, match=r"MAX_DOCUMENT_CHUNKS \(2\)"):
        run(replace(request, limits=replace(LIMITS, chunks=2)))


def test_sentences_are_embedded_by_the_worker() -> None:
    embedded = list[str]()

    def embed(texts: Sequence[str]) -> Sequence[Sequence[float]]:
        embedded.extend(texts)
        return [[1.0, 0.0] for _ in texts]

    options = ChunkOptions(strategy="semantic_vector")
    request = replace(REQUEST, text="One. Two. Three.", options=options)
    result = ParseCall(request, embed, no_ocr).run()
    assert embedded
    assert result.drafts[0].content == "One. Two. Three."


def test_an_error_while_embedding_reaches_the_caller() -> None:
    options = ChunkOptions(strategy="semantic_vector")
    with pytest.raises(AssertionError):
        run(replace(REQUEST, text="One. Two. Three.", options=options))


def test_the_process_has_no_secrets(put: Put, program: pytest.MonkeyPatch) -> None:
    program.setenv("LLM_BINDING_API_KEY", "secret")
    replace_parser(program, "import os; raise ValueError(dict(os.environ))")
    with pytest.raises(ParserFailed) as caught:
        run(replace(REQUEST, path=put("a.txt", b"x")))
    assert "LLM_BINDING_API_KEY" not in str(caught.value)


def test_an_endless_loop_ends_at_the_time_limit(
    put: Put, program: pytest.MonkeyPatch
) -> None:
    replace_parser(program, "while True: pass")
    request = replace(
        REQUEST, path=put("a.txt", b"x"), limits=replace(LIMITS, seconds=1)
    )
    with pytest.raises(ParserFailed, match=r"longer than PARSE_TIMEOUT \(1 seconds\)"):
        run(request)


def test_a_process_that_waits_ends_at_the_time_limit(
    put: Put, program: pytest.MonkeyPatch
) -> None:
    replace_parser(program, "import time; time.sleep(60)")
    request = replace(
        REQUEST, path=put("a.txt", b"x"), limits=replace(LIMITS, seconds=1)
    )
    with pytest.raises(ParserFailed, match="PARSE_TIMEOUT"):
        run(request)


def test_a_crash_fails_the_document_and_not_the_next_one(
    put: Put, program: pytest.MonkeyPatch
) -> None:
    replace_parser(program, "import os; os.kill(os.getpid(), 11)")
    with pytest.raises(ParserFailed, match=r"crashed on 'a\.txt' \(exit -11\)"):
        run(replace(REQUEST, path=put("a.txt", b"x")))
    assert run(replace(REQUEST, text="two")).parsed.text == "two"


def test_a_parser_that_needs_too_much_memory_fails(
    put: Put, program: pytest.MonkeyPatch
) -> None:
    replace_parser(program, "bytearray(2**31)")
    with pytest.raises(ParserFailed, match="more than 1024 MiB of memory"):
        run(replace(REQUEST, path=put("a.txt", b"x")))


def test_stopping_a_call_kills_its_process(
    put: Put, program: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "pid"
    replace_parser(
        program,
        f"import os, time; open({str(file)!r}, 'w').write(str(os.getpid())); "
        "time.sleep(60)",
    )
    call = ParseCall(replace(REQUEST, path=put("a.txt", b"x")), no_vectors, no_ocr)
    threading.Timer(0.1, _stop_when_written, (call, file)).start()
    with pytest.raises(ParserFailed, match="was stopped"):
        call.run()
    assert _ends(int(file.read_text()))


def _stop_when_written(call: ParseCall, file: Path) -> None:
    while not (file.exists() and file.read_text()):
        time.sleep(0.01)
    call.stop()


def _ends(pid: int) -> bool:
    for _ in range(500):
        if not Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.01)
    return False


def test_a_new_fork_server_replaces_one_that_ended(put: Put) -> None:
    run(replace(REQUEST, path=put("a.txt", b"one")))
    server = client.server_of(os.getpid())
    assert server._process is not None
    server._process.kill()
    server._process.wait()
    result = run(replace(REQUEST, path=put("a.txt", b"two")))
    assert result.parsed.text == "two"


def process_id(request: Request) -> str:
    """Run the request with a parser that answers the id of its process."""
    return run(request).parsed.text


@pytest.fixture
def _answering_process_ids(program: pytest.MonkeyPatch) -> None:
    text = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from documents import parsing\n"
        "from documents.parsing import ParsedDocument\n"
        "parsing.parse = parsing.plain_text = (\n"
        "    lambda *_, **__: ParsedDocument(f'{os.getpid()}'))\n"
        "from documents.parse_process import server; server.main(0)\n"
    )
    program.setattr(parse_process, "PROGRAM", text)


@pytest.mark.usefixtures("_answering_process_ids")
def test_texts_share_a_process_and_files_do_not(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MAX_TEXTS", 3)
    text, file = replace(REQUEST, text="x"), replace(REQUEST, path=put("a.txt", b"x"))
    texts = [process_id(text), process_id(text)]
    files = [process_id(file), process_id(file)]
    texts += [process_id(text), process_id(text)]
    assert texts[:3] == [texts[0]] * 3
    assert len({*texts, *files}) == 4  # the fourth text has a new process


@pytest.mark.usefixtures("_answering_process_ids")
def test_a_long_text_has_a_process_of_its_own() -> None:
    short, long = (replace(REQUEST, text="x" * count) for count in (1, 100_001))
    first = process_id(short)
    assert process_id(long) != first
    assert process_id(short) == first


@pytest.mark.usefixtures("_answering_process_ids")
def test_a_process_that_ended_while_idle_gets_no_text() -> None:
    text = replace(REQUEST, text="x")
    first = process_id(text)
    os.kill(int(first), signal.SIGKILL)
    assert _ends(int(first))
    assert process_id(text) != first


@pytest.mark.usefixtures("_answering_process_ids")
def test_a_process_that_has_been_idle_for_long_gets_no_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = replace(REQUEST, text="x")
    first = process_id(text)
    monkeypatch.setattr(client, "MAX_IDLE_SECONDS", 0)
    assert process_id(text) != first
    assert _ends(int(first))


def test_documents_are_parsed_at_the_same_time(
    put: Put, program: pytest.MonkeyPatch
) -> None:
    replace_parser(program, "import time; time.sleep(0.5); raise ValueError(name)")
    run(replace(REQUEST, text="start the fork server"))
    failed = list[str]()

    def fail(name: str) -> None:
        try:
            run(replace(REQUEST, name=name, path=put(name, b"x")))
        except ParserFailed as error:
            failed.append(str(error))

    threads = [threading.Thread(target=fail, args=(f"{n}.txt",)) for n in range(4)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - started < 1.9
    assert len(set(failed)) == 4


def test_a_heading_of_blanks_is_split_at_once() -> None:
    """Two such files of 400 KB stopped both workers for hours."""
    run(replace(REQUEST, text="start the fork server"))
    options = ChunkOptions(strategy="paragraph_semantic")
    text = "# a" + " " * 400_000 + "b"
    started = time.monotonic()
    result = run(replace(REQUEST, name="a.md", text=text, options=options))
    assert result.drafts
    assert time.monotonic() - started < 5
