"""The files of .binder/: what Binder's builder makes of them, and that they suffice.

`make binder` installs them into an environment of its own and executes every notebook there.
"""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
BINDER = ROOT / ".binder"


@pytest.fixture(scope="module")
def steps():
    """The Dockerfile that Binder's builder prints, as one line per instruction."""
    command = Path(sys.executable).with_name("jupyter-repo2docker")
    result = subprocess.run(
        [command, "--no-build", "--debug", "."], cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    assert "python=3.11" in result.stderr
    lines = [line for line in result.stdout.splitlines() if not line.strip().startswith("#")]
    return "\n".join(lines).replace("\\\n", " ").splitlines()


@pytest.fixture(scope="module")
def requirements():
    """{name: pin} of .binder/requirements.txt."""
    lines = (BINDER / "requirements.txt").read_text(encoding="utf-8").splitlines()
    lines = [line.split("#")[0].strip() for line in lines]
    pins = [Requirement(line) for line in lines if line and not line.startswith("-c ")]
    return {pin.name: pin for pin in pins}


def position(steps, pattern):
    """Where the one instruction stands that matches."""
    (n,) = [n for n, step in enumerate(steps) if re.search(pattern, step)]
    return n


def test_the_builder_installs_our_files_in_order(steps):
    """The constraints and the package lie outside .binder/, so all must be copied before."""
    copied = position(steps, r"^COPY .*\bsrc/ ")
    installed = position(steps, r"^RUN .*pip install .*-r")
    assert '-r ".binder/requirements.txt"' in steps[installed]
    assert copied < installed < position(steps, r"^RUN \./\.binder/postBuild")


def test_the_builder_takes_python_311(steps):
    position(steps, r"^COPY .*environment-2epy-2d3-2e11-")  # "environment.py-3.11-", escaped
    assert (BINDER / "runtime.txt").read_text(encoding="utf-8").strip() == "python-3.11"


def test_no_other_file_steers_the_builder():
    assert {path.name for path in BINDER.iterdir()} == {
        *("postBuild", "requirements.txt", "runtime.txt")
    }


def test_post_build_can_run_and_installs_the_package():
    script = BINDER / "postBuild"
    assert script.stat().st_mode & 0o111, "chmod +x .binder/postBuild"
    lines = script.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("#!")
    commands = [line for line in lines if line and not line.startswith(("#", "set "))]
    assert commands == ["python -m pip install --no-deps --editable ./code"]


def test_the_image_is_small(requirements):
    assert not {"jupyter-book", "sphinx", "torch", "jax", "playwright"} & set(requirements)
    assert len(requirements) <= 8


def test_the_package_finds_what_it_needs(requirements):
    """It is installed without its dependencies, so they must stand in the file."""
    metadata = tomllib.loads((ROOT / "code/pyproject.toml").read_text(encoding="utf-8"))
    for needed in map(Requirement, metadata["project"]["dependencies"]):
        (pin,) = requirements[needed.name].specifier
        assert pin.version in needed.specifier, needed


def test_the_notebooks_find_what_they_import(requirements):
    known = {*sys.stdlib_module_names, *requirements, "descent", "IPython"}
    for path in ROOT.glob("book/**/*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] != "code":
                continue
            for node in ast.walk(ast.parse("".join(cell["source"]))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module] if isinstance(node, ast.ImportFrom) else []
                unknown = {name.split(".")[0] for name in names} - known
                assert not unknown, f"{path}: add {unknown} to .binder/requirements.txt"
