"""What the site needs beyond settings: MathJax without a network, an address, and what the text of
its pages needs of HTML."""

import hashlib
import os
import re
from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from sphinx.errors import ConfigError
from sphinx.search import languages
from sphinx.search.en import SearchEnglish
from sphinx.util.fileutil import copy_asset
from sphinx_exercise.nodes import solution_node

# Of the 31 MB that sphinx-mathjax-offline ships, a page with TeX source loads only these.
MATHJAX = ["tex-chtml-full.js", "output/chtml/fonts/woff-v2"]


def set_repository(app, config):
    """Show launch buttons if the repository's address is known, and none otherwise.

    The address is `repository: url` of _config.yml or, before it, the environment variable
    REPOSITORY (BRANCH likewise), which `make book REPOSITORY=...` sets.
    """
    theme = config.html_theme_options
    url = os.environ.get("REPOSITORY") or theme.get("repository_url") or ""
    branch = os.environ.get("BRANCH") or theme.get("repository_branch") or "main"
    url = url.strip().rstrip("/").removesuffix(".git")
    if not url:
        for option in ("repository_url", "repository_branch", "launch_buttons"):
            theme.pop(option, None)
        return
    if not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", url):
        raise ConfigError(
            f"the repository's address is {url!r}; write https://github.com/OWNER/NAME "
            "(REPOSITORY=..., or repository: url in _config.yml), or leave it empty"
        )
    if not re.fullmatch(r"[\w./-]+", branch):
        raise ConfigError(f"the repository's branch is {branch!r}; write its name (BRANCH=main)")
    theme.update(
        repository_url=url,
        repository_branch=branch,
        use_repository_button=True,
        use_issues_button=True,
    )


OPENING, CLOSING = re.compile(r"[(\[“‘]+$"), re.compile(r"[-,.;:!?)\]”’]+")


def glue_punctuation(app, doctree, docname):
    """Keep an inline equation on the line of its punctuation: a browser breaks there otherwise."""
    for node in list(doctree.findall(nodes.math)):
        # At the end of **bold** or *emphasis* the punctuation stands outside.
        while isinstance(node.parent, nodes.Inline) and len(node.parent) == 1:
            node = node.parent
        parent, at = node.parent, node.parent.index(node)
        before, after = (parent[i] if 0 <= i < len(parent) else "" for i in (at - 1, at + 1))
        opening = isinstance(before, nodes.Text) and OPENING.search(before)
        closing = isinstance(after, nodes.Text) and CLOSING.match(after)
        if not opening and not closing:
            continue
        glued = nodes.inline(classes=["glued"])
        parent[at] = glued
        if opening:
            parent[at - 1] = nodes.Text(before[: opening.start()])
            glued += nodes.Text(opening[0])
        glued += node
        if closing:
            parent[at + 1] = nodes.Text(after[closing.end() :])
            glued += nodes.Text(closing[0])


def unlink_solution_titles(app, doctree, docname):
    """Move the link to the exercise from a solution's title, which unfolds it, to its end."""
    for solution in doctree.findall(solution_node):
        title = solution[0]
        for link in list(title.findall(nodes.reference)):
            exercise = link[0].astext().partition(" (")[0].strip()
            title.remove(link)
            title.extend(link.children)
            link.children = []
            link += nodes.Text(f"Back to {exercise}")
            solution += nodes.paragraph("", "", link, classes=["to-exercise"])


class Words(SearchEnglish):
    """Sphinx's words of an English text, in which the letter epsilon has its names."""

    def split(self, text):
        return super().split(text.replace(r"\varepsilon", " eps epsilon "))


def equip_search(app, page, template, context, doctree):
    """Give the search page its script, and MathJax for the equations in what it finds."""
    if page == "search":
        app.add_js_file("search.js", loading_method="defer")
        app.env.get_domain("math").data["has_equations"][page] = True


def size_pictures(app, page, template, context, doctree):
    """Give each picture its width and height, so that no text moves when it comes."""
    places = {name: path for path, (_, name) in app.env.images.items()}

    def sized(match):
        head = Path(app.srcdir, places[match[2]]).read_bytes()[16:24]
        width, height = (int.from_bytes(head[at : at + 4]) for at in (0, 4))
        return f'{match[1]} width="{width}" height="{height}"'

    if context.get("body"):
        picture = r'(<img alt="[^"]*" src="[^"]*_images/([^"/]+\.png)")(?= />)'
        context["body"] = re.sub(picture, sized, context["body"])


def first_page(app, env, added, changed, removed):
    """Write the first page always: without a page to write, Sphinx copies no changed script."""
    return [app.config.root_doc]


def copy_mathjax(app, exception):
    """Copy the MathJax files that pages load from the installed package into the site."""
    if exception is None and app.builder.format == "html":
        package = Path(find_spec("sphinx-mathjax-offline").origin).parent
        source, target = package / "static/mathjax", Path(app.outdir, "_static/mathjax")
        for name in MATHJAX:
            is_folder = (source / name).is_dir()
            copy_asset(source / name, target / name if is_folder else target)


def fill_in_address(app, exception):
    """Write the address into the notebooks that the site offers for download.

    Their first code cell installs the package from there (code/tools/address.py).
    """
    address = app.config.html_theme_options.get("repository_url")
    if exception is None and address:
        for path in Path(app.outdir, "_sources").rglob("*.ipynb"):
            source = path.read_text(encoding="utf-8")
            source = re.sub(r'(repository = \\")[^"\\]*', rf"\g<1>{address}", source)
            path.write_text(source, encoding="utf-8")


def setup(app):
    # A change of an extension makes every page anew, as a change of a setting does.
    sources = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    app.add_config_value("extensions_digest", hashlib.sha256(sources).hexdigest(), "env", str)
    app.connect("config-inited", set_repository)
    languages["en"] = Words
    app.connect("html-page-context", equip_search, priority=400)  # before MathJax is added
    app.connect("html-page-context", size_pictures)
    app.connect("env-get-outdated", first_page)
    app.connect("doctree-resolved", glue_punctuation)
    app.connect("doctree-resolved", unlink_solution_titles)
    app.connect("build-finished", copy_mathjax)
    app.connect("build-finished", fill_in_address)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
