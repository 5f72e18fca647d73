"""Workspaces, documents, chunks, and the events of the ingestion pipeline."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.fields.json import KT
from django.utils.translation import gettext_lazy as _


class LiveWorkspaces(models.Manager["Workspace"]):
    """The workspaces that are not deleted."""

    def get_queryset(self) -> models.QuerySet[Workspace]:
        return super().get_queryset().filter(deleted_at=None)


class Workspace(models.Model):
    """A knowledge base, isolated from all others.

    `retrieval.index` manages its rows in the search tables. Its graph in Apache AGE is
    created when Cypher is first used, or when the workspace becomes large.
    """

    name = models.CharField(_("name"), max_length=64, unique=True)
    embedding_model = models.CharField(_("embedding model"), max_length=200)
    embedding_dimensions = models.PositiveSmallIntegerField(_("embedding dimensions"))
    version = models.PositiveBigIntegerField(
        _("version"),
        default=0,
        help_text=_("Incremented by every change that may change an answer."),
    )
    stale_since = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When a deletion or an edit last invalidated vectors; empty if none wait.",
    )
    search_index = models.BigIntegerField(
        db_default=models.Func(
            output_field=models.BigIntegerField(),
            template="-nextval('search_index_id')",
        ),
        editable=False,
        help_text="Id of its rows in the search tables; positive if it has its own partitions.",
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    deleted_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="Set by a deletion; a worker removes the rows.",
    )

    objects = LiveWorkspaces()
    all_objects = models.Manager["Workspace"]()

    class Meta:
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")
        indexes = [
            models.Index(
                fields=["id"],
                name="workspace_deleted",
                condition=models.Q(deleted_at__isnull=False),
            ),
            models.Index(
                fields=["id"],
                name="workspace_stale",
                condition=models.Q(stale_since__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def graph_name(self) -> str:
        """The name of the workspace's graph in Apache AGE, which needs 3 characters."""
        return f"workspace_{self.pk}"


class Status(models.TextChoices):
    """LightRAG's document statuses, in the order of processing."""

    PENDING = "pending", _("Pending")
    PARSING = "parsing", _("Parsing")
    ANALYZING = "analyzing", _("Analyzing")
    PROCESSING = "processing", _("Processing")
    PREPROCESSED = "preprocessed", _("Preprocessed")
    PROCESSED = "processed", _("Processed")
    FAILED = "failed", _("Failed")


UNFINISHED = (Status.PENDING, Status.PARSING, Status.ANALYZING, Status.PROCESSING)
"""Statuses of documents that a worker still has to process.

PREPROCESSED is missing because it is only part of LightRAG's API: no document here has it.
"""

UNFINISHED_SQL = ", ".join(f"'{status.value}'" for status in UNFINISHED)
"""UNFINISHED as SQL literals: only a query that contains them uses the partial index
`document_unfinished`."""


