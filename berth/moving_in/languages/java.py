"""Java: Maven or Gradle, Spring Boot or a plain program in a jar of its own."""

from __future__ import annotations

import re
from typing import Final

from berth.moving_in.folder import Folder
from berth.moving_in.image import Placed
from berth.moving_in.project import CONFINED, NEVER_SENT, Project, by_shell, command, first_of, stage

RELEASES: Final = (17, 21, 25)
"""With long support; 21 is the default."""
MAVEN: Final = "3.9"
GRADLE: Final = "8.14"
_FRAMEWORKS: Final = {
    "spring-boot-starter-webflux": "Spring Boot",
    "spring-boot-starter-web": "Spring Boot",
    "quarkus-": "Quarkus",
    "micronaut-http-server": "Micronaut",
    "javalin": "Javalin",
}
_RELEASE: Final = re.compile(
    r"<(?:java\.version|maven\.compiler\.release|maven\.compiler\.target|release)>(?:1\.)?(\d+)<"
    r"|JavaLanguageVersion\.of\((\d+)\)|sourceCompatibility\s*=\s*\D*(?:1\.)?(\d+)"
)
_SERVES: Final = re.compile(r"\bHttpServer\.create\b|ServerSocket\b")


def detect(folder: Folder) -> Project | None:
    """Return the project, None where it is none of Maven's or Gradle's."""
    build = next((name for name in ("pom.xml", "build.gradle", "build.gradle.kts") if name in folder), None)
    if build is None:
        return None
    text = folder.text(build)
    wanted = {name: build for name in (*_FRAMEWORKS, "spring-boot", "org.postgresql", "actuator") if name in text}
    framework = first_of(_FRAMEWORKS, wanted)
    boot = "spring-boot" in wanted
    return Project(
        language="Java",
        framework=framework[1] if framework else "Spring Boot" if boot else "",
        serves=bool(framework or folder.find(_SERVES)),
        driver=Placed("org.postgresql", build) if "org.postgresql" in wanted else None,
        health=Placed("/actuator/health", f"{build}: actuator") if "actuator" in wanted else None,
        health_lines=_actuator(build) if boot else (),
        # A JVM that starts on a quarter of a processor takes longer than a load balancer waits.
        size={"cpu": 512, "memory": 1024},
        dockerfile=_dockerfile(folder, build, boot),
        ignored=(*NEVER_SENT, "target", "build", ".gradle", ".idea"),
    )


def _actuator(build: str) -> tuple[str, ...]:
    if build == "pom.xml":
        return (
            "<dependency>",
            "  <groupId>org.springframework.boot</groupId>",
            "  <artifactId>spring-boot-starter-actuator</artifactId>",
            "</dependency>",
        )
    quoted = '"org.springframework.boot:spring-boot-starter-actuator"'
    return (f"implementation({quoted})",)


def _release(text: str) -> int:
    found = _RELEASE.search(text)
    wanted = int(next(filter(None, found.groups()))) if found else 21
    return next((release for release in RELEASES if release >= max(wanted, 21 if not found else 0)), RELEASES[-1])


def _dockerfile(folder: Folder, build: str, boot: bool) -> str:
    release = _release(folder.text(build))
    # Not those beside the program's own: of its source, its documentation, or without what it depends on.
    jar = "-name '*.jar' ! -name '*-sources.jar' ! -name '*-javadoc.jar' ! -name '*-plain.jar' ! -name 'original-*'"
    take = f"find %s -maxdepth 1 {jar} -exec cp {{}} /app.jar ';'"
    if build == "pom.xml":
        made = stage(
            f"FROM docker.io/library/maven:{MAVEN}-eclipse-temurin-{release} AS build",
            "WORKDIR /src",
            "COPY pom.xml ./",
            "RUN mvn --batch-mode dependency:go-offline",
            "COPY . .",
            f"RUN mvn --batch-mode package -DskipTests && {take % 'target'}",
        )
    else:
        wrapped = "gradlew" in folder
        gradle = f"{'./gradlew' if wrapped else 'gradle'} --no-daemon"
        files = [name for name in ("settings.gradle", "settings.gradle.kts", "gradle.properties") if name in folder]
        image = f"eclipse-temurin:{release}-jdk" if wrapped else f"gradle:{GRADLE}-jdk{release}"
        made = stage(
            f"FROM docker.io/library/{image} AS build",
            "WORKDIR /src",
            "COPY gradlew ./\nCOPY gradle gradle" if wrapped else "",
            f"COPY {' '.join([build, *files])} ./",
            f"RUN {gradle} dependencies",
            "COPY . .",
            f"RUN {gradle} {'bootJar' if boot else 'assemble'} && {take % 'build/libs'}",
        )
    words = ["java", "-XX:MaxRAMPercentage=75", "-jar", "/app.jar"]
    if boot:
        # Spring reads SERVER_PORT, not PORT; its own keep-alive time is that of the load balancer.
        port = "--server.port=${PORT:-8080} --server.tomcat.keep-alive-timeout=75s --server.shutdown=graceful"
        words = by_shell(f"{' '.join(words)} {port}")
    elif not folder.text("src/main/resources/application.properties"):
        words.insert(1, "-Dsun.net.httpserver.idleInterval=75")
    return "\n".join(
        (
            made,
            stage(
                f"FROM docker.io/library/eclipse-temurin:{release}-jre",
                "ENV HOME=/tmp",
                "COPY --from=build --chmod=644 /app.jar /app.jar",
                CONFINED,
                command(words),
            ),
        )
    )
