"""Choose versions: write code/constraints.txt, and from it the pins of requirements.txt.

    make pins                  the newest of everything
    make pins ONLY=matplotlib  the newest of one package; the others stay if they can

One version for all systems and every Python from 3.11, wherever there is such a version. Pins of
requirements.txt that are marked "held" stay. Run it with uv on the PATH.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements.txt"
INPUTS = ("requirements.txt", ".binder/requirements.txt", "code/tests/requirements.txt")


def without_pins(text):
    """The lines of a requirement file that a resolver is free with: no constraints, no versions."""
    lines = [line for line in text.splitlines() if not line.startswith("-c ")]
    return "\n".join(re.sub(r"==[^\s#]+(?!.*# held)", "", line) for line in lines) + "\n"


def with_pins(text, constraints):
    """The same file with each pin that is not held set to the version of the constraints."""
    versions = dict(re.findall(r"^([\w.-]+)==(\S+)", constraints, re.M))

    def pinned(match):
        return match[0] if "# held" in match[0] else f"{match[1]}=={versions[match[1]]}{match[2]}"

    return re.sub(r"^([\w.-]+)==\S+(.*)$", pinned, text, flags=re.M)


def main(only):
    with tempfile.TemporaryDirectory() as folder:
        free = []
        for n, name in enumerate(INPUTS):
            free.append(Path(folder, f"{n}.txt"))
            free[-1].write_text(without_pins((ROOT / name).read_text(encoding="utf-8")))
        command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
        command += ["--fork-strategy", "fewest", "--no-header", "--no-annotate"]
        command += ["--no-emit-package", "descent-course", "-o", "code/constraints.txt"]
        command += [f"--upgrade-package={name}" for name in only] or ["--upgrade"]
        subprocess.run([*command, *free], cwd=ROOT, check=True)
    constraints = (ROOT / "code/constraints.txt").read_text(encoding="utf-8")
    text = REQUIREMENTS.read_text(encoding="utf-8")
    REQUIREMENTS.write_text(with_pins(text, constraints), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
