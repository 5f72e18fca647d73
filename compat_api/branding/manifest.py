"""`manifest.json` of a customization bundle: the files and short texts of each language.

The format is LightRAG's (1.5.7, `UI_TEMPLATES_DIR`). Unknown fields are errors, because a
misspelled field would leave LightRAG's own text in place.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from compat_api.branding import locales


def not_blank(text: str) -> str:
    """Raise ValueError for a blank text."""
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def require_normalized(tag: str) -> str:
    """Raise ValueError for a tag in another form, so that no two tags are equal."""
    if locales.normalize(tag) != tag:
        raise ValueError(f"must be written {locales.normalize(tag)}")
    return tag


NotBlank = Annotated[str, AfterValidator(not_blank)]
Tag = Annotated[str, AfterValidator(locales.normalize)]
WrittenTag = Annotated[str, AfterValidator(require_normalized)]


class Strict(BaseModel):
    """Model without unknown fields."""

    model_config = ConfigDict(extra="forbid")


class Brand(Strict):
    """Defaults for all languages; `null` means no logo."""

    logo: NotBlank | None
    copyright: str | None = None


class LocaleFiles(Strict):
    """Paths of Markdown files in one language, and short texts.

    An omitted `logo` or `copyright` is the brand's; `null` means none.
    """

    welcome: NotBlank
    query_empty: NotBlank
    logo_alt: NotBlank
    login: NotBlank | None = None
    agreements: NotBlank | None = None
    consent_documents: NotBlank | None = None
    logo: NotBlank | None = None
    copyright: str | None = None


class Manifest(Strict):
    """The manifest."""

    schema_version: Literal[1]
    default_locale: Tag
    brand: Brand
    locales: dict[WrittenTag, LocaleFiles] = Field(min_length=1)
    fallbacks: dict[Tag, Annotated[list[Tag], Field(min_length=1)]] | None = None

    @model_validator(mode="after")
    def refers_to_existing_locales(self) -> Manifest:
        """Require that the default and all fallbacks are languages of the manifest."""
        fallbacks = self.fallbacks or {}
        targets = [tag for tags in fallbacks.values() for tag in tags]
        for tag in (self.default_locale, *targets):
            if tag not in self.locales:
                raise ValueError(f"{tag} is not one of the locales")
        return self
