"""Runs blocks of Python for tests/test_docs.py, each as a script of its own, in one process.

Standard input has a line of JSON for each block, its code; standard output gets one for each, what
it printed and the traceback of an error. What a block writes to standard error goes there. One
process for the blocks of a page spares each of them the imports and the loading of kernels.
"""

import contextlib
import io
import json
import sys
import traceback


def run(code: str) -> dict[str, str]:
    """Run the code of a block; return what it printed, and its error if any."""
    printed, error = io.StringIO(), ""
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(code, "<block>", "exec"), {"__name__": "__main__"})
        except Exception:
            error = traceback.format_exc()
    return {"printed": printed.getvalue(), "error": error}


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
