"""w2v: a word2vec engine. It reads text and writes word vectors in a file that every tool reads.

import w2v
model = w2v.train("text8", vector_size=200)
model.vectors.most_similar(positive=["king", "woman"], negative=["man"])
model.vectors.save("text8.bin")
vectors = w2v.load("text8.bin")
"""

import importlib
from typing import TYPE_CHECKING, Any

from w2v.errors import (
    ConfigError,
    CorpusError,
    DivergedError,
    FormatError,
    KeptError,
    MissingWordError,
    OutOfMemoryError,
    W2VError,
)
from w2v.vectors.keyed_vectors import KeyedVectors
from w2v.vectors.loading import load

if TYPE_CHECKING:
    from w2v.diagnosis.diagnose import diagnose
    from w2v.diagnosis.findings import Diagnosis, Finding
    from w2v.formats.writing import output_formats
    from w2v.graphs.walks import Walks, walks
    from w2v.maps.group_files import read_groups
    from w2v.maps.outputs import check_map_output
    from w2v.maps.word_map import WordMap
    from w2v.phrases.corpus import find_phrases, join_phrases
    from w2v.phrases.joined_corpus import JoinedCorpus
    from w2v.phrases.phrases import Phrases, load_phrases
    from w2v.reports.report import report
    from w2v.text.corpus import Corpus, open_corpus
    from w2v.text.words import words_of
    from w2v.training.callbacks import Training, TrainingError, TrainingInterrupted
    from w2v.training.checkpoint import Checkpoint
    from w2v.training.checkpoint_reading import read_checkpoint
    from w2v.training.config import TrainConfig
    from w2v.training.events import (
        Checkpointed,
        Compiling,
        CorpusEncoded,
        Counting,
        DeviceChosen,
        EpochEnded,
        Evaluated,
        Event,
        FindingPhrases,
        Prepared,
        Progress,
        Resumed,
        Started,
        Summary,
        VocabularyCounted,
    )
    from w2v.training.files_used import check_default_output, check_output
    from w2v.training.history import History
    from w2v.training.model import Model, load_model
    from w2v.training.output import save, save_finished
    from w2v.training.progress import ProgressLines, progress_text, progress_title, speed_text
    from w2v.training.train import train
    from w2v.training.vocabularies import count_words, load_vocabulary, save_vocabulary
    from w2v.training.without_effect import check_settings
    from w2v.vectors.checking import FileCheck, check_file
    from w2v.vectors.converting import Conversion, convert
    from w2v.vectors.describing import FileDescription, describe_file
    from w2v.vectors.evaluation import evaluate
    from w2v.vectors.evaluation_scores import AnalogyScores, AnalogySection, SimilarityScores
    from w2v.vectors.index import VectorIndex
    from w2v.vectors.index_building import build_index
    from w2v.vectors.index_storage import check_index, index_path, load_index

__version__ = "0.1.0"

__all__ = [
    "AnalogyScores",
    "AnalogySection",
    "Checkpoint",
    "Checkpointed",
    "Compiling",
    "ConfigError",
    "Conversion",
    "Corpus",
    "CorpusEncoded",
    "CorpusError",
    "Counting",
    "DeviceChosen",
    "Diagnosis",
    "DivergedError",
    "EpochEnded",
    "Evaluated",
    "Event",
    "FileCheck",
    "FileDescription",
    "Finding",
    "FindingPhrases",
    "FormatError",
    "History",
    "JoinedCorpus",
    "KeptError",
    "KeyedVectors",
    "MissingWordError",
    "Model",
    "OutOfMemoryError",
    "Phrases",
    "Prepared",
    "Progress",
    "ProgressLines",
    "Resumed",
    "SimilarityScores",
    "Started",
    "Summary",
    "TrainConfig",
    "Training",
    "TrainingError",
    "TrainingInterrupted",
    "VectorIndex",
    "VocabularyCounted",
    "W2VError",
    "Walks",
    "WordMap",
    "build_index",
    "check_default_output",
    "check_file",
    "check_index",
    "check_map_output",
    "check_output",
    "check_settings",
    "convert",
    "count_words",
    "describe_file",
    "diagnose",
    "evaluate",
    "find_phrases",
    "index_path",
    "join_phrases",
    "load",
    "load_index",
    "load_model",
    "load_phrases",
    "load_vocabulary",
    "open_corpus",
    "output_formats",
    "progress_text",
    "progress_title",
    "read_checkpoint",
    "read_groups",
    "report",
    "save",
    "save_finished",
    "save_vocabulary",
    "speed_text",
    "train",
    "walks",
    "words_of",
]

