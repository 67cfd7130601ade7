"""``descent.check``: right rules are accepted, wrong ones refused, and their mistakes named.

The rules of ``handed_in/`` are written as people write them, not made from the catalogue.

    python code/tests/test_check.py    prints how many of them are judged and named rightly
"""

import functools
import inspect
import json
import re
import runpy
import sys
import time
import types
from collections import namedtuple
from itertools import count, islice
from pathlib import Path

import numpy as np
import pytest

import descent
from descent import RULES, Verdict, adam, check, gradient_descent, minimize, rules
from descent.checker import catalogue, probe
from descent.checker.arguments import named, settings_of
from descent.checks import hyperparameters as own

HERE = Path(__file__).parent
BOOK = HERE.parents[1] / "book"
Step = namedtuple("Step", "t x")


def handed_in(like):
    """The rules that were handed in as the book's, {name: rule}."""
    functions = runpy.run_path(str(HERE / "handed_in" / f"{like}.py"))
    return {name: f for name, f in functions.items() if name.startswith(("right_", "wrong_"))}


RIGHT, WRONG = (
    [
        pytest.param(like, rule, id=f"{like}-{name}")
        for like in RULES
        for name, rule in handed_in(like).items()
        if name.startswith(kind)
    ]
    for kind in ("right_", "wrong_")
)


def expected(rule):
    """The names of its mistakes, from its docstring; none where there is no name."""
    return set() if rule.__doc__ == "?" else set(rule.__doc__.split("; "))


# What was handed in -------------------------------------------------------------------------------


@pytest.mark.parametrize("like, rule", RIGHT)
def test_a_right_rule_is_accepted(like, rule):
    verdict = check(rule, like, allow_import=False)
    assert verdict.right and verdict.mistakes == [], verdict
    assert str(verdict).startswith("Right")


@pytest.mark.parametrize("like, rule", WRONG)
def test_a_wrong_rule_is_refused(like, rule):
    verdict = check(rule, like, allow_import=False)
    assert not verdict.right
    assert not str(verdict).startswith("Right:")
    assert all(name in str(verdict) for name in verdict.mistakes)


def table():
    """Of each rule: right ones, accepted, wrong ones, refused, named as a teacher would."""
    rows = []
    for like in RULES:
        row = [like, 0, 0, 0, 0, 0]
        for name, rule in handed_in(like).items():
            verdict = check(rule, like)
            if name.startswith("right_"):
                row[1] += 1
                row[2] += verdict.right
            else:
                row[3] += 1
                row[4] += not verdict.right
                row[5] += bool(verdict.mistakes) and set(verdict.mistakes) == expected(rule)
        rows.append(row)
    return rows


def test_nine_of_ten_mistakes_are_named_in_every_rule():
    for like, right, accepted, wrong, refused, called_by_name in table():
        assert accepted == right >= 3, like
        assert refused == wrong >= 12, like
        assert called_by_name >= 0.9 * wrong, like


# The book itself ----------------------------------------------------------------------------------


@pytest.mark.parametrize("like", RULES)
def test_the_rules_of_the_book_are_right_and_each_is_only_itself(like):
    for name, rule in RULES.items():
        assert check(rule, like).right == (name == like)


def cells(page):
    notebook = json.loads((BOOK / f"{page}.ipynb").read_text("utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"]]


def defined(page, start):
    """The functions that the cell of a page with this line defines."""
    (cell,) = [cell for cell in cells(page) if re.search(rf"^{re.escape(start)}", cell, re.M)]
    names = {"sqrt": np.sqrt, "np": np, "count": count, "Step": Step}
    names["SignStep"] = namedtuple("SignStep", "t x m")
    definitions = re.split(r"\n(?=\S)", cell)
    exec("\n".join(d for d in definitions if d.startswith("def ")), names)
    return names


