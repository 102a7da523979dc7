"""A load balancer on the internet serves nothing in the clear."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, NotApplicable, Resource, Severity, Stack, StackRule
from .shared import LISTENERS, LOAD_BALANCERS


def _redirects(listener: Resource) -> bool:
    actions = listener.inputs.at("defaultActions").items()
    return bool(actions) and all(
        one.at("type").text() == "redirect" and one.at("redirect", "protocol").text() == "HTTPS" for one in actions
    )


def _check(listener: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
    protocol = listener.inputs.at("protocol")
    if protocol.text() != "HTTP":
        raise NotApplicable
    if _redirects(listener):
        return
    referred = listener.references.get("loadBalancerArn", ())
    balancers = [one for one in stack.of_type(*LOAD_BALANCERS) if one.urn in referred]
    if balancers and all(one.inputs.at("internal").boolean() for one in balancers):
        return
    found = '"HTTP" on a load balancer that is open to the internet'
    if not balancers:
        # Its scheme does not show in an ARN.
        found = '"HTTP" on a load balancer of another stack, which may be open to the internet'
    yield Finding.at(protocol, '"HTTPS", or a default action that redirects to it', found=found)


RULE = StackRule(
    id="aws-alb-http-redirects",
    description="Every plain HTTP listener of an internet-facing load balancer redirects to HTTPS.",
    remediation='Give the listener a default action of type "redirect" with protocol "HTTPS", or a certificate.',
    # What the load balancer serves may be meant for everybody's eyes; the program's author knows.
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    frameworks=(
        "AWS Config: alb-http-to-https-redirection-check",
        "AWS Security Hub: ELB.1",
        "Well-Architected: Security (SEC 9)",
    ),
    applies=LISTENERS.__contains__,
    check=_check,
)
