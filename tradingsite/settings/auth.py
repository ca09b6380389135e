"""Who may sign in, and how? Django's own users and django-allauth."""

from accounts import defaults
from tradingsite.settings.env import SECURE

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.sign_in.OneAccount"]
PASSWORD_HASHERS = ["accounts.passwords.Argon2id"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.passwords.NotTheirOwn"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": defaults.PASSWORD_LENGTH_MIN},
    },
    {"NAME": "accounts.passwords.NotTooLong"},
    {"NAME": "accounts.passwords.NotCommon"},
    {"NAME": "accounts.passwords.NotOfTheHouse"},
    {"NAME": "accounts.passwords.NotBreached"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
# In PostgreSQL alone: pages stay readable and nobody is signed out when Redis is away.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = round(defaults.SESSION_LASTS.total_seconds())
KNOWN_BROWSER_COOKIE = "__Host-known" if SECURE else "known"

PASSWORD_RESET_TIMEOUT = round(defaults.RESET_LINK_LASTS.total_seconds())

ACCOUNT_ADAPTER = "tradingsite.welcome.WelcomeAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.entrance.SignInForm",
    "signup": "accounts.entrance.SignUpForm",
    "reset_password": "accounts.entrance.ResetForm",
    "add_email": "accounts.entrance.NewAddressForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_USERNAME_MIN_LENGTH = 3
ACCOUNT_USERNAME_VALIDATORS = "accounts.entrance.USERNAME_VALIDATORS"
ACCOUNT_CHANGE_EMAIL = True  # one address a person; a new one replaces it once confirmed
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 0  # accounts/step_up.py alone says how long a proof holds
# Failed sign-ins are counted in accounts/throttle.py; these count what allauth itself does.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": defaults.FAILURES_PER_ACCOUNT,  # wrong codes of a second factor
    "change_password": "5/15m/user",
    "signup": defaults.SIGN_UPS_PER_ADDRESS,
    "reset_password": defaults.RESETS,
}
MFA_ADAPTER = "accounts.second_factor.SecondFactorAdapter"
MFA_FORMS = {
    "activate_totp": "accounts.entrance.TurnOnAppForm",
    "authenticate": "accounts.entrance.SignInCodeForm",
    "reauthenticate": "accounts.entrance.ShowAgainCodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_PASSKEY_LOGIN_ENABLED = True
