"""Small services of different languages, as people have them; those with a Dockerfile bring one that lacks nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FASTAPI: Final = {
    "requirements.txt": "fastapi>=0.100\nuvicorn>=0.30\n",
    "shop/__init__.py": "",
    "shop/main.py": """\
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def index() -> dict[str, str]:
    return {"hello": "world"}


@app.get("/health/live")
async def live() -> dict[str, str]:
    return {}


@app.get("/health/ready")
async def ready() -> dict[str, str]:
    return {}
""",
}
FLASK: Final = {
    "pyproject.toml": """\
[project]
name = "shop"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["flask>=3"]
""",
    "app.py": """\
from flask import Flask

app = Flask(__name__)


@app.get("/ping")
def ping():
    return "pong"


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=5000)
""",
}
EXPRESS: Final = {
    "package.json": """\
{
  "name": "shop",
  "version": "1.0.0",
  "scripts": {"start": "node server.js --verbose"},
  "dependencies": {"express": "^5.0.0"}
}
""",
    "server.js": """\
const express = require("express");

const app = express();
app.get("/", (request, response) => response.send("hello"));
app.get("/status", (request, response) => response.send("ok"));
const server = app.listen(process.env.PORT || 3000);
server.keepAliveTimeout = 75_000;
process.on("SIGTERM", () => server.close());
""",
}
GO: Final = {
    "go.mod": "module example.com/shop\n\ngo 1.24\n",
    "cmd/shop/main.go": """\
package main

import (
\t"context"
\t"log"
\t"net/http"
\t"os/signal"
\t"syscall"
)

func main() {
\tmux := http.NewServeMux()
\tmux.HandleFunc("GET /livez", func(answer http.ResponseWriter, _ *http.Request) { answer.WriteHeader(200) })
\tserver := &http.Server{Addr: ":9000", Handler: mux}
\tstop, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM)
\tgo func() {
\t\t<-stop.Done()
\t\tserver.Shutdown(context.Background())
\t}()
\tlog.Println(server.ListenAndServe())
}
""",
}
SPRING: Final = {
    "pom.xml": """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <parent>
    <groupId>org.springframework.boot</groupId>
    <artifactId>spring-boot-starter-parent</artifactId>
    <version>3.5.3</version>
  </parent>
  <groupId>com.example</groupId>
  <artifactId>shop</artifactId>
  <version>1.0</version>
  <properties><java.version>17</java.version></properties>
  <dependencies>
    <dependency>
      <groupId>org.springframework.boot</groupId>
      <artifactId>spring-boot-starter-web</artifactId>
    </dependency>
    <dependency>
      <groupId>org.springframework.boot</groupId>
      <artifactId>spring-boot-starter-actuator</artifactId>
    </dependency>
  </dependencies>
  <build>
    <plugins>
      <plugin>
        <groupId>org.springframework.boot</groupId>
        <artifactId>spring-boot-maven-plugin</artifactId>
      </plugin>
    </plugins>
  </build>
</project>
""",
    "src/main/java/com/example/shop/Shop.java": """\
package com.example.shop;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
public class Shop {
  public static void main(String[] arguments) {
    SpringApplication.run(Shop.class, arguments);
  }
}
""",
}
RUBY: Final = {
    "Gemfile": 'source "https://rubygems.org"\n\ngem "webrick"\n',
    "server.rb": """\
require "webrick"

server = WEBrick::HTTPServer.new(Port: Integer(ENV.fetch("PORT")), BindAddress: "0.0.0.0")
server.mount_proc("/up") { |_, response| response.body = "ok" }
trap("TERM") { server.shutdown }
server.start
""",
    # Another name than any of this machine's.
    "docker/Dockerfile": """\
FROM docker.io/library/debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ruby ruby-webrick && rm -rf /var/lib/apt/lists/*
COPY server.rb /app/
EXPOSE 4567
VOLUME /tmp
USER 10001:10001
CMD ["ruby", "/app/server.rb"]
""",
}
PROJECTS: Final = {"fastapi": FASTAPI, "flask": FLASK, "express": EXPRESS, "go": GO, "spring": SPRING, "ruby": RUBY}


def write(files: dict[str, str], folder: Path) -> Path:
    """Write a project's files into a folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder
