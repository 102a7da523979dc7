"""Compose: ``compose.yaml``, as its specification has it (https://github.com/compose-spec/compose-spec).

What ``docker compose config`` prints is taken as well: there ``include``, ``extends`` and variables are worked out.
"""
