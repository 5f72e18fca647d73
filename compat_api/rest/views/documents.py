"""`/resources/workspaces/<name>/documents/`: handed in, looked at, taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Sum
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.generics import get_object_or_404
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from compat_api.http.file_response import SentFile
from compat_api.rest.file_downloads import WhateverIsAccepted
from compat_api.rest.filters import DocumentFilters
from compat_api.rest.input_serializers import DocumentInput, TagsInput
from compat_api.rest.serializers import (
    ChunkShape,
    ContentShape,
    CostShape,
    DocumentShape,
    EventShape,
)
from compat_api.rest.workspace_mixin import InWorkspace
from documents.errors import NameTaken
from documents.files import file_storage
from documents.intake import tags, track_ids, uploads
from documents.intake.new_documents import Wishes
from documents.intake.uploads import Accepted, TextItem
from documents.lifecycle import deletion
from documents.models import Chunk, Document, DocumentContent, PipelineEvent
from documents.queries.listing import LISTED
from retrieval.llm.usage.models import LLMCall

WITH_FILE = OpenApiParameter(
    "delete_file", bool, description="The stored file as well."
)


class DocumentViews(
    InWorkspace, ListModelMixin, RetrieveModelMixin, GenericViewSet[Document]
):
    """Files and texts somebody handed in, and how far their ingestion has come."""

    queryset = Document.objects.only(*LISTED, "chunking", "content_hash")
    serializer_class = DocumentShape
    filterset_class = DocumentFilters
    parser_classes = [JSONParser, MultiPartParser, FormParser]
    lookup_field = "public_id"
    lookup_url_kwarg = "document"
    orderings = {"-updated_at": "updated_at", "name": "name", "id": "public_id"}

    @extend_schema(request=DocumentInput, responses={202: DocumentShape})
    def create(self, request: Request, workspace: str) -> Response:
        """Take a file or a text; it is read, and can be asked about, in a while."""
        body = DocumentInput(data=request.data)
        body.is_valid(raise_exception=True)
        accepted = self.accept(body.validated_data)
        document = accepted.document
        if accepted.duplicate and "file" in body.validated_data:
            raise NameTaken(f"There is a document '{document.name}' already.")
        shape = self.get_serializer(document)
        address = reverse(
            "resources:document-detail",
            [workspace, document.public_id],
            request=request,
        )
        return Response(shape.data, status=202, headers={"Location": address})

    def accept(self, sent: dict[str, Any]) -> Accepted:
        """What was handed in, by the one door for files and texts."""
        wishes = Wishes(tags=sent.get("tags"))
        if "file" in sent:
            return uploads.accept_file(
                self.workspace,
                sent.get("name") or sent["file"].name,
                sent["file"].chunks(),
                track_id=track_ids.make("upload"),
                wishes=wishes,
                replace=sent["replace"],
            )
        item = TextItem(sent["text"], sent.get("name"))
        return uploads.accept_texts(
            self.workspace,
            [item],
            track_id=track_ids.make("insert"),
            wishes=wishes,
            replace=sent["replace"],
        )[0]

    @extend_schema(request=TagsInput, responses=DocumentShape)
    def partial_update(
        self, request: Request, workspace: str, document: str
    ) -> Response:
        """Give it other tags."""
        found = self.get_object()
        sent = TagsInput(data=request.data)
        sent.is_valid(raise_exception=True)
        found.tags = tags.put(
            self.workspace, found.public_id, sent.validated_data["tags"]
        )
        return Response(self.get_serializer(found).data)

    @extend_schema(parameters=[WITH_FILE], responses={204: None})
    def destroy(self, request: Request, workspace: str, document: str) -> Response:
        """Delete it with everything it said, whatever is being processed."""
        found = self.get_object()
        with_file = request.query_params.get("delete_file", "").lower()
        deletion.delete_documents(
            self.workspace, [found.public_id], delete_file=with_file in {"true", "1"}
        )
        return Response(status=204)

    @extend_schema(responses=ContentShape)
    @action(detail=True)
    def content(self, request: Request, workspace: str, document: str) -> Response:
        """The whole text; 404 before it has been read."""
        texts = DocumentContent.objects.select_related("document")
        found = get_object_or_404(texts, document=self.get_object())
        return Response(ContentShape(found).data)

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        operation_id="documents_file",
    )
    @action(detail=True, content_negotiation_class=WhateverIsAccepted)
    def file(self, request: Request, workspace: str, document: str) -> HttpResponseBase:
        """The file as it was handed in; 404 for a text."""
        found = self.get_object()
        path = file_storage.path_of(found)
        if not found.source_path or not path.is_file():
            raise NotFound("There is no file of this document.")
        return SentFile(
            path.open("rb"),
            as_attachment=True,
            filename=found.name,
            content_type="application/octet-stream",
        )

    @extend_schema(responses=ChunkShape(many=True), filters=False)
    @action(detail=True, orderings={"order": "order"})
    def chunks(self, request: Request, workspace: str, document: str) -> Response:
        """Its passages, in reading order."""
        rows = Chunk.objects.filter(document=self.get_object())
        return self.page(rows.select_related("document"), ChunkShape)

    @extend_schema(responses=EventShape(many=True), filters=False)
    @action(detail=True, orderings={"id": "id"})
    def timeline(self, request: Request, workspace: str, document: str) -> Response:
        """What happened to it, oldest first."""
        rows = PipelineEvent.objects.filter(document=self.get_object())
        return self.page(rows, EventShape)

    @extend_schema(responses=CostShape)
    @action(detail=True)
    def cost(self, request: Request, workspace: str, document: str) -> Response:
        """Calls and tokens its extraction and summaries have cost."""
        spent = list(
            LLMCall.objects.filter(
                workspace=self.workspace, document=self.get_object().pk
            )
            .values("purpose", "model")
            .annotate(
                calls=Count("pk"),
                prompt=Sum("prompt_tokens"),
                completion=Sum("completion_tokens"),
            )
            .order_by("purpose", "model")
        )
        return Response(CostShape(total(spent)).data)


def total(spent: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The rows, and their sums."""
    rows = [
        {
            "purpose": row["purpose"],
            "model": row["model"],
            "calls": row["calls"],
            "prompt_tokens": row["prompt"],
            "completion_tokens": row["completion"],
        }
        for row in spent
    ]
    counted = ("calls", "prompt_tokens", "completion_tokens")
    return {key: sum(row[key] for row in rows) for key in counted} | {
        "by_purpose": rows
    }
