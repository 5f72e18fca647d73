"""Numbers, dates and times of spreadsheets as Excel displays them (ECMA-376, 18.8.31)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

BUILT_IN = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: "$#,##0_);($#,##0)",
    6: "$#,##0_);[Red]($#,##0)",
    7: "$#,##0.00_);($#,##0.00)",
    8: "$#,##0.00_);[Red]($#,##0.00)",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "yyyy-mm-dd",  # Excel uses the short date of the system
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy-mm-dd h:mm",
    37: "#,##0_);(#,##0)",
    38: "#,##0_);[Red](#,##0)",
    39: "#,##0.00_);(#,##0.00)",
    40: "#,##0.00_);[Red](#,##0.00)",
    41: "#,##0",
    42: "$#,##0",
    43: "#,##0.00",
    44: "$#,##0.00",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
    49: "@",
    **dict.fromkeys([27, 30, 36, 50, 57], "yyyy-mm-dd"),
}
"""The number formats that files refer to by id."""
DIGITS = 11
"""Significant digits of the format General, as Excel displays them."""

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*+)"|\\(?P<escaped>.)|_(?P<space>.)|\*(?P<fill>.)'
    r"|\[(?P<bracket>[^\[\]]*+)\]|(?P<half>AM/PM|A/P|上午/下午)|(?P<general>General)"
    r"|(?P<date>y+|m+|d+|h+|s+(?:\.0+)?|e+|g+|b+)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_DATE = re.compile(
    r'"[^"]*+"|\\.|_.|\*.|\[(?!h++\]|m++\]|s++\])[^\[\]]*+\]', re.IGNORECASE
)
_NUMBER = re.compile(
    r"(?:[0#?]+ +)?[0#?]+/[0#?\d]+|[0#?][0#?,.]*(?:E[+-][0#?]+)?|\.[0#?]+",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile("[0#?]")
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?[\d.]+)\]")

Token = tuple[str, str]


def display_text(value: str, code: str, *, since_1904: bool = False) -> str:
    """Return a cell's number as displayed; return other values and texts unchanged."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    return (
        value
        if not number.is_finite()
        else display(number, code, since_1904=since_1904)
    )


def display(number: Decimal, code: str, *, since_1904: bool = False) -> str:
    """Return a number in a format. An invalid format is treated as General."""
    section, number = _section(code or "General", number)
    if section == "":
        return ""
    if is_date(section):
        return _date(number, section, since_1904=since_1904)
    tokens = _tokens(section)
    if any(kind == "general" for kind, _ in tokens) or section == "@":
        return _with_literals(tokens, _general(number))
    return _number(number, section)


@lru_cache(maxsize=1000)
def is_date(section: str) -> bool:
    """Return whether a format, or the section of a format, displays a date or time."""
    bare = _DATE.sub("", section)
    return "general" not in bare.lower() and bool(
        re.search("[ymdhs]", bare, re.IGNORECASE)
    )


def _section(code: str, number: Decimal) -> tuple[str, Decimal]:
    """Return the section of a format that applies, and the number it displays."""
    sections = _split(code)
    for section in sections:
        condition = _CONDITION.search(section)
        if condition and _holds(number, condition[1], Decimal(condition[2])):
            return section, number
    if any(_CONDITION.search(section) for section in sections):
        return sections[-1], number
    if number < 0 and len(sections) > 1:
        return sections[1], -number
    if number == 0 and len(sections) > 2:
        return sections[2], number
    return sections[0], number


def _holds(number: Decimal, operator: str, bound: Decimal) -> bool:
    return {
        "<": number < bound,
        "<=": number <= bound,
        ">": number > bound,
        ">=": number >= bound,
        "=": number == bound,
        "<>": number != bound,
    }[operator]


@lru_cache(maxsize=1000)
def _split(code: str) -> list[str]:
    sections = re.findall(
        r'((?:"[^"]*+"|\\.|\[[^\[\]]*+\]|[^;"\\\[]++|["\\\[])*+);?', code
    )
    return sections[:-1] if code and not code.endswith(";") else sections[:-1] or [""]


@lru_cache(maxsize=1000)
def _tokens(section: str) -> list[Token]:
    tokens = list[Token]()
    for match in _TOKEN.finditer(section):
        kind = match.lastgroup or "other"
        tokens.append((kind, match[kind]))
    return tokens


