"""Still lifes and walls with arches: signed distance fields, marched by rays, lit through a window.

A scene is a function of points (n x 3) that gives one array of distances for each thing in it; `materials` has, in the
same order, a colour or a function of points.
"""

from dataclasses import dataclass, field

import numpy as np
from film import F, blend, colour, develop, ease


def point(*numbers):
    return np.array(numbers, F)


def unit(vector):
    vector = np.array(vector, F)
    return vector / np.linalg.norm(vector)


# Things


def ball(p, centre, radius):
    return np.sqrt(((p - point(*centre)) ** 2).sum(-1)) - radius


def block(p, centre, half, rounding=0.0):
    q = np.abs(p - point(*centre)) - point(*half)
    return np.sqrt((np.maximum(q, 0) ** 2).sum(-1)) + np.minimum(q.max(-1), 0) - rounding


def rod(p, start, end, radius):
    start, end = point(*start), point(*end)
    along = end - start
    share = np.clip(((p - start) @ along) / (along @ along), 0, 1)
    return np.sqrt(((p - start - share[..., None] * along) ** 2).sum(-1)) - radius


def turned(p, foot, profile, height, step=0.55):
    """A body of revolution; `profile` gives its radius at each height. Distances are shortened for safety."""
    q = p - point(*foot)
    y = np.clip(q[..., 1], 0, height)
    out = np.sqrt(q[..., 0] ** 2 + q[..., 2] ** 2) - profile(y)
    over = np.abs(q[..., 1] - height / 2) - height / 2
    return np.where(over > 0, np.sqrt(np.maximum(out, 0) ** 2 + over**2), np.maximum(out, over)) * step


def melted(one, other, width):
    """Two things as one, with a soft joint."""
    share = np.clip(0.5 + 0.5 * (other - one) / width, 0, 1)
    return other * (1 - share) + one * share - width * share * (1 - share)


def pear(p, centre, scale=1.0, tilt=0.0):
    """Its body and its stem."""
    centre = point(*centre)
    top = centre + point(tilt * 0.5, 0.42, 0) * scale
    body = melted(ball(p, centre, 0.34 * scale), ball(p, top, 0.17 * scale), 0.28 * scale)
    stem_end = top + point(0.07 + tilt * 0.3, 0.34, 0) * scale
    return body, rod(p, top + point(0, 0.14, 0) * scale, stem_end, 0.018 * scale)


def bowl(p, centre, radius, wall=0.035):
    q = p - point(*centre)
    return np.maximum(np.abs(np.sqrt((q**2).sum(-1)) - radius) - wall, q[..., 1])


def vase_profile(y):
    return 0.16 + 0.26 * np.sin(np.clip(y / 1.25, 0, 1) * 2.7) ** 1.4 + 0.05 * np.clip((y - 1.2) / 0.3, 0, 1)


def bottle_profile(y):
    return np.where(y < 0.8, 0.24, 0.24 - 0.17 * np.clip((y - 0.8) / 0.22, 0, 1) ** 0.8) + 0.02 * (y > 1.42)


# Light


@dataclass
class Shot:
    """A camera, a light and the things before them."""

    scene: object
    materials: list
    gloss: list
    camera: tuple
    target: tuple
    lens: float
    sun: tuple
    sun_colour: tuple
    ambient: tuple
    sky: tuple
    window: object = None
    water: int | None = None
    far: float = 24
    softness: float = 7
    exposure: float = 1.0
    sun_direction: np.ndarray = field(init=False)

    def __post_init__(self):
        self.sun_direction = unit(self.sun)
        self.ambient = tuple(map(colour, self.ambient))
        self.sky = tuple(map(colour, self.sky))

    def nearest(self, p):
        return np.min(np.stack(self.scene(p)), 0)

    def sky_at(self, rays):
        return blend(self.sky[0], self.sky[1], np.clip(rays[:, 1:2] * 1.6 + 0.12, 0, 1))


