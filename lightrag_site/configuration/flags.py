"""The command line: every setting with a flag, which then is an environment variable.

So the processes that are started see what was said here, and it wins over all files.
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
from lightrag_site.configuration.value_types import Kind

PARTS = ("databases", "worker", "web")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says beside the settings."""

    parts: tuple[str, ...]
    without_effect: tuple[str, ...]


class _OneLineParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, exit 2; the usage is in `--help`."""
        sys.stderr.write(f"{self.prog}: {message}. See {self.prog} --help.\n")
        raise SystemExit(2)


def apply(argv: Sequence[str], environ: MutableMapping[str, str]) -> Asked:
    """Put the flags into `environ`; a name a flag sets is taken out under its aliases."""
    given = vars(_parser().parse_args(argv))
    for setting in _flagged():
        value = given.get(setting.name)
        if value is not None:
            for alias in setting.aliases:
                environ.pop(alias, None)
            environ[setting.name] = value
    for name in (*bindings.option_kinds(), "LIGHTRAG_CONFIG"):
        if given.get(name) is not None:
            environ[name] = given[name]
    idle = (flag for flag in ignored_settings.FLAGS if given[flag] is not None)
    return Asked(parts=given["only"] or PARTS, without_effect=tuple(idle))


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
        "--config", dest="LIGHTRAG_CONFIG", metavar="FILE", help="YAML."
    )
    parser.add_argument(
        "--only",
        type=_parts,
        metavar="PARTS",
        help=f"Start these alone, for several machines: {', '.join(PARTS)}.",
    )
    for setting in _flagged():
        _add(parser, setting.flag, setting.name, setting.kind, setting.help)
    for name, kind in bindings.option_kinds().items():
        flag = f"--{name.lower().replace('_', '-')}"
        _add(parser, flag, name, kind, "Sent to the provider as it is.")
    for flag, why in ignored_settings.FLAGS.items():
        parser.add_argument(
            flag, dest=flag, nargs="?", const="true", help=f"No effect: {why}."
        )
    return parser


def _add(
    parser: argparse.ArgumentParser, flag: str, name: str, kind: Kind, text: str
) -> None:
    optional: dict[str, Any] = (
        {"nargs": "?", "const": "true"} if kind is value_types.SWITCH else {}
    )
    parser.add_argument(
        flag,
        dest=name,
        type=_checked(kind),
        metavar=name,
        help=f"{text} [{name}]".replace("%", "%%"),
        **optional,
    )


def _checked(kind: Kind) -> Any:
    def check(text: str) -> str:
        try:
            if text:
                kind.parse(text)
        except (ValueError, OverflowError):
            message = f"'{text}' is not {kind.expects}"
            raise argparse.ArgumentTypeError(message) from None
        return text

    return check


def _parts(text: str) -> tuple[str, ...]:
    asked = {part.strip() for part in text.split(",")}
    if not asked or asked - set(PARTS):
        raise argparse.ArgumentTypeError(f"'{text}' is not of {', '.join(PARTS)}")
    return tuple(part for part in PARTS if part in asked)


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


def from_command_line() -> Asked:
    """The flags of this process, put into its environment."""
    return apply(sys.argv[1:], os.environ)
