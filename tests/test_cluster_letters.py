"""What workers of one machine show each other in memory, and letters between them."""

import multiprocessing
import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("distributed")

from w2v.training.cluster import post
from w2v.training.cluster.entries import Entries
from w2v.training.cluster.shelf import Label, Shelved, new_shelf, open_shelf

pytestmark = pytest.mark.skipif(
    not hasattr(os, "memfd_create"), reason="files in memory exist on Linux alone"
)


def read_elsewhere(label, found, answers):
    shelf = open_shelf(label)
    assert shelf is not None
    answers.put([shelf.array(each).copy() for each in found])


def test_arrays_are_read_by_another_process():
    shelf = new_shelf()
    arrays = [
        shelf.empty((3,), np.int32),
        shelf.empty((1 << 16, 50), np.float32),  # more than there was at first
        shelf.empty((2, 2), np.float32),
    ]
    for number, array in enumerate(arrays):
        array[:] = number + 1
    found = [shelf.shelved(array) for array in arrays]
    context = multiprocessing.get_context("spawn")
    answers = context.SimpleQueue()
    process = context.Process(target=read_elsewhere, args=(shelf.label, found, answers))
    process.start()
    for own, other in zip(arrays, answers.get(), strict=True):
        np.testing.assert_array_equal(own, other)
    process.join()
    assert process.exitcode == 0


def test_what_is_written_later_is_seen_also_where_the_shelf_has_grown():
    shelf = new_shelf()
    reader = open_shelf(shelf.label)
    first = shelf.empty((4,), np.float32)
    second = shelf.empty((1 << 20,), np.float32)
    third = shelf.empty((4,), np.float32)
    for array in (first, second, third):
        array[:] = 0
    first[1], third[2] = 5, 7
    np.testing.assert_array_equal(reader.array(shelf.shelved(first)), [0, 5, 0, 0])
    np.testing.assert_array_equal(reader.array(shelf.shelved(third)), [0, 0, 7, 0])
    shelf.clear()
    again = shelf.empty((4,), np.float32)
    again[:] = 9
    np.testing.assert_array_equal(first, again)  # written over


def test_a_shelf_that_is_not_on_this_machine_is_not_opened():
    shelf = new_shelf()
    assert open_shelf(shelf.label) is not None
    assert open_shelf(shelf.label._replace(token=bytes(16))) is None
    assert open_shelf(Label(2**22 + 1, 0, b"")) is None


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def test_nothing_is_left_of_a_shelf():
    before = open_files()
    shelf = new_shelf()
    reader = open_shelf(shelf.label)
    array = reader.array(shelf.shelved(shelf.empty((4,), np.float32)))
    del shelf, reader
    array[:] = 1  # what was handed out stays
    del array
    assert open_files() == before


def test_only_arrays_of_the_shelf_stay_behind():
    shelf = new_shelf()
    own = shelf.empty((2,), np.int32)
    own[:] = 3, 4
    letter = [(Entries(1, own, own, np.ones((2, 2))), shelf.empty((0, 5), np.float32))], "name"
    packed = post._changed(letter, np.ndarray, shelf.shelved)
    assert isinstance(packed[0][0][0], Entries)
    assert isinstance(packed[0][0][0].rows, Shelved)
    assert packed[0][0][0].values is letter[0][0][0].values
    assert packed[0][0][1].shape == (0, 5)
    came = post._changed(packed, Shelved, open_shelf(shelf.label).array)
    np.testing.assert_array_equal(came[0][0][0].rows, [3, 4])
    assert came[1] == "name"
