"""The surfaces: their values and gradients against other sources, shapes, and ``Objective``."""

import math
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from formulas import surface

import descent
from descent import OBJECTIVES, Objective, bowl
from descent.objectives import on_mesh

FORMULAS = {name: surface(objective.f) for name, objective in OBJECTIVES.items()}  # of docstrings


class Dual:
    """a + b e with e^2 = 0: arithmetic that carries an exact derivative along."""

    def __init__(self, a, b=0):
        self.a, self.b = Fraction(a), Fraction(b)

    def __add__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.a + other.a, self.b + other.b)

    def __mul__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.a * other.a, self.a * other.b + self.b * other.a)

    def __sub__(self, other):
        return self + other * -1 if isinstance(other, Dual) else self + -other

    def __rsub__(self, other):
        return self * -1 + other

    def __pow__(self, n):
        return self if n == 1 else self * self ** (n - 1)

    def __truediv__(self, n):
        return self * Fraction(1, n)

    __radd__, __rmul__ = __add__, __mul__


def points(f, n=40):
    return np.stack([f.start(seed) for seed in range(n)], axis=1)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_value_is_that_of_the_formula_in_exact_fractions(name):
    f = OBJECTIVES[name]
    p = points(f)
    exact = [float(FORMULAS[name](Fraction(x), Fraction(y))) for x, y in p.T]
    np.testing.assert_allclose(f(p), exact, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_gradient_is_the_exact_derivative_of_the_formula(name):
    f = OBJECTIVES[name]
    p = points(f)
    by_x = [float(FORMULAS[name](Dual(x, 1), Dual(y)).b) for x, y in p.T]
    by_y = [float(FORMULAS[name](Dual(x), Dual(y, 1)).b) for x, y in p.T]
    scale = 1e-13 * np.abs([by_x, by_y]).max()
    np.testing.assert_allclose(f.gradient(p), [by_x, by_y], rtol=1e-12, atol=scale)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_one_point_many_points_and_a_mesh_give_the_same_bits(name):
    f = OBJECTIVES[name]
    mesh = points(f, 12).reshape(2, 3, 4)
    value, gradient = f(mesh), f.gradient(mesh)
    assert value.shape == (3, 4)
    assert gradient.shape == (2, 3, 4)
    np.testing.assert_array_equal(f(mesh.reshape(2, 12)), value.reshape(12))
    for i in np.ndindex(3, 4):
        point = mesh[:, *i]
        assert np.shape(f(point)) == ()
        assert f(point) == value[i]
        assert f.gradient(point).tolist() == gradient[:, *i].tolist()
        x, y = (float(c) for c in point)
        assert float(f([x, y])) == value[i]


@pytest.mark.parametrize("name", OBJECTIVES)
def test_nothing_is_written_on_the_point(name):
    f = OBJECTIVES[name]
    p = points(f)
    p.flags.writeable = False
    f(p)
    assert f.gradient(p).base is not p


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_minima_are_minima_inside_the_bounds(name):
    f = OBJECTIVES[name]
    assert f.minima.shape[0] >= 1
    assert f.minima.shape[1] == 2
    assert f.bounds.shape == (2, 2)
    lo, hi = f.bounds.T
    assert ((lo < f.minima) & (f.minima < hi)).all()
    p = f.minima.T
    assert abs(f.gradient(p)).max() < 1e-13
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    around = p[:, :, None] + 1e-3 * np.array([np.cos(angle), np.sin(angle)])[:, None, :]
    assert (f(around) > f(p)[:, None]).all()
    axes = [np.linspace(*bound, 401) for bound in f.bounds]
    assert f(np.array(np.meshgrid(*axes))).min() >= f(p).min() - 1e-13
    np.testing.assert_allclose(f(p), f(p).min(), atol=1e-25)


def test_egg_box_has_nine_hollows():
    egg_box = OBJECTIVES["egg_box"]
    axis = np.linspace(-1.1, 1.1, 441)
    z = egg_box(np.array(np.meshgrid(axis, axis)))
    inner = z[1:-1, 1:-1]
    neighbours = [
        z[1 + i : 440 + i, 1 + j : 440 + j] for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j
    ]
    assert (inner < np.min(neighbours, axis=0)).sum() == 9


def test_saddle_has_a_saddle_at_the_origin():
    saddle = OBJECTIVES["saddle"]
    assert saddle.gradient([0.0, 0.0]).tolist() == [0.0, 0.0]
    assert saddle([0.1, 0.0]) > saddle([0.0, 0.0]) > saddle([0.0, 0.1])


@pytest.mark.parametrize("name", OBJECTIVES)
def test_names_and_starts(name):
    f = OBJECTIVES[name]
    assert f.name == name
    assert f is getattr(descent, name)
    lo, hi = f.bounds.T
    for seed in range(100):
        start = f.start(seed)
        assert start.tolist() == (lo + np.random.RandomState(seed).rand(2) * (hi - lo)).tolist()
        assert ((lo <= start) & (start < hi)).all()
    np.testing.assert_array_equal(f.start(7), f.start(7))
    assert f.start(7) is not f.start(7)


def test_a_start_does_not_touch_the_global_generator():
    np.random.seed(5)  # noqa: NPY002
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    bowl.start(1)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def test_bowl_is_the_source_tutorials_surface():
    assert bowl.bounds.tolist() == [[-1, 1], [-1, 1]]
    assert bowl.start(1).tolist() == [-0.165955990594852, 0.4406489868843162]
    assert repr(bowl) == "Objective('bowl', bounds=[[-1.0, 1.0], [-1.0, 1.0]])"


# --- a student's own ----------------------------------------------------------------------------


def cube(p):
    return (p**3).sum(axis=0)


def cube_gradient(p):
    return 3 * p**2


def test_an_objective_of_three_variables():
    f = Objective(cube, cube_gradient, bounds=[[0, 1], [2, 3], [-5, 5]])
    assert f.name == "cube"
    assert f.minima.shape == (0, 3)
    assert f.start(3).shape == (3,)
    assert f.check_gradient() < 1e-8
    assert f(np.ones((3, 4, 5))).shape == (4, 5)


def test_defaults():
    f = Objective(lambda p: p[0] * p[1], lambda p: p[::-1])
    assert f.name == "<lambda>"
    assert f.bounds.tolist() == [[-1, 1], [-1, 1]]
    assert Objective(partial(cube), cube_gradient).name == "cube"


def test_bounds_and_minima_are_copies():
    bounds, minima = np.array([[-1.0, 1.0]] * 2), np.zeros((1, 2))
    f = Objective(cube, cube_gradient, "f", bounds, minima)
    bounds[:] = minima[:] = 7
    assert f.bounds.tolist() == [[-1, 1], [-1, 1]]
    assert f.minima.tolist() == [[0, 0]]


@pytest.mark.parametrize("name", OBJECTIVES)
def test_check_gradient_of_every_surface(name):
    f = OBJECTIVES[name]
    assert 0 <= f.check_gradient() < 1e-7
    assert f.check_gradient(points(f, 200).reshape(2, 10, 20)) < 1e-7
    assert isinstance(f.check_gradient(f.start(0)), float)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda p: 2.001 * p,  # a factor
        lambda p: -2 * p,  # the sign
        lambda p: np.array([2 * p[0], 2 * p[0]]),  # a coordinate taken twice
        lambda p: 2 * p + 1e-4,
        lambda p: p * np.nan,
    ],
)
def test_check_gradient_finds_a_wrong_gradient(wrong):
    f = Objective(bowl.f, wrong, "mine")
    with pytest.raises(ValueError, match="gradient of mine disagrees with finite differences at"):
        f.check_gradient()


