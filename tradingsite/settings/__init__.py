"""Django's settings: everything from the environment, no fork for development."""

from tradingsite.settings.api import *
from tradingsite.settings.auth import *
from tradingsite.settings.console import *
from tradingsite.settings.database import *
from tradingsite.settings.env import *
from tradingsite.settings.logs import *
from tradingsite.settings.mail import *
from tradingsite.settings.news import *
from tradingsite.settings.security import *
from tradingsite.settings.tasks import *
from tradingsite.settings.web import *
