"""What several test files share as a fixture: one browser, the pages of the interactive figure.

And which tests need a browser, and the names of a notebook's cells.
"""

import sys

import chromium
import pytest
from course import serve


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


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Pages made from stored outputs, one of each rule, beside the files that they load."""
    import figure

    from descent import RULES, Explorer

    folder = tmp_path_factory.mktemp("site")
    for file in figure.FILES:
        (folder / file.name).write_bytes(file.read_bytes())
    for name, rule in RULES.items():
        (folder / f"{name}.html").write_text(figure.document(Explorer(rule)._html()))
    (folder / "none.html").write_text(figure.document("<p>no figure here</p>"))
    (folder / "live.html").write_text(figure.document('<div class="descent-explorer"></div>'))
    return folder


@pytest.fixture(scope="session")
def address(folder):
    with serve(folder) as address:
        yield address


@pytest.fixture
def define(monkeypatch):
    """Names as a notebook's cells would give them: define(my_rule=...)."""
    main = sys.modules["__main__"]

    def names_are(**names):
        for name, value in names.items():
            if hasattr(value, "__name__"):
                monkeypatch.setattr(value, "__name__", name)
            monkeypatch.setattr(main, name, value, raising=False)

    return names_are
