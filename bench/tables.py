"""Small tables of figures, and the percentiles in them."""

from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of them do not exceed; nan for none."""
    ordered = sorted(values)
    if not ordered:
        return float("nan")
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * len(ordered) * 1000) // 1000) - (share < 1)))]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"


def megabytes(count: float) -> str:
    return f"{count / 1e6:.0f} MB"


def kilobytes(count: float) -> str:
    return f"{count / 1000:.1f} kB"


def verdict(is_met: bool) -> str:
    return "met" if is_met else "MISSED"


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print the rows under their title, first column to the left, figures to the right."""
    cells = [list(map(str, head)), *[list(map(str, row)) for row in rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    print(f"\n{title}")
    for row in cells:
        first = row[0].ljust(widths[0])
        print(
            "  "
            + "  ".join(
                [first, *[cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]]
            )
        )


def note(text: str) -> None:
    print(f"  {text}", flush=True)
