"""What depends on the machine is decided by pure functions: network, limits, certificates, names, values."""

from __future__ import annotations

import io
import tomllib
from configparser import RawConfigParser
from pathlib import Path

import pytest
from rich.console import Console

from berth.plan import UNKNOWN, Plan
from berth.rehearse import Rehearsal, clean, run
from berth.rehearse.bases import POSTGRES, PYTHON, Recipe
from berth.rehearse.checks import Check
from berth.rehearse.drivers.claims import left_out
from berth.rehearse.errors import RehearsalError, RehearsalInterrupted
from berth.rehearse.images import find_dockerfile
from berth.rehearse.local import Local, LocalDatabase, database_for, uses_database
from berth.rehearse.podman import Output, explain, limits_conf, network_options
from berth.rehearse.postgres import planned_version, setup_sql
from berth.rehearse.session import prefix
from berth.rehearse.summary import Progress, Timing, by_reason, show
from berth.rehearse.trust import BUNDLE, PIP_CONF, UV_TOML, build_trust, system_bundle
from berth.rehearse.workload import ImageBuild, find_builds, find_load_balancers, parse_matcher

from . import plans

DATABASE = LocalDatabase("it's secret", 6543, "toys", "toy")


@pytest.mark.parametrize(
    ("rootless", "version", "tools", "expected"),
    [
        (True, (4, 3), {"slirp4netns"}, "slirp4netns:allow_host_loopback=true"),
        (False, (4, 3), {"slirp4netns"}, "slirp4netns:allow_host_loopback=true"),
        (True, (5, 4), {"pasta"}, "pasta:"),
        (True, (6, 0), {"slirp4netns", "pasta"}, "pasta:"),
        (False, (5, 4), {"slirp4netns", "pasta"}, "slirp4netns:allow_host_loopback=true"),
    ],
)
def test_network_leads_to_this_machines_loopback(
    rootless: bool, version: tuple[int, int], tools: set[str], expected: str
) -> None:
    [option] = network_options(rootless, version, tools)
    assert option.startswith(f"--network={expected}")
    assert "pasta" not in option or "-g,10.0.2.2,--map-gw" in option


@pytest.mark.parametrize(
    ("rootless", "version", "tools", "advice"),
    [
        (False, (4, 3), set(), "install slirp4netns"),
        (True, (4, 3), {"pasta"}, "install slirp4netns"),
        (False, (5, 4), {"pasta"}, "install slirp4netns"),
        (True, (6, 0), set(), "install passt"),
        (False, (6, 0), {"pasta"}, "as an ordinary user"),
    ],
)
def test_no_network_says_what_to_do(rootless: bool, version: tuple[int, int], tools: set[str], advice: str) -> None:
    with pytest.raises(RehearsalError, match=advice):
        network_options(rootless, version, tools)


def test_limits_are_lowered_only_for_a_root_that_cannot_raise_them() -> None:
    everything = (1 << 41) - 1
    without = everything & ~(1 << 24)
    assert limits_conf(20000, 96365, everything) is None
    assert limits_conf(1048576, 96365, without) is None
    assert limits_conf(-1, -1, without) is None
    conf = limits_conf(20000, 96365, without)
    assert conf is not None
    assert tomllib.loads(conf)["containers"]["default_ulimits"] == ["nofile=20000:20000", "nproc=32768:32768"]


@pytest.mark.parametrize(
    ("message", "package"),
    [
        ("netavark: No such file or directory (os error 2)", "iptables"),
        ("building local pause image: finding pause binary: exec: catatonit: not found", "catatonit"),
        ('could not find slirp4netns, the network namespace can\'t be configured: exec: "slirp4netns"', "slirp4netns"),
        ('exec: "newuidmap": executable file not found in $PATH', "uidmap"),
        ('default OCI runtime "crun" not found: invalid argument', "runc"),
    ],
)
def test_podmans_messages_name_the_package(message: str, package: str) -> None:
    assert f"install {package}" in explain(message)
    assert explain("something else") == "something else"


