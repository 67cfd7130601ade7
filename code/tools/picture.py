"""Take the picture of the README and of the first page from the notebook that draws it.

    python code/tools/picture.py

Writes book/_static/path.png: the stored output of the cell tagged "picture" in
book/first_look.ipynb. Run it after that notebook has been executed again (`make notebooks` does).
"""

import base64
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "book" / "first_look.ipynb"
PICTURE = ROOT / "book" / "_static" / "path.png"


def stored_picture():
    """The PNG that the tagged cell shows, as bytes."""
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        if "picture" in cell["metadata"].get("tags", ()):
            for output in cell["outputs"]:
                if "image/png" in output.get("data", {}):
                    return base64.b64decode(output["data"]["image/png"])
    raise SystemExit(f"{NOTEBOOK}: no executed cell tagged 'picture' with an image")


if __name__ == "__main__":
    PICTURE.write_bytes(stored_picture())
    print(f"wrote {PICTURE.relative_to(ROOT)}")
