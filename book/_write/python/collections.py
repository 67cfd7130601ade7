"""Of collections what a record needs."""


def namedtuple(typename, field_names, *, defaults=()):
    if isinstance(field_names, str):
        field_names = field_names.replace(",", " ").split()
    fields = tuple(field_names)
    first = len(fields) - len(defaults)

    def __new__(cls, *values, **named):
        if len(values) > len(fields):
            raise TypeError(f"{typename} takes {len(fields)} values, got {len(values)}")
        row = list(values)
        for i in range(len(values), len(fields)):
            if fields[i] in named:
                row.append(named.pop(fields[i]))
            elif i >= first:
                row.append(defaults[i - first])
            else:
                raise TypeError(f"{typename} needs a value for {fields[i]}")
        if named:
            raise TypeError(f"{typename} has no field {next(iter(named))}")
        return tuple.__new__(cls, row)

    def __repr__(self):
        return f"{typename}({', '.join(f'{f}={v!r}' for f, v in zip(fields, self))})"

    def _replace(self, **named):
        return type(self)(**{**dict(zip(fields, self)), **named})

    body = {"__new__": __new__, "__repr__": __repr__, "_replace": _replace, "_fields": fields}
    for i, field in enumerate(fields):
        body[field] = property(lambda self, i=i: self[i])
    return type(typename, (tuple,), body)
