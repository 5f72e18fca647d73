"""The processing of a document: progress, stop, retry, and a new version."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.server import Site

SQUARES = ".cells i.done"

# The document is leased to a worker that does not exist, so its state does not change.
HOLD = """
WITH held AS (
    UPDATE documents_document d SET status = 'processing', lease_owner = 'nobody',
        lease_until = now() + interval '1 hour'
    FROM documents_workspace w
    WHERE w.id = d.workspace_id AND w.name = %(workspace)s AND d.name = %(name)s
    RETURNING d.id)
DELETE FROM graph_chunkextraction x USING documents_chunk c, held
WHERE c.id = x.chunk_id AND c.document_id = held.id AND c."order" > 0
"""
ANSWER = """
INSERT INTO graph_chunkextraction (chunk_id, records, model, created_at)
SELECT c.id, '{"entities": [], "relationships": []}', 'fake', now()
FROM documents_chunk c JOIN documents_document d ON d.id = c.document_id
JOIN documents_workspace w ON w.id = d.workspace_id
WHERE w.name = %(workspace)s AND d.name = %(name)s AND c."order" = 1
"""


def opened(page: Page, site: Site, workspace: str) -> None:
    site.enter(page, workspace)
    page.goto("/webui/")
    page.get_by_role("link", name=site.samples.english).click()
    page.wait_for_url("**/documents/**")  # its script is loaded


def test_a_document_is_stopped_and_retried(page: Page, site: Site) -> None:
    workspace = site.workspace()
    site.fill(workspace)
    which = {"workspace": workspace, "name": site.samples.english}
    site.execute(HOLD, **which)
    opened(page, site, workspace)
    expect(page.locator(SQUARES)).to_have_count(1)
    if page.locator(".cells i").count() > 1:
        site.execute(ANSWER, **which)
        expect(page.locator(SQUARES)).to_have_count(2)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".badge.stopped")).to_be_visible()
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("#head .badge.processed")).to_be_visible(timeout=60_000)


def test_a_new_version_is_uploaded(page: Page, site: Site, tmp_path: Path) -> None:
    workspace = site.workspace()
    site.fill(workspace)
    opened(page, site, workspace)
    newer = tmp_path / f"newer{Path(site.samples.english).suffix}"
    newer.write_text("The Rhine River flows through Germany.")
    page.locator("#version").set_input_files([newer])
    expect(page.locator(".chunk-text").first).to_contain_text("Rhine", timeout=60_000)
    expect(page.locator("#head .badge.processed")).to_be_visible(timeout=60_000)
    expect(page.locator("h1")).to_have_text(site.samples.english)
