"""A worker of one file: takes messages off a queue of SQS, stores what it has done with each, and only then deletes it.

Asked to end, it finishes what it has in hand and takes no more.
"""

import json
import os
import signal
import time
import urllib.request
from typing import Any

QUEUE_URL = os.environ["QUEUE_URL"]
STORE_URL = os.environ["STORE_URL"]
VISIBILITY_SECONDS = 3
stopping = False


def stop(*_: object) -> None:
    """Take no more messages."""
    global stopping
    stopping = True


def ask(action: str, **request: Any) -> dict[str, Any]:
    """Call SQS. Nothing signs it: what stands in for SQS reads the region off the header, and no more."""
    endpoint = QUEUE_URL.rsplit("/", 2)[0]
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": f"AmazonSQS.{action}",
        "Authorization": "AWS4-HMAC-SHA256 Credential=none/20260101/eu-central-1/sqs/aws4_request",
    }
    body = json.dumps({"QueueUrl": QUEUE_URL, **request}).encode()
    with urllib.request.urlopen(urllib.request.Request(endpoint, body, headers), timeout=20) as answer:
        found: dict[str, Any] = json.loads(answer.read() or b"{}")
    return found


def handle(message: dict[str, Any]) -> None:
    """Store the effect under the message's own key, so that a second time changes nothing; then delete the message."""
    key = json.loads(message["Body"])["key"]
    urllib.request.urlopen(urllib.request.Request(f"{STORE_URL}/{key}", b"done", method="PUT"), timeout=20).close()
    time.sleep(0.01)
    ask("DeleteMessage", ReceiptHandle=message["ReceiptHandle"])


signal.signal(signal.SIGTERM, stop)
while not stopping:
    received = ask(
        "ReceiveMessage", MaxNumberOfMessages=10, WaitTimeSeconds=1, VisibilityTimeout=VISIBILITY_SECONDS
    )
    for message in received.get("Messages", []):
        handle(message)