def window(across, up, width=3.0, height=3.0, rows=3, columns=2, soft=0.12, leak=0.10):
    """The share of sunlight that comes through a window with glazing bars in the wall at x = -3.2."""

    def share(p, sun):
        q = p + sun * ((-3.2 - p[:, 0]) / sun[0])[:, None]
        u, v = (q[:, 2] - across) / width + 0.5, (q[:, 1] - up) / height + 0.5
        inside = (u > 0) & (u < 1) & (v > 0) & (v < 1)
        edges = [np.clip(np.clip(s / soft, 0, 1) * np.clip((1 - s) / soft, 0, 1) * 1.6, 0, 1) for s in (u, v)]
        bars = [np.clip((0.5 - np.abs((s * n) % 1 - 0.5)) / 0.06, 0, 1) for s, n in ((u, columns), (v, rows))]
        return leak + (1 - leak) * np.where(inside, edges[0] * edges[1], 0) * bars[0] * bars[1]

    return share


def march(shot, origins, rays, steps=90):
    """How far each ray goes before it meets a thing, or `far` and more."""
    travelled = np.full(len(rays), 0.02, F)
    live = np.arange(len(rays))
    for _ in range(steps):
        gap = shot.nearest(origins[live] + rays[live] * travelled[live, None])
        travelled[live] += gap
        live = live[(gap > 0.0008 * travelled[live]) & (travelled[live] < shot.far)]
        if not len(live):
            break
    return travelled


def shade(shot, origins, rays, travelled, mirrors=True):
    """The colour that each ray brings home."""
    light = shot.sky_at(rays)
    hit = np.where(travelled < shot.far * 0.98)[0]
    if not len(hit):
        return light
    p = origins[hit] + rays[hit] * travelled[hit, None]
    which = np.stack(shot.scene(p)).argmin(0)
    normal = _normals(shot, p)
    seen = _lit(shot, p, rays[hit], normal, which)
    if shot.water is not None and mirrors:
        _reflect(shot, seen, p, rays[hit], which)
    fog = np.clip((travelled[hit] - shot.far * 0.35) / (shot.far * 0.65), 0, 1)[:, None] ** 1.5
    light[hit] = blend(seen, light[hit], fog)
    return light


def _lit(shot, p, rays, normal, which):
    sun, sun_colour = shot.sun_direction, point(*shot.sun_colour)
    paint = _paint(shot, p, which)
    shadow, openness = _shadow(shot, p + normal * 0.01), _openness(shot, p, normal)
    through = shot.window(p, sun) if shot.window else 1.0
    direct = np.clip(normal @ sun, 0, 1) * shadow * through
    up = normal[:, 1:2]
    ambient = shot.ambient[0] * (0.5 + 0.5 * up) + shot.ambient[1] * (0.5 - 0.5 * up)
    seen = paint * (direct[:, None] * sun_colour + ambient * openness[:, None])
    half = sun - rays
    half /= np.linalg.norm(half, axis=1, keepdims=True)
    gloss = np.array(shot.gloss, F)[which]
    spark = np.clip((normal * half).sum(1), 0, 1) ** 60 * shadow * through * gloss
    rim = (1 - np.clip(-(normal * rays).sum(1), 0, 1)) ** 4 * gloss * 0.5
    zenith = shot.sky_at(np.array([[0, 0.6, 0]], F))
    return seen + spark[:, None] * sun_colour * 1.5 + rim[:, None] * zenith * openness[:, None]


def _paint(shot, p, which):
    flat = [(0, 0, 0) if callable(material) else material for material in shot.materials]
    paint = np.array(flat, F)[which]
    for number, material in enumerate(shot.materials):
        here = which == number
        if callable(material) and here.any():
            paint[here] = material(p[here])
    return paint


def _normals(shot, p):
    normal = np.zeros_like(p)
    for axis in range(3):
        step = np.zeros(3, F)
        step[axis] = 0.0015
        normal[:, axis] = shot.nearest(p + step) - shot.nearest(p - step)
    return normal / (np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9)


def _shadow(shot, p):
    share, travelled = np.ones(len(p), F), np.full(len(p), 0.03, F)
    for _ in range(34):
        gap = shot.nearest(p + shot.sun_direction * travelled[:, None])
        share = np.minimum(share, np.clip(shot.softness * gap / travelled, 0, 1))
        travelled += np.clip(gap, 0.02, 0.35)
    return ease(share)


