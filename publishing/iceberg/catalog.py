"""The Iceberg REST catalog: how to get in, and what its refusals mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.exceptions import (
    CommitFailedException,
    ForbiddenError,
    NoSuchNamespaceError,
    OAuthError,
    RESTError,
    UnauthorizedError,
    ValidationException,
)
from requests import RequestException

from ontime.console import first_line
from ontime.errors import OntimeError
from ontime.redaction import without_secrets

if TYPE_CHECKING:
    from pydantic import SecretStr

    from ontime.settings import Settings

S3_SETTINGS: Final = "ONTIME_ICEBERG_S3_ENDPOINT, …_S3_REGION, …_S3_ACCESS_KEY and …_S3_SECRET_KEY"


def connect(settings: Settings) -> RestCatalog:
    """Log in to the catalog.

    Raises:
        OntimeError: If a setting is missing, or the catalog is out of reach or refuses the login or the warehouse.
    """
    if settings.iceberg_uri is None:
        raise OntimeError(
            "give the address of an Iceberg REST catalog, as http://host:8181", where="setting ONTIME_ICEBERG_URI"
        )
    if settings.iceberg_credential is not None and ":" not in settings.iceberg_credential.get_secret_value():
        raise OntimeError("expected id:secret", where="setting ONTIME_ICEBERG_CREDENTIAL")
    if (settings.iceberg_s3_access_key is None) != (settings.iceberg_s3_secret_key is None):
        raise OntimeError(
            "goes with ONTIME_ICEBERG_S3_SECRET_KEY, give both", where="setting ONTIME_ICEBERG_S3_ACCESS_KEY"
        )
    found = {
        "uri": settings.iceberg_uri,
        "warehouse": settings.iceberg_warehouse,
        "credential": _revealed(settings.iceberg_credential),
        "oauth2-server-uri": _token_address(settings),
        "scope": settings.iceberg_oauth2_scope,
        "s3.endpoint": settings.iceberg_s3_endpoint,
        "s3.region": settings.iceberg_s3_region,
        "s3.access-key-id": _revealed(settings.iceberg_s3_access_key),
        "s3.secret-access-key": _revealed(settings.iceberg_s3_secret_key),
    }
    with refusals_told(settings):
        try:
            catalog = RestCatalog("ontime", **{name: value for name, value in found.items() if value is not None})
            catalog.list_namespaces()  # the first question that needs the warehouse to be there
        except (OAuthError, UnauthorizedError, ForbiddenError, RequestException):
            raise
        except (RESTError, NoSuchNamespaceError, ValueError) as error:
            raise OntimeError(
                f"the Iceberg catalog {settings.iceberg_uri} does not offer what was asked for ({_said(error)})",
                remedy="see ONTIME_ICEBERG_WAREHOUSE and ONTIME_ICEBERG_URI",
            ) from error
        return catalog


@contextmanager
def refusals_told(settings: Settings) -> Iterator[None]:
    """Tell what the catalog or the server of its files refuses in one line, with the settings to look at.

    Raises:
        OntimeError: If one of them does.
    """
    name = f"the Iceberg catalog {settings.iceberg_uri}"
    try:
        yield
    except (OAuthError, UnauthorizedError, ForbiddenError) as error:
        raise OntimeError(
            f"{name} refuses the login ({_said(error)})", remedy="see ONTIME_ICEBERG_CREDENTIAL"
        ) from error
    except (CommitFailedException, ValidationException) as error:
        raise OntimeError(
            f"another changed a table meanwhile ({_said(error)})", where=name, remedy="run ontime publish iceberg again"
        ) from error
    except RESTError as error:
        raise OntimeError(f"{name} failed ({_said(error)})", remedy="run ontime publish iceberg again") from error
    except RequestException as error:
        raise OntimeError(_out_of_reach(settings, error)) from error
    except OSError as error:
        raise OntimeError(
            f"files of Iceberg tables cannot be written ({_said(error)})", remedy=f"see {S3_SETTINGS}"
        ) from error


def _token_address(settings: Settings) -> str:
    return settings.iceberg_oauth2_server_uri or f"{str(settings.iceberg_uri).rstrip('/')}/v1/oauth/tokens"


def _out_of_reach(settings: Settings, error: RequestException) -> str:
    where, setting = settings.iceberg_uri, "ONTIME_ICEBERG_URI"
    tokens = settings.iceberg_oauth2_server_uri
    if tokens and error.request and str(error.request.url).startswith(tokens):
        where, setting = tokens, "ONTIME_ICEBERG_OAUTH2_SERVER_URI"
    return f"the Iceberg catalog's server {where} cannot be reached: start it, or see {setting}"


def _revealed(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def _said(error: BaseException) -> str:
    return without_secrets(first_line(error))[:300]
