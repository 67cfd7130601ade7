"""An interactive figure in a real browser: its controls, its numbers, and what is seen of it."""

import base64
import html
import io
import json
import re
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from PIL import Image

import descent
from descent import OBJECTIVES, RULES, STYLE, minimize
from descent.streams import INTERVALS, STREAMS

FOLDER = Path(descent.__file__).parent / "explorer"
FILES = [*FOLDER.glob("*.js"), *FOLDER.glob("*.css")]

# (width, pixels for each of CSS): a desktop, a tablet, two phones, and a desktop at 200 % zoom.
SIZES = [(1300, 1), (768, 1), (390, 3), (320, 2), (650, 2)]

# What must be text wherever it comes from, and never a part of the page.
HOSTILE = '<img src="nowhere.png" onerror="window.hurt = 1">'

# Keeps what is written on a canvas since it was last cleared: the words of a picture, which no
# screenshot can tell exactly, where they stand, and the box of their ink (left, top, right,
# bottom), all in CSS pixels from the corner of the canvas.
HEAR_TEXTS = """
const { fillText, clearRect } = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const ink = this.measureText(text);
    this.canvas.texts.push([String(text), x, y, [x - ink.actualBoundingBoxLeft,
        y - ink.actualBoundingBoxAscent, x + ink.actualBoundingBoxRight,
        y + ink.actualBoundingBoxDescent]]);
    fillText.call(this, text, x, y);
};
CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    this.canvas.texts = [];
    clearRect.apply(this, box);
};
"""


# Texts of a figure, in its pictures or around them, that touch one another or leave the figure.
OVERLAPS = """root => {
    const edge = root.getBoundingClientRect(), boxes = [], found = [];
    const add = (text, { left, top, right, bottom }) => {
        if (right > left && bottom > top) boxes.push({ text, left, top, right, bottom });
    };
    for (const canvas of root.querySelectorAll("canvas")) {
        const corner = canvas.getBoundingClientRect();
        for (const [text, , , [left, top, right, bottom]] of canvas.texts ?? []) {
            if (left < -1 || right > corner.width + 1) found.push(`${text} is cut off`);
            add(text, { left: corner.left + left, right: corner.left + right,
                top: corner.top + top, bottom: corner.top + bottom });
        }
    }
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), range = new Range();
    while (walker.nextNode()) {
        const node = walker.currentNode;
        if (!node.data.trim() || node.parentElement.closest("option, noscript")) continue;
        range.selectNodeContents(node);
        for (const { left, top, right, bottom } of range.getClientRects()) {
            const less = (bottom - top) / 6; // a line's box is higher than its letters
            add(node.data, { left, right, top: top + less, bottom: bottom - less });
        }
    }
    for (const field of root.querySelectorAll("input, select, button")) {
        add(`<${field.name}>`, field.getBoundingClientRect());
    }
    const isOf = (a, b) => a.text[0] === "<" && b.text[0] !== "<" && // what a button says
        b.left >= a.left && b.right <= a.right && b.top >= a.top && b.bottom <= a.bottom;
    boxes.forEach((a, i) => {
        if (a.left < edge.left - 1 || a.right > edge.right + 1) found.push(`${a.text} sticks out`);
        for (const b of boxes.slice(0, i)) {
            if (a.text === "<x0>" || b.text === "<x0>" || isOf(a, b) || isOf(b, a)) continue;
            const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            if (width > 0.5 && height > 0.5) found.push(`${b.text} on ${a.text}`);
        }
    });
    return found;
}"""


def document(body):
    """A page as a notebook's stored output becomes one, beside the figure's files."""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>A page</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'  # else the browser asks for one, once
        '<link rel="stylesheet" href="explorer.css"><script defer src="page.js"></script>'
        f"<main><h1>A page</h1>{body}<p id='after'>after</p></main></html>"
    )


def config_of(explorer):
    (text,) = re.findall(r'data-config="([^"]*)"', explorer._html())
    return json.loads(html.unescape(text))


def div_of(config):
    text = html.escape(config if isinstance(config, str) else json.dumps(config))
    return f'<div class="descent-explorer" data-config="{text}"></div>'


def floats(text):
    """JSON whose numbers are those of JavaScript: 252392637337291070 is one of them."""
    return json.loads(text, parse_int=float)


def numbers_in(text):
    """The numbers of a text as the figure writes them."""
    found = re.findall(r"[−-]?(?:\d[\d.]*(?:e[−-]?\d+)?|∞)", text)
    return [float(number.replace("−", "-").replace("∞", "inf")) for number in found]