@pytest.mark.parametrize(
    "page, function, like, mistakes",
    [
        ("gradient_descent/notebook", "descend", "gradient_descent", []),
        ("adam/notebook", "adam_loop", "adam", []),
        ("adamax/notebook", "adamax_loop", "adamax", []),
        ("amsgrad/notebook", "amsgrad_loop", "amsgrad", []),
        ("nadam/notebook", "nadam_loop", "nadam", []),
        (
            "nadam/notebook",
            "simplified_loop",
            "nadam",
            ["the powers are missing, as in the simplified form"],
        ),
        ("your_own", "no_start", "gradient_descent", ["the start is missing"]),
        ("your_own", "only_a_point", "gradient_descent", ["a record without a name for x"]),
        ("appendix/variants_notebook", "momentum_keras", "momentum", ["alpha is inside the sum"]),
        ("appendix/variants_notebook", "nesterov_keras", "nesterov", ["alpha is inside the sum"]),
        (
            "appendix/variants_notebook",
            "adagrad_inside",
            "adagrad",
            ["eps inside the root", "s does not start at 0"],
        ),
        ("appendix/variants_notebook", "rmsprop_inside", "rmsprop", ["eps inside the root"]),
        (
            "appendix/variants_notebook",
            "adam_keras",
            "adam",
            ["eps is added before the correction of v"],
        ),
        ("appendix/variants_notebook", "adamax_keras", "adamax", ["an eps too many"]),
        (
            "appendix/variants_notebook",
            "amsgrad_torch",
            "amsgrad",
            ["a bias correction of v_max too many", "a bias correction of m too many"],
        ),
        (
            "appendix/variants_notebook",
            "amsgrad_optax",
            "amsgrad",
            ["maximum taken after the correction", "a bias correction of m too many"],
        ),
        (
            "appendix/variants_notebook",
            "amsgrad_keras",
            "amsgrad",
            ["a bias correction of m too many", "eps is added before the correction of v_max"],
        ),
    ],
)
def test_the_loops_of_the_chapters_and_the_variants_of_the_libraries(
    page, function, like, mistakes
):
    verdict = check(defined(page, f"def {function}(")[function], like)
    assert (verdict.right, sorted(verdict.mistakes)) == (not mistakes, sorted(mistakes)), verdict


# The catalogue ------------------------------------------------------------------------------------


def numbers(like):
    return {name: np.float64(probe.SETTINGS[name]) for name in settings_of(own(RULES[like]))}


def steps(rule, settings):
    """The points of a rule and where it asks its gradients, on what every rule is asked."""
    asked = []

    def gradient(x):
        asked.append(np.array(x))
        return np.array(probe.GRADIENTS[len(asked) - 1])

    n = len(probe.GRADIENTS)
    with np.errstate(all="ignore"):
        x = [
            record.x for record in islice(rule(gradient, np.array(probe.START), **settings), n + 1)
        ]
    return np.array([*x, *asked])


@pytest.mark.parametrize("like", RULES)
def test_without_an_edit_the_catalogue_has_the_rule_of_the_book(like):
    rule = catalogue.rule_of(catalogue.source(like), like)
    assert np.array_equal(steps(rule, numbers(like)), steps(RULES[like], numbers(like)))


@pytest.mark.parametrize("like", RULES)
def test_every_mistake_shows(like):
    """In the steps with numbers, by far more than rounding, or else with a schedule."""
    settings = numbers(like)
    scheduled = {name: probe.SCHEDULES[name] for name in settings}
    for name, code in catalogue.singles(like):
        rule = catalogue.rule_of(code, like)
        for given in (settings, scheduled):
            gap = np.abs(steps(rule, given) - steps(RULES[like], given)).max()
            if not gap <= 1e-9:  # or is nan
                break
        else:
            raise AssertionError(name)


def test_every_entry_of_the_catalogue_is_the_mistake_of_some_rule():
    unused = [
        name
        for _, name, edits in catalogue.mistakes()
        if not any(catalogue._edited(catalogue.source(like), name, edits) for like in RULES)
    ]
    assert unused == []


def test_no_name_has_a_blank_left_or_gives_a_formula_away():
    for like in RULES:
        for name, _ in catalogue.singles(like):
            assert not re.search(r"[{}*+=]|sqrt", name)


def test_every_hyperparameter_has_a_value_and_a_schedule_of_its_own():
    """Else a new rule would be compared at its defaults alone."""
    for rule in RULES.values():
        assert settings_of(own(rule)).keys() <= probe.SETTINGS.keys() & probe.SCHEDULES.keys()


# What is said -------------------------------------------------------------------------------------


def test_a_verdict_is_true_or_false_and_shows_its_sentence():
    right = check(gradient_descent, "gradient_descent")
    assert right and right.right is True
    assert isinstance(right, Verdict)
    sentence = "Right: gradient_descent takes the same steps as the book's gradient_descent."
    assert str(right) == repr(right) == sentence
    wrong = check(gradient_descent, like="momentum")
    assert not wrong and wrong.right is False
    assert repr(wrong).startswith(f"Not right yet: {wrong.mistakes[0]}.")


