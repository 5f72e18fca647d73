"""Chromium before a whole server: web, worker, PostgreSQL and Valkey.

One server and one browser serve all tests of a session. A test gets a `page` that fails
it on any console error, failed request or request to another host. Playwright keeps an
event loop in its thread, which no asyncio or database of other tests would bear beside
it: so the tests of this folder run in a thread of their own. What touches the browser
must run there too: the tests themselves, and not fixtures.
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

from tests.browser import accessibility, material, served
from tests.browser.served import LIBRARY, Site
from tests.browser.shots import DESKTOP, Shots
from tests.browser.watch import Watch

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
    """Why there can be no browser test here; empty where there can."""
    if not CHROMIUM:
        return "There is no Chromium on this machine (apt-get install chromium)."
    if not (BUILT.is_file() and accessibility.AXE.is_file()):
        return "The pages' scripts are not built (make webui)."
    return ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process takes them all, so that one server is enough."""
    reason = missing()
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", autouse=True)
def thread() -> Iterator[ThreadPoolExecutor]:
    """Where Playwright lives."""
    with ThreadPoolExecutor(1, "browser") as executor:
        yield executor


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool:
    """Run the test in the browser's thread."""
    executor = cast("ThreadPoolExecutor", pyfuncitem.funcargs["thread"])
    names = inspect.signature(pyfuncitem.obj).parameters
    values = {name: pyfuncitem.funcargs[name] for name in names}
    executor.submit(pyfuncitem.obj, **values).result()
    return True


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The running server; its workspace `library` holds `site.material`."""
    handed_in = material.written(tmp_path_factory.mktemp("material"))
    with served.running(handed_in) as running:
        yield running


@pytest.fixture(scope="session")
def browser(thread: ThreadPoolExecutor) -> Iterator[Browser]:
    """A headless Chromium."""
    playwright: Playwright = thread.submit(sync_playwright().start).result()
    browser = thread.submit(launched, playwright).result()
    yield browser
    thread.submit(browser.close).result()
    thread.submit(playwright.stop).result()


def launched(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))


@pytest.fixture
def watch(site: Site) -> Watch:
    """What the `page` is reproached with: look into it, or forgive what is wanted."""
    return Watch(site.url)


@pytest.fixture
def page(
    site: Site, browser: Browser, watch: Watch, thread: ThreadPoolExecutor
) -> Iterator[Page]:
    """A window on the library, for paths such as `/webui/`; it must not complain."""
    page = thread.submit(opened, browser, site, watch).result()
    yield page
    thread.submit(page.context.close).result()
    assert not watch.serious, "\n".join(watch.serious)


def opened(browser: Browser, site: Site, watch: Watch) -> Page:
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
    watch.over(page)
    return page


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Shots:
    """Takes pictures; SHOTS names a folder for them."""
    named = os.environ.get("SHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("shots")
    folder.mkdir(parents=True, exist_ok=True)
    return Shots(folder)
