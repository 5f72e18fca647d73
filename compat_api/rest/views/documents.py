"""`/resources/workspaces/<name>/documents/`: upload, list, read, tag and delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Count, Sum
from django.http import HttpResponse
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

from compat_api.http import figures
from compat_api.http.body_limit import BodyLimit, body_limit
from compat_api.http.file_response import StreamedFile
from compat_api.rest.file_negotiation import IgnoreAccept
from compat_api.rest.filters import DocumentFilters
from compat_api.rest.input_serializers import DocumentInput, PageInput, TagsInput
from compat_api.rest.serializers import (
    ChunkSerializer,
    ContentSerializer,
    CostSerializer,
    DocumentSerializer,
    EventSerializer,
    FigureSerializer,
)
from compat_api.rest.workspace_mixin import WorkspaceMixin
from documents.errors import NameTaken
from documents.files import file_storage, rendered_pages
from documents.intake import new_documents, tags, uploads
from documents.intake.new_documents import IngestOptions
from documents.intake.uploads import Accepted, TextItem
from documents.lifecycle import document_deletion
from documents.models import Chunk, Document, DocumentContent, Figure, PipelineEvent
from documents.queries.listing import LISTED
from retrieval.llm.usage.models import LLMCall

WITH_FILE = OpenApiParameter(
    "delete_file", bool, description="Delete the stored file as well."
)
WIDTH = OpenApiParameter(
    "width", int, description="Width in pixels, 100 to 3000; 1000 by default."
)
MARKED_CHUNK = OpenApiParameter(
    "chunk", int, description="Order of a chunk whose place on the page is marked."
)
QUOTE = OpenApiParameter(
    "quote", str, description="A sentence of the chunk, which is marked instead."
)


class DocumentViewSet(
    WorkspaceMixin, ListModelMixin, RetrieveModelMixin, GenericViewSet[Document]
):
    """Uploaded files and texts with their processing status."""

    queryset = Document.objects.only(*LISTED, "chunking", "content_hash")
    serializer_class = DocumentSerializer
    filterset_class = DocumentFilters
    parser_classes = [JSONParser, MultiPartParser, FormParser]
    lookup_field = "public_id"
    lookup_url_kwarg = "document"
    orderings = {"-updated_at": "updated_at", "name": "name", "id": "public_id"}

    @extend_schema(request=DocumentInput, responses={202: DocumentSerializer})
    @body_limit(BodyLimit.UPLOAD)
    def create(self, request: Request, workspace: str) -> Response:
        """Upload a file or a text. It is processed in the background."""
        body = DocumentInput(data=request.data)
        body.is_valid(raise_exception=True)
        accepted = self.accept(body.validated_data)
        document = accepted.document
        if accepted.duplicate and "file" in body.validated_data:
            raise NameTaken(f"A document named '{document.name}' already exists.")
        serializer = self.get_serializer(document)
        url = reverse(
            "resources:document-detail",
            [workspace, document.public_id],
            request=request,
        )
        return Response(serializer.data, status=202, headers={"Location": url})

    def accept(self, values: dict[str, Any]) -> Accepted:
        """Store the file or text of the request body."""
        options = IngestOptions(tags=values.get("tags"))
        if "file" in values:
            return uploads.accept_file(
                self.workspace,
                values.get("name") or values["file"].name,
                values["file"].chunks(),
                track_id=new_documents.track_id("upload"),
                options=options,
                replace=values["replace"],
                folders=True,
            )
        item = TextItem(values["text"], values.get("name"))
        return uploads.accept_texts(
            self.workspace,
            [item],
            track_id=new_documents.track_id("insert"),
            options=options,
            replace=values["replace"],
        )[0]

    @extend_schema(request=TagsInput, responses=DocumentSerializer)
    def partial_update(
        self, request: Request, workspace: str, document: str
    ) -> Response:
        """Replace the tags of a document."""
        row = self.get_object()
        body = TagsInput(data=request.data)
        body.is_valid(raise_exception=True)
        row.tags = tags.set_tags(
            self.workspace, row.public_id, body.validated_data["tags"]
        )
        return Response(self.get_serializer(row).data)

    @extend_schema(parameters=[WITH_FILE], responses={204: None})
    def destroy(self, request: Request, workspace: str, document: str) -> Response:
        """Delete a document and its mentions, even while it is processed."""
        row = self.get_object()
        with_file = request.query_params.get("delete_file", "").lower()
        document_deletion.delete_documents(
            self.workspace, [row.public_id], delete_file=with_file in {"true", "1"}
        )
        return Response(status=204)

    @extend_schema(responses=ContentSerializer)
    @action(detail=True)
    def content(self, request: Request, workspace: str, document: str) -> Response:
        """Return the text of a document; 404 before it is parsed."""
        texts = DocumentContent.objects.select_related("document")
        content = get_object_or_404(texts, document=self.get_object())
        return Response(ContentSerializer(content).data)

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        operation_id="documents_file",
    )
    @action(detail=True, content_negotiation_class=IgnoreAccept)
    def file(self, request: Request, workspace: str, document: str) -> HttpResponseBase:
        """Return the uploaded file; 404 for a text."""
        row = self.get_object()
        path = file_storage.path_of(row)
        if not row.source_path or not path.is_file():
            raise NotFound("This document has no file.")
        return StreamedFile(
            path.open("rb"),
            as_attachment=True,
            filename=row.name,
            content_type="application/octet-stream",
        )

    @extend_schema(
        parameters=[WIDTH, MARKED_CHUNK, QUOTE],
        responses={(200, "image/png"): OpenApiTypes.BINARY},
        operation_id="documents_page",
    )
    @action(
        detail=True,
        url_path=r"pages/(?P<page>\d{1,6})",
        content_negotiation_class=IgnoreAccept,
    )
    def page_image(
        self, request: Request, workspace: str, document: str, page: str
    ) -> HttpResponse:
        """Return the image of a page of a PDF or image file; 404 without such a page.

        The boxes of chunks are in points; the image shows the whole page.
        """
        body = PageInput(data=request.query_params)
        body.is_valid(raise_exception=True)
        options, row, marks = body.validated_data, self.get_object(), None
        if options["chunk"] is not None:
            chunk = get_object_or_404(Chunk, document=row, order=options["chunk"])
            marks = rendered_pages.marks_of(chunk, int(page), options["quote"])
        password = settings.LIGHTRAG.ingest.pdf_password
        png = rendered_pages.render(row, int(page), options["width"], password, marks)
        if png is None:
            raise NotFound("This document has no such page.")
        headers = {"Cache-Control": "private, max-age=3600"}
        return HttpResponse(png, content_type="image/png", headers=headers)

    @extend_schema(responses=FigureSerializer(many=True), filters=False)
    @action(detail=True, orderings={"order": "order"})
    def figures(self, request: Request, workspace: str, document: str) -> Response:
        """List the figures of a document in order."""
        rows = Figure.objects.filter(document=self.get_object()).defer("content")
        related = rows.select_related("document__workspace", "chunk__document")
        return self.page(related, FigureSerializer)

    @extend_schema(
        responses={(200, "image/*"): OpenApiTypes.BINARY},
        operation_id="documents_figure",
    )
    @action(
        detail=True,
        url_path=r"figures/(?P<number>\d{1,6})",
        content_negotiation_class=IgnoreAccept,
    )
    def figure(
        self, request: Request, workspace: str, document: str, number: str
    ) -> HttpResponse:
        """Return the image of a figure: a PNG, JPEG, GIF or WebP file."""
        rows = Figure.objects.filter(document=self.get_object()).defer("content")
        row = get_object_or_404(rows, order=number)
        return figures.respond(request._request, row)

    @extend_schema(responses=ChunkSerializer(many=True), filters=False)
    @action(detail=True, orderings={"order": "order"})
    def chunks(self, request: Request, workspace: str, document: str) -> Response:
        """List the chunks of a document in order."""
        rows = Chunk.objects.filter(document=self.get_object())
        return self.page(rows.select_related("document"), ChunkSerializer)

    @extend_schema(responses=EventSerializer(many=True), filters=False)
    @action(detail=True, orderings={"id": "id"})
    def timeline(self, request: Request, workspace: str, document: str) -> Response:
        """List the events of a document, oldest first."""
        rows = PipelineEvent.objects.filter(document=self.get_object())
        return self.page(rows, EventSerializer)

    @extend_schema(responses=CostSerializer)
    @action(detail=True)
    def cost(self, request: Request, workspace: str, document: str) -> Response:
        """Return the calls and tokens spent on extraction and summaries."""
        usage = list(
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
        return Response(CostSerializer(total(usage)).data)


def total(usage: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the rows and their sums."""
    rows = [
        {
            "purpose": row["purpose"],
            "model": row["model"],
            "calls": row["calls"],
            "prompt_tokens": row["prompt"],
            "completion_tokens": row["completion"],
        }
        for row in usage
    ]
    counted = ("calls", "prompt_tokens", "completion_tokens")
    return {key: sum(row[key] for row in rows) for key in counted} | {
        "by_purpose": rows
    }
