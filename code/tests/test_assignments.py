"""Assignments: what is made for students, what grading does, and that nothing leaks.

Here is a sample of the simulated class in code/tools/students.py, without nbgrader; `make
grade-test` grades all of it in every assignment.
"""

import csv
import json
import re
import zipfile

import grade
import nbformat
import pytest
import release
from course import ROOT
from students import STUDENTS, Work, handed_in

SECRET = "a secret of the tests, which is none"
SAMPLE = ["rule_imported", "comparison_patched", "locked_cells_deleted", "endless_cell"]


@pytest.fixture
def key(tmp_path, monkeypatch):
    """A folder with a secret and a list of students; what is made goes beside it."""
    monkeypatch.setattr(release, "BUILT", tmp_path / "built")
    monkeypatch.setattr(release, "with_checksums", lambda notebook: notebook)  # nbgrader's
    folder = tmp_path / "key"
    folder.mkdir()
    (folder / "secret.txt").write_text(SECRET)
    return folder


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# What is made -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", release.NAMES)
def test_an_assignment_has_four_parts_and_twenty_points(name):
    notebook = release.notebook(name, "ada", SECRET)
    nbformat.validate(notebook)
    data = [cell.metadata.nbgrader for cell in notebook.cells if "nbgrader" in cell.metadata]
    assert {d.grade_id: d.points for d in data if d.grade} == grade.PARTS
    assert sum(grade.PARTS.values()) == 20
    assert {d.grade_id for d in data if d.locked} == {"given", "step", "look"}
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "<<" not in text and "SOLUTION" not in text
    for part, answers in release.answers_of(name, "ada", SECRET).items():
        assert len(answers) == 4, part
        for answer in answers:
            assert f"`{answer}`" in text or name == "project" and part == "numbers"
            assert re.search(rf"^{answer} = \.\.\.$", text, re.M)
    assert re.findall(r"^\| ([A-D]) \| (\d)", text, re.M) == [
        (band, str(points)) for band, points in grade.BANDS.items()
    ]


@pytest.mark.parametrize("name", release.NAMES)
def test_students_get_other_numbers_and_claims_that_hold_for_some(name):
    drawn = [release.answers_of(name, f"student {n}", SECRET) for n in range(8)]
    assert len({json.dumps(answers["numbers"]) for answers in drawn}) >= 7
    drawn += [release.answers_of(name, f"student {n}", SECRET) for n in range(8, 16)]
    assert len({answers["claim"]["holds"] for answers in drawn}) == 2


@pytest.mark.slow
def test_made_twice_the_notebooks_are_the_same_and_nothing_of_the_solutions_is_in_them(key):
    roster = write(key.parent / "roster.csv", "name,student\nAda,ada\nBob,bob b.\n")
    made = []
    for _ in range(2):
        release.make(str(key), str(roster))
        made.append({p: p.read_bytes() for p in release.BUILT.rglob("*") if p.is_file()})
    assert made[0] == made[1]
    folder = release.BUILT / "release"
    for name in release.NAMES:
        with zipfile.ZipFile(folder / f"{name}.zip") as archive:
            assert archive.namelist() == [f"ada/{name}.ipynb", f"bob b./{name}.ipynb"]
            notebook = (folder / "ada" / name / f"{name}.ipynb").read_bytes()
            assert archive.read(f"ada/{name}.ipynb") == notebook
    assert release.roster_of(str(key)) == ["ada", "bob b."]


# Leaks ------------------------------------------------------------------------------------------


@pytest.fixture
def canaries(monkeypatch):
    """Each solution, answer and secret with a word in it that stands nowhere else."""
    original = release.text
    found = {"secret": "canary-of-the-secret"}

    def text(name):
        def mark(match):
            word = f"canary-{name}-{len(found)}"
            found[word] = word
            return f"### BEGIN SOLUTION\n# {word}\n{match[1]}### END SOLUTION\n"

        return release.SOLUTION.sub(mark, original(name))

    monkeypatch.setattr(release, "text", text)
    return found


def built(key):
    (key / "secret.txt").write_text("canary-of-the-secret")
    release.make(str(key), "")
    return release.BUILT / "release"


@pytest.mark.slow
def test_no_canary_is_in_what_students_get_and_each_is_in_the_solutions(key, canaries):
    folder = built(key)
    assert len(canaries) > 3 * len(release.NAMES)
    assert release.leaks(folder, canaries) == []
    solutions = release.leaks(release.BUILT / "private", canaries)
    for name in release.NAMES:
        assert sum(f"canary-{name}" in leak for leak in solutions) >= 3
    for name in release.NAMES:  # the hidden tests: the gradients of the probes
        for probe in release.unnamed.Draw("canary-of-the-secret", "everyone", name).probes():
            for gradient in probe["gradients"]:
                assert release.leaks(folder, {"a probe": str(gradient)[1:-1]}) == []