class Document(models.Model):
    """An uploaded file or text, and the state of its ingestion."""

    workspace = models.ForeignKey(
        Workspace,
        models.CASCADE,
        related_name="documents",
        db_index=False,
        verbose_name=_("workspace"),
    )
    public_id = models.CharField(max_length=64, help_text="LightRAG's `doc-<md5>`.")
    name = models.CharField(max_length=512, help_text="Base name; shown in citations.")
    status = models.CharField(
        _("status"), max_length=16, choices=Status.choices, default=Status.PENDING
    )
    source_path = models.CharField(
        _("source path"),
        max_length=1024,
        blank=True,
        help_text=_("The stored file; empty for a text."),
    )
    content_summary = models.CharField(_("summary"), max_length=260, blank=True)
    content_length = models.PositiveIntegerField(default=0, help_text="In characters.")
    content_hash = models.CharField(max_length=32, blank=True, help_text="MD5, hex.")
    track_id = models.CharField(_("track id"), max_length=64, db_index=True)
    chunks_count = models.PositiveIntegerField(default=0)
    error_msg = models.TextField(blank=True)
    chunking = models.JSONField(
        _("chunking"),
        default=dict,
        blank=True,
        help_text=_("Chunking options of the upload."),
    )
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)
    tags = ArrayField(
        models.TextField(),
        default=list,
        blank=True,
        help_text="Tags that questions can be limited to (`documents.intake.tags`).",
    )
    replaces = models.OneToOneField(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="replacement",
        help_text="The current version, which this one replaces once it is processed.",
    )
    cancelled = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="How many leases of the document have expired."
    )
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="document_name_unique"
            ),
            models.UniqueConstraint(
                fields=["workspace", "public_id"], name="document_id_unique"
            ),
        ]
        indexes = [
            models.Index(
                fields=["workspace", "status", "updated_at"], name="document_by_update"
            ),
            models.Index(
                fields=["workspace", "status", "created_at"],
                name="document_by_creation",
            ),
            models.Index(fields=["workspace", "content_hash"], name="document_by_hash"),
            models.Index(
                fields=["workspace", "updated_at", "id"], name="document_latest"
            ),
            GinIndex(fields=["tags"], name="document_by_tags"),
            models.Index(
                fields=["workspace"],
                name="document_tagged",
                condition=~models.Q(tags=[]),
            ),
            models.Index(
                "workspace",
                KT("metadata__attached_to"),
                name="document_attached",
                condition=models.Q(metadata__has_key="attached_to"),
            ),
            models.Index(
                fields=["lease_owner"],
                name="document_leased",
                condition=~models.Q(lease_owner=""),
            ),
            models.Index(
                fields=["workspace", "created_at", "id"],
                name="document_unfinished",
                condition=models.Q(status__in=[status.value for status in UNFINISHED]),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DocumentContent(models.Model):
    """The full text of a document, in its own table to keep document rows small."""

    document = models.OneToOneField(
        Document, models.CASCADE, primary_key=True, related_name="content"
    )
    text = models.TextField()

    def __str__(self) -> str:
        return f"content of document {self.pk}"


class Chunk(models.Model):
    """A part of a document: the unit of embedding, extraction and citation.

    When all chunks of the document are embedded, they get rows in `search_chunk` and
    searches find them.
    """

    workspace = models.ForeignKey(
        Workspace,
        models.CASCADE,
        related_name="chunks",
        db_index=False,
        verbose_name=_("workspace"),
    )
    document = models.ForeignKey(
        Document, models.CASCADE, related_name="chunks", db_index=False
    )
    order = models.PositiveIntegerField()
    content = models.TextField()
    tokens = models.PositiveIntegerField(_("size in tokens"))
    headings = ArrayField(
        models.TextField(), default=list, blank=True, help_text="Outermost first."
    )
    page_first = models.PositiveIntegerField(null=True, blank=True)
    page_last = models.PositiveIntegerField(null=True, blank=True)
    positions = models.JSONField(
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        help_text="Page and box (left, top, right, bottom, in points) of each block.",
    )
    anchor = models.TextField(
        default="",
        db_default="",
        blank=True,
        help_text="The place in a file without pages, such as the name of a sheet.",
    )
    content_hash = models.CharField(max_length=32, help_text="MD5, hex.")

    class Meta:
        verbose_name = _("chunk")
        verbose_name_plural = _("chunks")
        ordering = ["document_id", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "order"], name="chunk_order_unique"
            ),
            models.UniqueConstraint(
                fields=["workspace", "id"], name="chunk_in_workspace"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} · {self.order + 1}"

    @property
    def public_id(self) -> str:
        """LightRAG's chunk id, see `chunk_public_id`."""
        return chunk_public_id(self.document.public_id, self.order)


CHUNK_INFIX = "-chunk-"


def chunk_public_id(document_public_id: str, order: int) -> str:
    """Return LightRAG's chunk id, `doc-<md5>-chunk-007`."""
    return f"{document_public_id}{CHUNK_INFIX}{order:03d}"


def chunk_public_id_sql(document_public_id: str, order: str) -> str:
    """Return the SQL expression for `chunk_public_id` of two SQL expressions."""
    text = f"({order})::text"
    digits = f"lpad({text}, greatest(3, length({text})), '0')"
    return f"{document_public_id} || '{CHUNK_INFIX}' || {digits}"


def split_chunk_public_id(public_id: str) -> tuple[str, int] | None:
    """Return the document's public id and the chunk's order; None if it is malformed."""
    document_public_id, infix, order = public_id.rpartition(CHUNK_INFIX)
    if not infix or not order.isdecimal() or len(order) > 9:
        return None
    return document_public_id, int(order)


class Figure(models.Model):
    """An image of a document, shown with its chunk in answers and on the document's page.

    Written in the transaction that stores the chunks, and deleted with its document.
    """

    document = models.ForeignKey(
        Document, models.CASCADE, related_name="figures", db_index=False
    )
    chunk = models.ForeignKey(
        Chunk,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="figures",
        help_text="The chunk that contains the figure's position or caption.",
    )
    order = models.PositiveIntegerField(
        _("number"), help_text="Number in the document, from 1; a part of its URL."
    )
    page = models.PositiveIntegerField(_("page"), null=True, blank=True)
    box = models.JSONField(
        null=True,
        blank=True,
        help_text="Left, top, right, bottom on the page, in points.",
    )
    media_type = models.CharField(
        max_length=32, help_text="One of `documents.parsing.figures.MEDIA_TYPES`."
    )
    content = models.BinaryField(help_text="The bytes of the image.")
    content_hash = models.CharField(max_length=32, help_text="MD5, hex.")
    width = models.PositiveIntegerField(help_text="In pixels.")
    height = models.PositiveIntegerField(help_text="In pixels.")
    caption = models.TextField(_("caption"), blank=True)
    description = models.TextField(
        _("description"),
        default="",
        db_default="",
        blank=True,
        help_text="What a vision model sees in the figure.",
    )
    description_chunk = models.OneToOneField(
        Chunk,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="described_figure",
        help_text="The chunk that consists of the description.",
    )
    problem = models.TextField(
        default="",
        db_default="",
        blank=True,
        help_text="Why the vision model did not describe the figure.",
    )

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        ordering = ["document_id", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "order"], name="figure_order_unique"
            ),
        ]
        indexes = [
            models.Index(
                fields=["content_hash"],
                name="figure_described",
                condition=~models.Q(description=""),
            )
        ]

    def __str__(self) -> str:
        return self.caption or f"{self.document} · {self.order}"

    @property
    def alternative_text(self) -> str:
        """What a page shows in place of the image: the caption or the description."""
        return self.caption or self.description