def test_last_error_is_podmans_own_line() -> None:
    output = Output(
        125, "", 'time="x" level=warning msg="noise"\nError: no such pod\ntime="x" level=error msg="more"\n'
    )
    assert output.last_error == "no such pod"
    assert Output(1, "", 'level=error msg="only"\n').last_error == 'level=error msg="only"'


def test_missing_podman_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    console = Console(file=io.StringIO())
    with pytest.raises(RehearsalError, match=r"podman is not installed.*\n.*install podman"):
        run(plans.ecs(), keep=False, console=console, project_root=tmp_path)
    with pytest.raises(RehearsalError, match="podman is not installed"):
        clean("toy", console=console)


def test_build_sees_this_machines_certificates_and_index(tmp_path: Path) -> None:
    environ = {
        "PIP_CERT": "/missing.pem",
        "SSL_CERT_FILE": "/ca.pem",
        "PIP_INDEX_URL": "https://user:word@index.example/simple",
        "UV_EXTRA_INDEX_URL": "https://a.example https://b.example",
    }
    file = "[global]\nindex-url = https://ignored.example\ntrusted-host = index.example\n"
    trust = build_trust(environ, ["not a config", file], {"/ca.pem"})
    options = trust.options(tmp_path)
    assert f"--volume=/ca.pem:{BUNDLE}:ro" in options
    assert not any("word" in option for option in options)
    assert trust.files is not None
    pip = RawConfigParser()
    pip.read_string(trust.files[PIP_CONF])
    assert dict(pip["global"]) == {
        "index-url": environ["PIP_INDEX_URL"],
        "trusted-host": "index.example",
        "cert": BUNDLE,
    }
    assert tomllib.loads(trust.files[UV_TOML]) == {
        "index-url": environ["PIP_INDEX_URL"],
        "extra-index-url": ["https://a.example", "https://b.example"],
        "allow-insecure-host": ["index.example"],
        "native-tls": True,
    }


def test_an_authority_that_was_added_to_this_machine_is_trusted_by_a_build(tmp_path: Path) -> None:
    bundle, added = tmp_path / BUNDLE.lstrip("/"), tmp_path / "usr/local/share/ca-certificates/proxy.crt"
    for path in (bundle, added):
        path.parent.mkdir(parents=True)
    bundle.touch()
    assert system_bundle(tmp_path) is None
    added.touch()
    assert system_bundle(tmp_path) == str(bundle)
    trust = build_trust({"SSL_CERT_FILE": "/own.pem"}, [], (), str(bundle))
    assert f"--volume={bundle}:{BUNDLE}:ro" in trust.options(tmp_path)
    assert build_trust({"SSL_CERT_FILE": "/own.pem"}, [], ["/own.pem"], str(bundle)).bundle == "/own.pem"


def test_ordinary_machine_mounts_nothing(tmp_path: Path) -> None:
    assert build_trust({}, [], ()).options(tmp_path) == []


def test_names_of_one_stack_are_never_anothers() -> None:
    names = {prefix(stack) for stack in ("dev", "dev-2", "Dev", "dev_2", "dev.2", "d" * 80, "d" * 81)}
    assert len(names) == 7
    assert not any(one != other and one.startswith(other) for one in names for other in names)
    # With the longest name of a Deployment they must fit a pod's name.
    assert all(len(name) <= 34 for name in names)


def test_a_recipe_is_its_images_name() -> None:
    assert PYTHON.tag != POSTGRES.tag
    assert Recipe("base", ("python3",)).tag != PYTHON.tag
    assert PYTHON.tag.startswith("localhost/berth-base:")


def test_database_fits_what_is_declared() -> None:
    declared = {
        "DATABASE_NAME": "toys",
        "DATABASE_PORT": "6543",
        "DATABASE_USER": "toy",
        "DATABASE_HOST": "real.example",
    }
    database = database_for(declared, (), "it's secret", "")
    assert database == DATABASE
    assert "secret" not in repr(database)
    local = Local(database, {}, {})
    assert local.fill("DATABASE_HOST", "x", "real.example") == "10.0.2.2"
    assert local.fill("DATABASE_SSLMODE", "x", UNKNOWN) == "require"
    assert local.fill("DATABASE_SSLMODE", "x", "verify-full") == "verify-full"


