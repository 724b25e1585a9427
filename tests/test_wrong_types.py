"""Every public function and method, called with every wrong type for each of its parameters.

It raises a W2VError, or a TypeError with a sentence of ours; or it works.
"""

import inspect
import warnings

import numpy as np
import pytest
from texts import evaluation_sets

import w2v
from w2v.training.config import TrainConfig

WRONG = [
    None, True, 3, -3, 3.5, float("nan"), 10**400, 2 + 1j, "x", "", "a\0b", b"x", [], [3], [None],
    ["x"], [["x"]], (), ("x", 1), {}, {"x": 3}, {3}, object(), print, slice(0, 2), range(2),
    np.array(3), np.array([1.5, 2.5]), np.array(["x"]), np.zeros((2, 2)), np.array([object()]),
    np.int64(3), np.float32(1.5),
]  # fmt: skip
# Python's own sentences begin like this; ours name the argument and say what it must be.
FOREIGN = ("unsupported operand", "expected str", "argument should be", "not supported between")

# Methods that are the library's own, for which callers have no use.
ALIASES = ("products", "words_closer_than")  # for the searches alone, and of closer_than
INTERNAL = {
    "Checkpoint.open_corpus", "Event.restored", "Model.stored", "Training.copied",
    "Training.final_model", "Training.see",
}  # fmt: skip


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """What stands for each parameter while another one is wrong, by its name."""
    directory = tmp_path_factory.mktemp("given")
    questions, pairs = evaluation_sets(directory)
    vectors = w2v.KeyedVectors(list("abcdef"), np.arange(24.0).reshape(6, 4) % 7, range(6, 0, -1))
    vectors.save(directory / "vectors.bin")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = w2v.train([list("abcdef") * 5], **QUICK)
        w2v.train("toy", checkpoint=directory / "checkpoints", **QUICK, max_vocabulary=5)
    model.save(directory / "model.safetensors")
    w2v.find_phrases([["a", "b"]]).save(directory / "phrases.txt")
    index = w2v.build_index(vectors, workers=1)
    index.save(directory / "vectors.bin.index")
    return {
        "directory": directory, "questions": questions, "pairs": pairs, "vectors": vectors,
        "model": model, "index": index,
    }  # fmt: skip


COUNTING = w2v.Counting(read=3, size=None, seconds=1.5)
GOOD_CORPUS = "toy"
QUICK = {"vector_size": 2, "epochs": 1, "min_count": 1, "workers": 1}


def calls(given):
    """Every public function and method, with arguments that it takes."""
    directory, vectors, model = given["directory"], given["vectors"], given["model"]
    path, out = directory / "vectors.bin", directory / "out.bin"
    words = ["a", "b"]
    yield from [
        (w2v.KeyedVectors, {"words": words, "vectors": np.eye(2), "counts": [2, 1]}),
        (w2v.build_index, {"vectors": vectors, "workers": 1}),
        (w2v.walks, {"graph": [("a", "b"), ("b", "c")]}),
        (w2v.check_default_output, {"path": out}),
        (w2v.check_file, {"path": path}),
        (w2v.check_index, {"path": directory / "new.index", "inputs": [path]}),
        (w2v.check_settings, {"window": 5, "evaluate_every": None, "notes": None}),
        (w2v.check_output, {"path": out, "inputs": [path]}),
        (w2v.count_words, {"corpus": [words], "min_count": 1, "workers": 1}),
        (w2v.load_vocabulary, {"path": directory / "words.txt"}),
        (w2v.save_vocabulary, {"path": directory / "words.txt", "vocabulary": {"a": 1}}),
        (w2v.output_formats, {}),
        (w2v.find_phrases, {"corpus": [words], "workers": 1}),
        (w2v.join_phrases, {"corpus": [words], "workers": 1}),
        (w2v.load_phrases, {"path": directory / "phrases.txt"}),
        (w2v.convert, {"source": path, "target": directory / "converted.bin"}),
        (w2v.describe_file, {"path": path}),
        (w2v.evaluate, {"vectors": vectors, "path": given["questions"]}),
        (w2v.check_map_output, {"path": directory / "map.html", "also_read": [path]}),
        (w2v.read_groups, {"paths": [directory / "words.txt"]}),
        (w2v.diagnose, {}),
        (w2v.report, {"runs": [model], "output": directory / "report.html"}),
        (w2v.words_of, {"text": "a b"}),
        (w2v.index_path, {"path": path}),
        (w2v.load, {"path": path}),
        (w2v.load_index, {"path": directory / "vectors.bin.index", "vectors": vectors}),
        (w2v.load_model, {"path": directory / "model.safetensors"}),
        (w2v.ProgressLines, {}),
        (w2v.progress_text, {"event": COUNTING}),
        (w2v.progress_title, {"event": COUNTING}),
        (w2v.speed_text, {"words_per_second": 1.5}),
        (w2v.ProgressLines().show, {"event": None}),
        (w2v.open_corpus, {"sources": ("toy",)}),
        (w2v.read_checkpoint, {"directory": directory / "checkpoints"}),
        (w2v.save, {"model": model, "path": out}),
        (w2v.save_finished, {"model": model, "path": out}),
        (w2v.train, {"corpus": GOOD_CORPUS, **QUICK}),
        (w2v.walks([("a", "b")]).save, {"path": directory / "walks.txt"}),
        (TrainConfig.of, {"settings": {"epochs": 3}}),
        (model.words_of, {"text": "a b"}),
        (model.save, {"path": directory / "out.safetensors"}),
        (given["index"].nearest, {"queries": np.eye(4)[:1], "topn": 1}),
        (given["index"].most_similar, {"vector": [1, 0, 0, 0]}),
        (given["index"].save, {"path": directory / "out.index"}),
        (lambda block_size: list(w2v.open_corpus([words]).blocks(block_size)), {"block_size": 3}),
    ]
    own = {
        "words": words, "ws1": words, "ws2": words, "keys_list": words, "document1": words,
        "document2": words, "keys": words, "positive": words, "wa": "a", "wb": "b", "word": "a",
        "word_or_words": "a", "word_or_vector": "a", "vector": np.ones(4), "vector_1": np.ones(4),
        "vectors_all": np.eye(4), "path": out, "analogies": given["questions"],
        "pairs": given["pairs"], "queries": np.ones(4, dtype=np.float32), "attr": "count",
    }  # fmt: skip
    for name, method in inspect.getmembers(vectors, inspect.ismethod):
        if not name.startswith("_") or name in ("__getitem__", "__contains__"):
            parameters = inspect.signature(method).parameters
            if name not in ALIASES:
                yield method, {key: own.get(key, "b") for key, each in parameters.items()
                               if each.default is each.empty}  # fmt: skip
    yield vectors.cosine_similarities, {name: own[name] for name in ("vector_1", "vectors_all")}


