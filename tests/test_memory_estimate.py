"""The memory that training is estimated to need is the memory of the arrays it allocates."""

import numpy as np
import pytest
from variants import VARIANTS

import w2v
from w2v.kernels.jit import JIT_ENABLED
from w2v.kernels.state import BLOCK
from w2v.text.encoding import EncodedCorpus
from w2v.text.held_out import hold_out
from w2v.text.vocabulary import Vocabulary
from w2v.training.cluster.replica_memory import new_state, replica_needs
from w2v.training.engines.choosing import engine_bytes
from w2v.training.engines.distances import row_distances
from w2v.training.engines.engine import Sizes
from w2v.training.engines.frozen_rows import scaled_shapes
from w2v.training.engines.round_memory import most_rows
from w2v.training.engines.round_shape import RoundShape
from w2v.training.engines.tables import levels_of
from w2v.training.memory_estimate import Beside, bytes_beside, estimated_bytes
from w2v.training.shapes import total_bytes
from w2v.training.trainer import Trainer

# Words and tokens: of one worker and one shard; of eight workers with copies, or four shards.
TEXTS = {"short": (2_000, 20_000), "long": (20_000, 2_200_000)}

pytestmark = pytest.mark.skipif(
    not JIT_ENABLED, reason="the tables of large vocabularies are slow without the compiler"
)


def make_trainer(size, tokens, **settings):
    shares = 1 / np.arange(1, size + 1)
    counts = (shares / shares.sum() * (tokens - size)).astype(np.int64) + 1
    ids = np.repeat(np.arange(size, dtype=np.int32), counts)
    np.random.default_rng(1).shuffle(ids)
    corpus = EncodedCorpus(ids, np.array([0, len(ids)]))
    vocabulary = Vocabulary([f"w{k}" for k in range(size)], counts, len(ids), size)
    return Trainer(corpus, vocabulary, w2v.TrainConfig(workers=8, **settings))


def bytes_held(value, seen):
    """The memory of all arrays that an object holds, each once."""
    if isinstance(value, np.ndarray):
        while isinstance(value.base, np.ndarray):
            value = value.base
        size = value.nbytes
    elif isinstance(value, (tuple, list)):
        return sum(bytes_held(part, seen) for part in value)
    elif type(value).__module__.startswith("w2v"):
        return bytes_held(list(vars(value).values()), seen)
    else:
        return 0
    return 0 if id(value) in seen or seen.append(id(value)) else size


@pytest.fixture(scope="module", params=["lock-free", "deterministic"])
def deterministic(request):
    return request.param == "deterministic"


@pytest.fixture(scope="module", params=TEXTS)
def text(request):
    return TEXTS[request.param]


@pytest.fixture(scope="module", params=VARIANTS, ids="-".join)
def trainer(request, text, deterministic):
    architecture, loss = request.param
    settings = {"architecture": architecture, "loss": loss, "vector_size": 30}
    return make_trainer(*text, deterministic=deterministic, **settings)


def test_an_engine_states_the_memory_that_it_allocates(trainer):
    sizes = Sizes(trainer.weights.size, levels_of(trainer.outputs), trainer.tokens)
    seen = []
    bytes_held([trainer.outputs, trainer.text], seen)  # which are not its own
    held = bytes_held(trainer.engine, seen)
    assert held == pytest.approx(engine_bytes(sizes, trainer.config), abs=500)


@pytest.mark.parametrize("loss", ["negative", "hierarchical"])
def test_it_has_room_for_rounds_that_are_joined(loss):
    settings = {"vector_size": 30, "loss": loss, "deterministic": True, "shards": 4}
    size, tokens = TEXTS["long"]
    once, often = (make_trainer(size, tokens, epochs=epochs, **settings) for epochs in (1, 5))
    for trainer in once, often:
        test_an_engine_states_the_memory_that_it_allocates(trainer)
    blocks = [each.engine.memory.inputs.ends.shape[2] for each in (once, often)]
    assert blocks[0] < blocks[1]


