"""What several test files share: one browser."""

import shutil

import pytest


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium: an installed one if there is one, else Playwright's."""
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    installed = next((path for path in map(shutil.which, names) if path), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=["--no-sandbox"])
        yield browser
        browser.close()
