"""Docker's security options that take a protection away."""


def switches_off(option: str) -> bool:
    """Tell whether a security option switches seccomp, AppArmor, SELinux or no-new-privileges off."""
    plain = option.strip().lower().replace("=", ":")
    return plain.endswith(":unconfined") or plain in ("label:disable", "no-new-privileges:false")
