"""An editor on a page of text in which readers write an update rule and run it, in Python.

    ```{write} adam
    :figure: fig-adam-yours
    def adam(gradient, x0, alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        ...
    ```

shows the skeleton as a listing, and where scripts run as an editor (book/_write/write.js). The
path of what is written appears in the named figure of the same page, and below it what
``descent.check`` says. The first Run, and nothing before it, loads Brython, a Python in JavaScript,
with modules that stand in for those that a rule imports (book/_write/python), and the table of the
mistakes that can be made in this rule (mistakes.py).
"""

import ast
import hashlib
import html
import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from mistakes import table
from rcssmin import cssmin
from rjsmin import jsmin
from sphinx.util.docutils import SphinxDirective

import descent

FOLDER = Path(__file__).parents[1] / "_write"
PACKAGE = Path(descent.__file__).parent
STYLE, SCRIPT = "write.css", "write.js"
LICENCE = "write-python.js.LICENSE.txt"  # of Brython, whose wheel has none


class Write(SphinxDirective):
    required_arguments = 1
    has_content = True
    option_spec = {"figure": directives.unchanged_required}

    def run(self):
        (name,) = self.arguments
        source = "\n".join(self.content) + "\n"
        if name not in descent.RULES:
            raise self.error(f"the exercise must be one of {list(descent.RULES)}, got {name!r}")
        try:
            functions = [n.name for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]
        except SyntaxError as error:
            raise self.error(f"the skeleton is not Python: {error}") from error
        if functions != [name]:
            raise self.error(f"the skeleton must define {name} alone, it defines {functions}")
        self.env.metadata[self.env.docname].setdefault("writes", []).append(name)
        told = {"name": name, "figure": self.options["figure"]}
        box = f'<div class="descent-write" data-write="{html.escape(json.dumps(told))}">'
        listing = nodes.literal_block(source, source, language="python")
        hint = "With JavaScript this is an editor that runs what you write."
        return [
            nodes.raw("", box, format="html"),
            listing,
            nodes.raw("", f"<noscript><p>{hint}</p></noscript></div>", format="html"),
        ]


def stripped(path):
    """The module without docstrings and comments."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(
            node
        ):
            node.body[0].value = ast.Constant(0)
    return ast.unparse(tree)


def records():
    """The records of descent.rules, as the module that a page has in its place."""
    tree = ast.parse((PACKAGE / "rules.py").read_text("utf-8"))
    classes = [ast.unparse(node) for node in tree.body if isinstance(node, ast.ClassDef)]
    return "\n".join(["from typing import Any, NamedTuple", *classes])


def checker():
    """The modules of descent.checker that a page has, and the rules of the book for them."""
    names = ("seen", "probe", "judging", "arguments", "fingerprint")
    found = {name: stripped(PACKAGE / "checker" / f"{name}.py") for name in names}
    arithmetic = stripped(PACKAGE / "arithmetic.py")
    arithmetic += "\n\ndef start(x0, *hyperparameters):\n    return np.array(x0)\n"
    found |= {"arithmetic": arithmetic, "rules": stripped(PACKAGE / "rules.py")}
    return {f"descent.checker.{name}": [".py", text, []] for name, text in found.items()}


def brython():
    """The folder of Brython's scripts."""
    return Path(find_spec("brython").origin).parent / "data"


def modules():
    """{name: [kind, text, imports]} of the modules that Brython finds, in its own form."""
    library = (brython() / "brython_stdlib.js").read_text("utf-8")
    start = re.search(r"scripts\s*=\s*(?=\{)", library).end()
    found = {"math": json.JSONDecoder().raw_decode(library, start)[0]["math"]}
    for path in sorted((FOLDER / "python").glob("*.py")):
        found[path.stem] = [".py", path.read_text("utf-8"), []]
    found["descent"] = [".py", "", [], 1]  # a package
    found["descent.rules"] = [".py", records(), []]
    found["descent.checker"] = [".py", "", [], 1]
    return found | checker()


@cache
def python():
    """What the first Run loads: the scripts of the worker, as a function that nobody calls (its
    text is what counts: so a page that was opened from disk can read it), and Python's modules."""
    explorer = PACKAGE / "explorer"
    own = (explorer / "rules.js", explorer / "streams.js", FOLDER / "worker.js")
    scripts = [(brython() / "brython.js").read_text("utf-8")]
    scripts += [jsmin(path.read_text("utf-8")) for path in own]
    text = "\n;\n".join(scripts)
    notice = f"/*! With Brython, (c) 2012 Pierre Quentel: see {LICENCE} */\n"
    return notice + f"descentWrite.python(function () {{\n{text}\n}}, {json.dumps(modules())});\n"


def mistakes(name, folder):
    """What the first Run of a rule loads: the table of its mistakes, kept in a folder."""
    sources = [
        *sorted((PACKAGE / "checker").iterdir()),
        PACKAGE / "rules.py",
        FOLDER.parent / "_ext/mistakes.py",
    ]
    text = b"".join(path.read_bytes() for path in sources if path.is_file())
    kept = Path(folder, f"mistakes-{name}-{hashlib.sha256(text).hexdigest()[:8]}.json")
    if not kept.exists():
        kept.write_text(json.dumps(table(name), separators=(",", ":")))
    return f"descentWrite.mistakes({json.dumps(name)}, {kept.read_text()});\n"


def loaded(app):
    """{file: text} of what the first Run of some editor loads."""
    names = {name for data in app.env.metadata.values() for name in data.get("writes", ())}
    files = {f"write-{name}.js": mistakes(name, app.doctreedir) for name in sorted(names)}
    return {"write-python.js": python()} | files


def add_scripts(app, page, template, context, doctree):
    """Give the pages that have an editor its script."""
    if app.env.metadata.get(page, {}).get("writes"):
        digest = hashlib.sha256("".join(loaded(app).values()).encode()).hexdigest()[:8]
        app.add_css_file(STYLE)
        app.add_js_file(SCRIPT, loading_method="defer", **{"data-version": digest})


def write_scripts(app, exception):
    if exception is None and app.builder.format == "html":
        static = Path(app.outdir, "_static")
        texts = {
            STYLE: cssmin((FOLDER / STYLE).read_text("utf-8")),
            SCRIPT: jsmin((FOLDER / SCRIPT).read_text("utf-8")),
            LICENCE: (FOLDER / "brython-licence.txt").read_text("utf-8"),
            **loaded(app),
        }
        (static / "worker.js").unlink(missing_ok=True)  # it is in write-python.js
        for name, text in texts.items():
            (static / name).write_text(text, encoding="utf-8")


def setup(app):
    app.add_directive("write", Write)
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", write_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
