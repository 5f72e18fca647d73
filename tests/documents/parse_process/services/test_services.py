"""Tests of the clients against HTTP servers that speak the services' APIs."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from documents.errors import ServiceFailed
from documents.parse_process.services import client, conversion
from documents.parse_process.services.config import DoclingConfig, MineruConfig
from tests.documents.parse_process.services import stand_in
from tests.documents.parse_process.services.stand_in import Reply


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ATTEMPTS", 2)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "stored"
    path.write_bytes(b"%PDF-1.4 content")
    return path


def convert(
    settings: Settings, file: Path, config: DoclingConfig | MineruConfig
) -> dict[str, object]:
    name = "docling" if isinstance(config, DoclingConfig) else "mineru"
    settings.LIGHTRAG = replace(settings.LIGHTRAG, **{name: config})
    target = file.with_name("result")
    asyncio.run(conversion.convert(name, file, "report.pdf", target))
    result: dict[str, object] = json.loads(target.read_bytes())
    return result


def test_docling_converts_a_file_in_a_task(settings: Settings, file: Path) -> None:
    answer = stand_in.docling({"document": 1}, "pending", "started")
    with stand_in.serving(answer) as service:
        config = DoclingConfig(
            service.url, ocr_languages=("en", "de"), poll_seconds=0, force_ocr=False
        )
        assert convert(settings, file, config) == {"document": 1}
    assert service.paths() == [
        "POST /v1/convert/file/async",
        *["GET /v1/status/poll/t1?wait=0"] * 3,
        "GET /v1/result/t1",
    ]
    form = service.requests[0][2]
    assert b'filename="report.pdf"' in form
    assert b"%PDF-1.4 content" in form
    assert form.count(b'name="ocr_lang"') == 2
    assert b'name="force_ocr"\r\n\r\nfalse' in form
    assert b'name="image_export_mode"\r\n\r\nembedded' in form
    assert b'name="ocr_engine"' not in form


def test_mineru_converts_a_file_in_a_task(settings: Settings, file: Path) -> None:
    with stand_in.serving(stand_in.mineru({"results": 1})) as service:
        config = MineruConfig(service.url, language="en", poll_seconds=0)
        assert convert(settings, file, config) == {"results": 1}
    assert service.paths()[-1] == "GET /tasks/t1/result"
    form = service.requests[0][2]
    assert b'name="lang_list"\r\n\r\nen' in form
    assert b'name="return_content_list"\r\n\r\ntrue' in form


def test_a_mineru_without_tasks_answers_directly(
    settings: Settings, file: Path
) -> None:
    answer = stand_in.mineru({"results": 1}, has_tasks=False)
    with stand_in.serving(answer) as service:
        assert convert(settings, file, MineruConfig(service.url)) == {"results": 1}
    assert service.paths() == ["POST /tasks", "POST /file_parse"]


def test_a_request_to_a_busy_service_is_retried(settings: Settings, file: Path) -> None:
    answer = stand_in.docling({"document": 1})
    failures = iter([(503, {"detail": "busy"})])

    def busy_once(method: str, path: str, body: bytes) -> Reply:
        return next(failures, None) or answer(method, path, body)

    with stand_in.serving(busy_once) as service:
        config = DoclingConfig(service.url, poll_seconds=0)
        assert convert(settings, file, config) == {"document": 1}


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ((422, {"detail": "bad ocr_engine"}), "Status 422: bad ocr_engine"),
        ((503, {"detail": "busy"}), "Status 503: busy"),
        ((200, {"task": 1}), "contains no task_id"),
        ((200, [1]), "did not return a JSON object"),
    ],
)
def test_an_error_names_the_service_its_url_and_the_setting(
    settings: Settings, file: Path, reply: Reply, reason: str
) -> None:
    with stand_in.serving(lambda *_: reply) as service:
        config = DoclingConfig(service.url, poll_seconds=0)
        with pytest.raises(ServiceFailed, match=reason) as caught:
            convert(settings, file, config)
    assert f"Docling at {service.url} (DOCLING_ENDPOINT)" in str(caught.value)


def test_a_failed_task_is_an_error(settings: Settings, file: Path) -> None:
    with stand_in.serving(stand_in.docling({}, "failure")) as service:
        config = DoclingConfig(service.url, poll_seconds=0)
        with pytest.raises(ServiceFailed, match="The conversion failed: failure"):
            convert(settings, file, config)


def test_a_slow_task_is_an_error(settings: Settings, file: Path) -> None:
    with stand_in.serving(stand_in.docling({}, "started", "started")) as service:
        config = DoclingConfig(service.url, poll_seconds=0, max_polls=2)
        with pytest.raises(ServiceFailed, match="DOCLING_MAX_POLLS"):
            convert(settings, file, config)


def test_an_unreachable_service_is_an_error(settings: Settings, file: Path) -> None:
    with pytest.raises(ServiceFailed, match="can't be reached"):
        convert(settings, file, MineruConfig("http://127.0.0.1:9"))


def test_a_result_that_is_too_long_is_refused(
    settings: Settings, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MAX_RESULT_BYTES", 10)
    with (
        stand_in.serving(stand_in.docling({"document": "long"})) as service,
        pytest.raises(ServiceFailed, match="longer than"),
    ):
        convert(settings, file, DoclingConfig(service.url, poll_seconds=0))


def test_a_service_without_an_endpoint_is_refused(
    settings: Settings, file: Path
) -> None:
    with pytest.raises(ServiceFailed, match="DOCLING_ENDPOINT is not set"):
        convert(settings, file, DoclingConfig())