def test_check_gradient_names_point_component_and_both_values():
    f = Objective(bowl.f, lambda p: np.array([2 * p[0], 3 * p[1]]), "mine")
    with pytest.raises(ValueError) as caught:
        f.check_gradient([1.0, 2.0])
    assert str(caught.value) == (
        "gradient of mine disagrees with finite differences at [1.0, 2.0]: component 1 is 6, "
        "the difference quotient is 4"
    )


def test_check_gradient_takes_a_tolerance():
    f = Objective(bowl.f, lambda p: 2 * p * (1 + 1e-4), "mine")
    assert f.check_gradient(tolerance=1e-3) > 1e-6
    with pytest.raises(ValueError, match="disagrees"):
        f.check_gradient()


def test_check_gradient_leaves_the_callers_points_alone():
    p = np.array([1.0, 2.0])
    bowl.check_gradient(p)
    assert p.flags.writeable
    assert p.tolist() == [1.0, 2.0]


def test_check_gradient_takes_longer_differences_far_out():
    assert bowl.check_gradient([1e6, -1e6]) < 1e-9


def test_check_gradient_allows_for_the_rounding_of_a_large_f():
    # f near 1e6 is rounded to 1e-10, its difference quotient to 1e-5: no fault of the gradient.
    f = Objective(lambda p: bowl(p) + 1e6, bowl.gradient, "high")
    assert f.check_gradient() > 1e-6
    wrong = Objective(f.f, lambda p: 2 * p + 1e-3, "high")
    with pytest.raises(ValueError, match="gradient of high disagrees"):
        wrong.check_gradient()


