"""Grade the whole class of students.py in each assignment, as `make grade-test` does.

    python code/tools/grade_class.py [ASSIGNMENT ...]

Each student must get the points that stand above its function. Before that, the notebooks are made
twice and must be the same, and nbgrader itself must take them.
"""

import csv
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import grade
import nbformat
import release
from nbgrader.api import Gradebook
from students import STUDENTS, handed_in

SECRET = "a secret of the tests, which is none"
CELL_SECONDS = 6


def main(names):
    names = names or release.NAMES
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        release.BUILT = folder / "built"
        key, roster = folder / "key", folder / "roster.csv"
        key.mkdir()
        (key / "secret.txt").write_text(SECRET)
        roster.write_text("student\nright\nempty\n")
        digests = []
        for _ in range(2):
            release.make(str(key), str(roster))
            digests.append(digest(release.BUILT))
        assert digests[0] == digests[1], "a second call makes other bytes"
        taken_by_nbgrader(folder / "nbgrader")
        (key / "students.csv").write_text("\n".join(["student", *STUDENTS]) + "\n")
        submissions = folder / "submissions"
        for student in STUDENTS:
            for name in names:
                file, text = handed_in(student, name, SECRET)
                place = submissions / student / name / file
                place.parent.mkdir(parents=True)
                place.write_text(text, encoding="utf-8")
        grade.main(str(submissions), str(key), CELL_SECONDS)
        with open(release.BUILT / "grades.csv", encoding="utf-8", newline="") as lines:
            wrong = [row for row in csv.DictReader(lines) if not is_as_written(row)]
    for row in wrong:
        print(f"{row['student']}: {STUDENTS[row['student']][1:]} expected, got {row}")
    seconds = time.monotonic() - begun
    print(f"{len(STUDENTS)} students, {len(names)} assignments, {seconds:.0f} seconds")
    if wrong:
        raise SystemExit(f"{len(wrong)} grades are not those beside the students")


def is_as_written(row):
    _, points, remark = STUDENTS[row["student"]]
    given = tuple(float(row[part]) for part in ("numbers", "rule", "claim"))
    return given == points and remark in row["remarks"]


def digest(folder):
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(str(p), hashlib.sha256(p.read_bytes()).hexdigest()) for p in paths]


def taken_by_nbgrader(course, name="adam"):
    """Its own programs make the same notebook from the teacher's, and leave all points to hand."""
    programs = Path(sys.executable).parent  # nbgrader finds alembic only on the PATH
    environment = os.environ | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "JUPYTER_CONFIG_DIR": str(course / "config"),
        "JUPYTER_DATA_DIR": str(course / "data"),
        "IPYTHONDIR": str(course / "ipython"),
    }
    released = release.BUILT / "release/right" / name / f"{name}.ipynb"
    for place in (course / "source" / name, course / "submitted/right" / name):
        place.mkdir(parents=True)
    shutil.copy(release.BUILT / f"private/right/{name}.ipynb", course / "source" / name)
    shutil.copy(released, course / "submitted/right" / name)
    for command in ("generate_assignment", "autograde"):
        line = [sys.executable, "-m", "nbgrader", command, name, f"--course-dir={course}"]
        done = subprocess.run(line, env=environment, cwd=course, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    ours = nbformat.read(released, 4).cells
    theirs = nbformat.read(course / "release" / name / f"{name}.ipynb", 4).cells
    for cell, their in zip(ours, theirs, strict=True):
        assert cell.id == their.id and "SOLUTION" not in their.source
        if cell.cell_type == "code":
            assert their.source.startswith(cell.source), their.source
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        (notebook,) = gradebook.find_submission(name, "right").notebooks
        assert (notebook.max_score, notebook.score) == (20, 0)
        assert notebook.needs_manual_grade


if __name__ == "__main__":
    main(sys.argv[1:])