def test_the_estimate_is_that_of_all_arrays(trainer):
    """The depth of a Huffman tree and the lengths of its paths are guessed, and not too small."""
    seen = []
    bytes_held([trainer.text.tokens, trainer.text.sentence_offsets], seen)
    held = bytes_held([trainer.engine, trainer.outputs], seen)
    estimated = estimated_bytes(trainer.weights.size, trainer.config, trainer.tokens, rarest=1)
    assert held < estimated < 1.15 * held


def test_a_shard_of_a_cluster_takes_what_is_said(trainer):
    config, size, levels = trainer.config, trainer.weights.size, levels_of(trainer.outputs)
    shape, seen = RoundShape(8, 2 * BLOCK), []
    distances = row_distances(np.ones(size, dtype=np.int64), config, shape)
    # The weights are not its own.
    bytes_held([trainer.outputs, trainer.engine, list(distances)], seen)
    state = new_state(trainer.weights, distances, trainer.outputs, config, shape)
    # Of so many shards each row is changed, whether they are one more or not.
    many, more = (replica_needs(size, levels, config, shape, own).own for own in (20, 21))
    its_lists = 20 * sum(most_rows(size, levels, config, shape))  # of what it changed
    assert bytes_held(state, seen) + its_lists == pytest.approx(more - many, abs=500)
    assert all(not len(own.holders) for own in state.own)  # nobody there merges by them


def arrays_of(value):
    if isinstance(value, np.ndarray):
        return [value] if value.size else []
    return [each for part in value for each in arrays_of(part)] if isinstance(value, tuple) else []


def test_no_cache_line_has_values_of_two_workers(trainer):
    """Nor does a pair of lines, which many processors load together."""
    owners = {}
    states = trainer.engine.states
    for worker, state in enumerate(states):
        for array in arrays_of(state._replace(own=None)):
            first, last = array.ctypes.data, array.ctypes.data + array.nbytes - 1
            for pair in range(first // 128, last // 128 + 1):
                assert owners.setdefault(pair, worker) == worker
    assert len(set(owners.values())) == len(states)


def test_the_counts_of_two_shards_lie_in_different_pairs_of_lines():
    memory = make_trainer(*TEXTS["long"], deterministic=True, shards=4).engine.memory
    for rows in memory.inputs, memory.outputs:
        assert rows.copies.counts.ctypes.data % 128 == 0
        assert rows.copies.counts.strides[0] % 128 == 0


def test_frozen_rows_are_counted(trainer):
    size, before = trainer.weights.size, bytes_held(trainer.engine, [])
    trainer.freeze(np.arange(size))
    taken = bytes_held(trainer.engine, []) - before
    beside = bytes_beside(size, trainer.config, trainer.tokens, Beside(frozen=True))
    assert taken == pytest.approx(beside, abs=500)
    trainer.freeze(np.zeros(0, dtype=np.int64))


def test_rows_whose_changes_are_scaled_take_as_much_as_is_said(trainer):
    size, before = trainer.weights.size, bytes_held(trainer.engine, [])
    trainer.freeze(np.arange(size), np.full(size, 0.5, dtype=np.float32))
    taken = bytes_held(trainer.engine, []) - before
    states = trainer.engine.states
    inputs, width = len(states[0].buffers.input_rows), trainer.weights.input.shape[1]
    own = total_bytes(scaled_shapes(inputs, width, size))
    assert taken == pytest.approx(len(states) * own + 4 * size, abs=500)
    trainer.freeze(np.zeros(0, dtype=np.int64))


def test_the_ids_held_out_are_counted():
    tokens = np.zeros(100_000, dtype=np.int32)
    corpus = EncodedCorpus(tokens, np.arange(0, 100_001, 100))
    trained, held = hold_out(corpus, 0.2, seed=1)
    config = w2v.TrainConfig(held_out=0.2)
    assert bytes_beside(10, config, 100_000, Beside()) == held.tokens.nbytes
    assert np.shares_memory(trained.tokens, tokens)  # which are moved, not copied
