"""Images on the second day: going back, an `up` that broke off, and the same content elsewhere."""

import json
import shutil
from collections.abc import Iterator

import pytest

from . import findings
from .cli import Checkout, Run

pytestmark = pytest.mark.engine

IMAGE = "docker:index/image:Image"
SOURCE = "services/biometric/src/biometric/__init__.py"
STACK = "ecs-fargate-dev"


@pytest.fixture(scope="module")
def checkout(providers: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """Give a stack that is up, and leave no repository behind."""
    checkout = Checkout(tmp_path_factory.mktemp("images"), providers)
    checkout.pulumi("stack", "init", STACK)
    _up(checkout)
    yield checkout
    checkout.pulumi("destroy", "--yes")


def _up(checkout: Checkout) -> Run:
    run = checkout.pulumi("up", "--yes", "--policy-pack", "policy", logged=True)
    assert run.code == 0, run.output
    return run


def _image(run: Run) -> dict[str, object]:
    [image] = findings.of_type(run, IMAGE)
    return image


def test_going_back_to_an_earlier_content(checkout: Checkout) -> None:
    """What the repository has already is deployed again without a push, and then nothing is left to do."""
    text = (checkout.root / SOURCE).read_text()
    first = _image(checkout.preview())
    (checkout.root / SOURCE).write_text(f"{text}# another image\n")
    second = _image(_up(checkout))
    assert second["imageName"] != first["imageName"] and second["skipPush"] is False
    (checkout.root / SOURCE).write_text(text)
    preview = checkout.preview()
    assert preview.code == 0, preview.output
    assert findings.containers(preview), "the containers are known before anything is pushed"
    back = _image(_up(checkout))
    assert back["imageName"] == first["imageName"] and back["skipPush"] is True
    assert back["build"] == first["build"], "policies see the same build"
    again = checkout.preview("--expect-no-changes")
    assert again.code == 0, again.output


def test_an_up_that_broke_off_after_the_push_heals(checkout: Checkout) -> None:
    """The repository has the image, and the state does not know of it."""
    state = json.loads(checkout.pulumi("stack", "export").output)
    resources = state["deployment"]["resources"]
    [image] = [resource for resource in resources if resource["type"] == IMAGE]
    resources.remove(image)
    for resource in resources:
        resource["dependencies"] = [urn for urn in resource.get("dependencies", []) if urn != image["urn"]]
    (checkout.root / "state.json").write_text(json.dumps(state))
    assert checkout.pulumi("stack", "import", "--file", "state.json").code == 0
    healed = _up(checkout)
    assert findings.changed_types(healed) == {IMAGE: {"create"}}
    assert _image(healed)["skipPush"] is True
    again = checkout.preview("--expect-no-changes")
    assert again.code == 0, again.output


def test_the_same_content_in_another_place_is_not_pushed_again(checkout: Checkout) -> None:
    """The provider sees a change that the tag does not, as with files cloned under another umask."""
    with (checkout.root / SOURCE).open("a") as source:
        source.write("# a third image\n")
    first = _image(_up(checkout))
    assert first["skipPush"] is False
    shutil.copytree(checkout.root / "services/biometric", checkout.root / "services/moved")
    checkout.pulumi("config", "set", "--path", "berth:service.context", "services/moved")
    moved = _image(_up(checkout))
    assert moved["imageName"] == first["imageName"] and moved["build"] != first["build"]
