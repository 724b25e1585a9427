"""Reads a page of HTML for tests: its elements, its texts and the tables of its figures."""

from html.parser import HTMLParser
from xml.etree import ElementTree

_VOID = {"meta", "br", "hr", "img", "link", "input"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.builder = ElementTree.TreeBuilder()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        self.open.append(tag)
        if tag in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> ends another element"
        self.builder.end(tag)

    def handle_data(self, data: str) -> None:
        if self.open:
            self.builder.data(data)


def read_page(html: str) -> ElementTree.Element:
    """Return the root of a page, every element of which is closed."""
    assert html.startswith("<!doctype html>")
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader.builder.close()


def text_of(element: ElementTree.Element) -> str:
    """Return the text in an element."""
    return "".join(element.itertext())


def rows_of(table: ElementTree.Element) -> list[list[str]]:
    """Return the texts of a table's cells."""
    return [[text_of(cell) for cell in row] for row in table.iter("tr")]


def cards(page: ElementTree.Element) -> dict[str, ElementTree.Element]:
    """Return the figures of a page by their titles."""
    found = [each for each in page.iter() if each.get("class") == "card"]
    return {text_of(next(each.iter("h3"))): each for each in found}


def numbers(page: ElementTree.Element, title: str) -> list[list[str]]:
    """Return the table of a figure, without its heading."""
    [table] = cards(page)[title].iter("table")
    return rows_of(table)[1:]


def section(page: ElementTree.Element, title: str) -> ElementTree.Element:
    """Return a section by its heading."""
    [found] = [each for each in page.iter("section") if text_of(each[0]) == title]
    return found
