from __future__ import annotations

import re

from documents.intake import track_ids


def test_a_track_id_has_upstreams_form_and_is_new_each_time() -> None:
    first, second = track_ids.make("upload"), track_ids.make("upload")
    assert re.fullmatch(r"upload_\d{8}_\d{6}_[0-9a-f]{8}", first)
    assert first != second
