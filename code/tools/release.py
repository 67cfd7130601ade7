"""Make the assignments of a class, from the texts in assignments/ and from a secret.

    python code/tools/release.py key FOLDER            a new secret in FOLDER
    python code/tools/release.py make FOLDER [ROSTER]  notebooks, zips and solutions

A text is Markdown. <<ell: 0.5 | 0.8>> is drawn for each student, <<ell>> is what was drawn, and
<<rule.md>> is that file. A fence such as ```python numbers points=4 is a cell with an answer, and
```python given locked one that is not to be edited. Between ### BEGIN SOLUTION and
### END SOLUTION stands what no student gets.
"""

import ast
import csv
import json
import os
import re
import secrets
import shutil
import sys
import zipfile
from functools import cache
from pathlib import Path

import nbformat
import unnamed

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "assignments"
BUILT = ROOT / "_build" / "assignments"
NAMES = ["gradient_descent", "adam", "adamax", "amsgrad", "nadam", "project"]
EVERYONE = "everyone"  # whose numbers all students have where there is no list of students
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
SOLUTION = re.compile(r"^### BEGIN SOLUTION\n(.*?)^### END SOLUTION\n", re.M | re.S)


# ---- The key folder ------------------------------------------------------------------------------


def make_key(folder):
    folder = _key_folder(folder)
    file = folder / "secret.txt"
    if file.exists():
        raise SystemExit(f"{file} is there already; a new secret would give every student others")
    folder.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(secrets.token_hex(32) + "\n")
    print(f"Wrote {file}. Keep it, and keep it from students: all answers follow from it.")


def secret_of(folder):
    file = _key_folder(folder) / "secret.txt"
    if not file.is_file():
        raise SystemExit(f"there is no {file}; make one with: make key KEY={folder}")
    secret = file.read_text().strip()
    if len(secret) < 16:
        raise SystemExit(f"{file} must hold at least 16 letters or digits, got {len(secret)}")
    return secret


def _key_folder(folder):
    if not folder:
        raise SystemExit("KEY must be a folder outside this repository, such as KEY=../key")
    path = Path(folder).resolve()
    if path == ROOT or ROOT in path.parents:
        raise SystemExit(f"KEY must be a folder outside this repository, got {folder}")
    return path


def roster_of(folder):
    """The students of the list in the key folder; None if there is no list."""
    file = _key_folder(folder) / "students.csv"
    return read_roster(file) if file.exists() else None


def read_roster(file):
    """The column "student", or the only one."""
    try:
        with open(file, encoding="utf-8-sig", newline="") as lines:
            rows = [[cell.strip() for cell in row] for row in csv.reader(lines)]
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(f"STUDENTS: {file} cannot be read: {error}") from None
    head, *rows = [row for row in rows if any(row)] or [[]]
    if "student" not in head:
        raise SystemExit(f'{file} needs a first line with a column "student", got {",".join(head)}')
    place = head.index("student")
    students = [row[place] if place < len(row) else "" for row in rows]
    for line, student in enumerate(students, start=2):
        if not student or not re.fullmatch(r"[^\W_][\w .@+'-]*", student):
            raise SystemExit(
                f"{file}, student {line - 1}: a name begins with a letter or digit, and has only "
                f"those, spaces and . @ + ' - _; got {student!r}"
            )
    twice = {student for student in students if students.count(student) > 1}
    if twice or not students:
        raise SystemExit(
            f"{file}: {'twice: ' + ', '.join(sorted(twice)) if twice else 'no student'}"
        )
    return students


# ---- A text as cells -----------------------------------------------------------------------------


@cache
def text(name):
    """The source of an assignment with what it includes."""
    source = (SOURCES / name / "assignment.md").read_text(encoding="utf-8")
    return re.sub(
        r"<<(\w+\.md)>>\n", lambda match: (SOURCES / match[1]).read_text(encoding="utf-8"), source
    )


def filled(name, student, secret):
    """The text for one student: what is drawn, and the rule."""
    draw = unnamed.Draw(secret, student, name)
    rule = draw.rule()
    values = {
        "student": student,
        "equations": unnamed.tex(rule),
        "solution": unnamed.source(rule),
    }

    def value(match):
        key, options = match.groups()
        if options:
            values[key] = draw.pick(key, [option.strip() for option in options.split("|")])
        if key not in values:
            raise ValueError(f"assignments/{name}: <<{key}>> stands before its options")
        return values[key]

    return re.sub(r"<<(\w+)(?:: ([^>]*))?>>", value, text(name))


FENCE = re.compile(
    r"^```(python|markdown) (\w+)(?: (locked)| points=(\d+))\n(.*?)^```\n", re.M | re.S
)


