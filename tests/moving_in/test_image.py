"""What a Dockerfile says of its image, and what the image lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from berth.moving_in.findings import find
from berth.moving_in.folder import Folder
from berth.moving_in.image import Image, UnreadableDockerfileError, read
from berth.moving_in.lacks import Lack, lacks
from berth.moving_in.places import context
from berth.moving_in.survey import Survey

GOOD = 'FROM ruby:3.3\nVOLUME /tmp\nUSER 10001:10001\nCMD ["ruby", "app.rb"]\n'
SOURCE = Folder({"app.rb": 'get "/healthz"\nENV["PORT"]'})


def lacking(text: str, source: Folder = SOURCE, port: int = 8080, web: bool = True) -> list[Lack]:
    """Return what the image of a Dockerfile lacks."""
    image = read(text)
    known = Survey(Path("shop"), Path("shop"), "Dockerfile", image, None, source, find(image, None, source), True)
    return lacks(known, port, web)


def image_of(*lines: str) -> Image:
    return read("FROM ruby:3.3\n" + "\n".join(lines))


def test_stages_and_arguments_are_followed() -> None:
    image = read(
        "ARG V=3.3\nFROM ruby:${V} AS base\nARG P=3000\nENV PORT=$P\nEXPOSE $P 53/udp\nVOLUME /tmp\n"
        'FROM base\nCMD ["ruby", "app.rb"]\nUSER 10001\n'
    )
    assert (image.base, image.user, image.user_line) == ("ruby:3.3", "10001", 9)
    assert [one.value for one in image.ports] == ["3000"]
    assert image.environment == {"PORT": "3000"}
    assert (image.volumes, image.command, image.shell) == (("/tmp",), ("ruby", "app.rb"), None)


@pytest.mark.parametrize(
    ("lines", "command", "shell"),
    [
        (['ENTRYPOINT ["a"]', 'CMD ["b"]'], ("a", "b"), None),
        (['ENTRYPOINT ["a"]', 'CMD ["b"]', 'CMD ["c"]'], ("a", "c"), None),
        (["ENTRYPOINT a -x", 'CMD ["b"]'], ("a", "-x"), "a -x"),
        (["CMD a 'b c'"], ("a", "b c"), "a 'b c'"),
        ([], (), None),
    ],
)
def test_the_command_is_that_of_entrypoint_and_cmd(
    lines: list[str], command: tuple[str, ...], shell: str | None
) -> None:
    image = image_of(*lines)
    assert (image.command, image.shell) == (command, shell)


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("HEALTHCHECK CMD curl -f http://localhost:3000/health || exit 1", "3000/health"),
        ('HEALTHCHECK --interval=5s CMD ["wget", "-q", "http://127.0.0.1:8000/up"]', "8000/up"),
        ("HEALTHCHECK CMD curl http://localhost:${PORT}/ok", "/ok"),
        ("HEALTHCHECK CMD pg_isready", None),
        ("HEALTHCHECK NONE", None),
    ],
)
def test_a_health_check_says_port_and_path(line: str, asked: str | None) -> None:
    found = image_of(line).asked
    assert (found.value if found else None) == asked


def test_what_is_no_dockerfile_is_refused() -> None:
    with pytest.raises(UnreadableDockerfileError, match="FROM"):
        read("RUN true")


@pytest.mark.parametrize(
    ("lines", "port"),
    [
        (["EXPOSE 80 9090"], "9090"),
        (["EXPOSE 3000", 'CMD ["gunicorn", "-b", "0.0.0.0:5000", "app"]'], "5000"),
        (["EXPOSE 3000", 'CMD ["uvicorn", "app:app", "--port=7000"]'], "7000"),
        (["EXPOSE 3000", "ENV PORT=4000"], "4000"),
        (["ENV PORT=4000", "HEALTHCHECK CMD curl localhost:5000/x"], "5000"),
        (['CMD ["sh", "-c", "exec puma -p $PORT"]'], "8080"),
        (['CMD ["flask", "run"]'], "5000"),
        ([], "6000"),
    ],
)
def test_the_port_is_what_the_most_telling_line_says(lines: list[str], port: str) -> None:
    source = Folder({"app.py": "connect(port=5432)\nserver.listen(6000)\n"})
    found = find(image_of(*lines), None, source).port
    assert found and found.value == port


def test_a_good_image_lacks_nothing() -> None:
    assert lacking(GOOD) == []
    assert lacking(GOOD.replace('["ruby", "app.rb"]', "exec ruby app.rb")) == []


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        (GOOD.replace("USER 10001:10001\n", ""), "no USER", "USER 10001:10001"),
        (GOOD.replace("10001:10001", "app"), "USER app", "USER 10001:10001"),
        (GOOD.replace("10001:10001", "1000"), "USER 1000", "USER 10001:10001"),
        (GOOD.replace("VOLUME /tmp\n", ""), "no VOLUME /tmp", "VOLUME /tmp"),
        (GOOD.replace("/tmp", "/tmp /data"), "VOLUME /data", "VOLUME /tmp"),
        (GOOD.replace("/tmp", "/data"), "no VOLUME /tmp", "VOLUME /tmp"),
        (GOOD.replace('["ruby", "app.rb"]', "ruby app.rb"), "a shell", 'CMD ["ruby", "app.rb"]'),
        (
            GOOD.replace('["ruby", "app.rb"]', "rake && ruby app.rb -p $PORT"),
            "a shell",
            'CMD ["sh", "-c", "rake && exec ruby app.rb -p $PORT"]',
        ),
        (GOOD.replace('CMD ["ruby", "app.rb"]', "ENTRYPOINT ruby app.rb"), "a shell", 'ENTRYPOINT ["ruby", "app.rb"]'),
        (
            GOOD.replace('"ruby", "app.rb"', '"uvicorn", "app:app"'),
            "it listens on 127.0.0.1",
            'CMD ["uvicorn", "app:app", "--host", "0.0.0.0"]',
        ),
        (
            GOOD.replace('"ruby", "app.rb"', '"x", "--bind", "localhost:80"'),
            "it listens on localhost",
            'CMD ["x", "--bind", "0.0.0.0:80"]',
        ),
        (GOOD.replace('"ruby", "app.rb"', '"npm", "start"'), "npm start is the command", "node"),
        (
            "FROM nginx:1.29\nVOLUME /tmp\n",
            "an nginx that needs root",
            "FROM docker.io/nginxinc/nginx-unprivileged:1.29",
        ),
        (
            'FROM scratch\nUSER 10001:10001\nCMD ["/a"]',
            "no VOLUME /tmp",
            "COPY --from=build /rootfs/ /",
        ),
    ],
)
def test_what_an_image_lacks_is_said_with_the_line_to_add(text: str, what: str, line: str) -> None:
    (lack,) = [one for one in lacking(text) if one.what.startswith(what)]
    assert line in "\n".join(lack.lines)


def test_each_line_to_add_mends_what_it_is_for() -> None:
    bad = "FROM ruby:3.3\nCMD uvicorn app:app\n"
    found = {one.what: one for one in lacking(bad)}
    assert set(found) == {"no USER", "no VOLUME /tmp", "a shell runs the command; it listens on 127.0.0.1"}
    mended = bad.replace("CMD uvicorn app:app\n", "") + "\n".join(
        line
        for what in ("no VOLUME /tmp", "no USER", "a shell runs the command; it listens on 127.0.0.1")
        for line in found[what].lines
    )
    assert lacking(mended) == []


def test_what_a_source_lacks_is_said_with_its_place() -> None:
    source = Folder({"app.js": 'a\nserver.listen(3000, "127.0.0.1")'})
    lines = {one.what: one.where for one in lacking(GOOD, source)}
    assert lines == {"it listens on 127.0.0.1": "app.js:2", "no path that says it is alive": "the program"}
    assert lacking(GOOD, source, web=False) == []


def test_django_is_told_to_answer_the_load_balancer() -> None:
    source = Folder(
        {"urls.py": 'path("healthz", alive)', "settings.py": 'DEBUG = False\nALLOWED_HOSTS = ["shop.com"]\n'}
    )
    (lack,) = lacking(GOOD, source)
    assert (lack.where, "*" in lack.lines[0]) == ("settings.py:2", True)
    source = Folder({**source.texts, "settings.py": 'ALLOWED_HOSTS = ["*"]'})
    assert lacking(GOOD, source) == []


def test_what_a_service_asks_is_not_where_it_listens() -> None:
    source = Folder(
        {"app.py": 'psycopg.connect(host="localhost", port=5433)\nredis_host = "127.0.0.1"\n@get("/healthz")'}
    )
    assert lacking(GOOD, source) == [] and find(read(GOOD), None, source).port is None


def test_a_port_of_root_is_lacking_unless_the_program_reads_PORT() -> None:
    text = GOOD.replace("VOLUME", "EXPOSE 80\nVOLUME")
    assert lacking(text) == []
    (lack,) = lacking(text, Folder({"app.rb": 'get "/healthz"'}))
    assert lack.what.startswith("port 80") and lack.lines == ("ENV PORT=8080", "EXPOSE 8080")


def test_the_context_is_the_folder_that_has_what_is_copied(tmp_path: Path) -> None:
    service = tmp_path / "services/shop"
    (service / "docker").mkdir(parents=True)
    (tmp_path / "shared").mkdir()
    (service / "app.rb").write_text("")
    file = service / "docker/Dockerfile"
    for text, expected in (
        ("FROM ruby\nCOPY app.rb /\nCOPY --from=x /a /a", service),
        ("FROM ruby\nCOPY services/shop/app.rb shared/ /app/", tmp_path),
        ('FROM ruby\nCOPY ["shared", "/app/"]', tmp_path),
        ("FROM ruby\nCOPY nowhere /app/", service),
        ("FROM ruby\nADD https://example.com/a shared/*.rb $X services /app/", tmp_path),
    ):
        file.write_text(text)
        assert context(file, service, tmp_path) == expected
