"""Test functions of two variables with their gradients, and ``Objective`` to make your own.

The first axis of a point is the coordinate, as in ``scipy.optimize.rosen``: ``x, y = p`` works
for one point of shape (2,), for many (2, N) and for a mesh (2, H, W).

All surfaces here are polynomials: they need only + - *, which give the same bits on every
machine and in every language.
"""

import numpy as np

from .arithmetic import as_floats


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
    where f or gradient cannot be called, name is no string, or bounds and minima are no numbers.
    """

    def __init__(self, f, gradient, name=None, bounds=((-1, 1), (-1, 1)), minima=()):
        for argument, function in (("f", f), ("gradient", gradient)):
            if not callable(function):
                raise TypeError(f"{argument} must be a function of p, got {function!r}")
        self.f = f
        self.gradient = gradient
        self.name = getattr(f, "__name__", type(f).__name__) if name is None else name
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

    def start(self, seed):
        """A start drawn uniformly from the bounds: lo + RandomState(seed).rand(d) (hi - lo).

        The legacy generator, because the published runs drew from it: ``bowl.start(1)`` is
        [-0.165955990594852, 0.4406489868843162].
        """
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
        p.flags.writeable = False  # a gradient that writes on its argument is told so by NumPy
        worst = 0.0
        with np.errstate(all="ignore"):  # what overflows is told as a disagreement
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


def _bowl(p):
    x, y = p
    return x * x + y * y


def _bowl_gradient(p):
    return 2.0 * np.asarray(p)


def _ravine(p):
    x, y = p
    return 0.5 * (x * x + 50 * (y * y))


def _ravine_gradient(p):
    x, y = p
    return np.array([x, 50 * y])


def _rosenbrock(p):
    x, y = p
    a, b = 1 - x, y - x * x
    return a * a + 100 * (b * b)


def _rosenbrock_gradient(p):
    x, y = p
    a, b = 1 - x, y - x * x
    return np.array([-2 * a - 400 * (x * b), 200 * b])


def _beale(p):
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
    x, y = p
    a, b = x * x + y - 11, x + y * y - 7
    return a * a + b * b


def _himmelblau_gradient(p):
    x, y = p
    a, b = x * x + y - 11, x + y * y - 7
    return np.array([4 * (x * a) + 2 * b, 2 * a + 4 * (y * b)])


def _saddle(p):
    x, y = p
    a = y * y - 1
    return 0.5 * (x * x) + 0.25 * (a * a)


def _saddle_gradient(p):
    x, y = p
    return np.array([x, y * (y * y - 1)])


def _egg_box(p):
    x, y = p
    a, b = x * (4 * (x * x) - 3), y * (4 * (y * y) - 3)
    return x * x + y * y + 2 * (a * a + b * b)


def _egg_box_gradient(p):
    x, y = p
    x2, y2 = x * x, y * y
    a, b = x * (4 * x2 - 3), y * (4 * y2 - 3)
    return np.array([2 * x + 4 * (a * (12 * x2 - 3)), 2 * y + 4 * (b * (12 * y2 - 3))])


# f(x, y) = x^2 + y^2, the surface of the source tutorials.
bowl = Objective(_bowl, _bowl_gradient, "bowl", minima=[[0, 0]])

# f(x, y) = (x^2 + 50 y^2) / 2: curvatures 1 and 50, the smallest problem that is hard for one
# step size.
ravine = Objective(
    _ravine, _ravine_gradient, "ravine", bounds=[[-10, 10], [-2, 2]], minima=[[0, 0]]
)

# f(x, y) = (1 - x)^2 + 100 (y - x^2)^2: a bent valley (Rosenbrock, 1960).
rosenbrock = Objective(
    _rosenbrock, _rosenbrock_gradient, "rosenbrock", bounds=[[-2, 2], [-1, 3]], minima=[[1, 1]]
)

# f(x, y) = sum over k = 1, 2, 3 of (c_k - x (1 - y^k))^2, c = 1.5, 2.25, 2.625: flat plains
# under steep walls (Beale, 1958).
beale = Objective(
    _beale, _beale_gradient, "beale", bounds=[[-4.5, 4.5], [-4.5, 4.5]], minima=[[3, 0.5]]
)

# f(x, y) = (x^2 + y - 11)^2 + (x + y^2 - 7)^2: four minima of the same depth (Himmelblau, 1972).
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

# f(x, y) = x^2 / 2 + (y^2 - 1)^2 / 4: a saddle at the origin between two minima.
saddle = Objective(
    _saddle,
    _saddle_gradient,
    "saddle",
    bounds=[[-1.5, 1.5], [-1.5, 1.5]],
    minima=[[0, 1], [0, -1]],
)

# f(x, y) = x^2 + y^2 + 2 c(x)^2 + 2 c(y)^2, c(x) = 4 x^3 - 3 x, the third Chebyshev polynomial:
# nine hollows, the deepest in the middle.
egg_box = Objective(
    _egg_box, _egg_box_gradient, "egg_box", bounds=[[-1.1, 1.1], [-1.1, 1.1]], minima=[[0, 0]]
)

OBJECTIVES = {
    objective.name: objective
    for objective in (bowl, ravine, rosenbrock, beale, himmelblau, saddle, egg_box)
}
