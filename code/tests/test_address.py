"""The repository's address: its home in _config.yml, its copies in the notebooks, and the cell."""

import re
from importlib.metadata import PackageNotFoundError, version
from types import SimpleNamespace

import address
import nbformat
import pytest
from course import ROOT


def test_the_address_is_none_or_one_that_can_be_opened():
    """A placeholder would give dead links. A fork's workflow fills in its own for the site."""
    known = address.configured()
    assert known == "" or re.fullmatch(address.ADDRESS, known)
    assert not known.lower().endswith("/owner/name")


# The cell ---------------------------------------------------------------------------------------


def run(cell, installed):
    """Run a first cell where the package is there or not; returns what it asked IPython for."""

    def missing(name):
        assert name == "descent-course"
        if not installed:
            raise PackageNotFoundError(name)

    asked = []
    shell = SimpleNamespace(run_line_magic=lambda *arguments: asked.append(arguments))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("importlib.metadata.version", missing)
        exec(compile(cell, "cell", "exec"), {"get_ipython": lambda: shell})
    return asked


URL = "https://github.com/some/course"


def test_the_cell_is_silent_where_the_package_is(capsys):
    assert version("descent-course")  # the name that it asks for is that of our package
    for known in ("", URL):
        assert run(address.first_cell(known), installed=True) == []
    assert capsys.readouterr() == ("", "")


def test_the_cell_installs_the_package_where_the_address_is_known():
    (asked,) = run(address.first_cell(URL), installed=False)
    assert asked == ("pip", f"install --quiet git+{URL}#subdirectory=code")
    assert (ROOT / "code/pyproject.toml").is_file()


def test_the_cell_says_what_to_do_where_the_address_is_not_known():
    with pytest.raises(ImportError, match=r"run: python -m pip install \./code"):
        run(address.first_cell(""), installed=False)


# make address -----------------------------------------------------------------------------------


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A repository with one notebook, which has no first cell yet."""
    (tmp_path / "_config.yml").write_bytes((ROOT / "_config.yml").read_bytes())
    (tmp_path / "book").mkdir()
    output = nbformat.v4.new_output("execute_result", {"text/plain": "2"}, execution_count=1)
    cells = [
        nbformat.v4.new_markdown_cell("# Title", id="title"),
        nbformat.v4.new_code_cell("1 + 1", id="sum", execution_count=1, outputs=[output]),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "book/a.ipynb")
    monkeypatch.setattr(address, "ROOT", tmp_path)
    monkeypatch.setattr(address, "CONFIG", tmp_path / "_config.yml")
    return tmp_path


def test_make_address_writes_the_address_everywhere(clone):
    for known in (URL, "", URL):
        address.main([known])
        assert address.configured() == known
        notebook = nbformat.read(clone / "book/a.ipynb", as_version=4)
        title, first, other = notebook.cells
        assert first.source == address.first_cell(known)
        assert (first.execution_count, other.execution_count) == (1, 2)
        assert other.outputs[0].execution_count == 2
    once = (clone / "book/a.ipynb").read_bytes()
    address.main([])  # without an address: the one that is there
    assert (clone / "book/a.ipynb").read_bytes() == once
    before, after = (
        (folder / "_config.yml").read_text(encoding="utf-8").splitlines()
        for folder in (ROOT, clone)
    )
    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [f'  url: "{URL}"']


@pytest.mark.parametrize("wrong", ["owner/name", "https://github.com/owner", "yes"])
def test_make_address_refuses_a_wrong_one(clone, wrong):
    before = (clone / "_config.yml").read_bytes()
    with pytest.raises(SystemExit, match="REPOSITORY=https://github.com/OWNER/NAME"):
        address.main([wrong])
    assert (clone / "_config.yml").read_bytes() == before


# The notebooks ----------------------------------------------------------------------------------

NOTEBOOKS = sorted(ROOT.glob("book/**/[!.]*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_notebook_begins_with_the_cell(path):
    """Where this fails, run `make address`."""
    first = next(c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code")
    assert first.source == address.first_cell(address.configured())
    assert first.metadata == {"tags": ["remove-cell"]}
    assert first.outputs == []
