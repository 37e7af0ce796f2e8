"""Landscapes painted in layers of noise: ridges in haze, dunes, the sea under a low sun."""

import numpy as np
from film import F, blend, colour, develop, field_noise, line_noise, unit_grid


def _glow(light, distance, tint, *, reach, halo, disc, sharpness, strength):
    """A sun: a wide halo and a disc."""
    edge = np.clip((distance - disc) * sharpness, -60, 60)
    light += tint * np.exp(-distance * reach)[..., None] * halo
    light += tint * (1 / (1 + np.exp(edge)))[..., None] * strength


def ridges(
    width,
    height,
    seed,
    top,
    haze,
    near,
    sun=None,
    sun_at=(0.6, 0.42),
    layers=7,
    water=False,
    start=0.42,
    rough=0.5,
):
    """Mountain ridges one behind the other, paler with distance; `water` mirrors them at the foot."""
    x, y = unit_grid(width, height)
    wide = x * width / height
    top, haze, near = colour(top), colour(haze), colour(near)
    light = blend(top, haze, np.clip(y / 0.62, 0, 1)[..., None] ** 0.9)
    clouds = np.clip(field_noise(wide * 1.6 + seed, y * 7, seed, 5) * 0.5 - 0.05, 0, 1)
    clouds = (clouds * np.clip(1 - np.abs(y - 0.25) * 3, 0, 1))[..., None]
    light = blend(light, haze * 1.15, clouds * 0.5)
    if sun:
        distance = np.hypot(wide - sun_at[0] * width / height, y - sun_at[1])
        _glow(light, distance, colour(sun), reach=4.5, halo=0.55, disc=0.055, sharpness=260, strength=1.6)
    for layer in range(layers):
        light = _ridge(
            light, wide, y, layer, layers, seed, (haze, near), (0.30 if water else 0.55), start, rough
        )
    if water:
        _mirror(light, wide, top, seed)
    return develop(light.astype(F), 0.22)


def _ridge(light, wide, y, layer, layers, seed, tones, fall, start, rough):
    haze, near = tones
    depth = layer / (layers - 1)
    height = light.shape[0]
    rise = (0.05 + 0.13 * depth * (1 - 0.35 * depth)) * 0.8
    scale = 2.2 - depth
    line = start + fall * depth**1.3
    line = line - rise * line_noise(wide[0] * scale + seed * 3.1 + layer * 17, seed * 31 + layer, 7, rough)
    below = y - line[None, :]
    tone = blend(near, haze, (1 - depth) ** 1.1)
    texture = (field_noise(wide * 14, y * 26, seed + layer, 4) * 0.08 * depth)[..., None]
    mist = np.clip(below / 0.22, 0, 1)[..., None]
    tone = tone * (1 + texture) * (1 - mist * 0.15) + haze * mist * 0.42 * (1 - depth)
    return blend(light, tone, np.clip(below * height * 0.6, 0, 1)[..., None])


def _mirror(light, wide, top, seed):
    """The lowest 28 % become a lake."""
    height, width = light.shape[:2]
    shore = int(0.72 * height)
    rows = height - shore
    above = light[max(0, shore - rows * 2) : shore][::-1][::2][:rows]
    row = np.arange(len(above))[:, None] / len(above)
    ripples = field_noise(wide[: len(above)] * 3, row * 40 + 0 * wide[: len(above)], seed, 3)
    shift = (ripples * 6 * (0.3 + row)).astype(int)
    columns = np.clip(np.arange(width)[None, :] + shift, 0, width - 1)
    mirrored = above[np.arange(len(above))[:, None], columns]
    light[shore : shore + len(above)] = (
        mirrored * (0.86 - 0.25 * row[..., None]) + top * 0.12 * row[..., None]
    )


def dunes(width, height, seed, sky=("#7aa3b8", "#f0d9b8"), lit="#e0a060", shade="#6b3a2a", layers=6):
    """Dunes with a lit and a shaded side, rippled near by."""
    x, y = unit_grid(width, height)
    wide = x * width / height
    upper, lower, lit, shade = colour(sky[0]), colour(sky[1]), colour(lit), colour(shade)
    light = blend(upper, lower, np.clip(y / 0.45, 0, 1)[..., None])
    chance = np.random.default_rng(seed)
    for layer in range(layers):
        depth, phase = layer / (layers - 1), chance.uniform(0, 9)
        scale = 1.2 - 0.5 * depth
        hills = line_noise(wide[0] * scale + phase, seed + layer, 2, 0.35)
        below = y - (0.36 + 0.52 * depth**1.15 - (0.05 + 0.10 * depth) * hills)[None, :]
        wind = 0.4 * field_noise(wide * 1.2, y * 2, seed + layer, 2)
        crest = 0.5 + 0.42 * np.sin(below * (7 - 3 * depth) + wide * 2.1 * scale + phase + wind)
        sunny = (1 / (1 + np.exp(-(crest - 0.55) * 26)))[..., None]
        ripples = np.sin((y * 260 + np.sin(wide * 22 + y * 30) * 3) * (1.2 - depth * 0.6))
        ripples = (ripples * 0.035 * depth)[..., None]
        tone = blend(shade * (1 + ripples * 0.6), lit * (1 + ripples), sunny)
        tone = blend(tone, lower, (1 - depth) ** 1.5 * 0.7)
        light = blend(light, tone, np.clip(below * height * 0.7, 0, 1)[..., None])
    return develop(light.astype(F) * 1.05, 0.2)


def sea(width, height, seed, top, haze, water, sun="#ffd9a0", sun_at=0.5):
    """The sea up to a horizon, with the sun's path on it."""
    x, y = unit_grid(width, height)
    wide, horizon, sun = x * width / height, 0.46, colour(sun)
    light = blend(colour(top), colour(haze), np.clip(y / horizon, 0, 1)[..., None] ** 1.4)
    clouds = np.clip(field_noise(wide * 1.1 + 2, y * 9, seed, 6) * 0.7, 0, 1) * np.clip(y / horizon, 0, 1)
    light = blend(light, sun, clouds[..., None] * 0.55)
    across = wide - sun_at * width / height
    _glow(
        light,
        np.hypot(across, y - horizon + 0.09),
        sun,
        reach=5,
        halo=0.8,
        disc=0.045,
        sharpness=300,
        strength=2,
    )
    near = np.clip((y - horizon) / (1 - horizon), 0.0001, 1)
    far = 1 / (near + 0.04)
    swell = field_noise(wide * 2.2 * far, far * 7, seed + 3, 4)
    glitter = field_noise(wide * 5 * far, far * 16, seed + 5, 3)
    surface = colour(haze) * (1 - near[..., None] ** 0.5) * 0.8 + colour(water) * near[..., None] ** 0.5
    surface = surface * (1 + swell[..., None] * 0.22)
    path = np.exp(-((across / (0.06 + 0.28 * near)) ** 2)) * np.clip(glitter * 1.2 + 0.1, 0, 1)
    surface = surface + sun * path[..., None] * 1.3
    return develop(np.where((y > horizon)[..., None], surface, light).astype(F), 0.24)
