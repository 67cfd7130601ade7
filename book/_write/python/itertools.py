"""Of itertools what a loop needs."""


def count(start=0, step=1):
    while True:
        yield start
        start = start + step


def repeat(value, times=None):
    while times is None or times > 0:
        yield value
        times = None if times is None else times - 1


def islice(values, *limits):
    start, stop, step = (0, *limits, 1) if len(limits) == 1 else (*limits, 1)[:3]
    start, step = start or 0, step or 1  # Brython does not know slice(stop)
    if stop is not None and stop <= start:
        return
    for i, value in enumerate(values):
        if i >= start and (i - start) % step == 0:
            yield value
        if stop is not None and i + 1 >= stop:
            return
