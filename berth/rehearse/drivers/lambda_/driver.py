"""Runs a function's instances, each in a container under AWS's emulator, behind a stand-in of what calls them."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from berth.plan import UNKNOWN, Resource
from berth.rehearse.drivers.driver import AUTHORITIES, Driver, Fill, free_port
from berth.rehearse.drivers.lambda_ import standin, tools
from berth.rehearse.drivers.lambda_.function import FUNCTION, Function, concurrency, extract, initial, is_initial
from berth.rehearse.drivers.pod import planned_parameters
from berth.rehearse.errors import RehearsalError
from berth.rehearse.health import logs, state
from berth.rehearse.local import HOST, HOST_INSIDE
from berth.rehearse.observe import observe
from berth.rehearse.workload import Container, known
from components.berths.lambda_.definition import SECRET
from components.service.spec import ContainerSecurity

INSTANCES: Final = 3
"""Instances at most: each is a container, and a machine has a few cores."""
PORT: Final = 9000
"""Where the emulator listens in a container; the adapter and the service have ports of their own."""
USER: Final = "993:990"
"""What Lambda runs an image as, whatever it says."""
EMULATOR: Final = "/lambda-emulator"
STOP_SECONDS: Final = 2
"""Lambda gives an ending instance no more (its developer guide, "Shutdown phase")."""
PAUSE: Final = 0.1


class LambdaDriver(Driver):
    """One function, and the one of its init command."""

    claims = frozenset({FUNCTION})
    backend_note = "Lambda's own sandbox"

    @classmethod
    def takes(cls, workload: Resource) -> bool:
        """Say whether a function runs an image: what a handler is called by is AWS's alone."""
        return bool(known(workload.inputs.get("packageType")) == "Image")

    @classmethod
    def is_part(cls, workload: Resource, surroundings: Sequence[Resource]) -> bool:
        """Say whether it is the function of the init command, which is run with the one of the service."""
        return is_initial(workload, surroundings)

    @classmethod
    def lacks(cls) -> str:
        """Return what is missing on this machine."""
        return tools.lacks()

    def read(self, security: ContainerSecurity) -> None:
        """Read the functions."""
        own = self.unit.surroundings
        parameters = planned_parameters(self.unit.plan)
        self._function = function = extract(self.unit.workload, parameters)
        first = initial(self.unit.workload, own)
        self._initial = extract(first, parameters) if first else None
        both = [function, *([self._initial] if self._initial else [])]
        name = self.unit.mooring.service if self.unit.mooring else function.name
        bound = concurrency(self.unit.workload)
        count = min(INSTANCES, INSTANCES if bound is None else bound)
        self._instances = tuple(
            Container(
                name if number == 1 else f"{name}-{number}",
                function.place,
                function.image,
                sidecar=number > 1,
                declared=function.declared,
                ports=(function.port,),
                stop_seconds=STOP_SECONDS,
            )
            for number in range(1, count + 1)
        )
        before = [Container(f"{name}-init", one.place, one.image, init=True, declared=one.declared) for one in both[1:]]
        self.containers = (*before, *self._instances)
        self.known = {key: str(value) for one in both for key, value in one.environment.items() if value is not UNKNOWN}
        self.asked = {key for one in both for key, value in one.environment.items() if value is UNKNOWN}
        self.asked |= {key for one in both for key in one.secrets}
        self.not_rehearsed = tuple(dict.fromkeys(line for one in both for line in one.not_rehearsed))
        if bound is None or bound > count:
            self.not_rehearsed = (*self.not_rehearsed, f"{function.place}: more than {count} instances at once")
        self._ports = {one.name: free_port() for one in self.containers}

    def create(self, fill: Fill, authorities: Path, overrides: Mapping[str, str]) -> None:
        """Give the variables their values, and start the stand-in of what the function is called by and calls."""
        self._authorities, self._overrides = authorities, overrides
        both = [self._function, *([self._initial] if self._initial else [])]
        self._environments = {one.name: self._filled(one, fill) for one in both}
        secrets = {
            where: fill(variable, f"{one.place}.environment[{variable}]", planned)
            for one in both
            for variable, (where, planned) in one.secrets.items()
            if variable not in overrides
        }
        self._secrets_port = free_port()
        settings = {
            "port": next(iter(self.published.values())) if self.published else free_port(),
            "instances": [self._ports[one.name] for one in self._instances],
            "timeout": self._function.timeout_seconds,
            "secrets_port": self._secrets_port,
            "secrets": secrets,
        }
        # The name is how a later rehearsal finds one that was left running; the secrets are on no command line.
        name = f"/{self.prefix}balancer"
        process = subprocess.Popen(
            [sys.executable, "-m", standin.__name__, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            cwd=Path(__file__).parents[4],
        )
        assert process.stdin and process.stdout
        with process.stdin:
            json.dump(settings, process.stdin)
        if process.stdout.readline() != "ready\n":
            raise RehearsalError(f"the stand-in of the load balancer of {self.unit.name} does not start")

    def _filled(self, function: Function, fill: Fill) -> dict[str, str]:
        found = {
            key: fill(key, f"{function.place}.environment[{key}]", value)
            if value is not UNKNOWN or not key.startswith("BERTH_")
            else "rehearsal"
            for key, value in function.environment.items()
        }
        found |= {SECRET + key: where for key, (where, _) in function.secrets.items() if key not in self._overrides}
        # The last of several values of a variable counts.
        return found | dict(self._overrides)

    def start(self, deadline: float) -> None:
        """Invoke the init command's function, then start the instances; each starts its program when it is called."""
        for container in self.containers:
            if container.init and self._initial:
                self._run(container, self._initial)
                self._invoke(container, self._initial, deadline)
        for container in self._instances:
            self._run(container, self._function)

    def _run(self, container: Container, function: Function) -> None:
        config = self.podman.json("image", "inspect", "--format={{json .Config}}", function.image)
        words = [
            *(function.entry_points or config.get("Entrypoint") or ()),
            *(function.commands or (() if function.entry_points else config.get("Cmd") or ())),
        ]
        environment = {
            **self._environments[function.name],
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout_seconds),
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "rehearsal",
            "AWS_SECRET_ACCESS_KEY": "rehearsal",
            "AWS_SESSION_TOKEN": "rehearsal",
            "AWS_ENDPOINT_URL": f"http://{HOST_INSIDE}:{self._secrets_port}",
        }
        place = environment.get(AUTHORITIES)
        self.podman.run(
            "run",
            "--detach",
            f"--name={self.podman_name(container)}",
            "--pull=never",
            *self.session.label_options,
            *self.podman.network(),
            f"--publish={HOST}:{self._ports[container.name]}:{PORT}",
            f"--user={USER}",
            "--read-only",
            "--read-only-tmpfs=false",
            "--tmpfs=/tmp:size=512m,mode=1777",
            "--cap-drop=ALL",
            "--security-opt=no-new-privileges",
            "--no-healthcheck",
            *([f"--memory={function.memory_mb}m"] if "memory" not in self.missing else []),
            f"--volume={tools.emulator()}:{EMULATOR}:ro",
            *([f"--volume={self._authorities}:{place}:ro"] if place else []),
            *[f"--env={name}={value}" for name, value in environment.items()],
            f"--entrypoint={json.dumps([EMULATOR])}",
            function.image,
            f"--runtime-interface-emulator-address=0.0.0.0:{PORT}",
            *words,
        )

    def _invoke(self, container: Container, function: Function, deadline: float) -> None:
        """Invoke a function once, look at it, and end it.

        Raises:
            RehearsalError: It failed, or did not end in time; carries its last lines.
        """
        name = self.podman_name(container)
        said: dict[str, Any] | None = None
        while said is None:
            try:
                left = max(1.0, deadline - time.monotonic())
                connection = http.client.HTTPConnection(HOST, self._ports[container.name], timeout=left)
                connection.request("POST", standin.INVOKE, b"{}")
                text = connection.getresponse().read()
                said = json.loads(text or b"null") or {}
            except ValueError:
                said = {"errorMessage": text.decode(errors="replace")}
            except (OSError, http.client.HTTPException):
                # The emulator is not up yet, or it is not any more.
                if time.monotonic() > deadline or state(self.podman, name)[0] == "exited":
                    said = {"errorMessage": "it gave no answer"}
                time.sleep(PAUSE)
        self.observations[container.name] = observe(self.podman, name, self.writable_paths)
        if "errorMessage" in said or "errorType" in said:
            why = said.get("errorMessage") or said.get("errorType")
            raise RehearsalError(
                f"{container.place} failed, so the alias would not move: {why}; its last lines:\n"
                + logs(self.podman, name)
            )
        self.podman.run("stop", f"--time={STOP_SECONDS}", name, timeout=60)
