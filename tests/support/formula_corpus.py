"""Formulas to try: some by hand, some that are wrong, and random ones."""

from __future__ import annotations

import random

#: Each named activation with its default numbers, as a formula.
AS_FORMULAS = {
    "relu": "max(x, 0)",
    "abs": "|x|",
    "leaky_relu": "max(x, 0.01x)",
    "prelu": "max(x, 0.25x)",
    "gelu": "x(1 + erf(x/sqrt(2)))/2",
    "gelu_tanh": "x(1 + tanh(sqrt(2/pi)(x + 0.044715x^3)))/2",
    "silu": "x/(1 + exp(-x))",
    "softplus": "log(1 + exp(x))",
    "logsigmoid": "-log(1 + exp(-x))",
    "elu": "where(x > 0, x, exp(x) - 1)",
    "celu": "max(x, 0) + min(exp(x) - 1, 0)",
    "selu": "1.0507009873554805 where(x > 0, x, 1.6732632423543772(exp(x) - 1))",
    "mish": "x tanh(log(1 + exp(x)))",
    "tanh": "tanh(x) + 0",
    "hardtanh": "clip(x, -1, 1)",
    "erf": "erf(x) + 0",
    "sin": "sin(x) + 0",
    "cos": "cos(x) + 0",
    "softshrink": "x - clip(x, -0.5, 0.5)",
    "hardshrink": "where(|x| > 0.5, x, 0)",
    "sigmoid": "1/(1 + exp(-x))",
    "hardsigmoid": "clip(x + 3, 0, 6)/6",
    "hardswish": "x clip(x + 3, 0, 6)/6",
    "softsign": "x/(1 + |x|)",
    "tanhshrink": "x - tanh(x)",
    "relu6": "clip(x, 0, 6)",
    "relu_squared": "max(x, 0)^2",
    "relu_power": "max(x, 0)^3",
    "square": "x*x",
    "cube": "x*x*x",
    "power": "x x",
    "identity": "x",
    "sign": "sign(x) + 0",
    "heaviside": "heaviside(x) + 0",
}

#: A formula, its even part, its odd part, its kinks, and whether that is proved.
VERDICTS = (
    ("max(x,0) + x^2/10", "degree 2 + homogeneous of degree 1, not a polynomial", "linear", (0,)),
    ("sin(x)^2 + cos(x)^2 + x", "constant", "linear", ()),
    ("cosh(x)^2 - sinh(x)^2 + x", "constant", "linear", ()),
    ("sigmoid(x) - tanh(x/2)/2 + x", "constant", "linear", ()),
    ("softplus(x) - softplus(-x)", "zero", "linear", ()),
    ("gelu(x) - gelu(-x)", "zero", "linear", ()),
    ("sin(x + pi/2) - cos(x) + x", "zero", "linear", ()),
    ("exp(x/2)exp(x/2) - exp(x) + x", "zero", "linear", ()),
    ("(x^4 - 1)/(x^2 + 1)", "constant + degree 2", "zero", ()),
    ("(x^3 - x)/(x^2 + 1)", "zero", "not a polynomial", ()),
    ("exp(-x^2)", "not a polynomial", "zero", ()),
    ("sqrt(1 + x^2) - x", "not a polynomial", "linear", ()),
    ("log(1 + |x|)", "not a polynomial", "zero", (0,)),
    ("log(cosh(x)) + 0", "not a polynomial", "zero", ()),
    ("erf(x)^2", "not a polynomial", "zero", ()),
    ("|x|^1.5", "not a polynomial", "zero", (0,)),
    ("2^x", "not a polynomial", "not a polynomial", ()),
    ("|x^2 - 2|", "not a polynomial", "zero", (-(2**0.5), 2**0.5)),
    (
        "(|x| - 1)^2",
        "constant + degree 2 + homogeneous of degree 1, not a polynomial",
        "zero",
        (0,),
    ),
    ("max(x, pi)", "not a polynomial", "not a polynomial", (3.141592653589793,)),
    ("where(x > 0, 1, -1)", "zero", "homogeneous of degree 0, not a polynomial", (0,)),
    ("where(x >= 0, x, 0)", "homogeneous of degree 1, not a polynomial", "linear", (0,)),
    ("max(tanh(x), 0)", "not a polynomial", "not a polynomial", (0,)),
    ("min(|x|, 1)", "not a polynomial", "zero", (-1, 0, 1)),
    ("|x| - ||x| - 1| + ||x| - 2|", "not a polynomial", "zero", (-2, -1, 0, 1, 2)),
    ("max(x, -x) - |x| + x", "zero", "linear", ()),
    ("0*x + 3", "constant", "zero", ()),
    ("where(x > 1, x, x)", "zero", "linear", ()),
    ("where(x^2 > 0, x, 1)", "zero", "linear", ()),
    ("sign(pi/x)", "zero", "homogeneous of degree 0, not a polynomial", (0,)),
    ("x + where(x >= 0, 1, 0)where(x <= 0, 1, 0)", "zero", "linear", ()),
    ("x + where(x >= 3, 1, 0)where(x <= 3, 1, 0)", "zero", "linear", ()),
    ("x^2 + sign(x - pi)^2 - sign(x^2 - 2)^2", "degree 2", "zero", ()),
    ("min(x, 1e16)", "not a polynomial", "not a polynomial", (1e16,)),
    ("max(x, -1e20)", "not a polynomial", "not a polynomial", (-1e20,)),
    ("abs(x - 1e17)", "not a polynomial", "not a polynomial", (1e17,)),
    ("clip(x, -1e30, 1e30)", "zero", "not a polynomial", (-1e30, 1e30)),
    ("min(x, 1e16) + min(x, 1e17)", "not a polynomial", "not a polynomial", (1e16, 1e17)),
    ("|(x - 1)(x - 1e30)|", "not a polynomial", "not a polynomial", (1, 1e30)),
    ("|x - 1e-30| + |x + 1e-30|", "not a polynomial", "zero", (-1e-30, 1e-30)),
    ("|x - 1e-30^9|", "not a polynomial", "not a polynomial", (1e-270,)),
    ("sqrt(1e30*1e30 + 7)x", "zero", "linear", ()),
)

