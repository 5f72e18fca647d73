"""Processing of files of several formats, from the upload to the chunks."""

from __future__ import annotations

from pathlib import Path

from documents.files import file_storage
from documents.intake import uploads
from documents.models import Chunk, Document, Status, Workspace
from documents.pipeline import pipeline
from tests.documents import make_files
from tests.models import FakeModels

PAGES = [
    ("First", "Alice met Bob in Paris. " * 9),
    ("Second", "Carol lives in Rome. " * 9),
]
FILES = {
    "a.pdf": make_files.pdf(PAGES),
    "b.docx": make_files.word([(h, p + "More of it.") for h, p in PAGES]),
    "c.md": b"# First\n\nDavid knows Eve.\n\n# Second\n\nFrank knows Grace.",
    "d.txt": "Heidi 與 Ivan 一起喝茶。".encode("big5"),
}
UNREADABLE = {
    "empty.md": b" \n ",
    "picture.txt": b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
    "broken.pdf": make_files.pdf(PAGES)[:500],
    "locked.pdf": make_files.pdf(PAGES, password="secret"),
    "renamed.docx": make_files.pdf(PAGES),
}


def test_unreadable_files_do_not_affect_the_other_files(
    workspace: Workspace, folder: Path, models: FakeModels
) -> None:
    for name, content in {**UNREADABLE, **FILES}.items():
        uploads.accept_file(workspace, name, [content], track_id="upload_1")
    pipeline.work(workspace.pk)
    statuses = dict(Document.objects.values_list("name", "status"))
    assert {name for name in statuses if statuses[name] == Status.PROCESSED} == {*FILES}
    assert {name for name in statuses if statuses[name] == Status.FAILED} == {
        *UNREADABLE
    }
    for document in Document.objects.filter(status=Status.FAILED):
        assert f"'{document.name}'" in document.error_msg
        assert not Chunk.objects.filter(document=document).exists()
        assert file_storage.path_of(document).exists()
    [page] = set(Chunk.objects.filter(document__name="a.pdf").values_list("page_last"))
    assert page == (2,)
