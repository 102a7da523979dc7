"""Charts whose rendered text says one thing to the rules' reader and another to Helm's."""

from __future__ import annotations

from typing import Final

_POD: Final = """\
apiVersion: v1
kind: Pod
metadata: {name: it}
spec:
  securityContext: {runAsNonRoot: true, runAsUser: 10001, seccompProfile: {type: RuntimeDefault}}
  containers:
    - name: app
      image: example/app:1
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
"""
_ROOT: Final = "{runAsNonRoot: false, runAsUser: 0}"


def _with(line: str, before: str = "        allowPrivilegeEscalation: false\n", text: str = _POD) -> str:
    assert before in text
    return text.replace(before, before + line)


_ANCHOR: Final = "root: &root {runAsUser: 0, privileged: true}\n"

ATTACKS: Final = {
    "a key twice": _with("        privileged: true\n        privileged: false\n"),
    "a context twice": _POD.replace("spec:\n", f"spec:\n  securityContext: {_ROOT}\n"),
    "a spec twice": _POD + "spec: {containers: [{name: app}]}\n",
    "a kind twice": "kind: ConfigMap\n" + _POD,
    "a merge behind what is written": _ANCHOR + _with("        privileged: false\n        <<: *root\n"),
    "a merge before what is written": _ANCHOR + _with("        <<: *root\n        privileged: false\n"),
    "two merges that differ": _ANCHOR + "safe: &safe {privileged: false}\n" + _with("        <<: [*safe, *root]\n"),
    "two merges of one name": _ANCHOR
    + "safe: &safe {privileged: false}\n"
    + _with("        <<: *safe\n        <<: *root\n"),
    "a merge that brings root in": _ANCHOR + _with("        <<: *root\n"),
    "a document that YAML does not see": f"kind: ConfigMap\ndata: {{}}\n---x: 1\n{_POD}",
    "a document without a blank": 'kind: ConfigMap\n---"a": b\n',
    "a key in another spelling": _with('        "privileged": true\n        privileged: false\n'),
    "a list for a key": "kind: ConfigMap\n? [a]\n: b\n",
}
"""Templates; each makes the release's chart one that no reader can be sure of, or one that is seen to be root."""

HARMLESS: Final = {
    "a good pod": _POD,
    "a merge of other keys": "common: &common {readOnlyRootFilesystem: true}\n"
    + _POD.replace("        readOnlyRootFilesystem: true\n", "        <<: *common\n"),
    "documents": f"---\n{_POD}--- # another\n{_POD.replace('name: it', 'name: other')}---\n",
}
