"""Files that were put into the input folder by hand: found, told apart, queued."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields

from django.db import transaction

from documents.errors import BadChunking, RefusedName, UnsupportedType
from documents.files import file_storage, input_folder
from documents.files.file_names import FileName
from documents.files.input_folder import FileFound
from documents.intake import new_documents, uploads
from documents.lifecycle import deletion
from documents.models import Document, Workspace
from documents.workspaces import audit, locks, notify
from documents.workspaces.audit import Action

BATCH = 100

Progress = Callable[[int, int], None]
"""Called with how many files have been looked at, and how many there are."""


@dataclass(frozen=True, slots=True)
class ScanReport:
    """File names, by what became of them. Only `new` and `replaced` were queued."""

    new: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    """Another content than the document of that name; `replace` would take it."""
    duplicate: tuple[str, ...] = ()
    """The content of a document that is there, under its own or another name."""
    known: tuple[str, ...] = ()
    """Files of documents that are still to be processed, or have failed."""
    unsupported: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    """Bad names, and links that lead out of the folder."""
    unfinished: tuple[str, ...] = ()
    """Still being written, or not to be read: left to the next scan."""

    @property
    def queued(self) -> int:
        return len(self.new) + len(self.replaced)

    def __add__(self, other: ScanReport) -> ScanReport:
        names = [field.name for field in fields(self)]
        return ScanReport(*(getattr(self, n) + getattr(other, n) for n in names))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file with a good name, which may be new."""

    file: FileFound
    name: FileName
    md5: str


def scan(
    workspace: Workspace,
    *,
    track_id: str,
    replace: bool = False,
    progress: Progress | None = None,
) -> ScanReport:
    """Queue what is new, oldest first, and tell about all the rest.

    With `replace`, the document of a changed file is deleted and the file read anew.
    """
    files = input_folder.read(workspace)
    report = ScanReport()
    for start in range(0, len(files), BATCH):
        batch = files[start : start + BATCH]
        report += _Scan(workspace, track_id, replace=replace).take(batch)
        if progress:
            progress(start + len(batch), len(files))
    return report


class _Scan:
    """One batch: two queries to tell the files apart, and one transaction."""

    def __init__(self, workspace: Workspace, track_id: str, *, replace: bool) -> None:
        self.workspace = workspace
        self.track_id = track_id
        self.replace = replace
        self.found: dict[str, list[str]] = {}

    def take(self, files: Iterable[FileFound]) -> ScanReport:
        named = [pair for file in files if (pair := self._name(file))]
        documents = self._documents([name.name for _, name in named])
        candidates = [
            candidate
            for file, name in named
            if (candidate := self._candidate(file, name, documents.get(name.name)))
        ]
        self._queue(self._unheld(candidates, documents), documents)
        return ScanReport(**{kind: tuple(names) for kind, names in self.found.items()})

    def _note(self, kind: str, file: FileFound) -> None:
        self.found.setdefault(kind, []).append(file.path.name)

    def _name(self, file: FileFound) -> tuple[FileFound, FileName] | None:
        if file.outside:
            self._note("refused", file)
            return None
        try:
            return file, uploads.check_file(file.path.name)
        except (RefusedName, BadChunking):
            self._note("refused", file)
        except UnsupportedType:
            self._note("unsupported", file)
        return None

    def _documents(self, names: Sequence[str]) -> dict[str, Document]:
        found = Document.objects.filter(workspace=self.workspace, name__in=names)
        return {document.name: document for document in found}

    def _candidate(
        self, file: FileFound, name: FileName, document: Document | None
    ) -> Candidate | None:
        """The file, unless it is the very one its document was made from."""
        if document and _is_own(document, file) and _looks_the_same(document, file):
            self._note("known", file)
            return None
        md5 = input_folder.md5(file)
        if md5 is None:
            self._note("unfinished", file)
            return None
        if document and document.metadata.get("file_md5") == md5:
            self._note("known" if _is_own(document, file) else "duplicate", file)
            return None
        return Candidate(file, name, md5)

    def _unheld(
        self, candidates: Sequence[Candidate], documents: dict[str, Document]
    ) -> list[Candidate]:
        """Those whose content and name no other document or file has."""
        held = set(
            Document.objects.filter(
                workspace=self.workspace,
                metadata__file_md5__in=[candidate.md5 for candidate in candidates],
            ).values_list("metadata__file_md5", flat=True)
        )
        names = set[str]()
        unheld = list[Candidate]()
        for candidate in candidates:
            if candidate.md5 in held or candidate.name.name in names:
                self._note("duplicate", candidate.file)
            elif candidate.name.name in documents and not self.replace:
                self._note("changed", candidate.file)
            else:
                unheld.append(candidate)
                held.add(candidate.md5)
                names.add(candidate.name.name)
        return unheld

    def _queue(
        self, candidates: Sequence[Candidate], documents: dict[str, Document]
    ) -> None:
        if not candidates:
            return
        old = [documents[c.name.name] for c in candidates if c.name.name in documents]
        if old:
            deletion.delete_documents(self.workspace, [d.public_id for d in old])
        taken = self._insert(candidates)
        kinds = dict.fromkeys((document.name for document in old), "replaced")
        kinds |= dict.fromkeys(taken, "known")
        for candidate in candidates:
            self._note(kinds.get(candidate.name.name, "new"), candidate.file)

    def _insert(self, candidates: Sequence[Candidate]) -> dict[str, Document]:
        """Queue them, but for those that an upload has brought meanwhile: those are
        returned."""
        with transaction.atomic():
            locks.lock_names(self.workspace)
            taken = self._documents([c.name.name for c in candidates])
            rows = [self._row(c) for c in candidates if c.name.name not in taken]
            Document.objects.bulk_create(rows)
            audit.record_many(
                Action.DOCUMENT_ADD,
                (row.name for row in rows),
                workspace_id=self.workspace.pk,
            )
            notify.notify_workers()
        return taken

    def _row(self, candidate: Candidate) -> Document:
        file = candidate.file
        row = new_documents.of_file(self.workspace, candidate.name, self.track_id)
        row.source_path = file_storage.relative(file.path)
        row.metadata |= file_storage.facts(file.size, file.mtime_ns, candidate.md5)
        return row


def _is_own(document: Document, file: FileFound) -> bool:
    return document.source_path == file_storage.relative(file.path)


def _looks_the_same(document: Document, file: FileFound) -> bool:
    facts = document.metadata
    return (facts.get("file_size"), facts.get("file_mtime_ns")) == (
        file.size,
        file.mtime_ns,
    )
