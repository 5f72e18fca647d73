from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

from documents.files import file_storage
from documents.intake import attachments, new_documents, reparse, uploads
from documents.lifecycle import document_deletion
from documents.models import Chunk, Document, Status, Workspace
from documents.parsing.parsed_document import Attachment
from documents.pipeline import pipeline
from graph.models import ChunkExtraction
from tests.models import FakeModels


def mail(note: bytes) -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"] = "Tea", "ann@example.org"
    message.set_content("See the note.")
    message.add_attachment(note, maintype="text", subtype="plain", filename="note.txt")
    message.add_attachment(b"MZ", maintype="a", subtype="b", filename="virus.exe")
    return bytes(message)


def upload(
    workspace: Workspace, name: str, content: bytes, **options: bool
) -> Document:
    track_id = new_documents.track_id("upload")
    return uploads.accept_file(workspace, name, [content], track_id=track_id).document


def test_the_attachments_of_a_mail_are_documents_linked_to_it(
    workspace: Workspace, inputs: Path, models: FakeModels
) -> None:
    parent = upload(workspace, "tea.eml", mail(b"Assam is strong."))
    pipeline.work()
    parent.refresh_from_db()
    note = Document.objects.get(name="tea.eml/note.txt")
    assert (parent.status, note.status) == (Status.PROCESSED, Status.PROCESSED)
    assert note.metadata["attached_to"] == parent.public_id
    assert note.content.text == "Assam is strong."
    assert file_storage.path_of(note).read_bytes() == b"Assam is strong."
    assert parent.metadata["warnings"] == ["The attachment 'virus.exe' was not read."]
    assert Document.objects.count() == 2


def test_attachments_are_deleted_with_their_document(
    workspace: Workspace, inputs: Path
) -> None:
    parent = upload(workspace, "tea.eml", mail(b"x"))
    other = upload(workspace, "tea.txt", b"Assam is strong.")
    attachments.store(parent, [Attachment("inner.eml", mail(b"y"))])
    inner = Document.objects.get(name="tea.eml/inner.eml")
    attachments.store(inner, [Attachment("note.txt", b"y")])
    note = Document.objects.get(name="tea.eml/inner.eml/note.txt")
    report = document_deletion.delete_documents(workspace, [parent.public_id])
    assert set(report.deleted) == {d.public_id for d in (parent, inner, note)}
    assert report.unknown == ()
    assert list(Document.objects.all()) == [other]


def test_an_unchanged_attachment_is_not_queued_again(
    workspace: Workspace, inputs: Path
) -> None:
    parent = upload(workspace, "tea.eml", mail(b"x"))
    for content in (b"one", b"one", b"two"):
        attachments.store(parent, [Attachment("a.txt", content)])
    [child] = Document.objects.filter(name__startswith="tea.eml/")
    assert file_storage.path_of(child).read_bytes() == b"two"


def test_reparse_creates_new_versions_whose_unchanged_chunks_keep_their_extraction(
    workspace: Workspace, inputs: Path, models: FakeModels
) -> None:
    document = upload(workspace, "tea.txt", b"Assam is strong.")
    pipeline.work()
    records = ChunkExtraction.objects.get().records
    assert reparse.reparse(workspace, suffixes=[".pdf"]) == 0
    assert reparse.reparse(workspace) == 1
    assert reparse.reparse(workspace) == 0
    pipeline.work()
    [current] = Document.objects.all()
    assert (current.name, current.status) == ("tea.txt", Status.PROCESSED)
    assert current.pk != document.pk
    assert file_storage.path_of(current).read_bytes() == b"Assam is strong."
    assert Chunk.objects.filter(document=current).count() == 1
    assert ChunkExtraction.objects.get().records == records
