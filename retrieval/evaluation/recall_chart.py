"""A chart of one measure by mode, with confidence intervals, as SVG."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from retrieval.evaluation.scores import Estimate

LABEL = 130
WIDTH = 400
ROW = 28
MARGIN = 24


def svg(measured: Mapping[str, Mapping[str, Estimate]], measure: str) -> str:
    """Return a bar for each mode; the line at its end is the 95% interval."""
    height = MARGIN * 2 + ROW * len(measured)
    bars = "".join(
        _bar(mode, values[measure], MARGIN + ROW * row)
        for row, (mode, values) in enumerate(measured.items())
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LABEL + WIDTH + 70}" '
        f'height="{height}" font-family="sans-serif" font-size="13">'
        f'<rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="{LABEL}" y="16" fill="#222">{escape(measure)} in %</text>'
        f"{bars}</svg>\n"
    )


def _bar(mode: str, value: Estimate, top: int) -> str:
    middle, end = top + ROW // 2, LABEL + WIDTH * value.mean
    low, high = LABEL + WIDTH * value.low, LABEL + WIDTH * value.high
    return (
        f'<text x="{LABEL - 8}" y="{middle + 4}" text-anchor="end" fill="#222">'
        f"{escape(mode)}</text>"
        f'<rect x="{LABEL}" y="{top + 5}" width="{end - LABEL:.1f}" height="{ROW - 10}" '
        f'fill="#4c78a8"/>'
        f'<path d="M{low:.1f} {middle}H{high:.1f}" stroke="#222"/>'
        f'<text x="{high + 6:.1f}" y="{middle + 4}" fill="#222">{value.mean:.1%}</text>'
    )
