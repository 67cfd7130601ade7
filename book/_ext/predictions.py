r"""Predictions that are made: a "Predict" box takes an answer before it shows what was measured.

The box is a quotation, in a notebook or a page of text. A question with a list of choices takes one
of them, any other question a number. A comment after it, which plain Markdown does not show, says
what was measured and under which heading of the page that is explained:

    > **Predict**
    >
    > 1. By what factor does each step shorten the distance?
    > 2. Which step size arrives first?
    >    - $\alpha = 0.1$
    >    - $\alpha = 0.5$

    <!-- predict 1: 0.8 within 0.01 = printed("The run", r"factor (\S+)"); see "The closed form"
         2: choice 2 if printed("The run", r"0.5: (\d+)") == 1; see "Too small, right" -->

One line a question. After = or if stands the evidence, a Python expression with the names that
code/tools/prose.py knows: it must give the number as it is printed here, or be true for this
choice. test_predictions.py computes it. An answer that is at most `within` away counts as right.

The link to the explanation leads to the paragraph below that heading that speaks of "question 1",
or else to the heading.

The page's script, book/_static/ask.js, keeps the answers in the browser. Without scripts the box is
the plain list of questions.
"""

import hashlib
import html
import re
from dataclasses import dataclass

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform

COMMENT = re.compile(r"<!-- *predict +(.*?) *-->", re.S)
LINE = re.compile(
    r"(?P<question>\d+): "
    r"(?:choice (?P<choice>\d+) if |(?P<number>-?[\d.]+) within (?P<within>[\d.]+) = )"
    r'(?P<evidence>.+); see "(?P<see>.+)"'
)


@dataclass(frozen=True)
class Prediction:
    """What was measured: one of the choices, counted from 1, or a number and its tolerance."""

    question: int
    choice: int | None
    number: str | None
    within: str | None
    evidence: str
    see: str


def read(text):
    """The predictions of a comment's text; ValueError where a line cannot be read."""
    found = []
    for line in map(str.strip, text.splitlines()):
        match = LINE.fullmatch(line)
        if not match or int(match["question"]) != len(found) + 1:
            raise ValueError(
                f'"{line}" is not the prediction of question {len(found) + 1}; '
                "see book/_ext/predictions.py"
            )
        given = match.groupdict()
        question, choice = int(given.pop("question")), given.pop("choice")
        found.append(Prediction(question=question, choice=choice and int(choice), **given))
    return found


def raw(text):
    return nodes.raw("", text, format="html")


def asked(legend, key, attributes, *answer):
    """The nodes of a question: a form that needs no script to be read."""
    attributes = "".join(f' data-{name}="{html.escape(v)}"' for name, v in attributes.items())
    return [
        raw(f'<form class="ask" method="dialog" data-key="{key}"{attributes}><fieldset><legend>'),
        nodes.inline("", "", *legend),
        raw("</legend>"),
        *answer,
        raw("</fieldset></form>"),
    ]


def choose(choices):
    """Make radio buttons of the items of a list."""
    choices["classes"].append("choices")
    for n, item in enumerate(choices, 1):
        (text,) = item
        before = raw(f'<label><input type="radio" name="answer" value="{n}" required> <span>')
        text.children = [before, *text.children, raw("</span></label> <b></b>")]
        text.setup_child(before)
        text.setup_child(text[-1])


class Predictions(SphinxTransform):
    """Make questions of the quotations that a comment of predictions follows."""

    default_priority = 190  # before comments are dropped and quotations made boxes (200)

    def apply(self):
        for comment in list(self.document.findall(nodes.raw)):
            if match := COMMENT.fullmatch(comment.astext().strip()):
                try:
                    self.make(comment, read(match[1]))
                except ValueError as error:
                    page = self.env.doc2path(self.env.docname)
                    raise ExtensionError(f"{page}: a Predict box: {error}") from error

    def make(self, comment, predictions):
        parent = comment.parent
        at = parent.index(comment)
        box = parent[at - 1] if at else None
        if not isinstance(box, nodes.block_quote):
            raise ValueError("the comment must follow the quotation at once")
        title, *content = box
        questions = [content]
        for numbered in box.findall(nodes.enumerated_list):
            questions = [[*item] for item in numbered]
        if len(questions) != len(predictions):
            raise ValueError(f"{len(questions)} questions, {len(predictions)} lines of the comment")
        for question, prediction in zip(questions, predictions, strict=True):
            self.ask(question, prediction, len(questions) > 1)
        self.env.metadata[self.env.docname]["asks"] = True
        (bold,) = title.findall(nodes.strong)
        box.replace_self(nodes.admonition("", nodes.title("", "", *bold.children), *box[1:]))
        parent.remove(comment)

    def ask(self, question, prediction, numbered):
        """Put a question in the place of its last paragraph and the choices after it."""
        *_, text = [node for node in question if isinstance(node, nodes.paragraph)]
        choices = question[-1] if isinstance(question[-1], nodes.bullet_list) else None
        if choices is None and prediction.choice:
            raise ValueError(f"question {prediction.question} has no list of choices")
        if choices is not None and not 1 <= (prediction.choice or 0) <= len(choices):
            raise ValueError(f"question {prediction.question} has {len(choices)} choices")
        line = nodes.paragraph("", "", classes=["ask-line"])
        if choices is None:
            field = 'name="answer" type="number" step="any" required'
            line += raw(f'<input {field} aria-label="Your answer, a number"> ')
            right = {"right": prediction.number, "within": prediction.within}
        else:
            choose(choices)
            right = {"right": str(prediction.choice)}
        line += [raw("<button>Answer</button> "), self.link(prediction, numbered)]
        line += raw(' <span role="status"></span>')
        asks = [choices.deepcopy(), line] if choices is not None else [line]
        key = hashlib.sha256(f"{self.env.docname} {text.astext()}".encode()).hexdigest()[:8]
        if choices is not None:
            choices.parent.remove(choices)
        text.replace_self(asked(text.children, key, right, *asks))

    def link(self, prediction, numbered):
        """The link to where the page explains what was measured."""
        for section in self.document.findall(nodes.section):
            if section[0].astext() == prediction.see:
                break
        else:
            raise ValueError(f'no heading "{prediction.see}" on the page')
        place = section["ids"][0]
        for paragraph in section.findall(nodes.paragraph) if numbered else ():
            if re.search(rf"\b[Qq]uestion {prediction.question}\b", paragraph.astext()):
                place = f"answer-{prediction.question}"
                paragraph["ids"].append(place)
                break
        words = [nodes.Text("Why?"), nodes.inline("", f" Explained in “{prediction.see}”")]
        return nodes.reference("", "", *words, refid=place, classes=["ask-where"])


def add_scripts(app, page, template, context, doctree):
    """Give the pages that ask something the script and the style of it."""
    if app.env.metadata.get(page, {}).get("asks"):
        app.add_css_file("ask.css")
        app.add_js_file("ask.js", loading_method="defer")


def setup(app):
    app.add_transform(Predictions)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
