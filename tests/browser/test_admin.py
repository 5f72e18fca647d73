"""The admin in both themes: dashboard, uploads, duplicates."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser import accessibility
from tests.browser.screenshots import Screenshots
from tests.browser.server import PASSWORD, Site

DUPLICATES = "/admin/graph/entity/duplicates/"
UPLOAD = "/admin/documents/document/add/"
PATHS = (
    "/admin/",
    "/admin/documents/document/",
    UPLOAD,
    "/admin/graph/entity/cypher/",
    "/admin/graph/relation/add/",
    DUPLICATES,
    "/admin/compat_api/apikey/add/",
)


def log_in(page: Page, path: str = "/admin/") -> None:
    page.goto(path)
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"**{path}")
    expect(page.locator("[name=password]")).to_have_count(0)


def in_both_themes(page: Page) -> list[str]:
    """Return serious findings. The admin reads the theme when a page is loaded."""
    violations = []
    for theme in accessibility.THEMES:
        page.emulate_media(color_scheme=theme)
        page.reload()
        dark = page.locator("html.dark")
        expect(dark).to_have_count(1 if theme == "dark" else 0)
        violations += [
            f"{page.url} {theme}: {line}" for line in accessibility.now(page)
        ]
    page.emulate_media(color_scheme="light")
    return violations


def test_pages_are_accessible_in_both_themes(page: Page) -> None:
    page.goto("/admin/")
    violations = in_both_themes(page)
    log_in(page)
    for path in PATHS:
        page.goto(path)
        violations += in_both_themes(page)
    assert violations == []


def test_the_dashboard_shows_documents_and_durations(
    page: Page, site: Site, screenshots: Screenshots
) -> None:
    log_in(page)
    expect(page.locator("canvas.chart")).to_have_count(3)
    expect(page.locator(".steps tbody tr").first).to_be_visible()
    expect(page.locator("[aria-labelledby=queue-title]")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
    screenshots.take(page, "admin")


def test_each_uploaded_file_has_its_own_result(
    page: Page, site: Site, tmp_path: Path
) -> None:
    workspace = site.workspace()
    log_in(page, UPLOAD)
    page.select_option("[name=files-workspace]", label=workspace)
    text, program = tmp_path / "notes.md", tmp_path / "strange.exe"
    text.write_text("The Amazon River flows through Brazil.")
    program.write_bytes(b"MZ")
    page.locator("[name=files-files]").set_input_files([text, program])
    page.locator("#files-form button[type=submit]").click()
    expect(page.locator("#drop-list .drop-ok")).to_contain_text("queued")
    expect(page.locator("#drop-list .drop-bad")).to_contain_text("Unsupported")
    page.locator("#drop-list .drop-ok a").click()
    expect(page.locator(".badge-processed")).to_be_visible(timeout=60_000)


def test_duplicates_are_merged_after_confirmation_and_unmerged(
    page: Page, site: Site
) -> None:
    workspace = site.workspace()
    for name in ("Solar Panel", "solar panel"):
        site.client.post(
            "/graph/entity/create",
            json={"entity_name": name, "entity_data": {"description": "A thing."}},
            headers={"LIGHTRAG-WORKSPACE": workspace},
        ).raise_for_status()
    log_in(page, DUPLICATES)
    page.get_by_role("link", name=workspace, exact=True).click()
    checkbox = page.get_by_role("checkbox")
    for _ in range(100):  # a worker has to embed them first
        if checkbox.count():
            break
        page.wait_for_timeout(300)
        page.reload()
    checkbox.check()
    page.get_by_role("button", name="Merge selected").click()
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(page.get_by_text("1 pair was merged.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("is a separate entity again")).to_be_visible()