def _literal(kind: str, text: str) -> str:
    match kind:
        case "quoted" | "escaped":
            return text
        case "space":
            return " "
        case "bracket" if text.startswith("$"):
            return text[1:].split("-")[0]
        case "fill" | "bracket":
            return ""
        case _:
            return text


def _with_literals(tokens: list[Token], number: str) -> str:
    parts = [
        number if kind == "general" or text == "@" else _literal(kind, text)
        for kind, text in tokens
    ]
    return "".join(parts).strip()


def _general(number: Decimal) -> str:
    """Return a number with at most 11 significant digits, without trailing zeros."""
    if number == 0:
        return "0"
    exponent = number.adjusted()
    if exponent >= DIGITS + 9 or exponent < -DIGITS + 2:
        mantissa, _, power = f"{number:.5E}".partition("E")
        return f"{mantissa.rstrip('0').rstrip('.')}E{power}"
    if number == number.to_integral_value():
        return f"{number:.0f}"
    places = max(0, DIGITS - 1 - max(exponent, 0))
    text = f"{_round(number, places):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _round(number: Decimal, places: int) -> Decimal:
    try:
        return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    except InvalidOperation:
        return number


def _number(number: Decimal, section: str) -> str:
    """Return a number in a format of digits, with the literals around them."""
    plain, literals = _without_literals(section)
    match = _NUMBER.search(plain)
    number *= Decimal(100) ** plain.count("%")
    digits = _digits(abs(number), match[0]) if match else ""
    if match is None:
        return _restore(plain, literals).strip() or _general(number)
    before, after = plain[: match.start()], plain[match.end() :]
    if _PLACEHOLDER.search(after):
        sign = "-" if number < 0 else ""
        return (sign + _restore(_masked(abs(number), plain), literals)).strip()
    sign = "-" if number < 0 and digits.strip("0.,") else ""
    return (
        sign + _restore(before, literals) + digits + _restore(after, literals)
    ).strip()


def _masked(number: Decimal, plain: str) -> str:
    """Fill the placeholders of a format such as `000-0000` from the right."""
    digits = list(f"{_round(number, 0):f}")
    total = len(_PLACEHOLDER.findall(plain))
    parts = list[str]()
    for char in reversed(plain):
        if not _PLACEHOLDER.match(char):
            parts.append(char)
            continue
        total -= 1
        parts.append(digits.pop() if digits else "0" * (char == "0"))
        if total == 0:
            parts += reversed(digits)
    return "".join(reversed(parts))


def _without_literals(section: str) -> tuple[str, list[str]]:
    """Replace each literal by a private character, which `_restore` replaces back."""
    plain, literals = "", list[str]()
    for kind, text in _tokens(section):
        if kind in {"other", "date", "general"}:
            plain += text
        else:
            plain += chr(0xF0000 + len(literals))
            literals.append(_literal(kind, text))
    return plain, literals


def _restore(plain: str, literals: list[str]) -> str:
    return "".join(
        literals[ord(char) - 0xF0000] if ord(char) >= 0xF0000 else char
        for char in plain
    )


def _digits(number: Decimal, pattern: str) -> str:
    if "/" in pattern:
        return _fraction(number, pattern)
    if "E" in pattern.upper():
        return _scientific(number, pattern)
    pattern_body = pattern.rstrip(",")
    number /= Decimal(1000) ** (len(pattern) - len(pattern_body))
    whole, _, decimals = pattern_body.partition(".")
    text = f"{_round(number, len(decimals)):f}"
    integer, _, fraction = text.partition(".")
    required = sum(char == "0" for char in decimals)
    while len(fraction) > required and fraction.endswith("0"):
        fraction = fraction[:-1]
    integer = integer.rjust(whole.replace(",", "").count("0"), "0")
    integer = "" if integer == "0" and "0" not in whole else integer
    if "," in whole and integer.isdigit():
        integer = f"{int(integer):,}".rjust(len(integer), "0")
    return f"{integer}.{fraction}" if fraction else integer or "0" * ("0" in whole)


def _scientific(number: Decimal, pattern: str) -> str:
    mantissa, _, power = pattern.upper().partition("E")
    places = len(mantissa.partition(".")[2])
    value, _, exponent = f"{number:.{places}E}".partition("E")
    width = max(1, sum(char in "0#?" for char in power))
    return f"{value}E{exponent[0]}{exponent[1:].rjust(width, '0')}"


