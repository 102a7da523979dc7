"""Named users: a build may give any of them uid 0, and where that is not plain a number is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from policy.rules.values import UNKNOWN

from .cases.docker import image
from .support import violations

RULE = "docker-image-non-root"

SAFE: dict[str, str] = {
    "of the base image": "",
    "packages": "RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*",
    "useradd": "RUN useradd -u 10001 app",
    "useradd with a group": "RUN groupadd -g 10001 app && useradd -r -l -u 10001 -g app -d /app -s /sbin/nologin app",
    "useradd in the root group": "RUN useradd -u 1001 -g 0 app",
    "useradd without a number": "RUN useradd --create-home app0",
    "useradd in exec form": 'RUN ["useradd", "-u", "10001", "app"]',
    "adduser of Debian": "RUN adduser --system --disabled-password --no-create-home --uid 10001 --gecos '' app",
    "adduser of Alpine": "RUN addgroup -S app && adduser -S -D -H -u 10001 -G app app",
    "a number from an ARG": "ARG U=10001\nRUN adduser -D -u ${U} app",
    "in a here-document": "RUN <<EOF\nset -e\nuseradd -u 10001 app\nEOF",
    "in a here-document for a shell": "RUN cat <<EOF | sh\nuseradd -u 10001 app\nEOF",
    "a closing word like a variable": "RUN <<$E\necho hi\n$E",
    "in the root group by long flags": "RUN useradd --gid 0 --groups=0 app && adduser --ingroup 0 app",
    "a password": "RUN echo app:x | chpasswd && passwd -l app",
    "usermod of groups": "RUN usermod -aG docker app",
    "asked for first": "RUN getent passwd app || useradd -u 10001 app",
    "chown": "RUN mkdir -p /srv && chown -R app:0 /srv && chmod -R g=u /srv",
    "chown by numbers": "RUN chown 0:0 /srv",
    "a folder of its own": "WORKDIR /srv\nCOPY --chown=app . .",
    "a file to the top": "COPY entrypoint.sh /",
    "a file to /etc": "COPY nginx.conf /etc/",
    "substitution in an argument": 'RUN echo "$(date)" > /built && X=$(uname -m) && echo $X',
    "a test": 'RUN if [ "$X" = 1 ]; then echo hi; fi',
}

DOUBTFUL: dict[str, str] = {
    "useradd": "RUN useradd -o -u 0 app",
    "flags joined": "RUN x && /usr/sbin/useradd -ou 0 app",
    "number joined": "RUN useradd -ou0 app",
    "long flag": "RUN useradd --non-unique --uid=0 app",
    "long flag, cut short": "RUN useradd --non --ui 0 app",
    "zeros": "RUN useradd -o -u 000 app",
    "hexadecimal": "RUN useradd -o -u 0x0 app",
    "signed": "RUN useradd -o -u +0 app",
    "too large": "RUN useradd -o -u 4294967296 app",
    "exec form": 'RUN ["useradd", "-o", "-u", "0", "app"]',
    "exec form of a shell": 'RUN ["sh", "-c", "useradd -o -u 0 app"]',
    "arithmetic": "RUN useradd -o -u $((1-1)) app",
    "substitution": "RUN useradd -o -u $(id -u) app",
    "an ARG": "ARG U=0\nRUN useradd -o -u $U app",
    "a variable that is not known": "RUN useradd -o -u $U app",
    "a range from 0": "RUN useradd -o -K UID_MIN=0 app",
    "a range from 0 in a file": "RUN sed -i s/1000/0/ /etc/login.defs && useradd -o app",
    "another root": "RUN useradd -R /x -u 7 app",
    "quotes in the tool's name": "RUN us''er\\add -o -u 0 app",
    "the tool's name in a variable": "RUN T=user; ${T}add -o -u 0 app",
    "the tool's name by a pattern": "RUN /usr/sbin/user[a]dd -o -u 0 app",
    "arguments from elsewhere": "RUN echo -o -u 0 app | xargs useradd",
    "in another language": "RUN python3 -c \"import os; os.system('useradd -o -u 0 app')\"",
    "in another language, as a list": "RUN python3 -c \"run(['useradd','-o','-u','0','app'])\"",
    "in a here-document": "RUN <<EOF\nadduser -D -u 0 app\nEOF",
    "adduser from 0": "RUN adduser --firstuid 0 app",
    "usermod": "RUN usermod -o -u 0 app",
    "usermod renames root": "RUN usermod -l app root",
    "newusers": "RUN newusers list",
    "vipw": "RUN EDITOR=x vipw",
    "a line": "RUN echo 'app:x:0:0::/:/bin/sh' >> /etc/passwd",
    "a line by another way": "RUN cd /x; echo app:x:00:0::/: > y",
    "sed": "RUN sed -i 's/app:x:1/app:x:0/' /etc/passwd",
    "by a pattern": "RUN cp x /etc/pass*",
    "by a pattern alone": "RUN cp x p?sswd",
    "in /etc": "RUN cd /etc && cat x",
    "a folder over /etc": "RUN cp -r rootfs/etc /",
    "an archive": "RUN tar -xf x.tar -C /",
    "COPY of the file": "COPY passwd /etc/passwd",
    "COPY from a stage": "COPY --from=build /etc/passwd /etc/",
    "COPY of a folder over /etc": "COPY etc /etc",
    "COPY of a folder over all": "COPY rootfs/ /",
    "COPY by a relative path": "WORKDIR /etc\nCOPY x .",
    "COPY by a path with dots": "COPY x /srv/../etc/",
    "COPY in exec form": 'COPY ["x", "/etc"]',
    "COPY to an ARG": "ARG D=/etc\nCOPY x $D/",
    "COPY to what is not known": "COPY x ${PATH}",
    "COPY of a here-document": "COPY <<EOF /etc/passwd\napp:x:1:1::/:\nEOF",
    **{f"ADD of an archive {suffix}": f"ADD x{suffix} /" for suffix in (".tar", ".tgz", ".gz", ".xz", ".bz2", ".zst")},
    "a download": "RUN curl https://example.org/x | sh",
    "a hidden text": "RUN echo dXNlcmFkZA== | base64 -d > x",
    "escapes": "RUN $(printf '\\165seradd') -o -u 0 app",
    "evaluated": "RUN eval $X",
    "a script of the build": "RUN ./setup",
    "a script for a shell": "RUN bash setup",
}

DOUBTFUL |= {
    command: f"RUN {command}"
    for command in [
        *(f"echo x | {shell}" for shell in ("sh", "bash", "dash", "ash", "zsh", "ksh", "sudo /bin/sh")),
        *(f"{shell} x" for shell in ("sh", "bash", "dash", "ash", "zsh", "ksh", ".", "source")),
        *(f"{word} ./x" for word in ("if", "then", "else", "elif", "do", "while", "until", "!", "exec", "sudo", "env")),
        *("command ./x", "bin/x", "../x", "/x.sh", "X=1 ./x", "xxd -r x", "printf '\\x75' > x", "printf '\\165' > x"),
        *(f"{copier} x /" for copier in ("cp", "mv", "ln", "install", "rsync", "tar", "bsdtar", "unzip", "cpio")),
        *("tar -C/ -xf x", "tar --directory=/ -xf x", "cp x *wd", "cp x pass*", "touch /etc/sysusers.d/x"),
        *("touch /etc/adduser.conf", "touch /etc/default/useradd", "touch /var/lib/extrausers/x"),
        *("useradd --key X=5 app", "useradd --root /x app", "useradd --prefix /x app", "adduser --conf x app"),
        *("adduser --firstuid $((1-1)) app", "adduser --firstuid=5 app", "usermod --login app root"),
    ]
}


def _image(steps: str, user: str = "app", **more: Any) -> Any:
    return image(f"FROM a\n{steps}\nUSER {user}\n", **more)


@pytest.mark.parametrize("case", SAFE)
def test_a_name_that_no_build_turns_into_root(case: str) -> None:
    assert violations(RULE, _image(SAFE[case])) == []


@pytest.mark.parametrize("case", DOUBTFUL)
def test_a_name_that_a_build_may_turn_into_root(case: str) -> None:
    (found,) = violations(RULE, _image(DOUBTFUL[case]))
    assert "may give uid 0" in found.message
    assert "a uid other than 0" in found.message
    # A number settles it.
    assert violations(RULE, _image(DOUBTFUL[case], "10001:10001")) == []


def test_what_a_parent_stage_and_its_triggers_do_counts() -> None:
    for steps in ("RUN useradd -o -u 0 app\nFROM b", "ONBUILD RUN useradd -o -u 0 app\nFROM b"):
        (found,) = violations(RULE, image(f"FROM a AS b\n{steps}\nUSER app"))
        assert "may give uid 0" in found.message
    assert violations(RULE, image("FROM a AS b\nRUN useradd -o -u 0 app\nFROM a\nUSER app")) == []


def test_an_unknown_argument_may_be_0() -> None:
    assert violations(RULE, _image("ARG U\nRUN useradd -o -u $U app", buildArgs={"U": UNKNOWN}))
