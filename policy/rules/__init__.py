"""The rules: one a module, found by id in ``registry``; only ``crossguard`` and ``servicer`` import Pulumi."""
