"""The chat page: answers, sources, comparison, feedback, settings and history."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser import accessibility
from tests.browser.screenshots import Screenshots
from tests.browser.server import Site

CHAT = "/webui/chat/"
TAG = """
UPDATE documents_document d SET tags = '{water}' FROM documents_workspace w
WHERE w.id = d.workspace_id AND w.name = %(workspace)s AND d.name = %(name)s
"""
ABOUT_CHINESE = "烏山頭水庫是誰設計的？"
"""A question that the Chinese document answers."""
DONE = ".answer:not(.open) .facts:not(:empty)"


def ask(page: Page, question: str, answers: int = 1) -> None:
    page.fill("#question", question)
    page.press("#question", "Enter")
    turn = page.locator(".turn").last
    expect(turn.locator(DONE)).to_have_count(answers, timeout=30_000)


def expect_sources(page: Page, name: str) -> None:
    """Expect at least one source, and no source other than the document `name`."""
    chips = page.locator(".chips .source")
    expect(chips.first).to_be_visible()
    for chip in chips.all():
        expect(chip).to_contain_text(name)


def test_an_answer_links_to_its_chunks_and_shows_how_they_were_found(
    page: Page, site: Site, screenshots: Screenshots
) -> None:
    page.goto(CHAT)
    ask(page, site.samples.question)
    page.click(".evidence-details > summary")
    expect(page.locator(".picture svg a").first).to_be_visible()
    evidence = page.locator(".evidence")
    expect(evidence.locator(".timings")).to_contain_text("search")
    expect(evidence.locator(".leg").first).to_be_visible()
    screenshots.take(page, "chat-evidence")
    assert accessibility.findings(page) == []
    page.locator(".chips .source").first.click()
    expect(page.locator("#source-pane .chunk-text")).to_be_visible()
    screenshots.take(page, "chat-source")
    page.keyboard.press("Escape")
    expect(page.locator("#source-pane")).to_be_hidden()
    page.locator(".chips .source").first.click()
    page.locator(".pane-link").click()
    expect(page).to_have_url(re.compile(r"/webui/documents/.+#chunk-\d+"))
    expect(page.locator(":target")).to_be_visible()


def test_two_modes_are_compared_side_by_side(
    page: Page, site: Site, screenshots: Screenshots
) -> None:
    page.goto(CHAT)
    page.select_option("[name=other]", "naive")
    ask(page, site.samples.question, answers=2)
    expect(page.locator(".mode-name")).to_have_text(["Everything", "Chunks"])
    screenshots.take(page, "chat-compare")
    assert accessibility.findings(page) == []


def test_feedback_is_given_and_withdrawn(page: Page, site: Site) -> None:
    page.goto(CHAT)
    ask(page, site.samples.question)
    bad = page.get_by_role("button", name="Bad answer")
    bad.click()
    page.fill("#feedback-dialog textarea", "It is about something else.")
    page.click("#feedback-dialog .main")
    expect(bad).to_have_attribute("aria-pressed", "true")
    bad.click()
    expect(bad).to_have_attribute("aria-pressed", "false")


def test_conversations_are_stored_renamed_deleted_and_restored(
    page: Page, site: Site
) -> None:
    page.goto(CHAT)
    ask(page, site.samples.question)
    page.reload()
    expect(page.locator(".turn")).to_have_count(1)
    choose(page, "Rename")
    page.fill("#rename-dialog [name=title]", "Lakes")
    page.click("#rename-dialog .main")
    expect(page.locator("#conversation-title")).to_have_text("Lakes")
    page.fill("#history-search", "nothing like it")
    expect(page.locator("#history li")).to_have_count(0)
    page.fill("#history-search", "lak")
    expect(page.locator("#history li")).to_have_text("Lakes")
    choose(page, "Delete")
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator("#history li")).to_have_count(0)
    page.click("#notices button")
    expect(page.locator("#history li")).to_have_text("Lakes")


def choose(page: Page, action: str) -> None:
    """Choose an action in the menu of the open conversation."""
    page.click("#conversation-menu summary")
    page.locator("#conversation-menu").get_by_role("button", name=action).click()


def test_an_edited_question_replaces_its_answer(page: Page, site: Site) -> None:
    page.goto(CHAT)
    ask(page, site.samples.question)
    page.hover(".question-line")
    page.get_by_role("button", name="Edit this question").click()
    page.fill(".edit-question textarea", f"{site.samples.question} Really?")
    page.click(".edit-question .main")
    expect(page.locator(DONE)).to_have_count(1, timeout=30_000)
    expect(page.locator(".question")).to_have_text(f"{site.samples.question} Really?")


def test_a_mention_limits_the_question_to_a_document(page: Page, site: Site) -> None:
    page.goto(CHAT)
    page.locator("#question").press_sequentially(f"@{site.samples.chinese[:4]}")
    expect(page.locator("#scope-suggestions li")).to_have_text(site.samples.chinese)
    assert accessibility.findings(page) == []
    page.press("#question", "Enter")
    expect(page.locator("#scope .chip")).to_have_count(1)
    ask(page, ABOUT_CHINESE)
    expect_sources(page, site.samples.chinese)
    expect(page.locator(".scope-labels")).to_have_text(site.samples.chinese)


def test_an_answer_is_stopped_and_requested_again(page: Page, site: Site) -> None:
    page.goto(CHAT)
    page.fill("#question", site.samples.question)
    page.press("#question", "Enter")
    page.click("#stop")
    expect(page.locator("#send")).to_be_visible()
    page.get_by_role("button", name="Ask again").first.click()
    expect(page.locator(".turn").locator(DONE)).to_have_count(1, timeout=30_000)


def test_an_answer_is_limited_to_the_selected_documents(page: Page, site: Site) -> None:
    page.goto(CHAT)
    page.click("[data-open=settings]")
    page.fill("[name=file_name]", "*.md")
    page.focus("#filter-document")
    expect(page.locator("#filter-suggestions option")).to_have_count(2)
    page.fill("#filter-document", site.samples.chinese)
    expect(page.locator("#filter-documents button")).to_have_count(1)
    assert accessibility.findings(page) == []
    page.click("#parameters .main")
    expect(page.locator("#filter-count")).to_have_text("2")
    ask(page, ABOUT_CHINESE)
    expect_sources(page, site.samples.chinese)


def test_an_answer_is_limited_to_the_selected_tags(page: Page, site: Site) -> None:
    workspace = site.workspace()
    site.fill(workspace)
    site.execute(TAG, workspace=workspace, name=site.samples.chinese)
    site.enter(page, workspace)
    page.goto(CHAT)
    page.click("[data-open=settings]")
    page.fill("[name=tags]", "water")
    page.click("#parameters .main")
    ask(page, ABOUT_CHINESE)
    expect_sources(page, site.samples.chinese)
