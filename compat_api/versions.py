"""The versions whose API the server speaks; clients compare them."""

CORE_VERSION = "1.5.7"
API_VERSION = "0344"