def test_check_gradient_tells_of_an_overflow_without_a_warning():
    f = Objective(lambda p: np.exp(1e6 * p[0]), lambda p: 1e6 * np.exp(1e6 * p), "steep")
    with pytest.raises(ValueError, match="gradient of steep disagrees"):
        f.check_gradient([1.0, 1.0])


ROTATION = np.array([[0.8, -0.6], [0.6, 0.8]])
POINTWISE = {  # each takes one point at a time; the last two do not even fail on a mesh
    "math": (lambda p: math.sin(p[0]) * p[1], lambda x, y: np.sin(x) * y),
    "a matrix": (lambda p: bowl(ROTATION.T @ p), lambda x, y: x * x + y * y),
    "a condition": (lambda p: p[0] if p[0] > p[1] else p[1], np.maximum),
    "a sum": (lambda p: (p * p).sum(), lambda x, y: x * x + y * y),
    "a constant": (lambda p: 7, lambda x, y: 7 + 0 * x),
}


@pytest.mark.parametrize("case", POINTWISE)
def test_on_mesh_a_surface_may_take_one_point_at_a_time(case):
    f, expected = POINTWISE[case]
    for shape in [(2, 5), (2, 4, 3)]:
        p = np.random.RandomState(0).randn(*shape)
        np.testing.assert_allclose(on_mesh(f, p), expected(*p), rtol=1e-12)
        assert on_mesh(f, p).dtype == float


def test_on_mesh_asks_once_where_all_points_can_be_taken_at_once():
    asked = []

    def f(p):
        asked.append(p.shape)
        return bowl(p)

    p = points(bowl, 12).reshape(2, 3, 4)
    np.testing.assert_array_equal(on_mesh(f, p), bowl(p))
    assert asked == [(2, 3, 4)]


def test_on_mesh_takes_a_gradient_too():
    p = points(bowl, 12).reshape(2, 3, 4)
    for gradient in (bowl.gradient, lambda p: [2 * float(c) for c in p]):
        np.testing.assert_array_equal(on_mesh(gradient, p, (2,)), 2 * p)


def test_on_mesh_an_error_is_that_of_one_point_and_stands_alone():
    def f(p):
        return math.sqrt(p[0]) + not_defined  # noqa: F821

    with pytest.raises(NameError, match="not_defined") as caught:
        on_mesh(f, np.ones((2, 3, 4)))
    assert caught.value.__context__ is None
    with pytest.raises(TypeError, match=r"^print_nothing\(p\) must be numbers, got None$"):
        on_mesh(print_nothing, np.ones((2, 3, 4)))
    with pytest.raises(
        ValueError, match=r"^cube_gradient\(p\) must have shape \(\) .* got \(2,\)$"
    ):
        on_mesh(cube_gradient, np.ones((2, 3, 4)))
    with pytest.raises(ValueError, match="read-only"):
        on_mesh(shifts, np.ones((2, 3, 4)))


@pytest.mark.parametrize("seed", [0, 1.0, np.int64(1), 2**32 - 1])
def test_any_whole_number_is_a_seed(seed):
    expected = -1 + 2 * np.random.RandomState(int(seed)).rand(2)
    assert bowl.start(seed).tolist() == expected.tolist()


def of_bounds(bounds):
    return Objective(cube, cube_gradient, "f", bounds)


def of_minima(minima):
    return Objective(cube, cube_gradient, "f", minima=minima)


def mine(f=bowl.f, gradient=bowl.gradient):
    return Objective(f, gradient, "mine")


def shifts(p):
    p -= 1
    return p


