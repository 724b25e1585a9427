"""Python's pickles, which gensim's `save` writes. They are recognised, but never read."""

from w2v.formats.record import Format, Sample

_STARTS = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))


def _detect(sample: Sample) -> bool:
    return sample.start.startswith(_STARTS)


FORMAT = Format(
    "pickle",
    detect=_detect,
    refusal=(
        "is a Python pickle, which is never read, because reading one can run any code; if"
        " gensim's save wrote it, load it in gensim and call save_word2vec_format on its vectors"
        " (a model's are model.wv)."
    ),
)
