"""Checks the translations: `python -m tools.translations`.

Every sentence that code and templates mark is in the .po files, translated and sure of it, and the compiled .mo files,
which are committed because a fresh clone may have no gettext, say the same.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "locale"
GATHER = ["makemessages", "--all", "--no-wrap", "--no-location", "--no-obsolete"]
IGNORE = ["--ignore=.venv", "--ignore=data", "--ignore=tests", "--ignore=bench", "--ignore=tools"]
Key = tuple[str | None, str, str]


def main() -> int:
    """1 when a translation is missing or old, and what to do about it on the way."""
    files = sorted(LOCALE.rglob("*.po"))
    complaints = [complaint for path in files for complaint in (*unsure(path), *badly_compiled(path))]
    complaints += not_gathered(files)
    for complaint in complaints:
        print(complaint)
    return int(bool(complaints))


def unsure(path: Path) -> Iterator[str]:
    messages = polib.pofile(str(path))
    for entry in (*messages.untranslated_entries(), *messages.fuzzy_entries()):
        yield f"{path.relative_to(ROOT)}: not translated: {entry.msgid!r}"


def badly_compiled(path: Path) -> Iterator[str]:
    compiled = path.with_suffix(".mo")
    wanted = {
        key(entry): (entry.msgstr, entry.msgstr_plural)
        for entry in polib.pofile(str(path)).translated_entries()
    }
    found = {}
    if compiled.exists():
        found = {key(entry): (entry.msgstr, entry.msgstr_plural) for entry in polib.mofile(str(compiled))}
    if wanted != found:
        yield f"{compiled.relative_to(ROOT)}: not what the .po file says: run `make messages`"


def not_gathered(files: list[Path]) -> list[str]:
    """Gather anew, compare, and put the files back as they were."""
    before = {path: path.read_bytes() for path in files}
    known = {path: keys(path) for path in files}
    try:
        for domain in sorted({path.stem for path in files}):
            command = [sys.executable, "manage.py", *GATHER, f"--domain={domain}", *IGNORE]
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        return [difference(path, known[path], keys(path)) for path in files if known[path] != keys(path)]
    finally:
        for path, content in before.items():
            path.write_bytes(content)


def difference(path: Path, known: set[Key], gathered: set[Key]) -> str:
    new, gone = [text for _, text, _ in gathered - known], [text for _, text, _ in known - gathered]
    return f"{path.relative_to(ROOT)}: run `make messages`: new {new[:5]}, gone {gone[:5]}"


def keys(path: Path) -> set[Key]:
    return {key(entry) for entry in polib.pofile(str(path)) if not entry.obsolete}


def key(entry: polib.POEntry | polib.MOEntry) -> Key:
    return entry.msgctxt, entry.msgid, entry.msgid_plural or ""


if __name__ == "__main__":
    sys.exit(main())
