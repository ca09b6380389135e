"""Which indicator with which parameters does somebody want? `rsi`, `rsi:21`, `macd:12:26:9`."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from core.errors import Code, Refused
from market.studies.catalog import Parameter, Study, find

WISHES_MAX = 20
TEXT_MAX = 12


@dataclass(frozen=True, slots=True)
class Wish:
    """An indicator with every parameter settled."""

    study: Study
    values: tuple[float, ...]

    @property
    def parameters(self) -> dict[str, float]:
        """The settled parameters by name; whole ones are integers."""
        names = (one.name for one in self.study.parameters)
        return dict(zip(names, self.values, strict=True))

    @property
    def is_default(self) -> bool:
        """Whether nothing was changed, so that the values are stored."""
        return self.parameters == self.study.defaults

    @property
    def text(self) -> str:
        """What `parse` reads; only the name where nothing was changed."""
        if self.is_default:
            return self.study.name
        return ":".join([self.study.name, *(f"{value:.{TEXT_MAX}g}" for value in self.values)])


def parse(text: str) -> Wish:
    """One wish: a name and, after colons, as many parameters as wanted, in their order.

    Raises Refused `not_found` for an unknown name and `malformed` for parameters out of bounds.
    """
    name, *given = text.strip().split(":")
    return _settled(find(name), given)


def parse_all(names: str, given: Mapping[str, str]) -> tuple[Wish, ...]:
    """The wishes of a query: `names=rsi,macd`, and `rsi=21` or `macd=12,26,9` beside it.

    Raises Refused as `parse`, and `malformed` for none or too many names.
    """
    texts = [text for text in names.split(",") if text.strip()]
    if not 1 <= len(texts) <= WISHES_MAX:
        raise Refused(Code.MALFORMED, f"`names` lists 1 to {WISHES_MAX} indicators.")
    wishes = []
    for text in texts:
        beside = given.get(text.strip().lower())
        wishes.append(parse(f"{text}:{beside.replace(',', ':')}" if beside else text))
    return tuple(dict.fromkeys(wishes))


def _settled(study: Study, given: list[str]) -> Wish:
    if len(given) > len(study.parameters):
        raise Refused(
            Code.MALFORMED, f"{study.name} takes at most {len(study.parameters)} parameters."
        )
    chosen = [_number(one, text) for one, text in zip(study.parameters, given, strict=False)]
    rest = [_native(one, one.default) for one in study.parameters[len(chosen) :]]
    wish = Wish(study, (*chosen, *rest))
    ordered = [wish.parameters[name] for name in study.rising]
    if any(first >= second for first, second in pairwise(ordered)):
        raise Refused(Code.MALFORMED, f"{study.name}: {' < '.join(study.rising)} is needed.")
    return wish


def _number(parameter: Parameter, text: str) -> float:
    fits = text.isascii() and text.replace(".", "", 1).isdigit() and len(text) <= TEXT_MAX
    value = float(text) if fits else parameter.low - 1
    if not parameter.low <= value <= parameter.high or (parameter.whole and value % 1):
        kind = "a whole number" if parameter.whole else "a number"
        raise Refused(
            Code.MALFORMED,
            f"{parameter.title} is {kind} from {parameter.low:g} to {parameter.high:g}.",
        )
    return _native(parameter, value)


def _native(parameter: Parameter, value: float) -> float:
    return int(value) if parameter.whole else float(value)
