"""Fixtures for tests with Chromium and a complete server.

All tests of a session share one server (web, worker, PostgreSQL and Valkey) and one
browser. The fixture `page` fails the test on any console error, failed request or request
to another host.

Playwright runs an event loop in its thread, with which other tests cannot use asyncio or
the database. The tests of this folder therefore run in a separate thread. Fixtures must
use the browser in that thread, too.
"""

from __future__ import annotations

import inspect
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.browser import accessibility, samples, server
from tests.browser.page_errors import PageErrors
from tests.browser.screenshots import DESKTOP, Screenshots
from tests.browser.server import LIBRARY, Site

HERE = Path(__file__).parent
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
BUILT = Path(__file__).resolve().parents[2] / "compat_api/static/webui/build/graph.js"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def missing() -> str:
    """Return why browser tests cannot run on this machine, or an empty string."""
    if not CHROMIUM:
        return "Chromium is not installed (apt-get install chromium)."
    if not (BUILT.is_file() and accessibility.AXE.is_file()):
        return "The scripts of the pages are not built (make test)."
    return ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all browser tests in one process, so that they share the server."""
    reason = missing()
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", autouse=True)
def thread() -> Iterator[ThreadPoolExecutor]:
    """Return the executor of Playwright's thread."""
    with ThreadPoolExecutor(1, "browser") as executor:
        yield executor


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool:
    """Run the test in Playwright's thread."""
    executor = cast("ThreadPoolExecutor", pyfuncitem.funcargs["thread"])
    names = inspect.signature(pyfuncitem.obj).parameters
    values = {name: pyfuncitem.funcargs[name] for name in names}
    executor.submit(pyfuncitem.obj, **values).result()
    return True


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Start the server. Its workspace `library` contains `site.samples`."""
    documents = samples.write(tmp_path_factory.mktemp("samples"))
    with server.running(documents) as site:
        yield site


@pytest.fixture(scope="session")
def browser(thread: ThreadPoolExecutor) -> Iterator[Browser]:
    """Start a headless Chromium."""
    playwright: Playwright = thread.submit(sync_playwright().start).result()
    browser = thread.submit(launch, playwright).result()
    yield browser
    thread.submit(browser.close).result()
    thread.submit(playwright.stop).result()


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))


@pytest.fixture
def page_errors(site: Site) -> PageErrors:
    """Return the errors of `page`. A test ignores those that it causes on purpose."""
    return PageErrors(site.url)


@pytest.fixture
def page(
    site: Site, browser: Browser, page_errors: PageErrors, thread: ThreadPoolExecutor
) -> Iterator[Page]:
    """Open the workspace `library`. The test fails on errors of the page."""
    page = thread.submit(open_page, browser, site, page_errors).result()
    yield page
    thread.submit(page.context.close).result()
    assert not page_errors.unexpected, "\n".join(page_errors.unexpected)


def open_page(browser: Browser, site: Site, page_errors: PageErrors) -> Page:
    width, height = DESKTOP
    context = browser.new_context(
        base_url=site.url,
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
        color_scheme="light",
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    site.enter(page, LIBRARY)
    page_errors.attach(page)
    return page


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Screenshots:
    """Return the screenshots, in the folder SHOTS if it is set."""
    name = os.environ.get("SHOTS")
    folder = Path(name) if name else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return Screenshots(folder)
