"""Axes: from values to places between 0 and 1, with round numbers to label them."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from w2v.reports.charts import Chart

_TICKS = 5  # about so many on an axis
_WRITTEN_OUT = 1e15  # numbers from here on are shown by their power of ten
_LEAST = 1e-300  # of an axis; a step of less has no power of ten that is a number
_UNITS = ((1e6, " M"), (1e3, " k"))  # for numbers of five digits and more


@dataclass(frozen=True)
class Scale:
    """An axis.

    Attributes
    ----------
    low, high : float
        Its ends.
    ticks : list of float
        The values that are labelled.
    is_logarithmic : bool
        Whether equal factors are equally far apart.
    """

    low: float
    high: float
    ticks: list[float]
    is_logarithmic: bool = False

    def at(self, value: float) -> float:
        """Return the place of a value, 0 to 1."""
        if self.is_logarithmic:
            low, high, value = math.log10(self.low), math.log10(self.high), math.log10(value)
        else:
            low, high = self.low, self.high
        return (value - low) / (high - low)


def scales_of(chart: Chart) -> tuple[Scale, Scale]:
    """Return the horizontal and the vertical axis of a chart."""
    across = [x for curve in chart.curves for x, _ in curve.points]
    upwards = [y for curve in chart.curves for _, y in curve.points]
    if chart.is_logarithmic:
        return logarithmic(across), logarithmic(upwards)
    across += [mark.x for mark in chart.marks]
    return linear([*across, 0.0], has_round_ends=False), linear(upwards + [0.0] * chart.from_zero)


def linear(values: Iterable[float], has_round_ends: bool = True) -> Scale:
    """Return an axis on which all values lie; it may end at labelled values."""
    known = list(values)
    low, high = min(known), max(known)
    if high - low <= max(1e-9 * max(abs(low), abs(high)), _LEAST):  # one value
        around = abs(low) / 10 or 1.0
        low, high = (0.0, high + around) if low == 0 else (low - around, high + around)
    step = _round_step((high - low) / _TICKS)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if has_round_ends:
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        low, high = first * step, last * step
    return Scale(low, high, [number * step for number in range(first, last + 1)])


def logarithmic(values: Iterable[float]) -> Scale:
    """Return a logarithmic axis of whole decades, for values above 0."""
    known = list(values)
    first = math.floor(math.log10(min(known)))
    last = max(first + 1, math.ceil(math.log10(max(known)) - 1e-9))
    apart = -(-(last - first) // 8)
    ticks = [10.0**power for power in range(first, last + 1, apart)]
    return Scale(10.0**first, 10.0**last, ticks, is_logarithmic=True)


def _round_step(step: float) -> float:
    """Return the least of 1, 2, 2.5 and 5 times a power of ten that is no smaller."""
    unit = 10.0 ** math.floor(math.log10(step))
    return next(factor * unit for factor in (1, 2, 2.5, 5, 10) if factor * unit >= step * 0.999)


def labels(scale: Scale, as_percent: bool = False) -> list[str]:
    """Return the text of each tick, with as many decimals as tell them apart."""
    if scale.is_logarithmic:
        return [_written([tick])[0] for tick in scale.ticks]
    if as_percent:
        return [f"{text} %" for text in _written([100 * tick for tick in scale.ticks])]
    return _written(scale.ticks)


def _written(values: list[float]) -> list[str]:
    """Return round numbers as text, all in the same unit and with the same decimals."""
    largest = max(map(abs, values), default=0.0)
    if largest >= _WRITTEN_OUT:
        return [f"{value:.3g}" for value in values]
    unit, suffix = next(
        ((unit, sign) for unit, sign in _UNITS if largest >= unit and largest >= 10_000), (1.0, "")
    )
    texts: list[str] = []
    for decimals in range(9):
        texts = [f"{value / unit:,.{decimals}f}" for value in values]
        read = [float(text.replace(",", "")) * unit for text in texts]
        if all(abs(a - b) <= 1e-6 * largest for a, b in zip(read, values, strict=True)):
            break
    return [text + suffix if value else "0" for text, value in zip(texts, values, strict=True)]


def exact_text(value: float, as_percent: bool = False) -> str:
    """Return a value as a table shows it: whole numbers in full, others to four or more digits."""
    if as_percent:
        return f"{100 * value:.2f} %"
    if abs(value) >= _WRITTEN_OUT:
        return f"{value:.4g}"
    if value == round(value) or abs(value) >= 10_000:
        return f"{value:,.0f}"
    return f"{value:.4f}" if abs(value) >= 0.01 else f"{value:.4g}"
