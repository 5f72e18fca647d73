from __future__ import annotations

import re

from documents.intake import new_documents


def test_track_ids_are_unique_and_have_lightrags_form() -> None:
    first, second = new_documents.track_id("upload"), new_documents.track_id("upload")
    assert re.fullmatch(r"upload_\d{8}_\d{6}_[0-9a-f]{8}", first)
    assert first != second
