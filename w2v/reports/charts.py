"""What a report draws: charts of curves, flows and bars, before anything is drawn."""

from dataclasses import dataclass, field

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Curve:
    """A curve of one training.

    Attributes
    ----------
    run : int
        The place of the training among those of the report, which decides the colour.
    name : str
        Its name in the legend.
    points : list of (x, y)
        Finite numbers, in order of x.
    is_dashed, is_marked, is_faint : bool
        Whether the line is dashed, whether each point is marked, and whether the line stays in the
        background.
    """

    run: int
    name: str
    points: Points
    is_dashed: bool = False
    is_marked: bool = False
    is_faint: bool = False


@dataclass(frozen=True)
class Mark:
    """A vertical line at a value of x, with a label."""

    run: int
    x: float
    label: str


@dataclass(frozen=True)
class Chart:
    """Curves on common axes.

    Attributes
    ----------
    title, about : str
        The title, and a sentence or two on what is seen.
    x_name, y_name : str
        The quantities on the axes.
    curves : list of Curve
        None of them is empty.
    marks : list of Mark
        Vertical lines.
    is_logarithmic : bool
        Whether both axes are logarithmic.
    from_zero : bool
        Whether the vertical axis begins at 0.
    as_percent : bool
        Whether y is a share, shown in %.
    """

    title: str
    about: str
    x_name: str
    y_name: str
    curves: list[Curve]
    marks: list[Mark] = field(default_factory=list)
    is_logarithmic: bool = False
    from_zero: bool = False
    as_percent: bool = False


@dataclass(frozen=True)
class Flow:
    """Words that are read, divided by what became of them.

    Attributes
    ----------
    run : int
        The place of the training among those of the report.
    title, about : str
        The title, and a sentence on what is seen.
    total : int
        All words.
    parts : list of (name, int)
        The words of each part; together they are all words.
    rows : list of tuple of str
        The account of each epoch, the first row its heading.
    """

    run: int
    title: str
    about: str
    total: int
    parts: list[tuple[str, int]]
    rows: list[tuple[str, ...]]


@dataclass(frozen=True)
class Bar:
    """A share, 0 to 1, of one training; `about` has the counts behind it."""

    run: int
    share: float
    about: str


@dataclass(frozen=True)
class Bars:
    """Shares in groups: a group for each section, with a bar for each training.

    Attributes
    ----------
    title, about : str
        The title, and a sentence on what is seen.
    groups : list of (name, list of Bar)
        The groups, from the top.
    """

    title: str
    about: str
    groups: list[tuple[str, list[Bar]]]


@dataclass(frozen=True)
class Row:
    """A row of a table: a name, a value for each training, and what it means.

    Attributes
    ----------
    is_different : bool
        Whether the values differ, or the only one is not the default.
    """

    name: str
    values: list[str]
    meaning: str = ""
    is_different: bool = False


@dataclass(frozen=True)
class Neighbours:
    """The nearest neighbours of a word in the vectors of each training.

    Attributes
    ----------
    word : str
        The word.
    lists : list of (int, list of (word, similarity) or None)
        For each training with vectors its place and the neighbours; None without the word.
    """

    word: str
    lists: list[tuple[int, list[tuple[str, float]] | None]]
