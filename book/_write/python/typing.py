"""Of typing what a record needs. The names that only annotate stand for themselves."""

from collections import namedtuple

import annotationlib  # noqa: F401  Brython needs it to be loaded

Any = Callable = Iterable = Iterator = Generator = object


class _Records(type):
    def __new__(kind, name, bases, body):
        if not bases:
            return super().__new__(kind, name, bases, body)
        fields = list(_annotations(body))
        record = namedtuple(name, fields, defaults=[body[f] for f in fields if f in body])
        for key, value in body.items():
            if key not in fields and not key.startswith("__"):
                setattr(record, key, value)
        return record


def _annotations(body):
    if "__annotations__" in body:
        return body["__annotations__"]
    annotate = body.get("__annotate_func__") or body.get("__annotate__")
    return annotate(1) if annotate else {}


class NamedTuple(metaclass=_Records):
    pass
