"""Test functions of two variables with their gradients, and ``Objective`` to make your own.

The first axis of a point is the coordinate, as in ``scipy.optimize.rosen``: ``x, y = p`` works
for one point of shape (2,), for many (2, N) and for a mesh (2, H, W).

All surfaces here are polynomials: they need only + - *, which give the same bits on every
machine and in every language.
"""

import numpy as np

from .checks import as_floats, name_of, whole_number

__all__ = ["bowl", "ravine", "rosenbrock", "beale", "himmelblau", "saddle", "egg_box"]


class Objective:
    """A function of d variables with its gradient and what is known of it.

        objective(p)           f(p): p of shape (d, *S) gives shape S
        objective.gradient(p)  the d partial derivatives: shape (d, *S)

    f, gradient   functions of p as above
    name          for titles and messages; default: the name of f
    bounds        lo and hi per coordinate, shape (d, 2): where starts are drawn and pictures
                  shown; iterates may leave them. Default: [-1, 1] twice
    minima        the known minimisers, shape (k, d); default: none known

    Raises ValueError where bounds or minima have the wrong shape or are not finite, TypeError
    where f or gradient cannot be called, name is not a string, or bounds or minima are not
    numbers.
    """

    def __init__(self, f, gradient, name=None, bounds=((-1, 1), (-1, 1)), minima=()):
        for argument, function in (("f", f), ("gradient", gradient)):
            if not callable(function):
                raise TypeError(f"{argument} must be a function of p, got {function!r}")
        self.f = f
        self.gradient = gradient
        self.name = name_of(f) if name is None else name
        if not isinstance(self.name, str):
            raise TypeError(f"name must be a string, got {name!r}")
        self.bounds = as_floats("bounds", bounds, "numbers, a lo and a hi per coordinate").copy()
        if self.bounds.ndim != 2 or self.bounds.shape[1] != 2 or self.bounds.size == 0:
            raise ValueError(
                f"bounds must have shape (d, 2), a lo and a hi per coordinate; "
                f"got shape {self.bounds.shape}"
            )
        if not (np.isfinite(self.bounds).all() and (self.bounds[:, 0] < self.bounds[:, 1]).all()):
            raise ValueError(f"bounds must be finite with lo < hi, got {self.bounds.tolist()}")
        d = len(self.bounds)
        self.minima = as_floats("minima", minima, "numbers, one point a row").copy()
        if self.minima.size == 0:
            self.minima = np.empty((0, d))
        if self.minima.ndim != 2 or self.minima.shape[1] != d:
            raise ValueError(
                f"minima must have shape (k, {d}), one point a row; got shape {self.minima.shape}"
            )
        if not np.isfinite(self.minima).all():
            raise ValueError(f"minima must be finite, got {self.minima.tolist()}")

    def __call__(self, p):
        return self.f(p)

    def __repr__(self):
        return f"Objective({self.name!r}, bounds={self.bounds.tolist()})"

    def __reduce_ex__(self, protocol):
        """In another process a surface of the book is that process's own, not a copy."""
        return self.name if OBJECTIVES.get(self.name) is self else super().__reduce_ex__(protocol)

    def start(self, seed):
        """A start drawn uniformly from the bounds: lo + RandomState(seed).rand(d) (hi - lo).

        The legacy generator, because the published runs drew from it: ``bowl.start(1)`` is
        [-0.165955990594852, 0.4406489868843162]. Raises ValueError or TypeError for a seed that is
        not a whole number from 0 to 2^32 - 1.
        """
        seed = whole_number("seed", seed, 0, 2**32 - 1)
        lo, hi = self.bounds.T
        return lo + np.random.RandomState(seed).rand(len(lo)) * (hi - lo)

    def check_gradient(self, p=None, tolerance=1e-6):
        """The largest gap between ``gradient`` and central differences of f, at p.

        The gap of one component is |gradient - difference| / max(1, |gradient|, |difference|).
        p: shape (d,) or (d, *S); default: ten points drawn from the bounds.

        Raises ValueError, naming point, coordinate and both values, if the gap is larger than
        ``tolerance`` and than what the rounding of f explains; ValueError or TypeError where p,
        tolerance, or what f and gradient return cannot be used.
        """
        d = len(self.bounds)
        if p is None:
            p = np.stack([self.start(seed) for seed in range(10)], axis=1)
        p = as_floats("p", p, f"numbers of shape ({d},) or ({d}, *S)").copy()
        if p.ndim == 0 or len(p) != d or p.size == 0 or not np.isfinite(p).all():
            raise ValueError(
                f"p must be finite with {d} coordinates on its first axis; "
                f"got shape {p.shape}, {p.tolist()}"
            )
        if as_floats("tolerance", tolerance, "a number").shape != () or not tolerance > 0:
            raise ValueError(f"tolerance must be a number greater than 0, got {tolerance!r}")
        p.flags.writeable = False  # NumPy stops a gradient that writes on its argument
        worst = 0.0
        with np.errstate(all="ignore"):  # an overflow is reported as a disagreement
            for point in p.reshape(d, -1).T:
                worst = max(worst, self._gap(point, tolerance))
        return worst

    def _gap(self, point, tolerance):
        gradient = as_floats(f"gradient of {self.name}", self.gradient(point), "numbers")
        if gradient.shape != point.shape:
            raise ValueError(
                f"gradient of {self.name} must have the shape {point.shape} of p, "
                f"got {gradient.shape}"
            )
        gaps = []
        for i in range(len(point)):
            h = 6e-6 * max(1.0, abs(point[i]))  # cube root of the rounding unit: least error
            step = np.zeros(len(point))
            step[i] = h
            ends = as_floats(
                f"f of {self.name}", [self(point + step), self(point - step)], "numbers"
            )
            if ends.shape != (2,):
                raise ValueError(
                    f"f of {self.name} must give one number for one point, "
                    f"got shape {ends.shape[1:]}"
                )
            difference = (ends[0] - ends[1]) / (2 * h)
            rounding = np.finfo(float).eps * abs(ends).max() / h
            scale = max(1.0, abs(gradient[i]), abs(difference))
            gap = abs(gradient[i] - difference) / scale
            if not gap <= tolerance + rounding / scale:
                raise ValueError(
                    f"gradient of {self.name} disagrees with finite differences at "
                    f"{point.tolist()}: component {i} is {gradient[i]:.9g}, "
                    f"the difference quotient is {difference:.9g}"
                )
            gaps.append(float(gap))
        return max(gaps)