class Figure:
    """The n-th explorer of an open page, and what went wrong on that page.

    It is opened where an earlier one with the same options was, which takes a sixth of the time
    of a new tab. `own_tab` is for what nobody can take back, such as a clock or a script that runs
    before each page.
    """

    surfaces = OBJECTIVES
    tabs = {}  # (browser, options): the tabs that wait for the next figure

    def __init__(self, browser, url, n=0, name=None, own_tab=False, **options):
        self.tab_options = {"viewport": {"width": 1300, "height": 1000}} | options
        self.own_tab = own_tab
        self.free = self.tabs.setdefault((browser, str(self.tab_options)), [])
        if self.free and not own_tab:
            self.page = self.free.pop()
        else:
            self.page = browser.new_context(**self.tab_options).new_page()
            self.page.add_init_script(HEAR_TEXTS)
        self.context = self.page.context
        self.problems, self.requests, self.emulation = [], [], None
        self.listeners = {
            "pageerror": lambda error: self.problems.append(str(error)),
            "console": self.hear,
            "request": self.note_request,
        }
        for event, listener in self.listeners.items():
            self.page.on(event, listener)
        self.home = (
            url.rsplit("/", 1)[0] if url.startswith("file") else "/".join(url.split("/")[:3])
        )
        self.page.goto(url)
        named = self.page.locator(f"#{name}")
        self.root = named if name else self.page.locator(".descent-explorer").nth(n)

    def hear(self, message):
        theirs = "webfonts" in message.text  # from disk the theme's icons are barred; not ours
        if message.type == "error" and not theirs and "ERR_FAILED" not in message.text:
            self.problems.append(message.text)

    def note_request(self, request):
        """Nothing beyond the page's own site is asked for; nor could it be reached."""
        self.requests.append(request.url)
        if not request.url.startswith(("file://", self.home, "data:", "blob:", "about:")):
            self.problems.append(f"third party: {request.url}")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind or self.own_tab or self.emulation:
            self.context.close()
        else:
            self.leave()
        assert kind or not self.problems, self.problems

    def leave(self):
        """Leave the tab as it was found."""
        page, options = self.page, self.tab_options
        page.mouse.move(-9, -9)
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        page.goto("about:blank")
        for event, listener in self.listeners.items():
            page.remove_listener(event, listener)
        self.context.clear_permissions()
        page.emulate_media(
            media="null",
            color_scheme=options.get("color_scheme", "light"),
            reduced_motion=options.get("reduced_motion", "no-preference"),
            forced_colors=options.get("forced_colors", "none"),
        )
        if page.viewport_size != options["viewport"]:
            page.set_viewport_size(options["viewport"])
        self.free.append(page)

    # ---- What it says

    def wait(self, condition):
        self.page.wait_for_function(
            f"e => {condition}", arg=self.root.element_handle(), timeout=30_000
        )

    def ready(self):
        self.wait("e.dataset.state === 'ready'")
        self.root.scroll_into_view_if_needed()
        return self

    @property
    def data(self):
        return self.root.evaluate("e => ({ ...e.dataset })")

    def text(self, selector):
        return self.root.locator(selector).inner_text()

    @property
    def note(self):
        """What the figure says below its pictures."""
        return self.text(".note:not([role])")

    @property
    def complaint(self):
        """What the figure says of a number or an address that it refused."""
        return self.text(".note[role=alert]")

    def sentence(self, run):
        """What the figure says of a run."""
        return self.root.locator("output > span").nth(run).inner_text()

    def readout(self, run):
        """{name: text} of the numbers of a run at the step under the scrubber."""
        parts = self.root.locator(".step").nth(run).locator("span")
        pairs = parts.evaluate_all(
            "e => e.map(s => [s.firstChild, s.lastChild].map(n => n.textContent))"
        )
        return {name.removesuffix("/α"): text.strip() for name, text in pairs}

    @property
    def runs(self):
        return floats(self.data["runs"])

    @property
    def traces(self):
        """What minimize gives for each run that the attributes name."""
        data = self.data
        x0, n_iter = json.loads(data["x0"]), int(data["nIter"])
        objective, found = self.surfaces[data["objective"]], []
        for run in floats(data["runs"]):
            rule, settings = RULES[run["rule"]], run["hyperparameters"]
            if data["view"] == "surface":
                found.append(minimize(objective, x0, rule, n_iter, **settings))
            else:
                found.append(filtered(self.gradients, rule, settings))
        return found

    @property
    def trace(self):
        """The trace of the selected run."""
        return self.traces[int(self.data["selected"])]

    @property
    def gradients(self):
        """The gradients of the stream, shape (n_iter + 1, 1), from t = 1 on."""
        data = self.data
        name, n_iter = data["stream"], int(data["nIter"])
        known = json.loads(data.get("config", '{"streams": []}'))["streams"]
        own = [
            stream["values"] for stream in known if stream["name"] == name and "values" in stream
        ]
        g = own[0][:n_iter] if own else [STREAMS[name](t) for t in range(1, n_iter + 1)]
        return np.array([np.nan, *g])[:, None]

    def iterates(self, trace):
        """The iterates that the figure shows: those of the trace, or of the walk in an interval."""
        data = self.data
        if data["view"] == "surface" or data["stream"] not in INTERVALS:
            return trace.x
        walk = [np.zeros(1)]
        for step in np.diff(trace.x, axis=0):
            walk.append(np.clip(walk[-1] + step, *INTERVALS[data["stream"]]))
        return np.array(walk)

    def check(self):
        """The attributes say what minimize gives for the settings that they name."""
        data, traces = self.data, self.traces
        runs = floats(data["runs"])
        assert len(runs) == len(traces) == self.root.locator("output > span").count()
        for n, (run, trace) in enumerate(zip(runs, traces, strict=True)):
            if data["view"] == "stream":
                assert run["score"] is None
                assert run["x"] == self.iterates(trace)[-1].tolist()
            elif trace.diverged_at is None:
                assert (run["x"], run["score"]) == (trace.x[-1].tolist(), trace.score[-1])
            else:
                assert run["score"] is None  # JSON knows no infinity
                assert f"at step {trace.diverged_at} f is no longer" in self.sentence(n)
        main = runs[int(data["selected"])]
        assert main["rule"] == data["rule"]
        assert main["hyperparameters"] == json.loads(data["hyperparameters"])
        assert main["x"] == floats(data["x"])
        if main["score"] is None:
            assert data["view"] == "stream" or not np.isfinite(float(data["score"]))
        else:
            assert main["score"] == float(data["score"])
        return data

    # ---- Its controls

    def control(self, name):
        return self.root.locator(f'[name="{name}"]')

    def choose(self, name, value):
        self.control(name).select_option(value)

    def press(self, name, value):
        """Choose one of several buttons by its value."""
        self.root.locator(f'[name="{name}"][value="{value}"]').check()

    def visit(self, **settings):
        """Set the figure as a link in the text would, run=[...] for several runs."""
        parts = [
            f"{name}={one}"
            for name, value in settings.items()
            for one in (value if isinstance(value, list) else [value])
        ]
        self.page.evaluate("hash => { location.hash = hash }", "#" + "&".join(parts))
        self.page.evaluate("new Promise((done) => setTimeout(done))")

    def slide(self, name, raw):
        self.control(name).evaluate(
            "(e, raw) => { e.value = raw; e.dispatchEvent(new Event('input', { bubbles: true })) }",
            raw,
        )

    def type(self, name, text):
        """Type a number into a field, key by key, and end with Enter."""
        self.control(name).select_text()
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(str(text))
        self.page.keyboard.press("Enter")

    def move_to(self, name, value):
        """Drag a slider to a value; where none of its positions has it, type the number."""
        raw = value
        if name in ("alpha", "eps"):
            raw = np.log10(value)
        elif name.startswith("beta"):
            raw = -np.log10(1 - value)
        self.slide(name, raw)
        if self.setting(name) != value:
            self.type(f"{name}-value", value)
        assert self.setting(name) == value, (name, value, self.data["hyperparameters"])

    def setting(self, name):
        data = self.data
        return int(data["nIter"]) if name == "n_iter" else json.loads(data["hyperparameters"])[name]

    def options(self, name):
        return self.control(name).locator("option").evaluate_all("e => e.map(o => o.value)")

    def move_start(self, x, y):
        self.page.mouse.click(*self.at(x, y))

    # ---- What is seen: the surface is picture 0; the loss or a sensitivity map is picture 1

    def canvas(self, n):
        """The n-th picture, when all that was asked for has been drawn."""
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        return self.root.locator("canvas").nth(n)

    def ink(self, n):
        """The pixels of the n-th picture, as one string."""
        return self.canvas(n).evaluate("e => e.toDataURL()")

    def inks(self):
        """The pixels of every picture."""
        self.canvas(0)
        return self.root.locator("canvas").evaluate_all("all => all.map((e) => e.toDataURL())")

    def frame(self, n):
        """Where the axes of the n-th picture are on its canvas: left, top, width, height."""
        return [float(v) for v in self.canvas(n).get_attribute("data-plot").split(",")]

    def place(self, x, y):
        """Where a point of the surface is on picture 0, in CSS pixels from its corner."""
        left, top, width, height = self.frame(0)
        (x0, x1), (y0, y1) = self.surfaces[self.data["objective"]].bounds
        x, y = np.asarray(x), np.asarray(y)
        return left + width * (x - x0) / (x1 - x0), top + height * (y1 - y) / (y1 - y0)

    def at(self, x, y):
        """Where a point of the surface is on the screen."""
        box = self.root.locator("canvas").first.bounding_box()
        right, down = self.place(x, y)
        return box["x"] + right, box["y"] + down

    def words(self, n):
        """What is written on the n-th picture: (text, x, y), in CSS pixels from its corner."""
        return [(text, x, y) for text, x, y, _ in self.canvas(n).evaluate("e => e.texts")]

    def resize(self, size):
        """Show the page at one of SIZES."""
        width, scale = size
        if not self.emulation:
            self.emulation = self.context.new_cdp_session(self.page)
        screen = {"width": width, "height": 900, "deviceScaleFactor": scale, "mobile": False}
        self.emulation.send("Emulation.setDeviceMetricsOverride", screen)
        self.page.wait_for_function(
            "([w, s]) => innerWidth === w && devicePixelRatio === s", arg=[width, scale]
        )
        self.page.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def overlaps(self):
        """Texts that touch one another."""
        self.canvas(0)
        return self.root.evaluate(OVERLAPS)

    def ticks(self, n):
        """The numbers on the axes of the n-th picture and where they stand: {x: px}, {y: px}."""
        left, top, width, height = self.frame(n)
        across, up = {}, {}
        for text, x, y in self.words(n):
            value = tick_value(text)
            if value is not None and y < top + height + 20:  # below is the scale of colours
                assert (y > top + height) != (x < left), f"{text} stands inside the axes"
                if x < left:
                    up[value] = y
                else:
                    across[value] = x
        return across, up

    def scale(self, n):
        """The scale of colours under the n-th picture: its numbers, and where it is (a box)."""
        left, top, width, height = self.frame(n)
        texts = [text for text, _, y in self.words(n) if y > top + height + 40]
        (middle,) = (y - 4 for text, _, y in self.words(n) if text == "f")
        return texts, (left, middle + 4, width, 8)

    def shot(self, n):
        return Shot(self.canvas(n))


