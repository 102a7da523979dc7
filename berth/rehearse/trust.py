"""What an image's build needs to know of this machine to reach its package index: certificates, index, mirrors.

Handed over as read-only mounts of the build's steps: no word of it is in the image or in its history, only empty files
where they were mounted. (Proxies need no help: podman itself passes the host's proxy variables to a build, and leaves
them out of the image.)
"""

from __future__ import annotations

import configparser
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

# In the order in which they are heeded; each names a file of certificates.
BUNDLE_VARIABLES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
# Where Debian keeps its bundle, and so where OpenSSL looks inside the image.
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
BUNDLES = (BUNDLE, "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem")
"""Where Debian, Fedora and SUSE keep this machine's."""
AUTHORITIES = ("/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors", "/etc/pki/trust/anchors")
"""Where an administrator adds an authority of one's own, a proxy's above all, in the same order."""
JAVA_AUTHORITIES = "/etc/ssl/certs/java/cacerts"
"""Where Debian keeps those of its JDK, which does not look at the bundle."""
PIP_CONF = "/etc/pip.conf"
UV_TOML = "/etc/uv/uv.toml"
PIP_KEYS = ("index-url", "extra-index-url", "trusted-host")


@dataclass(frozen=True)
class BuildTrust:
    """Files for the build's steps to see."""

    bundle: str | None = None
    """This machine's certificates, if it does not go with the usual ones."""
    files: Mapping[str, str] | None = None
    """Path inside the build to text."""

    def options(self, directory: Path) -> list[str]:
        """Write the files and return the mounts for ``podman build``.

        Args:
            directory: Private to this user; an index's address may hold a password.
        """
        options = [f"--volume={self.bundle}:{BUNDLE}:ro"] if self.bundle else []
        for inside, text in (self.files or {}).items():
            path = directory / Path(inside).name
            path.write_text(text)
            options.append(f"--volume={path}:{inside}:ro")
        return options


def pip_settings(configurations: Iterable[str], environ: Mapping[str, str]) -> dict[str, str]:
    """Return what pip on this machine is told about its index; the environment wins over files.

    Args:
        configurations: Texts of pip's configuration files, the most general first.
        environ: This machine's environment.
    """
    settings: dict[str, str] = {}
    for text in configurations:
        parser = configparser.RawConfigParser()
        try:
            parser.read_string(text)
        except configparser.Error:
            continue  # pip itself will complain about it, where it matters
        for key in PIP_KEYS:
            if parser.has_option("global", key):
                settings[key] = parser.get("global", key)
    for key in PIP_KEYS:
        variable = "PIP_" + key.upper().replace("-", "_")
        if environ.get(variable):
            settings[key] = environ[variable]
    return settings


def uv_settings(pip: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, object]:
    """Return the same for uv, which does not read pip's settings; pip's index serves where uv has none of its own."""
    settings: dict[str, object] = {}
    index = environ.get("UV_DEFAULT_INDEX") or environ.get("UV_INDEX_URL") or pip.get("index-url")
    extra = environ.get("UV_INDEX") or environ.get("UV_EXTRA_INDEX_URL") or pip.get("extra-index-url")
    hosts = environ.get("UV_INSECURE_HOST") or pip.get("trusted-host")
    if index:
        settings["index-url"] = index
    if extra:
        settings["extra-index-url"] = extra.split()
    if hosts:
        settings["allow-insecure-host"] = hosts.split()
    return settings


def build_trust(
    environ: Mapping[str, str], configurations: Iterable[str], exists: Iterable[str], system: str | None = None
) -> BuildTrust:
    """Return what a build on this machine needs.

    Args:
        environ: This machine's environment.
        configurations: Texts of pip's configuration files, the most general first.
        exists: Of the files that the environment names, those that are there.
        system: This machine's bundle, if it holds an authority that no image knows.
    """
    there = set(exists)
    bundle = next((environ[name] for name in BUNDLE_VARIABLES if environ.get(name) in there), system)
    pip = pip_settings(configurations, environ)
    uv = uv_settings(pip, environ)
    if bundle:
        # Both carry certificates of their own and would not look at the system's.
        pip["cert"] = BUNDLE
        uv["native-tls"] = True
    files: dict[str, str] = {}
    if pip:
        parser = configparser.RawConfigParser()
        parser["global"] = pip
        text = io.StringIO()
        parser.write(text)
        files[PIP_CONF] = text.getvalue()
    if uv:
        # JSON's strings, lists and booleans are TOML's too.
        files[UV_TOML] = "".join(f"{key} = {json.dumps(value)}\n" for key, value in uv.items())
    return BuildTrust(bundle, files)


def this_machine(environ: Mapping[str, str]) -> BuildTrust:
    """Return what a build needs on the machine this runs on."""
    home = Path.home()
    texts = [
        path.read_text(errors="replace")
        for path in (Path("/etc/pip.conf"), home / ".pip/pip.conf", home / ".config/pip/pip.conf")
        if path.is_file()
    ]
    named = [environ[name] for name in BUNDLE_VARIABLES if environ.get(name) and Path(environ[name]).is_file()]
    return build_trust(environ, texts, named, system_bundle())


def system_bundle(root: Path = Path("/")) -> str | None:
    """Return this machine's bundle, None where no authority was added to the usual ones.

    Args:
        root: The machine's file system.
    """
    added = any(path.is_file() for folder in AUTHORITIES for path in root.glob(f"{folder.lstrip('/')}/**/*"))
    bundles = [root / path.lstrip("/") for path in BUNDLES]
    return next((str(path) for path in bundles if path.is_file()), None) if added else None
