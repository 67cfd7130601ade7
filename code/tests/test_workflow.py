"""Continuous integration: what the workflow may do, and that a failure stays one."""

import os
import re
import subprocess

import pytest
import yaml
from course import ROOT

WORKFLOW = ROOT / ".github/workflows/course.yml"


@pytest.fixture
def workflow():
    return yaml.load(WORKFLOW.read_text(encoding="utf-8"), yaml.BaseLoader)  # `on` stays a word


def test_no_other_workflow_runs():
    assert list(WORKFLOW.parent.iterdir()) == [WORKFLOW]


def test_it_starts_only_where_a_stranger_gets_no_rights(workflow):
    """`pull_request_target` and `workflow_run` would give a fork's code a token that can write."""
    assert set(workflow["on"]) == {"push", "pull_request"}


def test_only_publishing_may_write_and_only_what_it_must(workflow):
    assert workflow["permissions"] == {"contents": "read"}
    rights = {
        name: job["permissions"] for name, job in workflow["jobs"].items() if "permissions" in job
    }
    assert rights == {"publish": {"pages": "write", "id-token": "write"}}
    assert not re.search(r"\bsecrets\.|GITHUB_TOKEN", WORKFLOW.read_text(encoding="utf-8"))


def test_it_publishes_main_alone_and_after_all_tests(workflow):
    publish = workflow["jobs"]["publish"]
    assert publish["if"] == "github.event_name == 'push' && github.ref == 'refs/heads/main'"
    assert set(publish["needs"]) == set(workflow["jobs"]) - {"publish"}
    for name, job in workflow["jobs"].items():
        deploys = any("deploy-pages" in step.get("uses", "") for step in job["steps"])
        assert deploys == (name == "publish")


def test_every_action_is_pinned_by_its_commit(workflow):
    """A tag can be moved; the version stands beside the commit for readers and Dependabot."""
    used = re.findall(r"uses: *(.+)", WORKFLOW.read_text(encoding="utf-8"))
    assert len(used) == sum("uses" in s for j in workflow["jobs"].values() for s in j["steps"])
    for action in used:
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+(\.\d+)*", action), action


def test_no_failure_is_forgiven_and_every_step_is_make(workflow):
    for name, job in workflow["jobs"].items():
        for part in (job, *job["steps"]):
            assert "continue-on-error" not in part
            assert "if" not in part or name == "publish"
    commands = [s["run"] for j in workflow["jobs"].values() for s in j["steps"] if "run" in s]
    assert sorted(commands) == ["make binder", "make book", "make grade-test", "make test"]


def test_both_ends_of_python_are_tested(workflow):
    assert workflow["jobs"]["test"]["strategy"]["matrix"] == {"python": ["3.11", "3.13"]}
    versions = [
        step["with"]["python-version"]
        for step in workflow["jobs"]["test"]["steps"]
        if "setup-python" in step.get("uses", "")
    ]
    assert versions == ["${{ matrix.python }}"]


def test_dependabot_watches_the_actions():
    settings = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text(encoding="utf-8"))
    assert [update["package-ecosystem"] for update in settings["updates"]] == ["github-actions"]


@pytest.mark.parametrize("status", [0, 2])
def test_ci_run_makes_the_tests_and_passes_a_failure_on(tmp_path, status):
    """Run with a make that only notes what it is asked for."""
    (tmp_path / "make").write_text(f'#!/bin/sh\necho "make $@ in $(pwd)"\nexit {status}\n')
    (tmp_path / "make").chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    result = subprocess.run(
        [ROOT / ".ci/run"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert result.returncode == status, result.stderr
    assert result.stdout == f"make test in {ROOT}\n"
