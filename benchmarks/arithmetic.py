"""The arithmetic of one skip-gram step against OpenBLAS's matrix product, on one core; as JSON.

Started by compare_tasks.py, which sets the threads of BLAS to one. Both are measured in turn, in
cache. One step is that of a centre word: its context words against the word and its noise. Counted
are the pairs of context row and output row, 6·d operations each: 2·d for the score, and 2·d for
each of the two updates.
"""

import json
import statistics
import time
from collections.abc import Callable

import numpy as np

from processes import request
from w2v.kernels.jit import Floats, Int32s, jit
from w2v.kernels.simd import pair_gradients, pair_updates
from w2v.training.shapes import aligned_zeros
from w2v.training.weights import padded_width

MATRIX = 1024  # rows and columns of the product; larger ones are hardly faster
SECONDS = 0.2  # of one measurement


@jit
def steps(
    repeats: int,
    inputs: Floats,
    input_count: int,
    outputs: Floats,
    output_count: int,
    places: Int32s,
    labels: Floats,
    scores: Floats,
    gradients: Floats,
) -> None:
    """Do the arithmetic of one step again and again, with a rate so small that nothing changes."""
    rate = np.float32(1e-30)
    for _ in range(repeats):
        pair_gradients(
            inputs, places, input_count, outputs, places, output_count, labels, rate, scores,
            gradients,
        )  # fmt: skip
        pair_updates(inputs, places, input_count, outputs, places, output_count, gradients)


def step_runner(window: int, negative: int, vector_size: int) -> tuple[Callable[[int], None], int]:
    """Return a function that does so many steps, compiled already, and the pairs of one step."""
    width, room = padded_width(vector_size), 48
    generator = np.random.default_rng(1)
    blocks = [aligned_zeros(room, width) for _ in range(2)]
    for block in blocks:
        block[:, :vector_size] = generator.normal(0, 0.1, (room, vector_size))
    labels = np.ones(room, dtype=np.float32)
    scores, gradients = aligned_zeros(room, room), aligned_zeros(room, room)
    places = np.arange(room, dtype=np.int32)

    def run(repeats: int) -> None:
        steps(
            repeats, blocks[0], window, blocks[1], negative + 1, places, labels, scores, gradients
        )

    run(1)
    return run, window * (negative + 1)


def product_runner() -> Callable[[int], None]:
    """Return a function that multiplies two matrices so many times."""
    generator = np.random.default_rng(1)
    first, second = generator.normal(size=(2, MATRIX, MATRIX)).astype(np.float32)
    target = np.empty_like(first)

    def run(repeats: int) -> None:
        for _ in range(repeats):
            np.matmul(first, second, out=target)

    run(1)
    return run


def rate(run: Callable[[int], None], operations: int) -> float:
    """Return the GFLOP/s of a function over about `SECONDS`."""
    repeats, seconds = 1, 0.0
    while seconds < SECONDS / 4:
        repeats *= 2
        began = time.perf_counter()
        run(repeats)
        seconds = time.perf_counter() - began
    repeats = max(1, int(repeats * SECONDS / seconds))
    began = time.perf_counter()
    run(repeats)
    return repeats * operations / (time.perf_counter() - began) / 1e9


def main() -> None:
    """Measure both in turn, five times, and print the medians."""
    asked = request()
    vector_size = asked["vector_size"]
    run_steps, pairs = step_runner(asked["window"], asked["negative"], vector_size)
    run_product = product_runner()
    step, product = [], []
    for _ in range(5):
        step.append(rate(run_steps, 6 * vector_size * pairs))
        product.append(rate(run_product, 2 * MATRIX**3))
    medians = {"step": statistics.median(step), "sgemm": statistics.median(product)}
    print(json.dumps({"gigaflops": medians, "share": medians["step"] / medians["sgemm"]}))


if __name__ == "__main__":
    main()
