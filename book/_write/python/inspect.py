"""Of inspect what descent.checker.arguments names."""


class Parameter:
    empty = object()
