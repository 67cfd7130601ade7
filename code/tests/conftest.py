"""What several test files share as a fixture: one browser."""

import chromium
import pytest


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
