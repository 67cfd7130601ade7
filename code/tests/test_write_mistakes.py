"""What the page of an editor says of a rule is what ``descent.check`` says of it, without NumPy.

The page's Python is run here in Python, with the page's own stand-in for NumPy, and the tables of
mistakes that the site has; test_write_yourself.py looks at some of it in a browser.
"""

import inspect
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import write_yourself
from course import SITE

from descent import check

HANDED_IN = Path(__file__).parent / "handed_in"
RULES = sorted(
    path.stem.removeprefix("write-")
    for path in SITE.glob("_static/write-*.js")
    if path.stem != "write-python"
)
PAGE = """\
import json, sys
import checking, page

def suggest(*names):
    return None

def find_in(table):
    def find(section, keys):
        return [
            ([table["names"][i] for i in places], list(fields[0].items()) if fields else [])
            for key, places, *fields in table[section]
            if key in keys
        ]
    return find

tables, tasks = json.load(sys.stdin)
answers = []
for name, source in tasks:
    ran = page.run(source, name, [2.0, 1.0], list, 20, [], lambda text: None, suggest)
    find = find_in(tables[name])
    named = ran.get("named", True)
    answers.append([ran, checking.check(source, name, find, suggest) if named else None])
json.dump(answers, sys.stdout)
"""


def table(name):
    """The table of mistakes as the site has it."""
    text = (SITE / "_static" / f"write-{name}.js").read_text("utf-8")
    return json.loads(text[text.index("{") : text.rindex("}") + 1])


def handed_in(name):
    """{function: its source, under the name that the page asks for} of generators as on a page."""
    path = HANDED_IN / f"{name}.py"
    text, found = path.read_text("utf-8"), {}
    for function, rule in runpy.run_path(str(path)).items():
        if function.startswith(("right_", "wrong_")) and inspect.isgeneratorfunction(rule):
            found[function] = rule, re.sub(rf"\b{function}\b", name, text)
    return found


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """{(name, function): what check says, what the page's run and its check say}."""
    folder = tmp_path_factory.mktemp("page")
    for name, (kind, text, *is_package) in write_yourself.modules().items():
        if kind == ".py" and name.split(".")[0] in ("numpy", "page", "checking", "descent"):
            path = folder.joinpath(*name.split("."))
            path = path / "__init__.py" if len(is_package) > 1 else path.with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    verdicts, tasks = {}, []
    for name in RULES:
        for function, (rule, source) in handed_in(name).items():
            verdict = check(rule, name)
            if verdict.mistakes != ["an endless loop"]:  # which the page's worker ends
                verdicts[name, function] = verdict
                tasks.append([name, source])
    done = subprocess.run(
        [sys.executable, "-c", PAGE],
        input=json.dumps([{name: table(name) for name in RULES}, tasks]),
        cwd=folder,  # where Python looks for modules first
        capture_output=True,
        text=True,
    )
    assert not done.returncode, done.stderr
    return {
        key: (verdict, *answer)
        for (key, verdict), answer in zip(verdicts.items(), json.loads(done.stdout), strict=True)
    }


@pytest.mark.site
@pytest.mark.parametrize("name", RULES)
def test_the_page_says_what_check_says(answers, name):
    """To the letter; only an error, which has a place on the page, is told in its own words."""
    refused = []
    for (like, function), (verdict, ran, said) in answers.items():
        if like != name:
            continue
        if said is None:
            refused.append(f"{function}: {ran['error']}")
            continue
        assert (said["right"], said["mistakes"]) == (verdict.right, verdict.mistakes), function
        if "error" not in ran:
            assert said["sentence"] == verdict.sentence.replace(function, name), function
    compared = [like for like, _ in answers].count(name) - len(refused)
    assert compared >= 8 and compared >= 4 * len(refused), refused
