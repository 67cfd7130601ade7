"""README, CONTRIBUTING and the first page: commands, code and links, as a reader uses them."""

import contextlib
import io
import json
import re
import subprocess
from urllib.parse import urlsplit

import nbformat
import pytest
from course import PAGES, ROOT
from pybtex.database import parse_file
from pybtex.richtext import Text

GUIDES = ("README.md", "CONTRIBUTING.md", "book/index.md")
BIBLIOGRAPHY = ROOT / "book/references.bib"


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name):
    """The fenced blocks of a page as (language, content)."""
    return re.findall(r"^ *```(\w*)\n(.*?)^ *```$", text(name), re.M | re.S)


def code_of(name):
    """All that is set as code: fenced blocks and words in backticks."""
    inline = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", re.sub(r"(?ms)^ *```.*?^ *```$", "", text(name)))
    return [*inline, *(line for _, block in blocks(name) for line in block.splitlines())]


# Commands ---------------------------------------------------------------------------------------


def targets():
    (names,) = re.findall(r"^\.PHONY: (.+)$", text("Makefile"), re.M)
    return names.split()


@pytest.mark.parametrize("name", GUIDES)
def test_every_make_target_exists(name):
    asked = [m for code in code_of(name) for m in re.findall(r"(?:^|[;&] *)make +([a-z]+)\b", code)]
    assert asked and set(asked) <= set(targets())


@pytest.mark.parametrize("name", GUIDES)
def test_every_setting_of_make_is_known(name):
    asked = {m for c in code_of(name) if "make" in c for m in re.findall(r"\b([A-Z]{2,})=", c)}
    assert asked <= set(re.findall(r"\b([A-Z]{2,})\b(?= \?=|=|\))", text("Makefile")))


@pytest.mark.parametrize("name", GUIDES)
def test_what_pip_installs_is_there(name):
    for code in code_of(name):
        for arguments in re.findall(r"pip install (.*)", code):
            for word in arguments.split():
                if "subdirectory=" in word:
                    word = "./" + word.split("subdirectory=")[1].strip('"')
                if word.startswith("."):
                    assert (ROOT / word / "pyproject.toml").is_file(), code


@pytest.mark.parametrize("name", GUIDES)
def test_every_file_and_folder_is_there(name):
    """What is written as a path in backticks; a name in capitals or <> stands for the reader's."""
    for code in code_of(name):
        for path in re.findall(r"(?<![\w./<>:-])((?:book|code|\.\w+)/[\w./-]*)(?![\w<*{])", code):
            if not re.search("[A-Z]{3}", path) and path not in PAGES:
                assert (ROOT / path).exists(), f"{name}: {path}"


def test_the_commands_of_the_readme_are_the_two_that_it_promises():
    """What they do is what make test is about; here that make finds all that they need."""
    for command in ("book", "test"):
        result = subprocess.run(["make", "-n", command], cwd=ROOT, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        assert f"make {command} " in text("README.md")


# Code -------------------------------------------------------------------------------------------


def test_the_snippet_prints_what_the_readme_shows():
    (snippet,) = [block for language, block in blocks("README.md") if language == "python"]
    (shown,) = [block for language, block in blocks("README.md") if language == "text"]
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(snippet, "README.md", "exec"), {"__name__": "readme"})
    assert printed.getvalue() == shown


# Links ------------------------------------------------------------------------------------------


def test_the_readme_links_every_page_that_is_read_in_order():
    """A newcomer on GitHub gets to each chapter's derivation and to its notebook."""
    linked = re.findall(r"\]\((book/[^)#]+)\.(?:md|ipynb)\)", text("README.md"))
    missing = set(PAGES) - set(linked)
    assert missing == {
        "book/index",
        "book/appendix/variants_notebook",
        "book/appendix/bibliography",
    }
    chapters = [page for page in linked if page.count("/") == 2 and "appendix" not in page]
    assert chapters == [page for page in PAGES if page in chapters]


HOSTS = {
    *("arxiv.org", "doi.org", "openreview.net", "jmlr.org", "proceedings.mlr.press"),
    *("cs229.stanford.edu", "www.cs.toronto.edu", "algorithmsbook.com", "www.deeplearningbook.org"),
    *("machinelearningmastery.com", "creativecommons.org", "www.apache.org"),
    "kellerjordan.github.io",
    *("github.com", "mybinder.org", "colab.research.google.com"),
}


def sources():
    """All that is written for readers, by name: pages, cells, guides and the bibliography."""
    for name in (*GUIDES, "LICENSE", "CITATION.cff", "_config.yml", "book/references.bib"):
        yield name, text(name)
    for page in PAGES:
        for path in ROOT.glob(f"{page}.md"):
            yield path.name, path.read_text(encoding="utf-8")
        for path in ROOT.glob(f"{page}.ipynb"):
            cells = nbformat.read(path, as_version=4).cells
            yield path.name, "\n".join(cell.source for cell in cells)


def test_links_lead_to_known_hosts():
    """A typo in an address shows as a new host. A right new host is added to the list."""
    for name, content in sources():
        for link in re.findall(r"\w+://[^\s)\"'`>}]+", content):
            url = urlsplit(link)
            local = url.hostname in ("localhost", "127.0.0.1")
            assert local or url.scheme == "https" and url.hostname in HOSTS, f"{name}: {link}"


# The bibliography -------------------------------------------------------------------------------


def test_years_and_titles_are_the_checked_ones():
    """bibliography.json was checked by hand, work by work; so is what is added to it."""
    checked = json.loads((ROOT / "code/tests/bibliography.json").read_text(encoding="utf-8"))
    entries = parse_file(BIBLIOGRAPHY).entries
    written = {
        key: [entry.fields["year"], str(Text.from_latex(entry.fields["title"]))]
        for key, entry in entries.items()
    }
    assert written == checked
    for key, (year, _) in written.items():
        assert year[:4] in key, f"{key}: the key names the year"
