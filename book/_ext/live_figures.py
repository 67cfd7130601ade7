"""Interactive figures on the pages of the site.

    ```{explorer}
    :name: fig-adam-edge
    Explorer(adam, ravine, alpha=0.1, n_iter=300)
    ```

puts a figure into a page of text: the call is evaluated when the book is built, with the names of
`descent`, and what it stores is what a notebook would store. A link with a fragment that sets a
figure (code/descent/explorer/share.js) may stand in any page or notebook:

    [with alpha 0.75](#figure=fig-adam-edge&alpha=0.75)

`:inner: root` is what the third picture of a stream shows at first: average, root, rate or x.
`:reserve: 700px 1200px` keeps so much height for a figure at the top of a page, beside and below
its map, and paints its still before the scripts are there.
"""

import base64
import hashlib
import json
import re
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from rcssmin import cssmin
from rjsmin import jsmin
from sphinx.addnodes import pending_xref
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

import descent

PACKAGE = Path(descent.__file__).parent
FOLDER = PACKAGE / "explorer"


class LiveFigure(SphinxDirective):
    has_content = True
    option_spec = dict.fromkeys(("name", "inner", "reserve"), directives.unchanged_required)

    def run(self):
        for path in PACKAGE.rglob("*.py"):
            self.env.note_dependency(str(path))
        names = {name: getattr(descent, name) for name in descent.__all__}
        try:
            figure = eval("\n".join(self.content), names)
            figure.name, figure.inner = self.options["name"], self.options.get("inner", "")
            data, _ = figure._repr_mimebundle_()
            html = data["text/html"]
        except KeyError as error:
            raise self.error(
                f"the figure needs {error}: a page knows the book's rules only"
            ) from error
        except Exception as error:
            raise self.error(f"the figure cannot be made: {error!r}") from error
        if reserve := self.options.get("reserve"):
            wide, narrow = reserve.split()
            html = html.replace("<div ", f'<div style="--wide:{wide};--narrow:{narrow}" ', 1)
        return [nodes.raw("", html, format="html")]


class FigureLinks(SphinxPostTransform):
    """Keep links whose fragment sets a figure as they are: they name no label."""

    default_priority = 8  # before MyST looks for one (9)

    def run(self):
        for link in list(self.document.findall(pending_xref)):
            target = link.get("reftarget", "")
            if link.get("reftype") == "myst" and target.startswith("figure="):
                reference = nodes.reference("", "", *link[0].children, refuri=f"#{target}")
                link.replace_self(reference)


def keep_stills_in_files(app, doctree, page):
    """Move the still inside a figure to a file, which only readers without scripts load.

    A figure that reserves its height shows it to all, until the scripts are there.
    """
    if app.builder.format != "html":
        return
    for figure in list(doctree.findall(nodes.raw)):
        html = figure.astext()
        match = re.search(r'(<img [^>]*src=")data:image/png;base64,([^"]+)(">)', html)
        if not match or 'class="descent-explorer"' not in html:
            continue
        png = base64.b64decode(match[2])
        name = f"_images/{hashlib.sha256(png).hexdigest()[:16]}.png"
        Path(app.outdir, name).parent.mkdir(exist_ok=True)
        Path(app.outdir, name).write_bytes(png)
        width, height = (int.from_bytes(png[at : at + 4]) for at in (16, 20))
        size = f'" width="{width}" height="{height}">'
        image = f"{match[1]}{'../' * page.count('/')}{name}{size}"
        if "--wide" not in html:
            image = f"<noscript>{image}</noscript>"
        figure.replace_self(nodes.raw("", html.replace(match[0], image), format="html"))


def modules():
    """The scripts that page.js loads, in their order."""
    names = re.search(r"const FILES = (\[.*?\]);", (FOLDER / "page.js").read_text("utf-8"), re.S)
    return json.loads(names[1])


def bundle():
    """What a page with a figure loads beside page.js: the modules in one file, without comments."""
    return jsmin("\n".join((FOLDER / name).read_text("utf-8") for name in modules()))


def add_scripts(app):
    digest = hashlib.sha256(bundle().encode()).hexdigest()[:8]
    app.add_css_file("explorer.css")
    app.add_js_file("page.js", loading_method="defer", **{"data-figure": f"figure.js?v={digest}"})


def scripts():
    """{name: text} of what the site serves for its figures."""
    page, style = ((FOLDER / name).read_text("utf-8") for name in ("page.js", "explorer.css"))
    return {"page.js": jsmin(page), "figure.js": bundle(), "explorer.css": cssmin(style)}


def write_scripts(app, exception):
    """Replace the scripts in the site by what they come to: one file, and small."""
    if exception is None and app.builder.format == "html":
        static = Path(app.outdir, "_static")
        for name in modules():
            (static / name).unlink(missing_ok=True)
        for name, text in scripts().items():
            (static / name).write_text(text, encoding="utf-8")


def setup(app):
    app.add_directive("explorer", LiveFigure)
    app.add_post_transform(FigureLinks)
    app.connect("builder-inited", add_scripts)
    app.connect("doctree-resolved", keep_stills_in_files)
    app.connect("build-finished", write_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
