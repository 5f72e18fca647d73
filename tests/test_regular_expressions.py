"""Every regular expression of the source takes linear time on repeated text."""

from __future__ import annotations

import ast
import functools
import importlib
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from re import _constants as sre
from re import _parser as parser
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("compat_api", "documents", "graph", "lightrag_site", "retrieval")
FUNCTIONS = {
    *("compile", "match", "fullmatch", "search", "sub", "subn", "split"),
    *("findall", "finditer"),
}
SHORT, LONG = 1_000, 6_000
SUSPICIOUS_SECONDS = 0.002
"""A linear expression takes 0.05 ms for SHORT repetitions."""
TINY, TINY_SECONDS = 28, 0.02
"""An exponential expression takes a second for TINY repetitions, others under 1 ms."""
MAX_RATIO = 15
"""LONG is six times SHORT, so a quadratic expression takes 36 times as long."""


@dataclass(frozen=True)
class Use:
    """A regular expression, and whether it is searched for in a text or only matched."""

    file: Path
    line: int
    pattern: str | bytes
    flags: int
    scans: bool


def source_files() -> list[Path]:
    names = subprocess.check_output(
        ["git", "ls-files", *(f"{package}/*.py" for package in PACKAGES)],
        cwd=ROOT,
        text=True,
    )
    files = [ROOT / name for name in names.split()]
    left_out = {"migrations", "testing"}  # testing: the stand-in model
    return [file for file in files if not left_out & set(file.parts)]


SCANNING = {"search", "sub", "subn", "split", "findall", "finditer"}


