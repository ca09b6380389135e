"""How many digits does a sentence give a figure? As many as people read, and no exponent."""

from decimal import Decimal

READ, APART = 6, 4


def plain(figure: float) -> str:
    """A figure as people read it: six significant digits, without zeros at the end."""
    return format(Decimal(f"{figure:.{READ}g}"), "f")


def price(figure: float) -> str:
    """A price: six significant digits with their zeros, so that prices compared look alike."""
    return format(Decimal(f"{figure:#.{READ}g}"), "f").rstrip(".")


def distance(figure: float) -> str:
    """What lies between two prices, or their averages: four significant digits."""
    return format(Decimal(f"{figure:.{APART}g}"), "f")
