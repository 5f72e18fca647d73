"""The list of documents, uploads, and the page of one document."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser import accessibility
from tests.browser.page_errors import PageErrors
from tests.browser.screenshots import Screenshots
from tests.browser.server import Site

HALF_EXTRACTED = """
WITH held AS (
    UPDATE documents_document d SET status = 'processing', lease_owner = 'another worker',
        lease_until = now() + interval '1 day'
    FROM documents_workspace w
    WHERE w.id = d.workspace_id AND w.name = %(name)s
    RETURNING d.id)
DELETE FROM graph_chunkextraction x USING documents_chunk c
WHERE c.id = x.chunk_id AND c.document_id = (SELECT max(id) FROM held)
"""
"""Leases the documents to a worker that does not exist and removes some extractions."""


def files(site: Site, folder: Path) -> list[Path]:
    paths = []
    for name, content in site.samples.files.items():
        paths.append(folder / name)
        paths[-1].write_bytes(content)
    return paths


def test_files_are_uploaded_and_processed(
    page: Page, site: Site, tmp_path: Path, screenshots: Screenshots
) -> None:
    site.enter(page, site.workspace())
    page.goto("/webui/")
    screenshots.take(page, "first-run", whole=True)
    page.locator("#files").set_input_files(files(site, tmp_path))
    expect(page.get_by_text("2 files uploaded")).to_be_visible()
    expect(page.locator(".badge.processed")).to_have_count(2, timeout=60_000)
    expect(page.locator(".chip.processed b")).to_have_text("2")


def test_the_list_shows_the_progress(page: Page, site: Site) -> None:
    workspace = site.workspace()
    site.fill(workspace)
    site.execute(HALF_EXTRACTED, name=workspace)
    site.enter(page, workspace)
    page.goto("/webui/")
    expect(page.locator(".progress-line strong")).to_have_text(
        "Processing: 0 of 2 documents finished"
    )
    progress = page.get_by_text(re.compile(r"^[1-9]\d* of \d+ chunks processed"))
    expect(progress.first).to_be_visible()


def test_a_file_with_an_existing_name_is_uploaded_as_a_new_version(
    page: Page, site: Site, tmp_path: Path
) -> None:
    site.enter(page, site.workspace())
    page.goto("/webui/")
    notes = tmp_path / "notes.md"
    notes.write_text("The Amazon River flows through Brazil.")
    page.locator("#files").set_input_files([notes])
    expect(page.locator(".badge.processed")).to_have_count(1, timeout=60_000)
    notes.write_text("The Rhine River flows through Germany.")
    page.locator("#files").set_input_files([notes])
    page.get_by_role("button", name="Upload as new version").click()
    expect(page.locator(".summary").first).to_contain_text("Rhine", timeout=60_000)


def test_an_unsupported_file_is_rejected_with_a_reason(
    page: Page, site: Site, tmp_path: Path, page_errors: PageErrors
) -> None:
    page_errors.ignore("/webui/upload")
    site.enter(page, site.workspace())
    page.goto("/webui/")
    strange = tmp_path / "strange.exe"
    strange.write_bytes(b"MZ")
    page.locator("#files").set_input_files([strange])
    expect(page.locator("#uploads .rejected em")).to_contain_text("isn't supported")


def test_several_documents_are_tagged_and_filtered_by_tag(
    page: Page, site: Site
) -> None:
    page.goto("/webui/")
    page.get_by_label("Select all on this page").check()
    page.get_by_role("button", name="Tags", exact=True).click()
    page.get_by_label("Tags (comma-separated)").fill("read, 2024")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("2 documents tagged")).to_be_visible()
    page.get_by_role("link", name="read", exact=True).first.click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("button", name=f"Tags of {site.samples.english}").click()
    expect(page.get_by_label("Tags (comma-separated)")).to_have_value("2024, read")
    page.get_by_label("Tags (comma-separated)").fill("2024")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_document_shows_its_text_with_entities_and_relations(
    page: Page, site: Site, screenshots: Screenshots
) -> None:
    page.goto("/webui/")
    page.get_by_role("link", name=site.samples.chinese).click()
    page.wait_for_url(re.compile("/webui/documents/"))  # its script is loaded
    expect(page.locator(".chunk-text mark").first).to_be_visible()
    expect(page.locator(".related").first).to_be_attached()
    chunk = page.locator(".chunk", has=page.locator(".related")).first
    page.evaluate(
        "() => document.querySelectorAll('details').forEach(d => d.open = true)"
    )
    number = (
        chunk.locator(".related").first.get_attribute("data-relations") or "0"
    ).split()[0]
    row = chunk.locator(f'.relation[data-relation="{number}"]')
    row.get_by_role("link").first.focus()
    expect(
        chunk.locator(f'.related.highlighted[data-relations~="{number}"]').first
    ).to_be_visible()
    expect(page.get_by_text("Completed processing")).to_be_visible()
    assert accessibility.findings(page) == []
    screenshots.take(page, "document")


def test_the_original_is_downloaded(page: Page, site: Site) -> None:
    page.goto("/webui/")
    page.get_by_role("link", name=site.samples.english).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download original").click()
    content = Path(download.value.path()).read_bytes()
    assert content == site.samples.files[site.samples.english]


def test_a_document_is_deleted_after_confirmation(page: Page, site: Site) -> None:
    workspace = site.workspace()
    site.enter(page, workspace)
    page.goto("/webui/")
    page.get_by_role("button", name="Add text").click()
    page.get_by_label("Name", exact=True).fill("pasted.md")
    page.get_by_label("Text", exact=True).fill("The Nile flows through Egypt.")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".badge.processed")).to_have_count(1, timeout=60_000)
    page.get_by_role("link", name="pasted.md").click()
    page.get_by_role("button", name="Delete").first.click()
    assert accessibility.findings(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Drop files or a folder here")).to_be_visible()


def test_the_selected_language_is_remembered(page: Page) -> None:
    page.goto("/webui/")
    page.get_by_label("Language").select_option("zh-hant")
    expect(page.locator("html")).to_have_attribute("lang", "zh-hant")
    page.goto("/webui/chat/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-hant")