def filtered(gradients, rule, settings):
    """What a rule makes of gradients that do not depend on it; row 0 is not looked at."""
    given = iter(gradients[1:])
    steps = len(gradients) - 1
    return minimize(
        lambda x: 0 * x[0], [0], rule, steps, gradient=lambda x: next(given), **settings
    )


def tick_value(text):
    superscripts = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    power = re.fullmatch("10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text)
    if power:
        return 10.0 ** int(power[1].translate(superscripts))
    return numbers_in(text)[0] if re.fullmatch(r"−?\d[\d.]*(e−?\d+)?", text) else None


def axis(ticks, scale=lambda v: v):
    """value -> pixel, as a reader takes it from the ticks of an axis."""
    (first, *_, last) = sorted(ticks)
    slope = (ticks[last] - ticks[first]) / (scale(last) - scale(first))
    for value in ticks:  # all ticks agree
        expected = ticks[first] + slope * (scale(value) - scale(first))
        assert abs(ticks[value] - expected) < 0.5, ticks
    return lambda v: ticks[first] + slope * (scale(v) - scale(first))


VIRIDIS = 255 * colormaps["viridis"](np.linspace(0, 1, 1001))[:, :3]
GREY = (128, 128, 128)


def rgb(colour):
    """(red, green, blue) of a rule's, a plain, or any colour."""
    if not isinstance(colour, str):
        return np.array(colour)
    names = {"white": "#ffffff", "black": "#000000"}
    text = STYLE[colour]["color"] if colour in STYLE else names[colour]
    return np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)])