@pytest.mark.slow
@pytest.mark.parametrize("leak", ["solution", "answer", "secret"])
def test_a_planted_leak_stops_the_making(key, canaries, monkeypatch, leak):
    """A solution that is not cut out; an answer in an output; the secret in the metadata."""
    original = release.notebook

    def leaking(name, student, secret, with_solutions=False):
        if leak == "solution":
            with_solutions = with_solutions or name == "nadam"
        notebook = original(name, student, secret, with_solutions)
        if leak == "answer" and name == "amsgrad":
            answer = release.answers_of(name, student, secret)["claim"]["adam_mean"]
            output = nbformat.v4.new_output("stream", text=f"{answer}\n")
            next(cell for cell in notebook.cells if cell.id == "look").outputs = [output]
        if leak == "secret" and name == "adam":
            notebook.metadata["seed"] = secret
        return notebook

    monkeypatch.setattr(release, "notebook", leaking)
    with pytest.raises(SystemExit) as stopped:
        built(key)
    said = str(stopped.value)
    assert said.startswith("Do not hand this out:\n")
    place = {"solution": "nadam.ipynb", "answer": "amsgrad.ipynb", "secret": "adam.ipynb"}[leak]
    assert place in said and leak in said
    assert ("adam.zip, everyone/adam.ipynb" in said) == (leak == "secret")


# Grading ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_sample_of_the_class_gets_what_stands_beside_it(key, capsys):
    (key / "students.csv").write_text("\n".join(["student", *SAMPLE, "absent"]))
    folder = key.parent / "submissions"
    for student in SAMPLE:
        file, text = handed_in(student, "adam", SECRET)
        write(folder / student / "adam" / file, text)
    grade.main(str(folder), str(key), cell_seconds=4)
    with open(release.BUILT / "grades.csv", encoding="utf-8", newline="") as lines:
        rows = {row["student"]: row for row in csv.DictReader(lines)}
    assert [*rows] == [*SAMPLE, "absent"]
    for student in SAMPLE:
        _, points, remark = STUDENTS[student]
        given = tuple(int(rows[student][part]) for part in ("numbers", "rule", "claim"))
        assert (student, given) == (student, points)
        assert remark in rows[student]["remarks"]
    assert (rows["absent"]["total"], rows["absent"]["remarks"]) == ("0", "nothing handed in")
    printed = capsys.readouterr().out
    assert f"[{len(SAMPLE) + 1}/{len(SAMPLE) + 1}] absent, adam: 0" in printed
    assert re.search(r"^rule_imported +adam +4 +0 +4 +0 +8$", printed, re.M)


