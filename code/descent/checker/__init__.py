"""``check``, which names the mistakes of a rule."""

from .verdict import Verdict, check

__all__ = ["Verdict", "check"]
