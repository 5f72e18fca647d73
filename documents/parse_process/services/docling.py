"""Client of docling-serve: converts a file to the JSON of a DoclingDocument."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from documents.parse_process.services import client
from documents.parse_process.services.client import Service
from documents.parse_process.services.config import DoclingConfig

SUBMIT = "/v1/convert/file/async"
DONE = frozenset({"success", "partial_success"})
FAILED = frozenset({"failure", "skipped"})


async def convert(config: DoclingConfig, file: Path, name: str, target: Path) -> None:
    """Store the result for a file as JSON in `target`. Raises ServiceFailed."""
    async with client.connected("Docling", config.setting, config.endpoint) as service:
        submitted = await service.submit(SUBMIT, file, name, form(config))
        task_id = service.json(submitted).get("task_id")
        if not isinstance(task_id, str) or not task_id:
            raise service.failed("The answer to the upload contains no task_id.")
        await _wait(service, config, task_id)
        await service.download(f"/v1/result/{task_id}", target)


def form(config: DoclingConfig) -> dict[str, Any]:
    """Return the fields of the form besides the file.

    What is left to the service is not sent, because older versions refuse `auto`.
    """
    fields: dict[str, Any] = {
        "to_formats": ["json"],
        "target_type": "inbody",
        "image_export_mode": "embedded",
        "include_images": "true",
        "do_ocr": str(config.ocr).lower(),
        "force_ocr": str(config.force_ocr).lower(),
        "do_formula_enrichment": str(config.formulas).lower(),
    }
    if config.ocr_engine != "auto":
        fields["ocr_engine"] = config.ocr_engine
    if config.ocr_preset != "auto":
        fields["ocr_preset"] = config.ocr_preset
    if config.ocr_languages:
        fields["ocr_lang"] = list(config.ocr_languages)
    return fields


async def _wait(service: Service, config: DoclingConfig, task_id: str) -> None:
    """Poll until the task is done; a poll takes `poll_seconds` at least."""
    for _ in range(config.max_polls):
        started = time.monotonic()
        path = f"/v1/status/poll/{task_id}"
        task = await service.get(path, wait=config.poll_seconds)
        status = task.get("task_status")
        if status in DONE:
            return
        if status in FAILED:
            reason = task.get("error_message") or status
            raise service.failed(f"The conversion failed: {reason}")
        await asyncio.sleep(config.poll_seconds - (time.monotonic() - started))
    seconds = config.poll_seconds * config.max_polls
    raise service.failed(
        f"The conversion took longer than {seconds} s. Raise DOCLING_MAX_POLLS."
    )
