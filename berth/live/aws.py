"""AWS as the daily commands ask it, and what its refusals mean to who asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final

import boto3
from botocore import exceptions
from botocore.config import Config

from berth.live.errors import AbsentError, LiveError
from berth.live.place import Access

_INVALID: Final = (
    *("InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "AuthFailure"),
    *("InvalidAccessKeyId", "InvalidSignatureException", "IncompleteSignature", "MissingAuthenticationToken"),
)
_DENIED: Final = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
_ABSENT: Final = (
    *("ClusterNotFoundException", "ServiceNotFoundException", "ServiceNotActiveException", "TargetGroupNotFound"),
    *("ResourceNotFoundException", "StateMachineDoesNotExist", "TargetGroupNotFoundException"),
)
_LOG_IN: Final = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.SSOError,
    exceptions.LoginError,
    exceptions.TokenRetrievalError,
    exceptions.NoAuthTokenError,
    exceptions.UnknownCredentialError,
)
_UNREACHED: Final = (exceptions.HTTPClientError, exceptions.EndpointConnectionError)


class Aws:
    """Clients of one stack's region and profile, each made once; they may be used by several threads."""

    def __init__(self, access: Access) -> None:
        """Take the credentials; none is looked for before a call.

        Raises:
            LiveError: The profile does not exist.
        """
        self.access = access
        with explained(access):
            self._session: Any = boto3.Session(region_name=access.region, profile_name=access.profile)
        self._clients: dict[str, Any] = {}
        self._lock = Lock()

    def client(self, service: str) -> Any:
        """Return the client of an AWS service, e.g. ``ecs``."""
        with self._lock:  # making one is not safe among threads
            if service not in self._clients:
                config = Config(connect_timeout=10, read_timeout=30, retries={"mode": "standard", "max_attempts": 4})
                with explained(self.access):
                    self._clients[service] = self._session.client(service, config=config)
            return self._clients[service]

    def call(self, service: str, operation: str, **arguments: Any) -> Any:
        """Call an operation by its Python name, e.g. ``describe_services``.

        Raises:
            AbsentError: What it is about does not exist.
            LiveError: Any other refusal, explained.
        """
        client = self.client(service)
        with explained(self.access):
            return getattr(client, operation)(**arguments)

    def state_machine(self, name: str) -> str:
        """Return a state machine's ARN: the account and partition are those of the credentials."""
        partition, account = self.call("sts", "get_caller_identity")["Arn"].split(":")[1:5:3]
        return f"arn:{partition}:states:{self.access.region}:{account}:stateMachine:{name}"


@contextmanager
def explained(access: Access) -> Iterator[None]:
    """Turn what botocore raises into what to do about it."""
    try:
        yield
    except (exceptions.BotoCoreError, exceptions.ClientError) as error:
        raise _explanation(error, access) from error


def _explanation(error: Exception, access: Access) -> LiveError:
    if isinstance(error, exceptions.ClientError):
        details = error.response.get("Error", {})
        return refusal(str(details.get("Code", "")), str(details.get("Message", "")), error.operation_name, access)
    if isinstance(error, exceptions.ProfileNotFound):
        return LiveError(
            f"There is no AWS profile {access.profile or ''}".rstrip()
            + f" on this machine, which {'aws:profile' if access.profile else 'AWS_PROFILE'} names.\n"
            "`aws configure list-profiles` lists those that are there; `aws configure sso` makes one."
        )
    if isinstance(error, _LOG_IN):
        return LiveError(f"There are no usable AWS credentials: {error}\n{log_in(access)}")
    if isinstance(error, _UNREACHED):
        return LiveError(
            f"AWS is not reached in {access.region}: {error}\n"
            "Check the network, the proxy (HTTPS_PROXY) and aws:region."
        )
    return LiveError(f"AWS cannot be asked: {error}")


def refusal(code: str, message: str, operation: str, access: Access) -> LiveError:
    """Say what AWS's refusal of a call means.

    Args:
        code: AWS's own, e.g. ``AccessDeniedException``.
        message: what AWS says with it.
        operation: the call, e.g. ``DescribeServices``.
        access: how it was asked.
    """
    if "Expired" in code or "expired" in message:
        return LiveError(f"The AWS credentials have expired.\n{log_in(access)}")
    if code in _INVALID:
        return LiveError(f"AWS does not accept the credentials: {message}\n{log_in(access)}")
    if code in _DENIED:
        found = re.search(r"perform: ([\w-]+:\w+)", message)
        return LiveError(
            f"The AWS credentials may not call {found[1] if found else operation}: {message}\n"
            "docs/daily.md lists the rights that each command needs."
        )
    if code in _ABSENT:
        return AbsentError(absence(access, message))
    return LiveError(f"AWS refused {operation} in {access.region} ({code}): {message}")


def absence(access: Access, what: str) -> str:
    """Say that a part of the stack is not up where it was looked for."""
    where = f"in {access.region}" + (f" with the profile {access.profile}" if access.profile else "")
    return (
        f"{what.rstrip('.')}: the stack {access.stack} is not up {where}, or not this part of it.\n"
        f"`pulumi up --stack {access.stack}` makes it; if it is up, these are another account's credentials"
        " (`aws sts get-caller-identity`)."
    )


def log_in(access: Access) -> str:
    """Say how to get credentials."""
    if access.profile:
        return f"Log in: aws sso login --profile {access.profile} (the profile is the stack's aws:profile)."
    return "Log in, e.g. `aws sso login` with AWS_PROFILE set, or set aws:profile in the stack's config."
