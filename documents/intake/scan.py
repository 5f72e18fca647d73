"""Scans of the input folder: find files that were put there by hand, and queue them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields

from django.db import transaction
from django.db.models import Q

from documents.errors import InvalidChunking, InvalidName, UnsupportedType
from documents.files import file_storage, input_folder
from documents.files.file_names import FileName
from documents.files.input_folder import InputFile
from documents.intake import new_documents, uploads
from documents.intake.new_documents import NO_OPTIONS
from documents.models import Document, Workspace
from documents.workspaces import workers

BATCH_SIZE = 100
"""Upper bound on files that are queued in one transaction."""

MAX_WAIT_SECONDS = 60
"""Upper bound on the time that a scan waits for files that are still being written."""

Progress = Callable[[int, int], None]
"""Called with the number of scanned files and of all files."""


@dataclass(frozen=True, slots=True)
class ScanReport:
    """File names by outcome. Only `new` and `replaced` were queued."""

    new: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    """Changed files that were queued as new versions."""
    changed: tuple[str, ...] = ()
    """The content differs from the document of that name, and `replace` was not set."""
    duplicate: tuple[str, ...] = ()
    """A document with this content exists, under the same or another name."""
    known: tuple[str, ...] = ()
    """Files of documents that are queued or have failed."""
    unsupported: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    """Invalid names, and symbolic links to files outside the folder."""
    unfinished: tuple[str, ...] = ()
    """Files that are still being written or cannot be read; the next scan tries again."""

    @property
    def queued(self) -> int:
        return len(self.new) + len(self.replaced)

    def __add__(self, other: ScanReport) -> ScanReport:
        names = [field.name for field in fields(self)]
        return ScanReport(*(getattr(self, n) + getattr(other, n) for n in names))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file with a valid name that may be new."""

    file: InputFile
    name: FileName
    md5: str


def scan(
    workspace: Workspace,
    *,
    track_id: str,
    replace: bool = False,
    progress: Progress | None = None,
) -> ScanReport:
    """Queue the new files of the workspace's folder, oldest first, and report all others.

    With `replace`, a changed file is queued as the new version of its document. A file
    that changed between parsing and archiving is always queued. The scan waits up to a
    minute for files that changed within the last seconds.
    """
    files = input_folder.list_files(workspace)
    settled = [file for file in files if file.settled]
    report = _scan(workspace, settled, track_id, replace=replace, progress=progress)
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    waiting = {file.path for file in files if not file.settled}
    while waiting and time.monotonic() < deadline:
        time.sleep(min(1.0, input_folder.SETTLE_SECONDS))
        files = [f for f in input_folder.list_files(workspace) if f.path in waiting]
        settled = [file for file in files if file.settled]
        report += _scan(workspace, settled, track_id, replace=replace)
        waiting = {file.path for file in files if not file.settled}
    unfinished = sorted(file.name for file in files if file.path in waiting)
    return report + ScanReport(unfinished=tuple(unfinished))


def _scan(
    workspace: Workspace,
    files: Sequence[InputFile],
    track_id: str,
    *,
    replace: bool,
    progress: Progress | None = None,
) -> ScanReport:
    report = ScanReport()
    for start in range(0, len(files), BATCH_SIZE):
        batch = files[start : start + BATCH_SIZE]
        report += _BatchScan(workspace, track_id, replace=replace).run(batch)
        if progress:
            progress(start + len(batch), len(files))
    return report


