"""The command line of `lightrag-server`: flags become environment variables.

Therefore flags take precedence over files, and child processes see them.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import sys
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from lightrag_site.configuration import bindings, ignored_settings, value_types
from lightrag_site.configuration.access_settings import ACCESS
from lightrag_site.configuration.ingest_settings import INGEST
from lightrag_site.configuration.model_settings import CHAT, EMBEDDING, RERANK
from lightrag_site.configuration.observability_settings import OBSERVE
from lightrag_site.configuration.query_settings import QUERY
from lightrag_site.configuration.server_settings import SERVER, STORES
from lightrag_site.configuration.setting import Setting
from lightrag_site.configuration.value_types import ValueType

PARTS = ("databases", "worker", "web")


@dataclass(frozen=True, slots=True)
class Arguments:
    """Arguments of the command line that are not settings."""

    parts: tuple[str, ...]
    ignored_flags: tuple[str, ...]


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Print one line without the usage and exit with code 2."""
        sys.stderr.write(f"{self.prog}: {message}. See {self.prog} --help.\n")
        raise SystemExit(2)


def apply(argv: Sequence[str], environ: MutableMapping[str, str]) -> Arguments:
    """Store the flags in `environ`, and remove the aliases of settings that flags set."""
    values = vars(_parser().parse_args(argv))
    for setting in _flagged():
        value = values.get(setting.name)
        if value is not None:
            for alias in setting.aliases:
                environ.pop(alias, None)
            environ[setting.name] = value
    for name in (*bindings.option_types(), "LIGHTRAG_CONFIG"):
        if values.get(name) is not None:
            environ[name] = values[name]
    ignored = (flag for flag in ignored_settings.FLAGS if values[flag] is not None)
    return Arguments(parts=values["only"] or PARTS, ignored_flags=tuple(ignored))


def _parser() -> argparse.ArgumentParser:
    parser = _OneLineParser(
        prog="lightrag-server",
        description="A graph-RAG server on one PostgreSQL. Every flag is also a setting"
        " of the environment, .env, config.ini and the YAML file.",
        allow_abbrev=False,
    )
    version = (
        importlib.metadata.version("lightrag-django") if _installed() else "source"
    )
    parser.add_argument("--version", action="version", version=version)
    parser.add_argument(
        "--config",
        dest="LIGHTRAG_CONFIG",
        metavar="FILE",
        help="YAML file with settings.",
    )
    parser.add_argument(
        "--only",
        type=_parts,
        metavar="PARTS",
        help=f"Start only these parts: {', '.join(PARTS)}.",
    )
    for setting in _flagged():
        _add(parser, setting.flag, setting.name, setting.value_type, setting.help)
    for name, value_type in bindings.option_types().items():
        flag = f"--{name.lower().replace('_', '-')}"
        _add(parser, flag, name, value_type, "Passed to the provider.")
    for flag, reason in ignored_settings.FLAGS.items():
        parser.add_argument(
            flag, dest=flag, nargs="?", const="true", help=f"No effect: {reason}."
        )
    return parser


def _add(
    parser: argparse.ArgumentParser,
    flag: str,
    name: str,
    value_type: ValueType,
    text: str,
) -> None:
    optional: dict[str, Any] = (
        {"nargs": "?", "const": "true"} if value_type is value_types.SWITCH else {}
    )
    parser.add_argument(
        flag,
        dest=name,
        type=_checked(value_type),
        metavar=name,
        help=f"{text} [{name}]".replace("%", "%%"),
        **optional,
    )


def _checked(value_type: ValueType) -> Any:
    def check(text: str) -> str:
        try:
            if text:
                value_type.parse(text)
        except (ValueError, OverflowError):
            message = f"'{text}' is not {value_type.description}"
            raise argparse.ArgumentTypeError(message) from None
        return text

    return check


def _parts(text: str) -> tuple[str, ...]:
    parts = {part.strip() for part in text.split(",")}
    if not parts or parts - set(PARTS):
        raise argparse.ArgumentTypeError(
            f"'{text}' must contain only {', '.join(PARTS)}"
        )
    return tuple(part for part in PARTS if part in parts)


def _flagged() -> list[Setting]:
    tables = (
        *SERVER,
        *STORES,
        *ACCESS,
        *OBSERVE,
        *INGEST,
        *QUERY,
        *CHAT,
        *EMBEDDING,
        *RERANK,
    )
    return [setting for setting in tables if setting.flag]


def _installed() -> bool:
    try:
        importlib.metadata.version("lightrag-django")
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def from_command_line() -> Arguments:
    """Apply the flags of this process to its environment."""
    return apply(sys.argv[1:], os.environ)
