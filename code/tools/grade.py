"""Grade the notebooks that students handed in.

    python code/tools/grade.py SUBMISSIONS KEY

SUBMISSIONS has one folder a student, with that student's notebooks somewhere in it. What they
wrote runs in a process that knows no answer (student_process.py), one student at a time; it is
compared here. Makes _build/assignments/grades.csv and a page of feedback for each notebook. The
essays wait for a teacher: SUBMISSIONS/essays.csv takes a band for each, A to D, and a comment, and
the next call counts them.
"""

import contextlib
import csv
import html
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from difflib import get_close_matches
from math import isfinite
from pathlib import Path

import nbformat
import release
import unnamed

PARTS = {"numbers": 4, "rule": 8, "claim": 4, "essay": 4}
PATH_POINTS, FORM_POINTS = 6, 2  # of the rule
BANDS = {"A": 4, "B": 3, "C": 2, "D": 0}
CELL_SECONDS = 30
MOST_HUNG = 5  # cells that are waited for
CLOSE = 1e-3  # relative: four digits, and the last of them may be off
FEW_WORDS = 10  # below this there is no essay to read
LINES = {  # where to look if one choice is another
    "numerator": "the lines of m and p",
    "memory": "the line of v",
    "correction": "the lines with a hat",
    "maximum": "the running maximum",
    "place": "the line of q, and where eps stands in it",
}


@dataclass
class Grade:
    student: str
    assignment: str
    points: dict = field(default_factory=lambda: dict.fromkeys(PARTS, 0))
    said: dict = field(default_factory=lambda: {part: [] for part in PARTS})
    remarks: list = field(default_factory=list)
    essay: str = ""

    @property
    def total(self):
        return sum(points or 0 for points in self.points.values())


# ---- What was handed in --------------------------------------------------------------------------


def handed_in(folder, roster):
    """{student: {assignment: path}}, and what could not be told, as sentences."""
    found, unknown = {student: {} for student in roster or ()}, []
    for place in sorted(p for p in folder.iterdir() if p.is_dir() and p.name[0] not in "._"):
        student = _student(place.name, roster)
        if student is None:
            near = get_close_matches(place.name, roster, n=1)
            hint = f"; near it: {near[0]}" if near else ""
            unknown.append(f"{place.name} is no student of the list, not graded{hint}")
            continue
        own = found.setdefault(student, {})
        for path in sorted(place.rglob("*.ipynb")):
            if any(part[0] in "._" for part in path.relative_to(folder).parts):
                continue
            name = assignment_of(path)
            if name is None:
                names = ", ".join(release.NAMES)
                unknown.append(f"{path}: which assignment is this? Name it one of {names}")
            elif name not in own or path.stem == name:
                own[name] = path
    return found, unknown


def _student(folder, roster):
    """The student of a folder, whose name may go on, as in "ada_4711_file"; None: not listed."""
    if roster is None or folder in roster:
        return folder
    own = [student for student in roster if folder.startswith(f"{student}_")]
    return max(own, key=len, default=None)


def assignment_of(path):
    """By what the notebook says; else by the name of its folder or of itself."""
    try:
        said = read(path).metadata.get("descent", {}).get("assignment")
    except (ValueError, AttributeError):
        said = None
    for name in (said, path.parent.name, path.stem):
        if name in release.NAMES:
            return name
    return None


def read(path):
    """A notebook; ValueError if it is none."""
    try:
        notebook = nbformat.read(path, as_version=4)
        notebook.cells  # noqa: B018  (there are some)
        return notebook
    except Exception as error:  # nbformat raises many kinds for a broken file
        raise ValueError(f"{path.name} is not a notebook: {type(error).__name__}") from None


def grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


# ---- Running it ----------------------------------------------------------------------------------


class TooLong(Exception):
    pass


