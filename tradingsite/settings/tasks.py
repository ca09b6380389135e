"""How does Celery run? Redis as broker, late acknowledgement, one queue in hand per thread."""

from tradingsite.settings.database import BROKER_URL

CELERY_BROKER_URL = BROKER_URL
# Results are looked at by nobody; failures are kept for the operations page.
CELERY_RESULT_BACKEND = "tradingsite.results:Failures"
CELERY_RESULT_EXTENDED = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = True
CELERY_RESULT_EXPIRES = 7 * 24 * 3600
CELERY_BEAT_SYNC_EVERY = 20  # tasks sent: the schedule's page is some seconds behind
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600, "socket_timeout": None}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_ROUTES = {"*.quant.*": {"queue": "quant"}}  # heavy work has a process of its own
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "tradingsite.clockwork:Scheduler"
