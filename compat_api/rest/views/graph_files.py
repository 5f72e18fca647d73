"""`/resources/workspaces/<name>/graph.<format>`: export and import of the graph.

An export is written to a temporary file first. So a slow client holds no database
snapshot open, and a failure is an error instead of an incomplete file.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from typing import Any, BinaryIO

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from compat_api.http.body_limit import BodyLimit, body_limit
from compat_api.http.file_response import StreamedFile
from compat_api.rest.file_negotiation import IgnoreAccept
from compat_api.rest.input_serializers import GraphInput
from compat_api.rest.serializers import ImportSerializer
from compat_api.rest.workspace_mixin import WorkspaceMixin
from graph.interchange import export_graph, import_graph
from graph.interchange.formats import FORMATS, Format
from graph.models import Entity

FORM = OpenApiParameter("form", str, OpenApiParameter.PATH, enum=list(FORMATS))


def exported(workspace_id: int, form: Format) -> BinaryIO:
    """Return an unnamed open file with the export, positioned at its beginning."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the response
    try:
        export_graph.export(workspace_id, form, file)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


class GraphFileView(WorkspaceMixin):
    """GraphML, JSON lines, or two CSV tables in a ZIP archive."""

    queryset = Entity.objects.all()
    serializer_class = ImportSerializer
    parser_classes = [MultiPartParser]
    pagination_class = None
    filter_backends = []
    content_negotiation_class = IgnoreAccept

    @extend_schema(
        parameters=[FORM],
        responses={
            (200, form.content_type): OpenApiTypes.BINARY for form in FORMATS.values()
        },
        operation_id="graph_export",
        tags=["graph"],
    )
    def get(self, request: Request, workspace: str, form: str) -> HttpResponseBase:
        """Export the current entities and relations, sorted by name.

        Mentions are not exported. The same graph always gives the same file.
        """
        return StreamedFile(
            exported(self.workspace.pk, FORMATS[form]),
            as_attachment=True,
            filename=f"{workspace}.{form}",
            content_type=FORMATS[form].content_type,
        )

    @extend_schema(
        parameters=[FORM],
        request={"multipart/form-data": GraphInput},
        responses=ImportSerializer,
        operation_id="graph_import",
        tags=["graph"],
    )
    @body_limit(BodyLimit.UPLOAD)
    def post(self, request: Request, workspace: str, form: str) -> Response:
        """Import a file, completely or not at all.

        Imported values count as edits by a user. Existing entities and relations are
        kept, or overwritten with `replace`.
        """
        body = GraphInput(data=request.data)
        body.is_valid(raise_exception=True)
        values: dict[str, Any] = body.validated_data
        graph = FORMATS[form].read(values["file"])
        report = import_graph.run(self.workspace.pk, graph, replace=values["replace"])
        return Response(ImportSerializer(asdict(report)).data)