def _openness(shot, p, normal):
    """How much of the sky a point sees, guessed from what is near."""
    share = np.ones(len(p), F)
    for number, reach in enumerate((0.05, 0.14, 0.3, 0.55)):
        share -= np.maximum(0, reach - shot.nearest(p + normal * reach)) * (0.9 / (number + 1.2))
    return np.clip(share, 0.12, 1)


def _reflect(shot, seen, p, rays, which):
    wet = np.where(which == shot.water)[0]
    if not len(wet):
        return
    at = p[wet]
    normal = np.tile(point(0, 1, 0), (len(wet), 1))
    normal[:, 0] += 0.012 * np.sin(at[:, 2] * 38 + np.sin(at[:, 0] * 9) * 2)
    normal[:, 2] += 0.02 * np.sin(at[:, 2] * 55 + at[:, 0] * 7)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    bounced = (rays[wet] - 2 * (rays[wet] * normal).sum(1)[:, None] * normal).astype(F)
    start = (at + normal * 0.01).astype(F)
    mirrored = shade(shot, start, bounced, march(shot, start, bounced, 60), mirrors=False)
    seen[wet] = seen[wet] * 0.35 + mirrored * 0.6


def photograph(shot, width, height):
    eye, target = point(*shot.camera), point(*shot.target)
    ahead = unit(target - eye)
    right = unit(np.cross(ahead, [0, 1, 0]))
    up = np.cross(right, ahead)
    x = (np.arange(width, dtype=F) + 0.5) / width * 2 - 1
    y = 1 - (np.arange(height, dtype=F) + 0.5) / height * 2
    x, y = np.meshgrid(x, y)
    ratio, open_ = width / height, np.tan(np.radians(shot.lens) / 2)
    wide, tall = (open_, open_ / ratio) if ratio < 1 else (open_ * ratio, open_)
    rays = ahead + x[..., None] * wide * right + y[..., None] * tall * up
    rays = (rays / np.linalg.norm(rays, axis=-1, keepdims=True)).astype(F).reshape(-1, 3)
    origins = np.tile(eye, (len(rays), 1))
    light = shade(shot, origins, rays, march(shot, origins, rays)).reshape(height, width, 3)
    return develop(light * shot.exposure, 0.16)


# Arrangements


def _vase_and_pears(p):
    one, stem = pear(p, (0.42, 0.33, 0.25), 1, 0.1)
    other, other_stem = pear(p, (1.0, 0.30, -0.1), 0.92, -0.5)
    return [
        turned(p, (-0.55, 0, -0.25), vase_profile, 1.5, 1.5),
        np.minimum(one, other),
        np.minimum(stem, other_stem),
        ball(p, (-0.02, 0.15, 0.78), 0.155),
        turned(p, (-1.35, 0, 0.1), bottle_profile, 1.45),
    ]


def _bowl_of_fruit(p):
    fruit, stem = pear(p, (0.15, 0.62, 0.05), 0.8, 0.3)
    return [
        bowl(p, (0, 0.62, 0), 0.62),
        fruit,
        np.minimum(stem, ball(p, (0.33, 0.58, 0.3), 0.2)),
        ball(p, (-0.26, 0.6, 0.1), 0.24),
        ball(p, (0.95, 0.2, 0.45), 0.2),
        turned(p, (-1.15, 0, -0.4), bottle_profile, 1.45),
    ]


def _row_of_bottles(p):
    bottles = [
        turned(p, (x, 0, -0.3 + 0.25 * (n % 2)), bottle_profile, 1.45)
        for n, x in enumerate((-1.05, -0.42, 0.16))
    ]
    vase = turned(p, (0.78, 0, 0.05), vase_profile, 1.3)
    cube = block(p, (1.35, 0.22, 0.2), (0.18, 0.2, 0.18), 0.02)
    return [*bottles, vase, cube, ball(p, (-0.3, 0.17, 0.7), 0.17)]


ARRANGEMENTS = {
    "vase": (_vase_and_pears, lambda body, fruit: [body, fruit, "#3c2a1c", "#a4502e", "#3f5a55"]),
    "bowl": (_bowl_of_fruit, lambda body, fruit: [body, fruit, "#3c2a1c", "#a8432a", "#c57a2e", "#2f4a52"]),
    "bottles": (
        _row_of_bottles,
        lambda body, fruit: ["#c9c3b5", fruit, "#5d7480", body, "#a4502e", "#d8b25a"],
    ),
}


