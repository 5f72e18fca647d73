"""Formulas of Office files (OMML) as LaTeX."""

from __future__ import annotations

from collections.abc import Callable

from documents.parsing.office.package import Element, attribute, local

_OPERATORS = {
    "∑": r"\sum",
    "∫": r"\int",
    "∏": r"\prod",
    "⋃": r"\bigcup",
    "⋂": r"\bigcap",
}
_ACCENTS = {
    "\u0302": "hat",
    "\u0303": "tilde",
    "\u0304": "bar",
    "\u0305": "overline",
    "\u0307": "dot",
    "\u0308": "ddot",
    "\u20d7": "vec",
}


def latex(element: Element) -> str:
    """Return the LaTeX of a formula or of a part of it, without dollar signs."""
    render = _RENDERERS.get(local(element))
    return render(element) if render else _children(element)


def _children(element: Element | None) -> str:
    if element is None:
        return ""
    return "".join(latex(child) for child in element.iterchildren("*"))


def _part(element: Element, name: str) -> str:
    return _children(element.find(f"{{*}}{name}"))


def _value(element: Element, properties: str, name: str, default: str) -> str:
    child = element.find(f"{{*}}{properties}/{{*}}{name}")
    return default if child is None else attribute(child, "val")


def _run(element: Element) -> str:
    return "".join(child.text or "" for child in element.iterchildren("{*}t"))


def _fraction(element: Element) -> str:
    return f"\\frac{{{_part(element, 'num')}}}{{{_part(element, 'den')}}}"


def _superscript(element: Element) -> str:
    return f"{_part(element, 'e')}^{{{_part(element, 'sup')}}}"


def _subscript(element: Element) -> str:
    return f"{_part(element, 'e')}_{{{_part(element, 'sub')}}}"


def _both_scripts(element: Element) -> str:
    sub, sup = _part(element, "sub"), _part(element, "sup")
    return f"{_part(element, 'e')}_{{{sub}}}^{{{sup}}}"


def _left_scripts(element: Element) -> str:
    sub, sup = _part(element, "sub"), _part(element, "sup")
    return f"{{}}_{{{sub}}}^{{{sup}}}{_part(element, 'e')}"


def _root(element: Element) -> str:
    degree = _part(element, "deg")
    return f"\\sqrt{f'[{degree}]' if degree else ''}{{{_part(element, 'e')}}}"


def _nary(element: Element) -> str:
    char = _value(element, "naryPr", "chr", "∫")
    sub, sup = _part(element, "sub"), _part(element, "sup")
    limits = (f"_{{{sub}}}" if sub else "") + (f"^{{{sup}}}" if sup else "")
    return f"{_OPERATORS.get(char, char)}{limits} {_part(element, 'e')}"


def _delimiter(element: Element) -> str:
    begin = _value(element, "dPr", "begChr", "(")
    end = _value(element, "dPr", "endChr", ")")
    separator = _value(element, "dPr", "sepChr", "|")
    parts = [_children(child) for child in element.iterchildren("{*}e")]
    return f"{begin}{separator.join(parts)}{end}"


def _function(element: Element) -> str:
    name = _part(element, "fName").strip()
    command = f"\\{name}" if name in {"sin", "cos", "tan", "log", "ln", "exp"} else name
    return f"{command}{{{_part(element, 'e')}}}"


def _limit(mark: str) -> Callable[[Element], str]:
    return lambda element: f"{_part(element, 'e')}{mark}{{{_part(element, 'lim')}}}"


def _accent(element: Element) -> str:
    command = _ACCENTS.get(_value(element, "accPr", "chr", "\u0302"), "hat")
    return f"\\{command}{{{_part(element, 'e')}}}"


def _bar(element: Element) -> str:
    top = _value(element, "barPr", "pos", "bot") == "top"
    return f"\\{'overline' if top else 'underline'}{{{_part(element, 'e')}}}"


def _matrix(element: Element) -> str:
    rows = [
        " & ".join(_children(cell) for cell in row.iterchildren("{*}e"))
        for row in element.iterchildren("{*}mr")
    ]
    body = r" \\ ".join(rows)
    return rf"\begin{{matrix}}{body}\end{{matrix}}"


def _array(element: Element) -> str:
    return r" \\ ".join(_children(row) for row in element.iterchildren("{*}e"))


_RENDERERS: dict[str, Callable[[Element], str]] = {
    "r": _run,
    "f": _fraction,
    "sSup": _superscript,
    "sSub": _subscript,
    "sSubSup": _both_scripts,
    "sPre": _left_scripts,
    "rad": _root,
    "nary": _nary,
    "d": _delimiter,
    "func": _function,
    "limLow": _limit("_"),
    "limUpp": _limit("^"),
    "acc": _accent,
    "bar": _bar,
    "m": _matrix,
    "eqArr": _array,
}
