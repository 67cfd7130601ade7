"""An editor in the built site, as a reader has it, for tests."""

import copy
import json

from descent import OBJECTIVES, minimize

SKELETON = "        # your lines\n"
PATH = """([id, mine]) => {
    const { settings, runs } = descentPage.figures.find((one) => one.id === id).model.get("result");
    return [...runs[settings.runs.findIndex(({ rule }) => rule === mine)].fields.x];
}"""


class Editor:
    """The editor of one rule on a page."""

    def __init__(self, browser, url, name, **options):
        self.page = browser.new_context(**options).new_page()
        self.errors, self.requests = [], []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on(
            "console", lambda m: m.type == "error" and self.errors.append(f"{m.text} {m.location}")
        )
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(url)
        self._look_at(name)

    def _look_at(self, name):
        self.name = name
        self.box = self.page.locator(f".descent-write[data-write*='\"{name}\"']")
        self.text = self.box.locator("textarea")
        told = json.loads(self.box.get_attribute("data-write"))
        self.id = told["figure"]
        self.figure = self.page.locator(f"#{self.id}")
        self.wait()

    def beside(self, name):
        """Another editor of this page."""
        other = copy.copy(self)
        other._look_at(name)
        return other

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.page.context.close()
        if error == (None, None, None):
            assert not self.errors

    def wait(self):
        self.wait_for_figure('[data-state="ready"]')
        self.page.evaluate("() => { descentWrite.limit = 60_000; }")  # others may be at work here

    def wait_for_figure(self, condition):
        self.page.wait_for_selector(f"#{self.id}{condition}")

    @property
    def source(self):
        return self.text.input_value()

    def filled(self, lines):
        return self.source.replace(SKELETON, lines)

    def button(self, name):
        return self.box.get_by_role("button", name=name, exact=True)

    def run(self, source=None):
        """What the page says after Run."""
        if source is not None:
            self.text.fill(source)
        self.button("Run").click()
        self.page.wait_for_function(
            "box => !box.querySelector('[aria-disabled]')", arg=self.box.element_handle()
        )
        return self.box.get_by_role("status").first.inner_text()

    @property
    def verdict(self):
        """What it says of the rule then."""
        return self.box.locator(".verdict").inner_text()

    @property
    def printed(self):
        return self.box.locator(".printed").inner_text()

    @property
    def marked(self):
        """The number of the line that is marked as wrong."""
        lines = self.box.locator(".lines .wrong").all_inner_texts()
        return int(lines[0]) if lines else None

    def mine(self):
        """The run of the reader's rule as the figure tells it."""
        self.wait_for_figure(f'[data-runs*="my_{self.name}"]')
        runs = json.loads(self.figure.get_attribute("data-runs"))
        return next(run for run in runs if run["rule"] == f"my_{self.name}")

    def check(self, rule):
        """The path is that of a rule in Python, bit for bit, where the figure stands."""
        mine, data = self.mine(), self.figure
        path = self.page.evaluate(PATH, [self.id, f"my_{self.name}"])
        trace = minimize(
            OBJECTIVES[data.get_attribute("data-objective")],
            json.loads(data.get_attribute("data-x0")),
            rule,
            int(data.get_attribute("data-n-iter")),
            **mine["hyperparameters"],
        )
        assert path == trace.x.ravel().tolist()
        assert path[-2:] == mine["x"]

    def pasted(self, source=None):
        """What a notebook has after the source was pasted there."""
        names = {}
        exec(self.source if source is None else source, names)
        return names[self.name]
