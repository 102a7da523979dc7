"""Settings of the toy project."""


class SettingsError(Exception):
    """Everything wrong with the config, as one text."""
