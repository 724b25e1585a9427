"""A map of words, which writes itself to a page or a picture."""

from os import PathLike

from w2v.arguments import checked_path
from w2v.maps.contents import MapContents
from w2v.maps.outputs import write_map


class WordMap(MapContents):
    """Words on a plane, near each other where their vectors point the same way.

    `KeyedVectors.map` makes it; its attributes are those of MapContents.
    """

    def __len__(self) -> int:
        return len(self.words)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} words, method={self.method!r})"

    def save(self, path: str | PathLike[str], title: str = "A map of words") -> None:
        """Write the map atomically, as the page or picture that the name of the file implies.

        Parameters
        ----------
        path : str or PathLike
            A name that ends in .html gives a page to explore, which is one file and needs no
            network; .png and .svg give a picture.
        title : str
            The heading of the page or picture.

        Raises
        ------
        ConfigError
            The name has another end.
        W2VError
            A picture needs Matplotlib, which is not installed; or the file cannot be written.
        """
        write_map(self, checked_path("path", path), str(title))
