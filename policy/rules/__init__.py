"""The rules: one a module, found by id in ``registry``; nothing here imports Pulumi but ``crossguard``."""
