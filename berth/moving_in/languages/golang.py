"""Go: one static program in an image of nothing else."""

from __future__ import annotations

import posixpath
import re
from typing import Final

from berth.moving_in.folder import Folder
from berth.moving_in.image import Placed
from berth.moving_in.project import CONFINED, NEVER_SENT, Project, command, first_of, stage

VERSION: Final = "1.24"
_FRAMEWORKS: Final = {
    "github.com/gin-gonic/gin": "Gin",
    "github.com/labstack/echo/v4": "Echo",
    "github.com/go-chi/chi/v5": "chi",
    "github.com/gofiber/fiber/v2": "Fiber",
    "github.com/gorilla/mux": "gorilla/mux",
}
_DRIVERS: Final = {"github.com/jackc/pgx/v5": "pgx", "github.com/jackc/pgx/v4": "pgx", "github.com/lib/pq": "pq"}
_SERVES: Final = re.compile(r"\bListenAndServe\b|http\.Serve\(")
_PROGRAM: Final = re.compile(r"^package main\b", re.MULTILINE)
_HEALTH: Final = (
    'mux.HandleFunc("GET /healthz", func(answer http.ResponseWriter, _ *http.Request) {',
    "\tanswer.WriteHeader(http.StatusOK)",
    "})",
)


def detect(folder: Folder) -> Project | None:
    """Return the project, None where it is none in Go."""
    if "go.mod" not in folder:
        return None
    wanted = dict.fromkeys(re.findall(r"^(?:require)?\s+(\S+) v", folder.text("go.mod"), re.MULTILINE), "go.mod")
    framework, driver = first_of(_FRAMEWORKS, wanted), first_of(_DRIVERS, wanted)
    programs = dict.fromkeys(
        posixpath.dirname(path)
        for path, text in folder.code(".go")
        if _PROGRAM.search(text) and "// +build ignore" not in text
    )
    # The one at the top, or the only one below.
    program = "" if "" in programs else next(iter(programs)) if len(programs) == 1 else None
    return Project(
        language="Go",
        framework=framework[1] if framework else "",
        serves=bool(framework or folder.find(_SERVES, ".go")),
        driver=Placed(driver[1], driver[2]) if driver else None,
        health_lines=() if framework else _HEALTH,
        dockerfile="" if program is None else _dockerfile(folder, program),
        ignored=(*NEVER_SENT, "bin", "**/*_test.go"),
        problem=""
        if program is not None
        else f"Which of its programs is the service? There are {', '.join(programs) or 'none'}."
        " Write the Dockerfile of docs/your-own-service.md with its folder behind go build",
    )


def _dockerfile(folder: Folder, program: str) -> str:
    found = re.search(r"^go (1\.\d+)", folder.text("go.mod"), re.MULTILINE)
    package = f"./{program}" if program else "."
    return "\n".join(
        (
            stage(
                f"FROM docker.io/library/golang:{found[1] if found else VERSION}-bookworm AS build",
                "WORKDIR /src",
                "COPY go.mod go.sum ./\nRUN go mod download" if "go.sum" in folder else "",
                "COPY . .",
                f"RUN CGO_ENABLED=0 go build -trimpath -tags=timetzdata -ldflags=-s -o /rootfs/service {package}",
                # On Fargate a volume takes its mode from what lies at its place in the image.
                "RUN mkdir -m 1777 /rootfs/tmp",
            ),
            stage(
                "FROM scratch",
                "COPY --from=build /rootfs/ /",
                "COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/",
                "ENV HOME=/tmp",
                CONFINED,
                command(["/service"]),
            ),
        )
    )
