"""`manifest.json` of a customisation: which files say what in which language.

LightRAG's format (1.5.7, `UI_TEMPLATES_DIR`); unknown fields are refused, for a field
that is misspelt would leave LightRAG's own words where the customer's should stand.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from compat_api.branding import locales


def not_blank(text: str) -> str:
    """What is said must say something."""
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def normalised(tag: str) -> str:
    """Tags are written as they are normalised, so that no two are the same."""
    if locales.normalised(tag) != tag:
        raise ValueError(f"must be written {locales.normalised(tag)}")
    return tag


Said = Annotated[str, AfterValidator(not_blank)]
Tag = Annotated[str, AfterValidator(locales.normalised)]
WrittenTag = Annotated[str, AfterValidator(normalised)]


class Strict(BaseModel):
    """Nothing but what is named."""

    model_config = ConfigDict(extra="forbid")


class Brand(Strict):
    """What holds for every language that says nothing else; a logo of null is none."""

    logo: Said | None
    copyright: str | None = None


class LocaleFiles(Strict):
    """Paths of Markdown files in one language, and short texts.

    A `logo` or `copyright` that is left out is the brand's, one of null is none.
    """

    welcome: Said
    query_empty: Said
    logo_alt: Said
    login: Said | None = None
    agreements: Said | None = None
    consent_documents: Said | None = None
    logo: Said | None = None
    copyright: str | None = None


class Manifest(Strict):
    """The whole file."""

    schema_version: Literal[1]
    default_locale: Tag
    brand: Brand
    locales: dict[WrittenTag, LocaleFiles] = Field(min_length=1)
    fallbacks: dict[Tag, Annotated[list[Tag], Field(min_length=1)]] | None = None

    @model_validator(mode="after")
    def leads_to_what_is_there(self) -> Manifest:
        """Each fallback, and the default, is a language of the manifest."""
        targets = [one for some in (self.fallbacks or {}).values() for one in some]
        for tag in (self.default_locale, *targets):
            if tag not in self.locales:
                raise ValueError(f"{tag} is none of the locales")
        return self
