"""Brython looks here when it is asked for the annotations of a class."""


class ForwardRef:
    pass