def patterns_of(file: Path) -> Iterator[Use]:
    """Yield each use of `re` in a file.

    An argument that is not a constant is evaluated in the namespace of the module.
    """
    source = file.read_text()
    tree = ast.parse(source)
    names = {
        id(node.value): node.targets[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (function := function_of_re(node)):
            pattern = evaluate(node.args[0], file)
            if not isinstance(pattern, str | bytes):
                continue
            position = 1 if function == "compile" else 2
            flags = [evaluate(argument, file) for argument in node.args[position:]]
            methods = (
                methods_of(names[id(node)], source) if id(node) in names else set()
            )
            if function != "compile":
                methods, flags = {function}, [0]
            yield Use(
                file,
                node.lineno,
                pattern,
                (flags or [0])[0],
                bool(not methods or methods & SCANNING),
            )


def function_of_re(node: ast.Call) -> str | None:
    """Return the name of the function of `re` that a node calls."""
    function = node.func
    if (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "re"
        and function.attr in FUNCTIONS
    ):
        return function.attr
    return None


def methods_of(name: str, source: str) -> set[str]:
    """Return the methods of a pattern that its module calls; none if others use it."""
    return set(re.findall(rf"\b{name}\.(\w+)", source))


def evaluate(expression: ast.expr, file: Path) -> Any:
    """Return the value, or None if it depends on a local variable."""
    try:
        return ast.literal_eval(expression)
    except ValueError:
        pass
    name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
    namespace = vars(importlib.import_module(name.removesuffix(".__init__")))
    try:
        return eval(ast.unparse(expression), dict(namespace))
    except NameError:
        return None


CATEGORIES = {
    sre.CATEGORY_DIGIT: "1",
    sre.CATEGORY_SPACE: " \n",
    sre.CATEGORY_WORD: "a1",
    sre.CATEGORY_NOT_DIGIT: "a",
    sre.CATEGORY_NOT_SPACE: "a",
    sre.CATEGORY_NOT_WORD: " -",
}


def letters(members: list[tuple[Any, Any]]) -> str:
    """Return some characters of a character class."""
    if members[0][0] is sre.NEGATE:
        excluded = letters(members[1:])
        return "".join(c for c in "a1 \n-_[(<{" if c not in excluded)[:4] or "\u4e00"
    chars = ""
    for kind, value in members:
        if kind is sre.LITERAL:
            chars += chr(value)
        elif kind is sre.RANGE:
            chars += chr(value[0])
        elif kind is sre.CATEGORY:
            chars += CATEGORIES[value]
    return chars


def example(items: Any) -> str:
    """Return a text that the items match, except for assertions."""
    return "".join(_example(kind, value) for kind, value in items)


def _example(kind: Any, value: Any) -> str:
    if kind is sre.LITERAL:
        return chr(value)
    if kind in {sre.NOT_LITERAL, sre.ANY}:
        return "a" if value != ord("a") else "b"
    if kind is sre.IN:
        return str(letters(value)[:1])
    if kind in {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}:
        times: int = max(1, min(value[0], 5))
        return str(example(value[2])) * times
    if kind is sre.SUBPATTERN:
        return example(value[3])
    if kind is sre.ATOMIC_GROUP:
        return str(example(value))
    if kind is sre.BRANCH:
        return example(value[1][0])
    return ""


def units(items: Any) -> Iterator[str]:
    """Yield texts to repeat: characters of the expression, and what its groups match."""
    for kind, value in items:
        if kind is sre.IN:
            yield from letters(value)[:4]
        else:
            yield _example(kind, value)
            for part in parts(kind, value):
                yield example(part)
                yield from units(part)


def parts(kind: Any, value: Any) -> list[Any]:
    """Return the expressions that an item of an expression contains."""
    if kind in {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}:
        return [value[2]]
    if kind is sre.SUBPATTERN:
        return [value[3]]
    if kind is sre.ATOMIC_GROUP:
        return [value]
    if kind is sre.BRANCH:
        return list(value[1])
    return [value[1]] if kind in {sre.ASSERT, sre.ASSERT_NOT} else []


def beginnings(items: Any) -> Iterator[str]:
    """Yield texts that end within a group: the group is begun and not completed."""
    items = list(items)
    for index, (kind, value) in enumerate(items):
        before = example(items[:index])
        for part in parts(kind, value):
            part = list(part)
            for count in range(1, len(part)):
                yield before + example(part[:count])
            yield from (before + text for text in beginnings(part))


def texts(pattern: str, flags: int) -> Iterator[tuple[str, str, str]]:
    """Yield (start, unit, end): the unit is repeated between start and end."""
    items = list(parser.parse(pattern, flags))
    starts = {example(items[:count]) for count in range(len(items) + 1)}
    repeated = {" ", "a", "\n", *units(items), *starts} - {""}
    pairs = {a + b for a in repeated for b in repeated if len(a) == len(b) == 1}
    for start in sorted(starts):
        for unit in sorted(repeated):
            for end in ("", "\x01"):
                yield start, unit, end
    for unit in [*sorted(pairs)[:60], *sorted({*beginnings(items)} - repeated)[:60]]:
        yield "", unit, "\x01"


def seconds(pattern: re.Pattern[Any], text: str, *, scans: bool) -> float:
    subject = text.encode() if isinstance(pattern.pattern, bytes) else text
    started = time.process_time()
    for _ in pattern.finditer(subject) if scans else ():
        pass
    pattern.match(subject)
    pattern.fullmatch(subject)
    return time.process_time() - started


def grows_faster_than_linear(
    pattern: re.Pattern[Any], *, scans: bool = True
) -> str | None:
    """Return the text for which it does, or None."""
    source = pattern.pattern
    source = source.decode("latin-1") if isinstance(source, bytes) else source
    for start, unit, end in texts(source, pattern.flags & re.VERBOSE):
        build = functools.partial(_build, start, unit, end)
        tries = (seconds(pattern, build(TINY), scans=scans) for _ in range(2))
        if all(duration > TINY_SECONDS for duration in tries):
            return f"{start!r} + {unit!r} * n + {end!r}"
        if seconds(pattern, build(SHORT), scans=scans) < SUSPICIOUS_SECONDS:
            continue
        short = min(seconds(pattern, build(SHORT), scans=scans) for _ in range(3))
        if short > SUSPICIOUS_SECONDS and (
            seconds(pattern, build(LONG), scans=scans) / short > MAX_RATIO
        ):
            return f"{start!r} + {unit!r} * n + {end!r}"
    return None


def _build(start: str, unit: str, end: str, count: int) -> str:
    return start + unit * count + end


def uses() -> list[Any]:
    return [
        pytest.param(use, id=f"{file.relative_to(ROOT)}:{use.line}")
        for file in source_files()
        for use in patterns_of(file)
    ]


@pytest.mark.parametrize("use", uses())
def test_a_regular_expression_takes_linear_time(use: Use) -> None:
    pattern = re.compile(use.pattern, use.flags)
    assert grows_faster_than_linear(pattern, scans=use.scans) is None


@pytest.mark.parametrize(
    "pattern",
    [
        r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*\n?",
        r"!\[([^\]]*)\]\(data:[^)]*\)",
        r"<(?=\s*/?\s*question)",
        r"\s*\n\s*",
        r"(a|aa)+$",
        r"\\author\s*+(?:\[[^\]]*\])?\{",
    ],
)
def test_a_quadratic_expression_is_found(pattern: str) -> None:
    assert grows_faster_than_linear(re.compile(pattern)) is not None
