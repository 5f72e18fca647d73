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

from compat_api.resources.downloads import WhateverIsAccepted
from compat_api.resources.inputs import GraphInput
from compat_api.resources.shapes import ImportShape
from compat_api.resources.within import InWorkspace
from compat_api.sent_file import SentFile
from documents import tasks
from graph.models import Entity
from graph.portable import exporting, importing
from graph.portable.formats import FORMATS, Format

FORM = OpenApiParameter("form", str, OpenApiParameter.PATH, enum=list(FORMATS))


def exported(workspace_id: int, form: Format) -> BinaryIO:
    """An open file without a name, to be read from its beginning."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the answer
    try:
        exporting.export(workspace_id, form, file)
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
        report = importing.run(self.workspace.pk, found, replace=values["replace"])
        tasks.wake()
        return Response(ImportShape(asdict(report)).data)