class EventKind(models.TextChoices):
    """Kinds of pipeline events. The comment names the keys of `PipelineEvent.data`."""

    PARSED = "parsed", _("Parsed")  # chunks
    PROCESSED = "processed", _("Processed")
    FAILED = "failed", _("Failed")
    REPLACED = "replaced", _("Replaced")
    RETRIED = "retried", _("Retried")  # count
    CANCELLED = "cancelled", _("Cancelled")  # count
    DELETED = "deleted", _("Deleted")  # count
    EDITS_LOST = "edits_lost", _("Edits lost")  # names
    SCAN_STARTED = "scan_started", _("Scan started")  # track_id
    SCAN_COMPLETED = "scan_completed", _("Scan completed")  # track_id, counts
    SCAN_FAILED = "scan_failed", _("Scan failed")  # track_id, error


SCAN_KINDS = (
    EventKind.SCAN_STARTED,
    EventKind.SCAN_COMPLETED,
    EventKind.SCAN_FAILED,
)


class PipelineEvent(models.Model):
    """An entry of a workspace's pipeline history, or of a document's timeline.

    People read `message`; programs read `kind` and `data`. Old events may have
    an empty kind.
    """

    workspace = models.ForeignKey(
        Workspace,
        models.CASCADE,
        related_name="events",
        db_index=False,
        verbose_name=_("workspace"),
    )
    document = models.ForeignKey(
        Document,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("document"),
    )
    kind = models.CharField(
        _("kind"), max_length=16, choices=EventKind.choices, blank=True
    )
    data = models.JSONField(_("data"), default=dict, blank=True)
    message = models.TextField(_("message"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("pipeline event")
        verbose_name_plural = _("pipeline events")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["workspace", "-id"], name="event_latest"),
            models.Index(
                fields=["workspace", "id"],
                name="event_of_scan",
                condition=models.Q(kind__in=[kind.value for kind in SCAN_KINDS]),
            ),
        ]

    def __str__(self) -> str:
        return self.message