#: 1 but at isolated points.
CONSTANT_BUT_AT_POINTS = (
    "sign(x)^2",
    "sign(abs(x))",
    "1 + heaviside(x)^2 - heaviside(x)",
    "where(x > 0, 1, 0) + where(x < 0, 1, 0)",
    "1 + where(x >= 2, 5, 0)where(x <= 2, 1, 0)",
)

#: What the theorems do not decide, with the parts that are measured.
MEASURED = (
    ("sin(sin(x))", "zero", "not a polynomial"),
    ("|sin(x)|", "not a polynomial", "zero"),
    ("softplus(2x) + softplus(x)", "not a polynomial", "linear"),
    ("sqrt(2)sqrt(3)x - sqrt(6)x + x^2", "degree 2", "zero"),
    ("sigmoid(exp(x))", "not a polynomial", "not a polynomial"),
)

#: No formulas, with words of the sentence that says so.
WRONG = (
    ("0", "the variable x does not occur in it; a constant is written polynomial(3)"),
    ("-2.5", "the variable x does not occur in it"),
    ("x + y", 'at character 5, "y" has no meaning here: the only variable is x, or t'),
    ("x^", "at character 3, it is incomplete: expected a number, x or a function"),
    ("x +", "at character 4, it is incomplete: expected a number, x or a function, found the end"),
    ("sin x", "at character 5, sin needs its argument in brackets"),
    ("x^x", "at character 3, an exponent with x needs a positive number"),
    ("x^pi", "at character 3, an exponent is a number from -30 to 30"),
    ("(x + 1)^31", "at character 9, an exponent is a number"),
    ("max(x - 1", 'at character 10, expected ")", found the end'),
    ("max(x)", "at character 6, max takes 2 to 8 arguments, found 1"),
    ("exp(x, 2)", "at character 9, exp takes 1 argument, found 2"),
    ("(x", 'at character 3, expected ")", found the end'),
    ("x)", 'at character 2, expected an operation such as + or *, found ")"'),
    ("|x", 'at character 3, expected "|", found the end'),
    ("1..2x", "at character 3, expected"),
    ("x^2²", 'at character 4, "²" has no meaning here'),
    ("tan(x)", 'at character 1, "tan" is no function here'),
    ("x;y", 'at character 2, ";" has no meaning here'),
    ("__import__('os').system('x')", 'at character 1, "_" has no meaning here'),
    ("<script>x</script>", 'at character 1, expected a number, x or a function, found "<"'),
    ("1e99 x", "at character 1, a number has at most 40 digits and is 0 or between 1e-30 and 1e30"),
    ("1e-31x", "at character 1, a number has"),
    ("where(x = 0, 1, 2)", 'at character 9, "=" has no meaning here'),
    ("where(x, 1, 2)", "at character 8, expected one of <, <=, >, >="),
    ("x+" * 160 + "x", "at most 300 characters, found 321"),
    ("(" * 40 + "x" + ")" * 40, "it is more than 30 brackets and signs deep"),
    ("+".join(["x"] * 90), "it has more than 160 numbers, variables and operations"),
    ("x\u0000", 'at character 2, "U+0000" has no meaning here'),
    ("1 + 2", "the variable x does not occur in it"),
    ("log(x)", "has no finite value at x = 0"),
    ("1/x", "has no finite value at x = 0"),
    ("x^(1/3)", "has no finite value at x = -8"),
    ("exp(exp(exp(x)))", "has no finite value at x = "),
    ("x - x", "is 0 everywhere"),
    ("sin(x)^2 + cos(x)^2 - 1", "is 0 everywhere"),
    ("1 - sign(x)^2", "is 0 except at isolated points at most"),
    ("heaviside(x)^2 - heaviside(x)", "is 0 except at isolated points at most"),
    ("where(x >= 1, 1, 0)where(x <= 1, 1, 0)", "is 0 except at isolated points at most"),
    ("pi*x - 3.14159265358979323846264338327950288*x", "cannot be told from 0"),
    ("1e-30^20 |x|", "cannot be told from 0"),
    ("|x - 1e17| + |x - 1e17 - 1|", "two kinks that are the same in float64, 1e+17"),
    ("|x - 1e-30^12|", "a kink beyond float64"),
    ("(x^9)^9", "a polynomial of degree 81 is too steep"),
)

