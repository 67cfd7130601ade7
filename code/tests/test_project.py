"""The repository itself: layout, notebooks as they are stored, and what make says."""

import os
import re
import shutil
import socket
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import nbformat
import pytest
import yaml
from course import PAGES, ROOT

import descent

NOTEBOOKS = sorted(ROOT.glob("book/**/*.ipynb"))


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def project_files():
    """What git keeps, or would with the next `git add`."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git repository, so we cannot tell its files from others")
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"]
    command += ["--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [name for name in names.split("\0") if name and (ROOT / name).is_file()]


# Layout -----------------------------------------------------------------------------------------


def test_code_is_a_folder_and_not_a_package():
    """IPython and pdb import `code` of the standard library; ours must never be found instead."""
    command = [sys.executable, "-c", "import code; print(code.InteractiveConsole.__module__)"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (result.stdout, result.stderr) == ("code\n", "")
    for name in project_files():
        assert name not in ("code/__init__.py", "code/tests/__init__.py")
        assert Path(name).name != "code.py", name


def test_nothing_edits_the_path_of_imports():
    for name in project_files():
        if name.endswith((".py", ".ipynb", ".md", ".toml")):
            assert not re.search(r"\bsys\s*\.\s*path\b|\bPYTHONPATH\b", text(name)), name


def test_the_top_level_is_for_readers_and_tools():
    """Whatever else we write has its place in a folder."""
    names = project_files()
    needed = {"README.md", "LICENSE", "CITATION.cff", "Makefile", "_config.yml", "_toc.yml"}
    assert needed | {"requirements.txt", ".gitignore"} <= set(names)
    folders = {Path(name).parts[0] for name in names if "/" in name}
    assert folders - {"assignments"} == {"book", "code", ".ci", ".github", ".binder"}
    sources = (".py", ".ipynb", ".js", ".css", ".html", ".png", ".svg", ".sh")
    assert [name for name in names if "/" not in name and name.endswith(sources)] == []


def test_no_file_names_a_machine_or_a_mirror():
    for name in project_files():
        if Path(name).suffix in (".png", ".jpg", ".ico", ".gz"):
            continue
        content = re.sub(r'"image/png": "[^"]*"', "", text(name))  # letters and slashes at random
        found = re.findall(r"(?<![\w./-])/(?:root|work|home|Users)/\S*", content)
        found += re.findall(r"--(?:(?:extra-)?index-url|find-links)\b", content)
        assert found == [], name


def test_the_table_of_contents_lists_every_page_once():
    pages = [path for path in (ROOT / "book").rglob("*") if path.suffix in (".md", ".ipynb")]
    pages = [path for path in pages if not any(part.startswith(".") for part in path.parts)]
    assert sorted(PAGES) == sorted(
        path.relative_to(ROOT).with_suffix("").as_posix() for path in pages
    )


def test_the_readme_is_short_and_shows_a_search_path():
    lines = text("README.md").splitlines()
    assert len(lines) <= 60
    description, picture = re.search(r"!\[([^\]]+)\]\(([^)]+)\)", "\n".join(lines[:12])).groups()
    assert len(description) > 20 and (ROOT / picture).is_file()
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", "\n".join(lines)):
        assert (ROOT / target).exists(), target


def test_licences():
    licence = text("LICENSE")
    assert "BSD 3-Clause License" in licence and "CC BY 4.0" in licence
    assert "Redistribution and use in source and binary forms" in licence
    for page in ("LICENSE", "README.md", "book/index.md"):
        assert "Brython" in text(page) and "MathJax" in text(page), page


def test_citation():
    citation = yaml.safe_load(text("CITATION.cff"))
    needed = {"cff-version", "message", "title", "authors", "license", "version"}
    assert needed <= set(citation)
    assert set(citation["license"]) == {"BSD-3-Clause", "CC-BY-4.0"}
    assert citation["authors"] and all(author["name"] for author in citation["authors"])
    assert citation["version"] == descent.__version__ == version("descent-course")


# Notebooks as they are stored -------------------------------------------------------------------

WIDGET = ("application/vnd.jupyter.widget-view+json", "application/vnd.jupyter.widget-state+json")


def printed(output):
    """All text of an output that a reader may see."""
    data = output.get("data", {})
    parts = [value for kind, value in data.items() if kind.startswith("text/")]
    return "\n".join([output.get("text", ""), *parts])


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.relative_to(ROOT).as_posix())
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_every_code_cell_is_stored_executed(notebook):
    """In one go from top to bottom; nbval compares no output of a cell without a count."""
    nbformat.validate(notebook)
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_cell_ids_are_unique(notebook):
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)


def test_no_widget_state_is_stored(notebook):
    """A page that has it loads megabytes from third parties."""
    assert "widgets" not in notebook.metadata
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert not set(WIDGET) & set(output.get("data", ())), cell.source


def test_outputs_hold_no_address_no_warning_and_no_error(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name", "stdout") == "stdout", cell.source
            assert not re.search(r"\b0x[0-9a-f]{6,}|Warning\b", printed(output)), cell.source


def test_every_figure_says_its_finding(notebook):
    for cell in code_cells(notebook):
        images = [
            output
            for output in cell.outputs
            if any(kind.startswith("image/") for kind in output.get("data", ()))
            and "descent-explorer" not in printed(output)  # the page shows the live figure
        ]
        if images:
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alt.split()) >= 5, f"alt text of the figure of: {cell.source}"


def test_no_semicolon_hides_an_output(notebook):
    """It does not under nbval; `plt.show()` does what is meant."""
    for cell in code_cells(notebook):
        assert not cell.source.rstrip().endswith(";"), cell.source


# The script behind `make notebooks` -------------------------------------------------------------


def write_notebook(path, *sources):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    for n, cell in enumerate(notebook.cells):
        cell.id = f"cell-{n}"
    nbformat.write(notebook, path)
    return path


def store(*arguments):
    command = [sys.executable, ROOT / "code/tools/notebooks.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.slow
def test_storing_again_changes_no_byte_and_a_failure_stores_nothing(tmp_path):
    good = write_notebook(
        tmp_path / "good.ipynb",
        "from descent import Explorer, adam, bowl, minimize",
        "Explorer(adam)",
        "print(minimize(bowl, bowl.start(1), adam, 60).x[-1])",
    )
    bad = write_notebook(tmp_path / "bad.ipynb", "print(1)", "1 / 0")
    before = bad.read_bytes()
    result = store(good, bad)
    assert result.returncode != 0
    assert "bad.ipynb" in result.stderr and "ZeroDivisionError" in result.stderr
    assert "1 of 2 notebooks failed" in result.stderr
    assert bad.read_bytes() == before
    first = good.read_bytes()
    assert b"descent-explorer" in first and b"widget-view" not in first
    assert store(good).returncode == 0
    assert good.read_bytes() == first


@pytest.mark.slow
def test_a_notebook_that_is_not_there_is_named():
    result = store("book/adam/notebok.ipynb")
    assert result.returncode != 0
    assert "no such notebook: book/adam/notebok.ipynb" in result.stderr


# make -------------------------------------------------------------------------------------------


def make(*arguments, folder=ROOT):
    """Run make as a user would, not as a part of the make that runs these tests."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    command = ["make", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.fixture
