"""Maps: words on a plane, as a page to explore or as a picture.

In reading order: `layout` places the words, `groups` colours them, `word_map` holds what a map
shows, and `outputs` writes it by the suffix of the file: `page` makes the HTML page from the parts
in `page/`, `picture` draws PNG and SVG. The words and their neighbours come from
`w2v.vectors.mapping`; nothing here knows how vectors are searched.
"""