def test_an_unknown_mistake_is_shown_where_it_begins():
    def rule(gradient, x0, alpha, beta1, beta2, eps):
        x, m, v = x0, 0 * x0, 0 * x0
        for t in count():
            yield rules.AdamStep(t, x, m, v)
            g = gradient(x)
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g**2 * (1 if t < 2 else 1.25)
            m_hat, v_hat = m / (1 - beta1 ** (t + 1)), v / (1 - beta2 ** (t + 1))
            x = x - alpha * m_hat / (np.sqrt(v_hat) + eps)

    verdict = check(rule, "adam")
    assert not verdict.right and verdict.mistakes == []
    found = re.search(r"in v at step 3: expected \[(.+?), .+?\], got \[(.+?), ", str(verdict))
    g = [first for first, _ in probe.GRADIENTS]
    beta2 = probe.SETTINGS["beta2"]
    v = [(1 - beta2) * sum(w * beta2 ** (2 - i) * g[i] ** 2 for i, w in enumerate(weights))
         for weights in ([1, 1, 1], [1, 1, 1.25])]  # fmt: skip
    assert [float(number) for number in found.groups()] == pytest.approx(v, rel=1e-5)
    for given in ("x_0 = [1.5, -0.75]", "beta2 = 0.58", "g_3 = [0.3, 0.2]"):
        assert given in str(verdict)


def test_two_numbers_that_print_alike_are_shown_in_full():
    def rule(gradient, x0, alpha):
        x = x0
        for t in count():
            yield Step(t, x)
            x = x - alpha * np.float32(gradient(x))

    verdict = check(rule, "gradient_descent")
    expected, got = re.search(r"expected \[(.+?),.* got \[(.+?),", str(verdict)).groups()
    assert not verdict and expected != got


def test_what_a_rule_does_not_take_has_the_default_of_the_book():
    def rule(gradient, x0, lr=0.1, beta=0.9):
        x, v = x0, 0 * x0
        for t in count():
            yield Step(t, x)
            g = gradient(x)
            v = beta * v + (1 - beta) * g**2
            x = x - lr * g / (v**0.5 + 1e-6)

    verdict = check(rule, "rmsprop")
    assert not verdict
    assert str(verdict).endswith("It takes no eps, so eps = 1e-08 is meant.")


def test_an_error_is_reported_with_the_line_of_the_student():
    def rule(gradient, x0, alpha):
        x = x0
        yield Step(0, x)
        x = x - alpha * slope(x)  # noqa: F821

    line = inspect.getsourcelines(rule)[1] + 3
    verdict = check(rule, "gradient_descent")
    assert not verdict and verdict.mistakes == []
    said = f"Not right yet. NameError in line {line} of rule: name 'slope' is not defined."
    assert str(verdict) == said


def test_a_rule_for_one_variable_is_right_with_a_remark():
    verdict = check(handed_in("adam")["right_one_variable"], "adam")
    assert verdict.right
    assert "It takes one variable only. With two: TypeError in line" in str(verdict)


def test_zero_over_zero_is_no_mistake_but_a_remark():
    """The paper's AdaMax says nothing about it, and neither does the loop of the chapter."""
    for name, says in (("right_arrays", True), ("right_guarded", False)):
        verdict = check(handed_in("adamax")[name], "adamax")
        assert verdict.right and ("divides 0 by 0" in str(verdict)) == says


# What is accepted ---------------------------------------------------------------------------------


def descent_with(names, body="x = x - {0} * gradient(x)"):
    """A rule of gradient descent with these arguments after gradient and x0."""
    first = names.split("=")[0].split(",")[0]
    source = f"def rule(gradient, x0, {names}):\n    x = x0\n    for t in count():\n"
    source += f"        yield Step(t, x)\n        {body.format(first)}\n"
    scope = {"count": count, "Step": Step}
    exec(source, scope)
    return scope["rule"]


@pytest.mark.parametrize(
    "names",
    ["alpha=0.1", "lr=0.5", "learning_rate", "η=1e-3", "γ=0.1", "a", "step_size, verbose=False"]
    + ["alpha, t=0", "alpha, clip=None", "stride=3"],
)
def test_names_of_hyperparameters(names):
    assert check(descent_with(names), "gradient_descent").right


def test_names_of_hyperparameters_of_adam():
    def rule(gradient, x0, lr, beta_1, b2, Epsilon, T):
        yield

    names = {"lr": "alpha", "beta_1": "beta1", "b2": "beta2", "Epsilon": "eps", "T": "n_iter"}
    assert named(own(rule), settings_of(own(RULES["adam"]))) == names
    nadam = settings_of(own(RULES["nadam"]))
    assert named({"mu": 0.9, "nu": 0.99}, nadam) == {"mu": "beta1", "nu": "beta2"}


