from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from documents.errors import InvalidTags, UnknownDocument
from documents.intake import tags as intake_tags
from documents.intake import uploads
from documents.intake.new_documents import IngestOptions
from documents.intake.uploads import TextItem
from documents.models import Document, Workspace
from documents.pipeline import pipeline
from tests.library import make_documents
from tests.models import FakeModels


def insert(workspace: Workspace, text: str, *tags: str) -> Document:
    options = IngestOptions(tags=tags or None)
    items = [TextItem(text, "tea.md")]
    (accepted,) = uploads.accept_texts(
        workspace, items, track_id="t", options=options, replace=True
    )
    return accepted.document


def test_tags_are_cleaned_and_sorted() -> None:
    assert intake_tags.split(" tax ,2024,, tax,  two   words") == [
        "2024",
        "tax",
        "two words",
    ]


@pytest.mark.parametrize(
    "tags", [["a,b"], ["x" * 65], ["\x07"], list(map(str, range(33)))]
)
def test_invalid_tags_are_rejected(tags: list[str]) -> None:
    with pytest.raises(InvalidTags):
        intake_tags.clean(tags)


def test_a_text_is_stored_with_its_tags(workspace: Workspace) -> None:
    insert(workspace, "Green tea.", "drinks", " drinks ", "Asia")
    assert Document.objects.get().tags == ["Asia", "drinks"]
    assert intake_tags.all_tags(workspace) == ["Asia", "drinks"]


def test_all_tags_are_loaded_with_one_query(
    workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    insert(workspace, "Green tea.", "tax", "2024")
    with django_assert_num_queries(1):
        assert intake_tags.all_tags(workspace) == ["2024", "tax"]


def test_a_text_with_invalid_tags_is_not_stored(workspace: Workspace) -> None:
    with pytest.raises(InvalidTags):
        insert(workspace, "Green tea.", "a,b")
    assert not Document.objects.exists()


def test_a_new_version_keeps_the_tags_unless_it_has_its_own(
    workspace: Workspace, models: FakeModels
) -> None:
    insert(workspace, "Green tea.", "drinks")
    pipeline.work(workspace.pk)
    assert insert(workspace, "Black tea.").tags == ["drinks"]
    assert insert(workspace, "White tea.", "white").tags == ["white"]
    pipeline.work(workspace.pk)
    assert Document.objects.get().tags == ["white"]


def test_setting_tags_also_changes_an_unfinished_version(
    workspace: Workspace, models: FakeModels
) -> None:
    document = insert(workspace, "Green tea.", "drinks")
    pipeline.work(workspace.pk)
    insert(workspace, "Black tea.")
    assert intake_tags.set_tags(workspace, document.public_id, ["b", "a"]) == ["a", "b"]
    assert set(map(tuple, Document.objects.values_list("tags", flat=True))) == {
        ("a", "b")
    }


def test_setting_tags_of_an_unknown_document_raises_an_error(
    workspace: Workspace,
) -> None:
    with pytest.raises(UnknownDocument):
        intake_tags.set_tags(workspace, "doc-none", ["a"])


def test_tags_of_several_documents_are_added_and_removed(workspace: Workspace) -> None:
    documents = make_documents(workspace, 3)
    ids = [document.public_id for document in documents]
    intake_tags.change_tags(workspace, ids, add=["tax", "2024"], remove=[])
    intake_tags.change_tags(workspace, ids[:1], add=["paid"], remove=["tax"])
    tags = list(Document.objects.order_by("pk").values_list("tags", flat=True))
    assert tags == [["2024", "paid"], ["2024", "tax"], ["2024", "tax"]]
    assert intake_tags.all_tags(workspace) == ["2024", "paid", "tax"]


def test_one_invalid_tag_prevents_all_changes(workspace: Workspace) -> None:
    document = make_documents(workspace, 1)[0]
    with pytest.raises(InvalidTags):
        intake_tags.change_tags(
            workspace, [document.public_id], add=["good", "a,b"], remove=[]
        )
    document.refresh_from_db()
    assert document.tags == []
