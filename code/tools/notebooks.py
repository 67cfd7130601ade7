"""Execute notebooks and store them in place, so that a second run changes no byte.

    python code/tools/notebooks.py book/adam/notebook.ipynb ...
    python code/tools/notebooks.py --check book/adam/notebook.ipynb ...    execute, store nothing

Two run at a time. What differs from run to run or from machine to machine is not stored: timing,
the version of the kernel, widget views and widget state (a page that has them would load a
widget manager from a third party). The kernels round alike on old and new processors.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def round_alike():
    """Environment variables that keep a kernel's NumPy to what every processor of a kind can do.

    With AVX-512, say, its powers differ in the last bit from those without, which moves a colour
    by a shade, and a path that rounding decides by much.
    """
    extensions = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    return {"NPY_DISABLE_CPU_FEATURES": " ".join(extensions)} if extensions else {}


def execute(path, check):
    """Execute one notebook and, unless check, store it; returns None, or what went wrong."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        client.execute(env=os.environ | round_alike())
    except CellExecutionError as error:
        return f"{path}: {error}"
    if check:
        print(f"ran {path}", flush=True)
        return None
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(WIDGET_VIEW, None)
    nbformat.write(notebook, path)
    print(f"stored {path}", flush=True)
    return None


def main(names):
    check = "--check" in names
    names = [name for name in names if name != "--check"]
    paths = [Path(name) for name in names]
    missing = [str(path) for path in paths if not path.is_file()]
    if missing or not paths:
        raise SystemExit(f"notebooks.py: no such notebook: {', '.join(missing) or 'none named'}")
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(partial(execute, check=check), paths))
    failures = [failure for failure in results if failure]
    for failure in failures:
        print(failure, file=sys.stderr)
    if failures:
        raise SystemExit(f"{len(failures)} of {len(paths)} notebooks failed and were not stored")


if __name__ == "__main__":
    main(sys.argv[1:])
