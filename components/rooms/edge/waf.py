"""The web application firewall's rules: pure data for ``aws.wafv2.WebAcl``.

A web ACL cannot be put on an HTTP API, so it stands on the load balancer behind it, where every
request seems to come from the VPC link. The API therefore writes the caller's address into
``CLIENT_ADDRESS_HEADER``, over whatever the caller sent, and the rate limit counts by that header.
Rules that look at the packet's own source address (AWS's IP reputation list) would see only the
link, and are left out.
"""

from __future__ import annotations

from typing import Any

CLIENT_ADDRESS_HEADER = "berth-client-address"
"""Header with the caller's address; the security groups let nobody but the VPC link set it."""

MANAGED_RULES = ("AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesSQLiRuleSet")
"""AWS's managed rule groups: 700 + 200 + 200 of the 1,500 capacity units a web ACL comes with."""


def _visibility(metric: str) -> dict[str, Any]:
    return {"cloudwatch_metrics_enabled": True, "metric_name": metric, "sampled_requests_enabled": True}


def web_acl_rules(rate_limit: int) -> list[Any]:
    """Return the rules of the web ACL.

    Args:
        rate_limit: requests that one address may send in five minutes before it is blocked.
    """
    rules: list[dict[str, Any]] = [
        {
            "name": "rate-limit",
            "priority": 0,
            "action": {"block": {"custom_response": {"response_code": 429}}},
            "statement": {
                "rate_based_statement": {
                    "limit": rate_limit,
                    "evaluation_window_sec": 300,
                    "aggregate_key_type": "FORWARDED_IP",
                    "forwarded_ip_config": {"header_name": CLIENT_ADDRESS_HEADER, "fallback_behavior": "MATCH"},
                }
            },
            "visibility_config": _visibility("rate-limit"),
        }
    ]
    for priority, rule_set in enumerate(MANAGED_RULES, start=1):
        group: dict[str, Any] = {"vendor_name": "AWS", "name": rule_set}
        if rule_set == "AWSManagedRulesCommonRuleSet":
            # It blocks bodies above 8 KiB, which a batch of records exceeds; the service has its own limit.
            group["rule_action_overrides"] = [{"name": "SizeRestrictions_BODY", "action_to_use": {"count": {}}}]
        rules.append(
            {
                "name": rule_set,
                "priority": priority,
                "override_action": {"none": {}},
                "statement": {"managed_rule_group_statement": group},
                "visibility_config": _visibility(rule_set),
            }
        )
    return rules