class _BatchScan:
    """The scan of one batch: two queries to classify the files, and one transaction."""

    def __init__(self, workspace: Workspace, track_id: str, *, replace: bool) -> None:
        self.workspace = workspace
        self.track_id = track_id
        self.replace = replace
        self.names: dict[str, list[str]] = {}

    def run(self, files: Iterable[InputFile]) -> ScanReport:
        named = [pair for file in files if (pair := self._check(file))]
        documents = self._latest_versions([name.name for _, name in named])
        candidates = [
            candidate
            for file, name in named
            if (candidate := self._candidate(file, name, documents.get(name.name)))
        ]
        self._queue(self._distinct(candidates, documents), documents)
        return ScanReport(**{kind: tuple(names) for kind, names in self.names.items()})

    def _report(self, kind: str, file: InputFile) -> None:
        self.names.setdefault(kind, []).append(file.name)

    def _check(self, file: InputFile) -> tuple[InputFile, FileName] | None:
        if file.outside:
            self._report("refused", file)
            return None
        try:
            return file, uploads.check_file(file.name, folders=True)
        except (InvalidName, InvalidChunking):
            self._report("refused", file)
        except UnsupportedType:
            self._report("unsupported", file)
        return None

    def _latest_versions(self, names: Sequence[str]) -> dict[str, Document]:
        """Return the documents with these names, or their unfinished new versions."""
        rows = Document.objects.filter(
            Q(name__in=names) | Q(replaces__name__in=names), workspace=self.workspace
        ).select_related("replaces")
        current = {row.name: row for row in rows if row.replaces is None}
        return current | {row.replaces.name: row for row in rows if row.replaces}

    def _candidate(
        self, file: InputFile, name: FileName, document: Document | None
    ) -> Candidate | None:
        """Return the file as a candidate unless its document has the same content."""
        if (
            document
            and _is_file_of(document, file)
            and _has_same_size_and_time(document, file)
        ):
            self._report("known", file)
            return None
        md5 = input_folder.md5(file)
        if md5 is None:
            self._report("unfinished", file)
            return None
        if document and document.metadata.get("file_md5") == md5:
            self._report("known" if _is_file_of(document, file) else "duplicate", file)
            return None
        return Candidate(file, name, md5)

    def _distinct(
        self, candidates: Sequence[Candidate], documents: dict[str, Document]
    ) -> list[Candidate]:
        """Return the candidates whose content and name no other document or file has."""
        hashes = set(
            Document.objects.filter(
                workspace=self.workspace,
                metadata__file_md5__in=[candidate.md5 for candidate in candidates],
            ).values_list("metadata__file_md5", flat=True)
        )
        names = set[str]()
        distinct = list[Candidate]()
        for candidate in candidates:
            if candidate.md5 in hashes or candidate.name.name in names:
                self._report("duplicate", candidate.file)
            elif self._keeps_document(
                documents.get(candidate.name.name), candidate.file
            ):
                self._report("changed", candidate.file)
            else:
                distinct.append(candidate)
                hashes.add(candidate.md5)
                names.add(candidate.name.name)
        return distinct

    def _keeps_document(self, document: Document | None, file: InputFile) -> bool:
        """Return whether the document stays as it is although its file differs."""
        return bool(document) and not self.replace and not _is_file_of(document, file)

    def _queue(
        self, candidates: Sequence[Candidate], documents: dict[str, Document]
    ) -> None:
        """Insert the rows of the candidates, and report each.

        Without `replace`, files that were uploaded in the meantime are skipped.
        """
        if not candidates:
            return
        with transaction.atomic():
            names = [candidate.name.name for candidate in candidates]
            replaces = self.replace or any(name in documents for name in names)
            uploads.lock_for_insert(self.workspace, replace=replaces)
            existing = uploads.by_name(self.workspace, names)
            rows = list[Document]()
            for candidate in candidates:
                document = existing.get(candidate.name.name)
                if document and (
                    not replaces or self._keeps_document(document, candidate.file)
                ):
                    self._report("known", candidate.file)
                    continue
                row = self._row(candidate)
                if document:
                    uploads.supersede(row, document, NO_OPTIONS)
                self._report("replaced" if document else "new", candidate.file)
                rows.append(row)
            Document.objects.bulk_create(rows)
            uploads.record_additions(self.workspace.pk, rows)
            workers.notify_workers()

    def _row(self, candidate: Candidate) -> Document:
        file = candidate.file
        row = new_documents.of_file(self.workspace, candidate.name, self.track_id)
        row.source_path = file_storage.relative(file.path)
        row.metadata |= file_storage.file_metadata(
            file.size, file.mtime_ns, candidate.md5
        )
        return row


def _is_file_of(document: Document | None, file: InputFile) -> bool:
    return document is not None and document.source_path == file_storage.relative(
        file.path
    )


def _has_same_size_and_time(document: Document, file: InputFile) -> bool:
    size_and_time = (
        document.metadata.get("file_size"),
        document.metadata.get("file_mtime_ns"),
    )
    return size_and_time == (file.size, file.mtime_ns)
