"""Settings of authentication and limits: `config_classes.AccessConfig`."""

from __future__ import annotations

from lightrag_site.configuration import value_types
from lightrag_site.configuration.setting import Setting

ACCESS = (
    Setting(
        "SECRET_KEY",
        "secret_key",
        value_types.TEXT,
        "Key that signs sessions; the same on every machine.",
        secret=True,
    ),
    Setting(
        "ADMIN_PASSWORD",
        "admin_password",
        value_types.TEXT,
        "Password of the first administrator.",
        secret=True,
    ),
    Setting(
        "ALLOWED_HOSTS",
        "allowed_hosts",
        value_types.WORDS,
        "Host names that the server accepts.",
    ),
    Setting(
        "CSRF_TRUSTED_ORIGINS",
        "csrf_trusted_origins",
        value_types.WORDS,
        "Origins of the pages behind a proxy, such as https://rag.example.org.",
    ),
    Setting(
        "SECURE_COOKIES",
        "secure_cookies",
        value_types.SWITCH,
        "Send cookies only over HTTPS, if a proxy terminates TLS. Always on with SSL.",
    ),
    Setting(
        "AUTH_ACCOUNTS",
        "accounts",
        value_types.ACCOUNTS,
        "Accounts: `name:password,name:{bcrypt}hash`.",
        secret=True,
    ),
    Setting(
        "REQUIRE_LOGIN",
        "require_login",
        value_types.SWITCH,
        "Require a key or a login, also if only Django users exist.",
    ),
    Setting(
        "TOKEN_SECRET",
        "token_secret",
        value_types.TEXT,
        "Key that signs login tokens; derived from SECRET_KEY if not set.",
        secret=True,
    ),
    Setting(
        "JWT_ALGORITHM",
        "jwt_algorithm",
        value_types.choice("HS256", "HS384", "HS512"),
        "Signature algorithm of login tokens.",
    ),
    Setting(
        "TOKEN_EXPIRE_HOURS",
        "token_hours",
        value_types.HOURS,
        "Lifetime of a login token in hours.",
    ),
    Setting(
        "GUEST_TOKEN_EXPIRE_HOURS",
        "guest_token_hours",
        value_types.HOURS,
        "Lifetime of a guest token in hours.",
    ),
    Setting(
        "TOKEN_AUTO_RENEW",
        "token_auto_renew",
        value_types.SWITCH,
        "Renew tokens while they are used (`X-New-Token`).",
    ),
    Setting(
        "TOKEN_RENEW_THRESHOLD",
        "token_renew_threshold",
        value_types.PART,
        "Renew a token when less than this part of its lifetime is left.",
    ),
    Setting(
        "TOKEN_MAX_HOURS",
        "token_max_hours",
        value_types.whole(0),
        "Hours after a login in which its token is renewed; 0: no limit.",
    ),
    Setting(
        "SESSION_EXPIRE_HOURS",
        "session_hours",
        value_types.HOURS,
        "Hours after which a login on the pages ends.",
    ),
    Setting(
        "LOGIN_MAX_FAILED_ATTEMPTS",
        "login_attempts",
        value_types.whole(0),
        "Failed logins per address and name before logins are rejected; four times as"
        " many for an address, and for a name; 0: no limit.",
    ),
    Setting(
        "LOGIN_LOCKOUT_WINDOW_SECONDS",
        "login_window_seconds",
        value_types.whole(1, 86400),
        "Period in which failed logins count and logins are rejected, in seconds.",
    ),
    Setting(
        "REQUESTS_PER_MINUTE",
        "requests_per_minute",
        value_types.whole(0),
        "Requests per minute of a key, user or anonymous address, pages included; 0: no limit.",
    ),
)
