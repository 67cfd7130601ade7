"""A stand-in for NumPy on a page: vectors of float64, and what an update rule does with them.

Every operation gives the bits of NumPy's (book/_write/python is tested against it), except that
NumPy takes ``**`` of arrays to other powers than 0.5, 1, 2 and -1 in ways that depend on the
machine.
"""

import math
from builtins import abs as _abs
from builtins import all as _all
from builtins import any as _any
from builtins import max as _max
from builtins import min as _min

inf, nan, pi, e = math.inf, math.nan, math.pi, math.e
float64 = float


def _divide(a, b):
    try:
        return a / b
    except ZeroDivisionError:
        if a == 0 or a != a:
            return nan
        return math.copysign(inf, a) * math.copysign(1.0, b)


def _power(a, b):
    if b == 2:
        return a * a
    if b == 0.5:
        return _sqrt(a)
    if b == -1:
        return _divide(1.0, a)
    try:
        result = a**b
    except ZeroDivisionError:
        return inf
    except OverflowError:
        return -inf if a < 0 and b % 2 == 1 else inf
    return nan if isinstance(result, complex) else result


def _sqrt(a):
    return math.sqrt(a) if a >= 0 else nan


def _row(other, n):
    """The numbers of the other operand, as many as n; None if it cannot be one."""
    if isinstance(other, ndarray):
        row = other._row
        if len(row) == n:
            return row
        if len(row) == 1:
            return row * n
        if n == 1:
            return row
        raise ValueError(
            f"operands could not be broadcast together with shapes ({n},) ({len(row)},)"
        )
    if isinstance(other, (float, int)):
        return [other] * n
    if isinstance(other, (list, tuple)):
        return _row(array(other), n)
    return None


def _rows(self, other):
    mine = self._row
    row = _row(other, len(mine))
    return (mine * len(row) if row and len(mine) == 1 else mine), row


def _operator(function):
    def method(self, other):
        mine, row = _rows(self, other)
        return _made([function(a, b) for a, b in zip(mine, row)]) if row else NotImplemented

    return method


def _both(function):
    return _operator(function), _operator(lambda a, b: function(b, a))


def _in_place(function):
    def method(self, other):
        row = _row(other, len(self._row))
        if row is None:
            return NotImplemented
        self._row[:] = [function(a, b) for a, b in zip(self._row, row)]
        return self

    return method


class ndarray:
    """A vector of float64."""

    def __init__(self, *args):
        raise TypeError("write np.array([...]) to make an array")

    ndim = 1
    dtype = float64
    shape = property(lambda self: (len(self._row),))
    size = property(lambda self: len(self._row))

    __truediv__, __rtruediv__ = _both(_divide)
    __pow__, __rpow__ = _both(_power)

    # Written out: a call for each number would take half of the time of a run.
    def __add__(self, other):
        mine, row = _rows(self, other)
        return _made([a + b for a, b in zip(mine, row)]) if row else NotImplemented

    def __sub__(self, other):
        mine, row = _rows(self, other)
        return _made([a - b for a, b in zip(mine, row)]) if row else NotImplemented

    def __rsub__(self, other):
        mine, row = _rows(self, other)
        return _made([b - a for a, b in zip(mine, row)]) if row else NotImplemented

    def __mul__(self, other):
        mine, row = _rows(self, other)
        return _made([a * b for a, b in zip(mine, row)]) if row else NotImplemented

    __radd__, __rmul__ = __add__, __mul__
    __iadd__ = _in_place(lambda a, b: a + b)
    __isub__ = _in_place(lambda a, b: a - b)
    __imul__ = _in_place(lambda a, b: a * b)
    __itruediv__ = _in_place(_divide)
    __lt__ = _operator(lambda a, b: a < b)
    __le__ = _operator(lambda a, b: a <= b)
    __gt__ = _operator(lambda a, b: a > b)
    __ge__ = _operator(lambda a, b: a >= b)
    __eq__ = _operator(lambda a, b: a == b)
    __ne__ = _operator(lambda a, b: a != b)
    __and__ = _operator(lambda a, b: a and b)
    __or__ = _operator(lambda a, b: a or b)
    __hash__ = None

    def __neg__(self):
        return _made([-a for a in self._row])

    def __pos__(self):
        return _made(list(self._row))

    def __invert__(self):
        return _made([not a for a in self._row])

    def __abs__(self):
        return _made([_abs(a) for a in self._row])

    def __bool__(self):
        if len(self._row) == 1:
            return bool(self._row[0])
        raise ValueError(
            "The truth value of an array with more than one element is ambiguous. "
            "Use a.any() or a.all()"
        )

    def __len__(self):
        return len(self._row)

    def __iter__(self):
        return iter(self._row)

    def __getitem__(self, i):
        if isinstance(i, ndarray):
            return _made([a for a, chosen in zip(self._row, i._row) if chosen])
        return _made(self._row[i]) if isinstance(i, slice) else self._row[i]

    def __setitem__(self, i, value):
        if isinstance(i, ndarray):
            i = [k for k, chosen in enumerate(i._row) if chosen]
        elif isinstance(i, slice):
            i = list(range(len(self._row)))[i]
        else:
            self._row[i] = float(value)
            return
        for k, v in zip(i, _row(value, len(i))):
            self._row[k] = float(v)

    def __repr__(self):
        return f"array([{', '.join(map(_text, self._row))}])"

    def __str__(self):
        return f"[{' '.join(map(_text, self._row))}]"

    def copy(self):
        return _made(list(self._row))

    def tolist(self):
        return list(self._row)

    def sum(self):
        total = 0.0
        for a in self._row:
            total = total + a
        return total

    def mean(self):
        return self.sum() / len(self._row)

    def max(self):
        return _max(self._row)

    def min(self):
        return _min(self._row)

    def all(self):
        return _all(self._row)

    def any(self):
        return _any(self._row)


