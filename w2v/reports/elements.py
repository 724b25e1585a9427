"""Elements of HTML and SVG: a text in them is text, whatever it holds, and never markup."""

from xml.etree import ElementTree

from w2v.characters import printable

Element = ElementTree.Element
Child = Element | str | None


def element(tag: str, *children: Child, **attributes: object) -> Element:
    """Return an element.

    Parameters
    ----------
    tag : str
        Its name.
    *children : Element or str or None
        Its content, in order; None is left out.
    **attributes : object
        Its attributes; `class_` stands for class and `stroke_width` for stroke-width. Those that
        are None are left out.
    """
    made = Element(tag)
    for name, value in attributes.items():
        if value is not None:
            made.set(name.rstrip("_").replace("_", "-"), printable(str(value)))
    for child in children:
        add(made, child)
    return made


def add(parent: Element, child: Child) -> None:
    """Add an element or a text at the end of another element."""
    if isinstance(child, str):
        text = printable(child)
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + text
        else:
            parent.text = (parent.text or "") + text
    elif child is not None:
        parent.append(child)


def style(rules: str) -> Element:
    """Return a style sheet, whose text is not escaped."""
    made = Element("style")
    made.text = rules
    return made


def written(root: Element) -> str:
    """Return a whole page as text."""
    return "<!doctype html>\n" + ElementTree.tostring(root, encoding="unicode", method="html")
