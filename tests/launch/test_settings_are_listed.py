"""Every variable that the settings read is in .env.example and in the README's table, and nothing else is."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = (ROOT / "playground/settings.py").read_text()


def read_by_the_settings() -> set[str]:
    plain = set(re.findall(r'_read\(\s*"([A-Z_]+)"', SOURCE))
    secret = set(re.findall(r'_secret\(\s*"([A-Z_]+)"', SOURCE))
    assert len(plain) > 15
    assert secret
    return plain | secret | {f"{name}_FILE" for name in secret}


def test_the_example_lists_them_all():
    listed = re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)
    assert sorted(listed) == sorted(read_by_the_settings())


def test_the_readme_lists_them_all():
    listed = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), flags=re.MULTILINE)
    assert sorted(listed) == sorted(read_by_the_settings())
