"""Which indicators are there, what do they mean, and what are their values now?"""

from market.studies.catalog import STUDIES, Output, Parameter, Study, find
from market.studies.wishes import Wish, parse

__all__ = ["STUDIES", "Output", "Parameter", "Study", "Wish", "find", "parse"]