def copy(tmp_path):
    """A folder with the files that `make` reads, without an environment and without a site."""
    for name in ("Makefile", "requirements.txt", "code/constraints.txt", "code/pyproject.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "book").mkdir()
    return tmp_path


def test_make_lists_every_target():
    result = make()
    assert result.returncode == 0
    (targets,) = re.findall(r"^\.PHONY: help (.+)$", text("Makefile"), re.M)
    for target in targets.split():
        assert f"make {target} " in result.stdout, target
    assert "_build/html" in result.stdout


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["serve", "PORT=abc"], 'PORT must be a number such as 8000, got "abc"'),
        (["serve", "PORT="], 'PORT must be a number such as 8000, got ""'),
        (["serve"], 'there is no website yet; run "make book" first'),
        (["book", "PYTHON=python2.7"], "PYTHON=python2.7 is not a Python 3.11 or newer; install"),
        (["book", "PYTHON="], "no Python 3.11 or newer found; install one, or name it"),
        (["test", "PYTHON=/nowhere/python3"], "PYTHON=/nowhere/python3 is not a Python 3.11"),
    ],
)
def test_make_says_what_is_wrong_and_what_to_do(copy, arguments, message):
    (copy / "code/tests").mkdir()
    (copy / "code/tests/requirements.txt").touch()
    result = make(*arguments, folder=copy)
    assert result.returncode != 0
    assert message in result.stderr
    assert not (copy / ".venv").exists()


def test_make_serve_names_a_port_in_use(copy):
    (copy / "_build/html").mkdir(parents=True)
    (copy / "_build/html/index.html").write_text("here")
    (copy / ".venv").symlink_to(Path(sys.executable).parents[1])
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = make("serve", f"PORT={port}", folder=copy)
    assert result.returncode != 0
    assert f"port {port} cannot be used; try another" in result.stderr


def test_make_names_the_file_of_what_cannot_be_installed(copy):
    """A pip that fails without a look at the network."""
    (copy / ".venv/bin").mkdir(parents=True)
    for name in ("pip", "python"):
        (copy / ".venv/bin" / name).write_text("#!/bin/sh\nexit 1\n")
        (copy / ".venv/bin" / name).chmod(0o755)
    result = make("book", folder=copy)
    assert result.returncode != 0
    assert "pip could not install requirements.txt" in result.stderr
    assert not (copy / ".venv/.site").exists()


def test_the_site_shows_stored_outputs():
    """Which the tests have just verified; executing again is `make notebooks`."""
    assert yaml.safe_load(text("_config.yml"))["execute"]["execute_notebooks"] == "off"
