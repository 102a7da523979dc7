"""What the Kubernetes provider does with an object: names it, gives it an id and a live state."""

import copy
import hashlib
import uuid

from .wire import UNKNOWN, Properties

# Fields whose change makes the API server refuse an update, so that the provider replaces the object.
_IMMUTABLE_SPEC = {
    "DaemonSet": frozenset({"selector"}),
    "Deployment": frozenset({"selector"}),
    "Job": frozenset({"selector", "template", "completions"}),
    "StatefulSet": frozenset({"selector", "serviceName", "volumeClaimTemplates", "podManagementPolicy"}),
}


def named(news: Properties, urn: str) -> Properties:
    """Return the object with a name in its metadata, made up where the program gave none."""
    object_ = copy.deepcopy(news)
    metadata = object_.setdefault("metadata", {})
    if isinstance(metadata, dict) and not metadata.get("name") and not metadata.get("generateName"):
        suffix = hashlib.sha256(urn.encode()).hexdigest()[:8]
        metadata["name"] = f"{urn.rsplit('::', maxsplit=1)[-1]}-{suffix}"
        metadata.setdefault("annotations", {})["pulumi.com/autonamed"] = "true"
    return object_


def object_id(object_: Properties) -> str:
    """Return `namespace/name`, the provider's id for an object."""
    metadata = object_["metadata"]
    namespace = metadata.get("namespace")
    return f"{namespace}/{metadata['name']}" if namespace else str(metadata["name"])


def live(object_: Properties, urn: str, preview: bool) -> Properties:
    """Return the object as the API server would hold it."""
    held = copy.deepcopy(object_)
    if not preview:
        held["metadata"]["uid"] = str(uuid.uuid5(uuid.NAMESPACE_URL, urn))
        held["metadata"].setdefault("namespace", "default")
    held.setdefault("status", UNKNOWN if preview else {})
    return held


def replaces(old: Properties, new: Properties) -> list[str]:
    """Return the top-level fields whose change replaces the object."""
    fields = []
    for key in ("name", "namespace"):
        if old.get("metadata", {}).get(key) != new.get("metadata", {}).get(key):
            fields.append("metadata")
            break
    immutable = _IMMUTABLE_SPEC.get(str(new.get("kind")), frozenset())
    if any(old.get("spec", {}).get(key) != new.get("spec", {}).get(key) for key in immutable):
        fields.append("spec")
    if old.get("immutable") and old.get("data") != new.get("data"):
        fields.append("data")
    return fields
