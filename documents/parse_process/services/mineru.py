"""Client of mineru-api: converts a file to a list of its contents, as JSON.

Versions before 3 have no `/tasks`; their `/file_parse` answers when the file is parsed.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from documents.parse_process.services import client
from documents.parse_process.services.client import Service
from documents.parse_process.services.config import MineruConfig

TASKS = "/tasks"
FILE_PARSE = "/file_parse"


async def convert(config: MineruConfig, file: Path, name: str, target: Path) -> None:
    """Store the result for a file as JSON in `target`. Raises ServiceFailed."""
    async with client.connected("MinerU", config.setting, config.endpoint) as service:
        fields = form(config)
        submitted = await service.submit(TASKS, file, name, fields)
        if submitted.status_code in {404, 405}:
            seconds = config.poll_seconds * config.max_polls
            await service.submit_and_save(
                FILE_PARSE, file, name, fields, target, seconds
            )
            return
        task_id = service.json(submitted).get("task_id")
        if not isinstance(task_id, str) or not task_id:
            raise service.failed("The answer to the upload contains no task_id.")
        await _wait(service, config, task_id)
        await service.download(f"{TASKS}/{task_id}/result", target)


def form(config: MineruConfig) -> dict[str, Any]:
    """Return the fields of the form besides the file."""
    return {
        "backend": config.backend,
        "parse_method": config.parse_method,
        "lang_list": [config.language],
        "table_enable": str(config.tables).lower(),
        "formula_enable": str(config.formulas).lower(),
        "start_page_id": str(config.first_page),
        "end_page_id": str(config.last_page),
        "return_md": "false",
        "return_content_list": "true",
        "return_middle_json": "true",
        "return_images": "true",
        "response_format_zip": "false",
    }


async def _wait(service: Service, config: MineruConfig, task_id: str) -> None:
    for _ in range(config.max_polls):
        task = await service.get(f"{TASKS}/{task_id}")
        status = task.get("status")
        if status == "completed":
            return
        if status == "failed":
            reason = task.get("error") or task.get("message") or status
            raise service.failed(f"The conversion failed: {reason}")
        await asyncio.sleep(config.poll_seconds)
    seconds = config.poll_seconds * config.max_polls
    raise service.failed(
        f"The conversion took longer than {seconds} s. Raise MINERU_MAX_POLLS."
    )
