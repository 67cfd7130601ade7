"""Launch buttons: none without the repository's address, and with it none that lead elsewhere."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import address
import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from course import PAGES, ROOT, SITE
from sphinx.errors import ConfigError

pytestmark = pytest.mark.site


SAMPLE = ["book/index", "book/adamax/derivation", "book/adamax/notebook"]


def outward(page, site):
    """The links of a page, outside its text, that lead out of the site."""
    text = (site / f"{page}.html").read_text(encoding="utf-8")
    links = BeautifulSoup(text, "html.parser").find_all("a", href=re.compile(r"^(\w+:)?//"))
    return [link["href"] for link in links if not link.find_parent("article")]


def leads_home(page, site, repository, branch):
    """Every link leads to the repository, and a notebook has its buttons."""
    binder = repository.replace("https://github.com", "https://mybinder.org/v2/gh")
    binder += f"/{branch}?urlpath=lab/tree/"
    colab = repository.replace("https://github.com", "https://colab.research.google.com/github")
    colab += f"/blob/{branch}/"
    links = outward(page, site)
    assert repository in links
    for link in links:
        assert link.startswith((binder, colab, repository + "/")) or link == repository
    notebook = f"{page}.ipynb"
    is_notebook = (ROOT / notebook).is_file()
    assert (binder + notebook in links, colab + notebook in links) == (is_notebook,) * 2


@pytest.mark.parametrize("page", PAGES)
def test_a_page_leads_to_the_known_address_alone(page):
    """Without an address there is no launch button."""
    if address.configured():
        settings = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
        leads_home(page, SITE, address.configured(), settings["repository"]["branch"])
    else:
        assert outward(page, SITE) == []


def build(*arguments, **environment):
    command = [Path(sys.executable).with_name("jupyter-book"), "build", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def launch_site(tmp_path_factory):
    """A few pages once more, for a repository with an address."""
    folder = tmp_path_factory.mktemp("launch")
    for name in ("_config.yml", "book", "code"):
        (folder / name).symlink_to(ROOT / name)
    root, *others = SAMPLE
    contents = {"format": "jb-book", "root": root, "chapters": [{"file": f} for f in others]}
    (folder / "_toc.yml").write_text(yaml.safe_dump(contents))
    result = build(folder, REPOSITORY="https://github.com/owner/name.git", BRANCH="2026")
    assert result.returncode == 0, result.stdout + result.stderr
    return folder / "_build" / "html"


@pytest.mark.parametrize("page", SAMPLE)
def test_with_an_address_every_button_leads_there(launch_site, page):
    leads_home(page, launch_site, "https://github.com/owner/name", "2026")


def test_a_notebook_from_the_site_knows_the_address(launch_site):
    """The page does not show the cell, but the notebook that it offers for download holds it."""
    name = "book/adamax/notebook"
    notebook = nbformat.read(launch_site / f"_sources/{name}.ipynb", as_version=4)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert first.source == address.first_cell("https://github.com/owner/name")
    page = BeautifulSoup((launch_site / f"{name}.html").read_text("utf-8"), "html.parser")
    assert page.find("main") and "PackageNotFoundError" not in page.find("main").get_text()


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
    result = build(".", "--path-output", tmp_path, REPOSITORY="https://example.org/owner/name")
    assert result.returncode != 0
    assert "the repository's address is 'https://example.org/owner/name'" in result.stderr
