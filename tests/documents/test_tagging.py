from __future__ import annotations

import pytest

from documents import ingest, tagging, uploads
from documents.errors import BadTags, UnknownDocument
from documents.models import Document, Workspace
from documents.new_documents import Wishes
from documents.uploads import TextItem
from tests.models import FakeModels


def insert(workspace: Workspace, text: str, *tags: str) -> Document:
    wishes = Wishes(tags=tags or None)
    items = [TextItem(text, "tea.md")]
    (accepted,) = uploads.accept_texts(
        workspace, items, track_id="t", wishes=wishes, replace=True
    )
    return accepted.document


def test_tags_are_cleaned_and_sorted() -> None:
    assert tagging.parted(" tax ,2024,, tax,  two   words") == [
        "2024",
        "tax",
        "two words",
    ]


@pytest.mark.parametrize(
    "tags", [["a,b"], ["x" * 65], ["\x07"], list(map(str, range(33)))]
)
def test_what_is_no_tag_is_refused(tags: list[str]) -> None:
    with pytest.raises(BadTags):
        tagging.clean(tags)


def test_a_text_comes_with_its_tags(workspace: Workspace) -> None:
    insert(workspace, "Green tea.", "drinks", " drinks ", "Asia")
    assert Document.objects.get().tags == ["Asia", "drinks"]
    assert tagging.known(workspace) == ["Asia", "drinks"]


def test_bad_tags_leave_nothing_behind(workspace: Workspace) -> None:
    with pytest.raises(BadTags):
        insert(workspace, "Green tea.", "a,b")
    assert not Document.objects.exists()


def test_a_new_version_keeps_the_tags_unless_told_otherwise(
    workspace: Workspace, models: FakeModels
) -> None:
    insert(workspace, "Green tea.", "drinks")
    ingest.work(workspace.pk)
    assert insert(workspace, "Black tea.").tags == ["drinks"]
    assert insert(workspace, "White tea.", "white").tags == ["white"]
    ingest.work(workspace.pk)
    assert Document.objects.get().tags == ["white"]


def test_tags_are_replaced_also_those_of_a_version_on_its_way(
    workspace: Workspace, models: FakeModels
) -> None:
    document = insert(workspace, "Green tea.", "drinks")
    ingest.work(workspace.pk)
    insert(workspace, "Black tea.")
    assert tagging.put(workspace, document.public_id, ["b", "a"]) == ["a", "b"]
    assert set(map(tuple, Document.objects.values_list("tags", flat=True))) == {
        ("a", "b")
    }


def test_an_unknown_document_has_no_tags(workspace: Workspace) -> None:
    with pytest.raises(UnknownDocument):
        tagging.put(workspace, "doc-none", ["a"])
