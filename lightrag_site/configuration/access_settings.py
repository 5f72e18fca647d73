"""Who may come in: `config.AccessConfig`."""

from __future__ import annotations

from lightrag_site.configuration import value_types
from lightrag_site.configuration.setting import Setting

ACCESS = (
    Setting(
        "SECRET_KEY",
        "secret_key",
        value_types.TEXT,
        "Signs sessions; the same on every machine of one site.",
        secret=True,
    ),
    Setting(
        "ADMIN_PASSWORD",
        "admin_password",
        value_types.TEXT,
        "Password of the first administrator.",
        secret=True,
    ),
    Setting("ALLOWED_HOSTS", "allowed_hosts", value_types.WORDS, "Host names served."),
    Setting(
        "CSRF_TRUSTED_ORIGINS",
        "csrf_trusted_origins",
        value_types.WORDS,
        "Origins of pages behind a proxy, as https://rag.example.org.",
    ),
    Setting(
        "SECURE_COOKIES",
        "secure_cookies",
        value_types.SWITCH,
        "Send cookies by HTTPS alone, also where a proxy ends it; with SSL they always are.",
    ),
    Setting(
        "AUTH_ACCOUNTS",
        "accounts",
        value_types.ACCOUNTS,
        "Who may log in: `name:password,name:{bcrypt}hash`.",
        secret=True,
    ),
    Setting(
        "REQUIRE_LOGIN",
        "require_login",
        value_types.SWITCH,
        "Let nobody in without a key or a login, be it only of the admin's users.",
    ),
    Setting(
        "TOKEN_SECRET",
        "token_secret",
        value_types.TEXT,
        "Signs login tokens; taken from SECRET_KEY where it is not set.",
        secret=True,
    ),
    Setting(
        "JWT_ALGORITHM",
        "jwt_algorithm",
        value_types.choice("HS256", "HS384", "HS512"),
        "How login tokens are signed; no other is accepted.",
    ),
    Setting(
        "TOKEN_EXPIRE_HOURS",
        "token_hours",
        value_types.HOURS,
        "Hours a login lasts.",
    ),
    Setting(
        "GUEST_TOKEN_EXPIRE_HOURS",
        "guest_token_hours",
        value_types.HOURS,
        "Hours a guest's token lasts.",
    ),
    Setting(
        "TOKEN_AUTO_RENEW",
        "token_auto_renew",
        value_types.SWITCH,
        "Renew the tokens of those who go on working (`X-New-Token`).",
    ),
    Setting(
        "TOKEN_RENEW_THRESHOLD",
        "token_renew_threshold",
        value_types.PART,
        "Part of its time that a token has left when it is renewed.",
    ),
    Setting(
        "LOGIN_MAX_FAILED_ATTEMPTS",
        "login_attempts",
        value_types.whole(0),
        "Failed logins of one address for one name before it must wait; 0 is no limit.",
    ),
    Setting(
        "LOGIN_LOCKOUT_WINDOW_SECONDS",
        "login_window_seconds",
        value_types.whole(1, 86400),
        "Seconds within which they count, and it must wait.",
    ),
    Setting(
        "REQUESTS_PER_MINUTE",
        "requests_per_minute",
        value_types.whole(0),
        "Requests a minute of one key, user or unknown address; 0 is no limit.",
    ),
)
