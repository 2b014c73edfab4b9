"""The descriptions of operations: first of all, who may call them."""

import inspect
import re
import sys
from collections.abc import Mapping

from apiserver.core.endpoints.file_forms import PART
from apiserver.core.endpoints.files import ContentRequest
from apiserver.core.endpoints.services import ApiService
from apiserver.core.http.bodies import FORM, JSON, MULTIPART
from apiserver.core.openapi.operations import Operation
from apiserver.core.openapi.sign_in import security
from apiserver.core.tree.permissions import ADMIN, INTERNAL, Permission, who_may
from apiserver.core.typing import Fragment


def describe(operation: Operation, flows: Mapping[str, Fragment]) -> Fragment:
    """Return the members of the Operation Object except for input and output."""
    summary, _, rest = flowing(operation.view.__doc__).partition("\n")
    paragraphs = [rest.strip(), about_form(operation), about_permission(operation)]
    described: Fragment = {
        "operationId": operation.view.__name__,
        "summary": summary,
        "description": "\n\n".join(filter(None, paragraphs)),
        "produces": [*(operation.files or [JSON]), "application/problem+json"],
        "security": security(operation, flows),
        "x-roles": [str(role) for role in operation.roles],
    }
    if operation.permission is not None:
        described["x-permission"] = operation.permission.label
    described |= operation.demand.described()
    if operation.creates is not None:
        described["x-creates"] = {
            "x-permission": operation.creates.label,
            "x-roles": [str(role) for role in operation.creators],
        }
    if operation.consumes:
        forms = forms_of(operation)
        described["consumes"] = [t for t in operation.consumes if t not in forms]
        if forms:
            described["x-forms"] = forms
    return described


def flowing(docstring: str | None) -> str:
    """Join the lines of each paragraph, since Swagger UI would keep the breaks."""
    text = inspect.cleandoc(docstring or "")
    return re.sub(r"(?<!\n)\n(?=[^\s*-])", " ", text)


def forms_of(operation: Operation) -> list[str]:
    """Return the media types of forms, if another body is accepted, too.

    Swagger can't document both, a body and a form, for one operation.
    """
    forms = [t for t in operation.consumes if t in {FORM, MULTIPART}]
    return forms if len(forms) < len(operation.consumes) else []


def about_form(operation: Operation) -> str:
    forms = forms_of(operation)
    if not forms:
        return ""
    if isinstance(operation.schema, ContentRequest):
        return (
            f"Also accepts a form, `{MULTIPART}`, whose only part `{PART}` is the file."
        )
    return f"Also accepts a form with the same fields: `{'` or `'.join(forms)}`."


def about_permission(operation: Operation) -> str:
    """Describe who may call this, and the permission."""
    permission, roles = operation.permission, operation.roles
    who = who_may(roles)
    sentences = [f"**PERMISSIONS:** {who[0].upper()}{who[1:]}."]
    if permission is None:
        return sentences[0]
    if permission.writes and not {ADMIN, INTERNAL}.issuperset(roles):
        sentences.append("Not for read-only accounts.")
    paragraphs = [" ".join(sentences), about(permission)]
    if operation.creates is not None:
        makers = f"Creates the object if there is none: {who_may(operation.creators)}."
        paragraphs += [makers, about(operation.creates)]
    return "\n\n".join(filter(None, [*paragraphs, about_sign_in(operation)]))


def about_sign_in(operation: Operation) -> str:
    """Describe how the caller must have signed in."""
    max_age, acr = operation.demand
    needs = []
    if max_age is not None:
        needs.append(f"within the last {max_age} seconds")
    if acr is not None:
        needs.append(f"to the authentication context class `{acr}`")
    if not needs:
        return ""
    said = " and ".join(needs)
    return f"Users must have signed in {said}; if not, 401 says so (RFC 9470)."


def about(permission: Permission) -> str:
    """Describe a permission and its scope."""
    said = f"`{permission.label}`: {permission.sentence}"
    scope = permission.scope
    return f"{said} Requires the scope `{scope}`." if scope is not None else said


def tag_description(service: ApiService, tag: str) -> str:
    """Return the description of the feature that declares the service.

    It is the docstring of the package named like the tag, or of the views' module.
    """
    views = [view for method, view, _ in service.definitions if method != "OPTIONS"]
    if not views:
        return ""
    module = views[0].__module__
    package = module.rpartition(".")[0]
    is_feature = package.split(".")[-1] == tag
    about = flowing(sys.modules[package if is_feature else module].__doc__)
    return about.partition("\n\n")[0]