class Process:
    """What a student wrote, in a process of its own; it is begun anew without a cell that hangs."""

    def __init__(self, folder, cell_seconds):
        self.folder, self.cell_seconds = folder, cell_seconds
        self.done = []  # the cells that came to an end
        self.hung = 0
        self._start()

    def _start(self):
        program = Path(__file__).with_name("student_process.py")
        environment = {"MPLBACKEND": "agg", "OPENBLAS_NUM_THREADS": "1", "PATH": os.defpath}
        environment |= {"HOME": self.folder, "MPLCONFIGDIR": self.folder, "IPYTHONDIR": self.folder}
        self.process = subprocess.Popen(
            [sys.executable, "-I", program],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.unread = b""
        self._answer(120)

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def run(self, source):
        """What went wrong in a cell, or None."""
        if self.hung >= MOST_HUNG:
            return "not run, since too many cells before it take too long"
        try:
            error = self._ask({"run": source}).get("error")
        except TooLong as stopped:
            self.hung += 1
            return str(stopped)
        self.done.append(source)
        return error

    def value(self, name):
        return self._ask_or({"value": name}, "value")

    def path(self, name, probe):
        return self._ask_or({"rule": name, "probe": probe}, "x")

    def _ask_or(self, command, key):
        try:
            return {key: None} | self._ask(command)
        except TooLong as stopped:
            return {key: None, "said": str(stopped)}

    def _ask(self, command):
        try:
            self.process.stdin.write(json.dumps(command).encode() + b"\n")
            self.process.stdin.flush()
            return self._answer(self.cell_seconds)
        except (TooLong, OSError, ValueError) as error:
            self.close()
            self._start()
            for source in self.done:
                self.process.stdin.write(json.dumps({"run": source}).encode() + b"\n")
                self.process.stdin.flush()
                self._answer(self.cell_seconds)
            raise TooLong(str(error) if isinstance(error, TooLong) else "it ends Python") from None

    def _answer(self, seconds):
        end = time.monotonic() + seconds
        while b"\n" not in self.unread:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                raise TooLong(f"it takes more than {seconds} seconds")
            part = os.read(self.process.stdout.fileno(), 65536)
            if not part:
                raise TooLong("it ends Python")
            self.unread += part
        line, _, self.unread = self.unread.partition(b"\n")
        answer = json.loads(line)
        return answer if isinstance(answer, dict) else {}


# ---- Grading -------------------------------------------------------------------------------------


def grade(path, student, name, seed, secret, cell_seconds=CELL_SECONDS):
    """seed is the student whose numbers these are: "everyone" where there is no list."""
    result = Grade(student, name)
    if path is None:
        result.remarks.append("nothing handed in")
        return result
    try:
        submitted = read(path)
    except ValueError as error:
        result.remarks.append(str(error))
        return result
    released = {cell.id: cell for cell in release.notebook(name, seed, secret).cells}
    cells = [cell for cell in submitted.cells if isinstance(cell.get("source"), str)]
    _look_at_locked(cells, released, result)
    _look_at_essay(cells, released, result)
    locked = {
        key for key, cell in released.items() if cell.metadata.get("nbgrader", {}).get("locked")
    }
    answers = release.answers_of(name, seed, secret)
    draw = unnamed.Draw(secret, seed, name)
    with tempfile.TemporaryDirectory() as folder:
        process = Process(folder, cell_seconds)
        try:
            for key in ("step", "given"):
                process.run(released[key].source)
            given = {part: {} for part in answers}
            for cell in cells:
                if cell.cell_type == "code" and grade_id(cell) not in locked:
                    error = process.run(cell.source)
                    part = grade_id(cell)
                    if error and part in PARTS:
                        result.said[part].append(f"The cell stops: {error}.")
                    if part in answers:  # before another cell uses the names for something else
                        given[part] = {key: process.value(key) for key in answers[part]}
            for part, right in answers.items():
                for key in right:
                    if given[part].get(key, {}).get("value") is None:
                        given[part][key] = process.value(key)
                result.points[part] = _numbers(given[part], right, PARTS[part], result.said[part])
            rule, seen = draw.rule(), []
            for probe in draw.probes():
                seen.append((probe, process.path("my_rule", probe)))
                if _right_steps(rule, *seen[-1]) < len(probe["gradients"]):
                    break
        finally:
            process.close()
    result.points["rule"] = _rule(seen, rule, result.said["rule"])
    return result


def _look_at_locked(cells, released, result):
    """What was done to the cells that were not to be changed. It changes no points."""
    for key, cell in released.items():
        if cell.metadata.get("nbgrader", {}).get("locked"):
            same = [c for c in cells if grade_id(c) == key]
            if not same:
                result.remarks.append(f"cell {key} deleted")
            if len(same) > 1:
                result.remarks.append(f"cell {key} twice")
            if any(c.source.strip() != cell.source.strip() for c in same):
                result.remarks.append(f"cell {key} edited")


def _look_at_essay(cells, released, result):
    texts = [cell.source.strip() for cell in cells if grade_id(cell) == "essay"]
    texts = [text for text in texts if text != released["essay"].source.strip()]
    result.essay = max(texts, key=len, default="")
    if len(result.essay.split()) < FEW_WORDS:
        result.said["essay"].append("There is no text.")
    else:
        result.points["essay"] = None  # until a teacher has read it


def _numbers(given, right, points, said):
    each, found = points / len(right), {}
    for key, answer in right.items():
        value = given[key].get("value")
        found[key] = _is_right(value, answer)
        if value is None:
            kind = given[key].get("kind")
            said.append(
                f"{key}: " + (f"a number is asked for, not {kind}" if kind else "no answer")
            )
        elif not isinstance(answer, bool):
            said.append(f"{key}: {'right' if found[key] else 'not right'}")
    numbers = [key for key, answer in right.items() if not isinstance(answer, bool)]
    for key, answer in right.items():
        if isinstance(answer, bool) and given[key].get("value") is not None:
            if not all(found[name] for name in numbers):
                found[key] = False
                said.append(f"{key}: counts only with all numbers right")
            else:
                said.append(f"{key}: {'right' if found[key] else 'not right'}")
    return _short(each * sum(found.values()))


def _is_right(value, answer):
    if isinstance(answer, bool) or isinstance(value, bool):
        return value is answer
    if isinstance(answer, str) or not isinstance(value, int | float):
        return value == answer
    if isinstance(answer, int):
        return value == answer
    return isfinite(value) and abs(value - answer) <= CLOSE * abs(answer)


def _rule(seen, rule, said):
    """seen has probes and paths, of which only the last may be wrong."""
    probe, path = seen[-1]
    right = _right_steps(rule, probe, path)
    mistakes = sorted({name for _, path in seen for name in path.get("mistakes", ())})
    if right < len(probe["gradients"]):
        if path.get("said"):
            said.append(f"my_rule: {path['said']}.")
        if right >= 0:
            said.append(f"The path is right up to step {right}, not further.")
            choice = unnamed.other_choice(rule, probe, path)
            said += [f"One thing differs: compare {LINES[choice]}."] if choice else []
        said += [f"In it: {mistake}." for mistake in mistakes]
        return 0
    said.append("All paths are right.")
    said += [f"The form: {mistake}." for mistake in mistakes]
    return PATH_POINTS + max(0, FORM_POINTS - len(mistakes))


def _right_steps(rule, probe, path):
    return unnamed.right_steps(rule, probe, path) if _is_path(path) else -1


def _is_path(path):
    """Whether it has the shape of one; it comes from a process that a student may have changed."""
    points = [path.get("x"), path.get("asked")]
    return isinstance(path.get("mistakes"), list) and all(
        isinstance(each, list)
        and all(isinstance(x, list) and all(isinstance(v, int | float) for v in x) for x in each)
        for each in points
    )


def _short(points):
    return int(points) if points == int(points) else points


# ---- Essays --------------------------------------------------------------------------------------

ESSAYS = ["student", "assignment", "band", "comment"]


def count_essays(grades, file):
    """Take the bands that a teacher has given, and add a line for each essay that has none."""
    rows = []
    if file.exists():
        with open(file, encoding="utf-8-sig", newline="") as lines:
            rows = [dict.fromkeys(ESSAYS, "") | row for row in csv.DictReader(lines)]
    known = {(row["student"], row["assignment"]): row for row in rows}
    for result in grades:
        if result.points["essay"] is not None:
            continue
        row = known.get((result.student, result.assignment))
        if row is None:
            rows.append(dict(zip(ESSAYS, (result.student, result.assignment, "", ""), strict=True)))
            continue
        band = (row["band"] or "").strip().upper()
        if band and band not in BANDS:
            raise SystemExit(
                f"{file}: the band of {result.student}, {result.assignment} must be one of "
                f"{', '.join(BANDS)}, got {row['band']!r}"
            )
        if band:
            result.points["essay"] = BANDS[band]
            result.said["essay"].append(f"Band {band}.")
        if row["comment"]:
            result.said["essay"].append(row["comment"])
    with open(file, "w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, ESSAYS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


# ---- What is written -----------------------------------------------------------------------------


def row_of(result):
    essay = result.points["essay"]
    return {
        "student": result.student,
        "assignment": result.assignment,
        **result.points,
        "essay": "" if essay is None else essay,
        "total": result.total,
        "remarks": "; ".join([*result.remarks, *(["essay to read"] if essay is None else [])]),
    }


def write_csv(grades, file):
    with open(file, "w", encoding="utf-8", newline="") as lines:
        head = ["student", "assignment", *PARTS, "total", "remarks"]
        writer = csv.DictWriter(lines, head, lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(row_of, grades))


def table(grades):
    head = ["student", "assignment", *PARTS, "total", "remarks"]
    rows = [head, *([str(cell) for cell in row_of(result).values()] for result in grades)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if name in (*PARTS, "total") else cell.ljust(width)
            for cell, width, name in zip(row, widths, head, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


TITLES = {
    "numbers": "1. Numbers",
    "rule": "2. The rule",
    "claim": "3. The claim",
    "essay": "4. In your own words",
}
STYLE = """
  :root { color-scheme: light dark }
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: auto; padding: 1rem }
  h2 { font-size: 1.1rem; margin: 1.5rem 0 0.25rem } p, ul { margin: 0.25rem 0 }
  blockquote { margin: 0.5rem 0; padding-left: 1rem; border-left: 3px solid; white-space: pre-wrap;
    overflow-wrap: anywhere }
"""


def page(result):
    """A page of feedback. It loads nothing, and shows neither a test nor an answer."""
    escape = html.escape
    title = f"{result.assignment.replace('_', ' ')}: {result.student}"
    parts = []
    for part, most in PARTS.items():
        points = result.points[part]
        shown = "not read yet" if points is None else f"{points} of {most} points"
        said = "".join(f"<li>{escape(line)}</li>" for line in result.said[part])
        parts.append(f"<h2>{TITLES[part]}: {shown}</h2>" + (f"<ul>{said}</ul>" if said else ""))
    if result.essay:
        parts.append(f"<blockquote>{escape(result.essay)}</blockquote>")
    remarks = "".join(f"<p>{escape(remark)}</p>" for remark in result.remarks)
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{escape(title)}</title>\n'
        f"<style>{STYLE}</style>\n<main>\n<h1>{escape(title)}</h1>\n"
        f"<p>{result.total} of {sum(PARTS.values())} points</p>\n{remarks}\n"
        + "\n".join(parts)
        + "\n</main>\n</html>\n"
    )


# ---- From the command line -----------------------------------------------------------------------


def main(submissions, key, cell_seconds=CELL_SECONDS):
    secret, roster = release.secret_of(key), release.roster_of(key)
    if not submissions or not Path(submissions).is_dir():
        raise SystemExit(
            f"SUBMISSIONS must be a folder with a folder a student, got {submissions!r}"
        )
    folder = Path(submissions)
    found, unknown = handed_in(folder, roster)
    named = [name for name in release.NAMES if any(name in own for own in found.values())]
    jobs = [(student, name) for student in found for name in named]
    if not jobs:
        raise SystemExit(f"{folder} has no notebook in a folder of a student")
    grades = []
    for number, (student, name) in enumerate(jobs, start=1):
        seed = student if roster else release.EVERYONE
        try:
            result = grade(found[student].get(name), student, name, seed, secret, cell_seconds)
        except Exception as error:  # never the whole batch for one notebook
            result = Grade(student, name, remarks=[f"not graded: {type(error).__name__}: {error}"])
        grades.append(result)
        print(f"[{number}/{len(jobs)}] {student}, {name}: {result.total}", flush=True)
    count_essays(grades, folder / "essays.csv")
    built = release.BUILT
    shutil.rmtree(built / "feedback", ignore_errors=True)
    for result in grades:
        place = built / "feedback" / result.student / f"{result.assignment}.html"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(page(result), encoding="utf-8")
    write_csv(grades, built / "grades.csv")
    print(f"\n{table(grades)}\n")
    for sentence in unknown:
        print(sentence)
    waiting = sum(result.points["essay"] is None for result in grades)
    if waiting:
        print(
            f"{waiting} essays to read: put a band into {folder / 'essays.csv'}, then grade again"
        )
    print(f"Grades: {built / 'grades.csv'}; feedback: {built / 'feedback'}")


if __name__ == "__main__":
    main(*sys.argv[1:])
