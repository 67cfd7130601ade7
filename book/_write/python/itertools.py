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
    chosen = slice(*limits)
    start, step = chosen.start or 0, chosen.step or 1
    if chosen.stop is not None and chosen.stop <= start:
        return
    for i, value in enumerate(values):
        if i >= start and (i - start) % step == 0:
            yield value
        if chosen.stop is not None and i + 1 >= chosen.stop:
            return