def on_mesh(function, p, shape=()):
    """function at every point of p, shape (d, *S), also if it takes only one point at a time.

    shape is that of its answer at one point: () for f, (d,) for a gradient. Returns an array of
    this shape with S behind it. An error is the one that function raises at a single point.
    """
    p = p.view()
    p.flags.writeable = False  # as in minimize
    expected = (*shape, *p.shape[1:])
    with np.errstate(all="ignore"):
        try:
            values = np.asarray(function(p))
        except Exception:  # whatever it is: what counts is how it goes point by point
            values = None
        if values is not None and values.shape == expected and values.dtype.kind in "iuf":
            return values.astype(float)
        points = p.reshape(len(p), -1).T
        values = np.array([_at_one_point(function, point, shape) for point in points])
    return np.moveaxis(values, 0, -1).reshape(expected)


def _at_one_point(function, point, shape):
    value = as_floats(f"{name_of(function)}(p)", function(point), "numbers")
    if value.shape != shape:
        raise ValueError(
            f"{name_of(function)}(p) must have shape {shape} for one point p, got {value.shape}"
        )
    return value


def _bowl(p):
    """f(x, y) = x^2 + y^2

    The surface of the source tutorials.
    """
    x, y = p
    return x * x + y * y


def _bowl_gradient(p):
    return 2.0 * np.asarray(p)


def _ravine(p):
    """f(x, y) = (x^2 + 50 y^2) / 2

    Curvatures 1 and 50: the smallest problem that is hard for a single step size.
    """
    x, y = p
    return 0.5 * (x * x + 50 * (y * y))


def _ravine_gradient(p):
    x, y = p
    return np.array([x, 50 * y])


def _rosenbrock(p):
    """f(x, y) = (1 - x)^2 + 100 (y - x^2)^2

    A bent valley (Rosenbrock, 1960).
    """
    x, y = p
    a, b = 1 - x, y - x * x
    return a * a + 100 * (b * b)


