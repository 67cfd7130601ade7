"""Of numbers what descent.checker.arguments asks for, as isinstance takes it."""

Real = (float, int)