def wrong_calls(function, arguments):
    """Yield (name of a parameter, wrong value) for all parameters of a function."""
    parameters = inspect.signature(function).parameters
    if any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
        parameters = {name: inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY)
                      for name in arguments}  # fmt: skip
    for name, each in parameters.items():
        for value in WRONG:
            yield name, value, each.kind


def test_every_function_and_method_is_called(given):
    called = {getattr(function, "__qualname__", "").rpartition(".")[2]
              for function, _ in calls(given)}  # fmt: skip
    called |= {"map"} if "word_map" in called else set()  # the function's own name
    for name in w2v.__all__:
        thing = getattr(w2v, name)
        if not inspect.isclass(thing):
            assert name in called, f"{name} is new: call it here"
            continue
        for method, _ in inspect.getmembers(thing, inspect.isfunction):
            takes = len(inspect.signature(getattr(thing, method)).parameters) > 1
            is_own = issubclass(thing, (w2v.KeyedVectors, w2v.VectorIndex, w2v.Model))
            if takes and is_own and not method.startswith("_") and method not in ALIASES:
                assert method in called or f"{name}.{method}" in INTERNAL, f"{name}.{method}"


def test_wrong_types_get_a_sentence(given, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", None)
    prepare_text = w2v.training.train.prepare_text

    def read_only_what_is_wrong(corpus, *others):
        """Arguments are checked before the text is read, and training takes time."""
        if str(corpus) == GOOD_CORPUS:
            raise w2v.W2VError("Every argument was taken.")
        return prepare_text(corpus, *others)

    monkeypatch.setattr("w2v.training.train.prepare_text", read_only_what_is_wrong)
    failures, count = [], 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for function, arguments in calls(given):
            for name, value, kind in wrong_calls(function, arguments):
                count += 1
                fault = fault_of(function, arguments, name, value, kind)
                if fault is not None:
                    label = getattr(function, "__qualname__", function)
                    failures.append(f"{label}({name}={value!r}): {fault}")
    assert not failures, f"{len(failures)} of {count}:\n" + "\n".join(failures)
    assert count > 3000


def fault_of(function, arguments, name, value, kind):
    """Return what is wrong with what a call answers; None where nothing is."""
    positional = ()
    named = {**arguments, name: value}
    if kind is inspect.Parameter.VAR_POSITIONAL:
        positional = (named.pop(name),)
    elif "sources" in named:
        positional = named.pop("sources")
    try:
        function(*positional, **named)
    except w2v.W2VError as error:
        message = str(error)
    except TypeError as error:
        message = str(error)
        if any(start in message for start in FOREIGN) or not message.endswith("."):
            return f"TypeError: {message}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    else:
        return None
    return None if len(message) > 15 and message.rstrip().endswith((".", "?", ")")) else message
