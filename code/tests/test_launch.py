"""Launch buttons: none without the repository's address, and with it none that lead elsewhere."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from course import PAGES, ROOT, SITE
from sphinx.errors import ConfigError

pytestmark = pytest.mark.site


def outward(page, site):
    """The links of a page, outside its text, that lead out of the site."""
    text = (site / f"{page}.html").read_text(encoding="utf-8")
    links = BeautifulSoup(text, "html.parser").find_all("a", href=re.compile(r"^(\w+:)?//"))
    return [link["href"] for link in links if not link.find_parent("article")]


@pytest.mark.parametrize("page", PAGES)
def test_without_an_address_there_is_no_launch_button(page):
    assert outward(page, SITE) == []


@pytest.fixture(scope="module")
def launch_site(tmp_path_factory):
    """The site once more, for a repository with an address."""
    folder = tmp_path_factory.mktemp("launch")
    shutil.copytree(SITE.parent / ".doctrees", folder / "_build" / ".doctrees")
    result = build(folder, REPOSITORY="https://github.com/owner/name.git", BRANCH="2026")
    assert result.returncode == 0, result.stdout + result.stderr
    return folder / "_build" / "html"


def build(folder, **environment):
    command = Path(sys.executable).with_name("jupyter-book")
    return subprocess.run(
        [command, "build", "-W", "-n", ".", "--path-output", folder],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )


def test_with_an_address_every_button_leads_there(launch_site):
    binder = "https://mybinder.org/v2/gh/owner/name/2026?urlpath=lab/tree/"
    colab = "https://colab.research.google.com/github/owner/name/blob/2026/"
    repository = "https://github.com/owner/name"
    for page in PAGES:
        links = outward(page, launch_site)
        assert repository in links, page
        for link in links:
            assert link.startswith((binder, colab, repository + "/")) or link == repository, link
        notebook = f"{page}.ipynb"
        is_notebook = (ROOT / notebook).is_file()
        assert (binder + notebook in links, colab + notebook in links) == (is_notebook,) * 2, page


@pytest.fixture(scope="module")
def set_repository():
    """What the extension makes of an address: set_repository(url, branch) gives the options."""
    spec = importlib.util.spec_from_file_location("course_site", ROOT / "book/_ext/course_site.py")
    course_site = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(course_site)

    def options(url, branch="main"):
        theme = {"repository_url": url, "repository_branch": branch, "launch_buttons": {}}
        course_site.set_repository(None, SimpleNamespace(html_theme_options=theme))
        return theme

    return options


@pytest.fixture
def no_address(monkeypatch):
    monkeypatch.delenv("REPOSITORY", raising=False)
    monkeypatch.delenv("BRANCH", raising=False)


WRONG = [
    *(
        "owner/name",
        "https://github.com/owner",
        "http://github.com/owner/name",
        "git@github.com:o/n",
    ),
    *("https://example.org/owner/name", "https://github.com/owner/name/tree/main", "yes"),
]


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_address_is_refused(set_repository, no_address, url):
    with pytest.raises(ConfigError, match="write https://github.com/OWNER/NAME") as error:
        set_repository(url)
    assert repr(url) in str(error.value)


def test_a_wrong_branch_is_refused(set_repository, no_address):
    with pytest.raises(ConfigError, match="branch is 'a b'"):
        set_repository("https://github.com/owner/name", "a b")


def test_no_address_takes_the_buttons_away(set_repository, no_address):
    assert set_repository("") == {}


def test_the_environment_goes_before_the_settings(set_repository, monkeypatch):
    monkeypatch.setenv("REPOSITORY", "https://github.com/fork/name")
    monkeypatch.setenv("BRANCH", "other")
    theme = set_repository("https://github.com/owner/name")
    assert theme["repository_url"] == "https://github.com/fork/name"
    assert theme["repository_branch"] == "other"


def test_a_build_with_a_wrong_address_fails_clearly(tmp_path):
    result = build(tmp_path, REPOSITORY="https://example.org/owner/name")
    assert result.returncode != 0
    assert "the repository's address is 'https://example.org/owner/name'" in result.stderr