@pytest.mark.slow
def test_nothing_of_the_grader_is_within_reach_of_a_student(key, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    process = grade.Process(str(folder), cell_seconds=20)
    tries = {
        "tool": f"open({str(ROOT / 'code/tools/unnamed.py')!r}).read()",
        "secret": f"open({str(key / 'secret.txt')!r}).read()",
        "folder": f"__import__('os').listdir({str(key)!r})",
        "parent": "open(f'/proc/{__import__(\"os\").getppid()}/cmdline').read()",
        "program": "__import__('subprocess').run(['true'])",
        "shell": "__import__('os').system('true')",
        "network": "__import__('socket').create_connection(('127.0.0.1', 9), 1)",
        "elsewhere": f"open({str(tmp_path / 'written')!r}, 'w')",
    }
    try:
        for what, source in tries.items():
            assert "out of reach" in process.run(source) or what == "elsewhere", what
        assert not (tmp_path / "written").exists()
        assert "unnamed" in process.run("import unnamed")
        good = "open('own.txt', 'w').write('x')\nimport matplotlib.pyplot as plt\n_ = plt.plot([1])"
        assert process.run(f"%matplotlib inline\n{good}\nplt.show()") is None
        assert process.run("print('{\"value\": 1}')\nx = 2\nraise SystemExit") == "SystemExit: "
        assert process.value("x") == {"value": 2}
        assert process.value("nothing")["value"] is None
    finally:
        process.close()


def test_what_was_handed_in_is_found_by_what_it_is(tmp_path):
    text = nbformat.writes(release.notebook("adam", "ada", SECRET))
    write(tmp_path / "ada/adam/adam.ipynb", text)
    write(tmp_path / "bob_4711_file/final (2).ipynb", text)
    write(tmp_path / "bob_4711_file/.ipynb_checkpoints/final.ipynb", text)
    write(tmp_path / "cem/a.ipynb", text.replace('"assignment": "adam"', '"assignment": "x"'))
    write(tmp_path / "ade/adam.ipynb", text)
    write(tmp_path / "dora/adam.ipynb", "no notebook")
    found, unknown = grade.handed_in(tmp_path, ["ada", "bob", "cem", "dora"])
    names = {student: {k: p.name for k, p in own.items()} for student, own in found.items()}
    assert names == {
        "ada": {"adam": "adam.ipynb"},
        "bob": {"adam": "final (2).ipynb"},
        "cem": {},
        "dora": {"adam": "adam.ipynb"},
    }
    assert "ade is no student of the list, not graded; near it: ada" in unknown
    assert any("cem/a.ipynb: which assignment is this?" in sentence for sentence in unknown)
    assert [*grade.handed_in(tmp_path, None)[0]] == ["ada", "ade", "bob_4711_file", "cem", "dora"]


def graded_by_hand(student="ada", essay="word " * 30):
    result = grade.Grade(student, "adam", essay=essay)
    result.points |= {"numbers": 3, "rule": 8, "essay": None}
    return result


def test_an_essay_waits_for_a_teacher_and_then_counts(tmp_path):
    file = tmp_path / "essays.csv"
    results = [graded_by_hand(), graded_by_hand("bob")]
    grade.count_essays(results, file)
    lines = file.read_text().splitlines()
    assert lines == ["student,assignment,band,comment", "ada,adam,,", "bob,adam,,"]
    assert (results[0].total, grade.row_of(results[0])["remarks"]) == (11, "essay to read")
    file.write_text("\n".join([lines[0], 'ada,adam,b,"Good, but why?"', lines[2]]))
    results = [graded_by_hand(), graded_by_hand("bob"), graded_by_hand("cem")]
    grade.count_essays(results, file)
    assert [result.total for result in results] == [14, 11, 11]
    assert results[0].said["essay"] == ["Band B.", "Good, but why?"]
    assert file.read_text().splitlines()[1:] == [
        'ada,adam,b,"Good, but why?"',
        "bob,adam,,",
        "cem,adam,,",
    ]
    file.write_text("student,assignment,band,comment\nada,adam,E,\n")
    with pytest.raises(
        SystemExit, match="the band of ada, adam must be one of A, B, C, D, got 'E'"
    ):
        grade.count_essays([graded_by_hand()], file)


def test_feedback_loads_nothing_and_shows_no_answer():
    work = Work("ada", "adam", SECRET)
    result = graded_by_hand(essay="<script src='https://example.org/x.js'></script> my words")
    given = {name: {"value": 1.25} for name in work.answers["numbers"]}
    grade._numbers(given, work.answers["numbers"], 4, result.said["numbers"])
    page = grade.page(result)
    assert "&lt;script src=" in page and "<script" not in page
    assert not re.search(r"<(?:link|img|iframe)|(?<!&lt;script )src=|href=|@import|url\(", page)
    hidden = release.hidden("adam", "ada", SECRET)
    assert hidden and not [text for text in hidden.values() if text in page]


def test_a_verdict_counts_only_with_its_numbers():
    right = {"steps": 12, "ratio": 0.123456, "name": 2.5, "holds": True}

    def points(**given):
        values = {k: {"value": given.get(k, v)} for k, v in right.items()}
        return grade._numbers(values, right, 4, [])

    assert points() == 4
    assert points(ratio=0.1235) == points(ratio=0.123456) == 4  # four digits
    assert points(ratio=0.124) == points(steps=13) == points(ratio=float("nan")) == 2
    assert points(holds=False) == points(holds=1) == points(holds=None) == 3
    assert points(steps="12") == points(steps=True) == 2


# Bad input --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, message",
    [
        ("name\nada\n", 'needs a first line with a column "student", got name'),
        ("student\nada\nada\n", "twice: ada"),
        ("student\n", "no student"),
        ("student\nada\n../x\n", "student 2: a name begins with a letter"),
        ("student,x\nada,1\n,2\n", "student 2: a name begins with a letter"),
    ],
)
def test_a_list_of_students_that_cannot_be_used(tmp_path, text, message):
    with pytest.raises(SystemExit, match=re.escape(message)):
        release.read_roster(write(tmp_path / "students.csv", text))


def test_a_key_is_made_once_and_never_in_the_repository(tmp_path):
    folder = tmp_path / "new/key"
    release.make_key(str(folder))
    file = folder / "secret.txt"
    assert re.fullmatch(r"[0-9a-f]{64}\n", file.read_text()) and file.stat().st_mode & 0o77 == 0
    assert release.secret_of(str(folder)) == file.read_text().strip()
    for bad, message in (
        (folder, "is there already"),
        (ROOT / "key", "must be a folder outside this repository"),
        ("", "must be a folder outside this repository, such as KEY="),
    ):
        with pytest.raises(SystemExit, match=message):
            release.make_key(str(bad))
    with pytest.raises(SystemExit, match="make key KEY="):
        release.secret_of(str(tmp_path))
    with pytest.raises(SystemExit, match="SUBMISSIONS must be a folder"):
        grade.main("", str(folder))


def test_an_answer_without_a_solution_is_found_in_the_source(monkeypatch):
    original = release.text
    for old, new, message in (
        ("### BEGIN SOLUTION", "# the solution", "the cell numbers has no solution"),
        ("<<seed: 1", "<<other: 1", "<<seed>> stands before its options"),
    ):
        monkeypatch.setattr(
            release, "text", lambda name, old=old, new=new: original(name).replace(old, new)
        )
        with pytest.raises(ValueError, match=message):
            release.cells_of("adam", "ada", SECRET)
