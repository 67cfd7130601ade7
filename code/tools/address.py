"""Write the repository's address where Colab and readers of single notebooks need it.

    make address REPOSITORY=https://github.com/owner/name    where the course lives now
    make address                                             the address as it is, in all notebooks

The address has one home, `repository: url` of _config.yml. A notebook cannot read it in Colab or
on its own, so its first code cell, the same in all, carries a copy. Notebooks that have no such
cell get one.
"""

import re
import sys
from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "_config.yml"
ADDRESS = r"https://github\.com/[\w.-]+/[\w.-]+"
NO_ADDRESS = 'repository = ""'

CELL = """\
# Installs the package of this course where it is missing (the `descent` of PyPI is another).
from importlib.metadata import PackageNotFoundError, version

repository = ""
try:
    version("descent-course")
except PackageNotFoundError:
    if not repository:
        raise ImportError("in the course's folder, run: python -m pip install ./code") from None
    get_ipython().run_line_magic("pip", f"install --quiet git+{repository}#subdirectory=code")
"""


def first_cell(address):
    """The source of the first code cell of every notebook."""
    return CELL.rstrip().replace(NO_ADDRESS, f'repository = "{address}"')


def configured():
    """The address in _config.yml, "" for none."""
    return yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["repository"]["url"]


def configure(address):
    settings = CONFIG.read_text(encoding="utf-8")
    settings, n = re.subn(r'(?m)^  url: ".*"$', f'  url: "{address}"', settings)
    if n != 1:
        raise SystemExit('address.py: _config.yml has no single line `  url: "..."`')
    CONFIG.write_text(settings, encoding="utf-8")


def store(path, address):
    """Give a notebook the first cell with this address; no other cell is touched."""
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if code[0].id != "package":
        cell = nbformat.v4.new_code_cell(id="package", metadata={"tags": ["remove-cell"]})
        notebook.cells.insert(notebook.cells.index(code[0]), cell)
        for n, each in enumerate([cell, *code], start=1):
            each.execution_count = n
            for output in each.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = n
        code = [cell, *code]
    code[0].source = first_cell(address)
    nbformat.write(notebook, path)


def main(arguments):
    address = arguments[0].strip().rstrip("/").removesuffix(".git") if arguments else configured()
    if address and not re.fullmatch(ADDRESS, address):
        raise SystemExit(
            f"make: the address is {address!r}; write REPOSITORY=https://github.com/OWNER/NAME"
        )
    configure(address)
    notebooks = sorted(ROOT.glob("book/**/[!.]*.ipynb"))
    for path in notebooks:
        store(path, address)
    print(f"{len(notebooks)} notebooks install the package from {address or 'nowhere: no address'}")


if __name__ == "__main__":
    main(sys.argv[1:])
