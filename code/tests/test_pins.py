"""Every package that is installed has one version, written in one place."""

import ast
import sys
import tomllib
import warnings
from importlib.metadata import distribution, packages_distributions, version
from pathlib import Path

import pins
import pytest
from course import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import descent

CONSTRAINTS = "code/constraints.txt"
LIBRARIES = "code/tests/vectors/requirements.txt"  # the frozen vectors name their versions
ASSIGNMENTS = "assignments/requirements.txt"  # which pins what the course itself does not need
BARE = (".binder/requirements.txt", "code/tests/requirements.txt", "code/bench/requirements.txt")


def lines(name):
    """The lines of a requirement file without comments."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line for line in (line.split("#")[0].strip() for line in text.splitlines()) if line]


def requirements(name):
    return [Requirement(line) for line in lines(name) if not line.startswith("-")]


def here(requirements):
    """Those that are meant for this Python on this system."""
    return [r for r in requirements if r.marker is None or r.marker.evaluate()]


def exact(requirement):
    (specifier,) = requirement.specifier
    return specifier.operator == "==" and "*" not in specifier.version


@pytest.mark.parametrize("name", [CONSTRAINTS, "requirements.txt", LIBRARIES])
def test_every_pin_is_exact(name):
    assert requirements(name)
    for pin in requirements(name):
        assert exact(pin), pin


@pytest.mark.parametrize("name", ["requirements.txt", LIBRARIES, ASSIGNMENTS, *BARE])
def test_every_file_is_constrained(name):
    """So that next year's install gives today's book."""
    (option,) = [line for line in lines(name) if line.startswith("-c ")]
    file = ROOT / name
    assert (file.parent / option.removeprefix("-c ")).resolve() == ROOT / CONSTRAINTS


def test_a_version_stands_in_one_place():
    """`make pins` copies those of the site from the constraints into requirements.txt."""
    constraints = {pin.name: pin for pin in requirements(CONSTRAINTS)}
    for name in BARE:
        assert [str(r) for r in requirements(name) if r.specifier] == []
    for pin in requirements("requirements.txt"):
        assert constraints[pin.name].specifier == pin.specifier
    for name in (LIBRARIES, ASSIGNMENTS):
        pinned = {pin.name for pin in requirements(name) if pin.specifier}
        assert pinned and not constraints.keys() & pinned
    assert all(exact(pin) for pin in requirements(ASSIGNMENTS) if pin.specifier)
    for name in (*BARE[:2], "requirements.txt"):
        assert {r.name for r in requirements(name)} <= constraints.keys()


def needed(names):
    """The distributions that these need here, with all that they need in turn."""
    found, left = set(), [Requirement(name) for name in names]
    while left:
        requirement = left.pop()
        name = canonicalize_name(requirement.name)
        key = (name, frozenset(requirement.extras))
        if key in found:
            continue
        found.add(key)
        for each in map(Requirement, distribution(name).requires or ()):
            extras = ["", *requirement.extras]
            if each.marker is None or any(each.marker.evaluate({"extra": e}) for e in extras):
                left.append(each)
    return {name for name, _ in found}


def test_what_is_installed_is_what_is_pinned():
    """The whole tree, not only what we ask for by name."""
    roots = ["descent-course"]
    for name in ("requirements.txt", "code/tests/requirements.txt"):
        roots += [r.name for r in requirements(name)]
    installed = {name: version(name) for name in needed(roots) - {"descent-course"}}
    pinned = here(requirements(CONSTRAINTS))
    assert len(pinned) == len({pin.name for pin in pinned}), "two versions for one Python"
    advice = "run `make pins` where a pin is missing, else `make clean` and `make book`"
    assert installed == {pin.name: next(iter(pin.specifier)).version for pin in pinned}, advice


def test_choosing_anew_frees_every_version_that_is_not_held():
    """And writes the constraints' versions back; nothing else changes."""
    text = "# ours\n-c constraints.txt\n\na==1  # why\nb==1  # held: b 2 is broken\n\n-e ./code\n"
    assert pins.without_pins(text) == (
        "# ours\n\na  # why\nb==1  # held: b 2 is broken\n\n-e ./code\n"
    )
    assert pins.with_pins(text, "a==2.0 ; python_version > '3'\nb==1\n") == text.replace(
        "==1", "==2.0", 1
    )
    real = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "numpy\n" in pins.without_pins(real)
    assert pins.with_pins(real, (ROOT / CONSTRAINTS).read_text(encoding="utf-8")) == real


# The package ------------------------------------------------------------------------------------


def test_the_package_is_installed_from_here():
    assert "-e ./code" in lines("requirements.txt")
    assert Path(descent.__file__).parent == ROOT / "code" / "descent"


def test_the_package_declares_all_that_it_imports():
    """Also what it would get anyhow through another package. `make binder` installs it alone."""
    metadata = tomllib.loads((ROOT / "code/pyproject.toml").read_text(encoding="utf-8"))
    declared = {Requirement(r).name for r in metadata["project"]["dependencies"]}
    imported = set()
    for path in (ROOT / "code/descent").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                imported.add(node.module.split(".")[0])
    homes = packages_distributions()
    imported = {canonicalize_name(homes[n][0]) for n in imported - sys.stdlib_module_names}
    assert imported == declared


# The tests --------------------------------------------------------------------------------------


def test_warnings_are_errors_and_pytest_leaves_the_name_code_to_python(pytestconfig):
    """Python 3.13's pdb breaks, and pytest with it, where pytest names our folder `code`."""
    assert pytestconfig.inipath == ROOT / "code/pyproject.toml"
    with pytest.raises(UserWarning, match="seen"):
        warnings.warn("seen", stacklevel=1)
    import code
    import pdb

    assert pdb.code is code and code.InteractiveConsole
