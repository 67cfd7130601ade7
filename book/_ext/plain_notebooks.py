"""Notebooks hold plain Markdown, and the site makes more of it.

JupyterLab, GitHub, Colab and VS Code show a notebook's text as plain Markdown, in which MyST roles
and boxes would stand as raw marks. So notebooks do without them, and three plain forms stand in:

    > **Predict**                 a quotation whose first paragraph is bold: a box with this title
    <a id="correction-t9"></a>    an anchor: links from all pages find it
    [step](derivation.md#eq-x)    a link to a label of another page: an equation, an exercise, a
                                  theorem, an anchor, a heading, or a work in the bibliography by
                                  its key. An equation's number is added to the link's text
"""

import re

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode


class Anchors(SphinxTransform):
    """Make targets of the anchors of a notebook."""

    default_priority = 200  # before docutils hands a target on to what follows it (260)

    def apply(self):
        for raw in list(self.document.findall(nodes.raw)):
            anchor = re.fullmatch(r'<a id="([\w-]+)">(</a>)?\s*', raw.astext())
            if not anchor:
                continue
            name, parent = anchor[1], raw.parent
            if not anchor[2]:  # the parser makes a node of each tag
                parent.remove(raw.next_node(siblings=True, descend=False))
            target = nodes.target("", "", ids=[name], names=[name])
            self.document.note_explicit_target(target)
            if isinstance(parent, nodes.paragraph) and len(parent) == 1:
                parent.replace_self(target)  # alone on its line, it stands for what follows
            else:
                raw.replace_self(target)


class Comments(SphinxTransform):
    """Drop comments, in which code/tools/prose.py finds the evidence for a page's numbers."""

    default_priority = 200

    def apply(self):
        for raw in list(self.document.findall(nodes.raw)):
            if raw.astext().startswith("<!--"):
                raw.parent.remove(raw)


class Boxes(SphinxTransform):
    """Make boxes of the quotations of a notebook that begin with a bold line."""

    default_priority = 200

    def apply(self):
        if not self.env.doc2path(self.env.docname).endswith(".ipynb"):
            return
        for quotation in list(self.document.findall(nodes.block_quote)):
            first = [node for node in quotation[0] if node.astext()]  # the parser adds empty text
            if [*map(type, first)] == [nodes.strong]:
                title = nodes.title("", "", *first[0].children)
                quotation.replace_self(nodes.admonition("", title, *quotation[1:]))


class Links(SphinxPostTransform):
    """Resolve links to the labels of other pages, which MyST looks for among headings only."""

    default_priority = 8  # before MyST's own (9)

    def run(self):
        for link in list(self.document.findall(pending_xref)):
            if link["reftype"] == "myst" and link["refdomain"] == "doc" and link["reftargetid"]:
                reference = self.equation(link) or self.label(link)
                if reference:
                    link.replace_self(reference)

    def equation(self, link):
        """The link with the number of its equation added; None if it leads to something else."""
        label, math = link["reftargetid"], self.env.get_domain("math")
        if label not in math.equations:
            return None
        arguments = (self.env, self.env.docname, self.app.builder, "eq", label, link, link[0])
        reference = math.resolve_xref(*arguments)
        number = reference.astext()
        reference.clear()
        reference += [link[0], nodes.Text(f" {number}")]
        return reference

    def label(self, link):
        """The link to an exercise, theorem, anchor, heading or work; None if it is none."""
        label, page = link["reftargetid"], link["reftarget"]
        places = [self.env.get_domain("std").anonlabels.get(label, ("", ""))[:2]]
        places += [(p["docname"], p["ids"][0]) for p in [self.env.proof_list.get(label)] if p]
        places += [
            (work.bibliography_key.docname, work.citation_id)
            for work in self.env.get_domain("cite").citations
            if work.key == label
        ]
        contents = self.env.tocs[page].findall(nodes.reference) if page in self.env.tocs else ()
        places += [(page, label) for entry in contents if entry["anchorname"] == f"#{label}"]
        for place in places:
            if place[0] == page:
                return make_refnode(self.app.builder, self.env.docname, *place, link[0])
        return None


def setup(app):
    app.add_transform(Anchors)
    app.add_transform(Boxes)
    app.add_transform(Comments)
    app.add_post_transform(Links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
