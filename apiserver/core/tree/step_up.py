"""The step-up challenge (RFC 9470): the token's sign-in is too weak or too old."""

from apiserver.core.http.errors import BEARER, Unauthenticated


class InsufficientAuthentication(Unauthenticated):
    """The caller must sign in again, or more strongly (RFC 9470 section 3).

    The challenge has the parameters for the authorization request.
    """

    def __init__(self, *, max_age: int | None = None, acr: str | None = None) -> None:
        said = "This requires a stronger sign-in."
        if acr is None:
            said = "This requires a more recent sign-in."
        super().__init__(said)
        parameters = [
            BEARER,
            'error="insufficient_user_authentication"',
            f'error_description="{said}"',
        ]
        if acr is not None:
            parameters.append(f'acr_values="{acr}"')
        if max_age is not None:
            parameters.append(f"max_age={max_age}")
        self.headers = (("WWW-Authenticate", ", ".join(parameters)),)
