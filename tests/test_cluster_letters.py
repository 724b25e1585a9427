"""What workers of one machine show each other in memory, and letters between them."""

import multiprocessing
import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("distributed")

from w2v.training.cluster.inbox import FINISHED, Inbox, Note, Outbox
from w2v.training.cluster.letters import Entries
from w2v.training.cluster.mailbox import Mailbox, Place
from w2v.training.cluster.neighbours import Neighbour, Own
from w2v.training.cluster.shelf import Label, OpenShelf, Shelf
from w2v.training.shapes import Shape

pytestmark = pytest.mark.skipif(
    not hasattr(os, "memfd_create"), reason="files in memory exist on Linux alone"
)


def read_elsewhere(label, found, answers):
    shelf = OpenShelf(label)
    answers.put([shelf.array(each).copy() for each in found])


def test_arrays_are_read_by_another_process():
    shelf = Shelf()
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
    shelf = Shelf()
    reader = OpenShelf(shelf.label)
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
    shelf = Shelf()
    OpenShelf(shelf.label)
    for label in (shelf.label._replace(token=bytes(16)), Label(2**22 + 1, 0, b"")):
        with pytest.raises(OSError, match="file"):
            OpenShelf(label)


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def test_nothing_is_left_of_a_shelf():
    before = open_files()
    shelf = Shelf()
    reader = OpenShelf(shelf.label)
    array = reader.array(shelf.shelved(shelf.empty((4,), np.float32)))
    del shelf, reader
    array[:] = 1  # what was handed out stays
    del array
    assert open_files() == before


PLACE = Place(3, 1, 0, FINISHED)


def test_letters_are_read_where_they_lie():
    mailbox = Mailbox()
    own, reader = Own(Mailbox()), Own(mailbox)
    paper = own.paper(FINISHED)
    rows = paper((2,), np.int32)
    rows[:] = 3, 4
    entries = Entries(1, rows, rows, np.ones(2), np.ones((2, 2)))
    letter = [(entries, paper((0, 5), np.float32))], None
    Neighbour(reader.address).send(PLACE, 1, own.write(FINISHED, letter))
    note = mailbox.collect(PLACE, [1])[0]
    found, nothing = Neighbour(own.address).letter(FINISHED, note)
    entries, empty = found[0]
    assert (entries.shard, empty.shape, nothing) == (1, (0, 5), None)
    np.testing.assert_array_equal(entries.values, np.ones((2, 2)))  # not from the shelf
    rows[0] = 9
    np.testing.assert_array_equal(entries.rows, [9, 4])
    own.close()
    reader.close()


def test_all_of_a_machine_have_their_copies_in_the_memory_of_one():
    own = Own(Mailbox())
    shapes = {name: Shape((rows, 16), np.float32) for name, rows in (("a", 1 << 16), ("b", 3))}
    first, second = own.make_copies(shapes)
    neighbour = Neighbour(own.address)
    neighbour.copies[0][-1] = 5
    second[2] = 7
    assert (first[-1] == 5).all()
    assert (neighbour.copies[1][2] == 7).all()
    own.close()


def notes_of(inbox_process, file, senders):
    outbox = Outbox(inbox_process, file)
    for sender in senders:
        for number in range(500):
            outbox.send(PLACE._replace(round=number), sender, Note(sender, number))


def test_notes_of_several_processes_come_whole_and_in_order():
    found = []
    inbox = Inbox(lambda *note: found.append(note))
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=notes_of, args=(os.getpid(), inbox.file, [sender]))
        for sender in range(3)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    deadline = time.monotonic() + 30
    while len(found) < 1500 and time.monotonic() < deadline:
        time.sleep(0.01)
    inbox.close()
    for each in range(3):
        expected = [(PLACE._replace(round=k), each, Note(each, k)) for k in range(500)]
        assert [note for note in found if note[1] == each] == expected


def test_a_worker_that_is_gone_takes_no_notes():
    reading, writing = os.pipe()
    outbox = Outbox(os.getpid(), writing)
    os.close(reading)
    os.close(writing)
    with pytest.raises(OSError, match="pipe"):
        outbox.send(PLACE, 0, Note(0, 0))


def wait_for_inboxes():
    """Wait until the threads have ended that take notes, and their pipes with them."""
    for thread in threading.enumerate():
        if thread.name == "w2v-inbox":
            thread.join(30)


def test_nothing_is_left_of_a_worker():
    wait_for_inboxes()  # those of other tests
    before = open_files()
    own = Own(Mailbox())
    neighbour = Neighbour(own.address)
    own.close()
    del own, neighbour
    wait_for_inboxes()
    assert open_files() == before