def cells_of(name, student, secret):
    """The cells with their solutions."""
    source, cells, place = filled(name, student, secret), [], 0

    def add_text(text):
        if text.strip():
            cell = nbformat.v4.new_markdown_cell(text.strip(), id=f"text-{len(cells)}")
            cells.append(cell)

    for match in FENCE.finditer(source):
        add_text(source[place : match.start()])
        place = match.end()
        language, grade_id, is_locked, points, body = match.groups()
        if points and language == "python" and not SOLUTION.search(body):
            raise ValueError(f"assignments/{name}: the cell {grade_id} has no solution in it")
        make = {"python": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
        cell = make[language](body, id=grade_id)
        cell.metadata["nbgrader"] = {
            "grade": not is_locked,
            "grade_id": grade_id,
            "locked": bool(is_locked),
            "schema_version": 3,
            "solution": not is_locked,
            "task": False,
        }
        if points:
            cell.metadata["nbgrader"]["points"] = int(points)
        cells.append(cell)
    add_text(source[place:])
    return cells


def notebook(name, student, secret, with_solutions=False):
    """The notebook of a student; or the teacher's, which is what nbgrader calls a source."""
    cells = cells_of(name, student, secret)
    for cell in cells:
        cell.source = (cell.source if with_solutions else SOLUTION.sub("", cell.source)).strip()
    metadata = METADATA | {"descent": {"assignment": name}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def solved(source):
    """A cell with the solution in the place of the dots."""
    found = SOLUTION.search(f"{source}\n")
    return found[1].strip() if found else source


def asked_for(source):
    """The names that a cell has dots for."""
    return [
        node.targets[0].id
        for node in ast.parse(SOLUTION.sub("", source)).body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and node.value.value is ...
    ]


def answers_of(name, student, secret):
    """{cell: {name: right answer}}, as the solutions compute them."""
    names, answers = {}, {}
    for cell in cells_of(name, student, secret):
        if cell.cell_type == "code" and cell.id != "look":
            exec(solved(cell.source), names)
            asked = asked_for(cell.source)
            if asked:
                answers[cell.id] = {name: _plain(names[name]) for name in asked}
    return answers


def _plain(value):
    """A number of NumPy as one of Python."""
    return value.item() if hasattr(value, "item") else value


# ---- What is made --------------------------------------------------------------------------------


def with_checksums(notebook):
    """As nbgrader wants it: checked, locked, and with the checksums by which it sees changes."""
    from nbgrader.preprocessors import CheckCellMetadata, ComputeChecksums, LockCells

    for preprocessor in (LockCells(), ComputeChecksums(), CheckCellMetadata()):
        notebook, _ = preprocessor.preprocess(notebook, {})
    return notebook


def make(folder, roster):
    secret = secret_of(folder)
    if roster:
        students = read_roster(roster)
        kept = _key_folder(folder) / "students.csv"
        if not kept.exists() or not os.path.samefile(roster, kept):
            shutil.copyfile(roster, kept)
    students = roster_of(folder) or [EVERYONE]
    for part in ("release", "private"):
        shutil.rmtree(BUILT / part, ignore_errors=True)
    for name in NAMES:
        print(f"{name}: {len(students)} notebook{'s' * (len(students) > 1)}", flush=True)
        for student in students:
            made = with_checksums(notebook(name, student, secret))
            write(BUILT / "release" / student / name / f"{name}.ipynb", made)
            solved = notebook(name, student, secret, with_solutions=True)
            write(BUILT / "private" / student / f"{name}.ipynb", solved)
        files = {
            f"{student}/{name}.ipynb": BUILT / "release" / student / name / f"{name}.ipynb"
            for student in students
        }
        zipped(BUILT / "release" / f"{name}.zip", files)
    found = leaks(BUILT / "release", {"the secret": secret}) + [
        leak
        for name in NAMES
        for student in students
        for leak in leaks(BUILT / "release" / student / name, hidden(name, student, secret))
    ]
    if found:
        raise SystemExit("Do not hand this out:\n" + "\n".join(found))
    print(f"For students: {BUILT}/release")
    print(f"For you alone: {BUILT}/private")


def hidden(name, student, secret):
    """What must stand in no file of a student: the solutions line by line, and their numbers."""
    cells = cells_of(name, student, secret)
    shown = "\n".join(SOLUTION.sub("", cell.source) for cell in cells)
    solved = "\n".join(text for cell in cells for text in SOLUTION.findall(cell.source))
    lines = [line.strip() for line in solved.splitlines()]
    found = {"a solution": [line for line in lines if len(line) > 12 and line not in shown]}
    numbers = [n for part in answers_of(name, student, secret).values() for n in part.values()]
    found["an answer"] = [repr(n) for n in numbers if len(repr(n)) > 8 and repr(n) not in shown]
    return {f"{what}, {text}": text for what, texts in found.items() for text in texts}


def leaks(folder, hidden):
    """Where one of the hidden texts {what: text} stands in a file, or in a file of a zip."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        contents = {str(path): path.read_bytes()}
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                contents |= {f"{path}, {n}": archive.read(n) for n in archive.namelist()}
        for name, content in contents.items():
            for what, text in hidden.items():  # as it is, and as JSON has it
                if text.encode() in content or json.dumps(text)[1:-1].encode() in content:
                    found.append(f"{name}: {what}")
    return found


def write(path, notebook):
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


def zipped(path, files):
    """The same bytes for the same files, {name in the zip: path}."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in sorted(files.items()):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes())


def main(arguments):
    if arguments[:1] == ["key"]:
        make_key(arguments[1])
    else:
        _, folder, roster = arguments
        make(folder, roster)


if __name__ == "__main__":
    main(sys.argv[1:])
