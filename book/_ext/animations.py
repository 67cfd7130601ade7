"""Animated pictures: a still for readers who want no motion, and a button that plays them again."""

import hashlib
import html
import io
from pathlib import Path

from docutils import nodes
from PIL import Image


def last_frame(data):
    """The last frame of an animated PNG as a PNG of its own; None if nothing moves in it."""
    image = Image.open(io.BytesIO(data))
    if not getattr(image, "is_animated", False):
        return None
    image.seek(image.n_frames - 1)
    still = io.BytesIO()
    image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(still, "PNG", optimize=True)
    return still.getvalue()


def stop_for_readers_who_want_no_motion(app, doctree, page):
    """Give an animation its last frame as the picture for prefers-reduced-motion."""
    if app.builder.format != "html":
        return
    for node in list(doctree.findall(nodes.image)):
        path = Path(app.srcdir, node["uri"])
        still = last_frame(path.read_bytes()) if path.suffix == ".png" and path.is_file() else None
        if still is None:
            continue
        width, height = Image.open(path).size
        names = []
        for data in (still, path.read_bytes()):
            names.append(f"_images/{hashlib.sha256(data).hexdigest()[:16]}.png")
            Path(app.outdir, names[-1]).parent.mkdir(exist_ok=True)
            Path(app.outdir, names[-1]).write_bytes(data)
        still_name, name = ("../" * page.count("/") + name for name in names)
        picture = (
            f'<picture class="animation">'
            f'<source media="(prefers-reduced-motion: reduce)" srcset="{still_name}">'
            f'<img alt="{html.escape(node["alt"])}" src="{name}" width="{width}" height="{height}">'
            "</picture>"
        )
        node.replace_self(nodes.raw("", picture, format="html"))


def setup(app):
    app.connect("doctree-resolved", stop_for_readers_who_want_no_motion)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
