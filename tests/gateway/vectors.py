"""The vendor's contract as data (see its "meta" for where each number comes from)."""

import json
from pathlib import Path

VECTORS = json.loads((Path(__file__).parents[1] / "catalog" / "vectors.json").read_text())
