"""The sizes of a model, from its TOML table `sizes`."""

from __future__ import annotations

from fractions import Fraction

from playground.catalog.sizes import AUTO, Shape, SizeChoice, SizeRule, Tier
from playground.catalog.table import Table


def read_size_rule(table: Table) -> SizeRule:
    """The rule of one model; raises CatalogError for a key that is wrong or that its kind needs."""
    kind = table.word("kind", among=("words", "list", "free"))
    ratio = table.whole_or_none("max_ratio", least=1)
    tiers = tuple(_tier(row) for row in table.tables("tiers", ()))
    rule = SizeRule(
        kind=kind,
        allows_auto=table.flag("allows_auto"),
        default=table.word("default", AUTO),
        shapes=tuple(_shape(row) for row in table.tables("shapes", [])),
        tiers=tiers,
        default_tier=table.word("default_tier", tiers[0].key if tiers else ""),
        table=_size_table(table.tables("ratios", ()), tiers),
        presets=table.sizes("presets", ()),
        step=table.whole("step", 1, least=1),
        min_edge=table.whole("min_edge", 1, least=1),
        max_edge=table.whole("max_edge", 10**9, least=1),
        max_ratio=None if ratio is None else Fraction(ratio),
        min_pixels=table.whole("min_pixels", 1, least=1),
        max_pixels=table.whole("max_pixels", 10**18, least=1),
        experimental_above_pixels=table.whole_or_none("experimental_above_pixels"),
    )
    table.done()
    _check_size_rule(table, rule)
    return rule


def _check_size_rule(table: Table, rule: SizeRule) -> None:
    if rule.kind == "words" and not rule.shapes:
        table.fail("shapes", "missing: kind words needs at least one")
    if rule.kind == "list" and not rule.table:
        table.fail("ratios", "missing: kind list needs at least one")
    if rule.kind == "list" and rule.default_tier not in {tier.key for tier in rule.tiers}:
        table.fail("default_tier", "must be one of the tiers")
    if rule.kind == "free" and (rule.max_edge > 65_536 or not rule.presets):
        table.fail("max_edge", "missing: kind free needs max_edge (up to 65536) and presets")
    for preset in rule.presets:
        if broken := rule.violations(preset):
            table.fail("presets", f"{preset} breaks this rule: {', '.join(broken)}")
    if rule.default != AUTO:
        table.parsed_size("default", rule.default)


def _shape(row: Table) -> Shape:
    phrase = row.word("phrase")
    shape = Shape(
        key=row.word("key"),
        name=row.text("name"),
        phrase=phrase,
        phrases=(phrase, *row.words("also", ())),
        usual=row.size_or_none("usual"),
    )
    row.done()
    return shape


def _tier(row: Table) -> Tier:
    tier = Tier(key=row.word("key"), label=row.text("label"))
    row.done()
    return tier


def _size_table(rows: tuple[Table, ...], tiers: tuple[Tier, ...]) -> tuple[SizeChoice, ...]:
    """The cells by tier, then by ratio in the order of the file."""
    cells: dict[str, list[SizeChoice]] = {tier.key: [] for tier in tiers}
    for row in rows:
        ratio, name = row.word("ratio"), row.text("name")
        if not all(part.isdecimal() and int(part) for part in ratio.split(":")) or ratio.count(":") != 1:
            row.fail("ratio", f"must be a ratio such as 16:9, not {ratio!r}")
        sizes = row.table("sizes")
        for tier in sizes:
            if tier not in cells:
                sizes.fail(tier, f"is no tier; tiers: {', '.join(cells)}")
            cells[tier].append(SizeChoice(tier, ratio, name, sizes.size(tier)))
        row.done()
    return tuple(choice for row_of_tier in cells.values() for choice in row_of_tier)
