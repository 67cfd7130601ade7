"""What several test files share as a fixture: one browser. And which tests need one."""

import chromium
import pytest


@pytest.hookimpl(tryfirst=True)  # before pytest selects by mark
def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):  # a notebook's cell has none
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium, an installed one if there is one, whose network ends at this machine."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.installed(),
            args=["--no-sandbox"],
            proxy={"server": "http://127.0.0.1:9", "bypass": "127.0.0.1"},  # nobody listens there
        )
        yield browser
        browser.close()