def test_functions_of_every_kind():
    class Descent:
        def __call__(self, gradient, x0, alpha=0.1):
            yield from descent_with("alpha")(gradient, x0, alpha)

    for rule in (
        Descent(),
        Descent().__call__,
        functools.partial(Descent(), alpha=0.1),
        lambda gradient, x0, alpha: Descent()(gradient, x0, alpha),
        lambda gradient, x0, alpha, n: list(islice(Descent()(gradient, x0, alpha), n + 1)),
        lambda gradient, x0, **h: Descent()(gradient, x0, h["alpha"]),
    ):
        assert check(rule, "gradient_descent").right


def test_records_of_other_kinds():
    for x in ("list(x)", "tuple(x)", "x.copy()"):
        rule = descent_with("alpha")
        source = f"lambda gradient, x0, alpha: (Step(t, {x}) for t, x in rule(gradient, x0, alpha))"
        assert check(eval(source, {"Step": Step, "rule": rule}), "gradient_descent").right


def test_a_list_that_is_made_to_be_overwritten():
    """x0[:] copies a list and not an array; a plain loop may have been written for lists."""

    def rule(slope, x0, alpha, n_iter):
        x = x0[:]
        path = [x[:]]
        for _ in range(n_iter):
            g = slope(x)
            for i in range(len(x)):
                x[i] -= alpha * g[i]
            path.append(x[:])
        return path

    assert check(rule, "gradient_descent").right


def test_a_partial_has_the_value_that_it_was_given():
    assert check(functools.partial(descent_with("alpha"), alpha=0.01), "gradient_descent").right
    rule = functools.partial(descent_with("alpha, factor", "x = x - {0} * factor * gradient(x)"))
    assert not check(functools.partial(rule, factor=2), "gradient_descent")


@pytest.mark.parametrize(
    "rule, said",
    [
        (
            lambda objective, derivative, bounds, n_iter, alpha: [],
            "it cannot be called. What bounds may be is not known. "
            "It was called as <lambda>(gradient, x0, n_iter, alpha).",
        ),
        (
            lambda gradient, x0, alpha: print(gradient(x0)),
            "nothing is yielded. <lambda> returns NoneType.",
        ),
        (lambda gradient, x0, alpha: x0, "the path is not returned. <lambda> returns ndarray."),
        (lambda gradient, x0, alpha: 3, "the path is not returned. <lambda> returns int."),
        (
            lambda gradient, x0, alpha: iter([(0, x0)]),
            "a record without a name for x. It yields (0, array([ 1.5 , -0.75])). "
            "Yield a NamedTuple with a field x, such as Step(t, x).",
        ),
        (
            lambda x0, gradient, alpha: iter([Step(0, x0)]),
            "x has another shape. x must be 2 numbers, got <the gradient>.",
        ),
        (
            lambda gradient, x0, alpha: iter([Step(0, x0.reshape(2, 1))]),
            "x has another shape. x must be 2 numbers, got array([[ 1.5 ], [-0.75]]).",
        ),
        (lambda gradient, x0, alpha: [], "it stops by itself. It gives 0 points for 12 steps."),
    ],
)
def test_anything_else_gets_a_sentence(rule, said):
    verdict = check(rule, "gradient_descent")
    assert not verdict and len(verdict.mistakes) == 1
    assert said in str(verdict)


def test_a_gradient_of_a_part_of_x_gets_a_sentence():
    def rule(derivative, x0, alpha, n_iter):
        x, path = list(x0), [list(x0)]
        for _ in range(n_iter):
            x = [c - alpha * derivative(c) for c in x]
            path.append(x)
        return path

    verdict = check(rule, "gradient_descent")
    assert not verdict
    assert "the gradient must be asked at a whole point, as gradient(x), or" in str(verdict)


@pytest.mark.parametrize(
    "rule, like, error, said",
    [
        (adam, "adma", ValueError, "like must be one of gradient_descent, .*, got 'adma'"),
        (adam, adam, ValueError, "like must be one of .*, got <function adam"),
        (adam, ["adam"], ValueError, r"got \['adam'\]"),
        (
            adam(None, 0.0),
            "adam",
            TypeError,
            r"such as descent.adam \(adam, not adam\(...\)\), got",
        ),
        (0.04, "adam", TypeError, "got 0.04"),
        (lambda x: x, "adam", TypeError, "rule must be a generator function of gradient and x0"),
    ],
)
def test_bad_input(rule, like, error, said):
    with pytest.raises(error, match=said):
        check(rule, like)