def test_unusable_port_names_the_variable() -> None:
    with pytest.raises(RehearsalError, match="DATABASE_PORT is 'x'"):
        database_for({"DATABASE_PORT": "x"}, (), "secret", "")


def test_a_value_nothing_here_provides_is_asked_for() -> None:
    assert Local(DATABASE, {}, {"BERTH_REHEARSE_API_KEY": "given"}).fill("API_KEY", "place", UNKNOWN) == "given"
    with pytest.raises(RehearsalError, match=r"place: .*API_KEY(.|\n)*export BERTH_REHEARSE_API_KEY="):
        Local(DATABASE, {}, {}).fill("API_KEY", "place", UNKNOWN)


def test_an_internal_services_address_is_always_this_machines() -> None:
    local = Local(None, {"BILLING_URL": "http://10.0.2.2:4000/billing"}, {})
    for planned in (UNKNOWN, "http://real.example"):
        assert local.fill("BILLING_URL", "place", planned) == "http://10.0.2.2:4000/billing"


def test_a_database_is_there_for_who_is_given_one() -> None:
    assert uses_database({"DATABASE_HOST", "API_KEY"}) and not uses_database({"API_KEY", "BILLING_URL"})


def test_setup_quotes_what_it_is_given() -> None:
    sql = setup_sql(LocalDatabase("it's", 5432, 'a"b', "toy"))
    assert "PASSWORD 'it''s'" in sql
    assert 'CREATE DATABASE "a""b" OWNER "toy"' in sql
    assert "NOSUPERUSER" in sql


def test_services_may_share_a_database_or_have_their_own() -> None:
    other = LocalDatabase("it's secret", 6543, "bills", "billing")
    assert setup_sql(DATABASE, other, DATABASE) == setup_sql(DATABASE) + setup_sql(other)
    both = setup_sql(DATABASE, LocalDatabase("it's secret", 6543, "toys", "guest"))
    assert both.count("CREATE DATABASE") == 1 and both.endswith('GRANT "toy" TO "guest";\n\n')


def test_an_administrator_owns_the_database_and_the_services_role_is_not_there_yet() -> None:
    declared = {"DATABASE_USER": "toy_app", "DATABASE_ADMIN_USER": "toy"}
    database = database_for(declared, declared, "service's", "admin's")
    assert "admin" not in repr(database).replace("admin_user", "")
    assert Local(database, {}, {}).fill("DATABASE_ADMIN_PASSWORD", "x", UNKNOWN) == "admin's"
    sql = setup_sql(database)
    assert "CREATE ROLE \"toy\" LOGIN CREATEDB CREATEROLE NOSUPERUSER PASSWORD 'admin''s'" in sql
    assert "toy_app" not in sql and "service" not in sql
    # A Plan that lacks the parameters still says which variables there are.
    assert database_for({}, declared, "service's", "admin's").admin_user == "rehearsal_owner"


def test_planned_version() -> None:
    database = plans.resource("aws:rds/instance:Instance", "db", {"engineVersion": "16.4"})
    assert planned_version(Plan("toy", [database], {})) == "16"
    assert planned_version(Plan("toy", [], {})) == "17"


def test_plans_image_and_load_balancer_are_found() -> None:
    plan = plans.ecs()
    build = find_builds(plan, {plans.IMAGE, "prebuilt"})[plans.IMAGE]
    assert (build.name, build.context, build.dockerfile) == (plans.IMAGE, "toy", "toy/Dockerfile")
    assert find_builds(plan, {"prebuilt"}) == {}
    [balancer] = find_load_balancers(plan.resources)
    assert (balancer.path, balancer.statuses) == ("/healthz", frozenset({200}))