# Only training needs Numba, which takes 0.5 s to import, and only an index needs usearch. These
# names are therefore imported when they are first used.
_LAZY = {
    "AnalogyScores": "w2v.vectors.evaluation_scores",
    "AnalogySection": "w2v.vectors.evaluation_scores",
    "Checkpoint": "w2v.training.checkpoint",
    "Checkpointed": "w2v.training.events",
    "Compiling": "w2v.training.events",
    "Conversion": "w2v.vectors.converting",
    "Corpus": "w2v.text.corpus",
    "CorpusEncoded": "w2v.training.events",
    "Counting": "w2v.training.events",
    "DeviceChosen": "w2v.training.events",
    "Diagnosis": "w2v.diagnosis.findings",
    "EpochEnded": "w2v.training.events",
    "Evaluated": "w2v.training.events",
    "Event": "w2v.training.events",
    "FileCheck": "w2v.vectors.checking",
    "FileDescription": "w2v.vectors.describing",
    "Finding": "w2v.diagnosis.findings",
    "FindingPhrases": "w2v.training.events",
    "History": "w2v.training.history",
    "JoinedCorpus": "w2v.phrases.joined_corpus",
    "Model": "w2v.training.model",
    "Phrases": "w2v.phrases.phrases",
    "Prepared": "w2v.training.events",
    "Progress": "w2v.training.events",
    "ProgressLines": "w2v.training.progress",
    "Resumed": "w2v.training.events",
    "SimilarityScores": "w2v.vectors.evaluation_scores",
    "Started": "w2v.training.events",
    "Summary": "w2v.training.events",
    "TrainConfig": "w2v.training.config",
    "Training": "w2v.training.callbacks",
    "TrainingError": "w2v.training.callbacks",
    "TrainingInterrupted": "w2v.training.callbacks",
    "VectorIndex": "w2v.vectors.index",
    "VocabularyCounted": "w2v.training.events",
    "Walks": "w2v.graphs.walks",
    "WordMap": "w2v.maps.word_map",
    "build_index": "w2v.vectors.index_building",
    "check_file": "w2v.vectors.checking",
    "check_default_output": "w2v.training.files_used",
    "check_index": "w2v.vectors.index_storage",
    "check_map_output": "w2v.maps.outputs",
    "check_output": "w2v.training.files_used",
    "check_settings": "w2v.training.without_effect",
    "convert": "w2v.vectors.converting",
    "count_words": "w2v.training.vocabularies",
    "describe_file": "w2v.vectors.describing",
    "diagnose": "w2v.diagnosis.diagnose",
    "evaluate": "w2v.vectors.evaluation",
    "find_phrases": "w2v.phrases.corpus",
    "index_path": "w2v.vectors.index_storage",
    "join_phrases": "w2v.phrases.corpus",
    "load_index": "w2v.vectors.index_storage",
    "load_model": "w2v.training.model",
    "load_phrases": "w2v.phrases.phrases",
    "load_vocabulary": "w2v.training.vocabularies",
    "open_corpus": "w2v.text.corpus",
    "output_formats": "w2v.formats.writing",
    "progress_text": "w2v.training.progress",
    "progress_title": "w2v.training.progress",
    "read_checkpoint": "w2v.training.checkpoint_reading",
    "read_groups": "w2v.maps.group_files",
    "report": "w2v.reports.report",
    "save": "w2v.training.output",
    "save_finished": "w2v.training.output",
    "save_vocabulary": "w2v.training.vocabularies",
    "speed_text": "w2v.training.progress",
    "train": "w2v.training.train",
    "walks": "w2v.graphs.walks",
    "words_of": "w2v.text.words",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _LAZY:
        raise AttributeError(f"module 'w2v' has no attribute {name!r}")
    return getattr(importlib.import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