# The book's own rule ------------------------------------------------------------------------------


def copied():
    """The code of adam under another name."""
    code = adam.__code__.replace(co_name="mine", co_filename="mine.py")
    copy = types.FunctionType(code, adam.__globals__, "mine", adam.__defaults__)
    copy.__kwdefaults__ = adam.__kwdefaults__
    return copy


def pasted():
    """The source of adam, run once more."""
    scope = dict(vars(rules))
    exec(inspect.getsource(adam), scope)
    return scope["adam"]


def through_minimize(gradient, x0, n_iter, alpha, beta1, beta2, eps):
    h = dict(alpha=alpha, beta1=beta1, beta2=beta2, eps=eps)
    return minimize(lambda p: 0.0, x0, RULES["adam"], n_iter, gradient=gradient, **h).x


@pytest.mark.parametrize(
    "rule",
    [
        adam,
        functools.partial(adam, eps=1e-8),
        functools.wraps(adam)(lambda *a, **h: adam(*a, **h)),
        lambda gradient, x0, alpha, beta1, beta2, eps: adam(gradient, x0, alpha, beta1, beta2, eps),
        copied(),
        pasted(),
        through_minimize,
    ],
    ids=["import", "partial", "wraps", "calls", "copied", "pasted", "through minimize"],
)
def test_the_rule_of_the_book_is_known_again(rule):
    assert check(rule, "adam").right
    verdict = check(rule, "adam", allow_import=False)
    assert not verdict and verdict.mistakes == ["it runs the book's own adam"]
    said = "Not your own rule: it runs the book's own adam. Write the loop yourself."
    assert str(verdict) == said


def test_the_tools_of_the_package_may_be_imported():
    def rule(gradient, x0, alpha=0.1):
        x = descent.arithmetic.start(x0, alpha)
        yield Step(0, x)
        for t in count(1):
            (alpha_t,) = descent.arithmetic.at(t, alpha)
            x = x - alpha_t * gradient(x)
            yield Step(t, x)

    assert check(rule, "gradient_descent", allow_import=False).right


# Time and quiet -----------------------------------------------------------------------------------


def endless_line(gradient, x0, alpha):
    while True:
        pass  # noqa: E701
    yield  # fmt: skip


def endless_that_catches(gradient, x0, alpha):
    yield Step(0, x0)
    while True:
        try:
            x0 + 1
        except Exception:
            break


def endless_path(gradient, x0, alpha, n_iter):
    path = [x0]
    while len(path) <= n_iter:
        x0 = x0 - alpha * gradient(x0)
    return path


@pytest.mark.parametrize("rule", [endless_line, endless_that_catches, endless_path])
def test_a_loop_without_an_end_is_left(rule):
    started = time.thread_time()
    verdict = check(rule, "gradient_descent")
    assert time.thread_time() - started < 0.5
    assert verdict.mistakes == ["an endless loop"]


@pytest.mark.parametrize("like", RULES)
def test_it_is_quick(like):
    """A rule that no mistake fits takes longest: every pair is tried.

    This is time of the processor, since other tests run meanwhile.
    """
    for cached in (catalogue.singles, catalogue.pairs, catalogue._compiled, catalogue._pattern):
        cached.cache_clear()

    def unlike_all(gradient, x0, **h):
        for record in RULES[like](gradient, x0, **h):
            yield record._replace(x=record.x - 0.001 * record.t)

    for rule in (RULES[like], unlike_all):
        started = time.thread_time()
        assert check(rule, like).mistakes == []
        assert time.thread_time() - started < 0.5


def test_it_leaves_no_trace(capsys):
    def rule(gradient, x0, alpha):
        print("x0 =", x0)
        yield from descent_with("alpha")(gradient, x0, alpha)

    def tracer(*_):
        return None

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        assert check(rule, "gradient_descent").right
        assert check(endless_line, "gradient_descent").mistakes
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)
    with np.errstate(divide="raise"):
        check(handed_in("adam")["wrong_t_from_zero"], "adam")
        assert np.geterr()["divide"] == "raise"
    assert capsys.readouterr() == ("", "")


if __name__ == "__main__":
    print(f"{'':16} right  accepted  wrong  refused  named rightly")
    for like, *row in table():
        print(f"{like:16} {row[0]:5} {row[1]:9} {row[2]:6} {row[3]:8} {row[4]:14}")
