r"""Puzzles on a page of text: a listing with one mistake, what it does, and "Which line is wrong?"

    :::{bug} adam
    :mistake: no bias correction of v
    :alt: what the picture shows

    Some text.

    ```{code-block} python
    def adam(gradient, x0, ...):
        g = gradient(x)  #: what this line does rightly
        x = x - alpha * m_hat / np.sqrt(v)  #! what is wrong with it
    ```

    ```python
    plot_path({"the listing": minimize(bowl, [1, 1], listing, 60), ...})
    print(f"...")
    ```

    The explanation.
    :::

The listing stands in a directive so that no formatter breaks its lines. Each line with a comment
`#:` or `#!` can be chosen, and only one has `#!`. Both are run when the book is built.
`descent.check` must find the mistake that is named, in the listing as a rule like the book's, else
the build fails; so what the page says of it is what check says. The second block draws the picture
above the listing, and what it prints stands under the picture. It knows the names of `descent`,
`STYLE`, `np`, `plt`, `cycle` and `islice`; `listing` is the function of the listing, which knows
`np`, `count` and the records of descent.rules.

Without scripts the listing, the picture and the question are there, and the answer unfolds.
"""

import contextlib
import html
import io
import itertools
import os
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pygments
from docutils import nodes
from docutils.parsers.rst import directives
from predictions import raw
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from sphinx.util.docutils import SphinxDirective

import descent
from descent import rules
from descent.plots import STYLE

MARKED = re.compile(r"(?m)^(.*?\S) *#([:!]) *(.+)$")


def function(source):
    """The one function that a listing defines."""
    known = {name: thing for name, thing in vars(rules).items() if name.endswith("Step")}
    known |= {"np": np, "count": itertools.count}
    (name,) = re.findall(r"(?m)^def (\w+)", source)
    exec(source, known)
    return known[name]


def draw(source, listing, path):
    """Run the code of a picture, store the picture and return what the code prints."""
    known = {name: getattr(descent, name) for name in descent.__all__}
    known |= {"np": np, "plt": plt, "cycle": itertools.cycle, "islice": itertools.islice}
    known["STYLE"] = STYLE
    listing.__name__ = "listing"  # so that it has no colour of the book's rule
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), np.errstate(all="ignore"):
        exec(source, known | {"listing": listing})
    plt.savefig(path, dpi="figure", bbox_inches="tight", metadata={"Software": None})
    plt.close("all")
    return printed.getvalue()


class Bug(SphinxDirective):
    required_arguments = 1
    has_content = True
    option_spec = dict.fromkeys(("mistake", "alt"), directives.unchanged_required)

    def run(self):
        (like,) = self.arguments
        for path in Path(descent.__file__).parent.rglob("*.[pt][yx]*"):
            self.env.note_dependency(str(path))
        content = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, content)
        codes = [i for i, node in enumerate(content) if isinstance(node, nodes.literal_block)]
        if len(codes) != 2 or codes[1] != codes[0] + 1:
            raise self.error("a puzzle has two blocks of code, the listing and what draws it")
        source, drawing = (content[i].astext().strip() for i in codes)
        listing = function(source)
        verdict = descent.check(listing, like=like)
        if verdict.mistakes != [self.options["mistake"]]:
            raise self.error(f"the listing should have another mistake; check says: {verdict}")
        if [kind for _, kind, _ in MARKED.findall(source)].count("!") != 1:
            raise self.error("one line of the listing must have a comment that begins with #!")
        self.env.metadata[self.env.docname]["asks"] = True
        box = nodes.container(classes=["bug"])
        box += content[: codes[0]]
        box += self.picture(drawing, listing, f"bug-{like}")
        box += self.question(source, self.options["mistake"])
        answer = nodes.paragraph("", f"{verdict}")
        box += [raw("<details><summary>The answer</summary>"), answer]
        box += [*content[codes[1] + 1 :], raw("</details>")]
        return [box]

    def question(self, source, mistake):
        plain = MARKED.sub(r"\1", source)
        coloured = pygments.highlight(plain, PythonLexer(), HtmlFormatter(nowrap=True))
        lines, right = [], ""
        for n, (line, shown) in enumerate(
            zip(source.splitlines(), coloured.splitlines(), strict=True), 1
        ):
            if marked := MARKED.fullmatch(line):
                _, kind, says = marked.groups()
                if kind == "!":
                    right, says = str(n), f"Yes: {mistake}. {says}"
                said = html.escape(says)
                button = (
                    f'<input type="radio" name="answer" value="{n}" data-says="{said}" required>'
                )
                shown = f"<label>{button}{shown}</label>"
            lines.append(shown)
        listing = "\n".join(lines)
        return raw(
            f'<form class="ask" method="dialog" data-right="{right}"><fieldset>'
            "<legend>Which line is wrong?</legend>"
            f'<pre class="highlight notranslate">{listing}\n</pre>'  # without a copy button
            '<p class="ask-line"><button>Answer</button> <span role="status"></span></p>'
            "</fieldset></form>"
        )

    def picture(self, drawing, listing, name):
        path = Path(self.env.doctreedir, f"{name}.png")
        try:
            printed = draw(drawing, listing, path)
        except Exception as error:
            raise self.error(f"the picture cannot be drawn: {error!r}") from error
        place = os.path.relpath(path, self.env.srcdir)
        return [
            nodes.image(uri=f"/{place}", alt=self.options["alt"]),
            nodes.literal_block(printed, printed, language="none"),
        ]


def setup(app):
    app.add_directive("bug", Bug)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
