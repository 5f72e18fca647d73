"""File downloads that are read block by block.

An async server reads Django's own FileResponse into memory as a whole.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, BinaryIO

from asgiref.sync import sync_to_async
from django.http import FileResponse

BLOCK_BYTES = 256 * 1024


class StreamedFile(FileResponse):
    """FileResponse that an async server reads block by block, in a thread."""

    def __init__(self, file: BinaryIO, **kwargs: Any) -> None:
        super().__init__(file, **kwargs)
        self.file = file

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = sync_to_async(self.file.read, thread_sensitive=False)
        while block := await read(BLOCK_BYTES):
            yield block
