"""``check``, which names the mistakes of a rule or of an answer."""

from .verdict import Verdict, check

__all__ = ["Verdict", "check"]