def _fraction(number: Decimal, pattern: str) -> str:
    denominator = pattern.rpartition("/")[2]
    fixed = int(denominator) if denominator.isdigit() and int(denominator) else 0
    whole = (
        int(number) if " " in pattern or pattern.count("?") + pattern.count("#") else 0
    )
    remainder = Fraction(number) - whole
    if fixed:
        return (
            f"{whole} {round(remainder * fixed)}/{fixed}"
            if whole
            else f"{round(remainder * fixed)}/{fixed}"
        )
    approximation = remainder.limit_denominator(10 ** len(denominator) - 1)
    if approximation == 0:
        return str(whole)
    if approximation == 1:
        return str(whole + 1)
    return f"{whole} {approximation}" if whole else str(approximation)


def _date(number: Decimal, section: str, *, since_1904: bool) -> str:
    """Return a serial number as a date, a time or an elapsed time."""
    tokens = _tokens(section)
    places = max(
        (len(t.partition(".")[2]) for k, t in tokens if k == "date"), default=0
    )
    seconds = _round(number * 86400, places)
    moment = _moment(seconds, since_1904=since_1904)
    if moment is None:
        return _general(number)
    twelve = any(kind == "half" for kind, _ in tokens)
    parts = list[str]()
    for position, (kind, text) in enumerate(tokens):
        if kind == "bracket" and _ELAPSED.fullmatch(text):
            parts.append(_elapsed(seconds, text))
        elif kind == "half":
            parts.append("AM" if moment.hour < 12 else "PM")
        elif kind == "date":
            minutes = text[0] in "mM" and _is_minute(tokens, position)
            parts.append(
                _date_part(
                    moment, seconds, text.lower(), minutes=minutes, twelve=twelve
                )
            )
        else:
            parts.append(_literal(kind, text) if text != "@" else "")
    return "".join(parts).strip()


def _moment(seconds: Decimal, *, since_1904: bool) -> datetime | None:
    epoch = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30)
    if not since_1904 and 0 <= seconds < 61 * 86400:
        epoch += timedelta(days=1)  # Excel counts 29 February 1900
    try:
        return epoch + timedelta(seconds=float(seconds))
    except OverflowError:
        return None


def _elapsed(seconds: Decimal, text: str) -> str:
    unit = {"h": 3600, "m": 60, "s": 1}[text[0].lower()]
    return str(int(seconds // unit)).rjust(len(text), "0")


def _is_minute(tokens: list[Token], position: int) -> bool:
    """Return whether `m` means minutes: after hours, or before seconds."""
    units = [
        (index, text[0].lower())
        for index, (kind, text) in enumerate(tokens)
        if kind == "date" or (kind == "bracket" and _ELAPSED.fullmatch(text))
    ]
    at = [index for index, _ in units].index(position)
    before = units[at - 1][1] if at else ""
    after = units[at + 1][1] if at + 1 < len(units) else ""
    return before == "h" or after == "s"


def _date_part(
    moment: datetime, seconds: Decimal, text: str, *, minutes: bool, twelve: bool
) -> str:
    width = min(len(text), 2)
    match text[0]:
        case "y" | "e" | "b":
            return (
                f"{moment.year:04d}"
                if len(text) > 2 or text[0] == "e"
                else f"{moment.year % 100:02d}"
            )
        case "m" if minutes:
            return str(moment.minute).rjust(width, "0")
        case "m":
            names = {3: "%b", 4: "%B", 5: "%b"}
            return (
                moment.strftime(names[len(text)])
                if len(text) in names
                else str(moment.month).rjust(width, "0")
            )
        case "d":
            names = {3: "%a", 4: "%A"}
            return (
                moment.strftime(names[len(text)])
                if len(text) in names
                else str(moment.day).rjust(width, "0")
            )
        case "h":
            hour = (moment.hour + 11) % 12 + 1 if twelve else moment.hour
            return str(hour).rjust(width, "0")
        case "s":
            whole, _, places = text.partition(".")
            second = f"{moment.second}".rjust(len(whole), "0")
            part = f"{seconds % 1:f}".partition(".")[2]
            return f"{second}.{part.ljust(len(places), '0')}" if places else second
        case _:
            return ""
