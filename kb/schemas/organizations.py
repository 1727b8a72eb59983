"""Aliases of organizations."""

from __future__ import annotations

from marshmallow import fields

from kb.schemas.base import InputSchema, OutputSchema
from kb.schemas.fields import Text, describe
from kb.schemas.pagination import PageQuerySchema
from kb.schemas.query_fields import MAX_NAME_LENGTH

_ALIAS = describe("Another name of the organization, in any script.")
_ORGANIZATION = describe("The name that it stands for, which must not be an alias itself.")


class OrganizationAliasInputSchema(InputSchema):
    """A new alias: both names mean the same organization."""

    alias = Text(MAX_NAME_LENGTH, min_length=1, required=True, metadata=_ALIAS)
    organization = Text(MAX_NAME_LENGTH, min_length=1, required=True, metadata=_ORGANIZATION)


class OrganizationAliasPatchSchema(InputSchema):
    """A change to an alias."""

    alias = Text(MAX_NAME_LENGTH, min_length=1, metadata=_ALIAS)
    organization = Text(MAX_NAME_LENGTH, min_length=1, metadata=_ORGANIZATION)


class OrganizationAliasSchema(OutputSchema):
    """An alias of an organization."""

    id = fields.Integer()
    alias = fields.String()
    alias_key = fields.String(metadata=describe("The key shared by all its spellings."))
    organization = fields.String()
    organization_key = fields.String(metadata=describe("The organization's key in trends and links."))
    created_at = fields.String(metadata={"format": "date-time"})
    version = fields.Integer()


class OrganizationAliasListSchema(OutputSchema):
    """A page of aliases, newest first."""

    items = fields.List(fields.Nested(OrganizationAliasSchema))
    next = fields.String(allow_none=True, metadata=describe("Send it as `cursor`; null on the last page."))


class OrganizationAliasQuerySchema(PageQuerySchema):
    """Which aliases to list."""

    organization = Text(
        MAX_NAME_LENGTH,
        min_length=1,
        metadata=describe("Only aliases of the organization with this name, which may be an alias."),
    )