def _text(value):
    text = repr(value)
    return text[:-1] if text.endswith(".0") else text


def _made(row):
    made = object.__new__(ndarray)
    made._row = row
    return made


def array(values, dtype=float):
    if isinstance(values, ndarray):
        return values.copy()
    if isinstance(values, (float, int)):
        return float(values)
    row = list(values)
    if _any(isinstance(v, (list, tuple, ndarray)) for v in row):
        raise TypeError("numpy on this page has arrays with one axis only")
    return _made([v if isinstance(v, bool) else float(v) for v in row])


def asarray(values, dtype=float):
    return values if isinstance(values, ndarray) else array(values)


def _filled(shape, value):
    n = shape[0] if isinstance(shape, tuple) else shape
    return _made([float(value)] * n)


def zeros(shape, dtype=float):
    return _filled(shape, 0.0)


def ones(shape, dtype=float):
    return _filled(shape, 1.0)


def full(shape, value):
    return _filled(shape, value)


def zeros_like(x, dtype=float):
    return _filled(len(x), 0.0) if isinstance(x, (ndarray, list, tuple)) else 0.0


def ones_like(x, dtype=float):
    return _filled(len(x), 1.0) if isinstance(x, (ndarray, list, tuple)) else 1.0


def full_like(x, value):
    return _filled(len(x), value) if isinstance(x, (ndarray, list, tuple)) else float(value)


def copy(x):
    return array(x)


def ravel(x):
    return x if isinstance(x, ndarray) else array(x if isinstance(x, (list, tuple)) else [x])


def shape(x):
    return (
        x.shape if isinstance(x, ndarray) else ((len(x),) if isinstance(x, (list, tuple)) else ())
    )


def ndim(x):
    return len(shape(x))


def _each(function):
    """The function of one number, or of each number of a vector."""

    def apply(x):
        if isinstance(x, (list, tuple)):
            x = array(x)
        return _made([function(a) for a in x._row]) if isinstance(x, ndarray) else function(x)

    return apply


def _pair(function):
    def apply(a, b):
        if isinstance(a, (list, tuple)):
            a = array(a)
        if isinstance(b, (list, tuple)):
            b = array(b)
        n = (
            _max(len(v._row) for v in (a, b) if isinstance(v, ndarray))
            if (isinstance(a, ndarray) or isinstance(b, ndarray))
            else 0
        )
        if not n:
            return function(a, b)
        return _made([function(p, q) for p, q in zip(_row(a, n), _row(b, n))])

    return apply


def _larger(a, b):
    return a if a >= b or a != a else b


def _smaller(a, b):
    return a if a <= b or a != a else b


def _exp(a):
    try:
        return math.exp(a)
    except OverflowError:
        return inf


def _log(a):
    return math.log(a) if a > 0 else (-inf if a == 0 else nan)


sqrt = _each(_sqrt)
abs = absolute = fabs = _each(_abs)
square = _each(lambda a: a * a)
sign = _each(lambda a: a if a != a else float((a > 0) - (a < 0)))
exp = _each(_exp)
log = _each(_log)
isfinite = _each(lambda a: a - a == 0)
isnan = _each(lambda a: a != a)
isinf = _each(lambda a: a in (inf, -inf))
maximum = _pair(_larger)
minimum = _pair(_smaller)
power = _pair(_power)
add = _pair(lambda a, b: a + b)
subtract = _pair(lambda a, b: a - b)
multiply = _pair(lambda a, b: a * b)


def divide(a, b, out=None, where=None):
    """Where the condition is not met, what out holds stays."""
    if where is None:
        return _pair(_divide)(a, b)
    n = len(where)
    rows = zip(_row(a, n), _row(b, n), where, out if out is not None else zeros(n))
    return _made([_divide(p, q) if chosen else kept for p, q, chosen, kept in rows])


def where(condition, a, b):
    if not isinstance(condition, ndarray):
        return a if condition else b
    n = len(condition)
    return _made([p if c else q for c, p, q in zip(condition, _row(a, n), _row(b, n))])


def clip(x, low, high):
    return minimum(maximum(x, low), high)


def sum(x):
    return asarray(x).sum()


def mean(x):
    return asarray(x).mean()


def max(x):
    return asarray(x).max()


def min(x):
    return asarray(x).min()


def dot(a, b):
    return (asarray(a) * asarray(b)).sum()


class linalg:
    norm = staticmethod(lambda x: _sqrt(dot(x, x)))


def any(x):
    return asarray(x).any() if isinstance(x, (ndarray, list, tuple)) else bool(x)


def all(x):
    return asarray(x).all() if isinstance(x, (ndarray, list, tuple)) else bool(x)


class errstate:
    def __init__(self, **kwargs):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False


def __getattr__(name):
    raise AttributeError(f"numpy on this page has no {name}: it has what an update rule needs")
