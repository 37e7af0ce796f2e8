"""What both kinds of plates share: linear colour, a film-like curve, and noise that is smooth at every scale.

Pictures are arrays of height x width x 3 in linear light; `develop` makes them files' pixels.
"""

import numpy as np
from PIL import Image

F = np.float32


def colour(text):
    """#rrggbb as linear light."""
    text = text.lstrip("#")
    return (np.array([int(text[i : i + 2], 16) for i in (0, 2, 4)], F) / 255) ** 2.2


def unit_grid(width, height):
    """x from 0 to 1 across, y from 0 to 1 down."""
    return np.meshgrid(np.arange(width) / width, np.arange(height) / height)


def blend(under, over, share):
    return under * (1 - share) + over * share


def ease(value):
    return value * value * (3 - 2 * value)


def develop(light, vignette):
    """Darken the corners, bend by a film curve (ACES fit), and turn to eight bits."""
    height, width = light.shape[:2]
    x, y = unit_grid(width, height)
    light = light * (1 - vignette * ((2 * x - 1) ** 2 + (2 * y - 1) ** 2) / 2)[..., None]
    light = np.clip(light, 0, None)
    light = (light * (2.51 * light + 0.03)) / (light * (2.43 * light + 0.59) + 0.14)
    return Image.fromarray((np.clip(light, 0, 1) ** (1 / 2.2) * 255).astype("u1"))


def line_noise(x, seed, octaves=6, fade=0.5):
    """Smooth noise along a line."""
    chance = np.random.default_rng(seed)
    total, strength, scale = np.zeros_like(x), 1.0, 1.0
    for _ in range(octaves):
        table = chance.uniform(-1, 1, 4096)
        at = x * scale + chance.uniform(0, 500)
        cell = np.floor(at).astype(int)
        total += strength * blend(table[cell % 4096], table[(cell + 1) % 4096], ease(at - cell))
        strength, scale = strength * fade, scale * 2
    return total


def field_noise(x, y, seed, octaves=5, fade=0.5):
    """Smooth noise over a plane."""
    chance = np.random.default_rng(seed)
    total, strength, scale = np.zeros_like(x), 1.0, 1.0
    for _ in range(octaves):
        table = chance.uniform(-1, 1, (256, 256))
        at_x, at_y = x * scale + 37, y * scale + 91
        i, j = np.floor(at_x).astype(int), np.floor(at_y).astype(int)
        u, v = ease(at_x - i), ease(at_y - j)
        upper = blend(table[i % 256, j % 256], table[(i + 1) % 256, j % 256], u)
        lower = blend(table[i % 256, (j + 1) % 256], table[(i + 1) % 256, (j + 1) % 256], u)
        total += strength * blend(upper, lower, v)
        strength, scale = strength * fade, scale * 2
    return total
