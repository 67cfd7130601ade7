"""Make code/descent/data/digits.csv.gz again, from the copy of the digits in scikit-learn.

    python -m venv environment && environment/bin/pip install scikit-learn==1.9.1
    environment/bin/python make_digits.py

Nothing else of the course needs scikit-learn. test_data.py holds the file to its checksum.
"""

import gzip
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

FILE = Path(__file__).parents[2] / "descent/data/digits.csv.gz"

if __name__ == "__main__":
    pixels, labels = load_digits(return_X_y=True)
    table = np.column_stack([pixels, labels])
    lines = [",".join(f"{number:.0f}" for number in row) + "\n" for row in table]
    FILE.write_bytes(gzip.compress("".join(lines).encode(), 9, mtime=0))
    print(f"{FILE.name}: {len(lines)} images, {FILE.stat().st_size:,} bytes")
