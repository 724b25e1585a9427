"""A picture of a map, PNG or SVG, drawn by Matplotlib: points, labels of common words, a legend."""

import io
from typing import Any, NamedTuple

import numpy as np

from w2v.characters import printable
from w2v.drawing import drawing
from w2v.maps.colours import INK, NONE, PAPER, mixed, palette
from w2v.maps.contents import MapContents
from w2v.matrices import Matrix

_INCHES, _DPI = (11.0, 7.6), 150
_CONSIDERED = 1200  # of the commonest words, for labels
_LABEL_SIZES = (7.0, 12.0)  # points, for the rarest word considered and for the commonest
_RISE = 6.0  # pixels from a point to the foot of its label
_GAP = 4.0  # pixels between labels
_LONGEST = 30  # letters of a label
_DRAWN_ONE_BY_ONE = 3000  # points; an SVG of more holds them as one picture, or it gets heavy
_LISTED = 24  # groups in the legend


class _Label(NamedTuple):
    word: int
    size: float  # points
    box: tuple[float, float, float, float]  # left, foot, right and head, in pixels


def picture_of(shown: MapContents, title: str, form: str) -> bytes:
    """Return the picture as the bytes of a file.

    Parameters
    ----------
    shown : MapContents
        The map.
    title : str
        The heading.
    form : {"png", "svg"}
        The format. Letters of an SVG stay text.
    """
    settings = {
        "svg.fonttype": "none",
        "svg.hashsalt": "w2v",  # the same map gives the same file
    }
    with drawing(settings):
        return _saved(_figure(shown, title, form), form)


def _figure(shown: MapContents, title: str, form: str) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=_INCHES, dpi=_DPI, facecolor=PAPER["light"])
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.01, 0.01, 0.77, 0.92))
    axes.set_axis_off()
    axes.set_aspect("equal", adjustable="datalim")
    colours = [NONE["light"], *palette(len(shown.groups.names), "light")]
    _draw_points(axes, shown, colours)
    figure.text(0.02, 0.95, printable(title), fontsize=15, fontweight="bold", color=INK["light"])
    _draw_legend(figure, shown, colours)
    figure.draw_without_rendering()  # settles where a place of the plane lies in pixels
    for label in _labels(shown, axes.transData.transform(shown.positions), figure):
        _draw_label(axes, shown, label, colours, has_halo=form == "png")
    return figure


def _draw_points(axes: Any, shown: MapContents, colours: list[str]) -> None:
    count = len(shown.words)
    least = np.clip(60_000 / count, 3, 24)  # square points
    order = np.arange(count)[::-1]  # common words on top
    axes.scatter(
        *shown.positions[order].T,
        s=(least + 5 * least * _weights(shown) ** 2)[order],
        c=[colours[group + 1] for group in shown.groups.numbers[order]],
        alpha=0.75,
        linewidths=0,
        rasterized=count > _DRAWN_ONE_BY_ONE,
    )
    axes.margins(0.02)


def _weights(shown: MapContents) -> Matrix:
    """How common each word is, from 0 to 1: by the logarithm of its count, or of its rank."""
    ranks = np.arange(len(shown.words))
    common = np.maximum(shown.counts, 1) if shown.counts is not None else 1 / (ranks + 3)
    logarithms = np.log(common)
    span = max(float(np.ptp(logarithms)), 1e-9)
    weights: Matrix = (logarithms - logarithms.min()) / span
    return weights


def _draw_legend(figure: Any, shown: MapContents, colours: list[str]) -> None:
    from matplotlib.lines import Line2D  # noqa: PLC0415

    names = shown.groups.names[:_LISTED]
    dots = [
        Line2D([], [], marker="o", linestyle="", markersize=6, color=colour, markeredgewidth=0)
        for colour in colours[1 : len(names) + 1]
    ]
    listed = [_short(name) for name in names]
    more = len(shown.groups.names) - len(names)
    figure.legend(
        dots, listed, loc="center left", bbox_to_anchor=(0.785, 0.5), frameon=False, fontsize=8,
        labelspacing=0.8, handletextpad=0.3, labelcolor=INK["light"],
        title=f"and {more} more" if more else None,
    )  # fmt: skip


def _labels(shown: MapContents, places: Any, figure: Any) -> list[_Label]:
    """Choose labels, the commonest words first, so that no two overlap."""
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415

    renderer = figure.canvas.get_renderer()
    weights = _weights(shown)[:_CONSIDERED]
    low, high = _LABEL_SIZES
    sizes = low + (high - low) * ((weights - weights[-1]) / max(np.ptp(weights), 1e-9)) ** 1.5
    sizes = np.rint(sizes)  # Matplotlib looks a font up anew for each size
    chosen: list[_Label] = []
    taken = np.empty((0, 4))
    for word, size in enumerate(sizes.tolist()):
        font = FontProperties(size=size)
        text = _short(shown.words[word])
        width, height, _ = renderer.get_text_width_height_descent(text, font, ismath=False)
        x, y = places[word]
        box = (x - width / 2, y + _RISE, x + width / 2, y + _RISE + height)
        if _is_free(box, taken):
            chosen.append(_Label(word, size, box))
            taken = np.vstack([taken, box])
    return chosen


def _is_free(box: tuple[float, float, float, float], taken: Any) -> bool:
    left, foot, right, head = box
    across = (taken[:, 0] < right + _GAP) & (left < taken[:, 2] + _GAP)
    along = (taken[:, 1] < head + _GAP / 2) & (foot < taken[:, 3] + _GAP / 2)
    return not (across & along).any()


def _draw_label(
    axes: Any, shown: MapContents, label: _Label, colours: list[str], has_halo: bool
) -> None:
    """Draw a label; one with a halo would be no text in an SVG, but the outlines of its letters."""
    from matplotlib.patheffects import withStroke  # noqa: PLC0415

    colour = colours[shown.groups.numbers[label.word] + 1]
    axes.annotate(
        _short(shown.words[label.word]),
        shown.positions[label.word],
        xytext=(0, _RISE * 72 / _DPI),
        textcoords="offset points",
        ha="center",
        va="baseline",
        fontsize=label.size,
        fontweight="bold" if label.size > 10 else "normal",
        color=mixed(colour, INK["light"], 0.5),
        path_effects=[withStroke(linewidth=2, foreground=PAPER["light"])] if has_halo else [],
    )


def _short(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


def _saved(figure: Any, form: str) -> bytes:
    stream = io.BytesIO()
    if form == "svg":
        figure.savefig(stream, format="svg", metadata={"Date": None})
        return stream.getvalue()
    from PIL import Image  # noqa: PLC0415  (Matplotlib's own dependency)

    figure.canvas.draw()
    drawn = Image.fromarray(np.asarray(figure.canvas.buffer_rgba())).convert("RGB")
    # 256 colours look the same and take a third of the bytes. By the median cut, which counts
    # pixels, the few of a legend's dot would take the colour of another group.
    palette = drawn.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    palette.save(stream, format="png", optimize=True)
    return stream.getvalue()
