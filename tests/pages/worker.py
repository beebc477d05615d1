"""Runs the Python of all pages in one process, so that they share one JVM.

Each line of standard input is JSON: the folder to be in, variables to set, code to run, and whether
a page begins, which starts with no names. Each is answered by one line: what the code printed, and
the traceback of what it raised.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import traceback
import warnings


def main() -> None:
    """Answer until standard input ends."""
    warnings.simplefilter("ignore")
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)  # what the JVM prints is no answer
        names: dict[str, object] = {}
        for line in sys.stdin:
            request = json.loads(line)
            os.chdir(request["folder"])
            os.environ.update(request["variables"])
            if request["new"]:
                names = {"__name__": "__main__"}
            error = None
            with contextlib.redirect_stdout(io.StringIO()) as output:
                try:
                    exec(compile(request["code"], request["name"], "exec"), names)  # noqa: S102 - the page's
                except Exception:  # noqa: BLE001 - the test tells of it
                    error = traceback.format_exc()
            json.dump({"output": output.getvalue(), "error": error}, answers)
            answers.write("\n")
            answers.flush()


if __name__ == "__main__":
    main()