#: Spellings of the same formula, and the normal one.
SPELLINGS = (
    (" MAX( T,0)+t**2/10 ", "max(x, 0) + x^2/10"),
    ("00.50x", "0.5*x"),
    ("1e-3x + 1.5E2", "0.001*x + 150"),
    ("||x| - 1|", "abs(abs(x) - 1)"),
    ("2|x|", "2*abs(x)"),
    ("x^-2 + x*-x", "x^(-2) + x*(-x)"),
    ("(x+1)(x-1)", "(x + 1)*(x - 1)"),
    ("--x", "-(-x)"),
    ("-x^2", "-x^2"),
    ("(-x)^2", "(-x)^2"),
    ("x - (x - 1) - (1 + x)", "x - (x - 1) - (1 + x)"),
    ("1/2x", "1/2*x"),
    ("π·x − 1", "pi*x - 1"),
    ("ln(2 + arctan(x))", "log(2 + atan(x))"),
    ("where(x≥0, step(x), sgn(x))", "where(x >= 0, heaviside(x), sign(x))"),
)

_ONE = (
    "abs", "relu", "sign", "heaviside", "exp", "expm1", "log", "log1p", "sqrt", "sin", "cos",
    "atan", "sinh", "cosh", "tanh", "sigmoid", "softplus", "silu", "gelu", "erf",
)  # fmt: skip


def random_formulas(seed: int, count: int) -> list[str]:
    """Return random formulas; about half of them are refused, as they are not finite."""
    source = random.Random(seed)

    def made(depth: int) -> str:
        if depth == 0:
            return source.choice(["x", "x", "x", "1", "2", "0.5", "pi", "e", "1/3", "x^2", "3"])
        kind = source.random()
        below = [made(depth - 1) for _ in range(4)]
        if kind < 0.45:
            return f"({below[0]}){source.choice('+-*/')}({below[1]})"
        if kind < 0.55:
            return f"({below[0]})^{source.choice(['2', '3', '(1/2)', '(-1)', '1.5'])}"
        if kind < 0.9:
            return f"{source.choice(_ONE)}({below[0]})"
        if kind < 0.95:
            return f"{source.choice(['max', 'min'])}({below[0]}, {below[1]})"
        if kind < 0.975:
            return f"clip({below[0]}, -1, 2)"
        comparison = source.choice(["<", "<=", ">", ">="])
        return f"where({below[0]} {comparison} {below[1]}, {below[2]}, {below[3]})"

    return [made(source.choice([1, 2, 2, 3])) for _ in range(count)]


def random_steps(seed: int, count: int) -> list[str]:
    """Return random sums of steps and of jumps at points, with huge and tiny numbers among them."""
    source = random.Random(seed)
    sizes = ["1", "2", "0.5", "3", "1/3", "pi", "1e16", "1e17", "1e30", "1e-16", "1e-30", "0"]

    def number() -> str:
        size = source.choice(sizes)
        return f"(-{size})" if source.random() < 0.4 else size

    def one() -> str:
        k, c = number(), number()
        return source.choice([
            f"{c}*where(x >= {k}, 1, 0)*where(x <= {k}, 1, 0)",
            f"{c}*sign(x - {k})^2",
            f"{c}*sign(|x| - {k})",
            f"where(x < {k}, {c}, x)",
            f"min(x, {k})",
            f"max({c}, x, {k})",
            f"clip(x, {k}, {c})",
            f"{c}*|x - {k}|",
            f"{c}*heaviside(x - {k})",
            f"{c}*x",
            f"{c}*x^{source.choice('234')}",
            f"|x^2 - {k}|",
            f"{c}*sqrt(x^2 + {k}^2)",
        ])  # fmt: skip

    return [" + ".join(one() for _ in range(source.choice([1, 2, 2, 3]))) for _ in range(count)]
