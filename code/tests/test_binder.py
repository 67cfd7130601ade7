"""The files of .binder/: what Binder's builder makes of them, and that they suffice.

`make binder` installs them into an environment of its own and executes every notebook there.
"""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from course import ROOT
from packaging.requirements import Requirement

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
    """The names in .binder/requirements.txt."""
    lines = (BINDER / "requirements.txt").read_text(encoding="utf-8").splitlines()
    lines = [line.split("#")[0].strip() for line in lines]
    return {Requirement(line).name for line in lines if line and not line.startswith("-c ")}


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


@pytest.mark.parametrize("status", [0, 3])
def test_post_build_installs_the_package_and_passes_a_failure_on(tmp_path, status):
    """Run as Binder runs it, with a python that only notes what it is asked for."""
    (tmp_path / "python").write_text(f'#!/bin/sh\necho "$@"\nexit {status}\n')
    (tmp_path / "python").chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        ["./.binder/postBuild"], cwd=ROOT, env=os.environ | {"PATH": path}, capture_output=True
    )
    assert result.returncode == status, result.stderr
    (command,) = result.stdout.decode().splitlines()
    module, pip, action, *arguments = command.split()
    assert (module, pip, action, arguments[-1]) == ("-m", "pip", "install", "./code")
    assert "--constraint code/constraints.txt" in command  # so what it needs is pinned too
    assert "--no-deps" not in arguments


def test_the_image_is_small(requirements):
    assert not {"jupyter-book", "sphinx", "torch", "jax", "playwright"} & requirements
    assert len(requirements) <= 8


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
