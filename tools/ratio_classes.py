"""Write static/css/ratios.css: one class for each shape of frame, in hundredths of width / height.

usage: python tools/ratio_classes.py > static/css/ratios.css
"""

import sys

LOWEST, HIGHEST = 33, 300  # the widest ratios that the models draw are 1:3 and 3:1

HEAD = """\
/* Shapes of frames. The policy allows no inline style, so a ratio travels as a class: width / height
   in hundredths. Written by tools/ratio_classes.py; the template filter ratio_class names them. */
@layer utilities {
"""


def stylesheet() -> str:
    rules = (f"  .ar-{n:03d} {{ --ar: {n / 100:g}; }}\n" for n in range(LOWEST, HIGHEST + 1))
    return HEAD + "".join(rules) + "}\n"


if __name__ == "__main__":
    sys.stdout.write(stylesheet())