def _rosenbrock_gradient(p):
    x, y = p
    a, b = 1 - x, y - x * x
    return np.array([-2 * a - 400 * (x * b), 200 * b])


def _beale(p):
    """f(x, y) = (1.5 - x (1 - y))^2 + (2.25 - x (1 - y^2))^2 + (2.625 - x (1 - y^3))^2

    Flat plains under steep walls (Beale, 1958).
    """
    x, y = p
    y2 = y * y
    a = 1.5 - x + x * y
    b = 2.25 - x + x * y2
    c = 2.625 - x + x * (y2 * y)
    return a * a + b * b + c * c


def _beale_gradient(p):
    x, y = p
    y2 = y * y
    a = 1.5 - x + x * y
    b = 2.25 - x + x * y2
    c = 2.625 - x + x * (y2 * y)
    return np.array(
        [
            2 * (a * (y - 1) + b * (y2 - 1) + c * (y2 * y - 1)),
            2 * x * (a + 2 * (b * y) + 3 * (c * y2)),
        ]
    )


def _himmelblau(p):
    """f(x, y) = (x^2 + y - 11)^2 + (x + y^2 - 7)^2

    Four minima of the same depth (Himmelblau, 1972).
    """
    x, y = p
    a, b = x * x + y - 11, x + y * y - 7
    return a * a + b * b


def _himmelblau_gradient(p):
    x, y = p
    a, b = x * x + y - 11, x + y * y - 7
    return np.array([4 * (x * a) + 2 * b, 2 * a + 4 * (y * b)])


def _saddle(p):
    """f(x, y) = x^2 / 2 + (y^2 - 1)^2 / 4

    A saddle at the origin between two minima.
    """
    x, y = p
    a = y * y - 1
    return 0.5 * (x * x) + 0.25 * (a * a)


def _saddle_gradient(p):
    x, y = p
    return np.array([x, y * (y * y - 1)])


def _egg_box(p):
    """f(x, y) = x^2 + y^2 + 2 (4 x^3 - 3 x)^2 + 2 (4 y^3 - 3 y)^2

    Nine hollows, the deepest in the middle. 4 x^3 - 3 x is the third Chebyshev polynomial.
    """
    x, y = p
    a, b = x * (4 * (x * x) - 3), y * (4 * (y * y) - 3)
    return x * x + y * y + 2 * (a * a + b * b)


def _egg_box_gradient(p):
    x, y = p
    x2, y2 = x * x, y * y
    a, b = x * (4 * x2 - 3), y * (4 * y2 - 3)
    return np.array([2 * x + 4 * (a * (12 * x2 - 3)), 2 * y + 4 * (b * (12 * y2 - 3))])


bowl = Objective(_bowl, _bowl_gradient, "bowl", minima=[[0, 0]])

ravine = Objective(
    _ravine, _ravine_gradient, "ravine", bounds=[[-10, 10], [-2, 2]], minima=[[0, 0]]
)

rosenbrock = Objective(
    _rosenbrock, _rosenbrock_gradient, "rosenbrock", bounds=[[-2, 2], [-1, 3]], minima=[[1, 1]]
)

beale = Objective(
    _beale, _beale_gradient, "beale", bounds=[[-4.5, 4.5], [-4.5, 4.5]], minima=[[3, 0.5]]
)

himmelblau = Objective(
    _himmelblau,
    _himmelblau_gradient,
    "himmelblau",
    bounds=[[-5, 5], [-5, 5]],
    minima=[
        [3, 2],
        [-2.805118086952745, 3.131312518250573],
        [-3.779310253377747, -3.283185991286170],
        [3.584428340330492, -1.848126526964404],
    ],
)

saddle = Objective(
    _saddle,
    _saddle_gradient,
    "saddle",
    bounds=[[-1.5, 1.5], [-1.5, 1.5]],
    minima=[[0, 1], [0, -1]],
)

egg_box = Objective(
    _egg_box, _egg_box_gradient, "egg_box", bounds=[[-1.1, 1.1], [-1.1, 1.1]], minima=[[0, 0]]
)

OBJECTIVES = {name: globals()[name] for name in __all__}
