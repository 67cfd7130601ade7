"""The interactive figure: one view, drawn from Python in a notebook and from rules.js on a page."""

from .explorer import Explorer

__all__ = ["Explorer"]