def test_matcher() -> None:
    assert parse_matcher("200,204-206") == {200, 204, 205, 206}
    assert parse_matcher(None) == {200}


def test_dockerfile_is_found_as_the_provider_finds_it(tmp_path: Path) -> None:
    (tmp_path / "toy").mkdir()
    build = ImageBuild("name", "toy", "toy/Dockerfile")
    with pytest.raises(RehearsalError, match=r"there is no Dockerfile at .*toy/Dockerfile"):
        find_dockerfile(build, tmp_path)
    path = tmp_path / "toy/Dockerfile"
    path.write_text("FROM scratch\n")
    assert find_dockerfile(build, tmp_path) == path
    assert find_dockerfile(ImageBuild("name", "toy", "Dockerfile"), tmp_path) == path
    assert find_dockerfile(ImageBuild("name", "toy"), tmp_path) == path


def summary_of(**changes: object) -> tuple[Rehearsal, str]:
    """A rehearsal and its printed summary."""
    values: dict[str, object] = {
        "stack": "toy",
        "checks": (Check("toy", "user", "10001", "10001", True, "place"),),
        "record": (),
        "timings": (Timing("image", 1.25),),
        "not_rehearsed": ("a: why", "b: why", "c: other"),
        **changes,
    }
    rehearsal = Rehearsal(**values)  # type: ignore[arg-type]
    console = Console(file=io.StringIO(), width=200)
    show(rehearsal, console)
    assert isinstance(console.file, io.StringIO)
    return rehearsal, console.file.getvalue()


def test_summary_of_success() -> None:
    rehearsal, text = summary_of(url="http://127.0.0.1:1")
    assert rehearsal.ok
    for part in ("went well", "key for key", "why: a, b", "image 1.2 s", "berth rehearse toy --clean"):
        assert part in text


def test_workloads_that_no_runner_takes_are_found_and_said() -> None:
    others = [
        plans.resource(token, "one", {})
        for token in (
            "kubernetes:apps/v1:DaemonSet",
            "aws:lambda/function:Function",
            "aws:s3/bucket:Bucket",
            # Of a kind that Kubernetes has not: one is known to start no pod, the other may.
            "kubernetes:karpenter.sh/v1:NodePool",
            "kubernetes:argoproj.io/v1alpha1:Rollout",
        )
    ]
    plan = plans.ecs()
    left = left_out(Plan("toy", [*plan.resources, *plans.eks().resources, *others], {}))
    assert left == ["DaemonSet one", "Function one", "Rollout one"]
    rehearsal, text = summary_of(left_out=tuple(left))
    assert rehearsal.ok
    assert "went well. Workloads that were not run: DaemonSet one, Function one, Rollout one." in text
    assert "The rehearsal went well" not in text


@pytest.mark.parametrize(
    "changes",
    [
        {"checks": (Check("toy", "user", "10001", "0", False, 'containerDefinitions[toy].user is "0"'),)},
        {"record": ("speed was sent as 0.0",)},
        {"problems": ("it was killed",)},
    ],
)
def test_summary_of_failure_names_the_place(changes: dict[str, object]) -> None:
    rehearsal, text = summary_of(**changes)
    assert not rehearsal.ok
    assert "The rehearsal failed" in text
    assert len(rehearsal.broken) == 1
    assert rehearsal.broken[0] in text


def test_reasons_are_grouped() -> None:
    assert by_reason(["a: x: why", "b: why"]) == {"why": ["a: x", "b"]}


def test_progress_is_plain_lines_where_there_is_no_terminal() -> None:
    console = Console(file=io.StringIO(), width=80)
    progress = Progress(console)
    with pytest.raises(ValueError), progress.step("image") as timing:
        progress.say("building [x]")
        timing.note = "never shown"
        raise ValueError
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == "image ...\n  building [x]\n"
    assert [timing.step for timing in progress.timings] == ["image"]


def test_interruption_has_the_shells_exit_code() -> None:
    error = RehearsalInterrupted(15, "SIGTERM")
    assert error.exit_code == 143
    assert "SIGTERM" in str(error)