class Shot:
    """A screenshot of a canvas and all that lies upon it; places are CSS pixels from its corner."""

    def __init__(self, canvas):
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        left, top = int(box["x"]), int(box["y"])
        size = int(box["width"]) + 2, int(box["height"]) + 2
        clip = {"x": left, "y": top, "width": size[0], "height": size[1]}
        image = Image.open(io.BytesIO(canvas.page.screenshot(clip=clip))).convert("RGB")
        self.scale = image.width / size[0]
        self.corner = box["x"] - left, box["y"] - top  # boxes may begin between two pixels
        self.pixels = np.asarray(image).astype(int)

    def __call__(self, x, y):
        """The colours at places: x and y of shape (N,) or numbers."""
        column = np.floor(self.scale * (self.corner[0] + np.asarray(x))).astype(int)
        row = np.floor(self.scale * (self.corner[1] + np.asarray(y))).astype(int)
        return self.pixels[row, column]

    def is_colour(self, colour, x, y, tolerance=40):
        return np.linalg.norm(self(x, y) - rgb(colour), axis=-1) < tolerance

    def near(self, colour, x, y, reach):
        """Whether the colour is seen within so many CSS pixels of a place."""
        steps = np.arange(-reach, reach + 0.01, 1 / self.scale)
        dx, dy = np.meshgrid(steps, steps)
        close = np.hypot(dx, dy) <= reach
        return self.is_colour(colour, x + dx[close], y + dy[close]).any()

    def viridis(self, x, y):
        """Where the colours at places lie along viridis, 0 to 1, and how far from it they are."""
        gaps = np.linalg.norm(self(x, y)[..., None, :] - VIRIDIS, axis=-1)
        return gaps.argmin(axis=-1) / 1000, gaps.min(axis=-1)