BAD = {
    "f is a number": (lambda: Objective(3, cube), TypeError, "f must be a function of p, got 3"),
    "f is a string": (lambda: Objective("x^2", cube), TypeError, "f must be a function", "'x^2'"),
    "gradient is left out": (
        lambda: Objective(cube, None),
        TypeError,
        "gradient must be a function of p, got None",
    ),
    "gradient is a value": (
        lambda: Objective(cube, np.zeros(2)),
        TypeError,
        "gradient must be a function of p, got array([0., 0.])",
    ),
    "bounds in the place of the name": (
        lambda: Objective(cube, cube_gradient, [[-1, 1], [-1, 1]]),
        TypeError,
        "name must be a string, got [[-1, 1], [-1, 1]]",
    ),
    "bounds of one pair": (lambda: of_bounds([-1, 1]), ValueError, "bounds", "(d, 2)", "(2,)"),
    "bounds by columns": (
        lambda: of_bounds([[-1, -1], [1, 1]]),
        ValueError,
        "bounds must be finite with lo < hi, got [[-1.0, -1.0], [1.0, 1.0]]",
    ),
    "bounds of no coordinate": (
        lambda: of_bounds(np.empty((0, 2))),
        ValueError,
        "bounds",
        "(0, 2)",
    ),
    "bounds reversed": (lambda: of_bounds([[1, -1]]), ValueError, "bounds", "lo < hi"),
    "bounds infinite": (lambda: of_bounds([[0, np.inf]]), ValueError, "bounds must be finite"),
    "bounds nan": (lambda: of_bounds([[np.nan, 1]]), ValueError, "bounds must be finite", "nan"),
    "bounds a string": (lambda: of_bounds("wide"), TypeError, "bounds must be numbers", "'wide'"),
    "bounds None": (lambda: of_bounds(None), TypeError, "bounds must be numbers", "got None"),
    "bounds ragged": (lambda: of_bounds([[0, 1], [2]]), TypeError, "bounds must be numbers", "[2]"),
    "bounds complex": (lambda: of_bounds([[0, 1j]]), TypeError, "bounds must be numbers", "1j"),
    "minima of one point, flat": (
        lambda: of_minima([0, 0]),
        ValueError,
        "minima must have shape (k, 2), one point a row; got shape (2,)",
    ),
    "minima of three coordinates": (
        lambda: of_minima([[0, 0, 0]]),
        ValueError,
        "minima must have shape (k, 2)",
        "(1, 3)",
    ),
    "minima nan": (lambda: of_minima([[np.nan, 0]]), ValueError, "minima must be finite", "nan"),
    "minima None": (lambda: of_minima(None), TypeError, "minima must be numbers", "got None"),
    "seed in words": (lambda: bowl.start("one"), TypeError, "seed must be a whole", "got 'one'"),
    "no seed": (lambda: bowl.start(None), TypeError, "seed must be a whole number", "got None"),
    "two seeds": (lambda: bowl.start([1, 2]), TypeError, "seed must be", "got [1, 2]"),
    "seed below 0": (
        lambda: bowl.start(-1),
        ValueError,
        "seed must be a whole number, from 0 to 4294967295, got -1",
    ),
    "seed too large": (lambda: bowl.start(2**32), ValueError, "from 0 to 4294967295"),
    "half a seed": (lambda: bowl.start(0.5), ValueError, "seed must be a whole number", "got 0.5"),
    "check at a number": (
        lambda: mine().check_gradient(1.0),
        ValueError,
        "p must",
        "2 coord",
        "()",
    ),
    "check at three coordinates": (
        lambda: mine().check_gradient([1.0, 2.0, 3.0]),
        ValueError,
        "p must be finite with 2 coordinates on its first axis; got shape (3,)",
    ),
    "check at points by rows": (
        lambda: mine().check_gradient(np.ones((5, 2))),
        ValueError,
        "p must",
        "2 coordinates on its first axis",
        "(5, 2)",
    ),
    "check at nan": (lambda: mine().check_gradient([np.nan, 0]), ValueError, "p must be finite"),
    "check at no point": (lambda: mine().check_gradient(np.ones((2, 0))), ValueError, "p must"),
    "check at a string": (lambda: mine().check_gradient("here"), TypeError, "p must be", "'here'"),
    "tolerance 0": (lambda: mine().check_gradient(tolerance=0), ValueError, "tolerance", "than 0"),
    "tolerance nan": (
        lambda: mine().check_gradient(tolerance=np.nan),
        ValueError,
        "tolerance must be a number greater than 0, got nan",
    ),
    "tolerance a string": (
        lambda: mine().check_gradient(tolerance="low"),
        TypeError,
        "tolerance must be a number, got 'low'",
    ),
    "f gives a vector": (
        lambda: mine(f=lambda p: p * p).check_gradient(),
        ValueError,
        "f of mine must give one number for one point, got shape (2,)",
    ),
    "f gives nothing": (lambda: mine(f=print_nothing).check_gradient(), TypeError, "f of mine"),
    "gradient gives nothing": (
        lambda: mine(gradient=print_nothing).check_gradient(),
        TypeError,
        "gradient of mine must be numbers, got None",
    ),
    "gradient gives one number": (
        lambda: mine(gradient=lambda p: 2 * p[0]).check_gradient(),
        ValueError,
        "gradient of mine must have the shape (2,) of p, got ()",
    ),
    "gradient gives complex numbers": (
        lambda: mine(gradient=lambda p: 2j * p).check_gradient(),
        TypeError,
        "gradient of mine must be numbers",
    ),
    "gradient writes on its argument": (
        lambda: mine(gradient=shifts).check_gradient(),
        ValueError,
        "read-only",
    ),
}


def print_nothing(p):
    return None


@pytest.mark.parametrize("case", BAD)
def test_bad_input(case):
    act, kind, *parts = BAD[case]
    with pytest.raises(kind) as caught:
        act()
    assert type(caught.value) is kind
    for part in parts:
        assert part in str(caught.value)
