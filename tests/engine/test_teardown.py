"""A stack that held what must not be lost is torn down as the README says, and its data is still there."""

from pathlib import Path

import pytest

from .cli import Checkout, standing_in
from .standin.account import FILE

pytestmark = pytest.mark.engine

SURE = "  berth:production: true\n  berth:accept: [public-api]\n"


@pytest.fixture
def snapshots(tmp_path: Path) -> Path:
    """The file with the names of the account's snapshots."""
    return tmp_path / "snapshots"


@pytest.fixture
def checkout(tmp_path: Path, snapshots: Path, request: pytest.FixtureRequest) -> Checkout:
    """The stack `dev`, with providers that keep an account of their own."""
    providers = standing_in(**{FILE: str(snapshots)})
    request.addfinalizer(lambda: providers.__exit__(None, None, None))
    checkout = Checkout(tmp_path, providers.__enter__())
    assert checkout.pulumi("stack", "init", "dev").code == 0
    return checkout


def test_production_leaves_a_snapshot_each_time(checkout: Checkout, snapshots: Path) -> None:
    """Nothing is asked for: one setting and one `up` let it go, and the second life's snapshot has another name."""

    def run(command: str) -> None:
        done = checkout.pulumi(command, "--yes", "--skip-preview")
        assert done.code == 0, done.output

    file = checkout.root / "Pulumi.dev.yaml"
    plain = file.read_text()
    sure = plain.replace("config:\n", f"config:\n{SURE}")
    for life in (1, 2):
        file.write_text(sure)
        run("up")
        refused = checkout.pulumi("destroy", "--yes", "--skip-preview")
        assert refused.code and "protected" in refused.output
        file.write_text(plain)
        run("up")
        run("destroy")
        names = snapshots.read_text().splitlines()
        assert len(names) == len(set(names)) == life
    assert all(name.startswith("berth-dev-db-") for name in names)


def test_data_is_discarded_when_that_is_said(checkout: Checkout, snapshots: Path) -> None:
    """One key, and nothing is left."""
    file = checkout.root / "Pulumi.dev.yaml"
    discarding = "config:\n  berth:database: {discardOnDestroy: true}\n"
    file.write_text(file.read_text().replace("config:\n", discarding))
    for command in ("up", "destroy"):
        done = checkout.pulumi(command, "--yes", "--skip-preview")
        assert done.code == 0, done.output
    assert not snapshots.exists()