def still(
    width,
    height,
    arrangement="vase",
    light_at=0.0,
    camera=(0, 1.15, 4.6),
    target=(0, 0.62, 0),
    lens=30,
    wall="#8d8f86",
    table="#b9a68a",
    body="#d9d4c6",
    fruit="#b9a23a",
    sun=(-1, 0.62, 0.55),
    sun_colour=(3.0, 2.6, 2.05),
    lit_by_window=True,
):
    """Things on a table before a wall."""
    things, colours = ARRANGEMENTS[arrangement]
    table_colour, wall_colour = colour(table), colour(wall)

    def wood(p):
        grain = 0.5 + 0.5 * np.sin(p[:, 0] * 1.7 + np.sin(p[:, 2] * 23) * 0.25 + p[:, 2] * 41)
        return table_colour * (1 - 0.10 * grain[:, None])

    def plaster(p):
        clouds = 0.5 + 0.5 * np.sin(p[:, 0] * 2.1 + 1.3 * np.sin(p[:, 1] * 1.7 + p[:, 0] * 0.8))
        return wall_colour * (1 - 0.12 * clouds[:, None])

    shot = Shot(
        scene=lambda p: [p[..., 1], 2.2 + p[..., 2], *things(p)],
        materials=[wood, plaster, *map(colour, colours(body, fruit))],
        gloss=[0.03, 0.02, 0.35, 0.18, 0.02, 0.2, 0.5, 0.2],
        camera=camera,
        target=target,
        lens=lens,
        sun=sun,
        sun_colour=sun_colour,
        ambient=("#5b6b80", "#2a2420"),
        sky=("#99aaaa", "#ccdddd"),
        window=window(0.9 + light_at, 2.9) if lit_by_window else None,
    )
    return photograph(shot, width, height)


def _walls(p):
    opening = np.minimum(
        rod(p, (-0.9, 1.2, -2.5), (-0.9, 1.2, 0), 0.62), block(p, (-0.9, 0.4, -1.4), (0.62, 0.8, 1))
    )
    wall = np.maximum(block(p, (-1.2, 1.4, -1.4), (2.2, 1.6, 0.22)), -opening)
    pillar = block(p, (-3.4, 1.2, -0.2), (0.22, 1.5, 0.22))
    treads = [block(p, (0.95, 0.12 + 0.24 * n, -0.35 - 0.32 * n), (0.75, 0.13, 0.34)) for n in range(5)]
    risers = [block(p, (0.95, 0.12 * n, -0.35 - 0.32 * n), (0.75, 0.12 * n + 0.1, 0.17)) for n in range(5)]
    stairs = np.min(np.stack(treads + risers), 0)
    tower = block(p, (1.9, 1.9, -0.4), (0.2, 2.2, 1.6))
    return [p[..., 1], np.minimum(wall, pillar), tower, stairs, ball(p, (-2.2, 0.42, 0.5), 0.42)]


def arch(
    width,
    height,
    wall="#c9694a",
    stairs="#e3b48a",
    tower="#7f3d3a",
    sky=("#e9cfae", "#5d8fb0"),
    sun=(-0.7, 0.75, 0.5),
    camera=(2.2, 1.5, 5.6),
    target=(0, 1.15, 0),
    lens=38,
    water=True,
    exposure=1.0,
):
    """A wall with an arch, stairs and a tower, in still water or on sand."""
    ground = colour("#3f6a70") if water else colour(stairs)
    shot = Shot(
        scene=_walls,
        materials=[ground, colour(wall), colour(tower), colour(stairs), colour("#e8dcc6")],
        gloss=[0.1, 0.02, 0.02, 0.02, 0.1],
        camera=camera,
        target=target,
        lens=lens,
        sun=sun,
        sun_colour=(2.9, 2.5, 2.0),
        ambient=("#8296b4", "#4a3a34"),
        sky=sky,
        water=0 if water else None,
        far=22,
        softness=18,
        exposure=exposure,
    )
    return photograph(shot, width, height)
