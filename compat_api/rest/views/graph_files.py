"""`/resources/workspaces/<name>/graph.<form>`: the whole graph, out and in.

The file is written to disk first and sent from there: a slow reader keeps no snapshot of
the database open, and a failure half-way is an error and not half a graph.
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

from compat_api.http.file_response import SentFile
from compat_api.rest.file_downloads import WhateverIsAccepted
from compat_api.rest.input_serializers import GraphInput
from compat_api.rest.serializers import ImportShape
from compat_api.rest.workspace_mixin import InWorkspace
from graph.interchange import export_graph, import_graph
from graph.interchange.formats import FORMATS, Format
from graph.models import Entity

FORM = OpenApiParameter("form", str, OpenApiParameter.PATH, enum=list(FORMATS))


def exported(workspace_id: int, form: Format) -> BinaryIO:
    """An open file without a name, to be read from its beginning."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the answer
    try:
        export_graph.export(workspace_id, form, file)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


class GraphFile(InWorkspace):
    """GraphML, JSON lines, or two CSV tables in a ZIP archive."""

    queryset = Entity.objects.all()
    serializer_class = ImportShape
    parser_classes = [MultiPartParser]
    pagination_class = None
    filter_backends = []
    content_negotiation_class = WhateverIsAccepted

    @extend_schema(
        parameters=[FORM],
        responses={
            (200, form.content_type): OpenApiTypes.BINARY for form in FORMATS.values()
        },
        operation_id="graph_export",
        tags=["graph"],
    )
    def get(self, request: Request, workspace: str, form: str) -> HttpResponseBase:
        """Entities and relations as they are at this moment, sorted by name.

        What chunks said of them stays behind. The same graph is the same file.
        """
        return SentFile(
            exported(self.workspace.pk, FORMATS[form]),
            as_attachment=True,
            filename=f"{workspace}.{form}",
            content_type=FORMATS[form].content_type,
        )

    @extend_schema(
        parameters=[FORM],
        request={"multipart/form-data": GraphInput},
        responses=ImportShape,
        operation_id="graph_import",
        tags=["graph"],
    )
    def post(self, request: Request, workspace: str, form: str) -> Response:
        """Bring a file in, all of it or nothing; what it says counts as a person's words.

        What is there already is kept, or changed with `replace`.
        """
        sent = GraphInput(data=request.data)
        sent.is_valid(raise_exception=True)
        values: dict[str, Any] = sent.validated_data
        found = FORMATS[form].read(values["file"])
        report = import_graph.run(self.workspace.pk, found, replace=values["replace"])
        return Response(ImportShape(asdict(report)).data)