# ---- A kernel without Jupyter -------------------------------------------------------------------

# anywidget's model, in a page: what the view asks is kept in `asked`, `tell` brings an answer.
# Numbers come as bytes somewhere within a message, as Jupyter sends them.
MODEL = """() => {
    const traits = {}, listeners = {}, pending = {};
    const revived = (value) => {
        if (Array.isArray(value)) return value.map(revived);
        if (value === null || typeof value !== "object") return value;
        if ("bytes" in value) {
            const text = "12345678" + atob(value.bytes) + "and more";
            const all = Uint8Array.from(text, (c) => c.charCodeAt(0));
            return new DataView(all.buffer, 8, all.length - 16);
        }
        return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, revived(v)]));
    };
    window.asked = [];
    const model = {
        get: (name) => traits[name],
        set: (name, value) => (pending[name] = traits[name] = value),
        on: (event, listener) => (listeners[event] ??= new Set()).add(listener),
        off: (event, listener) => listeners[event]?.delete(listener),
        save_changes: () => window.asked.push(JSON.parse(JSON.stringify(pending))),
    };
    window.tell = (changes) => {
        const changed = Object.keys(changes).filter((name) => name in traits);
        Object.assign(traits, revived(changes));
        for (const name of changed) listeners[`change:${name}`]?.forEach((listener) => listener());
    };
    window.show = async (el, esm) => {
        const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
        (await import(url)).default.render({ model, el });
    };
}"""


def sendable(value):
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {name: sendable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [sendable(item) for item in value]
    return value


class LiveFigure(Figure):
    """An Explorer of this very process, shown by the module that Jupyter would load."""

    def __init__(self, browser, page, explorer, **options):
        super().__init__(browser, page, **options)
        self.explorer, self.surfaces, self.told = explorer, explorer._surfaces, {}
        self.page.evaluate(MODEL)
        self.tell(self.news())
        self.root.evaluate("(e, esm) => window.show(e, esm)", explorer._esm)

    def news(self):
        """What a kernel would send: the traits that are not as they were last told."""
        names = ["config", "surface", "result"]
        now = {name: getattr(self.explorer, name) for name in names}
        news = {name: value for name, value in now.items() if self.told.get(name) != value}
        self.told = now
        return sendable(news)

    def tell(self, news):
        self.page.evaluate("window.tell", news)

    def asked(self):
        """All that the view has asked for since the last call."""
        return self.page.evaluate("window.asked.splice(0)")

    def answers(self):
        """The answers to what was asked, each to be told when the test likes."""
        answers = []
        for settings in self.asked():
            self.explorer.set_state(settings)
            answers.append(self.news())
        return answers

    def answer(self):
        for news in self.answers():
            self.tell(news)
