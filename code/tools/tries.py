r"""What a page tells its readers to try in its interactive figures, and what it promises.

    <!-- try fig-adam-edge: alpha=0.75 n_iter=300; f = 4.0e-6, leaves at = 4
         alpha=0.8; diverges at = 37 -->

names a figure of the page by its id (or its number on the page, from 1), then, a line each, what a
reader does and what the figure then shows. Each line begins from the figure as the page shows it.
test_tries.py does it in a browser, and prose.py takes the numbers as evidence for the text before
the comment, in which each promised number must stand.

Actions, apart by spaces: CONTROL=VALUE moves the slider, types the number or chooses the word:
alpha, beta2, n_iter, correction, objective, stream, view, inner, x0-x, x0-y, t, add (a rule, or
same); run=1 selects a run and remove=1 takes it away, counted from 0.

Promises, apart by commas: NAME = NUMBER, NUMBER printed as in the text. The names are those of the
readout for the selected run at the step under the scrubber (f, x, y, g, step, m, v, m̂, √v̂, u, rate;
m.y is the second coordinate of m), and those of the figure's sentences: `ends at`, `ends at.y`,
`diverges at`, `leaves at`, `last`, `longest`, `longest at`. NAME@1 is of run 1.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Try:
    """One thing to try in a figure: [(control, value)] and [(name, run or None, number)]."""

    figure: str
    actions: tuple
    promises: tuple
    line: int

    def __str__(self):
        return f"{self.figure}: {' '.join(f'{name}={value}' for name, value in self.actions)}"


COMMENT = re.compile(r"<!-- *try +([\w-]+):(.*?)-->", re.S)


def of_comment(match, first_line=1):
    """The tries of one comment; ValueError where a line cannot be read."""
    tries = []
    for n, text in enumerate(match[2].splitlines()):
        if not text.strip():
            continue
        done, _, promised = text.partition(";")
        actions = re.findall(r"([\w-]+)=(\S+)", done)
        promises = re.findall(r"([^\s,=][^,=@]*?)(?:@(\d+))? = ([^,]+?)(?:,|\s*$)", promised)
        if not promises or len(actions) != len(done.split()):
            raise ValueError(f'"{text.strip()}" is no try; see code/tools/tries.py')
        promises = tuple(
            (name, int(run) if run else None, number) for name, run, number in promises
        )
        tries.append(Try(match[1], tuple(actions), promises, first_line + n))
    return tries


def of_page(text):
    """All tries of a page's text, in order."""
    found = []
    for match in COMMENT.finditer(text):
        found += of_comment(match, 1 + text.count("\n", 0, match.start()))
    return found
